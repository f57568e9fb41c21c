"""What the interval of a time was made from: the curve near the share that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import ArrayLike

from cxm_core.stats import Limits, TimeCurve

from ._recipe import MOST_LEVEL, Floats, check_kept


def _alike(a: Sequence[TimeCurve], b: Sequence[TimeCurve]) -> bool:
    """Whether curves are the same but for the order in which their parts were added up."""
    return len(a) == len(b) and all(map(_is_same, a, b))


def _is_same(a: TimeCurve, b: TimeCurve) -> bool:
    if (a.kind, a.n_clusters, a.is_over) != (b.kind, b.n_clusters, b.is_over):
        return False
    if not np.array_equal(a.times, b.times):
        return False
    pairs = ((a.value, b.value), (a.variance, b.variance), (a.at_risk, b.at_risk))
    return all(np.allclose(*pair, rtol=1e-9, atol=1e-15, equal_nan=True) for pair in pairs)


@frozen(kw_only=True)
class TimeRecipe:
    """Curves near a share that is over, from which its time has limits at any level.

    Of a long curve only the steps between the limits at the highest level are kept: of ten million
    durations some eight thousand.

    Parameters
    ----------
    curves : tuple of TimeCurve
        One a group.
    q : float in (0, 1)
        Share that is over.
    n : float64 array (groups,)
        How many each group is worth.
    method : str
        Scale of the limits, as of `TimeCurve.limits`.
    step : float
        From the curves' times to the result's unit.
    most : float in (0, 1)
        Highest level for which the curves are long enough.

    Examples
    --------
    >>> from cxm_core.stats import DurationTally, kaplan_meier
    >>> curve = kaplan_meier(DurationTally.of(range(1, 1_001)))
    >>> recipe = TimeRecipe.of([curve], q=0.5, n=[1_000])
    >>> low, high = recipe.interval(0.9)
    >>> low.tolist(), high.tolist(), recipe.curves[0].times.size
    ([474.0], [526.0], 157)
    """

    curves: tuple[TimeCurve, ...] = field(eq=cmp_using(eq=_alike))
    q: float
    n: Floats = field(eq=cmp_using(eq=np.array_equal))
    method: str = "log-log"
    step: float = 1.0
    most: float = MOST_LEVEL

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable

    @classmethod
    def of(
        cls,
        curves: Iterable[TimeCurve],
        *,
        q: float,
        n: ArrayLike,
        method: str = "log-log",
        step: float = 1.0,
        confidence_level: float = 0.95,
    ) -> TimeRecipe:
        """Keep what is needed of some curves.

        Parameters
        ----------
        curves : iterable of TimeCurve
            One a group.
        q, n, method, step
            As of the class.
        confidence_level : float in (0, 1)
            Level that is asked for first; above it, and above one in a million missed, nothing is
            kept.

        Returns
        -------
        TimeRecipe
            With the part of each curve that can ever be asked for.

        Raises
        ------
        UsageError
            As `TimeCurve.quantile` does.
        """
        most = max(confidence_level, MOST_LEVEL)
        kept = tuple(one.around(q, confidence_level=most, method=method) for one in curves)
        sizes = np.asarray(n, np.float64)
        return cls(curves=kept, q=q, n=sizes, method=method, step=step, most=most)

    @property
    def times(self) -> Floats:
        """Time of each group, as its curve counts it."""
        return self._found(MOST_LEVEL)[:, 0]

    def sizes(self, confidence_level: float) -> Floats:
        """How many each group is worth, at every level.

        Parameters
        ----------
        confidence_level : float in (0, 1)
            Nominal coverage.

        Returns
        -------
        float64 array (groups,)
            The same for all levels.

        Raises
        ------
        UsageError
            The level is not in (0, 1), or too high for what is kept.
        """
        check_kept(confidence_level, self.most)
        return self.n

    def interval(self, confidence_level: float) -> Limits:
        """Limits of every group's time.

        Parameters
        ----------
        confidence_level : float in (0, 1)
            Nominal coverage.

        Returns
        -------
        Limits
            In the result's unit; not a number for a limit that is not reached.

        Raises
        ------
        UsageError
            The level is not in (0, 1), or too high for what is kept.
        """
        check_kept(confidence_level, self.most)
        found = self._found(confidence_level) * self.step
        return Limits(found[:, 1], found[:, 2])

    def _found(self, level: float) -> Floats:
        """Value, low and high of each group."""
        times = [
            one.quantile(self.q, confidence_level=level, method=self.method) for one in self.curves
        ]
        return np.array(times, np.float64).reshape(-1, 3)

    def select(self, place: int) -> TimeRecipe:
        """Recipe of one group.

        Parameters
        ----------
        place : int
            Place of the group.

        Returns
        -------
        TimeRecipe
            With one group.
        """
        one = slice(place, place + 1)
        return evolve(self, curves=self.curves[one], n=self.n[one])
