"""Arrow streams and arrays as columns, through nanoarrow alone.

Numbers, times and texts are taken as they lie in the buffers; only types of which no log is made
become Python objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import nanoarrow as na
import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.errors import UsageError

from ._arrow_parts import Part, joined, texts_of
from ._objects import Column, Mask, from_numpy, from_objects, in_microseconds, settled
from ._texts import Coded

STREAM = "__arrow_c_stream__"

_NUMBERS = frozenset(
    getattr(na.Type, f"{sign}INT{bits}") for sign in ("", "U") for bits in (8, 16, 32, 64)
) | {na.Type.FLOAT, na.Type.DOUBLE}
_NESTED = frozenset(
    getattr(na.Type, name)
    for name in (
        "LIST",
        "LARGE_LIST",
        "FIXED_SIZE_LIST",
        "STRUCT",
        "MAP",
        "DENSE_UNION",
        "SPARSE_UNION",
    )
)
_VIEWS = ("vu", "vz")
_UNITS = {"SECOND": "s", "MILLI": "ms", "MICRO": "us", "NANO": "ns"}


def speaks_arrow(data: object) -> bool:
    """Whether an object hands out Arrow data."""
    return hasattr(data, STREAM) or hasattr(data, "__arrow_c_array__")


def read_arrow(data: Any, what: str) -> Column | Mapping[str, Callable[[], Column]]:
    """Read an Arrow stream once: a column, or for a table what makes each of its columns."""
    schema, parts = _chunks(data)
    if schema.type != na.Type.STRUCT:
        return _column(parts, schema, what)
    return {
        field.name: partial(_column, [part.child(place) for part in parts], field, what)
        for place, field in enumerate(schema.fields)
    }


def _chunks(data: Any) -> tuple[na.Schema, list[Part]]:
    if not hasattr(data, STREAM):
        array = _array(data)
        return na.Schema(array.schema), [Part.of(array)]
    with na.c_array_stream(data) as stream:
        return na.Schema(stream.get_schema()), [Part.of(array) for array in stream]


def _array(data: Any) -> Any:
    """Array of an object that has no stream; nanoarrow loses the bytes of its views."""
    is_view = na.c_schema(data.__arrow_c_array__()[0]).format in _VIEWS
    return na.c_array(data, na.string() if is_view else None)


def _column(parts: list[Part], schema: na.Schema, what: str) -> Column:
    """Column of its parts."""
    kind = schema.type
    if kind == na.Type.DICTIONARY:
        return _dictionary(parts, schema, what)
    if kind in _READERS:
        is_missing = joined([part.is_missing for part in parts], np.bool_)
        return _READERS[kind](parts, schema, is_missing)
    if kind in _NESTED:
        return from_objects([[] for part in parts[:1]], what)
    if kind == na.Type.BINARY_VIEW:
        return from_objects(_bytes(parts), what)
    return from_objects(_objects(parts, schema, what), what)


def _objects(parts: list[Part], schema: na.Schema, what: str) -> list[Any]:
    """Values one by one, of a type that has no quicker way."""
    try:
        return [row for part in parts for row in part.objects()]
    except KeyError:  # what nanoarrow says of a type that it cannot walk through
        raise UsageError(
            f"The data for {what} is of Arrow's type {schema.type.name.lower()}, which cannot be "
            "read.",
            hint="pyarrow.compute.run_end_decode(column), or column.to_pylist()",
        ) from None


def _numbers(parts: list[Part], schema: na.Schema, is_missing: Mask) -> Column:
    values = joined([part.values for part in parts], _kind_of(schema))
    return from_numpy(np.ma.array(values, mask=is_missing, copy=False), "a column")


def _kind_of(schema: na.Schema) -> str:
    """Type of numbers as NumPy names it."""
    name = str(schema.type.name)
    return {"FLOAT": "float32", "DOUBLE": "float64"}.get(name, name.lower())


def _truths(parts: list[Part], _schema: na.Schema, is_missing: Mask) -> Column:
    values = joined([part.bits(1) for part in parts], np.bool_)
    return Column(values=values, is_missing=is_missing)


def _times(parts: list[Part], schema: na.Schema, is_missing: Mask) -> Column:
    """Instants if there is a zone, which says how they are shown and not when they are."""
    ticks = joined([part.values for part in parts]).view(f"datetime64[{_UNITS[schema.unit.name]}]")
    values = in_microseconds(ticks, is_missing)
    return Column(values=values, is_missing=is_missing, is_utc=bool(schema.timezone))


def _days(parts: list[Part], schema: na.Schema, is_missing: Mask) -> Column:
    """Days of a calendar as Python has them, each made once."""
    unit = "D" if schema.type == na.Type.DATE32 else "ms"
    numbers = np.where(is_missing, 0, joined([part.values for part in parts])).astype(np.int64)
    days, places = np.unique(numbers.view(f"datetime64[{unit}]"), return_inverse=True)
    in_microseconds(days, np.zeros(days.size, np.bool_))
    made = np.empty(days.size + 1, object)
    made[:-1] = days.astype("datetime64[D]").astype(object)
    return Column(values=made[np.where(is_missing, -1, places)], is_missing=is_missing)


def _texts(parts: list[Part], schema: na.Schema, is_missing: Mask) -> Column:
    texts = texts_of(parts, is_view=schema.type == na.Type.STRING_VIEW)
    return Column(is_missing=is_missing, coded=Coded.of(texts, is_missing))


def _bytes(parts: list[Part]) -> list[bytes | None]:
    texts = texts_of(parts, is_view=True)
    gone = joined([part.is_missing for part in parts], np.bool_)
    return [None if lost else texts.bytes(row) for row, lost in enumerate(gone.tolist())]


_READERS: dict[Any, Callable[[list[Part], na.Schema, Mask], Column]] = {
    **dict.fromkeys(_NUMBERS, _numbers),
    **dict.fromkeys((na.Type.STRING, na.Type.LARGE_STRING, na.Type.STRING_VIEW), _texts),
    **dict.fromkeys((na.Type.DATE32, na.Type.DATE64), _days),
    na.Type.BOOL: _truths,
    na.Type.TIMESTAMP: _times,
}


def _dictionary(parts: list[Part], schema: na.Schema, what: str) -> Column:
    """Codes as they are, and the values that they stand for; each chunk may have values anew."""
    listed = [part.dictionary() for part in parts]
    shifts = np.cumsum([0, *map(len, listed)])
    codes = [
        np.where(part.is_missing, -1, part.values.astype(np.int64) + shift)
        for part, shift in zip(parts, shifts, strict=False)
    ]
    return of_codes(joined(codes), _column(listed, schema.value_type, what))


def of_codes(codes: NDArray[np.int64], values: Column) -> Column:
    """Column of codes and the values that they stand for; -1 stands for none."""
    is_met = np.bincount(codes + 1, minlength=len(values) + 1)[1:] > 0
    places = np.append(np.cumsum(is_met) - 1, -1)[codes]
    met = settled(values.taken(np.flatnonzero(is_met)))
    is_missing = np.append(met.is_missing, True)[places]
    if met.coded is not None:
        told = met.coded.met()
        return Column(
            is_missing=is_missing, coded=evolve(told, codes=np.append(told.codes, -1)[places])
        )
    filled = np.append(met.values, np.zeros(1, met.values.dtype))
    return evolve(met, values=filled[places], is_missing=is_missing)
