"""Limits of a balance from the belief in three shares that starts from Jeffreys' prior."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.stats._limits import Limits, check_part, find_limits
from cxm_core.stats._quantiles import upper_tail
from cxm_core.stats._roots import find_roots
from cxm_core.stats._sums import Floats, read_only

from ._multinomial import check_balance

PRIOR = 0.5
# The integrand is smooth between its ends, and these are enough for nine digits.
NODES = 64
# What lies beyond is rarer than any figure needs.
NEGLIGIBLE = 1e-13
# Every group has all nodes at once.
BLOCK = 1 << 11


def dirichlet(
    plus: ArrayLike, minus: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95
) -> Limits:
    """Limits of the belief in a balance that starts from Jeffreys' prior on the three shares.

    Calibrated best on average of all methods; near the ends of the scale less careful than
    `score_interval`. Never leaves the balance itself out.

    Parameters
    ----------
    plus, minus, n : array of floats
        How many count plus and minus, of how many.
    confidence_level : float in (0, 1)
        Probability between the limits.

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
    Half an answer is added to plus, minus and neither. Nothing is drawn: the share of the smaller
    side has a beta distribution, and given it the other one has one too, of what is left; the
    distribution of the difference is an integral over one variable.

    References
    ----------
    .. [1] Agresti & Min 2005, Stat. Med. 24:729-740, section 4.
    .. [2] Gelman et al. 2013, Bayesian Data Analysis, third edition, section 3.4.

    Examples
    --------
    >>> low, high = dirichlet(25, 3, 36)
    >>> round(float(low), 3), round(float(high), 3)
    (0.36, 0.772)
    """
    tail = 1.0 - upper_tail(confidence_level)

    def limits(plus: Floats, minus: Floats, n: Floats) -> tuple[Floats, Floats]:
        plus, minus = check_balance(plus, minus, n)
        return _low(plus, minus, n, tail), -_low(minus, plus, n, tail)

    return find_limits(limits, plus, minus, n, block=BLOCK)


def dirichlet_moments(plus: ArrayLike, minus: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the belief behind `dirichlet`.

    Parameters
    ----------
    plus, minus, n : array of floats
        How many count plus and minus, of how many.

    Returns
    -------
    tuple of float64 arrays
        Mean and standard deviation of the balance.

    Examples
    --------
    >>> mean, deviation = dirichlet_moments(25, 3, 36)
    >>> round(float(mean), 4), round(float(deviation), 4)
    (0.5867, 0.1056)
    """
    plus, minus, n = (np.asarray(part, np.float64) for part in (plus, minus, n))
    total = n + 3.0 * PRIOR
    mean = (plus - minus) / total
    spread = (plus + minus + 2.0 * PRIOR) / total - mean**2
    return mean, np.sqrt(spread / (total + 1.0))


def _low(plus: Floats, minus: Floats, n: Floats, tail: float) -> Floats:
    """Balance below which the belief has the mass `tail`; the end, if nothing speaks against it."""
    low = np.where(n > 0, -1.0, np.nan)
    inner = (plus - minus > -n) & (n > 0)
    if inner.any():
        neither = n - check_part(plus + minus, n, "plus and minus")
        counts = [part[inner] for part in (plus, minus, neither, n)]
        found = _quantile(tail, *counts)
        low[inner] = np.minimum(found, (counts[0] - counts[1]) / counts[3])
    return low


def _quantile(tail: float, plus: Floats, minus: Floats, neither: Floats, n: Floats) -> Floats:
    from scipy.special import betaincinv, betaln  # noqa: PLC0415  (SciPy loads on first use)

    mean, deviation = dirichlet_moments(plus, minus, n)
    # Cantelli's inequality: no quantile of any distribution lies farther off.
    away = np.sqrt((1.0 - tail) / tail)
    bracket = np.maximum(mean - away * deviation, -1.0), np.minimum(mean + deviation / away, 1.0)
    fewer, more = np.minimum(plus, minus) + PRIOR, np.maximum(plus, minus) + PRIOR
    rest = more + neither + PRIOR
    ends = (betaincinv(fewer, rest, part) for part in (NEGLIGIBLE, 1.0 - NEGLIGIBLE))
    is_less = (minus <= plus).astype(np.float64)
    belief = (is_less, fewer, more, rest, *ends, betaln(fewer, rest))
    return find_roots(_excess(tail), bracket, *belief)


def _excess(tail: float) -> Callable[..., Floats]:
    def excess(trial: Floats, *belief: Floats) -> Floats:
        """How much of the belief lies below `trial`, less `tail`."""
        is_less = belief[0] > 0
        below = _below(np.where(is_less, trial, -trial), *belief[1:])
        return np.where(is_less, below, 1.0 - below) - tail

    return excess


def _below(trial: Floats, *belief: Floats) -> Floats:
    """Probability that the share of the larger side exceeds the other by at most `trial`."""
    from scipy.special import betainc  # noqa: PLC0415

    fewer, more, rest, lowest, highest, log_beta = belief
    outer = (1.0 - trial) / 2.0
    first = np.maximum(np.maximum(0.0, -trial), lowest)
    width = np.maximum(np.minimum(outer, highest) - first, 0.0)
    certain = 1.0 - betainc(fewer, rest, np.clip(outer, 0.0, 1.0))
    nodes, weights = _nodes()
    column = [part[..., None] for part in (trial, fewer, more, rest, first, width, log_beta)]
    trial, fewer, more, rest, first, width, log_beta = column
    share = first + width * nodes
    density = (fewer - 1.0) * np.log(np.maximum(share, 1e-300))
    density += (rest - 1.0) * np.log1p(-np.minimum(share, 1.0 - 1e-16)) - log_beta
    part = np.clip((trial + share) / np.maximum(1.0 - share, 1e-300), 0.0, 1.0)
    mass = (np.exp(density) * betainc(more, rest - more, part) * width * weights).sum(axis=-1)
    return np.asarray(mass + certain)


@cache
def _nodes() -> tuple[Floats, Floats]:
    """Places in 0 to 1 and their weights, dense at both ends, where a root may have its branch."""
    places, weights = np.polynomial.legendre.leggauss(NODES)
    angle = np.pi * (places + 1.0) / 4.0
    return read_only(np.sin(angle) ** 2), read_only(weights * np.sin(2.0 * angle) * np.pi / 4.0)
