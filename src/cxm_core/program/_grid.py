"""A CSV export as rows of plain cells, within limits."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Final

from cxm_core.errors import UsageError

MOST_LETTERS: Final = 20_000_000
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 2_000


def read_grid(content: str | bytes) -> list[list[str]]:
    """Rows with something in them; a `UsageError` where the text is no CSV or too large."""
    text = _text(content)
    if len(text) > MOST_LETTERS:
        raise UsageError(f"The file has {len(text):,} letters, more than {MOST_LETTERS:,}.")
    head = text[:10_000]
    sign = max(",;\t", key=head.split("\n", 1)[0].count)
    try:
        rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=sign) if any(row)]
    except csv.Error as error:
        raise UsageError("The file is no CSV.", hint="export it anew, as CSV") from error
    widest = max(map(len, rows), default=0)
    if len(rows) > MOST_ROWS or widest > MOST_COLUMNS:
        raise UsageError(f"The file has {len(rows):,} rows and {widest:,} columns: no map.")
    return [[cell.strip() for cell in row] + [""] * (widest - len(row)) for row in rows]


def _text(content: str | bytes) -> str:
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UsageError("The file is not UTF-8 text.", hint="export it as CSV in UTF-8") from None
