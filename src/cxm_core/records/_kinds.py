"""All kinds of records by name, and their JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cxm_core.errors import UsageError, did_you_mean

from ._changes import Change, Deletion
from ._consents import Consent
from ._customers import Account, Customer, Membership, Staff
from ._envelope import Record
from ._feedback import Invitation, Question, Response
from ._interactions import Interaction
from ._loops import FollowUpEvent
from ._notes import Note, ResearchSession
from ._orders import Cancellation, Deal, Order, Return, Subscription
from ._reviews import RatingSummary, Review
from ._tickets import Ticket, TicketEvent

_CLASSES: tuple[type[Record], ...] = (
    Customer,
    Account,
    Membership,
    Staff,
    Interaction,
    Question,
    Invitation,
    Response,
    Review,
    RatingSummary,
    Ticket,
    TicketEvent,
    Order,
    Return,
    Subscription,
    Cancellation,
    Deal,
    Consent,
    Note,
    ResearchSession,
    Change,
    FollowUpEvent,
    Deletion,
)

KINDS: Mapping[str, type[Record]] = MappingProxyType({cls.record_kind: cls for cls in _CLASSES})


def record_class(kind: str) -> type[Record]:
    """Class of a kind of record.

    Parameters
    ----------
    kind : str
        Such as `response`.

    Returns
    -------
    type
        The class.

    Raises
    ------
    UsageError
        There is no such kind.

    Examples
    --------
    >>> record_class("ticket_event").__name__
    'TicketEvent'
    """
    if kind not in KINDS:
        raise UsageError(f"There is no record of kind {kind!r}.", hint=did_you_mean(kind, KINDS))
    return KINDS[kind]


def json_schema(kind: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a kind of record.

    Parameters
    ----------
    kind : str
        Such as `response`.

    Returns
    -------
    dict
        What `record.model_dump(mode="json")` satisfies.

    Raises
    ------
    UsageError
        There is no such kind.

    Examples
    --------
    >>> sorted(json_schema("staff")["required"])
    ['native_id']
    """
    schema = record_class(kind).model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def json_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of every kind of record.

    Returns
    -------
    dict of str to dict
        By kind.

    Examples
    --------
    >>> "response" in json_schemas()
    True
    """
    return {kind: json_schema(kind) for kind in KINDS}
