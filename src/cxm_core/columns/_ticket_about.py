"""The table of the tickets beside their events: openings, and what is known of each ticket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats import Label
from cxm_core.vocabulary import Zone

from ._objects import Column
from ._ticket_log import NO_TIME, Log, stamps
from ._ticket_names import frame_of
from ._ticket_words import CLOSED, CREATED, NEW, NONE, SOLVED, Codes, joint_codes

_STAMPS = ("occurred_at", "solved_at", "closed_at")
_ID = "native_id"


@frozen(kw_only=True, eq=False)
class About:
    """What the table of the tickets says, row by row.

    Parameters
    ----------
    tickets : Column
        Ids of the tickets.
    at : mapping of str to int64 array (rows,)
        The stamps ``occurred_at``, ``solved_at`` and ``closed_at``, in microseconds.
    kept : mapping of str to Column
        Columns that are kept.
    """

    tickets: Column | None = None
    at: dict[str, Codes] = field(factory=dict)
    kept: dict[str, Column] = field(factory=dict)

    @classmethod
    def of(
        cls, data: object, keep: Iterable[str] = (), *, ticket: str = "ticket", tz: Zone = "UTC"
    ) -> About:
        """Read the table; without one there is nothing to know."""
        if data is None:
            return cls()
        frame = frame_of(data, "the tickets")
        name = _ID if _ID in frame.names else ticket
        stamped = [name for name in _STAMPS if name in frame.names]
        wanted = dict.fromkeys(keep, "keep=")
        opened = frame.select(
            {name: "the tickets' ids", **dict.fromkeys(stamped, "a stamp")} | wanted
        )
        return cls(
            tickets=opened.column(name, "the tickets' ids"),
            at={name: stamps(opened.column(name, name), tz, name) for name in stamped},
            kept={name: opened.column(name, name) for name in wanted},
        )


def joined(log: Log, about: About) -> tuple[Log, Codes]:
    """The log with the openings of the table, and the row of the table of each ticket.

    A ticket of which the log has no event is taken from the stamps of the table.
    """
    if about.tickets is None:
        return log, np.full(len(log.tickets), NONE, np.int64)
    labels, row_of = _matched(log.tickets, about.tickets)
    moved = np.array([labels.index_of[ticket] for ticket in map(_key, log.tickets)], np.int64)
    ticket = moved[log.parts["ticket"]] if len(log.tickets) else log.parts["ticket"]
    _check_met(ticket, row_of)
    log = evolve(log, tickets=labels.labels, parts={**log.parts, "ticket": ticket})
    has_events = np.bincount(ticket, minlength=len(labels.labels)) > 0
    rows = [_created(about, row_of)]
    rows += [_settled(about, row_of, ~has_events, *part) for part in _SETTLINGS]
    return _with_rows(log, rows), row_of


_SETTLINGS = (("solved_at", SOLVED), ("closed_at", CLOSED))


@frozen(eq=False)
class _Labels:
    labels: tuple[Label, ...]
    index_of: dict[tuple[str, Label], int]


def _key(label: Label) -> tuple[str, Label]:
    return type(label).__name__, label


def _matched(tickets: Sequence[Label], column: Column) -> tuple[_Labels, Codes]:
    """Ids of the log and of the table together, and the last row of the table of each."""
    own = np.empty(len(tickets), object)
    own[:] = tickets
    logged = Column(values=own, is_missing=np.zeros(own.size, np.bool_))
    labels, (_, codes) = _joint(logged, column)
    known = codes >= 0
    _check_once(codes[known])
    row_of = np.full(len(labels), NONE, np.int64)
    row_of[codes[known]] = np.flatnonzero(known)
    return _Labels(labels, {_key(label): place for place, label in enumerate(labels)}), row_of


def _check_once(codes: Codes) -> None:
    """Refuse a table that has a ticket twice."""
    told = np.unique(codes).size
    if told < codes.size:
        raise UsageError(
            f"{codes.size - told:,} rows of the table are about a ticket that stood there before.",
            hint="one row a ticket: its newest version",
        )


def _check_met(ticket: Codes, row_of: Codes) -> None:
    """Refuse a table that has no ticket of the log."""
    logged, rows = np.unique(ticket), int((row_of >= 0).sum())
    if logged.size and rows and not (row_of[logged] >= 0).any():
        raise UsageError(
            f"None of the {logged.size:,} tickets of the log is among the {rows:,} of the table.",
            hint="are the ids numbers on one side, and texts on the other?",
        )


def _joint(a: Column, b: Column) -> tuple[tuple[Label, ...], tuple[Codes, Codes]]:
    labels, (first,) = joint_codes([a], len(a))
    more, (second,) = joint_codes([b], len(b))
    both = sorted({*map(_key, labels), *map(_key, more)}, key=lambda k: (k[0], str(k[1])))
    place = {key: i for i, key in enumerate(both)}
    maps = [np.array([*(place[_key(v)] for v in own), NONE], np.int64) for own in (labels, more)]
    return tuple(label for _, label in both), (maps[0][first], maps[1][second])


def _created(about: About, row_of: Codes) -> dict[str, Any]:
    """A row of creation for each ticket whose opening the table knows."""
    at = _at(about, "occurred_at", row_of)
    ticket = np.flatnonzero(at != NO_TIME)
    return {
        "ticket": ticket,
        "at": at[ticket],
        "opened": at[ticket],
        "event": np.full(ticket.size, CREATED),
        "state": np.full(ticket.size, NEW),
    }


def _settled(
    about: About, row_of: Codes, which: NDArray[np.bool_], name: str, state: int
) -> dict[str, Any]:
    """A row of the table's own stamp for each ticket without events."""
    at = _at(about, name, row_of)
    ticket = np.flatnonzero((at != NO_TIME) & which)
    return {"ticket": ticket, "at": at[ticket], "state": np.full(ticket.size, state)}


def _at(about: About, name: str, row_of: Codes) -> Codes:
    if name not in about.at:
        return np.full(row_of.size, NO_TIME, np.int64)
    return np.where(row_of < 0, NO_TIME, about.at[name][row_of])


def _with_rows(log: Log, more: Sequence[dict[str, Any]]) -> Log:
    """The log with rows that only some columns have."""
    empty = {"opened": NO_TIME, "public": True, "order": -np.inf}
    parts = {}
    for name, values in log.parts.items():
        added = [
            np.asarray(rows.get(name, np.full(rows["ticket"].size, empty.get(name, NONE))))
            for rows in more
        ]
        parts[name] = np.concatenate([values, *(part.astype(values.dtype) for part in added)])
    return evolve(log, parts=parts)
