"""What the interval of a quantile was made from: the numbers near it, in their order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import cmp_using, evolve, field, frozen

from cxm_core.results import MOST_LEVEL, check_kept, effective_sizes, locked_arrays
from cxm_core.stats import Limits, RatioEstimate, Sorted, rank_limits

from ._wrap import sizes_of


def _same(a: Sorted, b: Sorted) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(a, b, strict=True))


@frozen(kw_only=True)
class RankRecipe:
    """Numbers around the quantile of each group, from which its limits are picked.

    Only those between the limits at the highest level are kept: of ten million some fifteen
    thousand.

    Parameters
    ----------
    near : Sorted
        Numbers of each group around its quantile.
    q : float in (0, 1)
        Which quantile.
    inputs : mapping of str to float64 array (groups,)
        What each group is worth, as of `Recipe`.
    is_counted : bool
        Whether ranks are counts, so that limits go to the next one.
    most : float in (0, 1)
        Highest level for which enough is kept.
    """

    near: Sorted = field(eq=cmp_using(eq=_same))
    q: float
    inputs: Mapping[str, np.ndarray] = locked_arrays()
    is_counted: bool
    most: float = MOST_LEVEL

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable

    @classmethod
    def of(
        cls,
        values: Sorted,
        found: RatioEstimate,
        *,
        q: float,
        is_counted: bool = False,
        confidence_level: float = 0.95,
    ) -> RankRecipe:
        """Keep what is needed of numbers in order."""
        most = max(confidence_level, MOST_LEVEL)
        whole = cls(near=values, q=q, inputs=sizes_of(found), is_counted=is_counted, most=most)
        return evolve(whole, near=values.between(*whole._shares(most)))

    def sizes(self, confidence_level: float) -> np.ndarray:
        """Numbers of a simple sample that would tell as much."""
        check_kept(confidence_level, self.most)
        return effective_sizes(self.inputs, confidence_level)

    def interval(self, confidence_level: float) -> Limits:
        """Limits of each group; not a number where no number lies so low or so high."""
        low, high = self._shares(confidence_level)
        return Limits(self.near.last_up_to(low), self.near.first_from(high))

    def _shares(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Shares of each group up to its limits."""
        n = self.sizes(level)
        low, high = rank_limits(n, self.q, confidence_level=level)
        if self.is_counted:
            low, high = np.floor(low), np.ceil(high)
        return low / n, high / n

    def select(self, place: int) -> RankRecipe:
        """Recipe of one group."""
        inputs = {name: values[place : place + 1] for name, values in self.inputs.items()}
        return evolve(self, near=self.near.select(place), inputs=inputs)
