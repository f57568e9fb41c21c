"""What the store holds of tickets, contacts and touches, as tables that the engines read.

Ids are those of their sources: each stands behind the name of its source here, so that two
helpdesks never share a ticket.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable, Wanted, read_log
from cxm_core.records import describe, record_class
from cxm_core.store import Store
from cxm_core.vocabulary import CUSTOMER_KEY, Window

__all__ = [
    "KINDS",
    "NOTED",
    "View",
    "behind",
    "contact_log",
    "event_log",
    "events_of",
    "has_column",
    "rows_of",
    "ticket_log",
]

#: Kinds of records behind each log.
KINDS = {
    "tickets": ("ticket",),
    "issues": ("interaction", "ticket"),
    "journeys": ("interaction", "order", "deal", "ticket"),
}
#: Numbers that a source may note about a contact, as attributes of it.
NOTED = ("transfers", "authentications", "wait_s", "active_s", "handle_s")

_ATTRIBUTES = "attributes."
_STAMPS = ("solved_at", "closed_at")
_OF_TICKET = ("channel", "reason", "priority", "team", "owner", "status", "due_at", *_STAMPS)
_OF_EVENT = ("ticket", "event", "status", "old", "new", "actor", "staff", "channel", "is_public")
_OF_CONTACT = (
    *("channel", "direction", "actor", "reason", "text"),
    *("reply_to", "ticket", "issue", "ended_at"),
)
_MAYBE = ("actor", "direction", "reply_to", "issue", "ended_at", "reason", "text")
_OF_STEP = ("activity", "touchpoint", "journey", "stage", "channel", "actor", "session", "order")
# Which activity a record of another kind is, and the column that holds its own id.
_ACTS = {
    "interaction": (None, "native_id"),
    "order": ("order", "order"),
    "deal": ("deal", "native_id"),
    "ticket": ("help", "ticket"),
}
_KEYS = ("source", "native_id", "is_deleted", "occurred_at", CUSTOMER_KEY)
# The store holds each event once, and its ticket says whose it is.
_KEYS_OF_EVENT = ("source", "is_deleted", "occurred_at")
_IDS = ("native_id", "ticket", "reply_to", "issue", "order", "session", "interaction")
_TIMES = ("occurred_at", "ended_at", "due_at", *_STAMPS)


@frozen(kw_only=True)
class View:
    """What of the store is looked at.

    Parameters
    ----------
    store : Store
        Where the records are.
    window : Window or None
        When a ticket was opened; None for all there is. Contacts and touches are read whole: what
        is one issue or one case is known only then.
    as_of : datetime or None
        State of knowledge; None for the newest.
    more : tuple of str
        Further columns, or attributes, that are wanted of each.
    """

    store: Store
    window: Window | None = None
    as_of: datetime | None = None
    more: tuple[str, ...] = ()

    def table(self, kind: str, names: Iterable[str], *, keys: tuple[str, ...] = _KEYS) -> LogTable:
        """Records of a kind that are there, with ids behind their sources.

        A column that the kind does not have is empty.
        """
        wanted = tuple(dict.fromkeys((*keys, *names)))
        known = [name for name in wanted if has_column(kind, name)]
        read = self.store.read(kind, columns=known, window=self.window, as_of=self.as_of)
        log = read_log(read, Wanted(needed=dict.fromkeys(known, kind), times=_TIMES), what=kind)
        columns = {name: log.columns.get(name, _nothing(len(log))) for name in wanted}
        sources = columns["source"].values
        columns |= {
            name: behind(sources, columns[name]) for name in _IDS if columns.get(name) is not None
        }
        owner = {"customer": columns[CUSTOMER_KEY]} if CUSTOMER_KEY in columns else {}
        table = LogTable(columns=columns | owner)
        return rows_of(table, ~table.column("is_deleted").values.astype(bool))

    def whole(self) -> View:
        """The same without a window."""
        return evolve(self, window=None)


def has_column(kind: str, name: str) -> bool:
    """Whether records of a kind have a column; any attribute may be there."""
    is_key = name == CUSTOMER_KEY or name.startswith(_ATTRIBUTES)
    return is_key or describe(record_class(kind)).field(name) is not None


def rows_of(table: LogTable, which: NDArray[Any]) -> LogTable:
    """Some rows of a table, by a mask or their places."""
    columns = {
        name: evolve(column, values=column.values[which], is_missing=column.is_missing[which])
        for name, column in table.columns.items()
    }
    return evolve(table, columns=columns)


def ticket_log(view: View) -> tuple[LogTable, LogTable]:
    """Tickets that were opened in the window, and all that ever happened to any ticket."""
    tickets = view.table("ticket", (*_OF_TICKET, *view.more))
    return tickets, view.whole().table("ticket_event", _OF_EVENT, keys=_KEYS_OF_EVENT)


def events_of(events: LogTable, tickets: LogTable) -> LogTable:
    """What happened to these tickets.

    Where a source stamps a ticket as solved and has no event that says so, the stamp is the event.
    """
    own = rows_of(events, _among(events.column("ticket"), tickets.column("native_id")))
    status = own.column("status").values
    solved = rows_of(own, np.asarray(status == "solved", np.bool_))
    is_told = _among(tickets.column("native_id"), solved.column("ticket"))
    stamped = rows_of(tickets, ~tickets.column("solved_at").is_missing & ~is_told)
    words = {name: _texts(["solved"] * len(stamped)) for name in ("status", "new")}
    columns = dict.fromkeys(own.names, _nothing(len(stamped))) | {
        **words,
        "event": _texts(["status"] * len(stamped)),
        "ticket": stamped.column("native_id"),
        "occurred_at": stamped.column("solved_at"),
    }
    return _stacked([own, LogTable(columns=columns)], own.names)


def contact_log(view: View, *, until: datetime) -> LogTable:
    """Contacts of customers, on whatever channel: touches, and tickets of which none is known.

    Touches of one ticket answer each other, and belong to what the ticket belongs to. A ticket
    that is not over yet goes on until the end of what is known.
    """
    names = (*_OF_CONTACT, *map(_attribute, NOTED), *view.more)
    touches = view.whole().table("interaction", names)
    tickets = view.whole().table("ticket", (*names, *_STAMPS))
    tickets = evolve(tickets, columns={**tickets.columns, "ended_at": _ended(tickets, until)})
    is_told = _among(tickets.column("native_id"), touches.column("ticket"))
    parts = [_linked(touches, tickets), rows_of(tickets, ~is_told)]
    table = _stacked(parts, ("customer", "occurred_at", "native_id", *names))
    numbers = {name: _number(table.column(_attribute(name))) for name in NOTED}
    dropped = {*map(_attribute, NOTED), *_MAYBE} - {*view.more}
    columns = {name: of for name, of in table.columns.items() if name not in dropped}
    told = {**numbers, **{name: table.column(name) for name in _MAYBE}}
    # What nobody notes is no column, so that nothing is made of it.
    columns |= {name: of for name, of in told.items() if not of.is_missing.all()}
    return evolve(table, columns=columns)


def event_log(view: View) -> LogTable:
    """Touches, orders and calls for help as steps of journeys, each with its activity."""
    names = (*_OF_STEP, "ticket", *view.more)
    parts = [_acting(view.whole().table(kind, names), *act) for kind, act in _ACTS.items()]
    return _stacked(parts, ("customer", "occurred_at", "native_id", *names))


def _ended(tickets: LogTable, until: datetime) -> Column:
    """When each ticket was solved, or closed without it; until now where it is open."""
    solved, closed = (tickets.column(name) for name in _STAMPS)
    end = np.datetime64(until.astimezone(UTC).replace(tzinfo=None), "us")
    values = np.where(closed.is_missing, end, closed.values)
    values = np.where(solved.is_missing, values, solved.values)
    return Column(values=values, is_missing=np.zeros(len(tickets), np.bool_), is_utc=True)


def _attribute(name: str) -> str:
    return _ATTRIBUTES + name


def _nothing(n: int) -> Column:
    return Column(values=np.full(n, None, object), is_missing=np.ones(n, np.bool_))


def behind(sources: NDArray[Any], column: Column) -> Column:
    """Ids with the names of their sources before them."""
    ids = [
        None if gone else f"{source} {own}"
        for source, own, gone in zip(sources, column.values, column.is_missing, strict=True)
    ]
    return evolve(column, values=np.array(ids, object))


def _among(column: Column, others: Column) -> NDArray[np.bool_]:
    """Rows whose value is one of another column's."""
    known = set(others.values[~others.is_missing].tolist())
    return np.fromiter((one in known for one in column.values.tolist()), bool, len(column))


