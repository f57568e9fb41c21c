"""Where records are kept: appended, merged, counted, and read as of any moment."""

from ._arrow import ArrowTable, arrow_table
from ._faults import FAULT_POINTS, Faults
from ._opening import open_store
from ._protocol import (
    Counts,
    LoadReport,
    SourceEntry,
    State,
    Store,
    TableFormat,
    Transaction,
    Where,
)
from ._quarantine import Origin, QuarantineEntry, quarantine_entry
from ._schema import arrow_schema
from ._surroundings import Clock

__all__ = [
    "FAULT_POINTS",
    "ArrowTable",
    "Clock",
    "Counts",
    "Faults",
    "LoadReport",
    "Origin",
    "QuarantineEntry",
    "SourceEntry",
    "State",
    "Store",
    "TableFormat",
    "Transaction",
    "Where",
    "arrow_schema",
    "arrow_table",
    "open_store",
    "quarantine_entry",
]
