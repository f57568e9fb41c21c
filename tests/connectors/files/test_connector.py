"""The source of files: what is served, what is known again, and what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxm_connectors.files import Files
from cxm_core.errors import (
    ConfigurationError,
    NotFound,
    RetryableError,
    SchemaChanged,
    SourceError,
)
from cxm_core.plugins import Checkpoint, Connector, Item, ReadRequest, Rereader, Runtime, build
from cxm_core.records import Problem, Question, Reason, Response, Score, Table
from cxm_core.store import Origin, open_store, quarantine_entry
from cxm_core.sync import pull, replay

NOW = datetime(2026, 11, 21, tzinfo=UTC)

CONFIG: dict[str, Any] = {
    "files": [
        {"path": "a.csv", "values": {"wave": "2017"}},
        {"path": "b.csv", "values": {"wave": "2018"}},
    ],
    "aliases": {"SCORE": ["Rating"]},
    "row": {"id": "{wave}-{ID}", "occurred_at": {"column": "AT", "zone": "UTC"}},
    "questions": [
        {"id": "Q1", "scale": "1-5", "column": "SCORE"},
        {"id": "Q2", "verbatim": "WHY", "optional": True},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folder with two waves, which differ in their columns."""
    (tmp_path / "a.csv").write_text("ID,AT,SCORE\n1,2017-05-01,5\n")
    (tmp_path / "b.csv").write_text("ID,AT,Rating,WHY\n1,2018-05-01,4,Cold\n")
    return tmp_path


def source(folder: Path, **more: Any) -> Connector:
    """The source of the two waves, with some of its configuration changed."""
    runtime = Runtime(clock=lambda: datetime(2026, 11, 21, tzinfo=UTC), root=folder)
    return build(Files, {**CONFIG, **more}, runtime)


def served(connector: Connector, state: Mapping[str, object] | None = None) -> list[Item]:
    """All that one sync serves."""
    return list(connector.read("rows", state, ReadRequest()))


def tables(items: list[Item]) -> list[Table]:
    """The tables among what was served."""
    return [item for item in items if isinstance(item, Table)]


def last_state(items: list[Item]) -> Mapping[str, object]:
    """State of the last checkpoint."""
    return [item for item in items if isinstance(item, Checkpoint)][-1].state


class TestServing:
    def test_order(self, folder: Path) -> None:
        """The questions come first, then each file with a checkpoint behind it."""
        items = served(source(folder))
        assert [type(item) for item in items] == [
            Question, Question, Checkpoint, Table, Checkpoint, Table, Checkpoint,
        ]  # fmt: skip

    def test_table(self, folder: Path) -> None:
        """A table says where and how; a wave without an optional column lacks its question."""
        first, second = tables(served(source(folder)))
        assert first.reader.paths == (str(folder / "a.csv"),)
        assert (len(first.mappings), len(second.mappings)) == (1, 2)
        assert first.aliases == (("SCORE", ("Rating",)),)

    def test_streams_and_kinds(self, folder: Path) -> None:
        """The one stream says which kinds of record it serves."""
        records = [{"kind": "ticket", "id": "ID"}]
        (stream,) = source(folder, records=records).streams()
        assert (stream.name, stream.kinds) == ("rows", ("question", "response", "ticket"))

    def test_other_stream(self, folder: Path) -> None:
        """A stream that is not there is told."""
        with pytest.raises(NotFound, match="'tickets'"):
            list(source(folder).read("tickets", None, ReadRequest()))

    def test_tab_separated(self, folder: Path) -> None:
        """A file whose ending says so is separated by tabs."""
        (folder / "c.tsv.gz").write_bytes(gzip.compress(b"ID\tAT\tSCORE\n1\t2017-05-01\t5\n"))
        (table,) = tables(served(source(folder, files=["c.tsv.gz"], row=row("ID"))))
        assert table.reader.delimiter == "\t"


def row(own_id: str = "ID", **time: str) -> dict[str, Any]:
    """What every record of a row shares."""
    return {"id": own_id, "occurred_at": {"column": "AT", **(time or {"zone": "UTC"})}}