def _linked(touches: LogTable, tickets: LogTable) -> LogTable:
    """Touches of a ticket with its issue, each answering the one before unless it says which."""
    ids, issues = (tickets.column(name).values.tolist() for name in ("native_id", "issue"))
    of_ticket = dict(zip(ids, issues, strict=True))
    told = touches.column("ticket").values.tolist()
    issue = [of_ticket.get(ticket) for ticket in told]
    order = np.argsort(touches.column("occurred_at").values, kind="stable").tolist()
    own, answers = (touches.column(name).values.tolist() for name in ("native_id", "reply_to"))
    last: dict[str, str] = {}
    for row in order:
        if told[row] is not None:
            answers[row] = answers[row] or last.get(told[row])
            last[told[row]] = own[row]
    columns = {"issue": _texts(issue), "reply_to": _texts(answers)}
    return evolve(touches, columns={**touches.columns, **columns})


def _acting(table: LogTable, otherwise: str | None, own: str) -> LogTable:
    """The table with an activity in each row: its own, its touchpoint, or what it is."""
    told, place = (table.column(name).values.tolist() for name in ("activity", "touchpoint"))
    acts = [one or other or otherwise for one, other in zip(told, place, strict=True)]
    more = {"activity": _texts(acts), own: table.column("native_id")}
    return evolve(table, columns={**table.columns, **more})


