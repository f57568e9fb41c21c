"""What is a table of tickets, and what is none."""

from __future__ import annotations

import numpy as np

from cxm_core.columns import Ends, LogTable, Waits
from cxm_core.errors import UsageError

from ._counted import Mask

# Ends after which nobody can come back to the ticket: not settled, but gone.
_NO_SETTLING = ("merged", "spam", "abandoned")


def check_tickets(tickets: object, ends: Ends, metric: str) -> None:
    """Refuse what was made of contacts: they do not tell when their matter was settled."""
    if isinstance(tickets, LogTable) and ends.start not in tickets.names:
        raise UsageError(
            f"{metric} is about tickets, and this table has no {ends.start!r}, as of issues.",
            hint="cx.tickets(events) makes them; of issues, cx.repeat_contact tells who came again",
        )


def gone(waits: Waits, ends: Ends) -> tuple[tuple[str, Mask], ...]:
    """Tickets that ended without being settled, and never came back, by their end."""
    name = next((name for name in ends.beside if name in waits.table.names), None)
    if name is None:
        return ()
    words = waits.table.column(name)
    ended = np.char.lower(np.where(words.is_missing, "", words.values.astype(object)).astype(str))
    stayed = waits.causes != 1
    return tuple((word, stayed & (ended == word)) for word in _NO_SETTLING)
