"""Which activity follows which, how often, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, Unpack

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import EventLog
from cxm_core.errors import UsageError
from cxm_core.results import Caveat, Matrix, Receipt, check_level
from cxm_core.stats import SHARE_METHODS, follow_counts

from ._medians import medians_of_blocks
from ._reading import EventNames, read, seconds

#: What stands before the first activity of a case, and behind its last.
FLOW_START = "(start)"
FLOW_END = "(end)"

_METHOD = "mid_p"
# A table of all steps has a cell for each pair of activities.
_MOST = 2_000
# Steps that are looked at together.
_BLOCK = 1 << 18


def flow(
    events: object,
    *,
    until: datetime | None = None,
    confidence_level: float = 0.95,
    **names: Unpack[EventNames],
) -> Matrix:
    """What customers do next: how often each activity comes right after each other one.

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
    Matrix
        Counts of the steps from each activity, and from ``(start)``, to each other one, and to
        ``(end)``; shares of what leaves each; figures: `wait_s`, the median time of a step.

    Raises
    ------
    UsageError
        A column is not there, or there are more than 2,000 activities.

    Notes
    -----
    The directly-follows graph of process mining. Intervals take steps for independent of each
    other; a case that goes round and round makes them too short.
    The last event of a case is its last so far: nobody knows here which cases go on.

    References
    ----------
    .. [1] van der Aalst, W., Process Mining, 2nd edition, 2016, section 6.2.

    Examples
    --------
    >>> from datetime import datetime
    >>> import cxm_core as cx
    >>> log = {"case": [1, 1, 2], "activity": ["cart", "paid", "cart"],
    ...        "occurred_at": [datetime(2026, 1, 1, hour) for hour in (9, 10, 11)]}
    >>> cx.flow(log).count("cart", "paid"), cx.flow(log).count("cart", "(end)")
    (1, 1)
    """
    check_level(confidence_level)
    log = read(events, names, until=until)
    counts = _counts(log)
    below = np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape)
    low, high = SHARE_METHODS[_METHOD](
        counts, np.where(below, below, np.nan), confidence_level=confidence_level
    )
    return Matrix(
        metric="flow",
        rows=(FLOW_START, *log.activities),
        columns=(*log.activities, FLOW_END),
        counts=counts,
        value=np.where(below, counts / np.maximum(below, 1), np.nan),
        low=low,
        high=high,
        figures={"wait_s": _waits(log, counts)},
        n=len(log.cases),
        confidence_level=confidence_level,
        method=_METHOD,
        caveats=_caveats(log),
        receipt=Receipt(
            engine="flow",
            counted="cases",
            method=_METHOD,
            confidence_level=confidence_level,
            parameters=log.cases.parameters,
            steps=(*log.cases.steps, ("activities", len(log.activities))),
            exclusions=log.cases.exclusions,
        ),
    )


def _caveats(log: EventLog) -> tuple[Caveat, ...]:
    nothing = () if len(log.cases) else (Caveat.of("nothing_counted"),)
    return (*nothing, *(Caveat.of(code, count=count) for code, count in log.cases.notes))


def _counts(log: EventLog) -> NDArray[np.int64]:
    """Steps from each activity, and from the start, to each, and to the end."""
    k, chains = len(log.activities), log.chains
    if k > _MOST:
        raise UsageError(
            f"There are {k:,} activities, and a table of steps holds {_MOST:,}.",
            hint="give pages and products of one kind one name",
        )
    counts = np.zeros((k + 1, k + 1), np.int64)
    counts[1:, :-1] = follow_counts(chains)
    counts[0, :-1] = np.bincount(chains.states[chains.starts[:-1]], minlength=k)
    counts[1:, -1] = np.bincount(chains.states[chains.starts[1:] - 1], minlength=k)
    return counts


def _waits(log: EventLog, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Median time of each kind of step in seconds."""
    k = len(log.activities)
    waits = np.full(k * k, np.nan)
    kinds = np.flatnonzero(counts[1:, :-1])
    # Kinds that nobody takes need no place; what leads from case to case is none.
    place = np.full(k * k, kinds.size, np.int32)
    place[kinds] = np.arange(kinds.size)
    waits[kinds] = seconds(medians_of_blocks(partial(_steps, log, place, kinds.size), kinds.size))
    told = np.full((k + 1, k + 1), np.nan)
    told[1:, :-1] = waits.reshape(k, k)
    return told


@frozen(eq=False)
class _Waits:
    """Microseconds since the event before, of some neighbouring events."""

    log: EventLog
    first: int
    last: int

    def __getitem__(self, places: Any) -> NDArray[np.int64]:
        if isinstance(places, slice):
            return np.diff(self.log.times_at(slice(self.first - 1, self.last)))[places]
        at = places + self.first
        return self.log.times_at(at) - self.log.times_at(at - 1)


def _steps(
    log: EventLog, place: NDArray[np.int32], none: int
) -> Iterator[tuple[NDArray[np.int32], _Waits]]:
    """Kind of each step, and how many microseconds it took: some steps at a time."""
    k, states, starts = np.int32(len(log.activities)), log.chains.states, log.chains.starts
    for first in range(1, states.size, _BLOCK):
        last = min(first + _BLOCK, states.size)
        codes = states[first - 1 : last - 1].astype(np.int32)
        codes *= k
        codes += states[first:last]
        kinds = place[codes]
        kinds[starts[slice(*np.searchsorted(starts, [first, last]))] - first] = none
        yield kinds, _Waits(log, first, last)