def _texts(values: Sequence[str | None]) -> Column:
    array = np.empty(len(values), object)
    array[:] = values
    return Column(values=array, is_missing=np.array([one is None for one in values], np.bool_))


def _number(column: Column) -> Column:
    """Numbers that stand as texts among the attributes; what is none is missing."""
    values = np.full(len(column), np.nan)
    for row in np.flatnonzero(~column.is_missing):
        values[row] = _float(column.values[row])
    return Column(values=values, is_missing=np.isnan(values))


def _float(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return np.nan


def _stacked(parts: Collection[LogTable], names: Sequence[str]) -> LogTable:
    """Rows of several tables beneath each other."""
    columns = {}
    for name in dict.fromkeys(names):
        pieces = [part.column(name) for part in parts if len(part)]
        columns[name] = _joined(pieces) if pieces else _nothing(0)
    return LogTable(columns=columns)


def _joined(pieces: Sequence[Column]) -> Column:
    told = [piece for piece in pieces if not piece.is_missing.all()] or list(pieces[:1])
    kinds = {piece.values.dtype for piece in told}
    kind = kinds.pop() if len(kinds) == 1 else np.dtype(object)
    # A column that says nothing has no type of its own.
    values = [
        np.zeros(len(piece), kind) if piece.is_missing.all() else piece.values.astype(kind)
        for piece in pieces
    ]
    is_missing = np.concatenate([piece.is_missing for piece in pieces])
    is_utc = all(piece.is_utc for piece in told)
    return Column(values=np.concatenate(values), is_missing=is_missing, is_utc=is_utc)
