"""What a frame says: every record comes back as it was, and nothing else is taken for one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_core.records import KINDS, Note, Problem, Reason, to_row
from cxm_core.store.journal import _entries as entries
from cxm_core.store.journal._entries import Entry, JournalRow, journal_row, parts, read_entry
from cxm_core.testing import PERSONAL_MARKER, records

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
WRITER = "0123456789abcdef"
NOTE = Note(native_id="1", occurred_at=AT, text="Kälte \x85 im Saal", source="app", known_at=AT)
ROW = JournalRow(kind="note", cells={"native_id": "1"})


def entry(**values: Any) -> Entry:
    """Entry of one note."""
    known = {"writer": WRITER, "number": 3, "after": 2, "at": AT, "source": "app", "rows": (ROW,)}
    return Entry(**{**known, **values})


def changed(**values: Any) -> bytes:
    """Payload of an entry in which something else stands."""
    return json.dumps({**json.loads(entry().payload()), **values}).encode()


class TestByHand:
    """Payloads that can be read by eye."""

    def test_a_payload_is_json(self) -> None:
        """Anyone can read a payload; the names in it are fixed for ever."""
        assert json.loads(entry().payload()) == {
            "writer": WRITER,
            "number": 3,
            "after": 2,
            "part": 0,
            "is_last": True,
            "at": "2026-11-21T12:00:00+00:00",
            "source": "app",
            "records": [["note", {"native_id": "1"}]],
        }

    def test_a_payload_has_no_spaces_and_its_own_letters(self) -> None:
        """Nothing is spelled out that UTF-8 can hold."""
        row = JournalRow(kind="note", cells={"text": "Kälte, 寒い"})
        assert b'"text":"K\xc3\xa4lte, ' in entry(rows=(row,)).payload()

    def test_a_rename_is_an_entry(self) -> None:
        """A source's new name stands in a frame of its own."""
        renamed = entry(rows=(), rename=("app:old", "app:new"))
        values = json.loads(renamed.payload())
        assert (values["rename"], values["records"]) == (["app:old", "app:new"], [])
        assert read_entry(renamed.payload()) == renamed

    def test_instants_are_written_in_utc(self) -> None:
        """The moment of an entry is the same wherever it is written."""
        there = AT.astimezone(timezone(timedelta(hours=9)))
        assert entry(at=there).payload() == entry().payload()

    def test_empty_columns_are_left_out(self) -> None:
        """A row holds what is known, not what is not; times are texts."""
        cells = journal_row(NOTE).cells
        assert cells["occurred_at"] == "2026-11-21T12:00:00+00:00"
        assert None not in cells.values()
        assert cells["is_deleted"] is False

    def test_a_row_tells_its_source(self) -> None:
        """The source is read from the row; a row without one has none."""
        assert journal_row(NOTE).source == "app"
        assert ROW.source is None
        assert JournalRow(kind="note", cells={"source": 7}).source is None

    def test_a_row_becomes_a_record_under_a_present_name(self) -> None:
        """A source that has another name by now, and a moment that is missing, are filled in."""
        row = journal_row(NOTE)
        later = AT + timedelta(days=1)
        assert row.record() == NOTE
        assert row.record(source="new", known_at=later) == NOTE.stamped(source="new")
        bare = JournalRow(kind="note", cells={**row.cells, "known_at": None})
        del bare.cells["known_at"]  # type: ignore[attr-defined]  # made a line above
        assert bare.record(known_at=later) == NOTE.stamped(known_at=later)

    def test_what_is_no_record_is_a_problem(self) -> None:
        """A kind that nobody knows, or a value that is wrong, is told, and raises nothing."""
        strange = JournalRow(kind="poem", cells={"native_id": "1"}).record()
        assert strange == Problem(
            Reason.BAD_ROW, None, "This library knows no such kind of record."
        )
        wrong = JournalRow(kind="note", cells={"native_id": "1"}).record()
        assert isinstance(wrong, Problem)
        assert wrong.field == "occurred_at"

    def test_no_words_in_a_repr(self) -> None:
        """What a person wrote is in no repr, since that ends up in logs."""
        row = journal_row(Note(native_id="1", occurred_at=AT, text=PERSONAL_MARKER))
        assert PERSONAL_MARKER not in repr(row) + repr(entry(rows=(row,)))

    @pytest.mark.parametrize(
        "payload",
        [
            b"",
            b"{}",
            b"[]",
            b"7",
            b"\xff\xfe",
            b'{"writer":',
            b"[" * 100_000,
            changed(writer=7),
            changed(number="3"),
            changed(number=True),
            changed(number=None),
            changed(after=1.5),
            changed(part="0"),
            changed(is_last=1),
            changed(at="yesterday"),
            changed(at="2026-11-21T12:00:00"),
            changed(at=7),
            changed(source=None),
            changed(records=None),
            changed(records=[["note"]]),
            changed(records=[["note", {}, 3]]),
            changed(records=[[7, {}]]),
            changed(records=[["note", []]]),
            changed(rename=["one"]),
            changed(rename=["one", "two", "three"]),
            changed(rename=["one", 2]),
            changed(rename=[1, "two"]),
        ],
    )
    def test_what_is_no_entry_is_none(self, payload: bytes) -> None:
        """A payload that says something else is not guessed at."""
        assert read_entry(payload) is None

    @pytest.mark.parametrize(
        "name", ["writer", "number", "after", "part", "is_last", "at", "source", "records"]
    )
    def test_every_name_is_needed(self, name: str) -> None:
        """An entry that leaves something out is none."""
        values = json.loads(entry().payload())
        del values[name]
        assert read_entry(json.dumps(values).encode()) is None

    def test_a_batch_is_cut_into_thousands(self) -> None:
        """2,500 records are three pieces; no records are none."""
        assert [len(piece) for piece in parts([ROW] * 2_500)] == [1_000, 1_000, 500]
        assert [len(piece) for piece in parts([ROW] * 2_000)] == [1_000, 1_000]
        assert list(parts([])) == []

    def test_long_texts_make_more_pieces(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A piece ends with the record whose text fills it."""
        assert (entries.MOST_RECORDS, entries.MOST_CHARACTERS) == (1_000, 1_048_576)
        monkeypatch.setattr(entries, "MOST_CHARACTERS", 10)
        row = JournalRow(kind="note", cells={"text": "12345", "weight": 123456789})
        assert [len(piece) for piece in parts([row] * 5)] == [2, 2, 1]


class TestByLaw:
    """Whatever a record holds."""

    @pytest.mark.parametrize("kind", KINDS)
    @settings(max_examples=15)
    @given(data=st.data())
    def test_every_record_comes_back(self, kind: str, data: st.DataObject) -> None:
        """Through the journal and back, a record of any kind is what it was, column by column."""
        record = data.draw(records(kind)).stamped(source="app:own", known_at=AT)
        found = read_entry(entry(rows=(journal_row(record),)).payload())
        assert found is not None
        again = found.rows[0].record()
        assert not isinstance(again, Problem)
        assert to_row(again) == to_row(record)
        assert again == record

    @given(
        st.integers(1, 2**62),
        st.integers(0, 2**62),
        st.integers(0, 9),
        st.booleans(),
        st.datetimes(timezones=st.just(UTC)),
    )
    def test_every_entry_comes_back(
        self, number: int, after: int, part: int, is_last: bool, at: datetime
    ) -> None:
        """An entry that was written is read as it was."""
        written = entry(number=number, after=after, part=part, is_last=is_last, at=at)
        assert read_entry(written.payload()) == written

    @given(st.text(st.characters(), max_size=20))
    def test_half_characters_come_back(self, text: str) -> None:
        """Even what UTF-8 cannot hold is written and read."""
        row = JournalRow(kind="note", cells={"text": text})
        found = read_entry(entry(rows=(row,)).payload())
        assert found is not None
        assert found.rows[0].cells["text"] == text

    @given(st.binary(max_size=60))
    def test_reading_never_fails(self, payload: bytes) -> None:
        """Any payload is an entry or none."""
        assert read_entry(payload) is None

    @given(st.lists(st.integers(0, 8), max_size=40))
    def test_pieces_hold_everything_in_order(self, sizes: list[int]) -> None:
        """However a batch is cut, its records stay in order, and no piece is empty."""
        rows = [
            JournalRow(kind="note", cells={"native_id": str(n), "text": "x" * size})
            for n, size in enumerate(sizes)
        ]
        pieces = list(parts(rows))
        assert [row for piece in pieces for row in piece] == rows
        assert all(pieces)
