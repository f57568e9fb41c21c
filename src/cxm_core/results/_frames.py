"""A result as columns: for every frame library, and for whoever reads Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Literal, TypeAlias, cast, get_args

import nanoarrow as na
import narwhals as nw
from attrs import field, frozen
from nanoarrow.c_array_stream import CArrayStream

from cxm_core.errors import UsageError, did_you_mean

from ._plain import as_tuple, encodable

Backend: TypeAlias = Literal["polars", "pandas", "pyarrow"]
Type = Literal["text", "integer", "number", "boolean"]

_NARWHALS: dict[str, Any] = {
    "text": nw.String,
    "integer": nw.Int64,
    "number": nw.Float64,
    "boolean": nw.Boolean,
}
#: Type in pandas without and with values that are missing.
_PANDAS: dict[str, tuple[str, str]] = {
    "integer": ("int64", "Int64"),
    "number": ("float64", "float64"),
    "boolean": ("bool", "boolean"),
}
_ARROW: dict[str, Any] = {
    "text": na.string,
    "integer": na.int64,
    "number": na.float64,
    "boolean": na.bool_,
}


@frozen(kw_only=True)
class Column:
    """One column of a result: plain values, None where there is none."""

    name: str
    type: Type
    values: tuple[Any, ...] = field(converter=as_tuple)


def label_column(name: str, labels: Sequence[Any], taken: Sequence[str]) -> Column:
    """Column of group labels; a mixture of types becomes text, a taken name gets a prefix."""
    kinds = {type(label) for label in labels if label is not None}
    known: dict[type, Type] = {bool: "boolean", int: "integer"}
    type_ = known.get(kinds.pop(), "text") if len(kinds) == 1 else "text"
    if type_ == "text":
        labels = [None if label is None else encodable(str(label)) for label in labels]
    return Column(name=f"by_{name}" if name in taken else name, type=type_, values=tuple(labels))


def frame_library(backend: Backend | None) -> tuple[Backend, Any]:
    """The library that makes a frame.

    Parameters
    ----------
    backend : {"polars", "pandas", "pyarrow"} or None
        Its name; None for the first of these that is installed.

    Returns
    -------
    str, module
        Its name, and itself.

    Raises
    ------
    UsageError
        There is no such backend, or it is not installed.

    Examples
    --------
    >>> from cxm_core.results import frame_library
    >>> frame_library("pandas")[1].DataFrame({"n": [4]})["n"].tolist()
    [4]
    """
    known = get_args(Backend)
    if backend is not None and backend not in known:
        raise UsageError(
            f"There is no backend {backend!r}.", hint=did_you_mean(str(backend), known)
        )
    for name in known if backend is None else (backend,):
        with suppress(ImportError):
            return name, import_module(name)
    if backend is None:
        raise UsageError(
            f"A frame needs one of {', '.join(known)}, and none is installed.",
            hint="pip install pandas, or use to_dict(), which needs nothing",
        )
    raise UsageError(
        f"backend={backend!r} needs the library {backend}, which is not installed.",
        hint=f"pip install {backend}",
    )


def to_frame(columns: Sequence[Column], backend: Backend | None) -> Any:
    """The columns as a frame of `backend`, or of the first library that is installed."""
    values = {column.name: list(column.values) for column in columns}
    schema = {column.name: _NARWHALS[column.type] for column in columns}
    chosen, library = frame_library(backend)
    if chosen == "pandas":
        return library.DataFrame({c.name: _series(library, c) for c in columns})
    return nw.from_dict(values, schema, backend=cast("Any", chosen)).to_native()


def _series(pandas: Any, column: Column) -> Any:
    """Column of pandas; before version 3 its texts have a type that writes None as a word."""
    if column.type == "text":
        is_bare = all(value is None for value in column.values)
        return pandas.Series(column.values, dtype="object" if is_bare else None)
    has_gaps = None in column.values
    return pandas.Series(column.values, dtype=_PANDAS[column.type][has_gaps])


def arrow_stream(columns: Sequence[Column], requested_schema: object | None) -> object:
    """PyCapsule of an Arrow stream with one batch."""
    types = {column.name: _ARROW[column.type]() for column in columns}
    children = [na.c_array(column.values, types[column.name]) for column in columns]
    schema = na.struct(types)
    length = len(columns[0].values)
    batch = na.c_array_from_buffers(schema, length, [None], children=children)
    stream = CArrayStream.from_c_arrays([batch], na.c_schema(schema))
    capsule: object = stream.__arrow_c_stream__(requested_schema=requested_schema)
    return capsule
