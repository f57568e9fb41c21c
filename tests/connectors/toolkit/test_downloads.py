"""Exports that come as files: CSV, NDJSON, JSON, packed or not, over real sockets."""

from __future__ import annotations

import gzip
import io
import json
import random
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from attrs import evolve

from cxm_connectors.testing._fault_server import FaultServer, Heard, Reply
from cxm_connectors.toolkit import Bearer, Connector, Download, Job, stream
from cxm_core.errors import UsageError
from cxm_core.plugins import ReadRequest, Runtime, build
from cxm_core.records import Note
from cxm_core.store import open_store
from cxm_core.sync import pull

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SECRET = "s3cret-t0ken"  # noqa: S105  (a canary)


def connector(form: Any, *, file_origins: tuple[str, ...] = (), **more: Any) -> type[Connector]:
    """A connector whose notes come as a file of this form."""
    job = Job(id="id", status="status", done=("complete",), format=form, **more)

    class Exports(Connector):
        name, origin, auth = "exports", "https://exports.example", Bearer("TOKEN")

        @stream("notes", path="/exports", method="POST", page=job, key="Id", rows=_rows_of(form))
        def notes(self, row: Mapping[str, Any]) -> Note:
            """Map one row."""
            return Note(native_id=row["Id"], occurred_at=NOW, text=row["Text"])

    Exports.file_origins = file_origins
    return Exports


def _rows_of(form: Any) -> str:
    is_json = form == "json" or getattr(form, "format", "") == "json"
    return "data" if is_json else ""


def text_of(count: int, *, head: str = "Id,Text", start: int = 0) -> str:
    """A CSV file of so many rows, with commas, quotes and line ends in its cells."""
    lines = (f'r{number},"Cold, ""hall""\n{number}"' for number in range(start, start + count))
    return "\r\n".join((head, *lines)) + "\r\n"


def zipped(**files: str) -> bytes:
    """A zip archive of these files."""
    archive = io.BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(f"{name}.txt", text)
    return archive.getvalue()


def file(body: bytes, kind: str = "text/csv", **head: str) -> Reply:
    """Answer with a file."""
    headers = (("content-type", kind), *((name.replace("_", "-"), to) for name, to in head.items()))
    return Reply(headers=headers, body=body)


class Vendor:
    """A source that makes a file ready; a test says what the file is."""

    def __init__(self, result: Reply | Callable[[Heard], Reply], **told: Any) -> None:
        self.result, self.told = result, told
        self.fetched = 0

    def __call__(self, heard: Heard) -> Reply:
        """Answer a request."""
        path = heard.target.partition("?")[0]
        if heard.method == "POST":
            return Reply.of({"id": "j1"})
        if path.endswith("/j1"):
            return Reply.of({"status": "complete"} | self.told)
        self.fetched += 1
        return self.result(heard) if callable(self.result) else self.result


class Desk:
    """A store that a source on loopback is pulled into."""

    def __init__(self) -> None:
        self.store = open_store("memory:", clock=lambda: NOW)
        self.heard: list[Heard] = []

    def pull(self, made: type[Connector], script: Any, *, limit: int | None = None) -> Any:
        """Pull once; give the receipt."""
        runtime = Runtime(clock=lambda: NOW, root=Path(), sleep=lambda _: None)
        with FaultServer(script) as server:
            told = {"base_url": server.origin, "allow_private_addresses": True, "token": SECRET}
            source = build(made, told, runtime)
            request = ReadRequest(limit=limit)
            (receipt,) = pull(self.store, source, source="x:1", clock=lambda: NOW, request=request)
        self.heard = server.heard
        return receipt

    @property
    def ids(self) -> list[str]:
        """Ids of what is kept, in the order of their numbers."""
        found = (record.native_id for record in self.store.records("note"))
        return sorted(found, key=lambda name: (len(name), name))

    @property
    def state(self) -> str:
        """State that is kept, as a text."""
        return json.dumps(self.store.checkpoint("x:1", "notes"))


@pytest.fixture
def desk() -> Iterator[Desk]:
    """An empty desk."""
    desk = Desk()
    yield desk
    desk.store.close()


