"""What an interval was made from, so that it can be made again at another level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, Protocol, Self

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
    welch,
)

Floats = NDArray[np.float64]

#: Methods of a mean and of a ratio; those of shares and balances are listed where they are made.
MEAN_METHODS = ("pseudo_t", "t")
_DIFFERENCE = "welch"
RATIO_METHODS = ("delta", "fieller")
_KNOWN = (*BALANCE_METHODS, *SHARE_METHODS, *MEAN_METHODS, *RATIO_METHODS, _DIFFERENCE, "bootstrap")
_ROUNDING = 1e-9

#: Highest level for which results that keep a part of the data keep enough of it.
MOST_LEVEL = 0.999999


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


def locked_arrays(**options: Any) -> Any:
    """Field of a class that holds named arrays: read-only, and equal by value.

    Parameters
    ----------
    **options
        Of `attrs.field`, such as ``factory=dict``.

    Returns
    -------
    attrs field
        Its arrays are copies in float64.

    Examples
    --------
    >>> recipe = Recipe(method="wilson", inputs={"share": [0.5], "n": [100]})
    >>> recipe.inputs["n"].flags.writeable
    False
    """
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


def check_kept(confidence_level: float, most: float) -> None:
    """Refuse a confidence level for which a result does not keep enough.

    Parameters
    ----------
    confidence_level : float in (0, 1)
        Nominal coverage.
    most : float in (0, 1)
        Highest level for which enough is kept.

    Raises
    ------
    UsageError
        The level is not in (0, 1), or above `most`.

    Examples
    --------
    >>> check_kept(0.99, 0.999999)
    """
    check_level(confidence_level)
    if confidence_level > most:
        raise UsageError(
            f"This result keeps what intervals up to the level {most:g} need.",
            hint=f"measure again with confidence_level={confidence_level!r}",
        )


def effective_sizes(inputs: Mapping[str, Floats], confidence_level: float) -> Floats:
    """Effective number of answers at a level, from what a recipe keeps of it.

    Parameters
    ----------
    inputs : mapping of str to float64 array (groups,)
        ``n``, and of a design what `Recipe` says.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    float64 array (groups,)
        ``n`` of a simple sample; few clusters make it smaller.

    Examples
    --------
    >>> effective_sizes({"n": np.array([40.0])}, 0.95).tolist()
    [40.0]
    """
    n = inputs["n"]
    if "design_effect" not in inputs:
        return n
    effect, df = inputs["design_effect"], freedom_in(inputs)
    known = effect > 0
    answers = np.where(known, inputs["answers"], 0.0)
    left = korn_graubard(np.floor(answers), df, confidence_level=confidence_level)
    sizes = answers / np.where(known, effect, 1.0) * left
    return np.where(known, np.minimum(sizes, inputs.get("most", answers)), n)


def freedom_in(inputs: Mapping[str, Floats]) -> Floats:
    """Degrees of freedom of a designed sample, as clusters of unequal size leave them."""
    return inputs.get("freedom", inputs["design_df"])


class IntervalRecipe(Protocol):
    """What a result keeps to make its interval at another level.

    Examples
    --------
    >>> recipe: IntervalRecipe = Recipe(method="wilson", inputs={"share": [0.5], "n": [100]})
    >>> recipe.select(0).sizes(0.9).tolist()
    [100.0]
    """

    def sizes(self, confidence_level: float, /) -> Floats:
        """Effective number of answers of every group."""

    def interval(self, confidence_level: float, /) -> Limits:
        """Limits of every group in the result's unit; not a number where not reached."""

    def select(self, place: int, /) -> Self:
        """Recipe of one group."""


@frozen(kw_only=True)
class Recipe:
    """Sufficient numbers of the intervals of some groups, and the method that makes them.

    Parameters
    ----------
    method : str
        Name of a method for balances, shares, means or ratios.
    inputs : mapping of str to float64 array (groups, ...)
        What the method needs: ``share``; or ``plus`` and ``minus``; or ``level_shares``, and
        ``seed`` where a bootstrap is drawn; or ``value``, ``standard_error`` and ``df``, with
        ``other``, ``other_error`` and ``other_df`` of what is taken away from it; or the two sums
        of a ratio with their variances, and ``floor`` beside ``answers`` where these are to be no
        less than so many times what was found. And always ``n``, the answers that the sample is
        worth; of a designed sample also ``answers``, ``design_effect`` and ``design_df``, with
        ``freedom`` where clusters of unequal size leave less of it, from which that number is found
        anew for each confidence level, and ``most``, which it does not exceed.
    constants : mapping of str to float64 array
        What is the same for all groups: ``levels``, for the mean of a scale; ``least``, where no
        limit can lie below a number.
    factor, offset : float
        From the method's scale to the result's unit, such as 100 for NPS points; and what is added
        then.

    Examples
    --------
    >>> recipe = Recipe(method="wilson", inputs={"share": [0.5], "n": [100]})
    >>> low, high = recipe.interval(0.95)
    >>> low.round(4).item(), high.round(4).item()
    (0.4038, 0.5962)
    """

    method: str = field(validator=_known_method)
    inputs: Mapping[str, Floats] = locked_arrays()
    constants: Mapping[str, Floats] = locked_arrays(factory=dict)
    factor: float = 1.0
    offset: float = 0.0

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
        return effective_sizes(self.inputs, confidence_level)

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
        return Limits(self.factor * low + self.offset, self.factor * high + self.offset)

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
            return self._of_sums(level)
        side = given["value"], given["standard_error"], given["df"]
        if "other" in given:
            other = given["other"], given["other_error"], given["other_df"]
            return welch(side, other, confidence_level=level)
        return t_interval(*side, confidence_level=level)

    def _of_sums(self, level: float) -> Limits:
        given = self.inputs
        more = np.ones(1)
        if "floor" in given:
            few = korn_graubard(given["answers"], given["df"], confidence_level=level)
            more = np.fmax(given["floor"] * few, 1.0)
        above, below = (
            (given[part], more * given[f"{part}_variance"]) for part in ("above", "below")
        )
        both = more * given["covariance"]
        return fieller(above, below, given["df"], covariance=both, confidence_level=level)

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


def joined_recipes(parts: Sequence[IntervalRecipe | None]) -> Recipe | None:
    """Recipe of figures that were measured one by one, as groups of one result.

    Parameters
    ----------
    parts : sequence of recipes
        All of one method.

    Returns
    -------
    Recipe or None
        None where one of them does not keep the numbers of a `Recipe`.

    Examples
    --------
    >>> one = Recipe(method="wilson", inputs={"share": [0.5], "n": [100]})
    >>> joined_recipes([one, one]).interval(0.95).low.round(4).tolist()
    [0.4038, 0.4038]
    >>> joined_recipes([one, None]) is None
    True
    """
    known = [part for part in parts if isinstance(part, Recipe)]
    if not known or len(known) < len(parts):
        return None
    first = known[0]
    inputs = {name: np.concatenate([of.inputs[name] for of in known]) for name in first.inputs}
    return evolve(first, inputs=inputs)


def _counts(share: Floats, n: Floats) -> Floats:
    """Share of n; a count that division and multiplication have bent is a count again."""
    counts = share * n
    whole = np.rint(counts)
    return np.where(np.abs(counts - whole) <= _ROUNDING * np.maximum(n, 1.0), whole, counts)
