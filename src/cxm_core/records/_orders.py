"""What customers buy and keep: orders, returns, subscriptions, cancellations, deals."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ._description import Ordered, Rule
from ._envelope import Event
from ._lists import Attributes, read_list
from ._scores import OptionalMoney
from ._types import (
    ABSENT,
    NAME_LENGTH,
    WORD,
    Amount,
    Count,
    Flag,
    OptionalChannel,
    OptionalDate,
    OptionalId,
    OptionalInstant,
    OptionalName,
    OptionalProse,
    Shape,
)

OrderStatus = Literal[
    "placed", "paid", "shipped", "delivered", "returned", "cancelled", "failed", "other"
]
SubscriptionStatus = Literal["trial", "active", "paused", "past_due", "cancelled", "other"]
Interval = Literal["day", "week", "month", "quarter", "year", "other"]


class OrderItem(BaseModel):
    """One line of an order or a return.

    Attributes
    ----------
    product : str or None
        The seller's id of the product.
    name, category : str or None
        What it is called, and what sort of thing it is.
    quantity : float or None
        How many or how much, not negative.
    price : Money or None
        For the whole line.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True
    )

    product: OptionalId = None
    name: OptionalName = None
    category: OptionalName = None
    quantity: Amount | None = None
    price: OptionalMoney = None


Items = Annotated[tuple[OrderItem, ...], Shape("items", NAME_LENGTH), BeforeValidator(read_list)]


class Order(Event):
    """A purchase; `occurred_at` is when it was placed.

    Attributes
    ----------
    total : Money or None
        What the customer pays.
    items : tuple of OrderItem
        Its lines.
    status : str or None
        `placed`, `paid`, `shipped`, `delivered`, `returned`, `cancelled`, `failed` or `other`.
    channel : Channel or None
        How it was placed.
    store, account, staff : str or None
        Native ids of the place, of the account it belongs to, and of who sold it.
    promised_at, shipped_at, delivered_at : datetime or None
        When delivery was promised, and what was kept of it.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "order"
    rules: ClassVar[tuple[Rule, ...]] = (Ordered("occurred_at", "delivered_at"),)

    total: OptionalMoney = None
    items: Items = ()
    status: Annotated[OrderStatus | None, WORD] = None
    channel: OptionalChannel = ABSENT
    store: OptionalId = None
    account: OptionalId = None
    staff: OptionalId = None
    promised_at: OptionalInstant = ABSENT
    shipped_at: OptionalInstant = ABSENT
    delivered_at: OptionalInstant = ABSENT
    attributes: Attributes = Field(default_factory=dict)


class Return(Event):
    """Goods that came back; `occurred_at` is when the customer asked for it.

    Attributes
    ----------
    order : str or None
        Native id of the order.
    reason, text : str or None
        Why, as a code of the source and in the customer's own words.
    items : tuple of OrderItem
        What came back.
    refund : Money or None
        What was paid back.
    refunded_at : datetime or None
        When it was paid back.
    channel : Channel or None
        How it was asked for.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "return"
    rules: ClassVar[tuple[Rule, ...]] = (Ordered("occurred_at", "refunded_at"),)

    order: OptionalId = None
    reason: OptionalName = None
    text: OptionalProse = None
    items: Items = ()
    refund: OptionalMoney = None
    refunded_at: OptionalInstant = ABSENT
    channel: OptionalChannel = ABSENT
    attributes: Attributes = Field(default_factory=dict)


class Subscription(Event):
    """A standing contract; `occurred_at` is when it began.

    Attributes
    ----------
    plan : str or None
        What was subscribed to.
    status : str or None
        `trial`, `active`, `paused`, `past_due`, `cancelled` or `other`.
    price : Money or None
        For one interval.
    interval : str or None
        `day`, `week`, `month`, `quarter`, `year` or `other`.
    seats : int or None
        How many may use it.
    account : str or None
        Native id of the account that pays.
    trial_ends_at, ended_at : datetime or None
        When the trial ends, and when the contract ended.
    renews_on : date or None
        Next day of renewal.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "subscription"
    rules: ClassVar[tuple[Rule, ...]] = (Ordered("occurred_at", "ended_at"),)

    plan: OptionalName = None
    status: Annotated[SubscriptionStatus | None, WORD] = None
    price: OptionalMoney = None
    interval: Annotated[Interval | None, WORD] = None
    seats: Count | None = None
    account: OptionalId = None
    trial_ends_at: OptionalInstant = ABSENT
    ended_at: OptionalInstant = ABSENT
    renews_on: OptionalDate = ABSENT
    attributes: Attributes = Field(default_factory=dict)


class Cancellation(Event):
    """A customer, or the organisation, ends something; `occurred_at` is when it was said.

    Attributes
    ----------
    subscription, order, account : str or None
        Native id of what is ended.
    reason, text : str or None
        Why, as a code of the source and in the customer's own words.
    is_voluntary : bool or None
        Whether the customer wanted it, and not a failed payment or our own decision.
    effective_at : datetime or None
        When it takes effect.
    revoked_at : datetime or None
        When the customer changed their mind.
    offer : str or None
        What was offered to make the customer stay.
    channel : Channel or None
        How it was said.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "cancellation"
    rules: ClassVar[tuple[Rule, ...]] = (Ordered("occurred_at", "revoked_at"),)

    subscription: OptionalId = None
    order: OptionalId = None
    account: OptionalId = None
    reason: OptionalName = None
    text: OptionalProse = None
    is_voluntary: Flag | None = None
    effective_at: OptionalInstant = ABSENT
    revoked_at: OptionalInstant = ABSENT
    offer: OptionalName = None
    channel: OptionalChannel = ABSENT
    attributes: Attributes = Field(default_factory=dict)


class Deal(Event):
    """A sale in the making; `occurred_at` is when it was opened.

    Attributes
    ----------
    name : str or None
        What it is called.
    pipeline, stage : str or None
        How far it has come, in the source's words.
    amount : Money or None
        What it is worth if it is won.
    account, owner : str or None
        Native ids of the account, and of the member of staff who leads it.
    is_won : bool or None
        How it ended; None while it is open.
    closed_at : datetime or None
        When it ended.
    expected_on : date or None
        Day on which the seller expects the end.
    reason : str or None
        Why it was won or lost.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "deal"
    rules: ClassVar[tuple[Rule, ...]] = (Ordered("occurred_at", "closed_at"),)

    name: OptionalName = None
    pipeline: OptionalName = None
    stage: OptionalName = None
    amount: OptionalMoney = None
    account: OptionalId = None
    owner: OptionalId = None
    is_won: Flag | None = None
    closed_at: OptionalInstant = ABSENT
    expected_on: OptionalDate = ABSENT
    reason: OptionalName = None
    attributes: Attributes = Field(default_factory=dict)