class TestMemory:
    def test_unchanged_files(self, folder: Path) -> None:
        """Files that are the same are not served again, and are named."""
        state = last_state(served(source(folder)))
        (item,) = served(source(folder), state)
        assert isinstance(item, Checkpoint)
        assert item.unchanged == ("a.csv", "b.csv")
        assert item.note == "unchanged: 2 files"
        assert item.state == state

    def test_changed_file(self, folder: Path) -> None:
        """Only the file whose content changed is served again."""
        state = last_state(served(source(folder)))
        with (folder / "b.csv").open("a") as file:
            file.write("2,2018-05-02,3,\n")
        items = served(source(folder), state)
        assert [table.reader.paths for table in tables(items)] == [(str(folder / "b.csv"),)]
        assert any(
            isinstance(item, Checkpoint) and item.note == "unchanged: 1 file" for item in items
        )

    def test_touched_file(self, folder: Path) -> None:
        """A new date on the same content changes nothing."""
        state = last_state(served(source(folder)))
        content = (folder / "a.csv").read_bytes()
        (folder / "a.csv").unlink()
        (folder / "a.csv").write_bytes(content)
        assert tables(served(source(folder), state)) == []

    def test_changed_mapping(self, folder: Path) -> None:
        """A changed mapping serves every file again, and the questions too if they changed."""
        state = last_state(served(source(folder)))
        items = served(source(folder, encoding="cp1252"), state)
        assert (len(tables(items)), sum(isinstance(i, Question) for i in items)) == (2, 0)
        questions = [{**CONFIG["questions"][0], "text": "How was it?"}]
        items = served(source(folder, questions=questions), state)
        assert (len(tables(items)), sum(isinstance(i, Question) for i in items)) == (2, 1)

    def test_one_more_file(self, folder: Path) -> None:
        """A file that joins does not serve the others again."""
        state = last_state(served(source(folder)))
        (folder / "c.csv").write_text("ID,AT,SCORE\n1,2019-05-01,5\n")
        more = [*CONFIG["files"], {"path": "c.csv", "values": {"wave": "2019"}}]
        assert len(tables(served(source(folder, files=more), state))) == 1

    @pytest.mark.parametrize("state", [{}, {"files": []}, {"files": {"a.csv": {"sha256": "x"}}}])
    def test_state_of_another_form(self, folder: Path, state: dict[str, object]) -> None:
        """A state that is none of ours is no memory: all is served."""
        assert len(tables(served(source(folder), state))) == 2


