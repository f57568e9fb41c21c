"""What was decided: sources, map, metrics, and what the report shows, in one document."""

from ._calendars import Calendar
from ._journeys import Journey, Stage, Touchpoint
from ._metrics import Engine, Metric
from ._program import Program
from ._references import Reference
from ._report import KnownFigure, Quotes, ReportSettings
from ._sources import Source, StoreSettings
from ._text_rules import TextRule

__all__ = [
    "Calendar",
    "Engine",
    "Journey",
    "KnownFigure",
    "Metric",
    "Program",
    "Quotes",
    "Reference",
    "ReportSettings",
    "Source",
    "Stage",
    "StoreSettings",
    "TextRule",
    "Touchpoint",
]
