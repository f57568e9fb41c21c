"""What is declared on a class becomes a source."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from cxm_connectors.simulation import InProcess, SimRequest, SimResponse
from cxm_connectors.toolkit import (
    Ask,
    Config,
    Connector,
    Cursor,
    IdWindow,
    Job,
    Page,
    Parent,
    Since,
    Single,
    stream,
)
from cxm_core.errors import ConfigurationError, NotFound, RetryableError, UsageError
from cxm_core.plugins import Checkpoint, ReadRequest, Rejected, Rereader, Runtime, build
from cxm_core.records import Cell, Note, Reader, Record, Response, RowMapping, Score

NOW = datetime(2026, 11, 21, tzinfo=UTC)
AT = "2026-03-01T09:00:00Z"
ORIGIN = "https://api.acme.example"


class Vendor:
    """Answers by what stands under a path; notes what it was asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.origin, self.answers, self.asked = "", dict(answers), list[SimRequest]()

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer, or say 404; a number is a status."""
        self.asked.append(request)
        found = self.answers.get(request.path, 404)
        found = found(request) if callable(found) else found
        if isinstance(found, int):
            return SimResponse.of({"error": "no"}, status=found)
        return SimResponse.of(found)


def made(
    cls: type[Connector], answers: Mapping[str, Any], root: Path | None = None, **config: object
) -> tuple[Any, Vendor, list[float]]:
    """A connector of a vendor in this process, the vendor, and how long it waited."""
    vendor, waits = Vendor(answers), list[float]()
    wire = InProcess(vendor, origin=ORIGIN)
    runtime = Runtime(
        clock=lambda: NOW,
        root=root or Path(),
        sleep=waits.append,
        transport=wire,
        resolver=wire.resolve,
    )
    return build(cls, config, runtime), vendor, waits


def read(source: Any, name: str = "notes", state: Any = None, **asked: Any) -> list[Any]:
    """All items of a stream."""
    return list(source.read(name, state, ReadRequest(**asked)))


def notes(items: Sequence[Any]) -> list[str]:
    """Ids of the notes among the items."""
    return [item.native_id for item in items if isinstance(item, Note)]


def note(row: Mapping[str, Any]) -> Note:
    """Note of a row."""
    return Note(native_id=row["id"], occurred_at=AT, text="x")


class Plain(Connector):
    """One stream in one answer."""

    name, origin = "plain", ORIGIN

    @stream("notes", path="/notes", rows="data", page=Single())
    def notes(self, row: Mapping[str, Any]) -> Any:
        """Map one row."""
        return note(row)


class TestDeclaring:
    def test_the_class_tells_what_it_is(self) -> None:
        """Info stands on the class before it is built, and the kinds are read off the method."""

        class Named(Plain):
            @stream("answers", path="/answers", page=Single(), description="Answers.")
            def answers(self, row: Mapping[str, Any]) -> Record:
                return Response(native_id=row["id"], occurred_at=AT, score=Score(1, "0-10"))

        source, _, _ = made(Named, {})
        assert (Named.info.name, Named.info.config) == ("plain", Config)
        assert [(one.name, one.kinds) for one in source.streams()] == [
            ("notes", ()),
            ("answers", ("response",)),
        ]
        assert isinstance(source, Rereader)

    def test_a_stream_without_paging_is_refused(self) -> None:
        """How a list goes on is declared, and never guessed."""
        with pytest.raises(UsageError, match="how its pages go on"):
            stream("notes", path="/notes")

    def test_a_stream_needs_a_place_for_its_rows(self) -> None:
        """A path or files, one of them."""
        with pytest.raises(UsageError, match="one of them"):
            stream("notes", page=Single())

    def test_numbered_pages_that_can_skip_rows_are_refused(self) -> None:
        """Changes in pages by number need a reading that notices when rows move."""
        since = Since(param="since", stamp="at")
        with pytest.raises(UsageError, match="skipped for good"):
            stream("notes", path="/notes", page=Page(), since=since)
        assert stream("notes", path="/n", page=Page(is_read_twice=True), since=since).since == since

    def test_a_parent_must_be_there(self) -> None:
        """A wrong name is told with the nearest one."""
        with pytest.raises(UsageError, match="parent") as caught:

            class Broken(Plain):
                @stream("x", path="/x", page=Single(), parent=Parent("note"))
                def x(self, row: Mapping[str, Any]) -> Any:
                    return note(row)

        assert "'notes'" in str(caught.value)

    def test_an_unknown_stream_is_told_with_the_nearest(self) -> None:
        """A typing error finds its cure."""
        source, _, _ = made(Plain, {})
        with pytest.raises(NotFound, match="'note'") as caught:
            read(source, "note")
        assert "'notes'" in str(caught.value)

    def test_the_import_loads_neither_numpy_nor_an_http_client(self) -> None:
        """A connector that is only listed is light."""
        code = (
            "import sys, cxm_connectors.toolkit as t; t.Connector, t.Cursor, t.stream, t.Since;"
            "print(sorted({'numpy', 'httpx2', 'httpcore2', 'duckdb'} & set(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"


class TestCalls:
    def test_params_and_fields(self) -> None:
        """Fields are quoted, lists repeated, truth values spelled, and nothing is left as None."""

        class Asking(Connector):
            name, origin = "asking", ORIGIN

            @stream("boards", path="/boards", rows="data", page=Single())
            def boards(self, row: Mapping[str, Any]) -> tuple[()]:
                del row
                return ()

            @stream(
                "notes",
                path="/boards/{id}/notes",
                rows="data",
                page=Cursor(next="next", size=100, size_param="limit"),
                params={"with": ["a", "b"], "all": True, "none": None},
                parent=Parent("boards"),
            )
            def notes(self, row: Mapping[str, Any]) -> Any:
                return note(row)

        answers = {"/boards": {"data": [{"id": "a/b ?"}]}, "/boards/a/b ?/notes": {"data": []}}
        source, vendor, _ = made(Asking, answers, page_size=7)
        read(source)
        target = vendor.asked[-1].target
        assert target == "/boards/a%2Fb%20%3F/notes?with=a&with=b&all=true&limit=7"

    def test_a_method_writes_the_body(self) -> None:
        """A search gets its filter from the connector, for each page anew."""

        class Searching(Connector):
            name, origin = "searching", ORIGIN

            @stream(
                "notes",
                path="/search",
                rows="results",
                method="POST",
                json="body",
                page=IdWindow(left="total"),
                since=Since(param="", stamp="at"),
            )
            def notes(self, row: Mapping[str, Any]) -> Any:
                return note(row)

            def body(self, ask: Ask) -> dict[str, Any]:
                return {"after": ask.place, "since": ask.since and ask.since.isoformat()}

        pages = [{"total": 2, "results": [{"id": "1", "at": AT}]}]
        pages += [{"total": 1, "results": [{"id": "2", "at": AT}]}]
        source, vendor, _ = made(Searching, {"/search": lambda _: pages[len(vendor.asked) - 1]})
        items = read(source, state={"version": 1, "high": "2026-01-01T00:00:00+00:00"})
        assert notes(items) == ["1", "2"]
        bodies = [json.loads(request.body) for request in vendor.asked]
        assert bodies[0] == {"after": None, "since": "2026-01-01T00:00:00+00:00"}
        assert bodies[1]["after"] == "1"

    def test_a_field_that_nothing_fills(self) -> None:
        """The field is named."""

        class Lost(Connector):
            name, origin = "lost", ORIGIN

            @stream("notes", path="/{region}/notes", page=Single())
            def notes(self, row: Mapping[str, Any]) -> Any:
                return note(row)

        with pytest.raises(ConfigurationError, match="'region'"):
            read(made(Lost, {})[0])

    def test_the_first_sync_begins_where_the_user_says(self) -> None:
        """`since` of the configuration bounds the first sync, and the look-back is the user's."""

        class Dated(Connector):
            name, origin = "dated", ORIGIN

            @stream(
                "notes", path="/n", rows="data", page=Single(), since=Since(param="s", stamp="at")
            )
            def notes(self, row: Mapping[str, Any]) -> Any:
                return note(row)

        answers = {"/n": {"data": [{"id": "1", "at": AT}]}}
        source, vendor, _ = made(Dated, answers, since="2025-01-01T00:00:00Z", lookback="1h")
        state = read(source)[-1].state
        read(source, state=state)
        asked = [request.query["s"] for request in vendor.asked]
        assert asked == ["2025-01-01T00:00:00Z", "2026-03-01T08:00:00Z"]


