"""Records as rows of the store's tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from cxm_core.records import Deletion, Plain, Record, row_hash, to_row

from ._schema import columns_of


class StoredRow(NamedTuple):
    """A row for the table of its kind; times are aware."""

    kind: str
    cells: dict[str, Plain]

    def __repr__(self) -> str:
        return f"StoredRow({self.kind!r})"


def stored_rows(records: Iterable[Record], *, source: str, now: datetime) -> Iterator[StoredRow]:
    """Rows of records, with their source and the moment we learnt of them filled in."""
    for record in records:
        yield _stored_row(stamped(record, source, now))


def stamped(record: Record, source: str, now: datetime) -> Record:
    """Record with its source and the moment we learnt of it, where they were missing."""
    return record.stamped(
        source=source if record.source is None else None,
        known_at=now if record.known_at is None else None,
    )


def _stored_row(record: Record) -> StoredRow:
    row = to_row(record)
    version = row_hash(row)
    if isinstance(record, Deletion):
        gone = {name: row.get(name) for name in columns_of(record.kind)} | {"is_deleted": True}
        return _keyed(record.kind, gone, record.target_id, version)
    return _keyed(record.record_kind, row, record.record_id, version)


def _keyed(kind: str, row: dict[str, Plain], identity: str, version: str) -> StoredRow:
    row["record_id"], row["content_hash"] = identity, version
    return StoredRow(kind, row)
