"""What a column of a table becomes in the scratch: itself where its type is plain, or its text."""

from __future__ import annotations

from collections.abc import Sequence

from cxm_core.records import LARGEST_EXACT

from ._cells import when
from ._natives import NATIVE_TYPES
from ._scratch import Scratch

# Above these, two whole numbers may be one float.
_EXACT = {"DOUBLE": LARGEST_EXACT, "FLOAT": 2**24}

Described = Sequence[tuple[str, str]]


def described(scratch: Scratch, source: str) -> Described:
    """Names and types of the columns of anything that rows can be taken from."""
    return [(name, type_) for name, type_, *_ in scratch.run(f"DESCRIBE FROM {source}")]


def make_rows(scratch: Scratch, columns: Described, *, place: str = "main") -> None:
    """An empty table `raw_rows` of these columns."""
    body = ", ".join(f"{name} {type_}" for name, type_ in columns)
    scratch.run(f"CREATE OR REPLACE TABLE {place}.raw_rows ({body})")


def kept_type(type_: str) -> str:
    """Type in which a column is kept."""
    return type_ if type_ in NATIVE_TYPES else "VARCHAR"


def kept_value(column: str, type_: str) -> str:
    """SQL for a column as it is kept."""
    return column if type_ in NATIVE_TYPES else text_value(column, type_)


def text_value(column: str, type_: str) -> str:
    """SQL for the text of a column; a whole number has no fraction."""
    if type_ in _EXACT:
        is_whole = f"abs({column}) <= {_EXACT[type_]} AND {column} = trunc({column})"
        return when((is_whole, f"{column}::BIGINT::VARCHAR"), otherwise=f"{column}::VARCHAR")
    is_nested = type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION"))
    return f"to_json({column})::VARCHAR" if is_nested else f"{column}::VARCHAR"