class TestFailures:
    def test_missing_file(self, folder: Path) -> None:
        """A file that is not there ends the stream only after all others were served."""
        files = ["nowhere.csv", *CONFIG["files"]]
        items = source(folder, files=files).read("rows", None, ReadRequest())
        got: list[Item] = []
        with pytest.raises(NotFound, match=r"nowhere\.csv"):
            got.extend(items)
        assert len(tables(got)) == 2

    def test_table_that_cannot_be_loaded(self, folder: Path) -> None:
        """An error thrown at a table leaves it out of the state, and the next file follows."""
        items = source(folder).read("rows", None, ReadRequest())
        got = [next(items) for _ in range(4)]
        assert isinstance(got[-1], Table)
        throw = getattr(items, "throw")  # noqa: B009  (an iterator need not have one)
        following = throw(SchemaChanged("bad"))
        assert isinstance(following, Table)
        checkpoint = next(items)
        assert isinstance(checkpoint, Checkpoint)
        assert list(checkpoint.state["files"]) == ["b.csv"]  # type: ignore[call-overload]  # plain JSON
        with pytest.raises(SchemaChanged, match="bad"):
            next(items)

    def test_file_that_grows_while_it_is_read(self, folder: Path) -> None:
        """FILE-09: a file that somebody writes to while it is read gets no checkpoint."""
        items = source(folder).read("rows", None, ReadRequest())
        while not isinstance(next(items), Table):
            pass
        with (folder / "a.csv").open("a") as file:
            file.write("2,2017-05-02,3\n")
        with pytest.raises(RetryableError, match=r"'a\.csv' changed"):
            next(items)

    def test_nothing_is_served_before_all_is_checked(self, folder: Path) -> None:
        """A path out of the root, or an ambiguous date, is told before the first record."""
        with pytest.raises(ConfigurationError):
            next(source(folder, files=["a.csv", "../b.csv"]).read("rows", None, ReadRequest()))

    def test_check_tells_everything(self, folder: Path) -> None:
        """A check names every problem, and raises for none."""
        (folder / "b.csv").write_text("ID,AT,Ratting\n")
        (folder / "d.csv").write_text("")
        files = [*CONFIG["files"], "nowhere.csv", "d.csv"]
        report = source(folder, files=files).check()
        told = " | ".join(report.problems)
        assert len(report.problems) == 3
        for word in ("nowhere.csv", "'SCORE'", "Did you mean 'Ratting'", "is empty"):
            assert word in told
        assert source(folder, files=CONFIG["files"][:1]).check().problems == ()
        assert len(source(folder, files=["../x.csv"]).check().problems) == 1

    def test_check_tells_what_is_no_text(self, folder: Path) -> None:
        """A check tells how many rows are not written in the declared encoding."""
        (folder / "a.csv").write_bytes(b"ID,AT,SCORE\n1,2017-05-01,\xe9\n2,2017-05-01,5\n")
        (problem,) = source(folder).check().problems
        assert problem == "1 of the first 2 rows of 'a.csv' are no utf-8 text."

    def test_lines_of_json_may_leave_out_what_is_null(self, folder: Path) -> None:
        """A JSON key that no row has is told by a check and stops nothing; an id must be there."""
        (folder / "a.jsonl").write_text('{"ID": 1, "AT": "2017-05-01"}\n')
        made = source(folder, files=["a.jsonl"], row=row())
        (problem,) = made.check().problems
        assert "the column 'SCORE'" in problem
        assert len(tables(served(made))) == 1
        (folder / "a.jsonl").write_text('{"AT": "2017-05-01", "SCORE": 3}\n')
        with pytest.raises(SchemaChanged, match="lacks the column 'ID'"):
            served(made)

    def test_nested_json(self, folder: Path) -> None:
        """A key within another is named by both, with a dot between them."""
        (folder / "a.jsonl").write_text('{"ID": 1, "AT": "2017-05-01", "a": {"b": [3]}}\n')
        nested = [{"id": "Q", "scale": "1-5", "column": "a.b.0"}]
        made = source(folder, files=["a.jsonl"], row=row(), questions=nested)
        assert made.check().problems == ()


class TestColumns:
    @pytest.mark.parametrize(
        ("header", "told"),
        [
            ("ID,AT,SCOR", "lacks the column 'SCORE'"),
            ("ID,AT,SCOR", "did you mean 'SCOR'"),
            ("id,at,score", "lacks 3 columns: 'ID', 'AT', 'SCORE'"),
            ("ID;AT;SCORE", "declare the delimiter"),
            ("ID,AT,SCORE,SCORE", "more than one of the column 'SCORE'"),
        ],
    )
    def test_header(self, folder: Path, header: str, told: str) -> None:
        """A header that does not fit is told with the columns and the nearest cure."""
        (folder / "a.csv").write_text(header + "\n1,2,3\n")
        with pytest.raises(SchemaChanged) as caught:
            served(source(folder))
        assert told in str(caught.value)

    def test_own_name_and_alias(self, folder: Path) -> None:
        """A file that has a column under both names is read under its own."""
        (folder / "a.csv").write_text("Rating,ID,AT,SCORE\n1,1,2017-05-01,5\n")
        assert len(tables(served(source(folder)))) == 2

    def test_columns_that_nobody_needs(self, folder: Path) -> None:
        """Columns beside the mapping, even twice, are nobody's mistake."""
        (folder / "a.csv").write_text("X,X,ID,AT,SCORE\n1,1,1,2017-05-01,5\n")
        assert len(tables(served(source(folder)))) == 2


