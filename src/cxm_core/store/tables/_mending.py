"""Rows of a text file that DuckDB does not read alike: the good ones are kept, the others named.

DuckDB reads a clean CSV file ten times faster than Python can, but where quotes, line ends or
lengths are broken it may lose rows without a word (seen in 1.5.6 and 2.0.0: a header with a line
end in it, a line of 50 MB, a quote that never closes).
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from attrs import field, frozen

from cxm_core.records import Reason

from ._lines import KEPT, Line, lines_of

Cells: TypeAlias = list[str]
_OPEN, _BROKEN = "A quote never closes.", "Text stands behind a closing quote."
_HALF = re.compile("[\ud800-\udfff]")


@frozen(kw_only=True)
class Layout:
    """How rows are written; without a delimiter each line is one cell, without quotes.

    `columns` is how many cells a row has; None for any number.
    """

    columns: int | None
    delimiter: str
    quote: str
    longest: int


@frozen
class Stray:
    """A row that is none: where it stands, why, and how it begins."""

    row: int
    reason: Reason
    message: str
    text: str = field(repr=False)


def mend(path: Path, target: Path, layout: Layout, *, skip: int = 0) -> Iterator[Stray]:
    """Write the good rows of `path` to `target`, each as one line of JSON; yield the others."""
    with path.open("rb") as stream, target.open("x", encoding="utf-8") as copy:
        reader = _RowReader(layout, lines_of(stream, longest=layout.longest))
        for number, row in enumerate(reader.rows(), start=1):
            if number > skip and isinstance(row, _Bad):
                yield Stray(number, row.reason, row.message, row.text)
            elif number > skip:
                values = {"row": number} | {f"c{i}": cell for i, cell in enumerate(row)}
                copy.write(json.dumps(values, ensure_ascii=False) + "\n")


def first_row(path: Path, layout: Layout) -> Cells | None:
    """Cells of the first row; None if there is none that can be read."""
    with path.open("rb") as stream:
        row = next(_RowReader(layout, lines_of(stream, longest=layout.longest)).rows(), None)
    return None if isinstance(row, _Bad) else row


@frozen
class _Bad:
    reason: Reason
    message: str
    text: str

    def __iter__(self) -> Iterator[str]:
        return iter(())


class _RowReader:
    def __init__(self, layout: Layout, lines: Iterator[Line]) -> None:
        self.layout = layout
        self.lines = lines
        self.waiting: deque[Line] = deque()
        self.cells = _CellReader(layout)

    def rows(self) -> Iterator[Cells | _Bad]:
        """All rows but blank ones."""
        while (line := self._next()) is not None:
            if line.is_cut:
                yield _bad(Reason.TOO_LARGE, "The row is too long.", line.data)
            elif line.data.strip():
                yield self._row(line)

    def _next(self) -> Line | None:
        return self.waiting.popleft() if self.waiting else next(self.lines, None)

    def _row(self, first: Line) -> Cells | _Bad:
        taken = [first]
        cells = self.cells.split(first.data)
        while cells == _OPEN and (line := self._next()) is not None:
            taken.append(line)
            if line.is_cut or sum(len(part.data) for part in taken) > self.layout.longest:
                break
            if self.cells.quote in line.data:
                cells = self.cells.split(b"".join(part.data for part in taken))
        if isinstance(cells, str):
            # Only the row in which the quote stands is lost: reading goes on with its next line.
            self.waiting.extendleft(reversed(taken[1:]))
            return _bad(Reason.BAD_ROW, cells, first.data)
        return self._checked(cells, b"".join(part.data for part in taken))

    def _checked(self, cells: Cells, data: bytes) -> Cells | _Bad:
        if any(map(_HALF.search, cells)):
            return _bad(
                Reason.BAD_ENCODING, "Bytes in it are no text in the declared encoding.", data
            )
        if self.layout.columns in (None, len(cells)):
            return cells
        message = f"The row has {len(cells)} cells where {self.layout.columns} are expected."
        return _bad(Reason.BAD_ROW, message, data)


def _bad(reason: Reason, message: str, data: bytes) -> _Bad:
    return _Bad(reason, message, data[:KEPT].decode("utf-8", "replace").rstrip("\r\n"))


class _CellReader:
    def __init__(self, layout: Layout) -> None:
        self.delimiter = layout.delimiter
        self.quote = layout.quote.encode()
        # Without a quote this pattern is of no use, but it must be one.
        mark, end = re.escape(layout.quote or '"'), re.escape(layout.delimiter or "\0")
        self.quoted = re.compile(rf" *{mark}((?:[^{mark}]++|{mark}{mark})*+){mark} *")
        self.bare = re.compile(rf"(?! *{mark})[^{end}]*+")
        self.doubled = layout.quote * 2

    def split(self, data: bytes) -> Cells | str:
        """Cells of a row, or what keeps it from having any."""
        text = data.decode("utf-8", "surrogateescape").rstrip("\r\n")
        if not self.delimiter:
            return [text]
        has_quote = self.quote and self.quote in data
        return self._split(text) if has_quote else text.split(self.delimiter)

    def _unquoted(self, text: str) -> str:
        return text.replace(self.doubled, self.doubled[:1])

    def _split(self, text: str) -> Cells | str:
        cells, at = [], 0
        while True:
            quoted = self.quoted.match(text, at)
            match = quoted or self.bare.match(text, at)
            if match is None:
                return _OPEN
            cells.append(self._unquoted(quoted[1]) if quoted else match[0])
            at = match.end()
            if at == len(text):
                return cells
            if not text.startswith(self.delimiter, at):
                return _BROKEN
            at += len(self.delimiter)
