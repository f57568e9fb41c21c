"""From lists, arrays and frames to equally long NumPy arrays, codes, masks, and a tally."""

from ._answers import Answers, Design, read_answers
from ._business import open_microseconds
from ._bytes import tally_of_bytes
from ._case_rules import CaseRule
from ._cases import Cases, gather_cases
from ._codes import NOT_APPLICABLE, Missing
from ._contacts import Contacts, read_contacts
from ._crossed import Crossed, read_crossed
from ._events import EventColumns, EventLog, read_events
from ._features import read_features, read_numbers
from ._ingress import Frame, open_data, read_column
from ._log_reading import Wanted, read_log
from ._log_table import LogTable
from ._measures import Measures, read_measures
from ._objects import Column
from ._periods import day, month, quarter, week
from ._places import group_places
from ._population import checked_population
from ._reduce import reduce_frame
from ._shingles import SHINGLE, Shingles, shingles
from ._ticket_times import Ends, Waits, read_state_times, read_waits
from ._tickets import TicketRule, Tickets, read_tickets
from ._xes import read_xes, write_xes

__all__ = [
    "NOT_APPLICABLE",
    "SHINGLE",
    "Answers",
    "CaseRule",
    "Cases",
    "Column",
    "Contacts",
    "Crossed",
    "Design",
    "Ends",
    "EventColumns",
    "EventLog",
    "Frame",
    "LogTable",
    "Measures",
    "Missing",
    "Shingles",
    "TicketRule",
    "Tickets",
    "Waits",
    "Wanted",
    "checked_population",
    "day",
    "gather_cases",
    "group_places",
    "month",
    "open_data",
    "open_microseconds",
    "quarter",
    "read_answers",
    "read_column",
    "read_contacts",
    "read_crossed",
    "read_events",
    "read_features",
    "read_log",
    "read_measures",
    "read_numbers",
    "read_state_times",
    "read_tickets",
    "read_waits",
    "read_xes",
    "reduce_frame",
    "shingles",
    "tally_of_bytes",
    "week",
    "write_xes",
]
