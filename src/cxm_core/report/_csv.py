"""Tables as CSV that a spreadsheet cannot run and that reads back to the very same table.

A text cell gets an apostrophe in front when a spreadsheet would take it for a formula, when it is
empty (so that an empty text is not a missing one), or when it begins with an apostrophe already.
The same happens after a separator, a quote or a line break inside a cell, where a reader with
another separator would see a new cell begin.
Taking one apostrophe away at each of these places is the exact inverse.
Only text columns are touched; a number stays a number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from cxm_core.errors import UsageError

from ._table import Cell, ColumnType, Table, table

__all__ = ["from_csv", "read_csv", "to_csv", "write_csv"]

# ASCII, full-width and small forms: spreadsheets fold the latter two into the first.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\t\r\n"
# What a reader may skip before it decides that a cell is a formula: white space, and what has
# no width.
_SKIPPED = r"\s\x00\u00ad\u180e\u200b-\u200f\u2060\ufeff"
_AFTER = ',;|\t\r\n"'
_START = re.compile(f"\\A(?=\\Z|'|[{_SKIPPED}]*[{_SIGNS}])")
_INNER = re.compile(f"(?<=[{_AFTER}])('*)(?=[{_SIGNS}])")
_INNER_ESCAPED = re.compile(f"(?<=[{_AFTER}])'('*)(?=[{_SIGNS}])")
# Possessive, so that a quote that never closes fails at once.
_CELL = re.compile(r'(?:"((?:[^"]++|"")*+)"|([^",\r\n]*+))(,|\r?\n|\Z)')
_NO_UTF8 = re.compile("[\ud800-\udfff]")


def _escape(text: str) -> str:
    return _START.sub("'", _INNER.sub(r"'\1", _NO_UTF8.sub("\ufffd", text)))


def _unescape(text: str) -> str:
    return _INNER_ESCAPED.sub(r"\1", text.removeprefix("'"))


def _instant(cell: datetime) -> str:
    return cell.astimezone(UTC).isoformat()


# Numbers are left to the writer, which quotes everything else.
_WRITERS: Mapping[ColumnType, Callable[..., str]] = {
    "text": _escape,
    "boolean": lambda cell: "true" if cell else "false",
    "instant": _instant,
}
_READERS: Mapping[ColumnType, Callable[[str], Cell]] = {
    "text": _unescape,
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "instant": datetime.fromisoformat,
}


def to_csv(data: Table) -> str:
    """Table as CSV that no spreadsheet runs as a formula and that reads back to the same table.

    Parameters
    ----------
    data : Table
        Any table of the report.

    Returns
    -------
    str
        A header line, commas, everything quoted but numbers, line ends as RFC 4180 has them.
        A missing cell is empty, an empty text is one apostrophe.

    Examples
    --------
    >>> from cxm_core.report import Column, Table, to_csv
    >>> said = Column(name="said", type="text", values=("=1+1", "fine", None))
    >>> change = Column(name="change", type="number", values=(-8.9, 1.0, 0.0))
    >>> for line in to_csv(Table(name="answers", columns=(said, change))).splitlines():
    ...     print(line)
    "said","change"
    "'=1+1",-8.9
    "fine",1.0
    "",0.0
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([_escape(column.name) for column in data.columns])
    kinds = [column.type for column in data.columns]
    writer.writerows(
        [_written(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in data.rows
    )
    return out.getvalue()


def _written(cell: Cell, kind: ColumnType) -> Cell:
    write = _WRITERS.get(kind)
    return cell if cell is None or write is None else write(cell)


def from_csv(text: str, *, types: Mapping[str, ColumnType], name: str = "table") -> Table:
    r"""Read what `to_csv` wrote: the very same table.

    Parameters
    ----------
    text : str
        CSV text with a header line.
    types : mapping of str to {"text", "integer", "number", "boolean", "instant"}
        Type of each column in order, as `Table.types` gives it.
    name : str
        Name of the table, which CSV does not carry.

    Returns
    -------
    Table
        Apostrophes that `to_csv` put in are gone.

    Raises
    ------
    UsageError
        Header and `types` differ, a row has another number of cells, or a cell is not of its type.

    Examples
    --------
    >>> from cxm_core.report import from_csv
    >>> from_csv("said\n'=1+1\n", types={"said": "text"}).rows
    (('=1+1',),)
    """
    header, *rows = _rows(text)
    if [_unescape(cell) for cell in header] != list(types):
        raise UsageError(
            f"The CSV has {len(header)} columns that are not the {len(types)} expected.",
            hint="give the types of the table that was written, in its order",
        )
    ragged = sum(len(row) != len(types) for row in rows)
    if ragged:
        raise UsageError(f"{ragged} of {len(rows)} CSV rows do not have {len(types)} cells.")
    kinds = list(types.items())
    read = ([_read(cell, *kind) for cell, kind in zip(row, kinds, strict=True)] for row in rows)
    return table(name, types, read)


def _rows(text: str) -> list[list[str]]:
    """Cells of each line; the csv module has a limit on a cell that holds for the whole process."""
    rows: list[list[str]] = [[]]
    at = 0
    while at < len(text):
        match = _CELL.match(text, at)
        if match is None:
            raise UsageError(f"Line {len(rows)} of the CSV has a quote that is not closed.")
        quoted, plain, end = match.groups()
        rows[-1].append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if end != ",":
            rows.append([])
        elif at == len(text):
            rows[-1].append("")
    return rows if rows[-1] else rows[:-1] or rows


def _read(cell: str, column: str, kind: ColumnType) -> Cell:
    if not cell:
        return None
    with suppress(ValueError, KeyError):
        return _READERS[kind](cell)
    # Raised outside, for the cell's own text must surface neither here nor in the chain.
    raise UsageError(f"A cell of column '{column}' is not {kind}.")


def write_csv(data: Table, path: str | Path) -> Path:
    """Write a table to a CSV file that a spreadsheet opens with the right letters and runs nothing.

    Parameters
    ----------
    data : Table
        Any table of the report.
    path : str or Path
        File to write; UTF-8 with a byte order mark, which spreadsheets need.

    Returns
    -------
    Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cxm_core.report import Column, Table, write_csv
    >>> data = Table(name="n", columns=(Column(name="n", type="integer", values=(2746,)),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_csv(data, Path(folder) / "n.csv").name
    'n.csv'
    """
    file = Path(path)
    file.write_text(to_csv(data), encoding="utf-8-sig", newline="")
    return file


def read_csv(path: str | Path, *, types: Mapping[str, ColumnType]) -> Table:
    """Read a file that `write_csv` wrote: the very same table, named after the file.

    Parameters
    ----------
    path : str or Path
        The file.
    types : mapping of str to {"text", "integer", "number", "boolean", "instant"}
        Type of each column in order, as `Table.types` gives it.

    Returns
    -------
    Table
        Apostrophes that `write_csv` put in are gone.

    Raises
    ------
    UsageError
        The file is not such a table.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cxm_core.report import Column, Table, read_csv, write_csv
    >>> data = Table(name="n", columns=(Column(name="n", type="integer", values=(2746,)),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read_csv(write_csv(data, Path(folder) / "n.csv"), types=data.types) == data
    True
    """
    file = Path(path)
    return from_csv(_decoded(file), types=types, name=file.stem)


def _decoded(file: Path) -> str:
    with suppress(UnicodeDecodeError):
        return file.read_bytes().decode("utf-8-sig")
    # Raised outside, for Python's own error holds the whole file.
    raise UsageError(f"The file {file.name!r} is not UTF-8 text.", hint="read what write_csv wrote")
