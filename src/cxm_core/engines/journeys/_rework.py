"""Where cases turn back: activities that one case goes through more than once."""

from __future__ import annotations

from datetime import datetime
from typing import Unpack, cast

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.columns import EventLog, LogTable
from cxm_core.engines.feedback import Told, share_of
from cxm_core.results import Breakdown, check_level
from cxm_core.stats import state_counts

from ._medians import medians
from ._reading import EventNames, full, read, seconds, units

_ACTIVITY = "activity"


def rework(
    events: object,
    *,
    until: datetime | None = None,
    confidence_level: float = 0.95,
    **names: Unpack[EventNames],
) -> Breakdown:
    """Where customers have to do it again: share of cases that come back to each activity.

    Parameters
    ----------
    events : table
        One row an event with its case, time and activity, such as what `cases` gives.
    until : datetime or None
        End of what is looked at; None for the whole log.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval.
    **names : column names
        `case`, `customer`, `at`, `activity` and `order` as in `cases`; `zone` of times without one.

    Returns
    -------
    Breakdown
        A group for each activity: of the cases that have it at all, the share that has it more than
        once. Figures tell `n_repeats`, the events beyond the first of their case, `n_at_once`,
        those of them that follow the same activity without another one between, and `wait_s`, the
        median time from one to the next of the same case.

    Raises
    ------
    UsageError
        A column is not there.

    Notes
    -----
    Cases of one customer are a cluster. A case that is still going on may come back yet.

    References
    ----------
    .. [1] van der Aalst, W., Process Mining, 2nd edition, 2016, section 5.2.

    Examples
    --------
    >>> from datetime import datetime
    >>> import cxm_core as cx
    >>> log = {"case": [1, 1, 1, 2], "activity": ["form", "error", "form", "form"],
    ...        "occurred_at": [datetime(2026, 1, 1, hour) for hour in (9, 10, 11, 12)]}
    >>> cx.rework(log)["form"].value
    0.5
    """
    check_level(confidence_level)
    log = read(events, names, until=until)
    found = state_counts(log.chains)
    labels = np.array(log.activities, object)[found.state]
    clusters = units(log)
    result = share_of(
        LogTable(
            columns={_ACTIVITY: full(labels)},
            parameters=log.cases.parameters,
            exclusions=log.cases.exclusions,
            notes=log.cases.notes,
        ),
        found.n > 1,
        Told(metric="rework", counted="cases"),
        by=_ACTIVITY,
        clusters=None if clusters is None else clusters[found.chain],
        confidence_level=confidence_level,
    )
    told = cast("Breakdown", result)
    receipt = evolve(told.receipt, engine="rework", steps=log.cases.steps)
    return evolve(told, figures=_figures(told, log), receipt=receipt, n_all=len(log.cases))


def _figures(found: Breakdown, log: EventLog) -> dict[str, NDArray[np.float64]]:
    """How often each activity came again, and how long after the time before."""
    size = len(log.activities)
    states, waits, is_next = _returns(log)
    places = {label: place for place, label in enumerate(log.activities)}
    wanted = [places[labels[0]] for labels in found.labels]
    return {
        "n_repeats": np.bincount(states, minlength=size)[wanted].astype(np.float64),
        "n_at_once": np.bincount(states[is_next], minlength=size)[wanted].astype(np.float64),
        "wait_s": medians(states, waits, size)[wanted],
    }


def _returns(log: EventLog) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Activity of each event that is not the first of its kind in its case, and the way back."""
    chain = np.repeat(np.arange(len(log.chains)), log.chains.lengths)
    states = log.chains.states.astype(np.int64)
    keys = chain * max(len(log.activities), 1) + states
    ranks = np.argsort(keys, kind="stable")
    is_same = keys[ranks][1:] == keys[ranks][:-1]
    before, after = ranks[:-1][is_same], ranks[1:][is_same]
    return states[after], seconds(log.times[after] - log.times[before]), after == before + 1
