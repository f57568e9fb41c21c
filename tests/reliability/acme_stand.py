"""A vendor whose server fails by a script, and its connector, synced into a store."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from cxm_connectors.testing import FaultServer, Heard, Reply
from cxm_connectors.toolkit import Bearer, Connector, Cursor, Parent, Single, stream
from cxm_core.plugins import ReadRequest
from cxm_core.records import Note
from cxm_core.results import SyncReceipt
from cxm_core.store import open_store
from cxm_core.sync import pull
from reliability.wire_stand import START, Time, runtime_of


class Acme(Connector):
    """A vendor with forms, answers to them, and notes that come in pages."""

    name, origin, auth = "acme", "https://api.acme.com", Bearer("ACME")

    @stream(
        "notes",
        path="/v1/notes",
        rows="data",
        page=Cursor(next="next", param="cursor", more="more"),
    )
    def notes(self, row: dict[str, Any]) -> Note:
        """Read one note."""
        return Note(native_id=row["id"], occurred_at=row["at"], text=row["text"])

    @stream("forms", path="/v1/forms", rows="data", page=Single())
    def forms(self, row: dict[str, Any]) -> tuple[Note, ...]:
        """A form alone is no record."""
        del row
        return ()

    @stream(
        "answers",
        path="/v1/forms/{id}/answers",
        rows="data",
        page=Single(),
        parent=Parent("forms", key="id"),
    )
    def answers(self, row: dict[str, Any]) -> Note:
        """Read one answer."""
        return Note(native_id=row["id"], occurred_at=row["at"], text=row["text"])


def rows_of(number: int, count: int = 3) -> list[dict[str, str]]:
    """Rows of a page, whose ids tell the page."""
    at = "2026-10-01T08:00:00Z"
    return [{"id": f"{number}-{row}", "at": at, "text": "so-so"} for row in range(count)]


def page_of(number: int, *, last: int) -> Reply:
    """A page of notes that names the next one."""
    following = {"next": str(number + 1), "more": number < last}
    return Reply.of({"data": rows_of(number), **following})


def asked_page(heard: Heard) -> int:
    """Which page a request asks for; the first names none."""
    return int(dict(parse_qsl(heard.target.partition("?")[2])).get("cursor", "1"))


def pulled(
    server: FaultServer, folder: Path, *streams: str, time: Time | None = None
) -> tuple[SyncReceipt, ...]:
    """Sync streams of the vendor into the store of a folder."""
    time = time or Time()
    config = Acme.config(base_url=server.origin, allow_private_addresses=True)
    connector = Acme(config, runtime_of(time))
    with closing(open_store(str(folder / "cxm.duckdb"), clock=time.clock)) as store:
        request = ReadRequest(streams=streams)
        return pull(store, connector, source="acme:own", request=request, clock=time.clock)


def kept_notes(folder: Path) -> list[str]:
    """Own ids of the notes that the store of a folder holds."""
    with closing(open_store(str(folder / "cxm.duckdb"), clock=lambda: START)) as store:
        return sorted(record.native_id for record in store.records("note"))
