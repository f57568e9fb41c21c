"""Limits of a balance by its score test, corrected for the skewness of the score."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.stats._limits import Limits, check_part, find_limits
from cxm_core.stats._quantiles import normal_quantile
from cxm_core.stats._roots import find_roots
from cxm_core.stats._sums import Floats

from ._multinomial import ROOT_BLOCK, check_balance, restricted


def skew_score(
    plus: ArrayLike, minus: ArrayLike, n: ArrayLike, *, confidence_level: float = 0.95
) -> Limits:
    """Limits of the balance by its score test corrected for skewness: alike misses on both sides.

    Choose it where one limit matters more than the other, as for an alarm.

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
    The score, divided by its error, is compared with z + g (z² - 1) / 6, where g is the skewness
    of the mean at the most likely shares that have the balance on trial.

    References
    ----------
    .. [1] Laud 2017, Pharm. Stat. 16:334-348, section 2 and appendix.

    Examples
    --------
    >>> low, high = skew_score(9, 3, 32)
    >>> round(float(low), 3), round(float(high), 3)
    (-0.027, 0.393)
    """
    z = normal_quantile(confidence_level)

    def limits(plus: Floats, minus: Floats, n: Floats) -> tuple[Floats, Floats]:
        plus, minus = check_balance(plus, minus, n)
        return _low(plus, minus, n, z), -_low(minus, plus, n, z)

    return find_limits(limits, plus, minus, n, block=ROOT_BLOCK)


def _low(plus: Floats, minus: Floats, n: Floats, z: float) -> Floats:
    """Lowest balance that the corrected test does not refuse."""
    low = np.where(n > 0, -1.0, np.nan)
    inner = (plus - minus > -n) & (n > 0)
    if inner.any():
        neither = n - check_part(plus + minus, n, "plus and minus")
        low[inner] = _inner_low(z, *(part[inner] for part in (plus, minus, neither, n)))
    return low


def _inner_low(z: float, *counts: Floats) -> Floats:
    """The same where not all count minus."""
    excess = _excess(z)
    plus, minus, _, n = counts
    first, last = np.full(n.shape, -1.0), (plus - minus) / n
    # Where nearly all agree, nothing but the correction is left at the balance itself.
    last = np.where(excess(last, *counts) < 0, last, np.maximum(last - z * z / (2.0 * n), -1.0))
    is_above = excess(first, *counts) > 0
    is_between = is_above & (excess(last, *counts) < 0)
    low = np.where(is_above, last, first)
    if is_between.any():
        held = [part[is_between] for part in counts]
        low[is_between] = find_roots(excess, (first[is_between], last[is_between]), *held)
    return low


def _excess(z: float) -> Callable[..., Floats]:
    def excess(trial: Floats, *counts: Floats) -> Floats:
        """How far the score exceeds what the test allows, in the unit of the balance."""
        plus, minus, _, n = counts
        at = restricted(trial, *counts)
        both = 2.0 * at.likely + at.size
        variance = 2.0 * at.likely + at.size * (1.0 - at.size)
        third = trial * (1.0 - 3.0 * both + 2.0 * trial**2)
        # Beside an end both vanish alike: all but the rarest answers agree.
        ratio = np.where(variance > 0, third / np.where(variance > 0, variance, 1.0), 0.0)
        skewed = ratio * (z * z - 1.0) / (6.0 * n)
        return np.asarray((plus - minus) / n - trial - skewed - z * np.sqrt(variance / n))

    return excess
