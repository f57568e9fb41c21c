"""What the simulated help desk counts of a ticket: its metrics, and the clocks it runs by.

Zendesk developer docs, Ticket metrics and Ticket metric events; Zendesk help, Metrics and
attributes for Zendesk Support; seen 2026-11.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from cxm_connectors.simulation import SimTicket, SimTicketEvent

from ._simulator_rows import METRICS, Row, stamp

_MINUTE = timedelta(minutes=1)
_WAITING = ("new", "open", "on_hold")


def metric_row(ticket: SimTicket, teams: Mapping[int, int]) -> Row:
    """Metrics of a ticket, in whole minutes; `teams` are the groups of members of staff."""
    replies = [event.at for event in ticket.events if _is_reply(event)]
    solved = [event.at for event in ticket.events if event.new == "solved"]
    spent = _spent(ticket)
    return {
        "id": METRICS + ticket.key,
        "ticket_id": ticket.key,
        "reopens": sum(_is_reopening(event) for event in ticket.events),
        "replies": len(replies),
        **_stations(ticket, teams),
        **_stamps(ticket),
        "solved_at": stamp(solved[-1]) if solved else None,
        "reply_time_in_minutes": _until(ticket, replies[:1]),
        "first_resolution_time_in_minutes": _until(ticket, solved[:1]),
        "full_resolution_time_in_minutes": _until(ticket, solved[-1:]),
        "requester_wait_time_in_minutes": _minutes(spent, _WAITING),
        "agent_wait_time_in_minutes": _minutes(spent, ("pending",)),
        "on_hold_time_in_minutes": _minutes(spent, ("on_hold",)),
    }


def _is_reply(event: SimTicketEvent) -> bool:
    return event.kind == "comment" and event.actor == "staff" and event.is_public


def _is_reopening(event: SimTicketEvent) -> bool:
    return (event.kind, event.old, event.new) == ("status", "solved", "open")


def _stations(ticket: SimTicket, teams: Mapping[int, int]) -> Row:
    """How many people and groups have had it, one after the other."""
    owners = [int(event.new) for event in ticket.events if event.kind == "assignment" and event.new]
    groups = [teams.get(owner) for owner in owners]
    changes = sum(one != other for one, other in pairwise(groups))
    return {"assignee_stations": len(owners), "group_stations": changes + bool(groups)}


def _stamps(ticket: SimTicket) -> Row:
    assigned = [event.at for event in ticket.events if event.kind == "assignment"]
    changed = [event.at for event in ticket.events if event.kind in ("status", "merge")]
    said = [event.at for event in ticket.events if event.kind in ("created", "comment")]
    return {
        "created_at": stamp(ticket.opened_at),
        "updated_at": stamp(ticket.changed_at),
        "initially_assigned_at": stamp(assigned[0]) if assigned else None,
        "assigned_at": stamp(assigned[-1]) if assigned else None,
        "status_updated_at": stamp((changed or [ticket.opened_at])[-1]),
        "latest_comment_added_at": stamp((said or [ticket.opened_at])[-1]),
    }


def _until(ticket: SimTicket, ends: list[datetime]) -> Row:
    return _told((ends[0] - ticket.opened_at) // _MINUTE if ends else None)


def _spent(ticket: SimTicket) -> Counter[str]:
    """Time in each status that the ticket has left; what still runs is not counted."""
    turns = [("new", ticket.opened_at)]
    turns += [(e.new or "", e.at) for e in ticket.events if e.kind in ("status", "merge")]
    spent: Counter[str] = Counter()
    for (status, begun), (_, left) in pairwise(turns):
        spent[status] += (left - begun) // timedelta(seconds=1)
    return spent


def _minutes(spent: Mapping[str, int], statuses: tuple[str, ...]) -> Row:
    """Whole minutes in some statuses; none at all where none of them was left yet."""
    left = [spent[status] for status in statuses if status in spent]
    return _told(sum(left) // 60 if left else None)


def _told(minutes: int | None) -> Row:
    return {"calendar": minutes, "business": minutes}


def metric_events_of(ticket: SimTicket) -> Iterator[Row]:
    """Ticks of the clocks that a ticket runs by."""
    number = METRICS + ticket.key * 16
    sla = {"target": 480, "business_hours": False, "policy": {"id": 1, "title": "Standard"}}
    begun = {"ticket_id": ticket.key, "instance_id": 1, "time": stamp(ticket.opened_at)}
    yield {"id": number, "metric": "reply_time", "type": "activate", **begun}
    yield {"id": number + 1, "metric": "reply_time", "type": "apply_sla", "sla": sla, **begun}
    yield {"id": number + 2, "metric": "requester_wait_time", "type": "activate", **begun}
    replies = [event.at for event in ticket.events if _is_reply(event)]
    waited = _until(ticket, replies[:1])["calendar"]
    if waited is not None:
        at = stamp(ticket.opened_at + timedelta(minutes=waited))
        done = {"ticket_id": ticket.key, "instance_id": 1, "time": at}
        status = {"calendar": waited, "business": waited}
        yield {"id": number + 3, "metric": "reply_time", "type": "fulfill", **done}
        yield {
            "id": number + 4,
            "metric": "reply_time",
            "type": "update_status",
            "status": status,
            **done,
        }
    if waited is None or waited > sla["target"]:
        late = stamp(ticket.opened_at + timedelta(minutes=480))
        told = {"ticket_id": ticket.key, "instance_id": 1, "time": late, "deleted": False}
        yield {"id": number + 5, "metric": "reply_time", "type": "breach", **told}
