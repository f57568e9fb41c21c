"""What the synthetic company sells."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class SimOrder:
    """A purchase.

    Parameters
    ----------
    key : int
        Counts from 1.
    customer : int
        Key of who bought.
    placed_at, changed_at : datetime
        When, and when it changed last.
    total_minor : int
        What was paid, in cents.
    currency : str
        Its currency.
    product : str
        What was bought.
    status : {"placed", "shipped", "delivered", "returned", "cancelled"}
        How it stands.
    account : int or None
        Key of the account it belongs to.
    promised_at, shipped_at, delivered_at : datetime or None
        When it was promised, and what was kept of it.
    """

    key: int
    customer: int
    placed_at: datetime
    changed_at: datetime
    total_minor: int = 0
    currency: str = "USD"
    product: str = ""
    status: str = "placed"
    account: int | None = None
    promised_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None


@frozen(kw_only=True)
class SimDeal:
    """A sale in the making.

    Parameters
    ----------
    key : int
        Counts from 1.
    customer : int
        Key of whom the seller talks to.
    opened_at, changed_at : datetime
        When it began, and when it changed last.
    name : str
        What it is called.
    stage : {"qualified", "offer", "negotiation", "won", "lost"}
        How far it has come.
    amount_minor : int
        What it is worth, in cents.
    currency : str
        Its currency.
    account, owner : int or None
        Keys of the account and of the seller.
    closed_at : datetime or None
        When it ended; None while it is open.
    """

    key: int
    customer: int
    opened_at: datetime
    changed_at: datetime
    name: str = ""
    stage: str = "qualified"
    amount_minor: int = 0
    currency: str = "USD"
    account: int | None = None
    owner: int | None = None
    closed_at: datetime | None = None

    @property
    def is_won(self) -> bool | None:
        """How it ended; None while it is open."""
        return None if self.closed_at is None else self.stage == "won"
