"""Limits of the difference of two estimates that do not depend on each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.stats._limits import Limits, find_limits
from cxm_core.stats._sums import Floats, divide

from ._means import t_interval

# Student's t with so many degrees of freedom is the normal distribution, to the last digit.
ENDLESS = 1e15


def mover(
    a: tuple[ArrayLike, ArrayLike, ArrayLike], b: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> Limits:
    """Limits of a minus b, from the limits of each: the method of variance estimates recovery.

    Keeps what is good in the two intervals: skewed where they are, never out of range where they
    are not by much, and right for weighted groups, since it needs nothing but the limits.

    Parameters
    ----------
    a, b : tuple of value, low, high
        Estimates with their limits, all at one level of confidence; arrays of a common shape.

    Returns
    -------
    Limits
        Of `a` - `b`, at the same level; not a number where one of them has no limits.

    References
    ----------
    .. [1] Newcombe 1998, Stat. Med. 17:873-890, method 10, for two shares.
    .. [2] Zou & Donner 2008, Stat. Med. 27:1693-1702, in general.

    Examples
    --------
    >>> from cxm_core.stats import wilson
    >>> low, high = mover((5 / 56, *wilson(5, 56)), (0.0, *wilson(0, 29)))
    >>> round(float(low), 4), round(float(high), 4)
    (-0.0381, 0.1926)
    """
    return find_limits(_limits, *a, *b)


def welch(
    a: tuple[ArrayLike, ArrayLike, ArrayLike],
    b: tuple[ArrayLike, ArrayLike, ArrayLike],
    *,
    confidence_level: float = 0.95,
) -> Limits:
    """Limits of a minus b by Student's t, from the error of each; only on request.

    Parameters
    ----------
    a, b : tuple of value, standard error, degrees of freedom
        Estimates; arrays of a common shape. Endless degrees of freedom make the plain z interval.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        Of `a` - `b`; not a number where one of them has no error.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1.

    Notes
    -----
    Covers 0.88 instead of 0.95 for 10 answers against 50 where most are at the top; `mover` on
    intervals that hold does not.

    References
    ----------
    .. [1] Welch 1947, Biometrika 34:28-35.

    Examples
    --------
    >>> low, high = welch((5.0, 0.3, 11), (4.0, 0.4, 7))
    >>> round(float(low), 3), round(float(high), 3)
    (-0.071, 2.071)
    """
    df = _satterthwaite(a, b)
    (one, first, _), (two, second, _) = (map(np.asarray, side) for side in (a, b))
    error = np.hypot(first, second)
    return t_interval(one - two, error, df, confidence_level=confidence_level)


def welch_test(
    a: tuple[ArrayLike, ArrayLike, ArrayLike], b: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> tuple[Floats, Floats]:
    """Student's statistic of a minus b, and how often one as large comes about by chance.

    Parameters
    ----------
    a, b : tuple of value, standard error, degrees of freedom
        Estimates; arrays of a common shape.

    Returns
    -------
    tuple of float64 arrays
        Statistic and two-sided p-value.

    Examples
    --------
    >>> statistic, p_value = welch_test((5.0, 0.3, 11), (4.0, 0.4, 7))
    >>> round(float(statistic), 2), round(float(p_value), 3)
    (2.0, 0.065)
    """
    from scipy.special import stdtr  # noqa: PLC0415  (SciPy loads on first use)

    df = _satterthwaite(a, b)
    (one, first, _), (two, second, _) = (map(np.asarray, side) for side in (a, b))
    statistic = divide(np.asarray(one - two, np.float64), np.hypot(first, second))
    return statistic, np.asarray(2.0 * stdtr(df, -np.abs(statistic)))


def mover_ratio(
    a: tuple[ArrayLike, ArrayLike, ArrayLike], b: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> Limits:
    """Limits of a divided by b, from the limits of each; both must have a true zero.

    Parameters
    ----------
    a, b : tuple of value, low, high
        Estimates that are not negative, with their limits, all at one level of confidence.

    Returns
    -------
    Limits
        The upper limit is not a number where `b` may be zero.

    References
    ----------
    .. [1] Donner & Zou 2012, Stat. Methods Med. Res. 21:347-359, equation 9.

    Examples
    --------
    >>> low, high = mover_ratio((6.0, 5.0, 7.0), (3.0, 2.5, 3.6))
    >>> round(float(low), 3), round(float(high), 3)
    (1.545, 2.539)
    """
    return find_limits(_ratio_limits, *a, *b)


def _ratio_limits(
    a: Floats, a_low: Floats, a_high: Floats, b: Floats, b_low: Floats, b_high: Floats
) -> tuple[Floats, Floats]:
    product = a * b
    low = _ratio_end(product, a_low * (2.0 * a - a_low), b_high * (2.0 * b - b_high), -1.0)
    high = _ratio_end(product, a_high * (2.0 * a - a_high), b_low * (2.0 * b - b_low), 1.0)
    return np.maximum(low, 0.0), np.where(b_low > 0, high, np.nan)


def _ratio_end(product: Floats, above: Floats, below: Floats, sign: float) -> Floats:
    """A root of the quadratic equation, in the form that stays finite where `below` is zero."""
    root = np.sqrt(np.maximum(product**2 - above * below, 0.0))
    if sign < 0:
        return divide(above, product + root)
    return divide(product + root, below)


def _satterthwaite(
    a: tuple[ArrayLike, ArrayLike, ArrayLike], b: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> Floats:
    """Degrees of freedom of the difference; those of the normal distribution stay so."""
    (_, first, few), (_, second, many) = a, b
    one, two, few, many = (np.asarray(part, np.float64) for part in (first, second, few, many))
    one, two = one**2, two**2
    with np.errstate(invalid="ignore", divide="ignore"):
        below = np.where(one > 0, one**2 / few, 0 * one) + np.where(two > 0, two**2 / many, 0 * two)
    return np.where(below == 0, ENDLESS, np.minimum(divide((one + two) ** 2, below), ENDLESS))


def _limits(
    a: Floats, a_low: Floats, a_high: Floats, b: Floats, b_low: Floats, b_high: Floats
) -> tuple[Floats, Floats]:
    below = np.hypot(np.maximum(a - a_low, 0.0), np.maximum(b_high - b, 0.0))
    above = np.hypot(np.maximum(a_high - a, 0.0), np.maximum(b - b_low, 0.0))
    return a - b - below, a - b + above