class TestRows:
    def test_a_row_may_serve_several_records_or_none(self) -> None:
        """What serves nothing is counted, and nothing is dropped in silence."""

        class Several(Plain):
            @stream("notes", path="/notes", rows="data", page=Single())
            def notes(self, row: Mapping[str, Any]) -> Any:
                return [note({"id": f"{row['id']}-{part}"}) for part in range(row["parts"])]

        answers = {"/notes": {"data": [{"id": 1, "parts": 2}, {"id": 2, "parts": 0}]}}
        items = read(made(Several, answers)[0])
        assert notes(items) == ["1-0", "1-1"]
        assert items[-1].drift == {"row:serves_nothing": 1}

    def test_unknown_fields_are_drift_and_wrong_ones_are_set_aside(self) -> None:
        """A payload's class says what is expected, and keeps what is more."""

        class Payload(BaseModel):
            model_config = ConfigDict(extra="allow")
            id: int
            tags: list[str] | None = None

        class Checked(Plain):
            @stream("notes", path="/notes", rows="data", page=Single(), payload=Payload)
            def notes(self, row: Mapping[str, Any]) -> Any:
                return note(row)

        rows = [{"id": 1, "mood": "good"}, {"id": 2, "tags": [3]}, {"id": 3, "c@example.com": 1}]
        items = read(made(Checked, {"/notes": {"data": rows}})[0])
        assert notes(items) == ["1", "3"]
        (aside,) = [item for item in items if isinstance(item, Rejected)]
        assert (aside.problem.reason, aside.problem.field) == ("wrong_type", "tags")
        assert items[-1].drift == {"field:mood": 1, "field:other": 1}

    def test_a_row_that_is_no_mapping_is_set_aside(self) -> None:
        """Also a row that is a number becomes an entry, and stops nobody."""
        items = read(made(Plain, {"/notes": {"data": [7, {"id": "1"}]}})[0])
        assert notes(items) == ["1"]
        assert items[0].raw == {"value": 7}

    def test_rows_are_enriched_a_page_at_a_time(self) -> None:
        """More calls add to the rows of a page; with a parent they get its row too."""

        class Rich(Plain):
            @stream(
                "answers",
                path="/notes/{id}/answers",
                page=Single(),
                parent=Parent("notes"),
                enrich="defined",
            )
            def answers(self, row: Mapping[str, Any]) -> Any:
                return note({"id": f"{row['id']}:{row['scale']}"})

            def defined(
                self, rows: list[dict[str, Any]], parent: Mapping[str, Any]
            ) -> list[dict[str, Any]]:
                scale = self.get("/scales", of=parent["id"])["scale"]
                return [row | {"scale": scale} for row in rows]

        answers = {
            "/notes": {"data": [{"id": "f1"}]},
            "/notes/f1/answers": [{"id": "1"}, {"id": "2"}],
            "/scales": {"scale": "1-5"},
        }
        source, vendor, _ = made(Rich, answers)
        assert notes(read(source, "answers")) == ["1:1-5", "2:1-5"]
        assert sum(request.path == "/scales" for request in vendor.asked) == 1

    def test_a_row_that_was_set_aside_is_read_again(self) -> None:
        """The mapping of today makes of it a record, or says why still not."""
        source, _, _ = made(Plain, {})
        (found,) = source.reread("note", {"id": "1"}, position="notes")
        assert found.native_id == "1"
        (problem,) = source.reread("note", {}, position="notes:3")
        assert (problem.reason, problem.field) == ("missing_field", "id")

    def test_a_key_of_the_row_never_shows(self) -> None:
        """A word that a mapping looks up is the customer's; a key of the code is a field."""

        class Looking(Plain):
            @stream("notes", path="/notes", rows="data", page=Single())
            def notes(self, row: Mapping[str, Any]) -> Any:
                return note({"id": {"known": 1}[row["id"]]})

        (aside, _) = read(made(Looking, {"/notes": {"data": [{"id": "secret words"}]}})[0])
        assert aside.problem.reason == "unknown_level"
        assert "secret" not in aside.problem.message


