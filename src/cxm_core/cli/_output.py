"""What the commands print: results on standard output, all else on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.cells import cell_len

from ._printable import one_line, printable
from ._streams import standard_output, tell

__all__ = ["emit", "grid", "progress", "say"]


def emit(data: object, text: str, *, as_json: bool) -> None:
    """Print `data` as one JSON document, or `text`, on standard output."""
    shown = json.dumps(data, allow_nan=False) if as_json else printable(text)
    with standard_output() as out:
        out.write(shown + "\n")
        out.flush()


def say(text: str) -> None:
    """Tell the person something that is no result, on standard error."""
    tell(printable(text) + "\n")


def grid(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lay rows out as a plain table."""
    cells = [columns, *([one_line(str(cell)) for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_row(row, widths) for row in cells)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


@contextmanager
def progress(label: str) -> Iterator[Callable[[str, int], None]]:
    """Show a bar on standard error while work lasts; nothing where no person looks."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _unwatched
        return
    from rich.console import Console  # noqa: PLC0415  (only a person at a terminal waits for it)
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    text = TextColumn("{task.description}", markup=False)
    console = Console(stderr=True)
    with Progress(text, BarColumn(), TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda what, count: bar.update(task, description=_told(what, count))


def _unwatched(what: str, count: int) -> None:
    del what, count


def _told(what: str, count: int) -> str:
    return one_line(f"{what}, {count:,} records" if count else what)
