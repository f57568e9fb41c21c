"""How long it takes from a beginning to what the customer came for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Unpack

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import EventLog, read_crossed
from cxm_core.errors import UsageError
from cxm_core.results import Caveat, Curve, Panel, Receipt, check_level
from cxm_core.stats import DurationTally, Label, cumulative_incidence, stages_reached

from ._reading import (
    Activity,
    EventNames,
    activities,
    noting_absent,
    read,
    seconds,
    units,
)

_METHOD = "log-log"
_SMALL_N = 30
_FEW_CLUSTERS = 15


def time_to_value(
    events: object,
    *,
    start: Activity | Iterable[Activity],
    goal: Activity | Iterable[Activity],
    stop: Activity | Iterable[Activity] = (),
    until: datetime | None = None,
    by: Any = None,
    confidence_level: float = 0.95,
    **names: Unpack[EventNames],
) -> Curve | Panel:
    """Share that has got what it came for, by the time since the beginning.

    Parameters
    ----------
    events : table
        One row an event with its case, time and activity; ``case="customer"`` if one customer is
        one case.
    start, goal : activity or list of activities
        With what the clock begins, and with what it ends: signed up, and first used.
    stop : activity or list of activities
        Ends after which the goal is out of reach, such as a cancellation.
    until : datetime or None
        End of what was observed; None for the last event of the log.
    by : column name, list of names, or mapping of name to sequence
        Groups: the value at the first event of each case.
    confidence_level : float in (0, 1)
        Nominal coverage of the band at each time.
    **names : column names
        `case`, `customer`, `at`, `activity` and `order` as in `cases`; `zone` of times without one.

    Returns
    -------
    Curve or Panel
        Cumulative incidence in seconds: ``.at(7 * 86_400)`` is the share within a week, and
        ``.quantile(0.5)`` the time by which half are there. With groups, a Panel of curves.

    Raises
    ------
    UsageError
        No event is a start, or a column is not there.

    Notes
    -----
    Who is not there at the end counts as waiting until then, neither as failed nor as missing.
    A goal that no event has may be misspelt, or nobody has got so far: a caveat says so.
    A stop is an end of another kind: it is never counted as waiting on. Cases of one customer are a
    cluster.

    References
    ----------
    .. [1] Aalen, O. and Johansen, S., An empirical transition matrix for non-homogeneous Markov
       chains based on censored observations, 1978, Scandinavian Journal of Statistics 5, 141-150.

    Examples
    --------
    >>> from datetime import datetime
    >>> import cxm_core as cx
    >>> log = {"case": [1, 1, 2, 3, 3], "activity": ["join", "use", "join", "join", "use"],
    ...        "occurred_at": [datetime(2026, 1, day) for day in (1, 3, 1, 1, 9)]}
    >>> curve = cx.time_to_value(log, start="join", goal="use", until=datetime(2026, 1, 31))
    >>> round(curve.at(7 * 86_400).value, 3)
    0.333
    """
    check_level(confidence_level)
    log = read(events, names, by=by, until=until)
    told = {"start": activities(start), "goal": activities(goal), "stop": activities(stop)}
    log = noting_absent(log, [_goals(log, told)])
    ways = _ways(log, told)
    receipt = Receipt(
        engine="time_to_value",
        counted="cases",
        method=_METHOD,
        confidence_level=confidence_level,
        parameters=(
            *log.cases.parameters,
            *((of, " or ".join(map(str, part))) for of, part in told.items() if part),
        ),
        design=() if ways.clusters is None else ("clusters",),
        steps=(*log.cases.steps, ("begun", len(ways.rows)), ("reached", int(ways.is_there.sum()))),
        exclusions=log.cases.exclusions,
    )
    if not log.axes:
        return _curve(ways, receipt, log)
    (crossed,) = read_crossed(log.cases, [log.axes], what="the cases")
    curves: dict[str, Any] = {}
    for place, labels in sorted(enumerate(crossed.labels), key=_in_order):
        part = ways.of(crossed.codes[ways.rows] == place)
        if len(part.rows):
            named = _curve(part, receipt, log)
            name = ", ".join("(missing)" if label is None else str(label) for label in labels)
            curves[name] = evolve(named, axes=log.axes, group=labels)
    return Panel(metric="time_to_value", parts=curves, receipt=receipt)


def _in_order(numbered: tuple[int, tuple[Label, ...]]) -> list[tuple[bool, str, Label]]:
    """Groups by their labels, what is missing last, whichever case came first."""
    return [
        (label is None, type(label).__name__, "" if label is None else label)
        for label in numbered[1]
    ]


@frozen(kw_only=True, eq=False)
class _Ways:
    """Cases that have begun: how long each lasted, and how it ended."""

    rows: NDArray[np.int64]
    lasted: NDArray[np.int64]
    ends: NDArray[np.int64]
    clusters: NDArray[np.int64] | None

    @property
    def is_there(self) -> NDArray[np.bool_]:
        """Cases that reached the goal."""
        return np.asarray(self.ends == 1)

    def of(self, which: NDArray[np.bool_]) -> _Ways:
        """Some of them."""
        clusters = None if self.clusters is None else self.clusters[which]
        return _Ways(
            rows=self.rows[which],
            lasted=self.lasted[which],
            ends=self.ends[which],
            clusters=clusters,
        )


def _ways(log: EventLog, told: dict[str, tuple[Activity, ...]]) -> _Ways:
    """From the first start of each case to its first goal, its first stop, or the end of all."""
    start, goals = log.codes(told["start"], "the start"), _goals(log, told)
    reached = stages_reached(log.chains, [start, goals])
    begun = np.flatnonzero(reached[:, 0] >= 0)
    if not begun.size:
        raise UsageError("No case has begun.", hint="start= names the activities that begin one")
    goal = _times(log, reached[begun, 1])
    stop = np.full(begun.size, log.until + 1)
    if told["stop"]:
        ended = stages_reached(
            log.chains, [start, log.codes(told["stop"], "the stop", is_needed=False)]
        )
        stop = _times(log, ended[begun, 1])
    end = np.minimum(np.minimum(goal, stop), log.until)
    # At one moment, the goal comes first.
    ends = np.where(goal <= end, 1, np.where(stop <= end, 2, 0))
    clusters = units(log)
    return _Ways(
        rows=begun,
        lasted=end - log.times_at(reached[begun, 0]),
        ends=ends,
        clusters=None if clusters is None else clusters[begun],
    )


def _goals(log: EventLog, told: dict[str, tuple[Activity, ...]]) -> NDArray[np.int64]:
    return log.codes(told["goal"], "the goal", is_needed=False)


def _times(log: EventLog, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Times of rows; one after the end of all where there is no row."""
    return np.where(rows >= 0, log.times_at(np.maximum(rows, 0)), log.until + 1)


