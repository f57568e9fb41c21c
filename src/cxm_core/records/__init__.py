"""What happened: every kind of record, its description, and the row lane that checks it."""

from ._cells import Cell
from ._changes import Change, Deletion
from ._check import check, from_row
from ._collector import collector_paused
from ._consents import Consent
from ._customers import Account, Customer, Membership, Staff
from ._describe import describe
from ._description import (
    Counted,
    FieldDescription,
    FieldType,
    Ordered,
    Plain,
    Problem,
    Reason,
    RecordDescription,
    Rule,
    Scaled,
    Together,
    Within,
)
from ._envelope import NOT_CONTENT, Event, Record, record_id
from ._feedback import Invitation, Question, Response
from ._flags import AHEAD, SKEW, flags_of, page_flags, prose_columns, unreadable_flag
from ._interactions import Interaction
from ._json import MAX_DEPTH, parse_json, read_json
from ._kinds import KINDS, json_schema, json_schemas, record_class
from ._loops import FollowUpEvent
from ._mappings import RowMapping, scale_constants
from ._nested import flat_texts, value_text
from ._notes import Note, ResearchSession
from ._orders import Cancellation, Deal, Order, OrderItem, Return, Subscription
from ._problems import describe_problem, problem_of
from ._reading import ReadRow, read_row, row_reader
from ._reviews import RatingSummary, Review
from ._rows import (
    CONTENT_SEPARATOR,
    column_tag,
    content_hash,
    content_text,
    raw_hash,
    row_hash,
    row_hashes,
    to_columns,
    to_row,
)
from ._scores import Score
from ._table import Aliases, Format, Reader, Table
from ._text import (
    ASCII_SPACES,
    BLANK_TEXT,
    CONTROL_CHARACTER,
    FALSE_TEXT,
    INTEGER_TEXT,
    LEVEL_SEPARATORS,
    LEVEL_TEXT,
    LONG_INTEGER_TEXT,
    NON_FINITE_TEXT,
    NUMBER_TEXT,
    PLAIN_TEXT,
    REPLACEMENT,
    TRUE_TEXT,
    clean,
    is_blank,
    level_words,
    parse_text,
    read_level,
)
from ._tickets import Ticket, TicketEvent
from ._times import (
    FIRST_INSTANT,
    FIRST_YEAR,
    LAST_INSTANT,
    LAST_YEAR,
    TimeFormat,
    ambiguous_date,
    guess_time_formats,
)
from ._writing import canonical_json

__all__ = [
    "AHEAD",
    "ASCII_SPACES",
    "BLANK_TEXT",
    "CONTENT_SEPARATOR",
    "CONTROL_CHARACTER",
    "FALSE_TEXT",
    "FIRST_INSTANT",
    "FIRST_YEAR",
    "INTEGER_TEXT",
    "KINDS",
    "LAST_INSTANT",
    "LAST_YEAR",
    "LEVEL_SEPARATORS",
    "LEVEL_TEXT",
    "LONG_INTEGER_TEXT",
    "MAX_DEPTH",
    "NON_FINITE_TEXT",
    "NOT_CONTENT",
    "NUMBER_TEXT",
    "PLAIN_TEXT",
    "REPLACEMENT",
    "SKEW",
    "TRUE_TEXT",
    "Account",
    "Aliases",
    "Cancellation",
    "Cell",
    "Change",
    "Consent",
    "Counted",
    "Customer",
    "Deal",
    "Deletion",
    "Event",
    "FieldDescription",
    "FieldType",
    "FollowUpEvent",
    "Format",
    "Interaction",
    "Invitation",
    "Membership",
    "Note",
    "Order",
    "OrderItem",
    "Ordered",
    "Plain",
    "Problem",
    "Question",
    "RatingSummary",
    "ReadRow",
    "Reader",
    "Reason",
    "Record",
    "RecordDescription",
    "ResearchSession",
    "Response",
    "Return",
    "Review",
    "RowMapping",
    "Rule",
    "Scaled",
    "Score",
    "Staff",
    "Subscription",
    "Table",
    "Ticket",
    "TicketEvent",
    "TimeFormat",
    "Together",
    "Within",
    "ambiguous_date",
    "canonical_json",
    "check",
    "clean",
    "collector_paused",
    "column_tag",
    "content_hash",
    "content_text",
    "describe",
    "describe_problem",
    "flags_of",
    "flat_texts",
    "from_row",
    "guess_time_formats",
    "is_blank",
    "json_schema",
    "json_schemas",
    "level_words",
    "page_flags",
    "parse_json",
    "parse_text",
    "problem_of",
    "prose_columns",
    "raw_hash",
    "read_json",
    "read_level",
    "read_row",
    "record_class",
    "record_id",
    "row_hash",
    "row_hashes",
    "row_reader",
    "scale_constants",
    "to_columns",
    "to_row",
    "unreadable_flag",
    "value_text",
]
