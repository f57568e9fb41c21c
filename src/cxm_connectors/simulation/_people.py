"""Whom the synthetic company serves, and who works for it."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen


@frozen(kw_only=True)
class SimCustomer:
    """A customer as they truly are; each vendor knows a part of it.

    Parameters
    ----------
    key : int
        Counts from 1; vendors derive their own ids from it.
    created_at, changed_at : datetime
        When the customer became known, and when these facts changed last.
    given_name, family_name, email, phone, language, country : str
        Who it is.
    segment : str
        Group to which the company counts the customer.
    account : int or None
        Key of the account that the customer belongs to.
    recommendation : int
        What the customer would answer, from 0 to 10, whether asked or not.
    effort : int
        How easy the company is to deal with, from 1 to 7, whether asked or not.
    deleted_at : datetime or None
        When the customer was removed everywhere.
    merged_into : int or None
        Key of the customer that goes on in this one's place.
    """

    key: int
    created_at: datetime
    changed_at: datetime
    given_name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    language: str = "en"
    country: str = "US"
    segment: str = "consumer"
    account: int | None = None
    recommendation: int = 8
    effort: int = 5
    deleted_at: datetime | None = None
    merged_into: int | None = None

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}".strip()


@frozen(kw_only=True)
class SimAccount:
    """An organisation that buys.

    Parameters
    ----------
    key : int
        Counts from 1.
    created_at, changed_at : datetime
        When it became known, and when these facts changed last.
    name, domain, industry, country, segment : str
        Who it is.
    owner : int or None
        Key of the member of staff who looks after it.
    """

    key: int
    created_at: datetime
    changed_at: datetime
    name: str = ""
    domain: str = ""
    industry: str = ""
    country: str = "US"
    segment: str = "business"
    owner: int | None = None


@frozen(kw_only=True)
class SimStaff:
    """Somebody who serves customers.

    Parameters
    ----------
    key : int
        Counts from 1.
    created_at : datetime
        First day at work.
    name, email : str
        Who it is.
    team : str
        Where in the company.
    role : {"agent", "seller", "bot"}
        As what.
    is_active : bool
        Still works there.
    """

    key: int
    created_at: datetime
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    team: str = "support"
    role: str = "agent"
    is_active: bool = True
