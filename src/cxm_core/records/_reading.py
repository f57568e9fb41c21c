"""The row lane of a table: one row of text becomes one record, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from ._cells import Cell
from ._check import check_parsed, first_problem
from ._compiled import compiled
from ._describe import compounds_of
from ._description import Plain, Problem, Reason
from ._envelope import Record
from ._kinds import record_class
from ._mappings import Constants, RowMapping
from ._table import Aliases
from ._text import is_rounded
from ._texts import Lookup, cell_text, cell_value, known_text, lookup_of, missing_word

Row: TypeAlias = Mapping[str, str | None]
ReadRow: TypeAlias = Callable[[Row], Record | Problem]


def read_row(mapping: RowMapping, row: Row, *, aliases: Aliases = ()) -> Record | Problem:
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
    return row_reader(mapping, aliases=aliases)(row)


@lru_cache(maxsize=256)
def row_reader(mapping: RowMapping, *, aliases: Aliases = ()) -> ReadRow:
    """What reads rows by a mapping, made once for many rows.

    Parameters
    ----------
    mapping : RowMapping
        How a row becomes a record.
    aliases : tuple of pairs of str and tuple of str
        Other names of columns, as in `Table`.

    Returns
    -------
    callable
        Does with each row what `read_row` does.

    Examples
    --------
    >>> from cxm_core.records import Cell, RowMapping, row_reader
    >>> cells = (("native_id", Cell(template="{ID}")), ("team", Cell(template="{TEAM}")))
    >>> read = row_reader(RowMapping(kind="staff", cells=cells))
    >>> read({"ID": "7", "TEAM": "Desk"}).team
    'Desk'
    """
    others = dict(aliases)
    quick = compiled(mapping, others)

    def long_way(row: Row) -> Record | Problem:
        return _checked(mapping, lookup_of(row, others))

    def read(row: Row) -> Record | Problem:
        return quick_read(row) or _refused(mapping, row, doubts(row), others) or long_way(row)

    if quick is None:
        return long_way
    quick_read, doubts = quick.read, quick.doubts
    return read


def _checked(mapping: RowMapping, lookup: Lookup) -> Record | Problem:
    """Record of a row, or the first problem in the order of checks."""
    cells = ((pair, cell_text(pair[1], lookup)) for pair in mapping.cells)
    values, failed = _typed(mapping, cells, mapping.constants)
    values |= _lists(mapping, lookup)
    if any(is_rounded(text or "") for _, text in values["customer"] or ()):
        failed["customer"] = Reason.BAD_PATTERN
    if mapping.fills_no_answer:
        score = dict(mapping.cells)["score_value"]
        values["no_answer"] = missing_word(score, cell_text(score, lookup), "integer")
    return check_parsed(record_class(mapping.kind), values, failed)


def _refused(
    mapping: RowMapping, row: Row, fields: frozenset[str], aliases: Mapping[str, tuple[str, ...]]
) -> Problem | None:
    """First problem of fields in doubt, when all others are good; None if that is not the point."""
    columns = _columns_of(mapping, fields)
    if not columns:
        return None
    lookup = lookup_of(row, aliases)
    texts = tuple(cell_text(cell, lookup) for name, cell in mapping.cells if name in columns)
    is_short = all(text is None or len(text) <= _SHORT for text in texts)
    return (_remembered if is_short else _judged)(mapping, columns, texts)


def _judged(
    mapping: RowMapping, columns: frozenset[str], texts: tuple[str | None, ...]
) -> Problem | None:
    cells = [(name, cell) for name, cell in mapping.cells if name in columns]
    constants = tuple((name, value) for name, value in mapping.constants if name in columns)
    values, failed = _typed(mapping, zip(cells, texts, strict=True), constants)
    return first_problem(record_class(mapping.kind), values, failed, columns=columns)


# The same wrong text is wrong again for the same reason, and often comes again.
_remembered = lru_cache(maxsize=4096)(_judged)
_SHORT = 64


@lru_cache(maxsize=1024)
def _columns_of(mapping: RowMapping, fields: frozenset[str]) -> frozenset[str]:
    """Columns of these fields; none if any of them is more than cells of its own."""
    if not fields or fields & {"attributes", "customer", "no_answer"}:
        return frozenset()
    compounds = compounds_of(record_class(mapping.kind))
    groups = [compounds[name].names(name) if name in compounds else (name,) for name in fields]
    return frozenset(column for group in groups for column in group)


def _typed(
    mapping: RowMapping,
    cells: Iterable[tuple[tuple[str, Cell], str | None]],
    constants: Constants,
) -> tuple[dict[str, Any], dict[str, Reason]]:
    """Values of cells and the constants that stand with them, and why others have none."""
    field = mapping.description.field
    read = {name: cell_value(field(name), cell, text) for (name, cell), text in cells}
    failed = {name: value for name, value in read.items() if isinstance(value, Reason)}
    values: dict[str, Any] = {name: value for name, value in read.items() if name not in failed}
    return values | _constants(mapping, constants, read), failed


def _constants(
    mapping: RowMapping, constants: Constants, cells: Mapping[str, Plain | Reason]
) -> dict[str, Plain]:
    return {
        name: value
        for name, value in constants
        if _stands(mapping.description.companions(name), cells)
    }


def _stands(group: tuple[str, ...], cells: Mapping[str, Plain | Reason]) -> bool:
    read = [cells[name] for name in group if name in cells]
    return not read or any(value is not None for value in read)


def _lists(mapping: RowMapping, lookup: Lookup) -> dict[str, Any]:
    attributes = {
        name: known_text(cell, cell_text(cell, lookup)) for name, cell in mapping.attributes
    }
    customer = [
        (kind, known_text(cell, cell_text(cell, lookup))) for kind, cell in mapping.customer
    ]
    return {"attributes": attributes or None, "customer": customer or None}
