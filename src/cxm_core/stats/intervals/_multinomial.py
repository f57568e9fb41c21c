"""Limits of a balance: the share that counts plus, less the share that counts minus."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxm_core.stats._limits import Limits, check_part, find_limits
from cxm_core.stats._quantiles import normal_quantile
from cxm_core.stats._roots import find_roots
from cxm_core.stats._sums import Floats

# Finding roots costs more steps than memory, so its blocks are larger.
ROOT_BLOCK = 1 << 15
# More than rounding can move the end of a bracket.
ROOM = 1e-9


def score_interval(
    plus: ArrayLike, minus: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95
) -> Limits:
    """Limits of the balance by inverting its score test, right for small samples and near an end.

    Never outside -1 to 1, never of width zero, and the mirror image of itself when plus and minus
    change places.

    Parameters
    ----------
    plus, minus : array of floats
        How many count plus and minus; together at most `n`.
    n : array of floats
        Of how many; an effective number if the answers are weighted or clustered.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In -1 to 1; not a number where `n` is zero.

    Raises
    ------
    UsageError
        Counts are below zero or above `n`, or the level lies outside 0 to 1.

    Notes
    -----
    The variance is taken at the most likely shares that have the balance on trial, which solve a
    quadratic equation [1]_. Same mathematics as the difference of two paired shares. Coverage by
    exact enumeration is 0.93 and more for every usual mix at n of 10 and more.

    References
    ----------
    .. [1] Tango 1998, Stat. Med. 17:891-908, equation 10 and appendix.
    .. [2] Rocks 2016, arXiv 1601.07235, which calls it the iterative score interval.

    Examples
    --------
    >>> low, high = score_interval(9, 3, 32)
    >>> round(float(low), 3), round(float(high), 3)
    (-0.027, 0.39)
    """
    z = normal_quantile(confidence_level)

    def limits(plus: Floats, minus: Floats, n: Floats) -> tuple[Floats, Floats]:
        plus, minus = check_balance(plus, minus, n)
        # The upper limit is the lower one of the mirror image; both at once cost little more.
        each, other = np.stack([plus, minus]), np.stack([minus, plus])
        low, mirrored = _score_low(each, other, np.stack([n, n]), z)
        return low, -mirrored

    return find_limits(limits, plus, minus, n, block=ROOT_BLOCK)


def bonett_price(
    plus: ArrayLike, minus: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95
) -> Limits:
    """Limits of the balance in closed form, one plus and one minus added; some 6 % wider.

    Parameters
    ----------
    plus, minus, n : array of floats
        How many count plus and minus, of how many.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In -1 to 1; not a number where `n` is zero.

    Raises
    ------
    UsageError
        Counts are below zero or above `n`, or the level lies outside 0 to 1.

    References
    ----------
    .. [1] Bonett & Price 2012, J. Educ. Behav. Stat. 37:479-488.

    Examples
    --------
    >>> low, high = bonett_price(3, 0, 3)
    >>> round(float(low), 2), round(float(high), 2)
    (-0.1, 1.0)
    """
    return _plain_limits(plus, minus, n, (1.0, 0.0), confidence_level)


def wald(
    plus: ArrayLike, minus: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95
) -> Limits:
    """Limits of the balance by the plain normal formula; only for comparison with other tools.

    Parameters
    ----------
    plus, minus, n : array of floats
        How many count plus and minus, of how many.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In -1 to 1; not a number where `n` is zero.

    Raises
    ------
    UsageError
        Counts are below zero or above `n`, or the level lies outside 0 to 1.

    Notes
    -----
    Has no width where all answers agree, and covers 0.45 instead of 0.95 for 30 answers of which
    98 % count plus.

    Examples
    --------
    >>> low, high = wald(150, 86, 1600)
    >>> round(float(low), 3), round(float(high), 3)
    (0.021, 0.059)
    """
    return _plain_limits(plus, minus, n, (0.0, 0.0), confidence_level)


def adjusted_wald(
    plus: ArrayLike,
    minus: ArrayLike,
    n: ArrayLike,
    *,
    added: tuple[float, float] = (0.5, 1.0),
    confidence_level: float = 0.95,
) -> Limits:
    """Limits of the balance by the normal formula, after some answers are added to each side.

    Parameters
    ----------
    plus, minus, n : array of floats
        How many count plus and minus, of how many.
    added : tuple of two floats
        Answers that are added to plus and to minus alike, and to those that count neither way:
        (1/2, 1) is the formula of Agresti and Min, (3/4, 3/2) that of Rocks.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In -1 to 1; not a number where `n` is zero.

    Raises
    ------
    UsageError
        Counts are below zero or above `n`, or the level lies outside 0 to 1.

    Notes
    -----
    Some answers added to those who take no side draw the limits to the middle of the scale, so
    that ten answers without a minus are covered less often than said; `bonett_price` adds none.

    References
    ----------
    .. [1] Agresti & Min 2005, Stat. Med. 24:729-740.
    .. [2] Rocks 2016, arXiv 1601.07235.

    Examples
    --------
    >>> low, high = adjusted_wald(6, 16, 161)
    >>> round(float(low), 4), round(float(high), 4)
    (-0.1182, -0.0045)
    """
    return _plain_limits(plus, minus, n, added, confidence_level)


def check_balance(plus: Floats, minus: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Counts of either side, each and together within 0 and `n`."""
    check_part(plus + minus, n, "plus and minus")
    return check_part(plus, n, "plus"), check_part(minus, n, "minus")


