"""What happened to a ticket: each change of status, each comment, and the clock of its promises.

The event export and the list of audits tell the same in two shapes; both give the same records.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from attrs import frozen

from cxm_core.records import Deletion, TicketEvent

from ._mapping import (
    Row,
    channel_of,
    id_of,
    instant,
    is_machine,
    objects,
    person,
    plain,
    priority_of,
    raw_channel,
    status_of,
)
from ._mapping_tickets import merged_pairs

# Zendesk developer docs, Ticket audits (Event types), seen 2026-11.
_COMMENTS = ("Comment", "VoiceComment", "FacebookComment")
_CHANGES = ("Create", "Change")
# What was written, or who may read it, is no longer what the export served before.
REWRITES = (
    "CommentRedactionEvent",
    "AttachmentRedactionEvent",
    "CommentPrivacyChange",
    "ChatFileRedactionEvent",
)
_ABOUT_THE_CHILD = frozenset(
    {"id", "via", "via_reference_id", "event_type", "type", "previous_value", "field_name", "value"}
    | {"audit_id", "created_at", "author_id", "comment_present", "comment_public", "body"}
    | {"html_body", "plain_body", "public", "attachments", "metadata", "ticket_id"}
)
_SETTLED = ("solved", "closed")
_UNSETTLED = ("new", "open", "pending", "on_hold")


@frozen(kw_only=True)
class Update:
    """One saved change of a ticket: who made it, when, and whether they are staff."""

    ticket: str
    at: object
    author: object
    via: object
    staff: Collection[str] | None

    @classmethod
    def of(cls, row: Row, staff: Collection[str] | None) -> Update:
        """Read the head of an audit, of either shape."""
        return cls(
            ticket=str(row.get("ticket_id")),
            at=instant(row.get("created_at")),
            author=row.get("updater_id", row.get("author_id")),
            via=row.get("via"),
            staff=staff,
        )

    def event(self, native_id: object, event: str, **values: Any) -> TicketEvent:
        """Event of this update; `values` go first."""
        author = values.pop("author", self.author)
        via = values.pop("via", None) or self.via
        acted = self.acted(author, via, is_private=values.get("is_public") is False)
        told: dict[str, Any] = {"occurred_at": self.at, "recorded_at": self.at, "actor": acted}
        if acted == "human":
            told["staff"] = id_of(author)
        if acted == "customer":
            told["customer"] = person(author)
        return TicketEvent(native_id=native_id, ticket=self.ticket, event=event, **(told | values))

    def acted(self, author: object, via: object, *, is_private: bool) -> str | None:
        """Who acted; None where nobody told us who belongs to the staff."""
        if id_of(author) is None or is_machine(via):
            return "bot"
        if is_private:
            return "human"  # customers cannot write notes
        if self.staff is None:
            return None
        return "human" if str(author) in self.staff else "customer"


def history_of(row: Row, staff: Collection[str] | None) -> Iterator[TicketEvent | Deletion]:
    """All that one update of a ticket tells.

    Parameters
    ----------
    row : mapping
        Row of the event export, or an audit. `rewritten` may hold the ticket's comments as they
        stand, where the update rewrote one.
    staff : collection of str or None
        Ids of the users who are staff; None where they are not known.

    Yields
    ------
    TicketEvent or Deletion
        Nothing for what only the system did, such as sending a notification.
    """
    update = Update.of(row, staff)
    for child in row.get("child_events") or row.get("events") or ():
        kind = child.get("event_type") or child.get("type")
        if kind in _COMMENTS:
            yield from _comment_and_merges(update, child)
        elif kind in _CHANGES:
            yield from _changes_of(update, child, kind)
        elif kind == "SatisfactionRating":
            yield update.event(child.get("id"), "satisfaction", new=child.get("score"))
        elif kind in REWRITES:
            yield from _rewritten(update, child, row.get("rewritten"))


def _comment_and_merges(update: Update, child: Row) -> Iterator[TicketEvent]:
    yield comment_of(update, child)
    for taken, goes_on in merged_pairs(child.get("via") or update.via, update.ticket):
        yield merge_of(taken, goes_on, update.at)


def comment_of(update: Update, comment: Row) -> TicketEvent:
    """One comment; who wrote it may be another than who saved it."""
    via = comment.get("via") or update.via
    return update.event(
        comment.get("id"),
        "comment",
        author=comment.get("author_id", update.author),
        via=via,
        channel=channel_of(via),
        is_public=comment.get("public"),
        text=comment.get("plain_body") or comment.get("body"),
        attributes=raw_channel(via),
    )


def merge_of(taken: str, goes_on: str, at: object) -> TicketEvent:
    """Two tickets became one; the same id whichever of them tells."""
    return TicketEvent(
        native_id=f"merge:{taken}:{goes_on}",
        ticket=taken,
        event="merge",
        new=goes_on,
        occurred_at=at,
        recorded_at=at,
    )


def _changes_of(update: Update, child: Row, kind: str) -> Iterator[TicketEvent]:
    named = _fields_of(child)
    for place, (name, old, new) in enumerate(named):
        native_id = child.get("id") if place == 0 else f"{child.get('id')}:{name}"
        values = _change(name, old, new, is_new=kind == "Create")
        if values is not None:
            yield update.event(native_id, via=child.get("via"), **values)


def _fields_of(child: Row) -> list[tuple[str, object, object]]:
    """Names, old and new values: audits name the field, the export has it as a key."""
    old = child.get("previous_value")
    if "field_name" in child:
        return [(str(child["field_name"]), old, child.get("value"))]
    return [(name, old, value) for name, value in child.items() if name not in _ABOUT_THE_CHILD]


def _change(name: str, old: object, new: object, *, is_new: bool) -> dict[str, Any] | None:
    if name == "status":
        return _status_change(status_of(old), status_of(new), is_new=is_new)
    if name == "assignee_id":
        return {"event": "assignment", "old": id_of(old), "new": id_of(new)}
    if name == "group_id":
        return {"event": "transfer", "old": id_of(old), "new": id_of(new)}
    if name == "priority":
        return {"event": "priority", "old": priority_of(old), "new": priority_of(new)}
    # What was in any other field may be the customer's words: only that it changed is told.
    return None if is_new else {"event": "other", "attributes": {"field": name}}


def _status_change(old: str | None, new: str | None, *, is_new: bool) -> dict[str, Any]:
    if is_new:
        return {"event": "created", "new": new, "status": new}
    is_back = old in _SETTLED and new in _UNSETTLED
    return {"event": "reopening" if is_back else "status", "old": old, "new": new, "status": new}


def rewrites_of(row: Row) -> list[Row]:
    """Children of an update that rewrote a comment."""
    children = objects(row.get("child_events") or row.get("events"))
    return [one for one in children if (one.get("event_type") or one.get("type")) in REWRITES]


def _rewritten(
    update: Update, child: Row, comments: list[Row] | None
) -> Iterator[TicketEvent | Deletion]:
    """Comments of the ticket as they read now, stamped with the moment they were rewritten."""
    if comments is None:
        # The ticket is gone, so the new words cannot be read: the old ones must not stay.
        if child.get("comment_id"):
            yield Deletion(
                kind="ticket_event",
                native_id=child["comment_id"],
                occurred_at=update.at,
                recorded_at=update.at,
            )
        return
    for comment in comments:
        yield _restamped(update, comment)


def _restamped(update: Update, comment: Row) -> TicketEvent:
    then = Update(
        ticket=update.ticket,
        at=comment.get("created_at"),
        author=comment.get("author_id"),
        via=comment.get("via"),
        staff=update.staff,
    )
    values = comment_of(then, comment).model_dump(exclude_unset=True)
    return TicketEvent(**(values | {"recorded_at": update.at}))


def metric_event_of(row: Row) -> TicketEvent | Deletion:
    """One tick of the clocks that promises to customers run by: reply, wait, resolution."""
    native_id = f"metric:{row.get('id')}"
    if row.get("deleted"):
        at = row.get("time")
        return Deletion(kind="ticket_event", native_id=native_id, recorded_at=at, occurred_at=at)
    at = instant(row.get("time"))
    promise = row.get("sla") or row.get("group_sla") or {}
    status = row.get("status") or {}
    told = {
        "metric": row.get("metric"),
        "tick": row.get("type"),
        "instance": row.get("instance_id"),
        "target_minutes": promise.get("target"),
        "minutes": status.get("calendar"),
        "business_minutes": status.get("business"),
    }
    return TicketEvent(
        native_id=native_id,
        ticket=row.get("ticket_id"),
        event="other",
        actor="bot",
        occurred_at=at,
        recorded_at=at,
        because=(promise.get("policy") or {}).get("title"),
        attributes=plain(told),
    )
