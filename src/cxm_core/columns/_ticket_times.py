"""From a table of tickets to how long something took for each of them, and whether it is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
from attrs import evolve, field, frozen
from attrs.converters import optional
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.vocabulary import BusinessCalendar, Zone

from ._business import open_microseconds
from ._log_reading import Wanted, read_log
from ._log_table import LogTable
from ._objects import Mask, locked
from ._ticket_log import NO_TIME
from ._ticket_words import CLOSED, SOLVED, STATES, Codes, word_codes
from ._tickets import Tickets, microseconds

#: How what was timed ended: not yet; as it should; in another way.
GOES_ON, DONE, OTHERWISE = range(3)

# What ends before it begins is left out for this reason, and told by this caveat.
_BACKWARDS, _TOO_SOON = "over before it began", "over_too_soon"


@frozen(kw_only=True, eq=False)
class Waits:
    """How long something took for each ticket, and how it ended.

    Parameters
    ----------
    table : LogTable
        The tickets, with the columns that groups are made of.
    micros : int64 array (tickets,)
        Time from the opening to the end, or to the end of what is known; in microseconds.
    watched : int64 array (tickets,)
        Time from the opening to the end of what is known, whatever happened; in microseconds.
    causes : int8 array (tickets,)
        `GOES_ON`, `DONE` or `OTHERWISE`.
    is_known : boolean array (tickets,)
        Tickets of which it can be told; the others are in `exclusions`.
    exclusions : tuple of (str, int)
        Tickets that are left out, by reason.
    until : int
        End of what is known, in microseconds since 1970.
    lasted : int64 array (tickets,) or None
        Of time in states, which does not pass all the time: how long each ticket lasted, or has
        lasted so far, in microseconds. None where `micros` tells that.
    """

    table: LogTable
    micros: Codes = field(converter=locked)
    watched: Codes = field(converter=locked)
    causes: NDArray[np.int8] = field(converter=locked)
    is_known: Mask = field(converter=locked)
    exclusions: tuple[tuple[str, int], ...]
    until: int
    lasted: Codes | None = field(default=None, converter=optional(locked))


@frozen(kw_only=True)
class Ends:
    """Between which columns of a table of tickets a time runs.

    Parameters
    ----------
    start, end : str
        Columns of the instants.
    also : tuple of str
        Columns that stand for `end` where it has no instant; the first that is known counts.
    others : tuple of str
        Columns of instants at which it ended in another way; the first that is known counts.
    status : str
        Column of the status; what was merged, spam or abandoned ended in another way.
    marks : tuple of str
        Further columns of instants, which must be there.
    beside : tuple of str
        Further columns that are read if they are there.
    at_once : bool
        Whether what ends before it begins ended at once; else such rows are not known.
    """

    start: str = "occurred_at"
    end: str = "solved_at"
    also: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    status: str = "status"
    marks: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    at_once: bool = False


def read_waits(
    tickets: object,
    ends: Ends,
    *,
    until: datetime | None = None,
    calendar: BusinessCalendar | None = None,
    groups: Iterable[object] = (),
    tz: Zone = "UTC",
) -> Waits:
    """Time between two columns of a table of tickets.

    Parameters
    ----------
    tickets : table
        One row a ticket: what `tickets` made, or any frame.
    ends : Ends
        The columns.
    until : datetime or None
        End of what is known; None for the latest stamp in these columns.
    calendar : BusinessCalendar or None
        Hours that count; None for all.
    groups : iterable
        What groups are made of; columns of the table are read along.
    tz : str or tzinfo
        Zone of times that have none.

    Returns
    -------
    Waits
        One row a ticket. Those that are over before they began are not known, and its table notes
        how many they are.

    Raises
    ------
    UsageError
        A column is not there, or `until` is given for a log that was cut already.

    Examples
    --------
    >>> table = {
    ...     "occurred_at": np.array(["2026-11-02T09:00"] * 2, "datetime64[us]"),
    ...     "solved_at": np.array(["2026-11-02T11:00", "NaT"], "datetime64[us]"),
    ... }
    >>> waits = read_waits(table, Ends())
    >>> (waits.micros // 1_000_000).tolist(), waits.causes.tolist()
    ([7200, 7200], [1, 0])
    """
    table = ticket_table(tickets, ends, groups=groups, tz=tz)
    start, end = _stamps(table, ends.start), _first_known(table, (ends.end, *ends.also))
    other = _first_known(table, ends.others)
    other = np.where(end == NO_TIME, other, NO_TIME)
    end, other = _by_status(table, ends.status, end, other)
    cut = _until(tickets, until, (start, end, other))
    if ends.at_once:
        end = np.where(end == NO_TIME, end, np.maximum(end, start))
    stop, causes = _stops(end, other, cut, is_given=until is not None)
    is_known, exclusions = _possible(start, stop, cut, is_given=until is not None)
    too_soon = tuple((_TOO_SOON, count) for why, count in exclusions if why == _BACKWARDS)
    latest = np.full(start.size, cut)
    micros, watched = (
        _lengths(calendar, start, to, is_known) for to in (stop, np.maximum(latest, stop))
    )
    return Waits(
        table=evolve(table, notes=(*table.notes, *too_soon)),
        micros=micros,
        watched=watched,
        causes=causes,
        is_known=is_known,
        exclusions=exclusions,
        until=cut,
    )


def _lengths(calendar: BusinessCalendar | None, start: Codes, stop: Codes, is_known: Mask) -> Codes:
    """Open time of the rows that are known; nothing for the others."""
    lengths = np.zeros(start.size, np.int64)
    pair = (part[is_known].astype("datetime64[us]") for part in (start, stop))
    lengths[is_known] = open_microseconds(calendar, *pair)
    return lengths


def ticket_table(
    tickets: object, ends: Ends, *, groups: Iterable[object] = (), tz: Zone = "UTC"
) -> LogTable:
    """The columns of the tickets that a figure is made from.

    Parameters
    ----------
    tickets : table
        One row a ticket.
    ends : Ends
        Columns that hold instants; those of other ends need not be there.
    groups : iterable
        Names of further columns; what is no text is passed over.
    tz : str or tzinfo
        Zone of times that have none.

    Returns
    -------
    LogTable
        With the instants in UTC.

    Raises
    ------
    UsageError
        The data is no table, or a column is not there.
    """
    named = [name for name in _flat(groups) if isinstance(name, str)]
    more = (*ends.also, *ends.others)
    wanted = Wanted(
        needed={
            ends.start: "the opening",
            ends.end: "the end",
            **dict.fromkeys(ends.marks, "an instant"),
        },
        optional=(*more, ends.status, *ends.beside),
        times=(ends.start, ends.end, *more, *ends.marks),
        by=named,
        zone=tz,
    )
    return read_log(tickets, wanted, what="the tickets")


def _flat(groups: Iterable[object]) -> Iterable[object]:
    for group in groups:
        if isinstance(group, Mapping):
            yield from group.values()
        elif isinstance(group, list | tuple):
            yield from group
        else:
            yield group


def _stamps(table: LogTable, name: str) -> Codes:
    """Instants of a column in microseconds; none at all where there is no such column."""
    if name not in table.names:
        return np.full(len(table), NO_TIME, np.int64)
    column = table.column(name)
    micros = column.values.astype("datetime64[us]").astype(np.int64)
    return np.where(column.is_missing, NO_TIME, micros)


def _first_known(table: LogTable, names: Iterable[str]) -> Codes:
    """First instant that is known of each row."""
    found = np.full(len(table), NO_TIME, np.int64)
    for name in names:
        found = np.where(found == NO_TIME, _stamps(table, name), found)
    return found


def _by_status(table: LogTable, status: str, end: Codes, other: Codes) -> tuple[Codes, Codes]:
    """Ends of what was merged, spam or abandoned are no ends as they should be."""
    if status not in table.names:
        return end, other
    is_other = word_codes(table.column(status), STATES, len(table)) > CLOSED
    moved = is_other & (end != NO_TIME)
    return np.where(is_other, NO_TIME, end), np.where(moved, end, other)


def _until(tickets: object, until: datetime | None, stamps: tuple[Codes, ...]) -> int:
    if isinstance(tickets, Tickets):
        if until is not None:
            raise UsageError(
                "These tickets come from a log that has an end of its own.",
                hint="tickets(events, until=...) cuts the log itself",
            )
        return tickets.until
    if until is not None:
        return microseconds(until)
    return max((int(part.max()) for part in stamps if part.size), default=0)


def _stops(end: Codes, other: Codes, cut: int, *, is_given: bool) -> tuple[Codes, NDArray[np.int8]]:
    """Where each time stops, and why; what lies behind the cut has not happened."""
    last = cut - 1 if is_given else cut
    is_done = (end != NO_TIME) & (end <= last)
    is_other = (other != NO_TIME) & (other <= last) & ~is_done
    stop = np.where(is_done, end, np.where(is_other, other, cut))
    return stop, np.select([is_done, is_other], [DONE, OTHERWISE], GOES_ON).astype(np.int8)


def _possible(
    start: Codes, stop: Codes, cut: int, *, is_given: bool
) -> tuple[Mask, tuple[tuple[str, int], ...]]:
    """Rows that make sense, and why others do not."""
    keep = np.ones(start.size, np.bool_)
    why = {}
    for reason, out in (
        ("no opening", start == NO_TIME),
        ("opened after the cut", (start >= cut) if is_given else np.zeros(start.size, np.bool_)),
        (_BACKWARDS, stop < start),
    ):
        why[reason] = int((out & keep).sum())
        keep &= ~out
    return keep, tuple((reason, count) for reason, count in why.items() if count)


def read_state_times(
    tickets: Tickets,
    states: Iterable[str],
    *,
    calendar: BusinessCalendar | None = None,
) -> Waits:
    """Time that each ticket has spent in some of its states.

    Parameters
    ----------
    tickets : Tickets
        Made from a log of events.
    states : iterable of str
        Such as ``new``, ``open`` and ``on_hold``.
    calendar : BusinessCalendar or None
        Hours that count; None for all.

    Returns
    -------
    Waits
        Over for a ticket that is settled; it goes on for the others.

    Raises
    ------
    UsageError
        The tickets do not come from a log.

    Examples
    --------
    >>> from cxm_core.columns import read_tickets
    >>> log = {
    ...     "ticket": [1, 1, 1], "status": ["new", "pending", "solved"],
    ...     "occurred_at": np.array(
    ...         ["2026-11-02T09:00", "2026-11-02T10:00", "2026-11-04T09:00"], "datetime64[us]"
    ...     ),
    ... }
    >>> made = read_tickets(log)
    >>> read_state_times(made, ["new", "open"]).micros.tolist()
    [3600000000]
    """
    if not isinstance(tickets, Tickets):
        raise UsageError(
            "How long a ticket was in a state is told by its events only.",
            hint="tickets(events), and then the figure of what it returns",
        )
    spans = tickets.span_codes
    here = np.isin(spans["state"], [STATES.index(state) for state in states])
    pair = (spans[part][here].astype("datetime64[us]") for part in ("start", "end"))
    lengths = open_microseconds(calendar, *pair)
    micros = np.bincount(spans["ticket"][here], lengths, len(tickets)).astype(np.int64)
    status = word_codes(tickets.column("status"), STATES, len(tickets))
    over = _stamps(tickets, "ended_at")
    end = np.where(over == NO_TIME, tickets.until, over)
    return Waits(
        table=plain_table(tickets),
        micros=micros,
        watched=micros,
        causes=np.where(status >= SOLVED, DONE, GOES_ON).astype(np.int8),
        is_known=np.ones(len(tickets), np.bool_),
        exclusions=(),
        until=tickets.until,
        lasted=np.maximum(end - _stamps(tickets, "occurred_at"), 0),
    )


def plain_table(tickets: Tickets) -> LogTable:
    """The tickets as a plain table, with the rule by which they were made."""
    return LogTable(
        columns=tickets.columns,
        steps=tickets.steps,
        exclusions=tickets.exclusions,
        parameters=tickets.parameters,
        notes=tickets.notes,
    )
