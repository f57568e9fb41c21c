"""Who it is about, and who works for them: customers, accounts, memberships, staff."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ._description import Ordered, Rule
from ._envelope import Record
from ._lists import Attributes, Names
from ._types import ABSENT, Flag, Id, OptionalId, OptionalInstant, OptionalName


class Customer(Record):
    """A person as one source knows them; `customer` holds the identifiers of this person.

    Attributes
    ----------
    name, given_name, family_name : str or None
        What the person is called.
    language : str or None
        Language in which the person wants to be spoken to.
    country, region : str or None
        Where the person lives, as the source writes it.
    zone : str or None
        IANA name of the person's time zone.
    segment : str or None
        Group to which the organisation counts the person.
    lifecycle : str or None
        How far the relation has come, in the source's words.
    tags : tuple of str
        Marks that people have put on the person.
    attributes : mapping of str to str, int, float or bool
        What else the source knows.
    """

    record_kind: ClassVar[str] = "customer"

    name: OptionalName = None
    given_name: OptionalName = None
    family_name: OptionalName = None
    language: OptionalName = None
    country: OptionalName = None
    region: OptionalName = None
    zone: OptionalName = None
    segment: OptionalName = None
    lifecycle: OptionalName = None
    tags: Names = ()
    attributes: Attributes = Field(default_factory=dict)


class Account(Record):
    """An organisation or household that is served as one; `customer` holds its identifiers.

    Attributes
    ----------
    name : str or None
        What it is called.
    parent : str or None
        Native id of the account above it.
    industry, segment, country : str or None
        What it does, the group it is counted to, where it is.
    size : str or None
        Its size, as the source bands it.
    owner : str or None
        Native id of the member of staff who looks after it.
    tags : tuple of str
        Marks that people have put on it.
    attributes : mapping of str to str, int, float or bool
        What else the source knows.
    """

    record_kind: ClassVar[str] = "account"

    name: OptionalName = None
    parent: OptionalId = None
    industry: OptionalName = None
    segment: OptionalName = None
    country: OptionalName = None
    size: OptionalName = None
    owner: OptionalId = None
    tags: Names = ()
    attributes: Attributes = Field(default_factory=dict)


class Membership(Record):
    """One stretch of time in which a customer belongs to an account.

    Attributes
    ----------
    account : str
        Native id of the account.
    member : str or None
        Native id of the customer; `customer` may hold identifiers instead.
    role : str or None
        What the customer is there: buyer, user, child.
    is_primary : bool or None
        Whether this is the customer's main account.
    started_at, ended_at : datetime or None
        From when, and until when; None is open.
    """

    record_kind: ClassVar[str] = "membership"
    rules: ClassVar[tuple[Rule, ...]] = (Ordered("started_at", "ended_at"),)

    account: Id
    member: OptionalId = None
    role: OptionalName = None
    is_primary: Flag | None = None
    started_at: OptionalInstant = ABSENT
    ended_at: OptionalInstant = ABSENT


class Staff(Record):
    """Somebody who serves customers: an agent, a seller, a person in the store.

    Attributes
    ----------
    name, email : str or None
        What the person is called, and where their mail goes.
    team, role, site : str or None
        Where in the organisation, as what, and at which place the person works.
    manager : str or None
        Native id of the person above.
    is_active : bool or None
        Whether the person still works there.
    is_bot : bool
        Whether it is no person but a program that a source lists among its agents.
    languages, skills : tuple of str
        What the person speaks and knows.
    attributes : mapping of str to str, int, float or bool
        What else the source knows.
    """

    record_kind: ClassVar[str] = "staff"

    name: OptionalName = None
    email: OptionalName = None
    team: OptionalName = None
    role: OptionalName = None
    site: OptionalName = None
    manager: OptionalId = None
    is_active: Flag | None = None
    is_bot: Flag = False
    languages: Names = ()
    skills: Names = ()
    attributes: Attributes = Field(default_factory=dict)
