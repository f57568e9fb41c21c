"""The synthetic company's logs as plain columns, under the names of our records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from ._facts import Facts
from ._messages import SimMessage
from ._tickets import SimTicket, SimTicketEvent

Table = dict[str, list[Any]]
_Row = TypeVar("_Row")
_ACTORS: Final = {"staff": "human"}


def tables_of(company: Facts) -> dict[str, Table]:
    """Give tickets, their events and promotional messages, each as a table."""
    there = [ticket for ticket in company.tickets if ticket.deleted_at is None]
    events = [(ticket, event) for ticket in there for event in ticket.events]
    teams = {one.key: one.team for one in company.staff}
    return {
        "tickets": _columns(_TICKET, there),
        "ticket_events": _columns(_EVENT, events)
        | {"team": [teams.get(_new_owner(event)) for _, event in events]},
        "messages": _columns(_MESSAGE, company.messages),
    }


def _columns(names: Mapping[str, Callable[[_Row], Any]], rows: Iterable[_Row]) -> Table:
    kept = list(rows)
    return {name: [value(row) for row in kept] for name, value in names.items()}


def _new_owner(event: SimTicketEvent) -> int:
    return int(event.new or 0) if event.kind == "assignment" else 0


def _kind(event: SimTicketEvent) -> str:
    is_back = event.old in ("solved", "closed") and event.new in ("new", "open", "pending")
    return "reopening" if event.kind == "status" and is_back else event.kind


def _status(event: SimTicketEvent) -> str | None:
    if event.kind == "merge":
        return "merged"
    return event.new if event.kind in ("created", "status") else None


_TICKET: Final[Mapping[str, Callable[[SimTicket], Any]]] = {
    "native_id": lambda ticket: f"t{ticket.key}",
    "customer": lambda ticket: f"p{ticket.customer}",
    "occurred_at": lambda ticket: ticket.opened_at,
    "subject": lambda ticket: ticket.subject,
    "text": lambda ticket: ticket.text,
    "reason": lambda ticket: None if ticket.reason == "other" else ticket.reason,
    "channel": lambda ticket: ticket.channel,
    "status": lambda ticket: ticket.status,
    "priority": lambda ticket: ticket.priority,
    "owner": lambda ticket: ticket.owner and f"s{ticket.owner}",
    "merged_into": lambda ticket: ticket.merged_into and f"t{ticket.merged_into}",
    "solved_at": lambda ticket: ticket.solved_at,
    "transfers": lambda ticket: ticket.transfers,
    "authentications": lambda ticket: ticket.authentications,
    "active_s": lambda ticket: ticket.active_s,
    "issue": lambda ticket: f"i{ticket.issue}",
}
_EVENT: Final[Mapping[str, Callable[[tuple[SimTicket, SimTicketEvent]], Any]]] = {
    "native_id": lambda row: f"e{row[1].key}",
    "ticket": lambda row: f"t{row[0].key}",
    "customer": lambda row: f"p{row[0].customer}",
    "occurred_at": lambda row: row[1].at,
    "event": lambda row: _kind(row[1]),
    "old": lambda row: row[1].old,
    "new": lambda row: row[1].new,
    "status": lambda row: _status(row[1]),
    "actor": lambda row: _ACTORS.get(row[1].actor, row[1].actor),
    "staff": lambda row: row[1].staff and f"s{row[1].staff}",
    "channel": lambda row: row[1].channel,
    "is_public": lambda row: row[1].is_public,
}
_MESSAGE: Final[Mapping[str, Callable[[SimMessage], Any]]] = {
    "native_id": lambda message: f"m{message.key}",
    "customer": lambda message: f"p{message.customer}",
    "occurred_at": lambda message: message.at,
    "campaign": lambda message: message.campaign,
    "channel": lambda message: message.channel,
    "direction": lambda _: "out",
}
