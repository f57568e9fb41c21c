"""Files for people: reports and tables."""

from __future__ import annotations

from pathlib import Path

from cxm_core.report import ReportPage, to_csv, to_markdown, to_tables, write_file
from cxm_core.store import Store, arrow_table

__all__ = ["write_tables"]


def write_tables(page: ReportPage, store: Store, folder: Path) -> Path:
    """Write the report as Markdown, and each of its tables as CSV and Parquet."""
    write_file(folder / "report.md", to_markdown(page).encode())
    for name, table in to_tables(page).items():
        # Spreadsheets take a file for UTF-8 by its mark.
        write_file(folder / f"{name}.csv", to_csv(table).encode("utf-8-sig"))
        columns = arrow_table(table.types, table.rows)
        store.write_table(columns, folder / f"{name}.parquet", format="parquet")
    return folder
