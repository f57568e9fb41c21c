"""Write the history of a synthetic company: chance from a seed, and each part from its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from attrs import evolve

from ._facts import Facts
from ._make_people import make_accounts, make_customers, make_staff
from ._make_sales import make_deals, make_orders
from ._make_surveys import answer, goodbyes, invite, make_forms
from ._make_tickets import make_matters, make_ratings, make_tickets
from ._matters import COMPANY_PLAN
from ._messages import make_messages
from ._scene import Scene
from ._story import Desk
from ._surveys import SimInvitation, SimSubmission

Some = TypeVar("Some", bound=Facts)
_SPAN = timedelta(days=181)


def write_history(company: Some, *, customers: int, seed: int) -> Some:
    """Fill an empty company with half a year of history up to its `now`."""
    peopled = _people(company, customers, seed)
    return _surveys(_service(peopled, seed), seed)


def _scene(company: Facts, seed: int, part: str) -> Scene:
    # Each part has chance of its own: more orders leave the tickets as they are.
    rng = Random(f"{seed}:{part}")  # noqa: S311  (nothing here is secret)
    return Scene(rng=rng, begin=company.now - _SPAN, until=company.now)


def _people(company: Some, customers: int, seed: int) -> Some:
    scene = _scene(company, seed, "accounts")
    staff = make_staff(begin=scene.begin, customers=customers)
    accounts = make_accounts(scene, staff, customers=customers)
    people = make_customers(_scene(company, seed, "customers"), accounts, count=customers)
    return evolve(company, staff=staff, accounts=accounts, customers=people)


def _service(company: Some, seed: int) -> Some:
    people, staff = company.customers, company.staff
    desk = Desk.of(_scene(company, seed, "tickets"), staff)
    matters = make_matters(desk, people, COMPANY_PLAN)
    tickets = make_tickets(desk, people, matters)
    asked = evolve(desk, scene=_scene(company, seed, "ratings"))
    return evolve(
        company,
        orders=make_orders(_scene(company, seed, "orders"), people),
        deals=make_deals(_scene(company, seed, "deals"), people, staff),
        plan=COMPANY_PLAN,
        matters=matters,
        tickets=tickets,
        messages=make_messages(_scene(company, seed, "messages"), people),
        ratings=make_ratings(asked, tickets, company.customer_by_key),
    )


def _surveys(company: Some, seed: int) -> Some:
    scene = _scene(company, seed, "surveys")
    asked = evolve(
        company,
        forms=make_forms(scene),
        invitations=invite(scene, company.customers, company.orders),
    )
    answered = [_until(company.now, *pair) for pair in answer(scene.rng, asked)]
    last = goodbyes(scene.rng, company.customers, len(asked.invitations) + 1)
    return evolve(
        asked,
        invitations=tuple(invitation for invitation, _ in answered),
        submissions=(*(given for _, given in answered if given), *last),
    )


def _until(
    now: datetime, invitation: SimInvitation, given: SimSubmission | None
) -> tuple[SimInvitation, SimSubmission | None]:
    """Keep what has not happened yet out of the history."""
    if given is None or given.changed_at <= now:
        return invitation, given
    return evolve(invitation, outcome="non_contact"), None
