"""Bounds on a random walk that hold at all times at once, whenever one looks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._quantiles import upper_tail
from cxm_core.stats._sums import Floats

_GRID = 1 << 12


def miss_rate(confidence_level: float) -> float:
    """Share of sequences that may ever miss, such as 0.05; checks the level."""
    upper_tail(confidence_level)
    return 1.0 - confidence_level


def mixture_scale(best_at: ArrayLike, confidence_level: float) -> Floats:
    """Parameter of the normal mixture that is tightest at the variance `best_at`."""
    nats = -2 * np.log(miss_rate(confidence_level))
    return np.asarray(np.asarray(best_at, np.float64) / (nats + np.log1p(nats)))


def normal_mixture_bound(
    variance: ArrayLike, *, best_at: ArrayLike, confidence_level: float = 0.95
) -> Floats:
    """How far a centred sum strays from zero, at every moment at once.

    Parameters
    ----------
    variance : array of floats
        Variance that has accumulated so far.
    best_at : float
        Accumulated variance at which the bound is to be tightest.
    confidence_level : float in (0, 1)
        Chance that the sum never leaves the bound, on either side.

    Returns
    -------
    float64 array
        In the unit of the sum.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1.

    References
    ----------
    .. [1] Howard, Ramdas, McAuliffe & Sekhon 2021, Ann. Stat. 49:1055-1080, equation 14.

    Examples
    --------
    >>> round(float(normal_mixture_bound(100, best_at=100)), 3)
    30.352
    """
    v, rho = np.asarray(variance, np.float64), mixture_scale(best_at, confidence_level)
    nats = -2 * np.log(miss_rate(confidence_level))
    return np.asarray(np.sqrt((v + rho) * (np.log1p(v / rho) + nats)))


def stitched_bound(
    variance: ArrayLike, *, start: float, scale: float = 0.0, confidence_level: float = 0.95
) -> Floats:
    """How far a centred sum strays upwards, growing as slowly as any such bound can.

    Parameters
    ----------
    variance : array of floats
        Variance that has accumulated so far.
    start : float, above 0
        Accumulated variance from which on the bound is meant; before, it stays at its first value.
    scale : float
        How heavy the tails are: 0 for bounded by a normal, the range for bounded steps.
    confidence_level : float in (0, 1)
        Chance that the sum never leaves the bound, on this one side.

    Returns
    -------
    float64 array
        In the unit of the sum.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1, or `start` is not above zero.

    Notes
    -----
    Polynomial stitching with epochs that double and a weight that falls with the power 1.4.

    References
    ----------
    .. [1] Howard, Ramdas, McAuliffe & Sekhon 2021, Ann. Stat. 49:1055-1080, theorem 1.

    Examples
    --------
    >>> round(float(stitched_bound(100, start=10, scale=3)), 3)
    64.488
    """
    from scipy.special import zeta  # noqa: PLC0415  (SciPy loads on first use)

    if not start > 0:
        raise UsageError(f"A bound cannot start at the variance {start}.", hint="above zero")
    ratio, power = 2.0, 1.4
    v = np.maximum(np.asarray(variance, np.float64), start)
    cost = np.log(zeta(power) / (miss_rate(confidence_level) * np.log(ratio) ** power))
    rounds = power * np.log(np.log(ratio * v / start)) + cost
    first = (ratio**0.25 + ratio**-0.25) / np.sqrt(2.0)
    second = (np.sqrt(ratio) + 1) / 2 * scale * rounds
    return np.asarray(np.sqrt(first**2 * v * rounds + second**2) + second)


def distribution_bound(
    n: ArrayLike, *, start: int, width: float = 0.85, confidence_level: float = 0.95
) -> Floats:
    """How far a whole empirical distribution strays from the true one, at every moment at once.

    Every quantile at every moment follows: the limits of the quantile q are the quantiles q less
    and q plus this bound.

    Parameters
    ----------
    n : array of integers
        Rows so far.
    start : int
        Rows from which on the bound holds; before, it is endless.
    width : float, above 0.71
        Leading constant: small is tight late, large is tight early.
    confidence_level : float in (0, 1)
        Chance that the distribution never leaves the bound.

    Returns
    -------
    float64 array
        Largest gap between the two distribution functions.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1, or `width` is too small.

    References
    ----------
    .. [1] Howard & Ramdas 2022, Bernoulli 28:1704-1728, theorem 2.

    Examples
    --------
    >>> round(float(distribution_bound(1000, start=100)), 4)
    0.082
    """
    if not width > np.sqrt(0.5):
        raise UsageError(f"The width {width} is too small.", hint="above 0.71; 0.85 is usual")
    rows = np.maximum(np.asarray(n, np.float64), start)
    gap = np.log1p(np.log(rows / start)) + _law_constant(width, miss_rate(confidence_level))
    return np.where(np.asarray(n) >= start, width * np.sqrt(gap / rows), np.inf)


def _law_constant(width: float, rate: float) -> float:
    """Additive constant at which the whole bound is crossed with the chance `rate` at most."""
    from scipy.optimize import brentq  # noqa: PLC0415

    def excess(constant: float) -> float:
        return float(_log_crossing(width, constant) - np.log(rate))

    return float(brentq(excess, 1e-3, 2_000.0, xtol=1e-12))


def _log_crossing(width: float, constant: float) -> float:
    """Logarithm of theorem 2's chance of ever crossing, least over the ratio of its epochs."""

    def chance(ratio: np.ndarray) -> Floats:
        gamma2 = 2 / ratio * np.maximum(width - np.sqrt(2 * (ratio - 1) / constant), 0.0) ** 2
        safe = np.where(gamma2 > 1, gamma2, 2.0)
        rate = np.log(4 * (1 + 1 / ((safe - 1) * np.log(ratio)))) - safe * constant
        return np.where(gamma2 > 1, rate, np.inf)

    low, high = 1.0, 2 * width**2
    # The best ratio of a smooth function, by ever finer grids.
    for _ in range(4):
        grid = np.linspace(low, high, _GRID + 2)[1:-1]
        values = chance(grid)
        best = int(np.argmin(values))
        step = grid[1] - grid[0]
        low, high = max(grid[best] - step, low), min(grid[best] + step, high)
    return float(min(values[best], 700.0))