class TestParts:
    class Forms(Connector):
        """Forms, and the responses of each."""

        name, origin = "forms", ORIGIN

        @stream("forms", path="/forms", rows="items", page=Single())
        def forms(self, row: Mapping[str, Any]) -> tuple[()]:
            """Map no form."""
            del row
            return ()

        @stream(
            "notes",
            path="/forms/{id}/responses",
            rows="items",
            page=Cursor(next="next"),
            since=Since(param="since", stamp="at"),
            parent=Parent("forms"),
        )
        def notes(self, row: Mapping[str, Any]) -> Any:
            """Map one response."""
            return note(row)

    def answers(self) -> dict[str, Any]:
        """Two forms, one with two pages."""

        def first(request: SimRequest) -> dict[str, Any]:
            is_first = "cursor" not in request.query
            rows = [{"id": "a1" if is_first else "a2", "at": AT}]
            return {"items": rows, "next": "p2" if is_first else None}

        return {
            "/forms": {"items": [{"id": "a"}, {"id": "b"}]},
            "/forms/a/responses": first,
            "/forms/b/responses": {"items": [{"id": "b1", "at": AT}], "next": None},
        }

    def test_each_list_has_a_state_of_its_own(self) -> None:
        """The next sync asks each list from its own mark."""
        source, vendor, _ = made(self.Forms, self.answers())
        items = read(source)
        assert notes(items) == ["a1", "a2", "b1"]
        state = items[-1].state
        assert {key: part["high"] for key, part in state["parts"].items()} == {
            "a": "2026-03-01T09:00:00+00:00",
            "b": "2026-03-01T09:00:00+00:00",
        }
        assert items[-1].reached_end is True
        again = read(source, state=state)
        assert notes(again) == []
        assert again[-1].state == state
        assert "since" in vendor.asked[-1].query

    def test_after_a_kill_finished_lists_are_left_out(self) -> None:
        """A run goes on in the list in which it was killed, from any of its checkpoints."""
        source, vendor, _ = made(self.Forms, self.answers())
        items = read(source)
        places = [at for at, item in enumerate(items) if isinstance(item, Checkpoint)]
        for place in places:
            vendor.asked.clear()
            rest = read(source, state=items[place].state)
            assert {*notes(items[: place + 1]), *notes(rest)} == {"a1", "a2", "b1"}
        assert [at.path for at in vendor.asked].count("/forms") == 1

    def test_a_list_that_is_gone_is_a_gap(self) -> None:
        """The others are read all the same, and the receipt says that something is missing."""
        answers = self.answers() | {"/forms/a/responses": 404}
        items = read(made(self.Forms, answers)[0])
        assert notes(items) == ["b1"]
        assert any(
            "gone" in gap for item in items if isinstance(item, Checkpoint) for gap in item.gaps
        )

    def test_a_limit_stops_and_the_next_sync_goes_on(self) -> None:
        """What was not read yet is read then."""
        source, _, _ = made(self.Forms, self.answers())
        first = read(source, limit=1)
        assert first[-1].reached_end is False
        rest = read(source, state=first[-1].state)
        assert {*notes(first), *notes(rest)} == {"a1", "a2", "b1"}


