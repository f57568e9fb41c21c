"""What a delivery leaves in the journal beside records: its key, and what is no record (yet).

They are rows of kinds that no record has. A library that does not know them sets them aside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from cxm_core.records import Problem, Reason, record_id
from cxm_core.store._driver import run
from cxm_core.store._quarantine import Origin, QuarantineEntry, json_of, quarantine_entry
from cxm_core.store._sql import stored_instant

from ._batches import JournalBatch
from ._entries import JournalRow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DELIVERY = "cxm_delivery"
REFUSED = "cxm_refused"
UNREAD = "cxm_unread"
PUSHED = "webhooks"
# A vendor tries again for hours, an attacker for as long as the signature holds.
REMEMBERED = timedelta(days=30)


@frozen(kw_only=True)
class Refused:
    """A row of a delivery that is no record.

    Attributes
    ----------
    kind : str
        Kind of record that it should have become.
    raw : mapping or str
        The row as it was sent, or its text if it could not be taken apart.
    problem : Problem
        Why not.
    native_id : str or None
        The row's own id, if it could be read.
    """

    kind: str
    raw: Mapping[str, object] | str = field(repr=False)
    problem: Problem
    native_id: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Unread:
    """A delivery as it came, which nobody could read at once.

    Attributes
    ----------
    source : str
        Who pushed it.
    key : str
        What tells it from every other of its source.
    received_at : datetime
        When it came.
    request : str
        The request as JSON, as the one who received it wrote it down.
    """

    source: str
    key: str
    received_at: datetime
    request: str = field(repr=False)


def unread_row(request: str) -> JournalRow:
    """Row of a delivery that is to be read later."""
    return JournalRow(kind=UNREAD, cells={"request": request})


def unread_of(batch: JournalBatch, source: str) -> list[Unread]:
    """Deliveries of a batch that are to be read later."""
    key = delivery_of(batch.rows) or ""
    return [
        Unread(source=source, key=key, received_at=batch.at, request=str(row.cells["request"]))
        for row in batch.rows
        if row.kind == UNREAD and "request" in row.cells
    ]


def delivery_row(key: str) -> JournalRow:
    """Row that says which delivery a batch is."""
    return JournalRow(kind=DELIVERY, cells={"key": key})


def delivery_of(rows: Iterable[JournalRow]) -> str | None:
    """Key of the delivery that a batch is; None for any other batch."""
    keys = (row.cells.get("key") for row in rows if row.kind == DELIVERY)
    return next((key for key in keys if isinstance(key, str)), None)


def refused_row(refused: Refused) -> JournalRow:
    """Row of a row that is no record."""
    problem = refused.problem
    cells = {
        "kind": refused.kind,
        "raw": json_of(refused.raw),
        "reason": problem.reason.value,
        "field": problem.field,
        "message": problem.message,
        "native_id": refused.native_id,
    }
    held = {name: value for name, value in cells.items() if value is not None}
    return JournalRow(kind=REFUSED, cells=held)


def _refused_of(row: JournalRow) -> Refused:
    try:
        return _read(row.cells)
    except (KeyError, TypeError, ValueError):
        problem = Problem(Reason.BAD_ROW, None, "The row was written by another library.")
        return Refused(kind=row.kind, raw=dict(row.cells), problem=problem)


def _read(cells: Mapping[str, Any]) -> Refused:
    problem = Problem(Reason(cells["reason"]), cells.get("field"), str(cells["message"]))
    return Refused(
        kind=str(cells["kind"]),
        raw=json.loads(cells["raw"]),
        problem=problem,
        native_id=cells.get("native_id"),
    )


def refused_entry(
    row: JournalRow, source: str, *, now: datetime, name: str = ""
) -> QuarantineEntry:
    """Entry for a row of a delivery that was no record when it came."""
    refused = _refused_of(row)
    own_id = refused.native_id
    return quarantine_entry(
        Origin(kind=refused.kind, source=source, stream=PUSHED, name=name),
        refused.problem,
        refused.raw,
        record_id=None if own_id is None else record_id(refused.kind, source, own_id),
        now=now,
    )


def record_rows(rows: Iterable[JournalRow]) -> Iterator[JournalRow]:
    """Rows that are records, or should be."""
    return (row for row in rows if row.kind not in (DELIVERY, UNREAD))


class Deliveries:
    """Deliveries that were folded before, so that none counts twice."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self._con = con
        self._known: set[tuple[str, str]] | None = None
        self._new: dict[tuple[str, str], datetime] = {}

    def is_again(self, source: str, key: str, at: datetime) -> bool:
        """Whether this delivery of a source was folded; from now on it was."""
        if self._known is None:
            # Most journals hold no delivery, so nothing is read for them.
            self._known = known_deliveries(self._con)
        one = (source, key)
        if one in self._known or one in self._new:
            return True
        self._new[one] = at
        return False

    def rename(self, old: str, new: str) -> None:
        """Know the deliveries of a source by its new name."""
        self.keep()
        if self._known is not None:
            self._known = {(new if source == old else source, key) for source, key in self._known}

    def keep(self) -> None:
        """Write down what is new, and forget what is long ago."""
        if not self._new:
            return
        values: dict[str, list[object]] = {
            "source": [source for source, _ in self._new],
            "key": [key for _, key in self._new],
            "at": [stored_instant(at) for at in self._new.values()],
        }
        run(self._con, _ADD, **values)
        run(self._con, _FORGET, before=stored_instant(max(self._new.values()) - REMEMBERED))
        self._known = (self._known or set()) | set(self._new)
        self._new = {}


_ADD = """
INSERT INTO cxm_delivery
SELECT unnest($source::VARCHAR[]), unnest($key::VARCHAR[]), unnest($at::TIMESTAMP[])
"""
_FORGET = "DELETE FROM cxm_delivery WHERE known_at < $before"


def add_unread(con: DuckDBPyConnection, unread: Iterable[Unread]) -> None:
    """Keep deliveries until somebody reads them."""
    for one in unread:
        values = {"source": one.source, "key": one.key, "request": one.request}
        at = stored_instant(one.received_at)
        run(con, "INSERT INTO cxm_inbox VALUES ($source, $key, $at, $request)", at=at, **values)


def unread_in(con: DuckDBPyConnection, source: str | None = None) -> tuple[Unread, ...]:
    """Deliveries that nobody has read yet, oldest first."""
    sql = """SELECT source, key, received_at, request FROM cxm_inbox
        WHERE coalesce(source = $source, true) ORDER BY received_at, rowid"""
    return tuple(
        Unread(source=name, key=key, received_at=at.replace(tzinfo=UTC), request=request)
        for name, key, at, request in run(con, sql, source=source)
    )


def take_out(con: DuckDBPyConnection, source: str, keys: Iterable[str]) -> None:
    """Let go of deliveries that were read."""
    sql = "DELETE FROM cxm_inbox WHERE source = $source AND list_contains($keys::VARCHAR[], key)"
    run(con, sql, source=source, keys=list(keys))


def known_deliveries(con: DuckDBPyConnection) -> set[tuple[str, str]]:
    """Source and key of every delivery that is remembered."""
    return set(run(con, "SELECT source, key FROM cxm_delivery"))
