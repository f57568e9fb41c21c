"""Connectors and vendors written by hand, without the toolkit: what the suite is tried on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from pydantic import BaseModel

from cxm_connectors.simulation import SimRequest, SimResponse
from cxm_connectors.testing import Expect, Finding, examine
from cxm_core.errors import NotFound, RetryableError, TruncatedAnswer
from cxm_core.plugins import Checkpoint, CheckReport, Info, StreamInfo, WireRequest
from cxm_core.records import Note, Record

START = 1_762_300_000  # 2025-11-04T23:46:40Z
Row = dict[str, Any]
State = Mapping[str, Any]


def at(seconds: float) -> str:
    """Text of an instant so many seconds after the first."""
    return datetime.fromtimestamp(START + seconds, UTC).isoformat().replace("+00:00", "Z")


def rows_of(count: int, *, step: int = 60) -> list[Row]:
    """Rows that changed one after another."""
    return [
        {"id": f"n{n}", "at": at(n * step), "stamp": START + n * step, "text": f"note {n}"}
        for n in range(count)
    ]


class Vendor:
    """A vendor of notes: a subclass says how it answers."""

    origin = "https://api.vendor.example"

    def __init__(self, rows: list[Row] | None = None) -> None:
        self.rows = rows_of(6) if rows is None else rows

    def answer(self, path: str, asked: Mapping[str, str]) -> object:
        """Answer a request for a page."""
        raise NotImplementedError

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer a request."""
        body = request.json if request.body else {}
        found = self.answer(request.path, {**request.query, **body})
        return found if isinstance(found, SimResponse) else SimResponse.of(found)

    def holds(self) -> dict[tuple[str, str], dict[str, object]]:
        """What must be kept of it."""
        return {("note", row["id"]): {"text": row["text"]} for row in self.rows}


def shown(rows: list[Row]) -> list[Row]:
    """Rows as they are served."""
    return [{key: one for key, one in row.items() if not key.startswith("_")} for row in rows]


class Settings(BaseModel, extra="forbid", frozen=True):
    """What may be set."""

    base_url: str = "https://api.vendor.example"


class ByHand:
    """A connector as somebody writes it on a Friday: it can ask, and the rest is its subclass's."""

    info = Info(name="byhand", version="1", config=Settings)
    is_broken: ClassVar[bool] = False

    def __init__(self, config: Settings, runtime: Any) -> None:
        self.base, self.runtime = config.base_url, runtime

    def streams(self) -> list[StreamInfo]:
        """One stream."""
        return [StreamInfo(name="notes", kinds=("note",))]

    def check(self) -> CheckReport:
        """Say nothing."""
        return CheckReport(streams=tuple(self.streams()))

    def get(self, path: str, **asked: object) -> Any:
        """Ask by a query, or by a whole address."""
        url = path if "://" in path else self.base + path
        if asked:
            url += "?" + urlencode({name: one for name, one in asked.items() if one is not None})
        return self.send(WireRequest(method="GET", url=url))

    def post(self, path: str, body: object) -> Any:
        """Ask by a body."""
        url = self.base + path
        return self.send(WireRequest(method="POST", url=url, body=json.dumps(body).encode()))

    def send(self, request: WireRequest) -> Any:
        """Send, and read the answer."""
        answer = self.runtime.transport.send(request)
        body = b"".join(answer.pieces)
        if answer.status == 429 or answer.status >= 500:
            raise RetryableError("Not now.")
        if answer.status >= 400:
            raise NotFound("Nothing there.", status=answer.status)
        try:
            return json.loads(body)
        except ValueError:
            raise TruncatedAnswer("The answer is no JSON.") from None

    def record(self, row: Row) -> Record:
        """Make a record."""
        return Note(
            native_id=row["id"], occurred_at=row["at"], recorded_at=row["at"], text=row["text"]
        )

    def promise(self, **state: object) -> Checkpoint:
        """Make a checkpoint."""
        return Checkpoint({"version": 1, **state})


def outcome(
    cls: type[ByHand],
    vendor: Callable[[], Vendor],
    *checks: str,
    change: Callable[[Any], object] | None = None,
    old_states: Mapping[str, list[State]] | None = None,
) -> tuple[list[Finding], list[Finding]]:
    """What the checks find of the broken connector, and of the mended one."""
    expect = Expect(holds=lambda one: one.holds(), change=change, old_states=old_states or {})
    broken = type("Broken", (cls,), {"is_broken": True})
    found = (examine(one, vendor, expect=expect, checks=checks) for one in (broken, cls))
    red, green = ([*each] for each in found)
    return red, green


def assert_told_apart(findings: tuple[list[Finding], list[Finding]]) -> None:
    """Every check named is red on the broken connector and green on the mended one."""
    red, green = findings
    assert [(one.check, one.verdict) for one in red] == [(one.check, "red") for one in red]
    assert [(one.check, one.verdict, one.reason) for one in green] == [
        (one.check, "green", "") for one in green
    ]


class CursorExport(Vendor):
    """Serves what changed by an opaque cursor, two a page; after the end the cursor is null."""

    def answer(self, path: str, asked: Mapping[str, str]) -> object:
        """Answer a request for a page."""
        at_row = int(asked.get("cursor", "c0")[1:])
        page = self.rows[at_row : at_row + 2]
        after = f"c{at_row + len(page)}" if page else None
        return {
            "notes": shown(page),
            "after_cursor": after,
            "end_of_stream": at_row + 2 >= len(self.rows),
        }


def by_cursor(connector: ByHand, state: State | None) -> Iterator[object]:
    """Read a cursor export as one should."""
    cursor = (state or {}).get("cursor")
    while True:
        page = connector.get("/export", cursor=cursor)
        yield from map(connector.record, page["notes"])
        cursor = page["after_cursor"] or cursor
        yield connector.promise(cursor=cursor)
        if page["end_of_stream"]:
            return
