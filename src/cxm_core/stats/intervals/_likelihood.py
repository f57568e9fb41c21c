"""Limits by the ratio of likelihoods, for a share and for a balance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.stats._limits import Limits, check_part, find_limits
from cxm_core.stats._quantiles import normal_quantile
from cxm_core.stats._roots import find_roots
from cxm_core.stats._sums import Floats

from ._multinomial import ROOT_BLOCK, check_balance, restricted


def share_likelihood(x: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95) -> Limits:
    """Limits of a share that is not much less likely than the one that was seen.

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
    .. [1] Newcombe 1998, Stat. Med. 17:857-872, section 2.

    Examples
    --------
    >>> low, high = share_likelihood(0, 20)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0, 0.0916)
    """
    z = normal_quantile(confidence_level)

    def limits(x: Floats, n: Floats) -> tuple[Floats, Floats]:
        x = check_part(x, n, "x")
        return _share_low(x, n, z), 1.0 - _share_low(n - x, n, z)

    return find_limits(limits, x, n)


def balance_likelihood(
    plus: ArrayLike, minus: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95
) -> Limits:
    """Limits of the balance that is not much less likely than the one that was seen.

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
    The likelihood is profiled: at each balance on trial, the shares are the most likely ones that
    have it. Needs about 100 answers to cover as often as `score_interval` does from 20 on.

    References
    ----------
    .. [1] Newcombe 1998, Stat. Med. 17:2635-2650, method 7.

    Examples
    --------
    >>> low, high = balance_likelihood(9, 3, 32)
    >>> round(float(low), 3), round(float(high), 3)
    (-0.021, 0.39)
    """
    z = normal_quantile(confidence_level)

    def limits(plus: Floats, minus: Floats, n: Floats) -> tuple[Floats, Floats]:
        plus, minus = check_balance(plus, minus, n)
        return _balance_low(plus, minus, n, z), -_balance_low(minus, plus, n, z)

    return find_limits(limits, plus, minus, n, block=ROOT_BLOCK)


def _share_low(x: Floats, n: Floats, z: float) -> Floats:
    low = np.where(n > 0, 0.0, np.nan)
    inner = (x > 0) & (n > 0)
    if inner.any():
        x, rest = x[inner], (n - x)[inner]
        bracket = np.zeros(x.shape), x / (x + rest)
        low[inner] = find_roots(_excess(z, _share_gap), bracket, x, rest)
    return low


def _balance_low(plus: Floats, minus: Floats, n: Floats, z: float) -> Floats:
    low = np.where(n > 0, -1.0, np.nan)
    inner = (plus - minus > -n) & (n > 0)
    if inner.any():
        neither = n - check_part(plus + minus, n, "plus and minus")
        counts = plus[inner], minus[inner], neither[inner], n[inner]
        bracket = np.full(counts[0].shape, -1.0), (counts[0] - counts[1]) / counts[3]
        low[inner] = find_roots(_excess(z, _balance_gap), bracket, *counts)
    return low


def _excess(z: float, gap: Callable[..., Floats]) -> Callable[..., Floats]:
    def excess(trial: Floats, *counts: Floats) -> Floats:
        """How far twice the gap of log-likelihoods exceeds the square of `z`, bounded."""
        deviance = np.maximum(2.0 * gap(trial, *counts), 0.0)
        return np.asarray(0.5 - z * z / (deviance + z * z))

    return excess


def _share_gap(share: Floats, x: Floats, rest: Floats) -> Floats:
    n = x + rest
    return _log_ratio(x, n * share) + _log_ratio(rest, n * (1.0 - share))


def _balance_gap(trial: Floats, *counts: Floats) -> Floats:
    plus, minus, neither, n = counts
    at = restricted(trial, *counts)
    less, more = at.likely, at.likely + at.size
    above, below = np.where(at.is_minus, less, more), np.where(at.is_minus, more, less)
    between = np.maximum(1.0 - at.size - 2.0 * at.likely, 0.0)
    gaps = ((plus, above), (minus, below), (neither, between))
    return np.asarray(sum(_log_ratio(seen, n * likely) for seen, likely in gaps))


def _log_ratio(seen: Floats, likely: Floats) -> Floats:
    """What seeing `seen` where `likely` was due adds to the gap; nothing if none were seen."""
    is_seen = seen > 0
    ratio = np.where(is_seen, seen, 1.0) / np.where(is_seen, likely, 1.0)
    return np.where(is_seen, seen, 0.0) * np.log(ratio)
