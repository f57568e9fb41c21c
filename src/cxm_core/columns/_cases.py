"""Events gathered into cases by a rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError, did_you_mean

from ._case_rules import RULES, CaseRule
from ._events import (
    ACTIVITY,
    AT,
    CASE,
    CUSTOMER,
    POSITION,
    EventColumns,
    EventLog,
    InOrder,
    instant_column,
    read_events,
)
from ._ingress import OWN, open_data
from ._log_table import LogTable
from ._objects import Column

Rows = NDArray[np.int64]

_MICRO = 1e-6


@frozen(kw_only=True, eq=False, repr=False)
class Cases(LogTable):
    """Events of cases, a row each: case after case, each in the order of time.

    Its columns are `case`, `customer`, `activity`, `occurred_at`, `position` (from 1) and `wait_s`,
    the seconds since the event before in the same case; then what else was kept.

    Parameters
    ----------
    rule : CaseRule or None
        What makes events one case.

    Examples
    --------
    >>> from datetime import datetime
    >>> from cxm_core.engines import cases
    >>> at = [datetime(2026, 1, 1, hour) for hour in (9, 10, 15)]
    >>> log = {"customer": ["a", "a", "a"], "activity": list("xyx"), "occurred_at": at}
    >>> cases(log, rule="session 2h").each().column("path").values.tolist()
    ['x > y', 'x']
    """

    rule: CaseRule | None = None

    def each(self) -> LogTable:
        """The cases, a row each.

        Returns
        -------
        LogTable
            `case`, `customer`, `started_at`, `ended_at`, `duration_s`, `events` and `path`, the
            activities in order.

        Examples
        --------
        >>> from datetime import datetime
        >>> from cxm_core.engines import cases
        >>> log = {"order": [1, 1], "activity": ["paid", "sent"],
        ...        "occurred_at": [datetime(2026, 1, 1, 9), datetime(2026, 1, 1, 10)]}
        >>> cases(log, rule="order").each().column("duration_s").values.tolist()
        [3600.0]
        """
        log = read_events(self, EventColumns())
        starts, ends = log.chains.starts[:-1], log.chains.starts[1:] - 1
        seconds = (log.times_at(ends) - log.times_at(starts)) * _MICRO
        told = {
            "duration_s": _full(seconds),
            "events": _full(log.chains.lengths),
            "path": _full(_paths(log)),
        }
        return evolve(log.cases, columns={**log.cases.columns, **told})


def _full(values: NDArray[Any]) -> Column:
    return Column(values=values, is_missing=np.zeros(values.size, np.bool_))


def _paths(log: EventLog) -> NDArray[Any]:
    words = np.array([str(label) for label in log.activities], object)[log.chains.states]
    starts = log.chains.starts.tolist()
    paths = np.empty(len(log.chains), object)
    paths[:] = [" > ".join(words[start:end]) for start, end in pairwise(starts)]
    return paths


def gather_cases(
    events: object,
    columns: EventColumns,
    *,
    rule: str | CaseRule,
    keep: Iterable[str] = (),
) -> Cases:
    """Cases of a log by a rule.

    Parameters
    ----------
    events : table
        One row an event.
    columns : EventColumns
        Which columns are what; `case` and `by` are not looked at.
    rule : str or CaseRule
        What makes events one case.
    keep : iterable of column names
        Further columns that go along.

    Returns
    -------
    Cases
        Events outside of any case are left out and counted.

    Raises
    ------
    UsageError
        A column is not there, a time is none, or the rule is unknown.

    Examples
    --------
    >>> from datetime import datetime
    >>> at = [datetime(2026, 1, 1, hour) for hour in (9, 10, 15)]
    >>> log = {"customer": ["a", "a", "a"], "activity": list("xyx"), "occurred_at": at}
    >>> gather_cases(log, EventColumns(), rule="session 2h").column("case").values.tolist()
    ['a/1', 'a/1', 'a/2']
    """
    known = CaseRule.parse(rule)
    grouped = columns.customer if known.column is None else known.column
    events = events if isinstance(events, LogTable) else open_data(events, "the events")
    if isinstance(rule, str):
        _check_rule(known, getattr(events, "names", ()))
    log = read_events(events, evolve(columns, case=grouped, by=tuple(keep)))
    if known.column is not None:
        return _in_order(log, known)
    if known.gap is not None:
        return _in_order(_split(log, _sessions(log, known.gap)), known)
    number = _spans(log, known)
    return _table(log, number, known, _named(log, number))


def _check_rule(rule: CaseRule, names: Collection[str]) -> None:
    """A word that is neither a rule nor a column may be meant for either."""
    if rule.column is None or not names or rule.column in names:
        return
    known = [name for name in names if not name.startswith(OWN)]
    raise UsageError(
        f"{rule.column!r} is no rule of cases, and no column of the events.",
        hint=did_you_mean(rule.column, dict.fromkeys([*RULES, *known])),
    )


def _split(log: EventLog, number: Rows) -> EventLog:
    """The log with more cases, none of which has events of two."""
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    of = np.repeat(np.arange(len(log.chains)), log.chains.lengths)[starts]
    place = number[starts] - number[log.chains.starts[:-1]][of] + 1
    owners = log.cases.column(CASE).taken(of)
    ends = np.append(starts[1:], number.size)
    columns = {name: column.taken(of) for name, column in log.cases.columns.items()}
    columns |= {name: log.column(name).taken(starts) for name in log.axes}
    columns |= {
        CASE: _full(_numbered_names(owners, place)),
        "started_at": instant_column(log.times_at(starts)),
        "ended_at": instant_column(log.times_at(ends - 1)),
    }
    chains = evolve(
        log.chains, starts=np.append(starts, number.size), groups=np.arange(starts.size)
    )
    return evolve(log, chains=chains, cases=evolve(log.cases, columns=columns))


def _numbered_names(owners: Column, places: Rows) -> NDArray[Any]:
    """Names of cases: whose each is, and which of theirs."""
    names = np.empty(places.size, object)
    given = zip(owners.values.tolist(), places.tolist(), strict=True)
    names[:] = [f"{owner}/{place}" for owner, place in given]
    return names


def _in_order(log: EventLog, rule: CaseRule) -> Cases:
    """All events of a log, which stays with them: nothing is read or sorted twice."""
    for name in (CASE, *([CUSTOMER] if log.clusters else [])):
        log.cases.column(name)  # read now: who changes the table later does not change these
    makers: dict[str, Callable[[], Column]] = {
        CASE: partial(log.column, CASE),
        **({CUSTOMER: lambda: log.column(CUSTOMER)} if log.clusters else {}),
        ACTIVITY: lambda: log.column(ACTIVITY),
        AT: log.at_column,
        POSITION: lambda: _full(_positions(log) + 1),
        "wait_s": lambda: _waits(log),
        **{name: partial(log.column, name) for name in log.axes},
    }
    steps = log.cases.steps[-2:-1]
    return Cases(
        columns=InOrder(makers, log),
        steps=(*steps, ("events in cases", log.chains.states.size)),
        exclusions=log.cases.exclusions,
        parameters=(("rule", rule.told),),
        notes=log.cases.notes,
        rule=rule,
    )


def _positions(log: EventLog) -> Rows:
    return np.arange(log.chains.states.size) - np.repeat(log.chains.starts[:-1], log.chains.lengths)


def _waits(log: EventLog) -> Column:
    """Seconds since the event before; nothing for the first."""
    is_first = _positions(log) == 0
    return Column(values=np.where(is_first, np.nan, log.waits * _MICRO), is_missing=is_first)


def _sessions(log: EventLog, gap: timedelta) -> Rows:
    """Running number of each event's case, where a long pause begins a new one."""
    is_first = log.waits > gap // timedelta(microseconds=1)
    is_first[log.chains.starts[:-1]] = True
    return np.cumsum(is_first) - 1


