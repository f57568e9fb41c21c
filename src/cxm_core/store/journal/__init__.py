"""What nobody could send us again: written down before anyone is told so."""

from ._batches import JournalBatch, JournalFlaw
from ._compaction import Keep, rewrite_journal
from ._entries import Entry, JournalRow
from ._journal import Journal, Position, open_journal
from ._keeping import Enter, JournalKeeper, nothing_to_enter
from ._marks import Names, Told, add_rename, marks_of, set_marks
from ._pushed import (
    DELIVERY,
    PUSHED,
    REFUSED,
    UNREAD,
    Deliveries,
    Refused,
    Unread,
    add_unread,
    delivery_of,
    known_deliveries,
    record_rows,
    refused_entry,
    take_out,
    unread_in,
    unread_of,
)
from ._reading import NOTHING, Mark, Marks, Stream, read_journal, read_on, unread_streams
from ._segments import SegmentName, journal_folder
from ._stand import journal_flaws, torn_ends, waiting_records

__all__ = [
    "DELIVERY",
    "NOTHING",
    "PUSHED",
    "REFUSED",
    "UNREAD",
    "Deliveries",
    "Enter",
    "Entry",
    "Journal",
    "JournalBatch",
    "JournalFlaw",
    "JournalKeeper",
    "JournalRow",
    "Keep",
    "Mark",
    "Marks",
    "Names",
    "Position",
    "Refused",
    "SegmentName",
    "Stream",
    "Told",
    "Unread",
    "add_rename",
    "add_unread",
    "delivery_of",
    "journal_flaws",
    "journal_folder",
    "known_deliveries",
    "marks_of",
    "nothing_to_enter",
    "open_journal",
    "read_journal",
    "read_on",
    "record_rows",
    "refused_entry",
    "rewrite_journal",
    "set_marks",
    "take_out",
    "torn_ends",
    "unread_in",
    "unread_of",
    "unread_streams",
    "waiting_records",
]
