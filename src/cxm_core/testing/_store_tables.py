"""What becomes of described tables: files that are clean, files that are not, streams."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nanoarrow as na
import pytest

from cxm_core.errors import (
    ConfigurationError,
    CxmError,
    NotFound,
    SchemaChanged,
    TruncatedAnswer,
    UsageError,
)
from cxm_core.records import Cell, Reader, RowMapping, Table, read_row, scale_constants
from cxm_core.store import LoadReport, Store

from ._store_kit import SOURCE, START, StoreTests, TestClock, contents, texts
from ._vocabulary import PERSONAL_MARKER

NOTES = RowMapping(
    kind="note",
    cells=(
        ("native_id", Cell(template="{id}")),
        ("occurred_at", Cell(template="{at}", zone="UTC")),
        ("text", Cell(template="{text}")),
    ),
)
GOOD = b"id,at,text\n1,2026-11-05,one\n2,2026-11-05,two\n3,2026-11-05,three\n"


def answers(column: str, *, missing: tuple[tuple[str, str], ...] = ()) -> RowMapping:
    """Mapping of one question of a row."""
    return RowMapping(
        kind="response",
        cells=(
            ("native_id", Cell(template=f"{{id}}:{column}")),
            ("occurred_at", Cell(template="2026-11-05", zone="UTC")),
            ("score_value", Cell(template=f"{{{column}}}", missing=missing)),
        ),
        constants=(("question", column), *scale_constants("1-5")),
    )


def table(path: Path, *mappings: RowMapping, aliases: Any = (), **reader: Any) -> Table:
    """Describe one file, of notes if no mapping is given."""
    settings = {"format": "csv", "paths": (str(path),), **reader}
    return Table(
        stream="rows", reader=Reader(**settings), mappings=mappings or (NOTES,), aliases=aliases
    )


class TableTests(StoreTests):
    """Loading."""

    def load(self, store: Store, described: Table) -> LoadReport:
        """Load a table in one transaction; its report must account for every row."""
        with store.transaction() as transaction:
            report = transaction.load(described, source=SOURCE)
        assert report.served == report.counts.served + sum(report.reasons.values())
        return report

    def load_bytes(self, store: Store, folder: Path, content: bytes, **reader: Any) -> LoadReport:
        """Load a file with this content."""
        path = folder / "notes.csv"
        path.write_bytes(content)
        return self.load(store, table(path, **reader))

    def refused(self, store: Store, folder: Path, content: bytes, **reader: Any) -> CxmError:
        """Load a file that is refused, and see that nothing of it is kept."""
        with pytest.raises(CxmError) as caught:
            self.load_bytes(store, folder, content, **reader)
        assert (store.count("note"), store.quarantined()) == (0, ())
        return caught.value

    def set_aside(self, store: Store) -> list[tuple[str, str]]:
        """Reason and position of the rows that were set aside."""
        return sorted((one.reason, one.position) for one in store.quarantined())

    def test_a_clean_file_is_loaded(self, store: Store, tmp_path: Path, clock: TestClock) -> None:
        """Every row becomes a record, and a second load of the same file changes nothing."""
        report = self.load_bytes(store, tmp_path, GOOD)
        assert (report.served, report.counts.applied, report.drift) == (3, 3, {})
        before = contents(store)
        assert [row["text"] for row in before] == ["one", "two", "three"] or len(before) == 3
        clock.tick()
        assert self.load_bytes(store, tmp_path, GOOD).counts.duplicate == 3
        assert contents(store) == before

    def test_both_ways_in_make_one_record(self, store: Store, tmp_path: Path) -> None:
        """A record that comes as a row of a file and as an object is the same, to the bit."""
        self.load_bytes(store, tmp_path, GOOD)
        again = read_row(NOTES, {"id": "1", "at": "2026-11-05", "text": "one"})
        assert self.apply(store, again) == {"duplicate": 1}  # type: ignore[arg-type]  # a record

    @pytest.mark.parametrize(
        "written",
        [
            (gzip.compress(GOOD), {}),
            (b"\xef\xbb\xbf" + GOOD, {}),
            (GOOD.decode().encode("utf-16"), {"encoding": "utf-16"}),
            (GOOD.replace(b"one", b"\xfcber"), {"encoding": "cp1252"}),
            (gzip.compress(GOOD.replace(b"one", b"\xfcber")), {"encoding": "latin-1"}),
            (GOOD.replace(b"\n", b"\r\n"), {}),
            (GOOD.replace(b"\n", b"\r"), {}),
            (GOOD.replace(b"\n", b"\r\n", 2), {}),
            (GOOD.replace(b"\n", b"\n\n"), {}),
            (b"\n\n" + GOOD + b"  \n\n", {}),
            (GOOD.rstrip(), {}),
            (GOOD.replace(b",", b";"), {"delimiter": ";"}),
            (GOOD.replace(b",", b"\t"), {"delimiter": "\t"}),
            (GOOD.replace(b"one", b"'o,n''e'"), {"quote": "'"}),
            (GOOD.replace(b"one", b'"o,n""e\r\nx"'), {}),
            (GOOD.replace(b",one", b', "one" '), {}),
            (GOOD.replace(b"one", b'5" pipe'), {}),
            (GOOD.replace(b"id,", b'" id ",'), {}),
            (GOOD.replace(b"\n", b",\n").replace(b"text,", b'text,"a\nb"'), {}),
            (GOOD.replace(b"one", b"NULL\x00x"), {}),
        ],
    )  # fmt: skip
    def test_ways_of_writing_a_file(
        self, store: Store, tmp_path: Path, written: tuple[bytes, dict[str, Any]]
    ) -> None:
        """Marks, encodings, line ends, blank lines, quotes and delimiters cost no row."""
        content, reader = written
        report = self.load_bytes(store, tmp_path, content, **reader)
        assert (report.counts.applied, report.reasons) == (3, {})
        assert len(set(texts(store)) & {"two", "three"}) == 2

    def test_quotes_and_line_ends_are_kept(self, store: Store, tmp_path: Path) -> None:
        """A text in quotes keeps its delimiters, quotes and line ends."""
        said = 'a, "b"\r\nc\nd'
        quoted = '"' + said.replace('"', '""') + '"'
        content = f"id,at,text\n1,2026-11-05,{quoted}\n".encode()
        self.load_bytes(store, tmp_path, content)
        assert texts(store) == [said]

    def test_a_file_without_a_header(self, store: Store, tmp_path: Path) -> None:
        """Without a header the columns have numbers."""
        mapping = RowMapping(
            kind="note",
            cells=tuple(
                (name, Cell(template=f"{{column{n}}}", zone="UTC"))
                for n, name in enumerate(("native_id", "occurred_at", "text"))
            ),
        )
        path = tmp_path / "a.csv"
        path.write_bytes(GOOD.partition(b"\n")[2])
        assert self.load(store, table(path, mapping, header=False)).counts.applied == 3

    @pytest.mark.parametrize(
        "change",
        [
            (b"two", b'"two', "bad_row"),
            (b"two", b'"two" and more', "bad_row"),
            (b",two", b"", "bad_row"),
            (b"two", b"two,2,3", "bad_row"),
            (b"two", b"tw\xff\xfe", "bad_encoding"),
            (b"two", b'"t\xc3wo"', "bad_encoding"),
            (b"2026-11-05,two", b"2026-02-30,two", "bad_datetime"),
            (b"two", b" ", "missing_field"),
            (b"2,", b"x" * 513 + b",", "too_large"),
        ],
    )
    def test_a_bad_row_costs_only_itself(
        self, store: Store, tmp_path: Path, change: tuple[bytes, bytes, str]
    ) -> None:
        """A row that cannot be read is set aside with its reason and place; the rest is kept."""
        old, new, reason = change
        report = self.load_bytes(store, tmp_path, GOOD.replace(old, new))
        assert set(texts(store)) == {"one", "three"}
        assert self.set_aside(store) == [(reason, "notes.csv:3")]
        assert report.reasons == {reason: 1}

    def test_bytes_of_another_encoding(self, store: Store, tmp_path: Path) -> None:
        """A byte that is nothing in the declared encoding costs its row."""
        content = GOOD.replace(b"two", b"tw\x81").replace(b"one", b"\xe9t\xe9")
        self.load_bytes(store, tmp_path, content, encoding="cp1252")
        assert set(texts(store)) == {"\xe9t\xe9", "three"}
        assert self.set_aside(store) == [("bad_encoding", "notes.csv:3")]

    def test_a_huge_cell_costs_only_its_row(self, store: Store, tmp_path: Path) -> None:
        """A cell over the limit, and one that no line should have, are set aside."""
        over, huge = b"z" * 5_000_000, b"z" * 20_000_000
        content = (
            GOOD + b"4,2026-11-05," + over + b"\n5,2026-11-05," + huge + b"\n6,2026-11-05,six\n"
        )
        report = self.load_bytes(store, tmp_path, content)
        assert set(texts(store)) == {"one", "two", "three", "six"}
        assert self.set_aside(store) == [("too_large", "notes.csv:5"), ("too_large", "notes.csv:6")]
        assert report.served == 6
        assert all(len(one.raw) < 5_000 for one in store.quarantined())

    def test_a_cell_over_a_small_limit(self, store: Store, tmp_path: Path) -> None:
        """The limit of a cell is the reader's."""
        self.load_bytes(store, tmp_path, GOOD.replace(b"two", b"t" * 50), max_cell_bytes=40)
        assert set(texts(store)) == {"one", "three"}
        assert self.set_aside(store) == [("too_large", "notes.csv:3")]

    @pytest.mark.parametrize(
        "expected",
        [
            (b"", SchemaChanged, "has no header"),
            (b"\n \n", SchemaChanged, "has no header"),
            (GOOD.decode().encode("utf-16"), SchemaChanged, "utf-16"),
            (bytes(range(256)) * 40, SchemaChanged, "is not text"),
            (b"PK\x03\x04" + b"x" * 100, SchemaChanged, "Excel"),
            (gzip.compress(GOOD)[:-9], TruncatedAnswer, "ends before its end"),
            (gzip.compress(GOOD * 10_000)[:500], TruncatedAnswer, "ends before its end"),
            (GOOD.replace(b"text", b"txet"), SchemaChanged, "did you mean 'txet'"),
            (GOOD.replace(b"text", b"something else"), SchemaChanged, "no column 'text'"),
            (GOOD.replace(b"id,at,text", b"id,at,text,text"), SchemaChanged, "more than once"),
        ],
    )
    def test_a_file_of_another_kind(
        self, store: Store, tmp_path: Path, expected: tuple[bytes, type[CxmError], str]
    ) -> None:
        """A file that is not what was declared is refused whole, with the nearest cure."""
        content, error, words = expected
        found = self.refused(store, tmp_path, content)
        assert isinstance(found, error)
        assert words in str(found)

    def test_an_unknown_encoding(self, store: Store, tmp_path: Path) -> None:
        """An encoding that is none is the configuration's mistake."""
        for name in ("utf-9", "rot13", "zip"):
            found = self.refused(store, tmp_path, GOOD, encoding=name)
            assert isinstance(found, ConfigurationError)

    def test_what_is_no_file(self, store: Store, tmp_path: Path) -> None:
        """A file that is not there, and a folder, are told."""
        for path in (tmp_path / "none.csv", tmp_path):
            with pytest.raises(NotFound):
                self.load(store, table(path))

    def test_only_a_header(self, store: Store, tmp_path: Path) -> None:
        """A file with a header and no rows serves nothing."""
        assert self.load_bytes(store, tmp_path, b"id,at,text\n").served == 0

    def test_a_strange_file_name(self, store: Store, tmp_path: Path) -> None:
        """A name is a name, whatever a pattern or a query would make of it."""
        for name in ("a*[b]?.csv", 'it\'s "x".csv', "a\nb.csv", "\u00fc.csv"):
            path = tmp_path / name
            path.write_bytes(GOOD)
            assert self.load(store, table(path)).served == 3

    def test_other_names_in_another_file(self, store: Store, tmp_path: Path) -> None:
        """A column may have another name in another file of the same table."""
        first, second = tmp_path / "1.csv", tmp_path / "2.csv"
        first.write_bytes(GOOD)
        second.write_bytes(GOOD.replace(b"text", b"comment").replace(b"2026-11-05", b"2026-11-06"))
        both = table(first, aliases={"text": ("comment",)}, paths=(str(first), str(second)))
        report = self.load(store, both)
        assert (report.counts.applied, report.counts.stale, report.drift) == (3, 3, {})

    def test_undeclared_columns_are_counted(self, store: Store, tmp_path: Path) -> None:
        """A column that nobody declared is told, with the rows in which it holds something."""
        content = b"id,new,at,text\n1,,2026-11-05,a\n2,x,2026-11-05,b\n3,y,2026-11-05,c\n"
        assert self.load_bytes(store, tmp_path, content).drift == {"new": 2}

    def test_a_row_serves_several_records(self, store: Store, tmp_path: Path) -> None:
        """Each question of a row is a record, and one bad answer costs no other."""
        path = tmp_path / "answers.csv"
        path.write_bytes(b"id,Q1,Q2\n1,5,4\n2,9,6\n3,,x\n")
        missing = (("6", "not_applicable"), ("", "no_answer"))
        described = table(path, answers("Q1", missing=missing), answers("Q2", missing=missing))
        report = self.load(store, described)
        assert report.reasons == {"out_of_scale": 1, "wrong_type": 1}
        assert (report.served, report.counts.applied) == (6, 4)
        found = {row["native_id"]: row for row in contents(store, "response")}
        assert found["1:Q1"]["score_value"] == 5
        assert found["2:Q2"]["no_answer"] == "not_applicable"
        assert found["3:Q1"]["no_answer"] == "no_answer"
        assert found["3:Q1"]["score_scale"] is None

    def test_the_quarantine_tells_what_is_wrong(
        self, store: Store, tmp_path: Path, clock: TestClock
    ) -> None:
        """A row that was set aside has its place, its form and its field, once, and no words."""
        path = tmp_path / "answers.csv"
        path.write_text(f"id,Q1,said\n1,{PERSONAL_MARKER},x\n2,9,{PERSONAL_MARKER}\n", "utf-8")
        described = table(path, answers("Q1"))
        for _ in range(2):
            assert self.load(store, described).reasons == {"wrong_type": 1, "out_of_scale": 1}
            clock.tick()
            path.write_text(
                "id,Q1,said\n" + "\n".join(path.read_text().split("\n")[:0:-1]), "utf-8"
            )
        first, second = store.quarantined()
        assert {first.seen, second.seen} == {2}
        assert first.first_seen_at == START
        scaled = next(one for one in (first, second) if one.reason == "out_of_scale")
        assert (scaled.field, scaled.kind, scaled.stream) == ("score_value", "response", "rows")
        assert scaled.row == {"id": "2", "Q1": "9", "said": PERSONAL_MARKER}
        shown = [first.message, first.position, repr(first), repr(second), second.message]
        assert not any(PERSONAL_MARKER in text for text in shown)

    def test_a_mended_row_is_released(self, store: Store, tmp_path: Path, clock: TestClock) -> None:
        """Once the source serves a row that is right, nothing of it is left aside."""
        self.load_bytes(store, tmp_path, GOOD.replace(b"2026-11-05,two", b"soon,two"))
        assert len(store.quarantined()) == 1
        clock.tick()
        report = self.load_bytes(store, tmp_path, GOOD)
        assert (report.counts.applied, report.counts.duplicate) == (1, 2)
        assert store.quarantined() == ()

    def test_names_and_values_do_not_become_sql(self, store: Store, tmp_path: Path) -> None:
        """A column or a text that looks like a command is a column and a text."""
        hostile = "x\"'; DROP TABLE note; --"
        path = tmp_path / "a.csv"
        quoted = '"' + hostile.replace('"', '""') + '"'
        path.write_text(f"id,at,{quoted}\n1,2026-11-05,{quoted}\n", encoding="utf-8")
        mapping = RowMapping(
            kind="note",
            cells=(*NOTES.cells[:2], ("text", Cell(template=f"{hostile}{{{hostile}}}"))),
            attributes=((hostile, Cell(template=f"{{{hostile}}}")),),
        )
        self.load(store, table(path, mapping))
        assert texts(store) == [hostile * 2]
        assert texts(store, where={f"attributes.{hostile}": hostile}) == [hostile * 2]

    def test_deletions_come_as_rows_too(self, store: Store, tmp_path: Path) -> None:
        """A table may say which records are gone."""
        self.load_bytes(store, tmp_path, GOOD)
        path = tmp_path / "gone.csv"
        path.write_bytes(b"id,kind,when\n2,note,2026-12-01\n3,note,soon\n")
        gone = RowMapping(
            kind="deletion",
            cells=(
                ("native_id", Cell(template="{id}")),
                ("kind", Cell(template="{kind}")),
                ("recorded_at", Cell(template="{when}", zone="UTC")),
            ),
        )
        report = self.load(store, table(path, gone))
        assert (report.counts.deleted, report.reasons) == (1, {"bad_datetime": 1})
        assert set(texts(store)) == {"one", "three"}

    def test_a_failing_file_takes_all_back(self, store: Store, tmp_path: Path) -> None:
        """Where the second file of a table cannot be read, nothing of the first is kept."""
        good, bad = tmp_path / "1.csv", tmp_path / "2.csv"
        good.write_bytes(GOOD)
        bad.write_bytes(b"")
        with pytest.raises(SchemaChanged):
            self.load(store, table(good, paths=(str(good), str(bad))))
        assert store.count("note") == 0

    def test_lines_of_json(self, store: Store, tmp_path: Path) -> None:
        """Lines of JSON are rows, paths are columns, and a line that is none is set aside."""
        lines = [
            '{"id": 1, "at": "2026-11-05", "said": {"text": "one", "n": 1.50}, "new": 1}',
            '{"said": {"text": "\\u00fc \\ud83d\\ude00"}, "at": "2026-11-05", "id": "2"}',
            "",
            '{"id": 3, "at": "2026-11-05", "said": {"text": "three"}, "new": null}',
            "not json",
            "[1]",
            '{"id": 4, "id": 5, "at": "2026-11-05", "said": {"text": "twice"}}',
            '{"id": 6, "at": "2026-11-05", "said": {"text": "6", "text": "7"}}',
            '{"id": 7, "at": "2026-11-05"}',
            '{"id": 8, "at": "2026-11-05", "said": {"text": "NaN"}}',
            '{"id": 9, "at": "2026-11-05", "said": {"text": NaN}}',
            '{"id": 12345678901234567, "at": "2026-11-05", "said": {"text": 1.50}}',
            '{"id": 10, "at": "2026-11-05", "said": {"text": ["a", {"b": 1}]}}',
            '{"id": 11, "at": "2026-11-05", "said": {"text": 1e21}}',
            "[" * 100_000,
        ]
        path = tmp_path / "notes.jsonl"
        path.write_text("\n".join(lines), encoding="utf-8")
        mapping = RowMapping(
            kind="note", cells=(*NOTES.cells[:2], ("text", Cell(template="{said.text}")))
        )
        report = self.load(store, table(path, mapping, format="jsonl"))
        assert set(texts(store)) == {
            "one", "\u00fc \U0001f600", "three", "NaN", "1.5", '["a",{"b":1}]', "1e+21",
        }  # fmt: skip
        assert report.reasons == {
            "wrong_type": 1, "bad_row": 1, "missing_field": 1, "non_finite": 1,
            "duplicate_key": 2, "too_deep": 1,
        }  # fmt: skip
        assert report.drift == {"new": 2}
        assert {one.native_id for one in store.records("note")} >= {"1", "12345678901234567"}
        replayed = [one.row for one in store.quarantined() if one.reason == "missing_field"]
        assert replayed == [{"id": 7, "at": "2026-11-05"}]

    def test_a_key_with_a_dot_in_it(self, store: Store, tmp_path: Path) -> None:
        """A key that has a dot is found as it stands, before a nested one."""
        path = tmp_path / "a.jsonl"
        path.write_text('{"id": 1, "at": "2026-11-05", "said.text": "flat"}\n', encoding="utf-8")
        mapping = RowMapping(
            kind="note", cells=(*NOTES.cells[:2], ("text", Cell(template="{said.text}")))
        )
        self.load(store, table(path, mapping, format="jsonl"))
        assert texts(store) == ["flat"]

    def test_lines_without_what_they_need(self, store: Store, tmp_path: Path) -> None:
        """Lines that all lack the id are no longer what was declared."""
        path = tmp_path / "a.jsonl"
        path.write_text('{"ID": 1, "at": "2026-11-05", "text": "x"}\n', encoding="utf-8")
        with pytest.raises(SchemaChanged, match="no column 'id'"):
            self.load(store, table(path, format="jsonl"))

    def test_parquet_and_streams(self, store: Store, tmp_path: Path) -> None:
        """What a store wrote as Parquet, or hands out as a stream, can be loaded."""
        self.load_bytes(store, tmp_path, GOOD)
        names = ["native_id", "occurred_at", "text"]
        read = store.read("note", columns=names)
        path = store.write_table(read, tmp_path / "a.parquet", format="parquet")
        mapping = RowMapping(
            kind="note",
            cells=(
                ("native_id", Cell(template="{native_id}-2")),
                ("occurred_at", Cell(template="{occurred_at}")),
                ("text", Cell(template="{text}")),
            ),
        )
        assert self.load(store, table(path, mapping, format="parquet")).counts.applied == 3
        stream = Table(
            stream="rows", reader=Reader(format="object"), mappings=(mapping,), data=read
        )
        assert self.load(store, stream).counts.duplicate == 3
        assert {one.occurred_at for one in store.records("note")} == {_DAY}

    def test_a_stream_is_read_once(self, store: Store) -> None:
        """A stream that can be asked for its batches only once is enough."""
        data = _Once(_arrow([("1", "2026-11-05", "one"), ("2", "2026-11-05", None)]))
        described = Table(
            stream="rows", reader=Reader(format="object"), mappings=(NOTES,), data=data
        )
        report = self.load(store, described)
        assert (report.counts.applied, report.reasons) == (1, {"missing_field": 1})
        assert self.set_aside(store) == [("missing_field", "rows:2")]

    def test_data_that_are_no_stream(self, store: Store) -> None:
        """Data without the Arrow protocol are the caller's mistake."""
        described = Table(
            stream="rows", reader=Reader(format="object"), mappings=(NOTES,), data=[1, 2]
        )
        with pytest.raises(UsageError, match="Arrow"):
            self.load(store, described)

    @pytest.mark.parametrize("format", ["parquet", "arrow"])
    def test_a_binary_file_that_is_none(self, store: Store, tmp_path: Path, format: str) -> None:  # noqa: A002
        """A file that is neither Parquet nor Arrow is told."""
        assert isinstance(self.refused(store, tmp_path, GOOD, format=format), SchemaChanged)


_DAY = START.replace(day=5)


def _arrow(rows: Sequence[tuple[str | None, ...]]) -> Any:
    names = ("id", "at", "text")
    columns = [na.c_array(list(cells), na.string()) for cells in zip(*rows, strict=True)]
    schema = na.struct(dict.fromkeys(names, na.string()))
    return na.Array(na.c_array_from_buffers(schema, len(rows), [None], children=columns))


class _Once:
    """Arrow data that can be taken one time only."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        data, self.data = self.data, None
        return data.__arrow_c_stream__(requested_schema)
