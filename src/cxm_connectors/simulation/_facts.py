"""The facts of a synthetic company, as they are written down."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property

from attrs import field, frozen

from ._contact_ways import ContactPlan
from ._matters import SimMatter
from ._messages import SimMessage
from ._people import SimAccount, SimCustomer, SimStaff
from ._sales import SimDeal, SimOrder
from ._surveys import SimForm, SimInvitation, SimSubmission
from ._tickets import SimRating, SimTicket


@frozen(kw_only=True, slots=False)
class Facts:
    """All that happened in a company, and who was there; `Company` tells of each."""

    name: str = "Northwind Outfitters"
    now: datetime = datetime(2026, 7, 1, tzinfo=UTC)
    staff: tuple[SimStaff, ...] = field(default=(), repr=False)
    accounts: tuple[SimAccount, ...] = field(default=(), repr=False)
    customers: tuple[SimCustomer, ...] = field(default=(), repr=False)
    orders: tuple[SimOrder, ...] = field(default=(), repr=False)
    deals: tuple[SimDeal, ...] = field(default=(), repr=False)
    plan: ContactPlan | None = field(default=None, repr=False)
    matters: tuple[SimMatter, ...] = field(default=(), repr=False)
    tickets: tuple[SimTicket, ...] = field(default=(), repr=False)
    messages: tuple[SimMessage, ...] = field(default=(), repr=False)
    ratings: tuple[SimRating, ...] = field(default=(), repr=False)
    forms: tuple[SimForm, ...] = field(default=(), repr=False)
    invitations: tuple[SimInvitation, ...] = field(default=(), repr=False)
    submissions: tuple[SimSubmission, ...] = field(default=(), repr=False)

    @cached_property
    def customer_by_key(self) -> dict[int, SimCustomer]:
        """Customers by their key."""
        return {customer.key: customer for customer in self.customers}

    @cached_property
    def form_by_key(self) -> dict[int, SimForm]:
        """Forms by their key, as they stand now."""
        return {form.key: form for form in self.forms}
