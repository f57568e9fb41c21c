"""Arrow streams and arrays as columns, through nanoarrow alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import nanoarrow as na
import numpy as np
from nanoarrow.c_buffer import CBuffer

from ._objects import Column, from_numpy, from_objects

STREAM = "__arrow_c_stream__"

_NUMBERS = frozenset(
    getattr(na.Type, f"{sign}INT{bits}") for sign in ("", "U") for bits in (8, 16, 32, 64)
) | {na.Type.FLOAT, na.Type.DOUBLE}
_PLAIN = _NUMBERS | {
    getattr(na.Type, name)
    for name in ("BOOL", "STRING", "LARGE_STRING", "DATE32", "TIMESTAMP", "DICTIONARY", "NULL")
}
_VIEWS = ("vu", "vz")


def speaks_arrow(data: object) -> bool:
    """Whether an object hands out Arrow data."""
    return hasattr(data, STREAM) or hasattr(data, "__arrow_c_array__")


def read_arrow(data: Any, what: str) -> Column | Mapping[str, Callable[[], Column]]:
    """Read an Arrow stream once: a column, or for a table what makes each of its columns.

    Nothing makes the shallow copies here that nanoarrow's text views do not survive.
    """
    if not hasattr(data, STREAM):
        return _arrow_column(_array(data), what)
    stream = na.ArrayStream(data)
    if stream.schema.type != na.Type.STRUCT:
        return _arrow_column(stream, what)
    fields = list(stream.schema.fields)
    names = tuple(field.name for field in fields)
    if all(field.type in _PLAIN for field in fields):
        columns = stream.to_columns_pysequence(handle_nulls=na.nulls_separate())[1]
    else:
        columns = list(zip(*stream.iter_tuples(), strict=True)) or [()] * len(names)
    return {
        name: partial(_arrow_part, column, what)
        for name, column in zip(names, columns, strict=True)
    }


def _array(data: Any) -> na.Array:
    """Array of an object that has no stream."""
    is_view = na.c_schema(data.__arrow_c_array__()[0]).format in _VIEWS
    return na.Array(data, na.string() if is_view else None)


def _arrow_column(array: na.Array | na.ArrayStream, what: str) -> Column:
    if array.schema.type in _NUMBERS:
        return _arrow_part(array.to_pysequence(handle_nulls=na.nulls_separate()), what)
    return _arrow_part(array.to_pylist(), what)


def _arrow_part(part: Any, what: str) -> Column:
    """Column of what nanoarrow makes of one: objects, or a buffer with its validity."""
    if not (isinstance(part, tuple) and len(part) == 2 and isinstance(part[1], CBuffer)):
        return from_objects(list(part), what)
    is_there, data = part
    values = np.array(data)
    is_missing = np.zeros(len(values), bool) if is_there is None else ~np.array(is_there, bool)
    return from_numpy(np.ma.array(values, mask=is_missing), what)
