"""What happened to tickets: how long, how often, and by whom."""

from ._compare_times import compare_times
from ._definitions import TICKET_DEFINITIONS
from ._ends import ticket_ends
from ._mean import mean_resolution_time
from ._one_touch import one_touch
from ._promises import sla_attainment
from ._replies import first_reply_time
from ._resolution import resolution_curve, resolution_time
from ._returns import escalation_rate, reopen_rate
from ._ticket_definition import TicketDefinition
from ._tickets import tickets
from ._waits import agent_work, requester_wait

__all__ = [
    "TICKET_DEFINITIONS",
    "TicketDefinition",
    "agent_work",
    "compare_times",
    "escalation_rate",
    "first_reply_time",
    "mean_resolution_time",
    "one_touch",
    "reopen_rate",
    "requester_wait",
    "resolution_curve",
    "resolution_time",
    "sla_attainment",
    "ticket_ends",
    "tickets",
]
