"""Touches: one meeting of a customer and the organisation at a touchpoint."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ._description import Ordered, Rule
from ._envelope import Event
from ._lists import Attributes
from ._types import (
    ABSENT,
    WORD,
    OptionalActor,
    OptionalChannel,
    OptionalId,
    OptionalInstant,
    OptionalName,
    OptionalProse,
)

Direction = Literal["in", "out"]


class Interaction(Event):
    """One touch: a visit, a call, a message, a delivery; `occurred_at` is when it began.

    Attributes
    ----------
    activity : str or None
        What was done, in the words of an event log: `viewed_page`, `called`, `message_sent`.
    touchpoint, journey, stage : str or None
        Where on the map it belongs.
    channel : Channel or None
        The way in which it happened.
    direction : str or None
        `in` from the customer, `out` to the customer.
    actor : str or None
        Who acted: `human` (a member of staff), `bot`, `self_service`, `customer` or `other`.
    staff : str or None
        Native id of the member of staff.
    session : str or None
        What holds several touches together: a visit, a call, a conversation.
    reply_to : str or None
        Native id of the interaction that this one answers.
    ticket, order, campaign : str or None
        Native ids of what it is about, and the campaign it belongs to.
    reason : str or None
        Why the customer came, in the source's words.
    subject, text : str or None
        What was said.
    because : str or None
        Why a message was shown or sent: the rule that decided.
    ended_at : datetime or None
        When it ended.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "interaction"
    rules: ClassVar[tuple[Rule, ...]] = (Ordered("occurred_at", "ended_at"),)

    activity: OptionalName = None
    touchpoint: OptionalName = None
    journey: OptionalName = None
    stage: OptionalName = None
    channel: OptionalChannel = ABSENT
    direction: Annotated[Direction | None, WORD] = None
    actor: OptionalActor = None
    staff: OptionalId = None
    session: OptionalId = None
    reply_to: OptionalId = None
    ticket: OptionalId = None
    order: OptionalId = None
    campaign: OptionalName = None
    reason: OptionalName = None
    subject: OptionalName = None
    text: OptionalProse = None
    because: OptionalProse = None
    ended_at: OptionalInstant = ABSENT
    attributes: Attributes = Field(default_factory=dict)