class TestJobs:
    def test_a_job_that_was_started_is_gone_on_with(self) -> None:
        """After a kill the same job is asked for, and one that is forgotten is started again."""

        class Exports(Connector):
            name, origin = "exports", ORIGIN

            @stream(
                "notes",
                path="/exports",
                rows="data",
                method="POST",
                page=Job(id="id", status="status", done=("done",), every_s=2),
            )
            def notes(self, row: Mapping[str, Any]) -> Any:
                return note(row)

        answers: dict[str, Any] = {
            "/exports": {"id": "j1"},
            "/exports/j1": {"status": "done"},
            "/exports/j1/result": {"data": [{"id": "1"}]},
        }
        source, vendor, waits = made(Exports, answers)
        items = read(source)
        assert (notes(items), waits) == (["1"], [2.0])
        vendor.asked.clear()
        assert notes(read(source, state=items[0].state)) == ["1"]
        assert [request.path for request in vendor.asked] == ["/exports/j1", "/exports/j1/result"]
        vendor.answers |= {"/exports": {"id": "j2"}, "/exports/j1": 404}
        vendor.answers |= {"/exports/j2": {"status": "done"}}
        vendor.answers |= {"/exports/j2/result": {"data": [{"id": "2"}]}}
        assert notes(read(source, state=items[0].state)) == ["2"]


class TestProbing:
    def test_a_stream_that_is_not_permitted_is_told_with_its_scope(self) -> None:
        """Each stream is asked for one page, and none stops the others."""

        class Scoped(Plain):
            @stream("deals", path="/deals", page=Single(), scope="crm.deals.read")
            def deals(self, row: Mapping[str, Any]) -> Any:
                return note(row)

        source, vendor, _ = made(Scoped, {"/notes": {"data": []}, "/deals": 403})
        (problem,) = source.probe()
        assert "'deals'" in problem
        assert "crm.deals.read" in problem
        assert len(vendor.asked) == 2

    def test_a_check_is_one_call_at_most(self) -> None:
        """The sync checks each time, so a check reads no stream."""
        source, vendor, _ = made(Plain, {})
        assert (source.check().account, vendor.asked) == (None, [])


