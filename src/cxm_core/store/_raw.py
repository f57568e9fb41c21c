"""Rows of a source as text, each with its number, before any of them means anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from attrs import frozen

from cxm_core.records import Problem, Reason

from ._json_lines import flattened, keys_sql
from ._lines import KEPT
from ._mending import Stray
from ._scratch import Scratch

TextRow = Mapping[str, str | None]


class RawRow(NamedTuple):
    """One row as it was served: its number, the id of its record, its columns, its whole text.

    Instead of columns it may have the problem that keeps it from having any.
    """

    number: int
    record_id: str | None
    columns: TextRow | Problem
    text: TextRow | str


@frozen(kw_only=True)
class RawTable:
    """The view `raw` of a scratch: `row`, `defer`, and text in `c0`, `c1` ... (and `line`).

    Attributes
    ----------
    scratch : Scratch
        Where the view is.
    name : str
        File, for the position of a row.
    names : tuple of str
        Column of the source behind `c0`, `c1` ...
    is_json : bool
        Whether the rows are lines of JSON, each in `line`.
    """

    scratch: Scratch
    name: str
    names: tuple[str, ...]
    is_json: bool = False

    def column(self, candidates: Sequence[str]) -> str | None:
        """SQL for the first of these columns that there is; lines of JSON may differ in that."""
        found = [f"c{self.names.index(name)}" for name in candidates if name in self.names]
        if self.is_json and len(found) > 1:
            return f"coalesce({', '.join(found)})"
        return found[0] if found else None

    def count(self) -> int:
        """Number of rows."""
        return int(self.scratch.run("SELECT count(*) FROM raw")[0][0])

    def rejected(self, typed: str) -> Iterator[RawRow]:
        """Rows that have a verdict in the table `typed`."""
        cells = "r.line" if self.is_json else ", ".join(f"r.c{i}" for i in range(len(self.names)))
        pages = self.scratch.pages(
            f"SELECT t.row, t.record_id, {cells} FROM {typed} AS t JOIN raw AS r USING (row) "
            "WHERE t.verdict IS NOT NULL ORDER BY t.row"
        )
        for page in pages:
            for number, record_id, *texts in page:
                yield self._raw_row(number, record_id, texts)

    def _raw_row(self, number: int, record_id: str | None, texts: Sequence[str]) -> RawRow:
        if not self.is_json:
            row = dict(zip(self.names, texts, strict=True))
            return RawRow(number, record_id, row, row)
        columns = flattened(texts[0])
        text = texts[0] if isinstance(columns, Problem) else columns
        return RawRow(number, record_id, columns, text)

    def filled(self, names: Sequence[str]) -> dict[str, int]:
        """In how many rows each of these columns holds something."""
        if self.is_json or not names:
            return {}
        counts = ", ".join(f"count({self.column([name])})" for name in names)
        found = self.scratch.run(f"SELECT {counts} FROM raw")[0]
        return {name: number for name, number in zip(names, found, strict=True) if number}

    def keys(self) -> dict[str, int]:
        """Keys of the lines of JSON, and in how many of them each stands."""
        return dict(self.scratch.run(keys_sql("parsed")))


def make_view(
    scratch: Scratch, *, row: str, cells: Sequence[str], largest: int | None = None
) -> Iterator[Stray]:
    """Make the view `raw` of the table `raw_rows`; rows with too large a cell are left out."""
    names = "".join(f", {cell}" for cell in cells)
    base = f"SELECT {row} AS row, false AS defer{names} FROM raw_rows"
    if largest is not None and cells:
        longest = f"greatest({', '.join(f'coalesce(strlen({cell}), 0)' for cell in cells)})"
        yield from _too_large(scratch, base, longest, largest)
        base = f"SELECT * FROM ({base}) WHERE {longest} <= {largest}"
    scratch.run(f"CREATE OR REPLACE VIEW raw AS {base}")


def _too_large(scratch: Scratch, base: str, longest: str, largest: int) -> Iterator[Stray]:
    cells = "left(COLUMNS(* EXCLUDE (row, defer)), 40)"
    sql = f"SELECT row, {cells} FROM ({base}) WHERE {longest} > {largest}"
    message = f"A cell is longer than {largest} bytes."
    for page in scratch.pages(sql):
        for number, *texts in page:
            text = ",".join(text or "" for text in texts)
            yield Stray(number, Reason.TOO_LARGE, message, text[:KEPT])