def _spans(log: EventLog, rule: CaseRule) -> Rows:
    """Running number of each event's case from a start to an end; -1 outside of any."""
    opens = _next_row(log, rule.start, "the start")
    closes = _next_row(log, rule.end, "the end") if rule.end else np.full(opens.size, opens.size)
    bounds = log.chains.starts[1:]
    at, begun = log.chains.starts[:-1], np.zeros((0, 2), np.int64)
    while at.size:
        first = opens[at]
        is_there = first < bounds
        first, bounds = first[is_there], bounds[is_there]
        at = np.minimum(np.minimum(closes[first + 1] + 1, bounds), _too_late(log, first, rule))
        begun = np.concatenate([begun, np.stack([first, np.maximum(at, first + 1)], axis=1)])
        at = np.maximum(at, first + 1)
    return _numbered(begun[np.argsort(begun[:, 0])], log.times.size)


def _next_row(log: EventLog, names: tuple[str, ...], what: str) -> Rows:
    """For each row, the next one from it on with one of these activities; the size for none."""
    size = log.times.size
    is_one = np.isin(log.chains.states, log.codes(names, what))
    rows = np.where(is_one, np.arange(size), size)
    return np.append(np.minimum.accumulate(rows[::-1])[::-1], [size, size])


def _too_late(log: EventLog, first: Rows, rule: CaseRule) -> Rows:
    """First row after each start that is too long after it; the end of its chain if none is."""
    chain = np.searchsorted(log.chains.starts, first, side="right") - 1
    low, high = first + 1, log.chains.starts[chain + 1]
    if rule.within is None:
        return high
    limit = log.times[first] + rule.within // timedelta(microseconds=1)
    while (low < high).any():
        middle = (low + high) // 2
        is_late = log.times[np.minimum(middle, log.times.size - 1)] > limit
        is_open = low < high
        low, high = (
            np.where(is_open & ~is_late, middle + 1, low),
            np.where(is_open & is_late, middle, high),
        )
    return low


