"""Records as rows of the store's tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import repeat, starmap
from typing import NamedTuple

from cxm_core.records import (
    KINDS,
    Deletion,
    Plain,
    Record,
    record_id,
    row_hash,
    row_hashes,
    to_columns,
    to_row,
)

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


class StoredColumns(NamedTuple):
    """Rows for the table of one kind, in columns; one that is empty is left out."""

    kind: str
    cells: dict[str, Sequence[Plain]]

    def __repr__(self) -> str:
        return f"StoredColumns({self.kind!r})"


def stored_columns(
    records: Sequence[Record], *, source: str, now: datetime
) -> list[StoredColumns] | None:
    """What `stored_rows` says of a page, in columns, kind by kind; None if it must be asked."""
    classes: dict[type[Record], list[Record]] = {}
    for record in records:
        classes.setdefault(type(record), []).append(record)
    # Where two classes go into one table, the order of their rows would be lost.
    if not all(KINDS.get(cls.record_kind) is cls is not Deletion for cls in classes):
        return None
    return [_stored_columns(page, source, now) for page in classes.values()]


def _stored_columns(records: list[Record], source: str, now: datetime) -> StoredColumns:
    kind, columns = records[0].record_kind, to_columns(records)
    columns["content_hash"] = row_hashes(columns)
    columns["source"] = sources = _filled(columns.get("source"), source, len(records))
    columns["known_at"] = _filled(columns.get("known_at"), now, len(records))
    pairs = zip(repeat(kind), sources, columns["native_id"], strict=False)
    columns["record_id"] = list(starmap(record_id, pairs))
    return StoredColumns(kind, columns)


def _filled(cells: Sequence[Plain] | None, value: Plain, length: int) -> Sequence[Plain]:
    if cells is None:
        return [value] * length
    return [value if cell is None else cell for cell in cells]
