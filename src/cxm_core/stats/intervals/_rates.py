"""Rates of events: how many happen in so much time, or to so many."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._limits import Limits, find_limits
from cxm_core.stats._quantiles import upper_tail
from cxm_core.stats._sums import Floats


def poisson_rate(
    events: ArrayLike, exposure: ArrayLike = 1.0, *, confidence_level: float = 0.95
) -> Limits:
    """Exact limits of a rate, for events that happen independently of each other.

    Parameters
    ----------
    events : array of floats
        How many happened.
    exposure : array of floats
        In how much time, or to how many.
    confidence_level : float in (0, 1)
        Guaranteed coverage.

    Returns
    -------
    Limits
        Events in one unit of `exposure`; not a number where there was no exposure.

    Raises
    ------
    UsageError
        A number of events or an exposure is negative, or the level lies outside 0 to 1.

    Notes
    -----
    Events that come in bunches vary more than this: count the bunches, or use clusters.

    References
    ----------
    .. [1] Garwood 1936, Biometrika 28:437-442.

    Examples
    --------
    >>> low, high = poisson_rate(137, 24.19893)
    >>> round(float(low), 4), round(float(high), 4)
    (4.7531, 6.6927)
    """
    tail = upper_tail(confidence_level)

    def limits(events: Floats, exposure: Floats) -> tuple[Floats, Floats]:
        from scipy.special import gammaincinv  # noqa: PLC0415  (SciPy loads on first use)

        _check(events, exposure)
        time = np.where(exposure > 0, exposure, np.nan)
        low = gammaincinv(np.where(events > 0, events, 1.0), 1.0 - tail)
        return np.where(events > 0, low, 0.0) / time, gammaincinv(events + 1.0, tail) / time

    return find_limits(limits, events, exposure)


def _check(events: Floats, exposure: Floats) -> None:
    wrong = (events < 0) | (exposure < 0)
    if wrong.any():
        raise UsageError(
            f"{np.count_nonzero(wrong)} of {wrong.size} rates have a negative number of events, "
            "or a negative exposure.",
            hint="give the number of events, and the time or the number of things they happened to",
        )
