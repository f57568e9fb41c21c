"""Bootstrap of the mean of a scale with few levels, worked out without drawing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._limits import Limits
from cxm_core.stats._quantiles import normal_quantile, upper_tail
from cxm_core.stats._sums import Floats, read_only

# Beyond so many places of the sum, an expansion is as good as the sum itself.
MOST_PLACES = 1 << 17
RESAMPLES = 10_000


def lattice_bootstrap(
    level_shares: ArrayLike,
    levels: ArrayLike,
    n: ArrayLike,
    *,
    seeds: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> Limits:
    """Percentile bootstrap of the mean of a scale; exact, or drawn where seeds are given.

    Parameters
    ----------
    level_shares : array of floats (groups, levels)
        Shares of the levels among the answers, each row with the sum 1.
    levels : array of floats (levels,)
        Values of the levels, in equal steps.
    n : array of floats (groups,)
        Answers, rounded to whole ones; an effective number if they are weighted or clustered.
    seeds : array of integers (groups,) or None
        Draw 10,000 resamples from this seed in each group; None for what endless draws would give.
    confidence_level : float in (0, 1)
        Nominal coverage, which this method does not reach for small samples.

    Returns
    -------
    Limits
        Within the scale; not a number where `n` is below a half.

    Raises
    ------
    UsageError
        Shares do not fit the levels, these are not in equal steps, or the level of confidence
        lies outside 0 to 1.

    Notes
    -----
    The sum of n answers drawn from those that were seen is a sum of n independent ones; its
    distribution is the n-th power of theirs in the frequency domain. Covers 0.45 for 30 answers
    of which 98 % are at the top, and has no width where all agree.

    References
    ----------
    .. [1] Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.

    Examples
    --------
    >>> low, high = lattice_bootstrap([[0.1, 0.3, 0.6]], [-1, 0, 1], [50])
    >>> round(low.item(), 2), round(high.item(), 2)
    (0.3, 0.68)
    """
    tail = upper_tail(confidence_level)
    shares, values = np.asarray(level_shares, np.float64), np.asarray(levels, np.float64)
    if shares.ndim != 2 or shares.shape[1:] != values.shape:
        raise UsageError(
            f"Shares of the shape {shares.shape} do not fit {values.size} levels.",
            hint="give one row a group, with a share for each level",
        )
    places, step = _places(values)
    sizes = np.broadcast_to(np.asarray(n, np.float64), shares.shape[:1])
    limits = np.full((2, len(shares)), np.nan)
    for group in np.flatnonzero(np.rint(np.nan_to_num(sizes)) >= 1):
        size, seen = int(np.rint(sizes[group])), _on_places(shares[group], places)
        if seeds is not None:
            seed = int(np.asarray(seeds).ravel()[group])
            found = _drawn(seen, size, seed, (1.0 - tail, tail))
        elif size * places[-1] <= MOST_PLACES:
            found = _exact(seen, size, (1.0 - tail, tail))
        else:
            found = _expanded(seen, size, confidence_level)
        limits[:, group] = values.min() + step * found
    return Limits(read_only(limits[0]), read_only(limits[1]))


def _places(values: Floats) -> tuple[Floats, float]:
    """Each level as a whole number of steps above the lowest one."""
    known = np.unique(values)
    step = float(np.diff(known).min(initial=np.inf))
    if not np.isfinite(step):
        return np.zeros(values.size), 1.0
    places = (values - known[0]) / step
    if np.abs(places - np.rint(places)).max() > 1e-9:
        raise UsageError(
            f"The {values.size} levels are not in equal steps.",
            hint="take another method for such a scale",
        )
    return np.rint(places), step


def _on_places(shares: Floats, places: Floats) -> Floats:
    seen = np.bincount(places.astype(np.int64), weights=shares)
    return np.asarray(seen / seen.sum())


def _exact(seen: Floats, size: int, tails: tuple[float, float]) -> Floats:
    """Quantiles of the mean of `size` draws, by the power of the transform."""
    length = size * (seen.size - 1) + 1
    spectrum = np.fft.rfft(seen, length) ** size
    law = np.cumsum(np.maximum(np.fft.irfft(spectrum, length), 0.0))
    law /= law[-1]
    return np.asarray(np.searchsorted(law, np.array(tails) - 1e-12) / size)


def _drawn(seen: Floats, size: int, seed: int, tails: tuple[float, float]) -> Floats:
    counts = np.random.default_rng(seed).multinomial(size, seen, RESAMPLES)
    return np.asarray(np.quantile(counts @ np.arange(seen.size) / size, tails))


def _expanded(seen: Floats, size: int, confidence_level: float) -> Floats:
    """The same for many answers, by the expansion of Cornish and Fisher to the skewness."""
    z = normal_quantile(confidence_level)
    place = np.arange(seen.size)
    centre = float(seen @ place)
    spread = float(seen @ (place - centre) ** 2)
    if spread <= 0.0:
        return np.array([centre, centre])
    skew = float(seen @ (place - centre) ** 3) / spread**1.5
    moved = skew * (z * z - 1.0) / (6.0 * np.sqrt(size))
    return np.asarray(centre + np.sqrt(spread / size) * (np.array([-z, z]) + moved))
