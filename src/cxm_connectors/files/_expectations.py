"""Whether a file has what its mapping expects: found out before its first row is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from cxm_core.errors import ConfigurationError, SchemaChanged, did_you_mean
from cxm_core.records import (
    Cell,
    Reason,
    Table,
    ambiguous_date,
    guess_time_formats,
    parse_text,
)

from ._heads import NO_CHARACTER, Head, Row

_MOST_NAMED = 5
_DATE_LIKE = re.compile(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}|[0-9]{8}")


def check_columns(table: Table, head: Head, *, name: str) -> None:
    """Raise `SchemaChanged` where the file lacks a column, or has it twice."""
    lacking = absent_columns(table, head)
    if head.may_vary:
        # A line of JSON leaves out what is null, so only what no record can lack must be there.
        lacking = [column for column in lacking if column in _required(table)]
    if lacking and head.columns is not None:
        raise SchemaChanged(
            f"The file {name!r} lacks {_named(lacking)}.",
            hint=_cure(table.names_of(lacking[0]), head.columns),
            missing=tuple(lacking),
        )
    counts = Counter(head.columns or ())
    twice = [column for column in table.columns if _count(table, counts, column) > 1]
    if twice:
        raise SchemaChanged(
            f"The file {name!r} has more than one of {_named(twice)}.",
            hint="give each column a name of its own",
        )


def absent_columns(table: Table, head: Head) -> list[str]:
    """Columns that the mapping names and nothing in the file goes by."""
    return [column for column in table.columns if not head.has(table.names_of(column))]


def absence(columns: list[str], *, name: str) -> Iterator[str]:
    """Tell that rows go on without some columns, if there are any."""
    if columns:
        yield f"No row seen of {name!r} has {_named(columns)}; what needs them stays empty."


def unreadable(head: Head, *, name: str, encoding: str) -> Iterator[str]:
    """Tell that some rows are not written as declared, if there are any."""
    count = sum(any(NO_CHARACTER in (text or "") for text in row.values()) for row in head.rows)
    if count:
        yield f"{count} of the first {len(head.rows)} rows of {name!r} are no {encoding} text."


def _required(table: Table) -> set[str]:
    return {
        column
        for mapping in table.mappings
        for field, cell in mapping.cells
        if (described := mapping.description.field(field)) and not described.is_nullable
        for column in cell.columns
    }


def _count(table: Table, counts: Counter[str], column: str) -> int:
    return max(counts[name] for name in table.names_of(column))


def _named(columns: list[str]) -> str:
    told = ", ".join(map(repr, columns[:_MOST_NAMED]))
    more = len(columns) - _MOST_NAMED
    noun = "the column" if len(columns) == 1 else f"{len(columns)} columns:"
    return f"{noun} {told}" + (f" and {more} more" if more > 0 else "")


def _cure(names: tuple[str, ...], present: tuple[str, ...]) -> str:
    marks = [mark for mark in ";\t|," if len(set(present)) == 1 and mark in present[0]]
    if marks:
        return f"its header is one single column: declare the delimiter, delimiter = {marks[0]!r}"
    # A header can be long, so only a near name is of help.
    near = [hint for name in names if (hint := did_you_mean(name, present) or "").startswith("did")]
    return (
        near[0]
        if near
        else "its other name goes to aliases, what is true of a whole file to its values"
    )


def check_times(table: Table, head: Head, *, name: str) -> None:
    """Raise `ConfigurationError` where a time can be read in two ways, or says no zone."""
    for cell, kind in _undeclared_times(table):
        texts = [text for row in head.rows if (text := _text(table, cell, row)) is not None]
        if not _reads_as_iso(texts):
            _refuse_unknown(texts, cell, name)
        elif kind == "instant" and cell.zone is None and _lacks_offset(texts):
            raise ConfigurationError(
                f"The times {cell.template!r} of {name!r} do not say their zone.",
                hint='zone = "America/Los_Angeles", or where else they were written',
            )


def _undeclared_times(table: Table) -> Iterator[tuple[Cell, str]]:
    """Each cell of a time without a declared format, once."""
    seen = set()
    for mapping in table.mappings:
        description = mapping.description
        for column, cell in mapping.cells:
            field = description.field(column)
            is_time = field is not None and field.type in ("instant", "date")
            if field is not None and is_time and cell.format is None and cell not in seen:
                seen.add(cell)
                yield cell, field.type


def _text(table: Table, cell: Cell, row: Row) -> str | None:
    pieces = [_look(table, row, part) if is_column else part for is_column, part in cell.parts]
    texts = [piece for piece in pieces if piece is not None]
    return "".join(texts) if len(texts) == len(pieces) else None


def _look(table: Table, row: Row, column: str) -> str | None:
    text = next((row[name] for name in table.names_of(column) if name in row), None)
    return text.strip() or None if text else None


def _reads_as_iso(texts: list[str]) -> bool:
    # Some cells may hold no time at all; they are set aside one by one.
    fits = sum(_reading(text) is not Reason.BAD_DATETIME for text in texts)
    return 2 * fits >= len(texts)


def _lacks_offset(texts: list[str]) -> bool:
    return any(_reading(text) is Reason.NAIVE_DATETIME for text in texts)


def _reading(text: str) -> object:
    return parse_text("instant", text)


def _refuse_unknown(texts: list[str], cell: Cell, name: str) -> None:
    dates = [text for text in texts if _DATE_LIKE.match(text)]
    readings = ambiguous_date(dates)
    if readings is not None:
        raise _ambiguous(cell, name, readings)
    formats = guess_time_formats(dates)
    hint = f'format = "{formats[0]}" reads the first rows' if formats else None
    if dates:
        raise ConfigurationError(
            f"The times {cell.template!r} of {name!r} are not written as ISO 8601.",
            hint=hint or 'say how they are written, such as format = "%d.%m.%Y %H:%M"',
        )


def _ambiguous(cell: Cell, name: str, readings: tuple[str, str]) -> ConfigurationError:
    day_first, month_first = readings
    mark = day_first[2]
    return ConfigurationError(
        f"The dates {cell.template!r} of {name!r} can be read in two ways: "
        f"a date such as 03{mark}04{mark}2026 is 3 April with the day first, "
        f"and 4 March with the month first.",
        hint=f'say which it is: format = "{day_first}" or format = "{month_first}"',
        readings=readings,
    )
