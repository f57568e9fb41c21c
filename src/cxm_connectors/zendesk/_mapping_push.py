"""Events that Zendesk pushes: what a delivery is about, as the export would tell it.

Source: Zendesk developer docs, Webhook event types (ticket, user and organization events), seen
2026-11. Words are upper case there, ids are texts, and `detail` is the object as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from cxm_core.records import Deletion, Record

from ._mapping import Row, instant
from ._mapping_history import Update, comment_of, merge_of
from ._mapping_people import account_of, user_of
from ._mapping_tickets import ticket_of

PREFIX = "zen:event-type:"
_GONE = ("soft_deleted", "permanently_deleted", "marked_as_spam", "deleted")
_KINDS = {"ticket": "ticket", "user": "customer", "organization": "account"}
_ROLES = {"END_USER": "end-user", "AGENT": "agent", "ADMIN": "admin"}


def pushed(
    event: Row, read: Callable[[str], Row | None], fields: Mapping[str, int]
) -> Iterator[Record]:
    """Records of one event.

    Parameters
    ----------
    event : mapping
        Body of a delivery.
    read : callable
        Gives a ticket as the export would, by its id; None where it cannot be read now.
    fields : mapping of str to int
        Ids of ticket fields by the name that they get.

    Yields
    ------
    Record
        Nothing for events that tell too little; the next sync brings what they are about.
    """
    noun, _, verb = str(event.get("type") or "").removeprefix(PREFIX).partition(".")
    detail, at = event.get("detail") or {}, before_export(event.get("time"))
    if noun not in _KINDS or not detail.get("id"):
        return
    if verb in _GONE:
        yield Deletion(
            kind=_KINDS[noun],
            native_id=detail["id"],
            occurred_at=event.get("time"),
            recorded_at=at,
        )
    elif noun == "ticket":
        yield ticket_of(read(str(detail["id"])) or _as_exported(detail, at), fields)
        yield from _of_ticket(event, detail, verb, at)
    elif verb == "created":
        yield from _of_other(noun, detail, at)


def before_export(time: object) -> object:
    """Stamp of a delivery, a second early.

    The export stamps in whole seconds and tells more than a delivery does, so that of the two
    its row must be the newer one.
    """
    at = instant(time)
    return at - timedelta(seconds=1) if isinstance(at, datetime) else time


def _of_ticket(event: Row, detail: Row, verb: str, at: object) -> Iterator[Record]:
    told = event.get("event") or {}
    if verb == "comment_added" and told.get("comment"):
        yield _comment(detail, told["comment"], event.get("time"), at)
    if verb == "merged" and told.get("target_ticket_id"):
        yield merge_of(str(detail["id"]), str(told["target_ticket_id"]), event.get("time"))


def _as_exported(detail: Row, at: object) -> Row:
    """Ticket of a delivery in the shape that the export has."""
    lower = {name: str(detail.get(name) or "").lower() for name in ("status", "priority", "type")}
    renamed = {
        "ticket_form_id": detail.get("form_id"),
        "custom_status_id": detail.get("custom_status"),
    }
    return {**detail, **lower, **renamed, "updated_at": at}


def _comment(detail: Row, comment: Row, time: object, at: object) -> Record:
    author = comment.get("author") or {}
    update = Update(
        ticket=str(detail["id"]),
        at=time,
        author=author.get("id"),
        via=detail.get("via"),
        staff=[str(author.get("id"))] if author.get("is_staff") else [],
    )
    row = {
        "id": comment.get("id"),
        "author_id": author.get("id"),
        "public": comment.get("is_public"),
        "body": comment.get("body"),
    }
    return comment_of(update, row).model_copy(update={"recorded_at": at})


def _of_other(noun: str, detail: Row, at: object) -> Iterator[Record]:
    row = {**detail, "role": _ROLES.get(str(detail.get("role")), "end-user"), "updated_at": at}
    yield user_of(row, {}) if noun == "user" else account_of(row, {})