class TestFiles:
    def connector(self) -> type[Connector]:
        """A connector whose rows lie in a file."""
        mapping = RowMapping(
            kind="note",
            cells={
                "native_id": Cell(template="{id}"),
                "occurred_at": Cell(template="{at}"),
                "text": Cell(template="{text}"),
            },
        )

        class Lines(Connector):
            name, origin = "lines", ORIGIN

            @stream("notes", rows_from=Reader(format="jsonl", paths=("notes.jsonl",)))
            def notes(self) -> RowMapping:
                return mapping

        return Lines

    def test_a_file_is_served_as_a_table_once(self, tmp_path: Path) -> None:
        """An unchanged file is not served again, a changed one is."""
        file = tmp_path / "notes.jsonl"
        file.write_text(json.dumps({"id": "1", "at": AT, "text": "x"}) + "\n")
        source, _, _ = made(self.connector(), {}, tmp_path)
        table, checkpoint = read(source)
        assert (table.stream, table.reader.paths) == ("notes", (str(file.resolve()),))
        (again,) = read(source, state=checkpoint.state)
        assert again.unchanged == ("notes.jsonl",)
        file.write_text(file.read_text() * 2)
        assert len(read(source, state=checkpoint.state)) == 2

    def test_a_file_that_changes_meanwhile_is_read_again(self, tmp_path: Path) -> None:
        """No checkpoint covers what was half written."""
        file = tmp_path / "notes.jsonl"
        file.write_text("{}\n")
        source, _, _ = made(self.connector(), {}, tmp_path)
        items: Iterator[Any] = source.read("notes", None, ReadRequest())
        next(items)
        file.write_text("{}\n{}\n")
        with pytest.raises(RetryableError, match="changed while"):
            next(items)

    def test_a_file_outside_the_folder_is_refused(self, tmp_path: Path) -> None:
        """Nothing outside the program's folder is read."""
        (tmp_path / "inside").mkdir()
        (tmp_path / "notes.jsonl").write_text("{}\n")
        (tmp_path / "inside" / "notes.jsonl").symlink_to(tmp_path / "notes.jsonl")
        source, _, _ = made(self.connector(), {}, tmp_path / "inside")
        with pytest.raises(ConfigurationError, match="outside"):
            read(source)


@pytest.mark.parametrize(
    ("wrong", "field"), [({"lookback": "soon"}, "lookback"), ({"page_size": 0}, "page_size")]
)
def test_a_wrong_setting_is_named(wrong: dict[str, object], field: str) -> None:
    """The user is told which key is wrong."""
    with pytest.raises(ConfigurationError, match=field):
        made(Plain, {}, **wrong)


def test_a_state_that_nothing_migrates_is_told_in_the_receipt() -> None:
    """H6: all is read again, and not in silence."""
    items = read(made(Plain, {"/notes": {"data": []}})[0], state={"last": 7})
    assert "nothing migrates" in items[-1].note


@pytest.mark.parametrize(
    ("raised", "reason"),
    [(IndexError(), "missing_field"), (AttributeError(), "wrong_type"), (ValueError(), "bad_row")],
)
def test_what_a_mapping_raises_becomes_a_reason(raised: Exception, reason: str) -> None:
    """The place in the code is told, and nothing of the row."""

    class Raising(Plain):
        @stream("notes", path="/notes", rows="data", page=Single())
        def notes(self, row: Mapping[str, Any]) -> Any:
            raise raised

    (aside, _) = read(made(Raising, {"/notes": {"data": [{"id": "1"}]}})[0])
    assert aside.problem.reason == reason
    assert "test_connector.py:" in aside.problem.message


def test_a_fault_that_is_none_of_the_row_is_raised() -> None:
    """A connector that is broken is not taken for bad data."""

    class Broken(Plain):
        @stream("notes", path="/notes", rows="data", page=Single())
        def notes(self, row: Mapping[str, Any]) -> Any:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        read(made(Broken, {"/notes": {"data": [{"id": "1"}]}})[0])


def test_an_interrupted_pass_is_followed_by_one_that_is_up_to_date() -> None:
    """What changed since the interruption is served in the same sync."""

    class Dated(Connector):
        name, origin = "dated", ORIGIN

        @stream(
            "notes",
            path="/n",
            rows="data",
            page=Cursor(next="next"),
            since=Since(param="s", stamp="at", lookback="1h"),
        )
        def notes(self, row: Mapping[str, Any]) -> Any:
            return note(row)

    def page(request: SimRequest) -> dict[str, Any]:
        if "s" in request.query:
            return {"data": [{"id": "3", "at": AT}]}
        is_first = "cursor" not in request.query
        return {
            "data": [{"id": "1" if is_first else "2", "at": AT}],
            "next": "p" * is_first or None,
        }

    source, _, _ = made(Dated, {"/n": page})
    items = read(source)
    assert notes(items) == ["1", "2"]
    assert notes(read(source, state=items[1].state)) == ["2", "3"]
