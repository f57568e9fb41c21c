"""From whatever a user holds to equally long NumPy arrays and masks.

The order is fixed: what narwhals knows, then anything that speaks Arrow's stream protocol, then a
mapping of columns, then plain sequences.
Nothing here needs pandas, polars or pyarrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import narwhals as nw
import numpy as np
from attrs import evolve, frozen
from narwhals.exceptions import DuplicateError

from cxm_core.errors import UsageError, did_you_mean

from ._arrow import STREAM, of_codes, read_arrow, speaks_arrow
from ._log_table import LogTable
from ._objects import Column, Mask, from_numpy, from_objects, in_microseconds

#: First sign of the name of a column that a figure adds for itself.
OWN = "@"


@frozen(eq=False)
class Frame:
    """Something with named columns, each of which can be read when asked for."""

    names: tuple[str, ...]
    _get: Callable[[str], object]
    _collect: Callable[[list[str]], Frame] | None = None

    @property
    def told(self) -> list[str]:
        """Names that a hint may tell; those with a sign in front are columns of our own."""
        return [name for name in self.names if not name.startswith(OWN)]

    def select(self, wanted: Mapping[str, str]) -> Frame:
        """Read the columns that are wanted, in one go; each value says what its column is for."""
        for name, what in wanted.items():
            if name not in self.names:
                raise UsageError(
                    f"There is no column {name!r} for {what}.", hint=did_you_mean(name, self.told)
                )
        return self if self._collect is None else self._collect(list(wanted))

    def column(self, name: str, what: str) -> Column:
        """Column `name`; `what` says in an error what it is for."""
        return evolve(read_column(self._get(name), what), name=name)


def open_data(data: object, what: str) -> Frame | Column:
    """Return `data` as a table, or as a column if it is one; `what` names it in an error."""
    if isinstance(data, Frame):
        return data
    native = through_narwhals(data)
    if isinstance(native, nw.Series):
        return _from_series(native)
    if isinstance(native, nw.DataFrame):
        return _eager_frame(native)
    if isinstance(native, nw.LazyFrame):
        names = tuple(native.collect_schema().names())
        return Frame(names, _unread, lambda wanted: collected(native, wanted))
    if isinstance(data, np.ndarray):
        is_table = data.dtype.names is not None
        return (
            Frame(data.dtype.names or (), data.__getitem__) if is_table else from_numpy(data, what)
        )
    return (_from_arrow if speaks_arrow(data) else _from_python)(data, what)


def read_column(data: object, what: str) -> Column:
    """Return one column of values; `what` names it in an error."""
    opened = data if isinstance(data, Column) else open_data(data, what)
    if isinstance(opened, Frame):
        raise UsageError(
            f"The data for {what} is a table, and one column is needed.",
            hint="name the column behind the table",
        )
    return opened


def through_narwhals(data: object) -> object:
    """The data as narwhals knows them, or as they are."""
    try:
        native: object = nw.from_native(data, allow_series=True, pass_through=True)
    except DuplicateError:
        raise UsageError(
            "Two columns of the table have the same name.", hint="rename or drop one of them"
        ) from None
    return native


def _unread(name: str) -> object:
    raise AssertionError(name)  # a lazy table is read by `select`


def _eager_frame(frame: nw.DataFrame[Any]) -> Frame:
    return Frame(tuple(frame.columns), lambda name: _from_series(frame.get_column(name)))


def collected(frame: nw.LazyFrame[Any], wanted: list[str]) -> Frame:
    """Columns of one query: two queries might give their rows in two orders."""
    part = frame.select(*wanted)
    native = part.to_native()
    # Spark's own stream starts a Python in every worker; what narwhals asks it for does not.
    if hasattr(native, STREAM) and not part.implementation.is_pyspark():
        opened = _from_arrow(native, "the data")
        if isinstance(opened, Frame):
            return opened
    return _eager_frame(part.collect())


def _from_arrow(data: object, what: str) -> Frame | Column:
    if isinstance(data, LogTable):  # it has the columns that the stream would carry
        return Frame(data.names, data.columns.__getitem__)
    read = read_arrow(data, what)
    return read if isinstance(read, Column) else Frame(tuple(read), lambda name: read[name]())


def _from_python(data: object, what: str) -> Frame | Column:
    if isinstance(data, Mapping):
        columns = {str(name): values for name, values in data.items()}
        return Frame(tuple(columns), columns.__getitem__)
    if isinstance(data, str | bytes) or not isinstance(data, Iterable):
        raise UsageError(
            f"The data for {what} is of the type {type(data).__name__}, "
            "and a column of values is needed.",
            hint="a list, an array or a Series; or a table, and the column's name behind it",
        )
    rows = list(data)
    if rows and all(isinstance(row, Mapping) for row in rows):
        names = dict.fromkeys(str(name) for row in rows for name in row)
        return Frame(tuple(names), lambda name: [row.get(name) for row in rows])
    return from_objects(rows, what)


def _from_series(series: nw.Series[Any]) -> Column:
    kind, name = series.dtype, series.name or None
    if isinstance(kind, nw.String | nw.Categorical | nw.Enum):
        return evolve(_from_labels(series), name=name)
    is_missing = series.is_null().to_numpy().astype(bool)
    # NumPy has no integers of 128 bits; one by one, those that fit are plain numbers.
    if kind in (nw.Int128, nw.UInt128):
        return evolve(from_objects(series.to_list(), "a column", is_missing), name=name)
    if kind.is_integer():
        return Column(values=series.fill_null(0).to_numpy(), is_missing=is_missing, name=name)
    if kind.is_numeric():
        values = series.cast(nw.Float64).to_numpy()
        return Column(values=values, is_missing=is_missing | np.isnan(values), name=name)
    if isinstance(kind, nw.Datetime):
        return _from_datetimes(series, kind, is_missing)
    return evolve(from_objects(series.to_list(), "a column", is_missing), name=name)


def _from_labels(series: nw.Series[Any]) -> Column:
    """Texts and categories, as bytes or codes if the library has them so."""
    native = series.to_native()
    categories = getattr(getattr(native, "cat", None), "categories", None)
    if categories is not None:
        codes = np.asarray(native.cat.codes).astype(np.int64)
        return of_codes(codes, read_column(categories, "a column"))
    data = _in_arrow(native)
    read = None if data is None else read_arrow(data, "a column")
    if isinstance(read, Column):
        return read
    is_missing = series.is_null().to_numpy().astype(bool)
    return from_objects(series.to_list(), "a column", is_missing)


def _in_arrow(native: Any) -> object | None:
    """What hands out the Arrow data of a series that has them."""
    array, kind = getattr(native, "array", None), getattr(native, "dtype", None)
    if getattr(kind, "storage", None) == "pyarrow" or hasattr(kind, "pyarrow_dtype"):
        made: object = array.__arrow_array__() if array is not None else None
        return made
    return native if array is None and hasattr(native, STREAM) else None


def _from_datetimes(series: nw.Series[Any], kind: nw.Datetime, is_missing: Mask) -> Column:
    is_utc = kind.time_zone is not None
    if is_utc:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    values = in_microseconds(series.to_numpy(), is_missing)
    return Column(values=values, is_missing=is_missing, name=series.name or None, is_utc=is_utc)
