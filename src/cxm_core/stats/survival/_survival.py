"""Kaplan and Meier's share that still waits, be the rest over or not yet watched to its end."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxm_core.stats._sums import Floats, divide, lock

from ._duration_order import is_run_start
from ._durations import DurationTally
from ._influence import Watched, spread_of
from ._time_curve import TimeCurve

# Weights that rounding keeps apart are the same weight.
NEAR = 1e-12


class RiskTable(NamedTuple):
    """Who was watched, and who ended, at each time at which somebody did.

    Attributes
    ----------
    times, at_risk, ended : float64 arrays (steps,)
        Time, weight that was watched just before, and weight that ended then in any way.
    by_cause : float64 array (steps, causes)
        Weight that ended in each way.
    """

    times: Floats
    at_risk: Floats
    ended: Floats
    by_cause: Floats

    @property
    def is_over(self) -> bool:
        """Whether all who were still watched ended at the last of the times."""
        return bool(self.times.size and self.ended[-1] >= self.at_risk[-1])

    @property
    def hazard_variance(self) -> Floats:
        """Greenwood's part of each time; zero where nobody is left, for then the share is zero."""
        found = self.at_risk - self.ended
        found *= self.at_risk
        return np.divide(self.ended, found, out=found, where=found > 0)

    @property
    def survival(self) -> Floats:
        """Share that has not ended in any way from each time on."""
        kept = self.ended / self.at_risk
        np.subtract(1.0, kept, out=kept)
        return np.asarray(np.cumprod(kept, out=kept), np.float64)


def risk_table(tally: DurationTally) -> RiskTable:
    """Table of those watched and those who ended, at each time at which somebody did."""
    weights = tally.n if tally.weights is None else tally.weights
    is_event = tally.causes > 0
    if tally.weights is not None:
        is_event &= weights > 0
    place = np.flatnonzero(is_event)
    times = tally.times[place]
    is_new = is_run_start([times])
    first = place
    if not is_new.all():
        first, times = place[is_new], times[is_new]
    at_risk = _watched_from(tally, weights, first)
    by_cause = _by_cause(tally, weights, place, is_new)
    ended = by_cause[:, 0] if by_cause.shape[1] == 1 else by_cause.sum(axis=1)
    if tally.weights is not None or tally.entry is not None:
        at_risk = np.where(at_risk - ended <= NEAR * at_risk, ended, at_risk)
    return RiskTable(times.astype(np.float64, copy=False), at_risk, ended, by_cause)


def kaplan_meier(tally: DurationTally) -> TimeCurve:
    """Share that has not ended yet, as time goes by; whatever is not over counts while watched.

    Parameters
    ----------
    tally : DurationTally
        All ways to end count as the event: take `tally.ending(1)` for the others to end the watch.

    Returns
    -------
    TimeCurve
        Its variance is Greenwood's; with clusters or weights it is that of the infinitesimal
        jackknife, which is Greenwood's where each row stands for itself.

    Notes
    -----
    Assumes that what is not over would have gone on like the rest. What is set aside because it is
    hopeless breaks this: such an end is a way to end of its own.

    References
    ----------
    .. [1] Kaplan & Meier 1958, J. Am. Stat. Assoc. 53:457-481.
    .. [2] Greenwood 1926, The natural duration of cancer.
    .. [3] Therneau & Grambsch 2000, Modeling Survival Data, section 2.2 and 7.

    Examples
    --------
    >>> tally = DurationTally.of([6, 6, 6, 6, 7], event_observed=[1, 1, 1, 0, 1])
    >>> kaplan_meier(tally).value.tolist()
    [0.4, 0.0]
    """
    table = risk_table(tally)
    survival = table.survival
    hazard = table.hazard_variance
    np.cumsum(hazard, out=hazard)
    if tally.cluster is not None or tally.weights is not None:
        variance = survival**2 * _spread(tally, table, hazard)
    else:
        variance = hazard
        variance *= survival
        variance *= survival
    lock(survival, variance, *table)
    return TimeCurve(
        kind="survival", times=table.times, value=survival, variance=variance,
        at_risk=table.at_risk, events=table.ended, n=tally.total,
        n_clusters=tally.n_clusters, last=tally.last, is_over=table.is_over,
    )  # fmt: skip


def at_risk(tally: DurationTally, times: Floats) -> Floats:
    """Weight that was watched just before each of `times`."""
    weights = tally.n if tally.weights is None else tally.weights
    staying = np.append(np.cumsum(weights[::-1])[::-1], 0)
    still = staying[np.searchsorted(tally.times, times)]
    return np.asarray(still - _not_yet(tally, weights, times), np.float64)


def _watched_from(tally: DurationTally, weights: NDArray[Any], first: NDArray[Any]) -> Floats:
    """Weight that was watched just before the time of each of the cells `first`."""
    if _is_one_a_cell(weights):
        # As many are still there as there are cells from this one on.
        staying = np.subtract(weights.size, first, dtype=np.float64)
    else:
        staying = np.cumsum(weights[::-1])[::-1][first].astype(np.float64)
    if tally.entry is not None:
        staying -= _not_yet(tally, weights, tally.times[first])
    return np.asarray(staying, np.float64)


def _is_one_a_cell(weights: NDArray[Any]) -> bool:
    """Whether a single number stands for all, as where no two rows are alike."""
    return weights.strides == (0,)


def _not_yet(tally: DurationTally, weights: NDArray[Any], times: NDArray[Any]) -> Floats | float:
    """Weight that comes under observation at one of `times`, or later."""
    if tally.entry is None:
        return 0.0
    order = np.argsort(tally.entry, kind="stable")
    coming = np.append(np.cumsum(weights[order][::-1])[::-1], 0)
    return np.asarray(coming[np.searchsorted(tally.entry[order], times)], np.float64)


def _by_cause(
    tally: DurationTally, weights: NDArray[Any], place: NDArray[Any], is_new: NDArray[np.bool_]
) -> Floats:
    """Weight that ended in each way at each time, of which `is_new` tells the first cell."""
    n_causes = max(tally.n_causes, 1)
    is_plain = n_causes == 1 and bool(is_new.all())
    if is_plain and _is_one_a_cell(weights):
        return np.broadcast_to(1.0, (place.size, 1))
    found = weights[place].astype(np.float64)
    if is_plain:
        return np.asarray(found[:, None], np.float64)
    step = np.cumsum(is_new) - 1
    cell = step * n_causes + (tally.causes[place] - 1)
    sums = np.bincount(cell, weights=found, minlength=np.count_nonzero(is_new) * n_causes)
    return np.asarray(sums.reshape(-1, n_causes), np.float64)


def _spread(tally: DurationTally, table: RiskTable, hazard: Floats) -> Floats:
    """Variance of the logarithm of the share, from what each cluster adds to it."""
    watched = Watched.of(tally, table.times)
    left = table.at_risk - table.ended
    gone = np.where(left > 0, divide(np.ones_like(left), left), 0.0)
    at_entry = np.append(0.0, hazard)[watched.entered]
    at_exit = hazard[watched.last] - np.where(watched.ended > 0, gone[watched.last], 0.0)
    ones = np.ones_like(at_exit)
    changes = np.column_stack([-at_entry, ones]), np.column_stack([at_exit, -ones])
    return spread_of(watched, changes, np.column_stack([np.ones_like(hazard), hazard]))
