"""What the organisation changed, and that something is gone from a source."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ._description import Ordered, Rule
from ._envelope import Event, Record, record_id
from ._lists import Attributes, Names
from ._types import ABSENT, WORD, OptionalId, OptionalInstant, OptionalName, OptionalProse, Share

ChangeForm = Literal["process", "product", "price", "policy", "staff", "site", "message", "other"]
RecordKind = Literal[
    "account",
    "cancellation",
    "change",
    "consent",
    "customer",
    "deal",
    "follow_up_event",
    "interaction",
    "invitation",
    "membership",
    "note",
    "order",
    "question",
    "rating_summary",
    "research_session",
    "response",
    "return",
    "review",
    "staff",
    "subscription",
    "ticket",
    "ticket_event",
]


class Change(Event):
    """Something that the organisation changed; `occurred_at` is when it began to reach customers.

    Attributes
    ----------
    name, text : str or None
        What it is called, and what was changed.
    form : str or None
        `process`, `product`, `price`, `policy`, `staff`, `site`, `message` or `other`.
    audience : str or None
        For whom, in the words of the program's segments.
    share : float or None
        Share of the audience that it reached, from 0 to 1.
    touchpoints, journeys : tuple of str
        What it touches on the map.
    owner : str or None
        Native id of who answers for it.
    because : str or None
        The insight or the follow-up that led to it.
    ended_at : datetime or None
        When it was taken back.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "change"
    rules: ClassVar[tuple[Rule, ...]] = (Ordered("occurred_at", "ended_at"),)

    name: OptionalName = None
    text: OptionalProse = None
    form: Annotated[ChangeForm | None, WORD] = None
    audience: OptionalName = None
    share: Share | None = None
    touchpoints: Names = ()
    journeys: Names = ()
    owner: OptionalId = None
    because: OptionalProse = None
    ended_at: OptionalInstant = ABSENT
    attributes: Attributes = Field(default_factory=dict)


class Deletion(Record):
    """A source says that a record is gone; `occurred_at` is when it went, if the source tells.

    Attributes
    ----------
    kind : str
        Kind of the record that is gone, such as `response`; its id is `native_id`.

    Examples
    --------
    >>> gone = Deletion(kind="response", native_id="17", source="acme:eu")
    >>> gone.target_id == record_id("response", "acme:eu", "17")
    True
    """

    record_kind: ClassVar[str] = "deletion"

    kind: Annotated[RecordKind, WORD]

    @property
    def target_id(self) -> str:
        """Id of the record that is gone; a `UsageError` while the source is not known."""
        return record_id(self.kind, self.known_source, self.native_id)

    @property
    def record_id(self) -> str:
        """Stable id of the deletion itself; two kinds may use one native id."""
        return record_id(self.record_kind, self.known_source, self.kind, self.native_id)
