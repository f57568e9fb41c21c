"""Tables that leave the store: any frame library reads them without a copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import nanoarrow as na

from cxm_core.records import FieldType, Plain

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_ARROW: Mapping[FieldType, Callable[[], Any]] = {
    "text": na.string,
    "integer": na.int64,
    "number": na.float64,
    "boolean": na.bool_,
    "instant": lambda: na.timestamp("us", timezone="UTC"),
    "date": na.date32,
    "json": na.string,
}
_STORAGE: Mapping[FieldType, tuple[Callable[[], Any], Callable[[Any], int]]] = {
    "instant": (na.int64, lambda at: (at - _EPOCH) // _TICK),
    "date": (na.int32, lambda day: (day - date(1970, 1, 1)).days),
}


class ArrowTable:
    """Columns of equal length that any library with Arrow reads.

    Times are aware and in UTC. `pandas.DataFrame.from_arrow`, `polars.DataFrame`, `pyarrow.table`
    and `narwhals.from_arrow` take it as it is.
    """

    def __init__(self, stream: object) -> None:
        self._array = na.ArrayStream(stream).read_all()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(field.name for field in self._array.schema.fields)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self._array)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the columns over."""
        return self._array.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"ArrowTable({len(self)} rows, columns {', '.join(self.columns)})"


def struct_of(types: Mapping[str, FieldType]) -> Any:
    """Arrow schema of columns, by the words of `FieldDescription`."""
    return na.struct({name: _ARROW[type_]() for name, type_ in types.items()})


def arrow_table(types: Mapping[str, FieldType], rows: Iterable[Sequence[Plain]]) -> ArrowTable:
    """Arrow columns of rows.

    Parameters
    ----------
    types : mapping of str to str
        Name and type of each column, in the words of `FieldDescription`.
    rows : iterable of sequence
        Plain cells in the order of `types`; times are aware.

    Returns
    -------
    ArrowTable
        The columns, also where there is no row.

    Examples
    --------
    >>> arrow_table({"region": "text", "n": "integer"}, [("North", 3), (None, 1)])
    ArrowTable(2 rows, columns region, n)
    """
    return arrow_of(types, list(zip(*rows, strict=True)) or [()] * len(types))


def arrow_of(types: Mapping[str, FieldType], columns: Sequence[Sequence[Plain]]) -> ArrowTable:
    """Arrow columns of columns, in the order of `types`."""
    children = [_column(type_, cells) for type_, cells in zip(types.values(), columns, strict=True)]
    length = len(columns[0]) if columns else 0
    array = na.c_array_from_buffers(struct_of(types), length, [None], children=children)
    return ArrowTable(na.Array(array))


def _column(type_: FieldType, cells: Sequence[Any]) -> Any:
    if type_ not in _STORAGE:
        return na.c_array(cells, _ARROW[type_]())
    storage, number = _STORAGE[type_]
    plain = na.c_array([None if cell is None else number(cell) for cell in cells], storage())
    buffers = [plain.view().buffer(place) for place in (0, 1)]
    return na.c_array_from_buffers(
        _ARROW[type_](), len(cells), [buffers[0] if plain.null_count else None, buffers[1]]
    )


class Restarting:
    """A query as an Arrow stream that may be asked for twice, as DuckDB 1.5 does."""

    def __init__(self, relation: Any) -> None:
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Run the query and hand its columns over."""
        return self._relation.__arrow_c_stream__(requested_schema)
