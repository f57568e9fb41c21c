"""From a log of ticket events to one row a ticket, and to its stretches of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats import Label
from cxm_core.vocabulary import Zone, in_utc

from ._log_table import LogTable
from ._objects import Column, locked
from ._ticket_about import About, joined
from ._ticket_clocks import clocks_apart
from ._ticket_hands import (
    HANDLERS,
    actors_at,
    counted,
    escalated,
    first_ended,
    first_replies,
    first_solved,
    handlers,
)
from ._ticket_log import NO_TIME, Log, in_order, read_log
from ._ticket_states import ENDS, Life, spans_of, times_at
from ._ticket_words import (
    BOT,
    HUMAN,
    NEW,
    NONE,
    ON_HOLD,
    OPEN,
    PENDING,
    STATES,
    Codes,
    checked_words,
)

_LENGTHS = ((NEW, "new_s"), (OPEN, "open_s"), (PENDING, "pending_s"), (ON_HOLD, "on_hold_s"))
_SECOND = 1_000_000.0


def _names(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]  # names


@frozen(kw_only=True)
class TicketRule:
    """How a log of events becomes tickets.

    Parameters
    ----------
    until : datetime or None
        Where the log is cut: what happened from then on is left out. None for its last stamp.
    words : mapping of str to str
        Words of the source for the states ``new``, ``open``, ``pending``, ``on_hold``,
        ``solved``, ``closed``, ``merged``, ``spam`` and ``abandoned``.
    first, last : tuple of str
        Columns of the log that are carried along, with their value at the first or the last event
        of each ticket.
    keep : tuple of str
        Columns of the table of the tickets that are kept; not those that tickets have anyway.
    escalated_to : tuple of labels
        Teams whose tickets are escalated ones.
    tz : str or tzinfo
        Zone of times that have none.
    """

    until: datetime | None = None
    words: Mapping[str, str] = field(default=None, converter=checked_words)
    first: tuple[str, ...] = field(default=(), converter=_names)
    last: tuple[str, ...] = field(default=(), converter=_names)
    keep: tuple[str, ...] = field(default=(), converter=_names)
    escalated_to: tuple[Label, ...] = field(default=(), converter=_names)
    tz: Zone = "UTC"


@frozen(kw_only=True, eq=False, repr=False)
class Tickets(LogTable):
    """One row a ticket, made from a log of its events.

    Parameters
    ----------
    columns : mapping of str to Column
        ``ticket``, ``occurred_at`` (its opening), ``status``, ``end`` and ``ended_at``,
        ``first_replied_at``, ``first_solved_at``, ``solved_at``, ``closed_at``, how often what
        happened, who acted, and what was carried along.
    spans : LogTable
        The stretches of each ticket: ``ticket``, ``state``, ``started_at``, ``ended_at``.
    span_codes : mapping of str to int64 array (spans,)
        The same as numbers: row of the ticket, state, start and end in microseconds.
    until : int
        End of what is known, in microseconds since 1970.
    """

    spans: LogTable
    span_codes: Mapping[str, NDArray[Any]]
    until: int


def read_tickets(
    events: object,
    about: object = None,
    *,
    rule: TicketRule | None = None,
    names: Mapping[str, str] | None = None,
) -> Tickets:
    """Tickets of a log of events.

    Parameters
    ----------
    events : table
        One row an event.
    about : table or None
        One row a ticket, where the source tells its own opening, or more of it.
    rule : TicketRule or None
        What counts, and what is kept; None for the usual.
    names : mapping of str to str or None
        Columns of the log that have another name than in our records.

    Returns
    -------
    Tickets
        One row a ticket, in the order of their ids.

    Raises
    ------
    UsageError
        A column is not there, columns differ in length, or a stamp is no time.

    Examples
    --------
    >>> log = {
    ...     "ticket": [1, 1], "status": ["new", "solved"],
    ...     "occurred_at": np.array(["2026-11-02T09:00", "2026-11-02T11:30"], "datetime64[us]"),
    ... }
    >>> tickets = read_tickets(log)
    >>> tickets.column("new_s").values.tolist()
    [9000.0]
    """
    rule, named = rule or TicketRule(), names or {}
    log, carried = read_log(
        events, named, words=rule.words, carried=(*rule.first, *rule.last), tz=rule.tz
    )
    read = len(log.parts["at"]) + sum(count for _, count in log.exclusions)
    table = About.of(about, rule.keep, ticket=named.get("ticket", "ticket"), tz=rule.tz)
    log, row_of = joined(log, table)
    log, until, cut = _until(log, rule)
    apart = clocks_apart(log)
    log, repeated = in_order(log)
    life = Life.of(log)
    shown = log.parts["ticket"][life.runs.starts]
    spans = spans_of(life, until)
    columns = _columns(log, life, rule, shown) | _lengths(spans, shown.size)
    columns |= _carried(log, life, carried, rule, columns)
    columns |= {
        name: _taken(column, row_of[shown])
        for name, column in table.kept.items()
        if name not in columns
    }
    return Tickets(
        columns=columns,
        spans=_span_table(spans, columns["ticket"]),
        span_codes={name: locked(values) for name, values in spans.items()},
        until=until,
        steps=(("events", read),),
        exclusions=(*log.exclusions, *_counts({"after the cut": cut, "repeated": repeated})),
        parameters=(("until", str(np.datetime64(until, "us"))), *_told(rule)),
        notes=_counts(
            {
                "before_opening": life.early,
                "clocks_apart": apart,
                "after_close": life.late,
                "unknown_words": log.unknown,
            }
        ),
    )


def _counts(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((name, count) for name, count in counts.items() if count)


def _told(rule: TicketRule) -> tuple[tuple[str, str], ...]:
    """The rule in the receipt."""
    words = ", ".join(f"{own} = {word}" for own, word in sorted(rule.words.items()))
    teams = ", ".join(map(str, rule.escalated_to))
    return tuple((name, told) for name, told in (("words", words), ("escalated_to", teams)) if told)


def _until(log: Log, rule: TicketRule) -> tuple[Log, int, int]:
    """The log up to its end, where that is, and how many rows lie behind it."""
    at = log.parts["at"]
    if rule.until is None:
        return log, int(at.max(initial=0)), 0
    until = microseconds(rule.until)
    keep = at < until
    return log.only(keep), until, int((~keep).sum())


def microseconds(at: datetime) -> int:
    """An aware instant as microseconds since 1970."""
    return int(np.datetime64(in_utc(at).replace(tzinfo=None), "us").astype(np.int64))


def _columns(log: Log, life: Life, rule: TicketRule, shown: Codes) -> dict[str, Column]:
    runs, ends = life.runs, life.ends()
    teams = np.array([i for i, v in enumerate(log.hands) if v in rule.escalated_to], np.int64)
    kinds = [ENDS[code] if code >= 0 else None for code in ends["kind"].tolist()]
    is_solved = np.array([kind == "solved" for kind in kinds], np.bool_)
    solved = np.where(is_solved, ends["solved"], NONE)
    last = runs.stops - 1
    raised = escalated(log, runs, teams)
    ended = np.where(is_solved, ends["solved"], ends["begin"])
    times = {
        "first_replied_at": first_replies(log, life, HUMAN),
        "first_bot_replied_at": first_replies(log, life, BOT),
        "first_solved_at": first_solved(life),
        "first_ended_at": first_ended(life),
        "first_escalated_at": times_at(life.at, runs.first(raised)),
        "first_reopened_at": times_at(life.at, runs.first(life.is_return)),
        "solved_at": times_at(life.at, solved),
        "closed_at": times_at(life.at, ends["closed"]),
        "ended_at": times_at(life.at, ended),
        "last_event_at": times_at(life.at, last),
    }
    counts = counted(log, life, raised)
    return {
        "ticket": _texts([log.tickets[code] for code in shown.tolist()]),
        "occurred_at": _instants(life.opened),
        "status": _texts([STATES[code] for code in life.state[last].tolist()]),
        "end": _texts(kinds),
        **{name: _instants(values) for name, values in times.items()},
        "handled_by": _texts([HANDLERS[code] for code in handlers(log, runs).tolist()]),
        "solved_by": _texts(actors_at(log, solved)),
        **{name: _whole(values) for name, values in counts.items()},
    }


def _lengths(spans: Mapping[str, Codes], tickets: int) -> dict[str, Column]:
    """Seconds of each ticket in each state in which it is not settled."""
    length = spans["end"] - spans["start"]
    found = {}
    for state, name in _LENGTHS:
        here = spans["state"] == state
        micros = np.bincount(spans["ticket"][here], length[here], tickets)
        found[name] = _whole(micros / _SECOND)
    return found


def _span_table(spans: Mapping[str, Codes], tickets: Column) -> LogTable:
    return LogTable(
        columns={
            "ticket": _taken(tickets, spans["ticket"]),
            "state": _texts([STATES[code] for code in spans["state"].tolist()]),
            "started_at": _instants(spans["start"]),
            "ended_at": _instants(spans["end"]),
        }
    )


def _carried(
    log: Log, life: Life, columns: Mapping[str, Column], rule: TicketRule, own: Iterable[str]
) -> dict[str, Column]:
    """Columns of the log with their value at the first or the last event of each ticket."""
    taken = sorted({*rule.first, *rule.last} & {*own})
    if taken:
        raise UsageError(
            f"Tickets have {', '.join(taken)} of their own.",
            hint="rename the column of the log, as in resolved_at",
        )
    row = log.parts["row"]
    is_read = row >= 0
    rows = {"first": life.runs.first(is_read), "last": life.runs.last(is_read)}
    picked = {which: np.where(at < 0, NONE, row[at]) for which, at in rows.items()}
    return {
        name: _taken(columns[name], picked[which])
        for which in ("first", "last")
        for name in getattr(rule, which)
    }


def _taken(column: Column, rows: Codes) -> Column:
    """Rows of a column; missing for the row -1."""
    gone = rows < 0
    if not len(column):
        return Column(values=np.full(rows.size, None, object), is_missing=gone)
    safe = np.where(gone, 0, rows)
    return Column(
        values=column.values[safe],
        is_missing=column.is_missing[safe] | gone,
        name=column.name,
        is_utc=column.is_utc,
    )


def _texts(values: list[Any]) -> Column:
    """Labels, or None, as a column of objects; whole numbers as such."""
    if values and all(type(value) is int for value in values):
        return _whole(np.array(values, np.int64))
    texts = np.empty(len(values), object)
    texts[:] = values
    is_missing = np.array([value is None for value in values], np.bool_)
    return Column(values=texts, is_missing=is_missing)


def _instants(values: Codes) -> Column:
    is_missing = values == NO_TIME
    at = np.where(is_missing, 0, values).astype("datetime64[us]")
    return Column(values=at, is_missing=is_missing, is_utc=True)


def _whole(values: NDArray[Any]) -> Column:
    return Column(values=values, is_missing=np.zeros(values.size, np.bool_))
