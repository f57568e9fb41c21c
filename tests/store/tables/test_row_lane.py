"""The row lane: what becomes of rows that the columns did not take, and in which form they stay."""

from __future__ import annotations

import gc
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cxm_core.records import Cell, Reader, RowMapping, Table
from cxm_core.store import QuarantineEntry
from cxm_core.store._quarantine import RAW_LIMIT, digest
from cxm_core.store.tables._columns import Stamps
from cxm_core.store.tables._raw import RawRow
from cxm_core.store.tables._row_lane import Judged, RowLane
from cxm_core.store.tables._verdicts import DEFER
from cxm_core.testing import PERSONAL_MARKER

NOW = datetime(2026, 11, 21, tzinfo=UTC)
STAMPS = Stamps(source="files:a", known_at=NOW)
CELLS = (
    ("native_id", Cell(template="{id}")),
    ("occurred_at", Cell(template="{at}", zone="UTC")),
    ("text", Cell(template="{said.text}")),
)
NOTES = RowMapping(kind="note", cells=CELLS)
ROW = {"id": 7, "at": "2026-11-05", "said": {"text": "one", "n": 1.5}}
TOLD = "bad_pattern:native_id"


def judged(
    *served: Any,
    verdict: str = DEFER,
    mapping: RowMapping = NOTES,
    aliases: dict[str, tuple[str, ...]] | None = None,
) -> Judged:
    """What becomes of rows or lines."""
    reader = Reader(format="jsonl", paths=("a.jsonl",))
    table = Table(stream="rows", reader=reader, mappings=(mapping,), aliases=aliases or {})
    rows = [RawRow(number, f"r{number}", one, verdict) for number, one in enumerate(served, 1)]
    return RowLane(table, STAMPS).judge("a.jsonl", mapping, rows)


def entry(served: Any, verdict: str = DEFER, mapping: RowMapping = NOTES) -> QuarantineEntry:
    """The one entry that a row or a line becomes."""
    found = judged(served, verdict=verdict, mapping=mapping)
    assert not found.records
    (one,) = found.entries
    return one


class TestDeferred:
    """Rows that only Python reads."""

    def test_a_line_and_its_row_are_one_record(self) -> None:
        """A line of JSON becomes the record that its row of texts becomes."""
        line = json.dumps(ROW)
        texts = {"id": "7", "at": "2026-11-05", "said.text": "one"}
        (from_line,), (from_texts,) = judged(line).records, judged(texts).records
        assert from_line == from_texts
        assert from_line.native_id == "7"

    def test_other_names(self) -> None:
        """A line may have a column under its other name, also within another."""
        line = '{"key": 7, "at": "2026-11-05", "note": {"words": "one"}}'
        aliases = {"id": ("key",), "said.text": ("words", "note.words")}
        (found,) = judged(line, aliases=aliases).records
        assert (found.native_id, found.model_dump()["text"]) == ("7", "one")

    def test_the_source_is_that_of_the_table(self) -> None:
        """Whatever a row says of its source, it came from the one that serves it."""
        lying = RowMapping(kind="note", cells=(*CELLS, ("source", Cell(template="{from}"))))
        line = json.dumps({**ROW, "from": "elsewhere:b"})
        (found,) = judged(line, mapping=lying).records
        assert found.source == STAMPS.source

    def test_a_page_in_order(self) -> None:
        """Records and entries stand in the order of the rows; none is lost."""
        lines = [
            json.dumps({**ROW, "id": n, "at": "2026-11-05" if n % 3 else ""}) for n in range(9)
        ]
        found = judged(*lines)
        assert [one.native_id for one in found.records] == ["1", "2", "4", "5", "7", "8"]
        assert [one.position for one in found.entries] == ["a.jsonl:1", "a.jsonl:4", "a.jsonl:7"]
        assert {one.record_id for one in found.entries} == {"r1", "r4", "r7"}

    def test_the_collector_runs_again(self) -> None:
        """After a page the collector does what it did before."""
        assert gc.isenabled()
        judged("{", json.dumps(ROW))
        assert gc.isenabled()


