"""A synthetic company's help desk, in the shapes that Zendesk serves.

Shapes: Zendesk developer docs, the JSON format of each resource, seen 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeAlias

from cxm_connectors.simulation import (
    SimAccount,
    SimCustomer,
    SimRating,
    SimStaff,
    SimTicket,
    SimTicketEvent,
)

Row: TypeAlias = dict[str, Any]

CUSTOMERS, STAFF, ORGANIZATIONS, GROUPS = 1_000_000, 2_000_000, 3_000_000, 4_000_000
RATINGS, AUDITS, CHILDREN, METRICS = 6_000_000, 10**9, 2 * 10**9, 7 * 10**9
#: Ticket fields of the company's own.
REASON_FIELD: Final = 360_000_000_001
_NOTED: Final = {
    360_000_000_002: "authentications",
    360_000_000_003: "active_s",
    360_000_000_004: "transfers",
}
SYSTEM: Final = -1
_CHANNELS: Final = {"email": "email", "web": "web", "chat": "native_messaging", "phone": "voice"}
_IN_WORDS: Final = {
    "email": "Mail",
    "web": "Web form",
    "native_messaging": "Messaging",
    "voice": "Phone call (incoming)",
    "rule": "Rule",
    "system": "System",
    "api": "Web service",
}
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_STATUSES: Final = {"on_hold": "hold"}


def stamp(at: datetime) -> str:
    """Write an instant as the vendor writes it: whole seconds, UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def precise(at: datetime) -> str:
    """Write an instant as survey responses have it: with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch(at: datetime) -> int:
    """Whole seconds since 1970."""
    return int(at.timestamp())


def ulid(at: datetime, key: int) -> str:
    """Id that begins with its moment, as survey responses have (github.com/ulid/spec)."""
    number = (int(at.timestamp() * 1_000) << 80) | key
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def via(channel: str, **source: object) -> Row:
    """Origin of a ticket, an audit or a comment."""
    held = {"from": {}, "to": {}, "rel": None} | source
    return {"channel": _CHANNELS.get(channel, channel), "source": held}


def organization_row(account: SimAccount) -> Row:
    """Organisation of an account."""
    return {
        "id": ORGANIZATIONS + account.key,
        "name": account.name,
        "external_id": None,
        "created_at": stamp(account.created_at),
        "updated_at": stamp(account.changed_at),
        "deleted_at": None,
        "domain_names": [account.domain] if account.domain else [],
        "details": "",
        "notes": "",
        "group_id": None,
        "shared_tickets": False,
        "shared_comments": False,
        "tags": [account.segment],
        "organization_fields": {"industry": account.industry, "country": account.country},
    }


def customer_row(customer: SimCustomer) -> Row:
    """User of a customer; one who was removed or taken in is no longer active."""
    is_gone = customer.deleted_at is not None or customer.merged_into is not None
    return {
        "id": CUSTOMERS + customer.key,
        "name": customer.name,
        "email": None if is_gone else customer.email,
        "phone": None if is_gone else customer.phone or None,
        "role": "end-user",
        "active": not is_gone,
        "suspended": False,
        "verified": True,
        "locale": customer.language,
        "iana_time_zone": "UTC",
        "time_zone": "UTC",
        "organization_id": ORGANIZATIONS + customer.account if customer.account else None,
        "external_id": None,
        "tags": [],
        "created_at": stamp(customer.created_at),
        "updated_at": stamp(max(customer.changed_at, customer.deleted_at or customer.changed_at)),
        "user_fields": {"segment": customer.segment, "country": customer.country},
    }


def staff_row(one: SimStaff, groups: Mapping[str, int]) -> Row:
    """User of a member of staff."""
    return {
        "id": STAFF + one.key,
        "name": one.name,
        "email": one.email,
        "phone": None,
        "role": "agent",
        "active": one.is_active,
        "suspended": False,
        "verified": True,
        "locale": "en",
        "iana_time_zone": "UTC",
        "time_zone": "UTC",
        "organization_id": None,
        "external_id": None,
        "default_group_id": groups.get(one.team),
        "tags": [],
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "user_fields": {},
    }


def user_id(event: SimTicketEvent, ticket: SimTicket) -> int:
    """User who acted; rules and bots are the system."""
    if event.actor == "customer":
        return CUSTOMERS + ticket.customer
    return STAFF + event.staff if event.actor == "staff" and event.staff else SYSTEM


def ticket_row(ticket: SimTicket, teams: Mapping[int, int]) -> Row:
    """Ticket as it stands."""
    owner, changed = ticket.owner, ticket.changed_at
    is_merged = ticket.merged_into is not None
    status = "closed" if is_merged else _STATUSES.get(ticket.status, ticket.status)
    return {
        "id": ticket.key,
        "external_id": None,
        "via": via(ticket.channel),
        "created_at": stamp(ticket.opened_at),
        "updated_at": stamp(changed),
        "generated_timestamp": epoch(changed),
        "type": "question",
        "subject": ticket.subject,
        "raw_subject": ticket.subject,
        "description": ticket.text,
        "priority": _priority(ticket),
        "status": "deleted" if ticket.deleted_at else status,
        "requester_id": CUSTOMERS + ticket.customer,
        "submitter_id": CUSTOMERS + ticket.customer,
        "assignee_id": STAFF + owner if owner else None,
        "organization_id": ORGANIZATIONS + ticket.account if ticket.account else None,
        "group_id": teams.get(owner) if owner else None,
        "problem_id": None,
        "has_incidents": False,
        "is_public": True,
        "due_at": None,
        "tags": [*ticket.tags, *(["closed_by_merge"] if is_merged else [])],
        "custom_fields": _own_fields(ticket),
        "satisfaction_rating": {"score": "unoffered"},
        "ticket_form_id": 5_000_001,
        "brand_id": 5_000_002,
        "custom_status_id": None,
    }


def _priority(ticket: SimTicket) -> str:
    later = (event.new for event in reversed(ticket.events) if event.kind == "priority")
    return next(later, None) or ticket.priority


def _own_fields(ticket: SimTicket) -> list[Row]:
    # Nobody fills in a reason where none is known.
    reason = None if ticket.reason == "other" else ticket.reason
    noted = [{"id": key, "value": getattr(ticket, name)} for key, name in _NOTED.items()]
    return [{"id": REASON_FIELD, "value": reason}, *noted]


def audits_of(ticket: SimTicket, teams: Mapping[int, int]) -> Iterator[Row]:
    """Audits of a ticket, in order; what one actor saved at one moment is one of them."""
    together: list[SimTicketEvent] = []
    for event in ticket.events:
        if together and (event.at, event.actor, event.staff) != _saved(together[0]):
            yield _audit(ticket, together, teams)
            together = []
        together.append(event)
    if together:
        yield _audit(ticket, together, teams)
    if ticket.deleted_at:
        child = change(CHILDREN * 2 + ticket.key, "status", old=ticket.status, new="deleted")
        gone = Saved(ticket.key, ticket.deleted_at, SYSTEM)
        yield audit(AUDITS * 9 + ticket.key, gone, [child])


def _saved(event: SimTicketEvent) -> tuple[datetime, str, int | None]:
    return event.at, event.actor, event.staff


def _audit(ticket: SimTicket, events: Sequence[SimTicketEvent], teams: Mapping[int, int]) -> Row:
    children = [child for event in events for child in _children(ticket, event, teams)]
    saved = _saved_by(ticket, events[0])
    channel = "rule" if saved.author == SYSTEM else ticket.channel
    return audit(AUDITS + events[0].key, saved, children) | {"via": via(channel)}


def _saved_by(ticket: SimTicket, event: SimTicketEvent) -> Saved:
    return Saved(ticket.key, event.at, user_id(event, ticket))


class Saved(NamedTuple):
    """Who saved something of which ticket, and when."""

    ticket: int
    at: datetime
    author: int


def audit(audit_id: int, saved: Saved, events: Sequence[Row]) -> Row:
    """One saved update of a ticket."""
    return {
        "id": audit_id,
        "ticket_id": saved.ticket,
        "created_at": stamp(saved.at),
        "author_id": saved.author,
        "via": via("rule" if saved.author == SYSTEM else "web"),
        "metadata": {"system": {}, "custom": {}},
        "events": list(events),
    }


def _children(ticket: SimTicket, event: SimTicketEvent, teams: Mapping[int, int]) -> Iterator[Row]:
    number, saved = CHILDREN + event.key * 10, _saved_by(ticket, event)
    if event.kind == "created":
        yield comment(number + 1, ticket.text, saved, channel=ticket.channel)
        yield create(number, "status", "new")
        yield create(number + 2, "priority", ticket.priority)
        yield create(number + 3, "subject", ticket.subject)
    elif event.kind == "comment":
        is_public, channel = event.is_public, event.channel
        yield comment(number, event.text, saved, is_public=is_public, channel=channel)
    elif event.kind == "status":
        yield change(number, "status", old=_word(event.old), new=_word(event.new))
    elif event.kind == "priority":
        yield change(number, "priority", old=event.old, new=event.new)
    elif event.kind == "assignment":
        yield from _assignment(number, event, teams)
    elif event.kind == "merge":
        said = f"This request was closed and merged into request #{event.new}."
        yield comment(number + 1, said, saved, is_public=False)
        yield change(number, "status", old=_word(_before(ticket, event)), new="closed")


def _before(ticket: SimTicket, event: SimTicketEvent) -> str:
    earlier = (e.new for e in reversed(ticket.events) if e.kind == "status" and e.key < event.key)
    return next(earlier, None) or "new"


def _assignment(number: int, event: SimTicketEvent, teams: Mapping[int, int]) -> Iterator[Row]:
    old, new = (int(key) if key else None for key in (event.old, event.new))
    yield change(number, "assignee_id", old=_staff(old), new=_staff(new))
    before, after = (teams.get(key) if key else None for key in (old, new))
    if before != after:
        yield change(number + 1, "group_id", old=_text(before), new=_text(after))


def _staff(key: int | None) -> str | None:
    return str(STAFF + key) if key else None


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _word(status: str | None) -> str | None:
    return _STATUSES.get(status, status) if status else None


def create(child_id: int, name: str, value: object) -> Row:
    """Field that a ticket began with."""
    return {"id": child_id, "type": "Create", "field_name": name, "value": value}


def change(child_id: int, name: str, *, old: object = None, new: object = None) -> Row:
    """Change of a field."""
    return create(child_id, name, new) | {"type": "Change", "previous_value": old}


def comment(
    child_id: int, text: str, saved: Saved, *, is_public: bool = True, channel: str = "web"
) -> Row:
    """Comment on a ticket."""
    return {
        "id": child_id,
        "type": "Comment",
        "author_id": saved.author,
        "body": text,
        "html_body": f"<p>{text}</p>",
        "plain_body": text,
        "public": is_public,
        "attachments": [],
        "audit_id": None,
        "via": via("system" if saved.author == SYSTEM else channel),
        "created_at": stamp(saved.at),
    }


def merged_audit(ticket: SimTicket) -> Row | None:
    """Audit of the ticket that goes on, from which alone it shows what was taken in."""
    # Zendesk developer docs, Via object reference, seen 2026-11: rel `merge`.
    event = next((e for e in ticket.events if e.kind == "merge"), None)
    if event is None or event.new is None:
        return None
    said = f"Request #{ticket.key} was closed and merged into this request."
    origin = via("web", **{"from": {"ticket_ids": [ticket.key]}, "rel": "merge"})
    saved = _saved_by(ticket, event)._replace(ticket=int(event.new))
    told = comment(CHILDREN + event.key * 10 + 5, said, saved, is_public=False) | {"via": origin}
    return audit(AUDITS * 5 + event.key, saved, [told])


def exported(one: Row) -> Row:
    """Audit as the event export shows it: fields are keys, the origin is in words."""
    words = _IN_WORDS.get(one["via"]["channel"], "Web form")
    return {
        "id": one["id"],
        "ticket_id": one["ticket_id"],
        "timestamp": epoch(datetime.fromisoformat(one["created_at"])),
        "created_at": one["created_at"],
        "updater_id": one["author_id"],
        "via": words,
        "system": {},
        "metadata": {},
        "event_type": "Audit",
        "child_events": [_exported_child(child, words) for child in one["events"]],
    }


def _exported_child(child: Row, words: str) -> Row:
    kind = child["type"]
    if "field_name" not in child:
        return {**child, "event_type": kind}
    told = {"id": child["id"], "via": words, "via_reference_id": None, "event_type": kind}
    told[child["field_name"]] = child["value"]
    return told | ({"previous_value": child["previous_value"]} if kind == "Change" else {})


def rating_row(rating: SimRating, team: int | None) -> Row:
    """Legacy rating: four and five of five are good."""
    score = "offered" if rating.score is None else "good" if rating.score >= 4 else "bad"
    return {
        "id": RATINGS + rating.key,
        "ticket_id": rating.ticket,
        "requester_id": CUSTOMERS + rating.customer,
        "assignee_id": STAFF + rating.staff if rating.staff else None,
        "group_id": team,
        "score": score,
        "comment": rating.comment or None,
        "reason": rating.reason,
        "reason_id": None,
        "created_at": stamp(rating.offered_at),
        "updated_at": stamp(rating.answered_at or rating.offered_at),
    }
