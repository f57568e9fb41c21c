"""Any history of a vendor, read by each kind of paging, killed anywhere: what is kept is all of it.

The vendor is a model in memory. Rows are inserted, changed, deleted and merged between any two
requests; some are served late; several share a second; pages are empty, short, or begin with the
row before. Its tokens expire, and our clock is wrong. The reader is killed anywhere and goes on
from its last checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from attrs import frozen

from cxm_connectors.simulation import SimRequest
from cxm_connectors.toolkit import (
    Answer,
    Call,
    Config,
    Connector,
    Cursor,
    IdWindow,
    Job,
    Link,
    LinkHeader,
    Offset,
    Page,
    Paging,
    Parent,
    Since,
    Single,
    TimeWindow,
    stream,
)
from cxm_core.errors import FatalError, NotFound, SourceError
from cxm_core.plugins import Checkpoint, ReadRequest, Rejected, Runtime
from cxm_core.records import Deletion, Note, Record

from ._model_pages import ModelVendor
from ._model_rows import START, ModelRows, Script

# In the model's clock a row is hidden for five seconds at most.
_LOOKBACK = "5s"
_SINCE = Since(param="since", stamp="updated_at", lookback=_LOOKBACK)
_EPOCH = Since(
    param="start_time",
    stamp="updated_s",
    lookback=_LOOKBACK,
    format="epoch",
    stamp_format="epoch",
)


@frozen(kw_only=True)
class PagedBy:
    """How one kind of paging is declared, and where the model vendor serves it.

    Parameters
    ----------
    path : str
        Path of the model's list.
    page : Paging
        The kind.
    since : Since or None
        How changes are asked for.
    method : str
        HTTP method of the first call.
    parent : Parent or None
        Stream of the parents.
    """

    path: str
    page: Paging
    since: Since | None = _SINCE
    method: str = "GET"
    parent: Parent | None = None


_NEXT = Cursor(next="meta.next", more="meta.has_more")
MODEL_KINDS: Mapping[str, PagedBy] = {
    "cursor": PagedBy(path="/cursor", page=_NEXT),
    "cursor without since": PagedBy(path="/cursor", page=_NEXT, since=None),
    "cursor that is kept": PagedBy(
        path="/log",
        page=Cursor(next="after_cursor", end="end_of_stream", is_kept=True),
        since=None,
    ),
    "link": PagedBy(path="/link", page=Link(next="links.next")),
    "link header": PagedBy(path="/header", page=LinkHeader()),
    "page": PagedBy(path="/page", page=Page(pages="pages", is_read_twice=True)),
    "page until empty": PagedBy(path="/page", page=Page(is_read_twice=True)),
    "offset": PagedBy(path="/offset", page=Offset(total="total", is_read_twice=True)),
    "id window": PagedBy(path="/search", page=IdWindow(after="after", left="left")),
    "time window": PagedBy(
        path="/window",
        page=TimeWindow(param="start_time", next="end_time", end="end_of_stream"),
        since=_EPOCH,
    ),
    "time window by stamps": PagedBy(
        path="/stamped", page=TimeWindow(param="since", since=_SINCE, page_param="page")
    ),
    "job": PagedBy(
        path="/exports",
        method="POST",
        page=Job(
            id="id", status="status", done=("complete",), file="file", next="next", param="at"
        ),
    ),
    "single": PagedBy(path="/single", page=Single()),
    "parts": PagedBy(path="/cursor?part={id}", page=_NEXT, parent=Parent("parts")),
}


def model_connector(paged: PagedBy, vendor: ModelVendor, *, skew_s: int = 0) -> Connector:
    """Build a connector that reads a model vendor without a socket.

    Parameters
    ----------
    paged : PagedBy
        Kind of paging.
    vendor : ModelVendor
        The vendor.
    skew_s : int
        How far our clock is before the vendor's.

    Returns
    -------
    Connector
        Its stream is ``"rows"``.
    """

    class Model(Connector):
        name, origin = "model", vendor.origin

        def send(self, call: Call) -> Answer:
            return _answer(vendor, call)

        @stream("parts", path="/parts", rows="data", page=Single())
        def parts(self, row: Mapping[str, Any]) -> tuple[()]:
            del row
            return ()

        @stream(
            "rows",
            path=paged.path,
            rows="data",
            page=paged.page,
            since=paged.since,
            method=paged.method,
            parent=paged.parent,
        )
        def rows(self, row: Mapping[str, Any]) -> Record:
            if row["is_deleted"]:
                return Deletion(kind="note", native_id=row["id"])
            return Note(
                native_id=row["id"],
                occurred_at=row["updated_at"],
                recorded_at=row["updated_at"],
                text=str(row["value"]),
            )

    def clock() -> datetime:
        return START + timedelta(seconds=vendor.rows.now + skew_s)

    runtime = Runtime(clock=clock, root=Path(), sleep=vendor.rows.pass_time)
    return Model(Config(), runtime)


def _answer(vendor: ModelVendor, call: Call) -> Answer:
    path, _, query = call.path.removeprefix(vendor.origin).partition("?")
    target = f"{path}?{query}&{urlencode(call.params)}"
    response = vendor.respond(SimRequest(method=call.method, target=target))
    if response.status >= 400:
        raise NotFound("The model no longer has it.", status=response.status)
    now = START + timedelta(seconds=vendor.rows.now)
    headers = dict(response.headers) | {"date": format_datetime(now, usegmt=True)}
    link = headers.pop("link", "")
    links = {"next": link[1 : link.index(">")]} if link else {}
    return Answer(
        status=response.status,
        headers=headers,
        body=response.body,
        url=call.path,
        received_at=now,
        links=links,
    )


class Kept:
    """What a host keeps of a stream: rows and state of a page together, or nothing of it.

    Attributes
    ----------
    rows : dict of str to int
        Content of each row by its id.
    state : mapping or None
        State of the last checkpoint.
    """

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.state: Any = None

    def sync(self, connector: Connector, request: ReadRequest, *, kill_after: int = 0) -> bool:
        """Read what is new; False if it was killed, or ended by an error of the source."""
        items = connector.read("rows", self.state, request)
        pending: list[Record | Rejected] = []
        try:
            for number, item in enumerate(items, 1):
                if isinstance(item, Checkpoint):
                    self._commit(pending, item)
                    pending = []
                elif isinstance(item, Record | Rejected):
                    pending.append(item)
                if number == kill_after:
                    items.close()  # type: ignore[attr-defined]  # a generator, as read() makes one
                    return False
        except SourceError:
            return False
        return True

    def _commit(self, pending: list[Record | Rejected], checkpoint: Checkpoint) -> None:
        for one in pending:
            if isinstance(one, Deletion):
                self.rows.pop(one.native_id, None)
            elif isinstance(one, Note):
                self.rows[one.native_id] = int(one.text or "")
            else:
                raise FatalError("The model's rows are all good, and one was set aside.")
        self.state = json.loads(json.dumps(checkpoint.state))


@frozen(kw_only=True)
class Outcome:
    """How a history ended.

    Attributes
    ----------
    held : mapping of str to int
        What the vendor holds.
    kept : mapping of str to int
        What was kept.
    is_settled : bool
        Whether one more sync of an unchanged vendor left the state as it was.
    syncs : int
        How many syncs it took.
    """

    held: Mapping[str, int]
    kept: Mapping[str, int]
    is_settled: bool
    syncs: int


def play(kind: str, choices: bytes) -> Outcome:
    """Play one history of the model vendor to its end, and two quiet syncs behind it.

    Parameters
    ----------
    kind : str
        One of `MODEL_KINDS`.
    choices : bytes
        The history: what happens, when, and where the reader is killed.

    Returns
    -------
    Outcome
        Held and kept are the same, or something was lost or is there twice.

    Raises
    ------
    FatalError
        The history never came to rest.
    """
    script = Script(choices)
    vendor = ModelVendor(ModelRows(script), script, size=1 + script.pick(3))
    skew_s = (0, -100, 100)[script.pick(3)]
    connector = model_connector(MODEL_KINDS[kind], vendor, skew_s=skew_s)
    kept, syncs = Kept(), 0
    while not script.is_over:
        if script.pick(6) == 5:
            vendor.expire()
        limit = (None, None, 1, 3)[script.pick(4)]
        kept.sync(connector, ReadRequest(limit=limit), kill_after=script.pick(12))
        vendor.rows.pass_time(script.pick(8))
        syncs += 1
    vendor.rows.settle()
    before: Any = None
    for quiet in range(1, 4):
        if not kept.sync(connector, ReadRequest()):
            raise FatalError("A quiet vendor could not be read to its end.", sync=quiet)
        is_settled, before = before == kept.state, kept.state
    return Outcome(
        held=vendor.rows.truth(),
        kept=kept.rows,
        # A clock behind the vendor's moves the high-water mark up to its own now.
        is_settled=is_settled or skew_s < 0,
        syncs=syncs + 3,
    )
