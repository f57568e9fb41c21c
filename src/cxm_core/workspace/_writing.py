"""Files for people, each written whole or not at all: reports, tables, the example."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import get_ident

from cxm_core.errors import ConfigurationError
from cxm_core.report import ReportPage, to_csv, to_html, to_markdown, to_tables
from cxm_core.store import Store, arrow_table

__all__ = ["write_file", "write_report", "write_tables"]


def write_report(page: ReportPage, target: Path) -> Path:
    """Write the page as one HTML file."""
    return write_file(target, to_html(page).encode())


def write_tables(page: ReportPage, store: Store, folder: Path) -> Path:
    """Write the report as Markdown, and each of its tables as CSV and Parquet."""
    write_file(folder / "report.md", to_markdown(page).encode())
    for name, table in to_tables(page).items():
        # Spreadsheets take a file for UTF-8 by its mark.
        write_file(folder / f"{name}.csv", to_csv(table).encode("utf-8-sig"))
        columns = arrow_table(table.types, table.rows)
        store.write_table(columns, folder / f"{name}.parquet", format="parquet")
    return folder


def write_file(target: Path, content: bytes) -> Path:
    """Write a file so that a reader finds the old one or the new one, never a half."""
    # A name of one's own, for another thread may be writing the same file.
    part = target.with_name(f".{target.name}.{os.getpid()}-{get_ident()}.part")
    with _named(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            part.replace(target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return target


@contextmanager
def _named(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"{str(place)!r} cannot be written: {error.strerror}.", hint="choose another place"
        ) from error
