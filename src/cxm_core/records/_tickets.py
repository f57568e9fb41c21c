"""Support: tickets as they stand, and every event that happened to them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ._envelope import Event
from ._lists import Attributes, Names
from ._types import (
    ABSENT,
    WORD,
    Flag,
    Id,
    OptionalActor,
    OptionalChannel,
    OptionalId,
    OptionalInstant,
    OptionalName,
    OptionalProse,
)

Priority = Literal["low", "normal", "high", "urgent", "other"]
Status = Literal["new", "open", "pending", "on_hold", "solved", "closed", "merged", "spam", "other"]
TicketEventType = Literal[
    "created",
    "status",
    "assignment",
    "comment",
    "transfer",
    "escalation",
    "priority",
    "channel",
    "merge",
    "reopening",
    "satisfaction",
    "other",
]


class Ticket(Event):
    """A support case as it stands now; `occurred_at` is when it was opened.

    Attributes
    ----------
    subject, text : str or None
        What the customer wrote first.
    reason : str or None
        Why the customer came, in the source's words.
    channel : Channel or None
        How the case was opened.
    status : str or None
        `new`, `open`, `pending` (on the customer), `on_hold`, `solved`, `closed`, `merged`, `spam`
        or `other`.
    priority : str or None
        `low`, `normal`, `high`, `urgent` or `other`.
    owner, team : str or None
        Native id of the member of staff who has it, and their group.
    account, order, issue : str or None
        Native ids of the account and the order it is about, and of the matter it is part of.
    merged_into : str or None
        Native id of the ticket that goes on in its place.
    first_replied_at, solved_at, closed_at, due_at : datetime or None
        The source's own stamps. The truth about durations is in the events.
    tags : tuple of str
        Marks that people or rules have put on it.
    journey, stage, touchpoint : str or None
        Where on the map it belongs.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "ticket"

    subject: OptionalName = None
    text: OptionalProse = None
    reason: OptionalName = None
    channel: OptionalChannel = ABSENT
    status: Annotated[Status | None, WORD] = None
    priority: Annotated[Priority | None, WORD] = None
    owner: OptionalId = None
    team: OptionalName = None
    account: OptionalId = None
    order: OptionalId = None
    issue: OptionalId = None
    merged_into: OptionalId = None
    first_replied_at: OptionalInstant = ABSENT
    solved_at: OptionalInstant = ABSENT
    closed_at: OptionalInstant = ABSENT
    due_at: OptionalInstant = ABSENT
    tags: Names = ()
    journey: OptionalName = None
    stage: OptionalName = None
    touchpoint: OptionalName = None
    attributes: Attributes = Field(default_factory=dict)


class TicketEvent(Event):
    """One thing that happened to a ticket.

    Attributes
    ----------
    ticket : str
        Native id of the ticket.
    event : str or None
        `created`, `status`, `assignment`, `comment`, `transfer`, `escalation`, `priority`,
        `channel`, `merge`, `reopening`, `satisfaction` or `other`.
    old, new : str or None
        What was there before, and after: a status, an owner, a team, a priority.
    status : str or None
        Status after the event, in our words, where the event changed it.
    actor : str or None
        Who acted: `human` (a member of staff), `bot`, `self_service`, `customer` or `other`.
    staff : str or None
        Native id of the member of staff who acted.
    channel : Channel or None
        How a comment came or went.
    is_public : bool or None
        Whether the customer can see it.
    text : str or None
        What was written.
    because : str or None
        The rule or the reason behind it.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "ticket_event"

    ticket: Id
    event: Annotated[TicketEventType | None, WORD] = None
    old: OptionalName = None
    new: OptionalName = None
    status: Annotated[Status | None, WORD] = None
    actor: OptionalActor = None
    staff: OptionalId = None
    channel: OptionalChannel = ABSENT
    is_public: Flag | None = None
    text: OptionalProse = None
    because: OptionalProse = None
    attributes: Attributes = Field(default_factory=dict)
