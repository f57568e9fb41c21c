"""Closing the loop: every step of a follow-up is an event, and its state is folded from them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ._envelope import Event
from ._lists import Attributes, Names
from ._types import (
    ABSENT,
    WORD,
    Id,
    OptionalActor,
    OptionalChannel,
    OptionalId,
    OptionalInstant,
    OptionalName,
    OptionalProse,
)

Loop = Literal["inner", "outer"]
Step = Literal[
    "opened",
    "assigned",
    "contacted",
    "escalated",
    "snoozed",
    "noted",
    "resolved",
    "dismissed",
    "reopened",
    "verified",
    "closed",
    "other",
]


class FollowUpEvent(Event):
    """One step of one follow-up.

    Attributes
    ----------
    follow_up : str
        Id of the follow-up; all its steps carry it.
    step : str
        `opened`, `assigned`, `contacted`, `escalated`, `snoozed`, `noted`, `resolved`,
        `dismissed`, `reopened`, `verified`, `closed` or `other`.
    loop : str or None
        `inner` (this customer) or `outer` (the cause behind many).
    rule, because : str or None
        The rule that acted, and why, in a sentence a customer could read.
    evidence : tuple of str
        Record ids of what it rests on.
    owner : str or None
        Native id of who has it from now on.
    actor : str or None
        Who acted: `human`, `bot`, `self_service`, `customer` or `other`.
    channel : Channel or None
        How the customer was reached.
    due_at : datetime or None
        Until when the next step is due.
    reason : str or None
        Cause or outcome, as a code of the program.
    text : str or None
        What was said or done.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "follow_up_event"

    follow_up: Id
    step: Annotated[Step, WORD]
    loop: Annotated[Loop | None, WORD] = None
    rule: OptionalName = None
    because: OptionalProse = None
    evidence: Names = ()
    owner: OptionalId = None
    actor: OptionalActor = None
    channel: OptionalChannel = ABSENT
    due_at: OptionalInstant = ABSENT
    reason: OptionalName = None
    text: OptionalProse = None
    attributes: Attributes = Field(default_factory=dict)
