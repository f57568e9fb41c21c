"""The text of a cell: its pieces put together, its missing codes known, its type read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ._cells import Cell
from ._description import FieldDescription, FieldType, Plain, Reason
from ._text import ASCII_SPACES, INTEGER_TEXT, is_blank, is_rounded, parse_text, read_level

_INTEGER = re.compile(INTEGER_TEXT)
Lookup = Callable[[str], str | None]


def lookup_of(row: Mapping[str, str | None], aliases: Mapping[str, tuple[str, ...]]) -> Lookup:
    """What finds a column in a row, by whichever of its names stands there."""

    def look(column: str) -> str | None:
        names = (column, *aliases.get(column, ()))
        return next((row[name] for name in names if name in row), None)

    return look


def cell_text(cell: Cell, lookup: Lookup) -> str | None:
    """Text of a cell before it is typed; None where one of its columns shows nothing."""
    pieces = [piece(lookup(name)) if is_column else name for is_column, name in cell.parts]
    texts = [text for text in pieces if text is not None]
    return "".join(texts) if len(texts) == len(pieces) else None


def piece(text: str | None) -> str | None:
    """Text of a column without the spaces around it; None where it shows nothing."""
    return None if text is None or is_blank(text) else text.strip(ASCII_SPACES)


def missing_word(cell: Cell, text: str | None, type: FieldType) -> str | None:  # noqa: A002
    """Word of the missing code that a cell's text is; None if it is none."""
    if not cell.missing:
        return None
    codes = dict(cell.missing)
    if text is None:
        return codes.get("")
    if text in codes or type not in ("integer", "number"):
        return codes.get(text)
    number = _whole(text)
    return next(
        (codes[code] for code in codes if number is not None and _whole(code) == number), None
    )


def _whole(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    return int(match[1]) if match else None


def cell_value(column: FieldDescription | None, cell: Cell, text: str | None) -> Plain | Reason:
    """Typed value of the text of a cell, or why it has none."""
    type_: FieldType = column.type if column else "text"
    if text is None or missing_word(cell, text, type_) is not None:
        return None
    if column and column.levels:
        return read_level(text, column.levels)
    if column and column.pattern and is_rounded(text):
        return Reason.BAD_PATTERN
    return parse_text(type_, text, format=cell.format or "iso", zone=cell.zone)


def known_text(cell: Cell, text: str | None) -> str | None:
    """Text of a cell of an attribute or an identifier, unless it is a missing code."""
    return None if missing_word(cell, text, "text") is not None else text
