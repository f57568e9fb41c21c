"""A table that was made from a log: named columns of one length, and how they came about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Literal

import nanoarrow as na
import narwhals as nw
import numpy as np
from attrs import field, frozen
from nanoarrow.c_array_stream import CArrayStream
from numpy.typing import NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import frame_library

from ._objects import Column

Backend = Literal["polars", "pandas", "pyarrow"]

_FIXED = {"b": na.bool_(), "f": na.float64()}
_SIGNED, _UNSIGNED = na.int64(), na.uint64()


class Promised(Mapping[str, Column]):
    """Columns of one length, each made when it is first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Column]], rows: int) -> None:
        self._makers, self._made = dict(makers), dict[str, Column]()
        self.rows = rows

    def __getitem__(self, name: str) -> Column:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def _columns(given: Mapping[str, Column]) -> Mapping[str, Column]:
    return given if isinstance(given, Promised) else dict(given)


@frozen(kw_only=True, eq=False, repr=False)
class LogTable:
    """What was made from a log, such as its tickets, issues or cases: a row each.

    Parameters
    ----------
    columns : mapping of str to Column
        The columns, in order, all of one length.
    steps : tuple of (str, int)
        How many there were after each step, for the receipt.
    exclusions : tuple of (str, int)
        Rows of the log that are in no row of the table, by reason.
    parameters : tuple of (str, str)
        Rule by which the table was made, for the receipt.
    notes : tuple of (str, int)
        Codes of caveats that go into every figure, and how many rows each is about.

    Raises
    ------
    UsageError
        Two columns differ in length.

    Examples
    --------
    >>> import numpy as np
    >>> there = np.zeros(2, bool)
    >>> channel = Column(values=np.array(["chat", "phone"], object), is_missing=there)
    >>> table = LogTable(columns={"channel": channel})
    >>> len(table), table.names
    (2, ('channel',))
    """

    columns: Mapping[str, Column] = field(converter=_columns)
    steps: tuple[tuple[str, int], ...] = ()
    exclusions: tuple[tuple[str, int], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, int], ...] = ()

    def __attrs_post_init__(self) -> None:
        if isinstance(self.columns, Promised):
            return
        lengths = {len(column) for column in self.columns.values()}
        if len(lengths) > 1:
            raise UsageError(f"Columns of one table have {len(lengths)} different lengths.")

    def __len__(self) -> int:
        if isinstance(self.columns, Promised):
            return self.columns.rows
        return next((len(column) for column in self.columns.values()), 0)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,} rows, columns {', '.join(self.names)})"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.columns)

    def column(self, name: str) -> Column:
        """One column by its name.

        Parameters
        ----------
        name : str
            One of `names`.

        Returns
        -------
        Column
            Values, and where they are missing.

        Raises
        ------
        UsageError
            There is no such column.

        Examples
        --------
        >>> import numpy as np
        >>> waits = Column(values=np.array([5, 9]), is_missing=np.zeros(2, bool))
        >>> LogTable(columns={"wait": waits}).column("wait").values.tolist()
        [5, 9]
        """
        if name not in self.columns:
            raise UsageError(f"There is no column {name!r}.", hint=did_you_mean(name, self.names))
        return self.columns[name]

    def with_column(self, name: str, column: Column) -> LogTable:
        """The columns and one more; those that are made when asked for are not asked for.

        Parameters
        ----------
        name : str
            Name of the new one.
        column : Column
            As long as the table.

        Returns
        -------
        LogTable
            Without the steps and notes of this one.

        Examples
        --------
        >>> import numpy as np
        >>> waits = Column(values=np.array([5, 9]), is_missing=np.zeros(2, bool))
        >>> LogTable(columns={"wait": waits}).with_column("again", waits).names
        ('wait', 'again')
        """
        known = {own: partial(self.column, own) for own in self.names}
        return LogTable(columns=Promised({**known, name: lambda: column}, len(column)))

    def to_frame(self, backend: Backend | None = None) -> Any:
        """The table as a frame of a library that you have.

        Parameters
        ----------
        backend : {"polars", "pandas", "pyarrow"} or None
            Library of the frame; None for the first of these that is installed.

        Returns
        -------
        frame
            One row a ticket, issue or case; times are instants in UTC.

        Raises
        ------
        UsageError
            There is no such backend, or it is not installed.

        Examples
        --------
        >>> import numpy as np
        >>> waits = Column(values=np.array([5, 9]), is_missing=np.zeros(2, bool))
        >>> LogTable(columns={"wait": waits}).to_frame("pandas")["wait"].tolist()
        [5, 9]
        """
        chosen, _ = frame_library(backend)
        return nw.from_arrow(self, backend=chosen).to_native()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        parts = {name: _arrow(column) for name, column in self.columns.items()}
        schema = na.struct({name: part.schema for name, part in parts.items()})
        children = list(parts.values())
        batch = na.c_array_from_buffers(schema, len(self), [None], children=children)
        stream = CArrayStream.from_c_arrays([batch], na.c_schema(schema))
        capsule: object = stream.__arrow_c_stream__(requested_schema=requested_schema)
        return capsule


def _arrow(column: Column) -> Any:
    """The column as an Arrow array."""
    values, kind = column.values, column.values.dtype.kind
    if kind == "O":
        gone = column.is_missing.tolist()
        texts = [None if lost else str(v) for v, lost in zip(values, gone, strict=True)]
        return na.c_array(texts, na.string())
    if kind == "M":
        type_ = na.timestamp("us", timezone="UTC" if column.is_utc else None)
        return _buffered(values.astype("datetime64[us]").astype(np.int64), column, type_)
    if kind in _FIXED:
        plain = values.astype(np.uint8 if kind == "b" else np.float64)
        return _truths(column) if kind == "b" else _buffered(plain, column, _FIXED[kind])
    is_signed = kind == "i"
    whole = values.astype(np.int64 if is_signed else np.uint64)
    return _buffered(whole, column, _SIGNED if is_signed else _UNSIGNED)


def _truths(column: Column) -> Any:
    bits = np.packbits(column.values.astype(np.bool_), bitorder="little")
    return na.c_array_from_buffers(na.bool_(), len(column), [_validity(column), bits])


def _buffered(values: NDArray[Any], column: Column, type_: Any) -> Any:
    data = np.ascontiguousarray(values)
    return na.c_array_from_buffers(type_, len(column), [_validity(column), data])


def _validity(column: Column) -> NDArray[np.uint8] | None:
    if not column.is_missing.any():
        return None
    return np.packbits(~column.is_missing, bitorder="little")
