"""Limits of a share: x of n count, where n may be an effective number of answers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.stats._limits import Limits, check_part, find_limits
from cxm_core.stats._quantiles import normal_quantile, upper_tail
from cxm_core.stats._roots import find_roots
from cxm_core.stats._sums import Floats

# SciPy's inverse gives the smallest float for anything below it.
TINY = 1e-300


def mid_p(x: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95) -> Limits:
    """Limits whose tails, with half of what was seen, are as rare as the level says.

    Exact for counts, and continued smoothly to an `n` that is no integer: the tail of the mid-P
    test is the mean of the two tails of Clopper and Pearson, which are regularised incomplete
    beta functions of any real numbers.

    Parameters
    ----------
    x : array of floats
        How many count, between 0 and `n`.
    n : array of floats
        Of how many; an effective number if the answers are weighted or clustered.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In 0 to 1; not a number where `n` is zero.

    Raises
    ------
    UsageError
        `x` lies outside 0 to `n`, or the level outside 0 to 1.

    Notes
    -----
    Covers at least 0.91 for shares from 0.9 to 0.9995 and any n from 10 to 1000, and 0.95 and
    more on average. Use `clopper_pearson` where the level is a promise for each single share.

    References
    ----------
    .. [1] Newcombe 1998, Stat. Med. 17:857-872, method 6.
    .. [2] Lancaster 1961, J. Am. Stat. Assoc. 56:223-234.

    Examples
    --------
    >>> low, high = mid_p(0, 20)
    >>> round(float(high), 4)
    0.1391
    """
    tail = 1.0 - upper_tail(confidence_level)

    def limits(x: Floats, n: Floats) -> tuple[Floats, Floats]:
        x = check_part(x, n, "x")
        return _mid_p_low(x, n, tail), 1.0 - _mid_p_low(n - x, n, tail)

    return find_limits(limits, x, n)


def wilson(x: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95) -> Limits:
    """Limits by inverting the score test of a share; sinks to 0.84 coverage near 0 and 1.

    Parameters
    ----------
    x, n : array of floats
        How many count, of how many.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In 0 to 1; not a number where `n` is zero.

    Raises
    ------
    UsageError
        `x` lies outside 0 to `n`, or the level outside 0 to 1.

    References
    ----------
    .. [1] Wilson 1927, J. Am. Stat. Assoc. 22:209-212.

    Examples
    --------
    >>> low, high = wilson(81, 263)
    >>> round(float(low), 4), round(float(high), 4)
    (0.2553, 0.3662)
    """
    z = normal_quantile(confidence_level)

    def limits(x: Floats, n: Floats) -> tuple[Floats, Floats]:
        x = check_part(x, n, "x")
        centre = x + z * z / 2
        half = z * np.sqrt(x * (n - x) / n + z * z / 4)
        total = n + z * z
        # The outer limits are 0 and 1 exactly, which rounding would miss.
        low = np.where(x > 0, (centre - half) / total, 0.0 * half)
        return low, np.where(x < n, (centre + half) / total, 1.0 + 0.0 * half)

    return find_limits(limits, x, n)


def jeffreys(x: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95) -> Limits:
    """Limits of the belief in a share that starts from Jeffreys' prior.

    Never leave the share itself out: the lower limit is 0 where nobody counts, the upper limit 1
    where everybody does.

    Parameters
    ----------
    x, n : array of floats
        How many count, of how many.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In 0 to 1; not a number where `n` is zero.

    Raises
    ------
    UsageError
        `x` lies outside 0 to `n`, or the level outside 0 to 1.

    References
    ----------
    .. [1] Brown, Cai & DasGupta 2001, Stat. Sci. 16:101-133, section 4.1.

    Examples
    --------
    >>> low, high = jeffreys(13, 16)
    >>> round(float(low), 4), round(float(high), 4)
    (0.5792, 0.9442)
    """
    return _beta_limits(x, n, (0.5, 0.5), confidence_level)


def clopper_pearson(x: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95) -> Limits:
    """Limits that cover at least as often as the level says, whatever the share; wide.

    Parameters
    ----------
    x, n : array of floats
        How many count, of how many.
    confidence_level : float in (0, 1)
        Guaranteed coverage.

    Returns
    -------
    Limits
        In 0 to 1; not a number where `n` is zero.

    Raises
    ------
    UsageError
        `x` lies outside 0 to `n`, or the level outside 0 to 1.

    References
    ----------
    .. [1] Clopper & Pearson 1934, Biometrika 26:404-413.
    .. [2] Korn & Graubard 1998, 24:193-201, for an `n` that is no integer.

    Examples
    --------
    >>> low, high = clopper_pearson(15, 148)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0578, 0.1617)
    """
    return _beta_limits(x, n, (0.0, 1.0), confidence_level)


def agresti_coull(
    x: ArrayLike, n: ArrayLike, *, added: float | None = None, confidence_level: float = 0.95
) -> Limits:
    """Limits of the plain formula after adding some answers, half of which count.

    Parameters
    ----------
    x, n : array of floats
        How many count, of how many.
    added : float or None
        How many are added; None for the square of the normal quantile, 3.84 at 95 %. Four is the
        rule "two successes and two failures".
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In 0 to 1; not a number where `n` is zero.

    Raises
    ------
    UsageError
        `x` lies outside 0 to `n`, or the level outside 0 to 1.

    References
    ----------
    .. [1] Agresti & Coull 1998, Am. Stat. 52:119-126.

    Examples
    --------
    >>> low, high = agresti_coull(19, 20)
    >>> round(float(low), 4), round(float(high), 4)
    (0.7459, 1.0)
    """
    z = normal_quantile(confidence_level)
    more = z * z if added is None else added

    def limits(x: Floats, n: Floats) -> tuple[Floats, Floats]:
        x = check_part(x, n, "x")
        total = np.where(n > 0, n, np.nan) + more
        share = (x + more / 2) / total
        half = z * np.sqrt(share * (1.0 - share) / total)
        return np.maximum(share - half, 0.0), np.minimum(share + half, 1.0)

    return find_limits(limits, x, n)


def _beta_limits(
    x: ArrayLike, n: ArrayLike, prior: tuple[float, float], confidence_level: float
) -> Limits:
    """Quantiles of Beta(x + a, n - x + b) below and of its mirror image above."""
    tail = 1.0 - upper_tail(confidence_level)
    a, b = prior

    def low(x: Floats, n: Floats) -> Floats:
        from scipy.special import betaincinv  # noqa: PLC0415

        inner = (x > 0) & (n > 0)
        x, rest = np.where(inner, x, 1.0), np.where(inner, n - x, 1.0)
        found = np.asarray(betaincinv(x + a, rest + b, tail))
        return np.where(inner, np.minimum(found, x / n), np.where(n > 0, 0.0, np.nan))

    def limits(x: Floats, n: Floats) -> tuple[Floats, Floats]:
        x = check_part(x, n, "x")
        return low(x, n), 1.0 - low(n - x, n)

    return find_limits(limits, x, n)


def _mid_p_low(x: Floats, n: Floats, tail: float) -> Floats:
    """Lower limit: where the upper tail, half of `x` itself left out, is as rare as `tail`."""
    from scipy.special import betaincinv  # noqa: PLC0415

    low = np.where(n > 0, 0.0, np.nan)
    inner = (x > 0) & (n > 0)
    if not inner.any():
        return low
    x, rest = x[inner], (n - x)[inner]
    # The tails of "x or more" and of "more than x" lie on either side of their mean.
    outer = betaincinv(x, rest + 1.0, tail) * 0.999
    outer = np.where(outer > TINY, outer, 0.0)
    nearer = np.where(rest > 0, betaincinv(x + 1.0, np.where(rest > 0, rest, 1.0), tail), 1.0)
    nearer = np.minimum(nearer * 1.001, 1.0)
    low[inner] = find_roots(_mid_p_excess(tail), (outer, nearer), x, rest)
    return low


def _mid_p_excess(tail: float) -> Callable[[Floats, Floats, Floats], Floats]:
    from scipy.special import betainc  # noqa: PLC0415

    def excess(share: Floats, x: Floats, rest: Floats) -> Floats:
        more = np.where(rest > 0, betainc(x + 1.0, np.where(rest > 0, rest, 1.0), share), 0.0)
        return np.asarray((betainc(x, rest + 1.0, share) + more) / 2.0 - tail)

    return excess
