"""A CSV export as rows of plain cells, within limits."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from typing import Final, TypeAlias

from cxm_core.errors import UsageError

MOST_LETTERS: Final = 20_000_000
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 2_000

_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_SIGNS: Final = ",;\t"
_TOLD: Final = re.compile(r"sep=([,;\t])\r?\n")


Grid: TypeAlias = list[list[str]]


def read_grid(content: str | bytes, *, fits: Callable[[Grid], bool]) -> Grid:
    """Rows with something in them; a `UsageError` where the text is no CSV or too large.

    Cells end with a comma, a semicolon or a tab: with the first of those in the text that makes a
    table that fits, the one that is commonest at the top before the others.
    """
    sign, text = _told_sign(_text(content))
    if len(text) > MOST_LETTERS:
        raise UsageError(f"The file has {len(text):,} letters, more than {MOST_LETTERS:,}.")
    head = text[:10_000]
    first = head.split("\n", 1)[0]
    signs = sorted(sign or _SIGNS, key=first.count, reverse=True)
    usual = _rows(text, signs[0])
    if not fits(usual):
        for one in (sign for sign in signs[1:] if sign in head):
            with suppress(UsageError):
                if fits(grid := _rows(text, one)):
                    return grid
    return usual


def _told_sign(text: str) -> tuple[str, str]:
    """The sign that a first line of Excel's tells, as in ``sep=;``, and the text below it."""
    told = _TOLD.match(text)
    return (told[1], text[told.end() :]) if told else ("", text)


def _rows(text: str, sign: str) -> Grid:
    try:
        rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=sign) if any(row)]
    except csv.Error as error:
        raise UsageError(
            "The file is no CSV, or has a cell of more than 131,072 letters.",
            hint="export it anew, as CSV",
        ) from error
    widest = max(map(len, rows), default=0)
    if len(rows) > MOST_ROWS or widest > MOST_COLUMNS:
        raise UsageError(f"The file has {len(rows):,} rows and {widest:,} columns: no map.")
    return [[cell.strip() for cell in row] + [""] * (widest - len(row)) for row in rows]


def _text(content: str | bytes) -> str:
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    if b"\0" in content[:1_000] and content[:2] not in _MARKS:
        raise UsageError(
            "The file has bytes of zero: it is no text, or UTF-16 that does not say so.",
            hint="export it as CSV in UTF-8",
        )
    encoding = "utf-16" if content[:2] in _MARKS else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UsageError("The file is not UTF-8 text.", hint="export it as CSV in UTF-8") from None
