"""Files of text as raw rows: CSV and lines of JSON."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from attrs import evolve, frozen

from cxm_core.errors import SchemaChanged
from cxm_core.records import ASCII_SPACES, Reader
from cxm_core.store._driver import driver
from cxm_core.store._sql import quote_text

from ._files import plain_text, unchanging
from ._json_lines import CLEAN
from ._json_table import parse_lines
from ._lines import Survey, survey
from ._mending import Layout, Stray, first_row, mend
from ._one_pass import OnePass
from ._raw import RawTable, make_view
from ._scratch import Scratch

_LONGEST_ROW = 16 << 20
# DuckDB reads text in blocks that must hold the longest row.
_BLOCK = 32 << 20
# JSON spells a control character with six.
_JSON_FACTOR = 6
# Never in a line of JSON, so every line is one cell.
_NO_DELIMITER = "\x1f"


def read_csv(scratch: Scratch, reader: Reader, path: Path) -> Iterator[Stray | RawTable]:
    """Rows that are none, then the table of the others."""
    layout = Layout(
        columns=None, delimiter=reader.delimiter, quote=reader.quote, longest=_LONGEST_ROW
    )
    with unchanging(path):
        plain = plain_text(path, encoding=reader.encoding, folder=scratch.new_folder())
        names = _names(path, first_row(plain, layout), is_header=reader.header)
        file = _TextFile(scratch, plain, evolve(layout, columns=len(names)), int(reader.header))
        found = survey(plain, quote=layout.quote)
        yield from file.strays(found, largest=reader.max_cell_bytes)
    yield RawTable(scratch=scratch, name=path.name, names=names)


def read_json_lines(
    scratch: Scratch,
    reader: Reader,
    path: Path,
    *,
    wanted: Sequence[str] = (),
    one_pass: OnePass | None = None,
) -> Iterator[Stray | RawTable]:
    """Rows that are none, then the table of the others.

    `wanted` are columns to look for; `one_pass` may take rows, if there is only one way to do so.
    """
    layout = Layout(columns=1, delimiter="", quote="", longest=_LONGEST_ROW)
    with unchanging(path):
        plain = plain_text(path, encoding=reader.encoding, folder=scratch.new_folder())
        found = survey(plain, quote="")
        file = _TextFile(scratch, plain, layout, 0)
        yield from file.strays(found, largest=reader.max_cell_bytes)
        # The lines stay where they are, for those that are set aside.
        scratch.run("DROP VIEW IF EXISTS numbered")
        scratch.run("ALTER VIEW raw RENAME TO numbered")
        scratch.run("CREATE OR REPLACE VIEW lines AS SELECT row, c0 AS line FROM numbered")
        taken = one_pass.take(scratch, wanted, found) if one_pass else None
        names = taken.names if taken else parse_lines(scratch, plain, wanted)
    yield RawTable(
        scratch=scratch,
        name=path.name,
        names=names,
        is_json=True,
        is_mixed=True,
        clean=CLEAN,
        taken=taken,
    )


def _names(path: Path, first: list[str] | None, *, is_header: bool) -> tuple[str, ...]:
    if first is None:
        what = "has no header" if is_header else "is empty"
        raise SchemaChanged(f"The file {path.name!r} {what}.", hint="is it the right file?")
    if not is_header:
        return tuple(f"column{place}" for place in range(len(first)))
    return tuple(name.strip(ASCII_SPACES) for name in first)


@frozen
class _TextFile:
    """A plain text file on its way into the view `raw`."""

    scratch: Scratch
    path: Path
    layout: Layout
    skip: int

    def strays(self, found: Survey, *, largest: int) -> Iterator[Stray]:
        """Make the view; yield what is no row of it."""
        row = f"rowid + {1 + self.skip}"
        if found.longest > self.layout.longest or not self._take(found.rows, found.longest):
            row = yield from self._mended()
        cells = [f"c{place}" for place in range(self.layout.columns or 0)]
        limit = largest if found.longest > largest else None
        yield from make_view(self.scratch, row=row, cells=cells, largest=limit)

    def _take(self, rows: int, longest: int) -> bool:
        """Let DuckDB read the file; False if it does not read every row of it."""
        if not self.layout.quote.isascii():
            return False
        quote = quote_text(self.layout.quote)
        settings = {
            "columns": self._columns(""),
            "header": str(bool(self.skip)).lower(),
            "delim": quote_text(self.layout.delimiter or _NO_DELIMITER),
            "quote": quote,
            "escape": quote,
            "auto_detect": "false",
            "max_line_size": str(longest + 1),
            "buffer_size": str(max(_BLOCK, 2 * longest)),
            # Rows of many megabytes cross the borders of what several threads read apart.
            "parallel": str(longest < _BLOCK // 16).lower(),
        }
        told = ", ".join(f"{name} = {value}" for name, value in settings.items())
        try:
            self._fill(f"read_csv({quote_text(str(self.path))}, {told})")
        except (driver().InvalidInputException, driver().NotImplementedException):
            return False
        count: int = self.scratch.run("SELECT count(*) FROM raw_rows")[0][0]
        return count == rows - self.skip

    def _mended(self) -> Generator[Stray, None, str]:
        target = self.path.with_name("rows")
        yield from mend(self.path, target, self.layout, skip=self.skip)
        self._fill(
            f"read_json({quote_text(str(target))}, format = 'newline_delimited', "
            f"columns = {self._columns('row: BIGINT, ')}, "
            f"maximum_object_size = {_JSON_FACTOR * self.layout.longest})"
        )
        return "row"

    def _columns(self, first: str) -> str:
        names = ", ".join(f"c{place}: 'VARCHAR'" for place in range(self.layout.columns or 0))
        return f"{{{first.replace('BIGINT', quote_text('BIGINT'))}{names}}}"

    def _fill(self, source: str) -> None:
        self.scratch.run("DROP TABLE IF EXISTS raw_rows CASCADE")
        self.scratch.run(f"CREATE TABLE raw_rows AS FROM {source}")
