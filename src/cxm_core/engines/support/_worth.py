"""How much of a sample is left where tickets are tied together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np

from cxm_core.stats import (
    DurationTally,
    TimeCurve,
    cumulative_incidence,
    kaplan_meier,
    restricted_mean,
)


def curve_of(tally: DurationTally) -> TimeCurve:
    """Share that is over as it should be, with other ends in its way if there are any."""
    if tally.n_causes > 1:
        return cumulative_incidence(tally)
    return kaplan_meier(tally)


def worth_at(tally: DurationTally, time: float) -> float:
    """Part of the tickets that would tell as much of the share at a time, if each stood alone.

    Where the share is not reached, of the share at the end of the log.
    """
    at = time if np.isfinite(time) else tally.last
    return _worth(tally, lambda one: float(curve_of(one).variance_at(at)))


def worth_of_mean(tally: DurationTally, longest: timedelta | None, step: float) -> float:
    """Part of the tickets that would tell as much of the mean up to a longest time."""
    until = None if longest is None else longest.total_seconds() / step
    return _worth(tally, lambda one: restricted_mean(one, until=until).standard_error ** 2)


def _worth(tally: DurationTally, variance: Callable[[DurationTally], float]) -> float:
    """One over the design effect of a figure's variance; never above one."""
    if tally.n_clusters is None:
        return 1.0
    tied, alone = variance(tally), variance(tally.untied())
    return alone / tied if 0 < alone < tied else 1.0
