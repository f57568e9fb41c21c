"""Reports: one HTML file, Markdown, and every table as data, from one document.

The room can be called: ``cx.report([results], "weekly.html")`` is `report`.
"""

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import ModuleType

from cxm_core.results import Shape

from ._blueprint_map import BlueprintMap
from ._csv import from_csv, read_csv, to_csv, write_csv
from ._html import to_html
from ._journey_map import JourneyMap
from ._map_figures import PlaceFigures
from ._markdown import to_markdown
from ._page import (
    Chapter,
    Definition,
    Grouped,
    Headline,
    Known,
    KnownRow,
    QuarantineCount,
    Quote,
    ReportPage,
    Titled,
    TouchpointRow,
    Wave,
    page_of,
)
from ._table import Column, Table
from ._tables import to_tables
from ._writing import report, write_file, write_page

__all__ = [
    "BlueprintMap",
    "Chapter",
    "Column",
    "Definition",
    "Grouped",
    "Headline",
    "JourneyMap",
    "Known",
    "KnownRow",
    "PlaceFigures",
    "QuarantineCount",
    "Quote",
    "ReportPage",
    "Table",
    "Titled",
    "TouchpointRow",
    "Wave",
    "from_csv",
    "page_of",
    "read_csv",
    "report",
    "to_csv",
    "to_html",
    "to_markdown",
    "to_tables",
    "write_csv",
    "write_file",
    "write_page",
]


class _Room(ModuleType):
    """Makes the room callable: `cxm_core.report` is the name of a room and of a function."""

    def __call__(
        self,
        results: Shape | Iterable[Shape],
        path: str | Path,
        *,
        title: str = "Results",
        now: datetime | None = None,
    ) -> Path:
        return report(results, path, title=title, now=now)


sys.modules[__name__].__class__ = _Room