class TestTimes:
    def times(self, folder: Path, *texts: str, **time: str) -> list[Table]:
        """Tables of one file with these times."""
        lines = "".join(f"{number},{text},5\n" for number, text in enumerate(texts))
        (folder / "a.csv").write_text("ID,AT,SCORE\n" + lines)
        at: Any = {"column": "AT", **time} if time else "AT"
        return tables(served(source(folder, files=["a.csv"], row={"id": "ID", "occurred_at": at})))

    @pytest.mark.parametrize(
        ("texts", "time"),
        [
            (["2017-05-01T10:00Z", "2017-05-01 10:00:00+02:00"], {}),
            (["2017-05-01", "2017-05-02 08:00"], {"zone": "UTC"}),
            (["01/02/2017", "03/02/2017"], {"zone": "UTC", "format": "%d/%m/%Y"}),
            (["2017-05-01T10:00Z", "2017-05-01T10:00Z", "no idea"], {}),
            ([""], {}),
            (["nonsense"], {}),
        ],
    )
    def test_accepted(self, folder: Path, texts: list[str], time: dict[str, str]) -> None:
        """ISO with an offset or a zone, and any declared format, is read; single bad cells too."""
        assert len(self.times(folder, *texts, **time)) == 1

    def test_two_readings(self, folder: Path) -> None:
        """Dates whose day and month could be exchanged are refused with both readings."""
        with pytest.raises(ConfigurationError) as caught:
            self.times(folder, "05/06/2017", "07/08/2017", "unknown", zone="UTC")
        told = str(caught.value)
        assert "3 April" in told
        assert "4 March" in told
        assert '"%d/%m/%Y"' in told
        assert '"%m/%d/%Y"' in told
        assert "05/06" not in told

    def test_one_reading_is_not_guessed(self, folder: Path) -> None:
        """Dates that only one format reads still need it declared, and the hint names it."""
        with pytest.raises(ConfigurationError, match="ISO 8601") as caught:
            self.times(folder, "25.06.2017 10:00", "07.08.2017 11:30", zone="UTC")
        assert '"%d.%m.%Y %H:%M"' in str(caught.value)

    def test_no_zone(self, folder: Path) -> None:
        """Times without an offset need a zone."""
        with pytest.raises(ConfigurationError, match="do not say their zone"):
            self.times(folder, "2017-05-01 10:00")

    def test_unpadded_template(self, folder: Path) -> None:
        """A day of one digit in a template is no ISO date, so the format is asked for."""
        (folder / "a.csv").write_text("ID,AT,SCORE\n1,3,5\n2,4,5\n3,13,5\n")
        at = {"column": "2017-05-{AT}", "zone": "UTC"}
        with pytest.raises(ConfigurationError, match="%Y-%m-%d"):
            served(source(folder, files=["a.csv"], row={"id": "ID", "occurred_at": at}))


@pytest.mark.parametrize("path", ["a.csv", "old/a.csv", "old/*.csv", "[a-b].csv"])
def test_a_row_of_a_file_that_is_gone(tmp_path: Path, path: str) -> None:
    """A row that was set aside is read again without its file, with what is true of its rows."""
    connector = source(tmp_path, files=[{"path": path, "values": {"wave": "2017"}}])
    assert isinstance(connector, Rereader)
    row = {"ID": "1", "AT": "2017-05-01", "SCORE": "5"}
    (found,) = connector.reread("response", row, position="a.csv:2")
    assert isinstance(found, Response)
    assert found.native_id == "2017-1/Q1"


NESTED = {"id": "a.id", "occurred_at": {"column": "a.at.0", "zone": "UTC"}}
SERVED = '{"a": {"id": 7, "at": ["2017-05-01", null]}, "b": {"SCORE": 9.0}, "x": true}'
# How versions before this one kept the same line: as a row of texts.
FLAT = {
    "a": '{"at":["2017-05-01",null],"id":7}',
    "a.id": "7",
    "a.at": '["2017-05-01",null]',
    "a.at.0": "2017-05-01",
    "a.at.1": None,
    "b": '{"SCORE":9.0}',
    "b.SCORE": "9.0",
    "x": "true",
}


