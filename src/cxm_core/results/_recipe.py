"""What an interval was made from, so that it can be made again at another level."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats import (
    BALANCE_METHODS,
    SHARE_METHODS,
    Limits,
    fieller,
    korn_graubard,
    lattice_bootstrap,
    pseudo_t,
    t_interval,
)

Floats = NDArray[np.float64]

#: Methods of a mean and of a ratio; those of shares and balances are listed where they are made.
MEAN_METHODS = ("pseudo_t", "t")
RATIO_METHODS = ("delta", "fieller")
_KNOWN = (*BALANCE_METHODS, *SHARE_METHODS, *MEAN_METHODS, *RATIO_METHODS, "bootstrap")
_ROUNDING = 1e-9


def _known_method(_: object, __: object, method: str) -> None:
    if method not in _KNOWN:
        raise UsageError(
            f"There is no interval method {method!r}.", hint=did_you_mean(method, _KNOWN)
        )


def _locked(arrays: Mapping[str, Any]) -> Mapping[str, Floats]:
    locked = {}
    for name, values in arrays.items():
        array = np.array(values, dtype=np.float64)
        array.flags.writeable = False
        locked[name] = array
    return locked


def _same(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k], equal_nan=True) for k in a)


def _arrays(**options: Any) -> Any:
    return field(converter=_locked, eq=cmp_using(eq=_same), **options)


def _is_number(value: object) -> bool:
    return isinstance(value, Real)


def check_level(confidence_level: float) -> None:
    """Refuse a confidence level that is none.

    Parameters
    ----------
    confidence_level : float in (0, 1)
        Nominal coverage.

    Raises
    ------
    UsageError
        It is no number, or not in (0, 1).

    Examples
    --------
    >>> check_level(0.95)
    """
    if not _is_number(confidence_level):
        raise UsageError(
            f"A confidence level is a number, and a {type(confidence_level).__name__} is none.",
            hint="confidence_level=0.95 is usual",
        )
    if isinstance(confidence_level, bool) or not 0 < confidence_level < 1:
        as_percent = 1 < confidence_level < 100
        raise UsageError(
            f"A confidence level lies between 0 and 1, and {confidence_level!r} does not.",
            hint=f"confidence_level={confidence_level / 100}" if as_percent else "0.95 is usual",
        )


@frozen(kw_only=True)
class Recipe:
    """Sufficient numbers of the intervals of some groups, and the method that makes them.

    Parameters
    ----------
    method : str
        Name of a method for balances, shares, means or ratios.
    inputs : mapping of str to float64 array (groups, ...)
        What the method needs: ``share``; or ``plus`` and ``minus``; or ``level_shares``, and
        ``seed`` where a bootstrap is drawn; or ``value``, ``standard_error`` and ``df``; or the two
        sums of a ratio with their variances. And always ``n``, the answers that the sample is
        worth; of a designed sample also ``answers``, ``design_effect`` and ``design_df``, from
        which that number is found anew for each confidence level, and ``most``, which it does not
        exceed.
    constants : mapping of str to float64 array
        What is the same for all groups: ``levels``, for the mean of a scale; ``least``, where no
        limit can lie below a number.
    factor : float
        From the method's scale to the result's unit, such as 100 for NPS points.

    Examples
    --------
    >>> recipe = Recipe(method="wilson", inputs={"share": [0.5], "n": [100]})
    >>> low, high = recipe.interval(0.95)
    >>> low.round(4).item(), high.round(4).item()
    (0.4038, 0.5962)
    """

    method: str = field(validator=_known_method)
    inputs: Mapping[str, Floats] = _arrays()
    constants: Mapping[str, Floats] = _arrays(factory=dict)
    factor: float = 1.0

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable

    def sizes(self, confidence_level: float) -> Floats:
        """Effective number of answers of every group, which few clusters make smaller.

        Parameters
        ----------
        confidence_level : float in (0, 1)
            Nominal coverage of the interval that they are for.

        Returns
        -------
        float64 array (groups,)
            The number of answers itself for a simple sample; NaN without degrees of freedom.

        Raises
        ------
        UsageError
            The level is not in (0, 1).
        """
        check_level(confidence_level)
        n = self.inputs["n"]
        if "design_effect" not in self.inputs:
            return n
        effect, df = self.inputs["design_effect"], self.inputs["design_df"]
        known, answers = effect > 0, self.inputs["answers"]
        left = korn_graubard(
            answers.astype(np.int64), df.astype(np.int64), confidence_level=confidence_level
        )
        sizes = answers / np.where(known, effect, 1.0) * left
        return np.where(known, np.minimum(sizes, self.inputs.get("most", answers)), n)

    def interval(self, confidence_level: float) -> Limits:
        """Make the interval of every group at a level.

        Parameters
        ----------
        confidence_level : float in (0, 1)
            Nominal coverage.

        Returns
        -------
        Limits
            Arrays ``low`` and ``high`` in the result's unit; NaN for a limit that is not reached.

        Raises
        ------
        UsageError
            The level is not in (0, 1).
        """
        low, high = self._limits(self.sizes(confidence_level), confidence_level)
        if "least" in self.constants:
            low = np.maximum(low, self.constants["least"])
        return Limits(self.factor * low, self.factor * high)

    def _limits(self, n: Floats, level: float) -> Limits:
        given = self.inputs
        if "plus" in given:
            plus, minus = (_counts(given[part], n) for part in ("plus", "minus"))
            return BALANCE_METHODS[self.method](plus, minus, n, confidence_level=level)
        if "share" in given:
            count = _counts(given["share"], n)
            return SHARE_METHODS[self.method](count, n, confidence_level=level)
        if "level_shares" in given:
            return self._of_levels(n, level)
        if "covariance" in given:
            above, below = ((given[part], given[f"{part}_variance"]) for part in ("above", "below"))
            both = given["covariance"]
            return fieller(above, below, given["df"], covariance=both, confidence_level=level)
        error = given["standard_error"]
        return t_interval(given["value"], error, given["df"], confidence_level=level)

    def _of_levels(self, n: Floats, level: float) -> Limits:
        shares, values = self.inputs["level_shares"], self.constants["levels"].tolist()
        if self.method == "bootstrap":
            seeds = self.inputs.get("seed")
            return lattice_bootstrap(shares, values, n, seeds=seeds, confidence_level=level)
        return pseudo_t(shares, values, n, confidence_level=level)

    def select(self, place: int) -> Recipe:
        """Recipe of one group.

        Parameters
        ----------
        place : int
            Place of the group.

        Returns
        -------
        Recipe
            With one group.
        """
        return evolve(self, inputs={k: v[place : place + 1] for k, v in self.inputs.items()})


def _counts(share: Floats, n: Floats) -> Floats:
    """Share of n; a count that division and multiplication have bent is a count again."""
    counts = share * n
    whole = np.rint(counts)
    return np.where(np.abs(counts - whole) <= _ROUNDING * np.maximum(n, 1.0), whole, counts)