NDJSON = "".join(json.dumps({"Id": f"r{n}", "Text": "ü\u2028"}) + "\n" for n in range(5))
JSON = json.dumps({"data": [{"Id": f"r{n}", "Text": "a"} for n in range(5)]})
FORMS = {
    "csv": ("csv", file(text_of(5).encode())),
    "csv with a mark": ("csv", file(b"\xef\xbb\xbf" + text_of(5).encode())),
    "csv by semicolons in UTF-16": (
        Download("csv", separator=";", encoding="utf-16"),
        file(text_of(5).replace(",", ";").encode("utf-16")),
    ),
    "csv packed on the wire": ("csv", file(text_of(5).encode()).packed()),
    "csv packed by itself": ("csv", file(gzip.compress(text_of(5).encode()), "application/gzip")),
    "csv packed twice": ("csv", file(gzip.compress(text_of(5).encode())).packed()),
    "csv in pieces": ("csv", evolve(file(text_of(5).encode()), framing="chunked")),
    "csv in a zip": (Download("csv", is_zip=True), file(zipped(a=text_of(5)))),
    "csv in a zip of two": (
        Download("csv", is_zip=True),
        file(zipped(a=text_of(3), b=text_of(2, start=3))),
    ),
    "ndjson": ("ndjson", file(NDJSON.encode(), "application/x-ndjson")),
    "ndjson that ends without a line end": ("ndjson", file(NDJSON.strip().encode())),
    "ndjson packed until the connection ends": (
        "ndjson",
        evolve(file(gzip.compress(NDJSON.encode()), "application/gzip"), framing="close"),
    ),
    "json": ("json", file(JSON.encode(), "application/json")),
    "json in a zip": (
        Download(is_zip=True),
        file(zipped(a=JSON, **{"__MACOSX/a": "no"}), "application/zip"),
    ),
}


class TestForms:
    """Whatever form is declared, the rows are the same."""

    @pytest.mark.parametrize("name", FORMS)
    def test_a_file_of_a_declared_form_is_read_to_its_end(self, desk: Desk, name: str) -> None:
        """All five rows are kept, and the receipt says that nothing lacks."""
        form, reply = FORMS[name]
        receipt = desk.pull(connector(form, fetch="{path}/{job}/file"), Vendor(reply))
        assert (receipt.verdict, receipt.note, receipt.quarantined) == ("complete", "", 0)
        assert desk.ids == [f"r{number}" for number in range(5)]

    def test_cells_are_read_as_the_file_has_them(self, desk: Desk) -> None:
        """Commas, quotes and line ends are part of a cell; an empty cell is nothing."""
        body = 'Id,Text\nr1,"a, ""b""\nc"\n\nr2,\n'
        receipt = desk.pull(connector("csv"), Vendor(file(body.encode())))
        (kept,) = desk.store.records("note")
        assert kept.text == 'a, "b"\nc'  # type: ignore[attr-defined]
        assert receipt.quarantined == 1

    def test_rows_below_the_head_are_left_out(self, desk: Desk) -> None:
        """Some sources write labels and notes for machines below the head."""
        body = 'Id,Text\nResponse,"How\nwas it?"\n"{""ImportId"":""id""}",x\nr1,fine\n'
        desk.pull(connector(Download("csv", skip=2)), Vendor(file(body.encode())))
        assert desk.ids == ["r1"]

    def test_two_columns_of_one_name_are_told_apart(self, desk: Desk) -> None:
        """The first keeps its name."""
        body = "Id,Text,Text\nr1,first,second\n"
        desk.pull(connector("csv"), Vendor(file(body.encode())))
        (kept,) = desk.store.records("note")
        assert kept.text == "first"  # type: ignore[attr-defined]

    def test_rows_have_no_path_in_a_table(self) -> None:
        """A declaration that cannot be meant is refused when it is made."""
        page = Job(id="id", status="status", done=("done",), format="csv")
        with pytest.raises(UsageError, match="csv file, which has no paths"):
            stream("notes", path="/x", rows="data", page=page)

    @pytest.mark.parametrize("told", [{"format": "xml"}, {"format": "csv", "encoding": "utf-99"}])
    def test_a_form_that_is_none(self, told: Any) -> None:
        """A word that is not known is refused when it is declared."""
        with pytest.raises(UsageError, match="There is no such"):
            Download(**told)


