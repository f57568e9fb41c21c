"""A source that keeps all it ever says, page by page, and serves from where a state stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from attrs import define, evolve, field, frozen
from hypothesis import strategies as st
from pydantic import BaseModel

from cxm_core.plugins import Checkpoint, CheckReport, Info, Item, ReadRequest, Rejected, StreamInfo
from cxm_core.records import Cell, Note, Problem, Reader, Reason, Record, RowMapping, Table
from cxm_core.store import arrow_table
from cxm_core.testing import TestClock
from reliability.model import OCCURRED, Event

START = TestClock().now
MENDED = START + timedelta(days=1.5)
_AT = Cell(template="{at}")
_ID, _STAMP = Cell(template="{id}"), Cell(template="{stamp}")
_NOTES = RowMapping(
    kind="note",
    cells=(
        ("native_id", _ID),
        ("occurred_at", _AT),
        ("recorded_at", _STAMP),
        ("text", Cell(template="{text}")),
    ),
)
_GONE = RowMapping(
    kind="deletion",
    cells=(("native_id", _ID), ("recorded_at", _STAMP)),
    constants=(("kind", "note"),),
)
_COLUMNS = ("id", "at", "stamp", "text", "words")
Form = Literal["records", "notes", "deletions"]


@frozen
class Bad:
    """A row that is no record, with or without an id in it."""

    words: str
    row_id: str | None


@frozen
class Page:
    """What is served before one checkpoint: as records, or as one table."""

    events: tuple[Event, ...]
    bad: tuple[Bad, ...]
    form: Form = "records"

    def items(self) -> Iterator[Item]:
        """All that stands on the page."""
        if self.form != "records":
            yield self._table()
            return
        yield from (event.record for event in self.events)
        for one in self.bad:
            raw = {"id": one.row_id, "words": one.words}
            problem = Problem(Reason.BAD_ROW, None, "The row cannot be read.")
            yield Rejected(kind="note", raw=raw, problem=problem, native_id=one.row_id)

    def _table(self) -> Table:
        at = OCCURRED.isoformat()
        rows = [
            [event.native_id, at, event.stamp and event.stamp.isoformat(), event.text, None]
            for event in self.events
        ]
        rows += [[one.row_id, "never", None, None, one.words] for one in self.bad]
        mapping = _NOTES if self.form == "notes" else _GONE
        return Table(
            stream="notes",
            reader=Reader(format="object"),
            mappings=(mapping,),
            data=arrow_table(dict.fromkeys(_COLUMNS, "text"), rows),
        )


@define
class Outbox:
    """The source: its name, its pages, and how many of them the store has for good."""

    name: str
    pages: list[Page] = field(factory=list)
    done: int = 0

    info = Info(name="outbox", version="1", config=BaseModel)

    def streams(self) -> tuple[StreamInfo, ...]:
        """Tell of the one stream."""
        return (StreamInfo(name="notes", kinds=("note",)),)

    def check(self) -> CheckReport:
        """Answer for whatever account nobody names."""
        return CheckReport(account=None)

    def read(
        self, stream: str, state: Mapping[str, Any] | None, request: ReadRequest
    ) -> Iterator[Item]:
        """Serve what the state does not cover."""
        for number in range(state["at"] if state else 0, len(self.pages)):
            yield from self.pages[number].items()
            yield Checkpoint({"at": number + 1})

    def reread(self, kind: str, row: Mapping[str, Any], *, position: str) -> list[Record | Problem]:
        """Make a note of a bad row that has an id."""
        if row.get("id") is None:
            return [Problem(Reason.MISSING_FIELD, "native_id", "native_id is missing.")]
        note = Note(native_id=row["id"], occurred_at=OCCURRED, text="mended", recorded_at=MENDED)
        return [note]


def stamps() -> st.SearchStrategy[datetime | None]:
    """Few stamps, so that ties and late versions are common, and none at all."""
    return st.none() | st.integers(0, 3).map(lambda day: START + timedelta(day))


def events() -> st.SearchStrategy[Event]:
    """Creations, updates, deletions, undeletions, repetitions, ties: all of few notes."""
    return st.builds(Event, st.sampled_from("012"), st.sampled_from(["a", "b", None]), stamps())


def pages() -> st.SearchStrategy[Page]:
    """Pages of records, or tables of notes or of deletions."""
    bad = st.builds(Bad, st.sampled_from("xyz"), st.none() | st.sampled_from("012"))
    drawn = st.builds(
        Page,
        st.lists(events(), max_size=5).map(tuple),
        st.lists(bad, max_size=2).map(tuple),
        st.sampled_from(["records", "records", "notes", "deletions"]),
    )
    return drawn.map(_fitting)


def _fitting(page: Page) -> Page:
    """Page on which nothing stands that its form cannot say, and bad rows of each form apart."""
    told = {"records": (True, False), "notes": (False,), "deletions": (True,)}[page.form]
    events = tuple(event for event in page.events if (event.text is None) in told)
    bad = tuple(Bad(f"{page.form} {one.words} {one.row_id}", one.row_id) for one in page.bad)
    return evolve(page, events=events, bad=() if page.form == "deletions" else bad)
