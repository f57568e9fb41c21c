"""Reports: one HTML file, Markdown, and every table as data, from one document."""

from ._csv import from_csv, read_csv, to_csv, write_csv
from ._html import to_html
from ._markdown import to_markdown
from ._page import (
    Definition,
    Grouped,
    Headline,
    QuarantineCount,
    Quote,
    ReportPage,
    TouchpointRow,
    Wave,
    page_of,
)
from ._table import Column, Table
from ._tables import to_tables

__all__ = [
    "Column",
    "Definition",
    "Grouped",
    "Headline",
    "QuarantineCount",
    "Quote",
    "ReportPage",
    "Table",
    "TouchpointRow",
    "Wave",
    "from_csv",
    "page_of",
    "read_csv",
    "to_csv",
    "to_html",
    "to_markdown",
    "to_tables",
    "write_csv",
]