CUT = {
    "at its declared length": evolve(file(text_of(5).encode()), declared=400, cut_at=40),
    "in its pieces": evolve(file(text_of(5).encode()), framing="chunked", cut_at=60),
    "with no word of its end": evolve(file(text_of(5).encode()), framing="close"),
    "packed on the wire": file(text_of(5).encode()).packed(drop=9),
    "packed by itself": file(gzip.compress(text_of(5).encode())[:-9]),
    "within a cell": file(text_of(5).encode()[:-5]),
    "within a row": file(b"Id,Text\r\nr0,a\r\nr1"),
    "before its head": file(b""),
}
CUT_ZIPS = {
    "zip without its end": zipped(a=text_of(5))[:-30],
    "zip with a changed byte": bytes(
        byte ^ (0xFF if place == 45 else 0) for place, byte in enumerate(zipped(a=text_of(5)))
    ),
    "zip with nothing in it": zipped(),
}


class TestWholeness:
    """A file that is not whole never counts as complete."""

    @pytest.mark.parametrize("name", CUT)
    def test_a_file_that_was_cut(self, desk: Desk, name: str) -> None:
        """The stream is partial, the reason says so, and the next sync gets the rest."""
        receipt = desk.pull(connector("csv"), Vendor(CUT[name]))
        assert receipt.verdict == "partial"
        assert receipt.note.startswith(("TruncatedAnswer", "RetryableError"))
        assert not receipt.is_complete
        assert desk.pull(connector("csv"), Vendor(file(text_of(5).encode()))).is_complete
        assert desk.ids == [f"r{number}" for number in range(5)]

    @pytest.mark.parametrize("name", CUT_ZIPS)
    def test_a_broken_archive_serves_nothing(self, desk: Desk, name: str) -> None:
        """All of it is looked at before its first row is kept."""
        vendor = Vendor(file(CUT_ZIPS[name], "application/zip"))
        receipt = desk.pull(connector(Download("csv", is_zip=True)), vendor)
        assert (receipt.verdict, desk.ids) == ("partial", [])
        assert receipt.note.startswith("TruncatedAnswer")

    def test_a_line_that_is_cut_off(self, desk: Desk) -> None:
        """The last line of a file must be whole; an odd one before it is set aside."""
        body = '{"Id": "r0", "Text": "a"}\n[1]\n{"Id": "r1", "Te'
        receipt = desk.pull(connector("ndjson"), Vendor(file(body.encode())))
        assert receipt.note.startswith("TruncatedAnswer")
        whole = body[: body.rindex("{")]
        receipt = desk.pull(connector("ndjson"), Vendor(file(whole.encode())))
        assert (receipt.verdict, receipt.quarantined) == ("complete", 1)
        assert receipt.drift["file:odd_line"] == 1

    def test_a_row_with_other_cells_is_set_aside(self, desk: Desk) -> None:
        """It is not guessed which cell is which."""
        body = "Id,Text\nr0,a\nr1,b,c\nr2,d\n"
        receipt = desk.pull(connector("csv"), Vendor(file(body.encode())))
        assert (desk.ids, receipt.quarantined) == (["r0", "r2"], 1)
        assert receipt.drift["file:odd_row"] == 1

    def test_a_retry_gets_the_whole_file(self, desk: Desk) -> None:
        """A connection that broke is tried again within the same sync."""
        replies = [CUT["at its declared length"], file(text_of(5).encode())]
        receipt = desk.pull(connector("csv"), Vendor(lambda _: replies.pop(0)))
        assert (receipt.is_complete, len(desk.ids)) == (True, 5)

    def test_a_page_for_people_is_no_file(self, desk: Desk) -> None:
        """A sign-in page with status 200 is told as one."""
        receipt = desk.pull(connector("csv"), Vendor(file(b"<html>Sign in</html>", "text/html")))
        assert receipt.note.startswith("SchemaChanged")
        assert desk.ids == []


