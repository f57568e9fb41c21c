"""Tickets with their lives, and contacts of customers, as records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cxm_core.records import Interaction, Record, Ticket, TicketEvent

FIRST = datetime(2026, 11, 2, 9, tzinfo=UTC)


def ticket(number: int, **more: Any) -> Ticket:
    """A ticket that was opened on the morning of a day."""
    values = {"channel": "chat", "status": "solved", "reason": f"r{number}", **more}
    opened = values.pop("at", FIRST + timedelta(days=number))
    return Ticket(
        native_id=str(number),
        customer=[("email", f"{number}@example.com")],
        occurred_at=opened,
        **values,
    )


def told(number: int, hours: float, place: int = 0, **more: Any) -> TicketEvent:
    """Something that happened to a ticket so many hours after its opening."""
    at = FIRST + timedelta(days=number, hours=hours)
    values = {"native_id": f"e{number}.{place}.{hours}", **more}
    return TicketEvent(ticket=str(number), occurred_at=at, **values)


def life(number: int, hours: float | None, **more: Any) -> list[Record]:
    """A ticket with its opening, a reply after an hour, and its solution, if there is one."""
    events = [told(number, 0, event="created"), told(number, 1, event="comment", actor="human")]
    if hours is not None:
        events.append(told(number, hours, event="status", status="solved", actor="human"))
    status = "open" if hours is None else "solved"
    return [ticket(number, status=status, **more), *events]


def desk_of(hours: list[float | None], **more: Any) -> list[Record]:
    """Tickets that were solved after so many hours."""
    return [record for number, h in enumerate(hours) for record in life(number, h, **more)]


def contact(number: int, who: str, day: float, **more: Any) -> Interaction:
    """One contact of a customer."""
    values = {"channel": "chat", "direction": "in", "reason": "late", **more}
    return Interaction(
        native_id=f"c{number}",
        customer=[("email", f"{who}@example.com")],
        occurred_at=FIRST + timedelta(days=day),
        **values,
    )