def _plain_limits(
    plus: ArrayLike,
    minus: ArrayLike,
    n: ArrayLike,
    added: tuple[float, float],
    confidence_level: float,
) -> Limits:
    """The normal formula with answers `added` to each sign, and to no sign."""
    each, neither = added
    z = normal_quantile(confidence_level)

    def limits(plus: Floats, minus: Floats, n: Floats) -> tuple[Floats, Floats]:
        plus, minus = check_balance(plus, minus, n)
        total = np.where(n > 0, n, np.nan) + 2 * each + neither
        centre = (plus - minus) / total
        spread = (plus + minus + 2 * each) / total - centre**2
        half = z * np.sqrt(np.maximum(spread, 0.0) / total)
        return np.maximum(centre - half, -1.0), np.minimum(centre + half, 1.0)

    return find_limits(limits, plus, minus, n)


def _score_low(plus: Floats, minus: Floats, n: Floats, z: float) -> Floats:
    """Lowest balance that the score test at `z` does not refuse."""
    balance = (plus - minus) / n
    low = np.where(n > 0, -1.0, np.nan)
    inner = (balance > -1.0) & (n > 0)
    if inner.any():
        neither = n - check_part(plus + minus, n, "plus and minus")
        operands = plus[inner], minus[inner], neither[inner], n[inner]
        # An answer has a variance of one at most, so that no limit lies farther off than this.
        farthest = balance[inner] - 1.001 * z / np.sqrt(n[inner]) - ROOM
        bracket = np.maximum(farthest, -1.0), balance[inner]
        low[inner] = find_roots(_score_excess(z), bracket, *operands)
    return low


def _score_excess(z: float) -> Callable[..., Floats]:
    def excess(trial: Floats, *counts: Floats) -> Floats:
        """How far the test at the balance on `trial` exceeds `z`, as a sine.

        With the statistic written as the tangent of an angle, nothing grows without bound at the
        ends, where the variance vanishes.
        """
        plus, minus, neither, n = counts
        at = restricted(trial, *counts)
        rest = 1.0 - at.size
        # Beside an end, what is left to it is small, and differences from one would lose it.
        beyond = np.where(
            at.size > 0.5,
            neither + 2.0 * at.against - n * rest,
            n * at.size - np.where(at.is_minus, minus - plus, plus - minus),
        )
        distance = np.maximum(np.where(at.is_minus, beyond, -beyond), 0.0)
        variance = n * (2.0 * at.likely + at.size * rest)
        length = np.sqrt(distance**2 + z * z * variance)
        sine = np.where(length > 0, distance / np.where(length > 0, length, 1.0), 0.0)
        return np.asarray(sine - np.sqrt(0.5))

    return excess


class Restricted(NamedTuple):
    """Most likely shares among those that have the balance on trial."""

    size: Floats  # the balance, without its sign
    is_minus: NDArray[np.bool_]  # its sign
    against: Floats  # answers of the side that has less
    likely: Floats  # the share of that side; the other has `size` more


def restricted(trial: Floats, *counts: Floats) -> Restricted:
    """Solve the quadratic equation of the shares that are likely if the balance is `trial`."""
    plus, minus, neither, n = counts
    size, is_minus = np.abs(trial), trial < 0.0
    against = np.where(is_minus, plus, minus)
    both = plus + minus
    rest, slope = 1.0 - size, 2.0 * neither + both + 2.0 * against
    b = np.where(size > 0.5, 2.0 * (neither + against) - slope * rest, slope * size - both)
    product = against * size * rest
    root = np.sqrt(b * b + 8.0 * n * product)
    likely = np.where(b > 0, 2.0 * product / (b + root), (root - b) / (4.0 * n))
    return Restricted(size, is_minus, against, likely)