def _numbered(begun: Rows, size: int) -> Rows:
    """Number of the case that each row lies in; -1 for none."""
    change = np.zeros(size + 1, np.int64)
    np.add.at(change, begun[:, 0], 1)
    np.add.at(change, begun[:, 1], -1)
    is_inside = np.cumsum(change)[:-1] > 0
    starts = np.zeros(size, np.int64)
    starts[begun[:, 0]] = 1
    return np.where(is_inside, np.cumsum(starts) - 1, -1)


def _named(log: EventLog, number: Rows) -> Column:
    """Name of each event's case: the customer's, and which of the customer's cases it is."""
    chain = np.repeat(np.arange(len(log.chains)), log.chains.lengths)
    first = np.full(len(log.chains), number.size, np.int64)
    inside = number >= 0
    np.minimum.at(first, chain[inside], number[inside])
    places = np.where(inside, number - first[chain] + 1, 0)
    names = _numbered_names(log.column(CASE), places)
    return Column(values=names, is_missing=~inside)


def _table(log: EventLog, number: Rows, rule: CaseRule, names: Column) -> Cases:
    inside = np.flatnonzero(number >= 0)
    starts = np.flatnonzero(np.diff(number[inside], prepend=-1))
    lengths = np.diff(starts, append=inside.size)
    position = np.arange(inside.size) - np.repeat(starts, lengths)
    times = log.times[inside]
    seconds = np.diff(times, prepend=times[:1]) * _MICRO
    is_first = position == 0
    columns = {
        CASE: names.taken(inside),
        **({CUSTOMER: log.column(CUSTOMER).taken(inside)} if log.clusters else {}),
        ACTIVITY: log.column(ACTIVITY).taken(inside),
        AT: instant_column(times),
        POSITION: _full(position + 1),
        "wait_s": Column(values=np.where(is_first, np.nan, seconds), is_missing=is_first),
        **{name: log.column(name).taken(inside) for name in log.axes},
    }
    outside = number.size - inside.size
    left_out = (("outside of a case", outside),) if outside else ()
    return Cases(
        columns=columns,
        steps=(("events", log.cases.steps[-2][1]), ("events in cases", inside.size)),
        exclusions=(*log.cases.exclusions, *left_out),
        parameters=(("rule", rule.told),),
        notes=log.cases.notes,
        rule=rule,
    )