def nested(folder: Path, scale: str) -> Connector:
    """The source of lines of JSON in which the columns are nested."""
    asked = [{"id": "Q1", "scale": scale, "column": "b.SCORE"}]
    return source(folder, files=["a.jsonl"], row=NESTED, questions=asked)


@pytest.mark.parametrize("row", [json.loads(SERVED), FLAT], ids=["as served", "as texts"])
def test_a_line_of_json_is_read_again(tmp_path: Path, row: dict[str, Any]) -> None:
    """A line that was set aside is read again from either form that is kept of it."""
    connector = nested(tmp_path, "0-10")
    assert isinstance(connector, Rereader)
    (found,) = connector.reread("response", row, position="a.jsonl:1")
    assert isinstance(found, Response)
    assert (found.native_id, found.score) == ("7/Q1", Score(9, "0-10"))
    strict = nested(tmp_path, "1-5")
    assert isinstance(strict, Rereader)
    (other,) = strict.reread("response", row, position="a.jsonl:1")
    assert isinstance(other, Problem)
    assert other.reason is Reason.OUT_OF_SCALE


def test_lines_of_both_forms_are_replayed(tmp_path: Path) -> None:
    """After a mapping is mended, lines that this version and an earlier one kept are released."""
    (tmp_path / "a.jsonl").write_text(SERVED + "\n" + SERVED.replace("7", "8", 1) + "\n")
    store = open_store("memory:", clock=lambda: NOW)
    pull(store, nested(tmp_path, "1-5"), source="files:a", clock=lambda: NOW)
    first, second = store.quarantined()
    assert (first.raw, first.row) == (SERVED, json.loads(SERVED))
    earlier = quarantine_entry(
        Origin(kind="response", source="files:a", stream="rows", name="a.jsonl"),
        Problem(Reason.OUT_OF_SCALE, "score_value", "It was."),
        FLAT,
        position=1,
        record_id=first.record_id,
        now=NOW,
    )
    with store.transaction() as transaction:
        transaction.release([first.entry_id])
        transaction.quarantine([earlier])
    again = replay(store, nested(tmp_path, "0-10"), source="files:a", clock=lambda: NOW)
    assert (again.served, again.applied, again.quarantined) == (2, 2, 0)
    assert second.record_id in {one.record_id for one in store.records("response")}
    assert store.quarantined() == ()


def test_a_row_of_one_of_two_files(tmp_path: Path) -> None:
    """A row without an id stays set aside where files with other values share its file's name."""
    files = [{"path": f"{wave}/a.csv", "values": {"wave": wave}} for wave in ("2017", "2018")]
    for wave in ("2017", "2018"):
        (tmp_path / wave).mkdir()
        (tmp_path / wave / "a.csv").write_text("ID,AT,SCORE\n,2017-05-01,5\n")
    store = open_store("memory:", clock=lambda: NOW)
    (receipt,) = pull(store, source(tmp_path, files=files), source="files:a", clock=lambda: NOW)
    row = {"id": "{wave}-{AT}", "occurred_at": {"column": "AT", "zone": "UTC"}}
    mended = source(tmp_path, files=files, row=row)
    again = replay(store, mended, source="files:a", clock=lambda: NOW)
    assert receipt.quarantined == again.quarantined == len(store.quarantined()) == 2
    assert store.count("response") == 0


def test_errors_hold_no_cell(folder: Path) -> None:
    """No text of a cell stands in an error or a report."""
    canary = "canary@example.org"
    (folder / "a.csv").write_text(f"ID,AT,SCOR\n{canary},{canary},{canary}\n")
    report = source(folder).check()
    assert report.problems
    assert canary not in repr(report)
    with pytest.raises(SourceError) as caught:
        served(source(folder))
    assert canary not in str(caught.value) + repr(caught.value.context)
