"""The rows of a downloaded file, one by one: never more of it in memory than a line."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO, Any
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from cxm_core.errors import SchemaChanged

from ._bodies import too_large, truncated
from ._downloads import Download
from ._drift import shown_name
from ._stream import Row

_LONGEST_LINE = 16 << 20
_STEP = 1 << 20
# What some programs put into an archive for themselves.
_FOREIGN = ("__MACOSX/", ".DS_Store")


class FileRows:
    """Reads the rows of one file, of which all is there.

    Parameters
    ----------
    file : file
        Binary, unpacked but for a zip archive.
    download : Download
        How its rows are written.
    """

    def __init__(self, file: IO[bytes], download: Download) -> None:
        self._file, self._download = file, download
        self.flags: Counter[str] = Counter()
        self._head: list[str] | None = None

    def rows(self) -> Iterator[Row]:
        """Rows from the first to the last.

        Raises
        ------
        TruncatedAnswer
            It ends within a row, or its archive is broken.
        SchemaChanged
            It is not of the declared form, or lacks a column.
        """
        for part in self._parts():
            lines = self._lines(part)
            yield from self._cells(lines) if self._is_csv else self._documents(lines)

    def whole(self, most_bytes: int) -> bytes:
        """All of its one part, for a document that can only be read as a whole."""
        body = next(part.read(most_bytes + 1) for part in self._parts())
        if len(body) > most_bytes:
            raise too_large(most_bytes)
        return body

    def taken(self) -> tuple[str, ...]:
        """What was odd since this was last asked, a word each time."""
        flags, self.flags = self.flags, Counter()
        return tuple(flags.elements())

    @property
    def _is_csv(self) -> bool:
        return self._download.format == "csv"

    def _parts(self) -> Iterator[IO[bytes]]:
        if not self._download.is_zip:
            yield self._file
            return
        try:
            archive = ZipFile(self._file)
            members = [one for one in archive.infolist() if _is_data(one)]
            _check_whole(archive, members, self._download.most_bytes)
        except (BadZipFile, LargeZipFile, EOFError, zlib.error):
            members = []
        except (NotImplementedError, RuntimeError):
            raise SchemaChanged("The zip archive is locked, or packed in a rare way.") from None
        if not members:
            raise truncated("The file is no whole zip archive with something in it.")
        if self._download.format == "json" and len(members) > 1:
            raise SchemaChanged(f"The zip archive has {len(members):,} documents in place of one.")
        for member in members:
            with archive.open(member) as part:
                yield part

    def _lines(self, part: IO[bytes]) -> Iterator[str]:
        encoding = self._download.encoding
        # A mark of the byte order at the beginning is none of the text.
        encoding = "utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding
        text = io.TextIOWrapper(part, encoding=encoding, newline="")
        try:
            yield from _short_lines(text)
        except UnicodeDecodeError:
            pass
        else:
            return
        raise SchemaChanged(
            f"The file is not written in {self._download.encoding}.",
            hint="declare its encoding: Download(..., encoding='latin-1')",
        )

    def _documents(self, lines: Iterable[str]) -> Iterator[Row]:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            row = _document(line)
            if row is None and not line.endswith(("\n", "\r")):
                raise truncated(f"The file ends within its line {number:,}.")
            yield self._odd("line", line) if row is None else row

    def _cells(self, lines: Iterable[str]) -> Iterator[Row]:
        last = _Last(lines)
        reader = csv.reader(last, delimiter=self._download.separator, strict=True)
        try:
            head = self._headed(next(reader, None))
            for _ in range(self._download.skip):
                next(reader, None)
            for cells in reader:
                if len(cells) == len(head):
                    yield dict(zip(head, (cell or None for cell in cells), strict=True))
                elif cells:
                    yield self._ragged(cells, head, is_cut=not last.is_ended)
        except csv.Error:
            pass
        else:
            return
        if not last.is_over:
            raise SchemaChanged(f"The file's line {reader.line_num:,} cannot be read as cells.")
        raise truncated("The file ends within a cell.")

    def _headed(self, cells: list[str] | None) -> list[str]:
        """Names of the columns, told apart; those that are new are drift."""
        if not cells:
            raise truncated("The file is empty where a head was expected.")
        head = _told_apart(cells)
        wanted = self._download.columns
        lacking = [name for name in wanted if name not in head]
        if lacking:
            raise SchemaChanged(
                f"The file has no column {', '.join(map(repr, lacking))}.",
                hint="the source has changed its exports, or `columns` is declared wrongly",
            )
        if self._head not in (None, head):
            raise SchemaChanged("The files of one archive have different columns.")
        if self._head is None and wanted:
            self.flags.update(f"column:{shown_name(one)}" for one in head if one not in wanted)
        self._head = head
        return head

    def _ragged(self, cells: list[str], head: list[str], *, is_cut: bool) -> Row:
        if is_cut and len(cells) < len(head):
            raise truncated("The file ends within a row.")
        return self._odd("row", cells)

    def _odd(self, what: str, value: object) -> Row:
        """Stand for a row that cannot be read: it is set aside, as one that cannot be mapped."""
        self.flags[f"file:odd_{what}"] += 1
        return {"value": value}


def _short_lines(text: IO[str]) -> Iterator[str]:
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise SchemaChanged(f"A line is longer than {_LONGEST_LINE:,} characters.")
        yield line


class _Last:
    """Lines, and how the last of them ended."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.is_ended, self.is_over = True, False

    def __iter__(self) -> _Last:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except StopIteration:
            self.is_over = True
            raise
        self.is_ended = line.endswith(("\n", "\r"))
        return line


def _is_data(member: ZipInfo) -> bool:
    return not member.is_dir() and not any(one in member.filename for one in _FOREIGN)


def _check_whole(archive: ZipFile, members: Iterable[ZipInfo], most_bytes: int) -> None:
    """Unpack all of it once, by its own checksums, before any of its rows is served."""
    size = 0
    for member in members:
        with archive.open(member) as part:
            while piece := part.read(_STEP):
                size += len(piece)
                if size > most_bytes:
                    raise too_large(most_bytes, what="file", hint="ask for a shorter time")


def _told_apart(cells: list[str]) -> list[str]:
    """Names of which each stands once: a second `note` is `note_1`, as the files bridge has it."""
    found: list[str] = []
    for cell in cells:
        name, number = cell.strip(), 0
        while name in found:
            number += 1
            name = f"{cell.strip()}_{number}"
        found.append(name)
    return found


def _document(line: str) -> Row | None:
    """Object that a line holds; None for anything else."""
    try:
        row: Any = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
