"""The first rows of a file: enough to see its columns, never the whole of it."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite

from attrs import field, frozen

from cxm_core.errors import SchemaChanged
from cxm_core.records import ASCII_SPACES, flat_texts

from ._config import FilesConfig
from ._files import DataFile, opened, whole_packing

HEAD_CHARACTERS = 1 << 20
HEAD_ROWS = 1_000
NO_CHARACTER = "\ufffd"
# What the byte order mark of UTF-16 becomes where the file is said to be in UTF-8.
_FOREIGN_MARK = NO_CHARACTER * 2

_NO_READER = "no reader for it is ever loaded; save it as CSV"
_FOREIGN = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", _NO_READER),
    (b"PK\x05\x06", "an empty zip archive", _NO_READER),
    (b"\xd0\xcf\x11\xe0", "an old Office document", _NO_READER),
    (b"<?xml", "XML", _NO_READER),
    (b"<!DOCTYPE", "HTML or XML", _NO_READER),
    (b"<html", "HTML", _NO_READER),
    (b"%PDF", "a PDF document", _NO_READER),
    (b"SQLite format 3\0", "a SQLite database", _NO_READER),
    (b"PAR1", "a Parquet file", 'format = "parquet"'),
    (b"ARROW1", "an Arrow file", 'format = "arrow"'),
    (b"\x1f\x8b", "packed by gzip, maybe twice", "a packed file ends in .gz, as in 'a.csv.gz'"),
    (b"BZh", "packed by bzip2", "unpack it, or pack it by gzip"),
    (b"\xfd7zXZ\0", "packed by xz", "unpack it, or pack it by gzip"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd", "unpack it, or pack it by gzip"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
    (b"Rar!", "a RAR archive", "unpack it"),
)
_TAR = slice(257, 262)

Row = Mapping[str, str | None]

_MAGIC = {"parquet": (b"PAR1",), "arrow": (b"ARROW1", b"\xff\xff\xff\xff")}


@frozen(kw_only=True)
class Head:
    """Columns of a file with some of its rows; no columns where only the store can see them.

    Each line of JSON has keys of its own, so where lines `may_vary`, further ones can hold more.
    """

    columns: tuple[str, ...] | None
    rows: tuple[Row, ...] = field(default=(), repr=False)
    may_vary: bool = False
    is_whole: bool = False

    def has(self, names: Iterable[str]) -> bool:
        """Whether a column goes by one of the names, as far as that can be seen."""
        is_open = self.columns is None or (self.may_vary and not self.is_whole)
        return is_open or any(name in (self.columns or ()) for name in names)


def delimiter_of(file: DataFile, config: FilesConfig) -> str:
    """What stands between two cells: as declared, or as the file's ending says."""
    tabbed = ".tsv" in (suffix.lower() for suffix in file.path.suffixes)
    return config.delimiter or ("\t" if tabbed else ",")


def read_head(file: DataFile, config: FilesConfig) -> Head:
    """Columns and first rows of a file.

    Raises
    ------
    SchemaChanged
        The file is not what its format says.
    TruncatedAnswer
        The file ends in its middle.
    """
    if file.format in _MAGIC:
        return _binary_head(file)
    _refuse_foreign(file)
    text, is_whole = _head_text(file, config.encoding)
    if not text.strip():
        raise SchemaChanged(f"The file {file.name!r} is empty: it has not even a header.")
    if file.format == "jsonl":
        return _jsonl_head(file, text, is_whole=is_whole)
    return _csv_head(file, text, config)


def _binary_head(file: DataFile) -> Head:
    with opened(file) as content:
        start = content.read(8)
    if not start.startswith(_MAGIC[file.format]):
        raise SchemaChanged(f"The file {file.name!r} is no {file.format} file.")
    return Head(columns=None)


def _refuse_foreign(file: DataFile) -> None:
    """Say what a file is that is no text; nothing of it is parsed to find out."""
    with whole_packing(file), opened(file) as content:
        start = content.read(512)
    bare = start.removeprefix(codecs.BOM_UTF8).lstrip()
    kinds = [(kind, cure) for mark, kind, cure in _FOREIGN if bare.startswith(mark)]
    if start[_TAR] == b"ustar":
        kinds.append(("a tar archive", "unpack it"))
    if kinds:
        kind, cure = kinds[0]
        raise SchemaChanged(f"The file {file.name!r} is {kind}.", hint=cure)


def _head_text(file: DataFile, encoding: str) -> tuple[str, bool]:
    """First part of a text, without the line that it may be cut in, and whether it is all."""
    # The mark that some programs put before the first byte is no part of the first column's name.
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        with (
            whole_packing(file),
            opened(file) as content,
            # A byte that is no character costs its own row, not the file.
            io.TextIOWrapper(content, codec, errors="replace", newline="") as text,
        ):
            head = text.read(HEAD_CHARACTERS)
            is_whole = not text.read(1)
    except UnicodeError:
        raise _bad_encoding(file, encoding) from None
    return (head if is_whole else head[: head.rfind("\n") + 1] or head), is_whole


def _bad_encoding(file: DataFile, encoding: str) -> SchemaChanged:
    return SchemaChanged(
        f"The file {file.name!r} is not written in {encoding}.",
        hint='say how it is written, such as encoding = "cp1252" or encoding = "utf-16"',
    )


def _csv_head(file: DataFile, text: str, config: FilesConfig) -> Head:
    lines = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter_of(file, config),
        quotechar=config.quote,
    )
    records = _until_damaged(lines)
    first = next((record for record in records if record), [])
    columns = tuple(name.strip(ASCII_SPACES) for name in first)
    if text.startswith(_FOREIGN_MARK):
        raise _bad_encoding(file, config.encoding)
    if not columns or any(ord(c) < 32 and c not in "\t\r\n" for name in columns for c in name):
        raise SchemaChanged(f"The file {file.name!r} is no CSV text: its first line is no header.")
    if any(NO_CHARACTER in name for name in columns):
        raise _bad_encoding(file, config.encoding)
    rows = [dict(zip(columns, record, strict=False)) for record in records if record]
    return Head(columns=columns, rows=tuple(rows))


def _until_damaged(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        for _, record in zip(range(HEAD_ROWS + 1), lines, strict=False):
            yield record
    except csv.Error:
        # A cell too large for a look; the store reads it, or sets it aside with its reason.
        return


def _jsonl_head(file: DataFile, text: str, *, is_whole: bool) -> Head:
    lines = text.split("\n")
    rows = [row for row in map(as_row, lines[:HEAD_ROWS]) if row]
    if not rows:
        raise SchemaChanged(
            f"The file {file.name!r} is no JSONL: none of its first lines is an object."
        )
    return Head(
        columns=tuple(dict.fromkeys(name for row in rows for name in row)),
        rows=tuple(rows),
        may_vary=True,
        is_whole=is_whole and len(lines) <= HEAD_ROWS,
    )


def as_row(line: str) -> Row | None:
    """Cells of one line of JSONL as texts, nested ones under `outer.inner`; None if it is none."""
    try:
        # A number that is not finite costs its own row, which the store sets aside.
        found = json.loads(line, parse_constant=str, parse_float=_finite)
        return flat_texts(found) if isinstance(found, dict) else None
    except (ValueError, RecursionError):
        return None


def _finite(digits: str) -> float | str:
    number = float(digits)
    return number if isfinite(number) else digits


def filled(rows: Iterable[Row], column: str) -> list[str]:
    """Cells of one column that hold something."""
    return [text for row in rows if (text := row.get(column)) and text.strip()]
