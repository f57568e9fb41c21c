"""From the former values of a ticket's properties to what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cxm_core.records import TicketEvent

Row = Mapping[str, Any]
StatusOf = Callable[[str | None], str | None]

_CLOSED = frozenset({"solved", "closed"})
# HubSpot developer docs, Properties (change sources), seen 2026-11.
_ACTORS = {
    "CRM_UI": "human",
    "CRM_UI_BULK_ACTION": "human",
    "MOBILE_IOS": "human",
    "MOBILE_ANDROID": "human",
    "AUTOMATION_PLATFORM": "bot",
    "WORKFLOWS": "bot",
}


def ticket_events(row: Row, *, status_of: StatusOf) -> Iterator[TicketEvent]:
    """Each change of stage and of owner, in the order of time."""
    history = row.get("propertiesWithHistory") or {}
    yield from _stages(row, _rising(history.get("hs_pipeline_stage")), status_of)
    yield from _owners(row, _rising(history.get("hubspot_owner_id")))


def _rising(changes: Any) -> list[Row]:
    """Changes in the order of time; the vendor has the newest first."""
    return sorted(changes or (), key=lambda change: str(change["timestamp"]))


def _stages(row: Row, changes: list[Row], status_of: StatusOf) -> Iterator[TicketEvent]:
    before: str | None = None
    for change in changes:
        status = status_of(change.get("value") or None)
        if status == before:
            continue  # another stage of the same meaning
        was_closed, is_closed = before in _CLOSED, status in _CLOSED
        event = "created" if before is None else "status"
        if was_closed and not is_closed:
            event = "reopening"
        yield _event(row, change, "stage", event=event, old=before, new=status, status=status)
        before = status


def _owners(row: Row, changes: list[Row]) -> Iterator[TicketEvent]:
    before: str | None = None
    for change in changes:
        owner = change.get("value") or None
        if owner != before:
            yield _event(row, change, "owner", event="assignment", old=before, new=owner)
        before = owner


def _event(row: Row, change: Row, what: str, **facts: str | None) -> TicketEvent:
    source = change.get("sourceType")
    values: dict[str, Any] = facts
    return TicketEvent(
        native_id=f"{row['id']}:{what}:{change['timestamp']}",
        ticket=row["id"],
        occurred_at=change["timestamp"],
        recorded_at=change["timestamp"],
        actor=_ACTORS.get(source, "other") if source else None,
        attributes={"source": source, "user": change.get("updatedByUserId")},
        **values,
    )
