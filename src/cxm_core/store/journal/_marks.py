"""What the store remembers of its journal: how far it is folded, and what was told of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from cxm_core.records import canonical_json
from cxm_core.store._driver import run
from cxm_core.store._sql import stored_instant

from ._batches import JournalFlaw
from ._reading import Mark, Marks

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_RENAMED = "source_renamed"
_FLAWED = "journal_flaw"
_EVENTS = 'SELECT "at", detail FROM cxm_event WHERE event = $event ORDER BY "at", rowid'


def marks_of(con: DuckDBPyConnection) -> Marks:
    """How much of each writer's journal the store holds."""
    sql = "SELECT writer, number, segment, size, written_at FROM cxm_folded"
    return {
        writer: Mark(number, segment, size, at.replace(tzinfo=UTC))
        for writer, number, segment, size, at in run(con, sql)
    }


def next_moment(con: DuckDBPyConnection, now: datetime) -> datetime:
    """When something is written now: later than all that is folded, even if a clock fell back."""
    ((latest,),) = run(con, "SELECT max(written_at) FROM cxm_folded")
    return now if latest is None else max(now, latest.replace(tzinfo=UTC) + _TICK)


def set_marks(con: DuckDBPyConnection, marks: Marks) -> None:
    """Remember how much of the journal of some writers the store holds."""
    values: dict[str, list[object]] = {
        "writer": list(marks),
        "number": [mark.number for mark in marks.values()],
        "segment": [mark.segment for mark in marks.values()],
        "size": [mark.end for mark in marks.values()],
        "at": [stored_instant(mark.written_at) for mark in marks.values()],
    }
    run(con, _FORGET_MARKS, writer=values["writer"])
    run(con, _ADD_MARKS, **values)


_TICK = timedelta(microseconds=1)
_FORGET_MARKS = "DELETE FROM cxm_folded WHERE list_contains($writer::VARCHAR[], writer)"
_ADD_MARKS = """
INSERT INTO cxm_folded SELECT unnest($writer::VARCHAR[]), unnest($number::BIGINT[]),
    unnest($segment::BIGINT[]), unnest($size::BIGINT[]), unnest($at::TIMESTAMP[])
"""


class Event(NamedTuple):
    """Something that befell the store: when, what, and what can be told of it."""

    at: datetime
    event: str
    detail: object


def add_event(con: DuckDBPyConnection, one: Event) -> None:
    """Write down what befell the store."""
    sql = "INSERT INTO cxm_event VALUES ($at, $event, $detail)"
    detail = canonical_json(one.detail)
    run(con, sql, at=stored_instant(one.at), event=one.event, detail=detail)


def add_rename(con: DuckDBPyConnection, at: datetime, names: tuple[str, str]) -> None:
    """Write down that a source has another name: the old one and the new one."""
    add_event(con, Event(at, _RENAMED, names))


class Names:
    """Names that sources had, and have now."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self._renames: list[tuple[datetime, str, str]] = []
        for at, detail in run(con, _EVENTS, event=_RENAMED):
            self.add(at.replace(tzinfo=UTC), *json.loads(detail))

    def add(self, at: datetime, old: str, new: str) -> None:
        """Learn of another name."""
        self._renames.append((at, old, new))

    def present(self, source: str, at: datetime) -> str:
        """Present name of what was called so then."""
        for renamed_at, old, new in self._renames:
            if source == old and at < renamed_at:
                source = new
        return source


class Told:
    """Flaws are told once; what only a newer library can read, every time."""

    def __init__(self, con: DuckDBPyConnection, now: datetime) -> None:
        self._con = con
        self._now = now
        self._known = {detail for _, detail in run(con, _EVENTS, event=_FLAWED)}
        self.flaws: list[JournalFlaw] = []

    def tell(self, flaw: JournalFlaw) -> None:
        """Tell of a flaw, if it is news."""
        values: Mapping[str, object] = flaw.to_dict()
        detail = canonical_json(values)
        if detail not in self._known:
            self._known.add(detail)
            add_event(self._con, Event(self._now, _FLAWED, values))
        elif flaw.reason != "newer":
            return
        self.flaws.append(flaw)
