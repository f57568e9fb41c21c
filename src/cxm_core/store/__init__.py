"""Where records are kept: appended, merged, counted, and read as of any moment."""

from ._arrow import ArrowTable, arrow_table
from ._canonical import canonical_lines, export_lines, records_of_lines
from ._counts import Counts, FoldReport, LoadReport
from ._disk import Disk
from ._driver import Limits
from ._events import StoreEvent, read_events
from ._faults import FAULT_POINTS, Faults
from ._opening import open_store
from ._protocol import SourceEntry, State, Store, TableFormat, Transaction, Where
from ._quarantine import Origin, QuarantineEntry, quarantine_entry
from ._reports import Compaction, Expired, Finding, RetentionReport, Verification
from ._schema import arrow_schema
from ._stand import Opening, StreamStand
from ._surroundings import Clock
from .journal import (
    Journal,
    JournalBatch,
    JournalFlaw,
    JournalRow,
    Position,
    Refused,
    Unread,
    journal_folder,
    open_journal,
    read_journal,
)
from .rescue import Diagnosis, Rebuild, Salvage, TableStand, diagnose, rebuild_store

__all__ = [
    "FAULT_POINTS",
    "ArrowTable",
    "Clock",
    "Compaction",
    "Counts",
    "Diagnosis",
    "Disk",
    "Expired",
    "Faults",
    "Finding",
    "FoldReport",
    "Journal",
    "JournalBatch",
    "JournalFlaw",
    "JournalRow",
    "Limits",
    "LoadReport",
    "Opening",
    "Origin",
    "Position",
    "QuarantineEntry",
    "Rebuild",
    "Refused",
    "RetentionReport",
    "Salvage",
    "SourceEntry",
    "State",
    "Store",
    "StoreEvent",
    "StreamStand",
    "TableFormat",
    "TableStand",
    "Transaction",
    "Unread",
    "Verification",
    "Where",
    "arrow_schema",
    "arrow_table",
    "canonical_lines",
    "diagnose",
    "export_lines",
    "journal_folder",
    "open_journal",
    "open_store",
    "quarantine_entry",
    "read_events",
    "read_journal",
    "rebuild_store",
    "records_of_lines",
]
