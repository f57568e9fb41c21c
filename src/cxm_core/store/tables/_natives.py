"""Numbers, truth values and times that a table holds as such: read without a look at their text.

Only what is plain is decided here: whole numbers of up to eighteen digits, times of the years that
a record may have. The row lane decides the rest by the text that stands for it, so both lanes
agree by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from cxm_core.records import FIRST_YEAR, LAST_YEAR, Cell, FieldDescription, parse_text
from cxm_core.store._sql import quote_text

from ._cells import when


class Native(NamedTuple):
    """A column of a table as it is: SQL for it, and its type in DuckDB."""

    column: str
    type: str


Natives = Callable[[str], Native | None]


class Read(NamedTuple):
    """SQL for the value of a column, and for whether the row lane has to read it."""

    value: str
    defer: str


_INTEGERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"
)  # fmt: skip
_DIGITS = 10**18 - 1
_EXACT = 2**53
# Texts of larger ones have an exponent, or digits that the number has not.
_WHOLE = {"DOUBLE": 10**15, "FLOAT": 10**7}
_SPAN = f"BETWEEN TIMESTAMP '{FIRST_YEAR}-01-01' AND TIMESTAMP '{LAST_YEAR}-12-31 23:59:59.999999'"


def native_of(cell: Cell, column: FieldDescription, natives: Natives) -> Native | None:
    """Column that gives a cell its values as they are; None where its text is needed."""
    names = [name for is_column, name in cell.parts if is_column]
    if len(cell.parts) != 1 or not names or cell.format not in (None, "iso"):
        return None
    native = natives(names[0])
    if native is None or native.type not in _READERS.get(column.type, {}):
        return None
    return native if all(_is_plain_code(code, column) for code, _ in cell.missing) else None


def _is_plain_code(code: str, column: FieldDescription) -> bool:
    is_number = column.type in ("integer", "number")
    return code == "" or (is_number and isinstance(parse_text("integer", code), int))


def native_word(cell: Cell, value: str) -> str:
    """SQL: word of the missing code that a value is; null if it is none."""
    cases = [
        (f"{value} IS NULL" if code == "" else f"{value} = {parse_text('integer', code)}", word)
        for code, word in cell.missing
    ]
    words = [(condition, quote_text(word)) for condition, word in cases]
    return when(*words, otherwise="NULL::VARCHAR")


def read_native(native: Native, column: FieldDescription, value: str) -> Read:
    """SQL for a value of the record, from one of the table; for an instant its local time."""
    fits, found = _READERS[column.type][native.type](native.type, value)
    return Read(when((fits, found)), f"({value} IS NOT NULL AND NOT coalesce({fits}, false))")


def has_zone(native: Native) -> bool:
    """Whether a time of the table is an instant already."""
    return native.type == "TIMESTAMP WITH TIME ZONE"


# What has to hold for a value to be the right one, and the value.
_Checked = tuple[str, str]


def _integer(type_: str, value: str) -> _Checked:
    fits = f"{value} BETWEEN -{_DIGITS} AND {_DIGITS}"
    return "true" if type_ in _INTEGERS[:3] else fits, f"{value}::BIGINT"


def _whole(type_: str, value: str) -> _Checked:
    size = _WHOLE[type_]
    fits = f"{value} > -{size} AND {value} < {size} AND {value} = trunc({value})"
    return fits, f"{value}::BIGINT"


def _number(type_: str, value: str) -> _Checked:
    is_exact = type_ == "DOUBLE" or type_ in _INTEGERS[:3]
    fits = f"isfinite({value})" if is_exact else f"{value} BETWEEN -{_EXACT} AND {_EXACT}"
    return fits, f"{value}::DOUBLE"


def _same(_type: str, value: str) -> _Checked:
    return "true", value


def _time(_type: str, value: str) -> _Checked:
    # The scratch lives in UTC, so the clock of a time with a zone shows its instant.
    at = f"TRY_CAST({value} AS TIMESTAMP)"
    return f"{at} {_SPAN}", at


def _fine(_type: str, value: str) -> _Checked:
    # The text is cut after a millionth, where a cast would round; before 1970 both do otherwise.
    at = f"make_timestamp(epoch_ns({value}) // 1000)"
    return f"{value} >= TIMESTAMP_NS '1970-01-01' AND isfinite({value})", at


def _day(_type: str, value: str) -> _Checked:
    return _time(_type, value)[0], value


_Reader = Callable[[str, str], _Checked]
_READERS: Mapping[str, Mapping[str, _Reader]] = {
    "integer": {**dict.fromkeys(_INTEGERS, _integer), "DOUBLE": _whole, "FLOAT": _whole},
    "number": {**dict.fromkeys(_INTEGERS, _number), "DOUBLE": _number},
    "boolean": {"BOOLEAN": _same},
    "date": {"DATE": _day},
    "instant": {
        "TIMESTAMP": _time,
        "TIMESTAMP_S": _time,
        "TIMESTAMP_MS": _time,
        "TIMESTAMP_NS": _fine,
        "TIMESTAMP WITH TIME ZONE": _time,
        "DATE": _time,
    },
}
NATIVE_TYPES = frozenset(type_ for types in _READERS.values() for type_ in types)
