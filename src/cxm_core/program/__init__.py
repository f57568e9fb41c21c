"""What was decided: sources, map, metrics, and what the report shows, in one document."""

from ._blueprints import LANES, Blueprint, Lane, Link, Step, StepKind
from ._bpmn_read import read_bpmn
from ._bpmn_write import write_bpmn
from ._calendars import Calendar
from ._channel_rules import ChannelRule
from ._journeys import Journey, Stage, Touchpoint
from ._layout import Place
from ._log_metrics import LOG_ENGINES
from ._lucidchart import read_lucidchart
from ._map_import import MapImport
from ._mermaid import write_mermaid
from ._metrics import Engine, Metric
from ._program import Program
from ._promises import Indicator, Promise
from ._references import Reference
from ._report import KnownFigure, LogSettings, Quotes, ReportSettings
from ._smaply import read_smaply
from ._sources import Source, StoreSettings
from ._text_rules import TextRule
from ._toml import write_toml

__all__ = [
    "LANES",
    "LOG_ENGINES",
    "Blueprint",
    "Calendar",
    "ChannelRule",
    "Engine",
    "Indicator",
    "Journey",
    "KnownFigure",
    "Lane",
    "Link",
    "LogSettings",
    "MapImport",
    "Metric",
    "Place",
    "Program",
    "Promise",
    "Quotes",
    "Reference",
    "ReportSettings",
    "Source",
    "Stage",
    "Step",
    "StepKind",
    "StoreSettings",
    "TextRule",
    "Touchpoint",
    "read_bpmn",
    "read_lucidchart",
    "read_smaply",
    "write_bpmn",
    "write_mermaid",
    "write_toml",
]
