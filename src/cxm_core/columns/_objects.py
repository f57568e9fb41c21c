"""NumPy arrays and Python objects as a column: values, and where they are missing."""

from __future__ import annotations

from decimal import Decimal
from numbers import Integral, Real
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError

Mask: TypeAlias = NDArray[np.bool_]

_TRUTH = (bool, np.bool_)
_FAMILIES: tuple[tuple[Any, type], ...] = (
    (_TRUTH, bool),
    (Integral, int),
    ((Real, Decimal), float),
)
_MISSING_TYPES = frozenset({"NoneType", "NAType", "NaTType", "MaskedConstant"})


def locked(array: NDArray[Any]) -> NDArray[Any]:
    """View of an array through which nobody can write."""
    view = array.view()
    view.flags.writeable = False
    return view


@frozen(kw_only=True, eq=False)
class Column:
    """One column as NumPy sees it.

    Parameters
    ----------
    values : array (rows,)
        Whole numbers, float64, booleans, datetime64 or plain objects; anything where missing.
    is_missing : boolean array (rows,)
        Rows without a value, in whichever way the library says so.
    name : str or None
        Name that the data brought along.
    is_utc : bool
        Whether datetime64 values are instants in UTC rather than wall-clock times.
    """

    values: NDArray[Any] = field(converter=locked, repr=False)
    is_missing: Mask = field(converter=locked)
    name: str | None = None
    is_utc: bool = False

    def __len__(self) -> int:
        return len(self.values)


def from_numpy(array: NDArray[Any], what: str) -> Column:
    if array.ndim != 1:
        raise UsageError(
            f"The array for {what} has {array.ndim} dimensions, and one is needed.",
            hint="one column of it, such as a[:, 0]",
        )
    is_masked = np.ma.isMaskedArray(array)
    is_missing = np.ma.getmaskarray(array).copy() if is_masked else np.zeros(array.size, np.bool_)
    values = np.ma.getdata(array)
    if values.dtype.kind in "iub":
        return Column(values=values, is_missing=is_missing)
    if values.dtype.kind == "f":
        values = values.astype(np.float64, copy=False)
        return Column(values=values, is_missing=is_missing | np.isnan(values))
    if values.dtype.kind == "M":
        values = values.astype("datetime64[us]")
        return Column(values=values, is_missing=is_missing | np.isnat(values))
    return from_objects(values.tolist(), what, is_missing)


def from_objects(rows: list[Any], what: str, is_missing: Mask | None = None) -> Column:
    """Column of Python objects; whole numbers, numbers and booleans become arrays of their own."""
    kinds = {kind for kind in set(map(type, rows)) if kind.__name__ not in _MISSING_TYPES}
    if any(map(_is_nested, kinds)):
        raise UsageError(
            f"A row of {what} holds several values, and one is needed.", hint="one value a row"
        )
    masked = np.fromiter(map(_is_missing, rows), bool, len(rows))
    is_missing = masked if is_missing is None else masked | is_missing
    for family, dtype in _FAMILIES:
        if kinds and all(_belongs(kind, family) for kind in kinds):
            return _typed(rows, is_missing, dtype)
    values = np.empty(len(rows), dtype=object)
    values[:] = rows
    return Column(values=values, is_missing=is_missing)


def _is_nested(kind: type) -> bool:
    has_length = any("__len__" in vars(base) for base in kind.__mro__)
    return has_length and not issubclass(kind, str | bytes)


def is_number(kind: type) -> bool:
    """Whether values of a type are numbers; booleans are none."""
    return any(_belongs(kind, family) for family, _ in _FAMILIES[1:])


def _belongs(kind: type, family: Any) -> bool:
    """Whether values of a type go into an array of the family; booleans are no numbers."""
    return issubclass(kind, family) and (family is _TRUTH or not issubclass(kind, _TRUTH))


def settled(column: Column) -> Column:
    """The column with the type of those objects that are not missing."""
    if column.values.dtype != object:
        return column
    rows = [None if m else v for v, m in zip(column.values, column.is_missing, strict=True)]
    return evolve(from_objects(rows, "a column", column.is_missing), name=column.name)


def _typed(rows: list[Any], is_missing: Mask, dtype: type) -> Column:
    filled = [dtype() if gone else row for row, gone in zip(rows, is_missing.tolist(), strict=True)]
    try:
        return Column(values=np.array(filled, dtype=dtype), is_missing=is_missing)
    except OverflowError as error:
        raise UsageError(
            "A whole number has more than 18 digits.", hint="a label of that length is a text"
        ) from error


def _is_missing(value: Any) -> bool:
    if type(value).__name__ in _MISSING_TYPES:
        return True
    return bool(value != value)  # noqa: PLR0124  (only "not a number" differs from itself)