class TestRawForm:
    """What is kept of a row that is no record."""

    @pytest.mark.parametrize("verdict", [DEFER, TOLD])
    def test_an_object_is_kept_as_it_was_served(self, verdict: str) -> None:
        """A line that is an object is the raw form, to the letter, and its row is nested."""
        line = ' {"id": 7,"said" : {"text": "\\u00e9 é \\ud83d\\ude00", "n": 1.50}} '
        found = entry(line, verdict)
        assert (found.raw, found.is_cut) == (line, False)
        assert found.row == {"id": 7, "said": {"text": "é é \U0001f600", "n": 1.5}}
        assert found.fingerprint == digest("note", "rows", '["note","{id}"]', line)

    @pytest.mark.parametrize("verdict", [DEFER, TOLD])
    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("not json", "wrong_type"),
            ("[1]", "bad_row"),
            ('"text"', "bad_row"),
            ('{"id": 7, "x": NaN}', "non_finite"),
            ('{"id": 7, "id": 7}', "duplicate_key"),
            ('{"id": 7, "z": {"c": 1, "c": 2}}', "duplicate_key"),
            ('{"id": 7,}', "wrong_type"),
            ('{"id": 7, "x": nan}', "wrong_type"),
            ('{"id": ' + "[" * 201 + "]" * 201 + "}", "too_deep"),
        ],
    )
    def test_what_is_no_object_is_kept_as_a_text(
        self, line: str, reason: str, verdict: str
    ) -> None:
        """A line without one meaning is kept as text, whatever its columns were taken for."""
        found = entry(line, verdict)
        assert (found.reason, found.field, found.row) == (reason, None, None)
        assert json.loads(found.raw) == line

    def test_a_row_of_texts(self) -> None:
        """A row of a table is kept as an object of its texts."""
        found = entry({"id": "7", "at": None, "é": "x"})
        assert found.raw == '{"id": "7", "at": null, "é": "x"}'

    def test_half_a_character_comes_back(self) -> None:
        """An escaped half of a character stays escaped in the raw form, and is there in the row."""
        found = entry('{"id": 7, "x": "\\ud800"}')
        assert found.raw.isascii()
        assert found.row == {"id": 7, "x": "\ud800"}

    @pytest.mark.parametrize("verdict", [DEFER, TOLD])
    def test_a_long_line_is_cut(self, verdict: str) -> None:
        """Of a long line a beginning stays, as a text, and two such lines are told apart."""
        long, longer = ('{"id": 7, "x": "' + "é" * size + '"}' for size in (9_000, 9_001))
        found = entry(long, verdict)
        assert (found.is_cut, found.row) == (True, None)
        assert len(found.raw) <= RAW_LIMIT
        assert long.startswith(json.loads(found.raw))
        assert entry(longer, verdict).entry_id != found.entry_id

    def test_two_mappings_of_one_row(self) -> None:
        """Two mappings of one row set it aside twice; the same mapping knows it again."""
        other = RowMapping(kind="note", cells=(("native_id", Cell(template="{key}")), *CELLS[1:]))
        line = '{"id": 7, "key": 8, "at": "soon"}'
        found = [entry(line, mapping=one) for one in (NOTES, other, NOTES)]
        assert found[0].raw == found[1].raw
        assert found[0].entry_id != found[1].entry_id
        assert found[0] == found[2]

    @pytest.mark.parametrize("verdict", [DEFER, TOLD])
    def test_nobodys_words(self, verdict: str) -> None:
        """What is told of a line holds none of it, and no repr does."""
        line = json.dumps({"id": PERSONAL_MARKER, "at": PERSONAL_MARKER, "said": PERSONAL_MARKER})
        found = entry(line, verdict)
        row = RawRow(1, None, line, verdict)
        assert PERSONAL_MARKER not in repr(found) + found.message + found.position + repr(row)


class TestVerdicts:
    """Rows whose columns were judged."""

    @pytest.mark.parametrize("served", [json.dumps(ROW), {"id": "7"}])
    def test_the_verdict_stands(self, served: Any) -> None:
        """A row keeps the verdict of its columns, with the sentence of the description."""
        found = entry(served, "out_of_range:occurred_at")
        assert (found.reason, found.field) == ("out_of_range", "occurred_at")
        assert found.message == (
            "occurred_at is outside 1900-01-01 00:00:00+00:00 to 2200-12-31 23:59:59.999999+00:00."
        )

    def test_each_verdict_has_its_own_sentence(self) -> None:
        """Two verdicts of one page are told apart, and so are two kinds of record."""
        verdicts = ["missing_field:text", "missing_field:occurred_at"]
        told = [entry("{}", verdict).message for verdict in verdicts]
        assert told == ["text is missing.", "occurred_at is missing."]