class TestSize:
    """What is small on the wire may be large."""

    @pytest.mark.parametrize("way", ["wire", "gzip", "zip", "plain"])
    def test_a_file_that_is_too_large(self, desk: Desk, way: str) -> None:
        """It is refused at its cap, before a row of it is kept."""
        text = "Id,Text\n" + "r1," + "a" * 3_000_000 + "\n"
        plain = file(text.encode())
        reply = {
            "wire": plain.packed(),
            "gzip": file(gzip.compress(text.encode())),
            "zip": file(zipped(a=text)),
            "plain": plain,
        }[way]
        form = Download("csv", is_zip=way == "zip", most_bytes=1 << 20)
        receipt = desk.pull(connector(form), Vendor(reply))
        assert receipt.note.startswith("FatalError: ")
        assert "larger than 1,048,576 bytes" in receipt.note
        assert desk.ids == []

    def test_memory_holds_pages_and_not_the_file(self) -> None:
        """A file of 60 MB is read with less than a third of it in memory."""
        rng = random.Random(5)
        words = "".join(rng.choices("abcdefgh ", k=3_000))
        body = gzip.compress(
            ("Id,Text\n" + "".join(f"r{n},{words}\n" for n in range(20_000))).encode(), 1
        )
        runtime = Runtime(clock=lambda: NOW, root=Path(), sleep=lambda _: None)
        with FaultServer(Vendor(file(body))) as server:
            told = {"base_url": server.origin, "allow_private_addresses": True, "token": SECRET}
            source = build(connector("csv"), told, runtime)
            tracemalloc.start()
            count = sum(isinstance(one, Note) for one in source.read("notes", None, ReadRequest()))
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert count == 20_000
        assert peak < 20_000_000


class TestDrift:
    """What is new about a head is told."""

    form = Download("csv", columns=("Id", "Text"))

    def test_a_new_column_is_counted(self, desk: Desk) -> None:
        """By its name, if it looks like one."""
        body = "Id,Extra,Text,How was it?\nr1,x,fine,y\n"
        receipt = desk.pull(connector(self.form), Vendor(file(body.encode())))
        assert receipt.drift == {"column:Extra": 1, "column:other": 1}
        assert receipt.is_complete

    def test_a_column_that_is_gone_stops_the_stream(self, desk: Desk) -> None:
        """The error names the column."""
        receipt = desk.pull(connector(self.form), Vendor(file(b"Id,Words\nr1,fine\n")))
        assert receipt.note.startswith("SchemaChanged: ")
        assert "no column 'Text'" in receipt.note

    def test_the_files_of_an_archive_have_one_head(self, desk: Desk) -> None:
        """Rows below another head would land in other fields."""
        body = zipped(a=text_of(1), b="Text,Id\nx,r9\n")
        receipt = desk.pull(connector(Download("csv", is_zip=True)), Vendor(file(body)))
        assert receipt.note.startswith("SchemaChanged")
        assert "r9" not in desk.ids

    def test_another_encoding_is_told(self, desk: Desk) -> None:
        """What is no UTF-8 is not replaced by question marks."""
        receipt = desk.pull(connector("csv"), Vendor(file("Id,Text\nr1,ü\n".encode("latin-1"))))
        assert "not written in utf-8" in receipt.note


class TestGoingOn:
    """A sync that stopped within a file goes on in it."""

    form = Download("csv", size=2)

    def test_the_next_sync_goes_on_behind_the_last_page(self, desk: Desk) -> None:
        """The file is fetched again, and what was kept of it is not served again."""
        vendor = Vendor(file(text_of(7).encode()))
        first = desk.pull(connector(self.form), vendor, limit=4)
        assert (first.served, desk.ids) == (4, ["r0", "r1", "r2", "r3"])
        second = desk.pull(connector(self.form), vendor)
        assert (second.served, second.is_complete, len(desk.ids)) == (3, True, 7)
        assert vendor.fetched == 2

    def test_another_file_is_read_from_its_beginning(self, desk: Desk) -> None:
        """Where the source made it anew, its rows may stand elsewhere."""
        desk.pull(connector(self.form), Vendor(file(text_of(7).encode())), limit=4)
        other = Vendor(file(text_of(9, start=1).encode()))
        receipt = desk.pull(connector(self.form), other)
        assert (receipt.served, receipt.is_complete) == (9, True)
        assert desk.ids == [f"r{number}" for number in range(10)]

    def test_one_fetch_gives_all_pages(self, desk: Desk) -> None:
        """A page more costs no request."""
        vendor = Vendor(file(text_of(8).encode()))
        receipt = desk.pull(connector(self.form), vendor)
        assert (vendor.fetched, receipt.pages) == (1, 7)


