"""What is a table of tickets, and what is none."""

from __future__ import annotations

from cxm_core.columns import Ends, LogTable
from cxm_core.errors import UsageError


def check_tickets(tickets: object, ends: Ends, metric: str) -> None:
    """Refuse what was made of contacts: they do not tell when their matter was settled."""
    if isinstance(tickets, LogTable) and ends.start not in tickets.names:
        raise UsageError(
            f"{metric} is about tickets, and this table has no {ends.start!r}, as of issues.",
            hint="cx.tickets(events) makes them; of issues, cx.repeat_contact tells who came again",
        )
