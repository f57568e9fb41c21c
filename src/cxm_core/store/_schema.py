"""Tables of the store, derived from the descriptions of the records: nothing is written twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from attrs import fields

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.records import KINDS, FieldType, RecordDescription, describe, record_class

from ._arrow import struct_of
from ._quarantine import QuarantineEntry
from ._sql import name_list, quote_ident

# Instants are kept in UTC without a zone: the client needs another package for those with one.
SQL_TYPES: Mapping[FieldType, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "instant": "TIMESTAMP",
    "date": "DATE",
    "json": "VARCHAR",
}
KEYS: tuple[str, ...] = ("record_id", "content_hash")
# A deletion leaves a tombstone, not a record.
STORED_KINDS = tuple(kind for kind in KINDS if kind != "deletion")
QUARANTINE = tuple(one.name for one in fields(QuarantineEntry))
_NO_TEXT = {
    "is_cut": "BOOLEAN",
    "first_seen_at": "TIMESTAMP",
    "last_seen_at": "TIMESTAMP",
    "seen": "BIGINT",
}
QUARANTINE_TYPES = {name: _NO_TEXT.get(name, "VARCHAR") for name in QUARANTINE}
_OWN_TABLES: Mapping[str, Mapping[str, str]] = {
    "cxm_source": {"name": "VARCHAR", "account": "VARCHAR", "pinned_at": "TIMESTAMP"},
    "cxm_checkpoint": {
        "source": "VARCHAR", "stream": "VARCHAR", "state": "VARCHAR", "saved_at": "TIMESTAMP"
    },
    "cxm_receipt": {
        "number": "BIGINT", "source": "VARCHAR", "stream": "VARCHAR",
        "started_at": "TIMESTAMP", "is_complete": "BOOLEAN", "receipt": "VARCHAR",
    },
    "cxm_quarantine": QUARANTINE_TYPES,
    "cxm_tombstone": {
        "kind": "VARCHAR", "record_id": "VARCHAR", "content_hash": "VARCHAR",
        "stamp": "TIMESTAMP", "source": "VARCHAR", "native_id": "VARCHAR",
        "known_at": "TIMESTAMP",
    },
    # How much of each writer's journal the store holds already: the last number, and its place.
    "cxm_folded": {
        "writer": "VARCHAR", "number": "BIGINT", "segment": "BIGINT", "size": "BIGINT",
        "written_at": "TIMESTAMP",
    },
    # Deliveries that were folded, so that none counts twice.
    "cxm_delivery": {"source": "VARCHAR", "key": "VARCHAR", "known_at": "TIMESTAMP"},
    # Deliveries that could not be read when they came, until somebody reads them.
    "cxm_inbox": {
        "source": "VARCHAR", "key": "VARCHAR", "received_at": "TIMESTAMP", "request": "VARCHAR"
    },
    # What befell the store itself: a log set aside, a rebuild, a compaction, a retention run.
    "cxm_event": {"at": "TIMESTAMP", "event": "VARCHAR", "detail": "VARCHAR"},
}  # fmt: skip


def described(kind: str) -> RecordDescription:
    """Description of a kind of record that the store keeps."""
    if kind not in STORED_KINDS:
        raise UsageError(
            f"The store keeps no records of kind {kind!r}.", hint=did_you_mean(kind, STORED_KINDS)
        )
    return describe(record_class(kind))


@lru_cache(maxsize=64)
def columns_of(kind: str) -> Mapping[str, str]:
    """Columns of a kind's current table and their types in SQL."""
    return {name: SQL_TYPES[type_] for name, type_ in types_of(kind).items()}


def types_of(kind: str) -> Mapping[str, FieldType]:
    """Columns of a kind's current table and their types in the words of `FieldDescription`."""
    keys: dict[str, FieldType] = dict.fromkeys(KEYS, "text")
    return keys | {column.name: column.type for column in described(kind).fields}


def arrow_schema(kind: str) -> Any:
    """Arrow schema of the records of a kind, as `Store.read` hands them out.

    Parameters
    ----------
    kind : str
        Kind of record, such as `response`.

    Returns
    -------
    nanoarrow.Schema
        A struct of the columns: the keys, then those of the record; times in UTC, to the
        microsecond.

    Raises
    ------
    UsageError
        The store keeps no such records.

    Examples
    --------
    >>> [field.name for field in arrow_schema("note").fields][:3]
    ['record_id', 'content_hash', 'source']
    """
    return struct_of(types_of(kind))


def table_of(kind: str) -> str:
    """Quoted name of the table of current records."""
    return quote_ident(kind)


def history_of(kind: str) -> str:
    """Quoted name of the table of superseded and deleted records."""
    return quote_ident(kind + "_history")


def tables() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every table of a store, with its columns and their types."""
    yield from _OWN_TABLES.items()
    for kind in STORED_KINDS:
        yield kind, columns_of(kind)
        yield kind + "_history", {**columns_of(kind), "superseded_at": "TIMESTAMP"}


def table_sql(name: str, columns: Mapping[str, str]) -> str:
    """Statement that makes a table, unless it is there."""
    body = ", ".join(_column_sql(column, type_) for column, type_ in columns.items())
    return f"CREATE TABLE IF NOT EXISTS {quote_ident(name)} ({body})"


def _column_sql(name: str, type_: str) -> str:
    # A hash cannot be packed much, and to try costs more than all else that is done to write it.
    packing = " USING COMPRESSION uncompressed" if name in KEYS else ""
    return f"{quote_ident(name)} {type_}{packing}"


def stamp_sql(table: str) -> str:
    """When a version was made, as far as anyone knows: what decides which of two is newer."""
    return f"coalesce({table}.recorded_at, {table}.known_at)"


def column_list(kind: str, *, of: str | None = None) -> str:
    """Quoted columns of a kind's current table, with commas between."""
    return name_list(columns_of(kind), of=of)
