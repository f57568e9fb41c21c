"""Mean time up to a horizon, and what lies between two times."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxm_core.errors import UsageError
from cxm_core.stats._sums import Floats
from cxm_core.stats.intervals import ENDLESS, mover

from ._durations import DurationTally
from ._influence import Watched
from ._survival import RiskTable, risk_table
from ._time_curve import TimeLimits


class RestrictedMean(NamedTuple):
    """Mean time up to a horizon; for `t_interval`, and `welch` of two of them.

    Attributes
    ----------
    value, standard_error : float
        In the unit of the durations; not a number if nobody was watched up to the horizon.
    df : float
        Degrees of freedom: one less than the clusters, and endless without clusters.
    until : float
        The horizon.
    """

    value: float
    standard_error: float
    df: float
    until: float


def restricted_mean(tally: DurationTally, *, until: float | None = None) -> RestrictedMean:
    """Mean time until the end, where what takes longer than a horizon counts as long as that.

    Parameters
    ----------
    tally : DurationTally
        All ways to end count as the event.
    until : float or None
        The horizon, above zero; None for the last time that anybody was watched.

    Returns
    -------
    RestrictedMean
        The area under the curve of Kaplan and Meier up to the horizon.

    Raises
    ------
    UsageError
        The horizon is not above zero.

    Notes
    -----
    Two groups are compared at one horizon only, which is best set before the data are seen.

    References
    ----------
    .. [1] Irwin 1949, J. Hygiene 47:188-189.
    .. [2] Klein & Moeschberger 2003, Survival Analysis, section 4.5.

    Examples
    --------
    >>> tally = DurationTally.of([1, 2, 3, 4], event_observed=[1, 0, 1, 0])
    >>> round(restricted_mean(tally, until=4).value, 3)
    2.875
    """
    horizon = tally.last if until is None else float(until)
    if horizon <= 0:
        raise UsageError(
            f"The horizon is {horizon:g}, but must lie above zero.",
            hint="give it in the unit of the durations",
        )
    free = ENDLESS if tally.n_clusters is None else tally.n_clusters - 1.0
    table = risk_table(tally)
    survival = np.append(1.0, table.survival)
    is_known = horizon <= tally.last or survival[-1] <= 0
    if not is_known:
        return RestrictedMean(np.nan, np.nan, free, horizon)
    edges = np.concatenate([[0.0], np.minimum(table.times, horizon), [horizon]])
    areas = survival * np.diff(edges)
    rest = np.cumsum(areas[::-1])[::-1][1:]
    variance = _variance(tally, table, rest)
    stretch = 1.0 if free == ENDLESS else (free + 1.0) / free if free > 0 else np.nan
    return RestrictedMean(float(areas.sum()), float(np.sqrt(stretch * variance)), free, horizon)


def time_difference(a: TimeLimits, b: TimeLimits) -> TimeLimits:
    """Time between two times, such as two medians, with the limits that those of each leave.

    Parameters
    ----------
    a, b : TimeLimits
        Times with their limits at one level of confidence, not depending on each other.

    Returns
    -------
    TimeLimits
        Of `a` - `b`. A limit is not a number where a limit that it rests on is not reached.

    References
    ----------
    .. [1] Zou & Donner 2008, Stat. Med. 27:1693-1702.

    Examples
    --------
    >>> time_difference(TimeLimits(10.0, 7.0, 15.0), TimeLimits(4.0, 3.0, 8.0))
    TimeLimits(value=6.0, low=1.0, high=11.0990...)
    """
    found = [TimeLimits(*np.nan_to_num([*side], nan=np.inf)) for side in (a, b)]
    low, high = mover(found[0], found[1])
    ends = (float(end) if np.isfinite(end) else np.nan for end in (low, high))
    return TimeLimits(a.value - b.value, *ends)


def _variance(tally: DurationTally, table: RiskTable, rest: Floats) -> float:
    """Each end moves the curve for the area that lies behind it."""
    parts = rest * table.hazard_variance
    if tally.cluster is None and tally.weights is None:
        return float((rest * parts).sum())
    watched = Watched.of(tally, table.times)
    sums = np.append(0.0, np.cumsum(parts))
    left = table.at_risk - table.ended
    jump = np.where(left > 0, rest / np.where(left > 0, left, 1.0), 0.0)
    influence = sums[watched.last + 1] - sums[watched.entered]
    return watched.sum_squares(influence - np.where(watched.ended > 0, jump[watched.last], 0.0))
