"""The row lane of a table: one row of text becomes one record, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ._cells import Cell
from ._check import check_parsed
from ._description import FieldType, Plain, Problem, Reason
from ._envelope import Record
from ._kinds import record_class
from ._mappings import RowMapping
from ._table import Aliases
from ._text import ASCII_SPACES, INTEGER_TEXT, is_blank, parse_text, read_level

_INTEGER = re.compile(INTEGER_TEXT)
Lookup = Callable[[str], str | None]


def read_row(
    mapping: RowMapping, row: Mapping[str, str | None], *, aliases: Aliases = ()
) -> Record | Problem:
    """Record that a mapping makes of one row of a source.

    Parameters
    ----------
    mapping : RowMapping
        How the row becomes a record.
    row : mapping of str to str or None
        Text of each column of the source; a column that is not there is null.
    aliases : tuple of pairs of str and tuple of str
        Other names of columns, as in `Table`.

    Returns
    -------
    Record or Problem
        The record without its source, or the first problem in the order of `check`.

    Examples
    --------
    >>> from cxm_core.records import Cell, RowMapping, scale_constants
    >>> mapping = RowMapping(
    ...     kind="response",
    ...     cells=(
    ...         ("native_id", Cell(template="{ID}")),
    ...         ("occurred_at", Cell(template="2017-05-{DAY}", format="%Y-%m-%d", zone="UTC")),
    ...         ("score_value", Cell(template="{Q}", missing=(("11", "no_answer"),))),
    ...     ),
    ...     constants=scale_constants("0-10"),
    ... )
    >>> read_row(mapping, {"ID": "7", "DAY": "3", "Q": " 9 "}).score.value
    9
    >>> read_row(mapping, {"ID": "8", "DAY": "3", "Q": "11"}).no_answer
    'no_answer'
    """
    lookup = _lookup(row, dict(aliases))
    cells = {name: _cell_value(mapping, name, cell, lookup) for name, cell in mapping.cells}
    failed = {name: value for name, value in cells.items() if isinstance(value, Reason)}
    values = {name: value for name, value in cells.items() if name not in failed}
    values |= _constants(mapping, cells) | _lists(mapping, lookup)
    if mapping.fills_no_answer:
        score = dict(mapping.cells)["score_value"]
        values["no_answer"] = missing_word(score, cell_text(score, lookup), "integer")
    return check_parsed(record_class(mapping.kind), values, failed)


def _lookup(row: Mapping[str, str | None], aliases: Mapping[str, tuple[str, ...]]) -> Lookup:
    def look(column: str) -> str | None:
        names = (column, *aliases.get(column, ()))
        return next((row[name] for name in names if name in row), None)

    return look


def cell_text(cell: Cell, lookup: Lookup) -> str | None:
    """Text of a cell before it is typed; None where one of its columns shows nothing."""
    pieces = [_piece(lookup(name)) if is_column else name for is_column, name in cell.parts]
    texts = [piece for piece in pieces if piece is not None]
    return "".join(texts) if len(texts) == len(pieces) else None


def _piece(text: str | None) -> str | None:
    return None if text is None or is_blank(text) else text.strip(ASCII_SPACES)


def missing_word(cell: Cell, text: str | None, type: FieldType) -> str | None:  # noqa: A002
    """Word of the missing code that a cell's text is; None if it is none."""
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


def _cell_value(mapping: RowMapping, name: str, cell: Cell, lookup: Lookup) -> Plain | Reason:
    column = mapping.description.field(name)
    type_: FieldType = column.type if column else "text"
    text = cell_text(cell, lookup)
    if text is None or missing_word(cell, text, type_) is not None:
        return None
    if column and column.levels:
        return read_level(text, column.levels)
    return parse_text(type_, text, format=cell.format or "iso", zone=cell.zone)


def _constants(mapping: RowMapping, cells: Mapping[str, Plain | Reason]) -> dict[str, Plain]:
    return {
        name: value
        for name, value in mapping.constants
        if _stands(mapping.description.companions(name), cells)
    }


def _stands(group: tuple[str, ...], cells: Mapping[str, Plain | Reason]) -> bool:
    read = [cells[name] for name in group if name in cells]
    return not read or any(value is not None for value in read)


def _lists(mapping: RowMapping, lookup: Lookup) -> dict[str, Any]:
    attributes = {name: _text(cell, lookup) for name, cell in mapping.attributes}
    customer = [(kind, _text(cell, lookup)) for kind, cell in mapping.customer]
    return {"attributes": attributes or None, "customer": customer or None}


def _text(cell: Cell, lookup: Lookup) -> str | None:
    text = cell_text(cell, lookup)
    return None if missing_word(cell, text, "text") is not None else text