def _curve(ways: _Ways, receipt: Receipt, log: EventLog) -> Curve:
    tally = DurationTally.of(ways.lasted, event_observed=ways.ends, cluster=ways.clusters)
    found = cumulative_incidence(tally)
    low, high = found.limits(confidence_level=receipt.confidence_level, method=_METHOD)
    return Curve(
        metric="time_to_value",
        kind="incidence",
        times=seconds(found.times),
        value=found.value,
        low=low,
        high=high,
        at_risk=found.at_risk,
        events=found.events,
        until=float(ways.lasted.max()) * 1e-6,
        n=len(ways.rows),
        confidence_level=receipt.confidence_level,
        method=_METHOD,
        unit="seconds",
        caveats=_caveats(ways, log),
        receipt=receipt,
    )


def _caveats(ways: _Ways, log: EventLog) -> tuple[Caveat, ...]:
    n_units = len(ways.rows) if ways.clusters is None else np.unique(ways.clusters).size
    waiting = int((ways.ends == 0).sum())
    told = {
        "small_n": len(ways.rows) < _SMALL_N,
        "few_clusters": ways.clusters is not None and n_units < _FEW_CLUSTERS,
        "still_open": waiting > 0,
    }
    counts = {"still_open": waiting}
    said = [Caveat.of(code, count=counts.get(code)) for code, holds in told.items() if holds]
    return (*said, *(Caveat.of(code, count=count) for code, count in log.cases.notes))
