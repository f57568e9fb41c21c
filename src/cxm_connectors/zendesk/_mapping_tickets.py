"""Tickets as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cxm_core.records import Deletion, Ticket

from ._mapping import (
    GONE,
    Row,
    channel_of,
    from_epoch,
    id_of,
    objects,
    person,
    plain,
    priority_of,
    raw_channel,
    status_of,
)

MERGED_TAG = "closed_by_merge"
# Fields of a ticket that an organisation's own fields may fill.
OWN = ("reason", "order", "journey", "stage", "touchpoint")
_KEPT = ("type", "brand_id", "ticket_form_id", "custom_status_id", "is_public", "has_incidents")
_COUNTS = {"reopens": "reopens", "replies": "replies"}
_MINUTES = {
    "reply_time_in_minutes": "first_reply_minutes",
    "full_resolution_time_in_minutes": "resolution_minutes",
    "requester_wait_time_in_minutes": "requester_wait_minutes",
}


def joined_tickets(data: Any) -> Any:
    """Rows of a page of the ticket export, each with its metrics and the name of its group."""
    if not isinstance(data, Mapping) or not isinstance(data.get("tickets"), list):
        return None
    metrics = {str(one.get("ticket_id")): one for one in objects(data.get("metric_sets"))}
    groups = {str(one.get("id")): one.get("name") for one in objects(data.get("groups"))}
    return [
        {
            **row,
            "metric_set": row.get("metric_set") or metrics.get(str(row.get("id"))),
            "group_name": groups.get(str(row.get("group_id"))),
        }
        if isinstance(row, dict)
        else row
        for row in data["tickets"]
    ]


def ticket_of(row: Row, fields: Mapping[str, int]) -> Ticket | Deletion:
    """Ticket of a row of the export, or that it is gone.

    The stamp is `generated_timestamp`: automations change a ticket without touching `updated_at`.
    """
    stamp = from_epoch(row.get("generated_timestamp")) or row.get("updated_at")
    if row.get("status") in GONE:
        return Deletion(
            kind="ticket",
            native_id=row.get("id"),
            occurred_at=row.get("updated_at"),
            recorded_at=stamp,
        )
    own = own_fields(row, fields)
    return Ticket(
        native_id=row.get("id"),
        customer=person(row.get("requester_id")),
        occurred_at=row.get("created_at"),
        recorded_at=stamp,
        subject=row.get("subject") or row.get("raw_subject"),
        text=row.get("description"),
        channel=channel_of(row.get("via")),
        status=_standing(row),
        priority=priority_of(row.get("priority")),
        owner=id_of(row.get("assignee_id")),
        team=row.get("group_name") or id_of(row.get("group_id")),
        account=id_of(row.get("organization_id")),
        issue=id_of(row.get("problem_id")),
        due_at=row.get("due_at"),
        tags=row.get("tags"),
        attributes=_attributes(row) | {k: v for k, v in own.items() if k not in OWN},
        **_moments(row),
        **{name: str(value) for name, value in own.items() if name in OWN},
    )


def _standing(row: Row) -> str | None:
    """Status; a ticket that another one took in is closed, and only its tag tells why."""
    # Zendesk help, Merging tickets, seen 2026-11.
    return "merged" if MERGED_TAG in (row.get("tags") or ()) else status_of(row.get("status"))


def _moments(row: Row) -> dict[str, object]:
    metrics = row.get("metric_set") or {}
    closed = metrics.get("status_updated_at") if row.get("status") == "closed" else None
    return {"solved_at": metrics.get("solved_at"), "closed_at": closed}


def _attributes(row: Row) -> dict[str, str | int | float | bool]:
    metrics = row.get("metric_set") or {}
    minutes = {name: (metrics.get(key) or {}).get("calendar") for key, name in _MINUTES.items()}
    counts = {name: metrics.get(key) for key, name in _COUNTS.items()}
    kept = {key: row.get(key) for key in _KEPT}
    return plain({**kept, **counts, **minutes, **raw_channel(row.get("via")), **_origin(row)})


def _origin(row: Row) -> dict[str, object]:
    source = (row.get("via") or {}).get("source") or {}
    if source.get("rel") != "follow_up":
        return {}
    return {"follow_up_of": (source.get("from") or {}).get("ticket_id")}


def own_fields(row: Row, fields: Mapping[str, int]) -> dict[str, str | int | float | bool]:
    """Values of the organisation's own fields that the configuration names."""
    values = {one.get("id"): one.get("value") for one in row.get("custom_fields") or ()}
    return plain({name: _flat(values.get(key)) for name, key in fields.items()})


def _flat(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or None
    return value if value != "" else None


def merged_pairs(via: object, ticket: object) -> Iterator[tuple[str, str]]:
    """Pairs of a ticket that was taken in and the one that goes on, from a comment's origin."""
    source = via.get("source") if isinstance(via, Mapping) else None
    if not isinstance(source, Mapping) or source.get("rel") != "merge":
        return
    for taken in _ids(source.get("from")):
        yield taken, str(ticket)
    for goes_on in _ids(source.get("to")):
        yield str(ticket), goes_on


def _ids(end: object) -> Iterable[str]:
    if not isinstance(end, Mapping):
        return ()
    found = [end.get("ticket_id"), *(end.get("ticket_ids") or ())]
    return [str(one) for one in found if one]
