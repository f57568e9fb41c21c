"""Rows of a source as text, each with its number, before any of them means anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from attrs import frozen

from cxm_core.errors import SchemaChanged
from cxm_core.records import Reason
from cxm_core.store._driver import driver

from ._json_lines import KEYS_SQL
from ._json_rows import TextRow
from ._lines import KEPT
from ._mending import Stray
from ._natives import NATIVE_TYPES, Native
from ._scratch import Scratch


class RawRow(NamedTuple):
    """One row as it was served, with its number and the id of its record.

    It has its columns, or is a line of JSON that nobody took apart. The verdict is that of the
    column lane.
    """

    number: int
    record_id: str | None
    served: TextRow | str
    verdict: str

    def __repr__(self) -> str:
        return f"RawRow({self.number})"


@frozen(kw_only=True)
class Taken:
    """Rows of a source that are records already, and no part of the view `raw`.

    Attributes
    ----------
    names : tuple of str
        Columns of the source that they have, or the rows of the view.
    query : str
        For `row` and the columns of the records, and nothing else.
    count : int
        How many there are.
    is_plain : bool
        No two of them are of one record, and none says that its record is gone.
    """

    names: tuple[str, ...]
    query: str
    count: int
    is_plain: bool


@frozen(kw_only=True)
class RawTable:
    """The view `raw` of a scratch: `row`, `defer`, and text in `c0`, `c1` ...

    Columns of a table that are no text also stand there as they are, in `n0`, `n1` ...

    Attributes
    ----------
    scratch : Scratch
        Where the view is.
    name : str
        File, for the position of a row.
    names : tuple of str
        Column of the source behind `c0`, `c1` ...
    is_json : bool
        Whether the rows are lines of JSON; the view `lines` has each in `line`.
    types : tuple of str
        Types of the columns in DuckDB, where they are not all text.
    is_left : bool
        Whether the rows are not copied: each question reads the file anew.
    is_mixed : bool
        Whether the rows stand in no order but that of `row`.
    clean : str or None
        Column that says of a row that it is visible ASCII without quotes or escapes.
    taken : Taken or None
        Rows that were judged where they were read.
    """

    scratch: Scratch
    name: str
    names: tuple[str, ...]
    is_json: bool = False
    types: tuple[str, ...] = ()
    is_left: bool = False
    is_mixed: bool = False
    clean: str | None = None
    taken: Taken | None = None

    @contextmanager
    def asked(self) -> Iterator[None]:
        """What DuckDB cannot read of a file that was left where it is, is the file's fault."""
        if not self.is_left:
            yield
            return
        with readable(self.name):
            yield

    def native(self, candidates: Sequence[str]) -> Native | None:
        """First of these columns that there is, if the rows hold it as it is."""
        place = next((self.names.index(name) for name in candidates if name in self.names), None)
        if place is None or not self.types or self.types[place] not in NATIVE_TYPES:
            return None
        return Native(f"n{place}", self.types[place])

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
        """Rows that stand with a verdict in the table `typed`."""
        cells = "r.line" if self.is_json else ", ".join(f"r.c{i}" for i in range(len(self.names)))
        rows = "lines" if self.is_json else "raw"
        pages = self.scratch.pages(
            f"SELECT t.row, t.record_id, t.verdict, {cells} "
            f"FROM {typed} AS t JOIN {rows} AS r USING (row) ORDER BY t.row"
        )
        for page in pages:
            for number, record_id, verdict, *texts in page:
                served = texts[0] if self.is_json else dict(zip(self.names, texts, strict=True))
                yield RawRow(number, record_id, served, verdict)

    def filled(self, names: Sequence[str]) -> dict[str, int]:
        """In how many rows each of these columns holds something."""
        if self.is_json or not names:
            return {}
        counts = ", ".join(f"count({self.column([name])})" for name in names)
        found = self.scratch.run(f"SELECT {counts} FROM raw")[0]
        return {name: number for name, number in zip(names, found, strict=True) if number}

    def keys(self) -> dict[str, int]:
        """Keys of the lines of JSON, and in how many of them each stands."""
        return dict(self.scratch.run(KEYS_SQL))


@contextmanager
def readable(name: str) -> Iterator[None]:
    """What DuckDB cannot read of the Parquet file `name` is the file's fault."""
    try:
        yield
    except driver().OutOfMemoryException:
        raise
    except driver().Error as error:
        raise SchemaChanged(f"The file {name!r} is no Parquet file, or damaged.") from error


def make_view(
    scratch: Scratch,
    *,
    row: str,
    cells: Sequence[str],
    source: str = "raw_rows",
    largest: int | None = None,
) -> Iterator[Stray]:
    """Make the view `raw` of a table, without rows whose text in one of `cells` is too large."""
    base = f"SELECT {row} AS row, false AS defer, COLUMNS('^[cn][0-9]+$') FROM {source}"
    if largest is not None and cells:
        longest = f"greatest({', '.join(f'coalesce(strlen({cell}), 0)' for cell in cells)})"
        yield from _too_large(scratch, base, longest, largest)
        base = f"SELECT * FROM ({base}) WHERE {longest} <= {largest}"
    scratch.run(f"CREATE OR REPLACE VIEW raw AS {base}")


def _too_large(scratch: Scratch, base: str, longest: str, largest: int) -> Iterator[Stray]:
    starts = "left(COLUMNS('^c[0-9]+$'), 40)"
    sql = f"SELECT row, {starts} FROM ({base}) WHERE {longest} > {largest}"
    message = f"A cell is longer than {largest} bytes."
    for page in scratch.pages(sql):
        for number, *texts in page:
            text = ",".join(text or "" for text in texts)
            yield Stray(number, Reason.TOO_LARGE, message, text[:KEPT])
