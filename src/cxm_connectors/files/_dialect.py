"""How an unknown text file is written: its encoding, what separates its cells, its rows."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from attrs import field, frozen

from cxm_core.errors import UsageError

from ._config import FileFormat
from ._files import DataFile, opened, whole_packing
from ._heads import Row, as_row

SNIFF_BYTES = 8 << 20
SNIFF_ROWS = 10_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LONGEST_NAME = 200
_DELIMITERS = (",", ";", "\t", "|")


@frozen(kw_only=True)
class Sample:
    """The first rows of a file, and how they had to be read."""

    encoding: str
    format: FileFormat
    delimiter: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)


def read_sample(file: DataFile) -> Sample:
    """Read the first 10,000 rows of a text file that nobody has described.

    Raises
    ------
    UsageError
        The file holds no rows, or is no text.
    TruncatedAnswer
        The packed file ends in its middle.
    SchemaChanged
        The file is not packed as its name says.
    """
    if file.format not in ("csv", "jsonl"):
        raise UsageError(
            f"A mapping can only be proposed from CSV or JSONL, and {file.name!r} is neither.",
            hint="write the mapping by hand; the guide to the files connector shows one",
        )
    with whole_packing(file), opened(file) as content:
        raw = content.read(SNIFF_BYTES)
    encoding = guess_encoding(raw)
    text = _decoded(raw, encoding)
    delimiter = guess_delimiter(text)
    header, rows = _csv_rows(text, delimiter) if file.format == "csv" else _jsonl_rows(text)
    if not rows:
        raise UsageError(f"The file {file.name!r} holds no rows to propose a mapping from.")
    return Sample(
        encoding=encoding,
        format=file.format,
        delimiter=delimiter,
        columns=tuple(name for name in header if _is_usable(name, header)),
        rows=tuple(rows),
    )


def guess_encoding(raw: bytes) -> str:
    """Encoding that reads the bytes; where several do, the commonest of them."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    if raw[:4096].count(0) > len(raw[:4096]) // 4:
        return "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
    for name in ("utf-8", "cp1252"):
        try:
            _decoded(raw, name)
        except UnicodeError:
            continue
        return name
    return "latin-1"


def _decoded(raw: bytes, encoding: str) -> str:
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    # The last character may be cut in two, which is no fault of the file.
    return codecs.getincrementaldecoder(codec)().decode(raw, final=False)


def guess_delimiter(text: str) -> str:
    """What separates the cells: the mark that gives most rows the same number of cells."""
    return max(_DELIMITERS, key=lambda mark: _evenness(text, mark))


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    widths = Counter(len(cells) for cells in _cells(text, delimiter, rows=100))
    if not widths:
        return 0.0, 0
    width, count = widths.most_common(1)[0]
    return (count / widths.total() if width > 1 else 0.0), width


def _cells(text: str, delimiter: str, *, rows: int) -> Iterator[list[str]]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in lines:
            if cells:
                yield cells
                rows -= 1
            if rows < 0:
                return
    except csv.Error:
        return


def _csv_rows(text: str, delimiter: str) -> tuple[list[str], list[Row]]:
    cells = _cells(text, delimiter, rows=SNIFF_ROWS)
    header = next(cells, [])
    rows = (row for row in cells if len(row) == len(header))
    return header, [dict(zip(header, row, strict=True)) for row in rows]


def _jsonl_rows(text: str) -> tuple[list[str], list[Row]]:
    rows = [row for row in map(as_row, text.split("\n")[:SNIFF_ROWS]) if row]
    return list(dict.fromkeys(name for row in rows for name in row)), rows


def _is_usable(name: str, header: list[str]) -> bool:
    """Whether a mapping can name the column: it has one name, once, that is no template."""
    is_plain = 0 < len(name.strip()) <= _LONGEST_NAME and not set("{}") & set(name)
    return is_plain and header.count(name) == 1