class TestStorage:
    """The file lies elsewhere: on a storage host, under an address that is a key for a while."""

    def linked(self, desk: Desk, storage: FaultServer, place: str, *, is_declared: bool) -> Any:
        """Receipt of a pull from a source that points there."""
        made = connector("csv", link="url", file_origins=(storage.origin,) if is_declared else ())
        return desk.pull(made, Vendor(file(b""), url=place))

    def test_a_declared_host_gets_no_credentials(self, desk: Desk) -> None:
        """The file is fetched, without a secret, and its address is in no state."""
        with FaultServer([file(text_of(3).encode())]) as storage:
            place = f"{storage.origin}/b/file.csv?Signature=k3y"
            receipt = self.linked(desk, storage, place, is_declared=True)
        assert (receipt.is_complete, desk.ids) == (True, ["r0", "r1", "r2"])
        (heard,) = storage.heard
        assert heard.target == "/b/file.csv?Signature=k3y"
        assert SECRET not in repr(heard)
        assert all(SECRET in repr(one.headers) for one in desk.heard)
        assert "k3y" not in desk.state + receipt.note

    def test_a_host_that_was_not_declared_is_never_asked(self, desk: Desk) -> None:
        """The error says that the connector must declare it."""
        with FaultServer([file(text_of(3).encode())]) as storage:
            receipt = self.linked(desk, storage, f"{storage.origin}/x", is_declared=False)
        assert receipt.note.startswith("ForeignOrigin")
        assert storage.heard == []

    def test_a_redirect_to_storage_leaves_the_credentials_behind(self, desk: Desk) -> None:
        """Many sources answer the fetch with the way to their storage."""
        with FaultServer([file(text_of(3).encode())]) as storage:
            made = connector("csv", file_origins=(storage.origin,))
            receipt = desk.pull(made, Vendor(Reply.redirect(f"{storage.origin}/x?Signature=k3y")))
        assert (receipt.is_complete, len(desk.ids)) == (True, 3)
        assert SECRET not in repr(storage.heard)

    def test_a_page_of_a_list_never_lies_in_storage(self, desk: Desk) -> None:
        """The hosts of files serve nothing but files."""
        with FaultServer([Reply.of({"id": "j1"})]) as storage:
            made = connector("csv", file_origins=(storage.origin,))
            receipt = desk.pull(made, [Reply.redirect(f"{storage.origin}/x", status=307)])
        assert receipt.note.startswith("ForeignOrigin")
        assert storage.heard == []

    def test_an_address_that_is_good_no_more_is_asked_for_anew(self, desk: Desk) -> None:
        """A sync that goes on in a file polls for a fresh address; the old one is not needed."""
        keys: list[str] = []

        def serve(heard: Heard) -> Reply:
            keys.append(heard.target)
            return file(text_of(7).encode())

        with FaultServer(serve) as storage:
            made = connector(Download("csv", size=2), link="url", file_origins=(storage.origin,))
            for key in ("one", "two"):
                vendor = Vendor(file(b""), url=f"{storage.origin}/f?k={key}")
                desk.pull(made, vendor, limit=4)
        assert keys == ["/f?k=one", "/f?k=two"]
        assert desk.ids == [f"r{number}" for number in range(7)]

    def test_storage_that_refuses_is_told_as_gone(self, desk: Desk) -> None:
        """A refused address says nothing of the credentials; the next sync starts the job anew."""
        with FaultServer([Reply(status=403, body=b"<Error/>")]) as storage:
            place = f"{storage.origin}/b/file.csv?Signature=k3y"
            receipt = self.linked(desk, storage, place, is_declared=True)
        assert "good no more" in receipt.note
        assert "k3y" not in receipt.note
        with FaultServer([file(text_of(3).encode())]) as storage:
            place = f"{storage.origin}/b/file.csv"
            assert self.linked(desk, storage, place, is_declared=True).is_complete
