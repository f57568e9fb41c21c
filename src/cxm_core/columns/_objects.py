"""NumPy arrays and Python objects as a column: values, and where they are missing."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from numbers import Integral, Real
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, field, frozen
from attrs.converters import optional
from numpy.typing import NDArray

from cxm_core.errors import UsageError

from ._texts import Coded

Mask: TypeAlias = NDArray[np.bool_]

_MICROSECOND = np.dtype("datetime64[us]")
# Units that reach further than microseconds do.
_COARSE = ("Y", "M", "W", "D", "h", "m", "s", "ms")
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
    values : array (rows,) or None
        Whole numbers, float64, booleans, datetime64 or plain objects; anything where missing. None
        for texts that are told by `coded`, which become objects when they are asked for.
    is_missing : boolean array (rows,)
        Rows without a value, in whichever way the library says so.
    name : str or None
        Name that the data brought along.
    is_utc : bool
        Whether datetime64 values are instants in UTC rather than wall-clock times.
    coded : Coded or None
        Texts, each told once; None for everything else, and where there are `values`.
    """

    _values: NDArray[Any] | None = field(default=None, converter=optional(locked), repr=False)
    is_missing: Mask = field(converter=locked)
    name: str | None = None
    is_utc: bool = False
    coded: Coded | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if self._values is not None:  # other values than those that were coded
            object.__setattr__(self, "coded", None)

    def __len__(self) -> int:
        return len(self.is_missing)

    @cached_property
    def values(self) -> NDArray[Any]:
        """The values; objects are made when they are first asked for."""
        if self._values is not None:
            return self._values
        return locked(np.zeros(0, object) if self.coded is None else self.coded.objects())

    @cached_property
    def is_full(self) -> bool:
        """Whether every row has a value."""
        return not self.is_missing.any()

    def taken(self, rows: Any) -> Column:
        """Some rows of the column.

        Parameters
        ----------
        rows : integer or boolean array, or slice
            Which rows, in which order.

        Returns
        -------
        Column
            Of as many rows.

        Examples
        --------
        >>> Column(values=np.array([5, 9]), is_missing=np.zeros(2, bool)).taken([1]).values.tolist()
        [9]
        """
        coded = None if self.coded is None else self.coded.taken(rows)
        taken = self.values[rows] if coded is None else coded.codes
        is_missing = np.zeros(len(taken), np.bool_) if self.is_full else self.is_missing[rows]
        if coded is None:
            return evolve(self, values=taken, is_missing=is_missing)
        return evolve(self, coded=coded, is_missing=is_missing)


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
        gone = np.isnat(values)
        # Noughts that nobody wrote take no memory.
        is_missing = is_missing | gone if gone.any() else is_missing
        return Column(values=in_microseconds(values, is_missing), is_missing=is_missing)
    return from_objects(values.tolist(), what, is_missing)


def in_microseconds(times: NDArray[Any], is_missing: Mask) -> NDArray[Any]:
    """Times of any unit in microseconds, if the calendar has them; finer ones are cut off."""
    made = times.astype(_MICROSECOND, copy=bool(is_missing.any()))
    if is_missing.any():
        made[is_missing] = "NaT"
    if np.datetime_data(times.dtype)[0] in _COARSE:  # NumPy goes round in silence
        beyond = int((~is_missing & (made.astype(times.dtype) != times)).sum())
        if beyond:
            raise UsageError(f"{beyond:,} times are outside the years 1 to 9999.")
    return made


def from_objects(rows: list[Any], what: str, is_missing: Mask | None = None) -> Column:
    """Column of Python objects; whole numbers, numbers and booleans become arrays of their own."""
    kinds = {kind for kind in set(map(type, rows)) if kind.__name__ not in _MISSING_TYPES}
    if any(map(_is_nested, kinds)):
        raise UsageError(
            f"A row of {what} holds several values, and one is needed.", hint="one value a row"
        )
    masked = _missing(rows)
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
    if column.coded is not None or column.values.dtype != object:
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


def _missing(rows: list[Any]) -> Mask:
    """Rows without a value; where there are only texts and None, that is quickly told."""
    kinds = set(map(type, rows))
    if kinds <= {str}:
        return np.zeros(len(rows), np.bool_)
    if kinds <= {str, type(None)}:
        return np.fromiter((row is None for row in rows), np.bool_, len(rows))
    return np.fromiter(map(_is_missing, rows), np.bool_, len(rows))


def _is_missing(value: Any) -> bool:
    if type(value).__name__ in _MISSING_TYPES:
        return True
    return bool(value != value)  # noqa: PLR0124  (only "not a number" differs from itself)
