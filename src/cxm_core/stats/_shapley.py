"""How much each of several changes adds, whatever the order in which they are made."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import factorial, isfinite

from cxm_core.errors import UsageError

_MOST = 8


def shapley(values: Sequence[float]) -> tuple[float, ...]:
    """Part of each change in the way from nothing changed to everything changed.

    Parameters
    ----------
    values : sequence of float (2 ** changes,)
        Value with each set of changes made: bit `i` of the place says whether change `i` is in
        the set. The first one has none of them, the last one all.

    Returns
    -------
    tuple of float (changes,)
        Mean of what each change adds, over all orders; together the last value less the first.

    Raises
    ------
    UsageError
        The number of values is no power of two, more than eight changes, or a value is none.

    Notes
    -----
    The only split that adds up, gives nothing to a change that never matters, treats equal changes
    alike, and is linear in the values [1]_.
    Sums are exact; only the parts themselves are rounded.

    References
    ----------
    .. [1] Shapley, L., A value for n-person games, 1953, Contributions to the Theory of Games II,
       307-317.

    Examples
    --------
    >>> shapley([10.0, 14.0, 11.0, 17.0])
    (5.0, 2.0)
    """
    count = len(values).bit_length() - 1
    if len(values) != 1 << max(count, 0) or count > _MOST:
        raise UsageError(
            f"{len(values)} values are no table of all sets of at most {_MOST} changes."
        )
    wrong = sum(not isfinite(value) for value in values)
    if wrong:
        raise UsageError(f"{wrong} of {len(values)} values to split are no numbers.")
    exact = [Fraction(value) for value in values]
    return tuple(float(_part(exact, place, count)) for place in range(count))


def _part(values: Sequence[Fraction], place: int, count: int) -> Fraction:
    """What one change adds to each set without it, by the orders that lead there."""
    bit = 1 << place
    added = (
        _weight(others.bit_count(), count) * (values[others | bit] - values[others])
        for others in range(1 << count)
        if not others & bit
    )
    return sum(added, Fraction(0))


def _weight(before: int, count: int) -> Fraction:
    """Share of all orders in which a given set of this size comes first."""
    return Fraction(factorial(before) * factorial(count - before - 1), factorial(count))
