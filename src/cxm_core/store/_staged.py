"""Rows of Python on their way into a table: as Arrow columns, which a statement takes at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cxm_core.records import FieldType

from ._arrow import ArrowTable, arrow_of
from ._sql import quote_ident

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_TYPES: Mapping[str, FieldType] = {
    "VARCHAR": "text",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    # As its microseconds: a stamp with a zone would be turned by the zone of the connection.
    "TIMESTAMP": "integer",
}


def any_value(cells: Sequence[object]) -> bool:
    """Whether a column holds anything."""
    return any(cell is not None for cell in cells)


def staged_table(columns: Mapping[str, Sequence[Any]], types: Mapping[str, str]) -> ArrowTable:
    """Arrow columns of some of the columns of a page; times are aware."""
    cells = [_stored(columns[name], type_) for name, type_ in types.items()]
    named = {name: _TYPES[type_] for name, type_ in types.items()}
    return arrow_of(named, cells)


def _stored(cells: Sequence[Any], type_: str) -> Sequence[Any]:
    if type_ != "TIMESTAMP":
        return cells
    return [None if cell is None else (cell - _EPOCH) // _TICK for cell in cells]


def staged_cell(name: str, type_: str) -> str:
    """SQL for a column of a staged table as its own table holds it."""
    quoted = quote_ident(name)
    return f"make_timestamp({quoted})" if type_ == "TIMESTAMP" else quoted
