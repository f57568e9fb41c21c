"""Make up what customers ask the synthetic company, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final

from attrs import evolve

from ._contact_story import SimContact, Teller
from ._contact_ways import ContactPlan
from ._make_people import said
from ._matters import SimMatter
from ._people import SimCustomer
from ._scene import Scene
from ._story import Desk, tell
from ._tickets import SimRating, SimTicket, SimTicketEvent
from ._words import REASONS

_SUBJECTS: Final = {reason: subject for reason, _, subject in REASONS}
_PRIORITIES: Final = {"low": 15, "normal": 60, "high": 20, "urgent": 5}
#: When a customer is asked how a ticket was handled.
AFTER_SOLVING: Final = timedelta(days=1)
# How satisfied customers are, from 1 to 5, by the days until all is done.
_MOODS: Final = (
    (7.0, (4, 6, 12, 38, 40)),
    (11.0, (9, 12, 18, 36, 25)),
    (1e9, (18, 20, 22, 28, 12)),
)


def make_matters(
    desk: Desk, customers: Iterable[SimCustomer], plan: ContactPlan
) -> tuple[SimMatter, ...]:
    """Make up what customers come about, each matter told to its end."""
    rng, scene = desk.scene.rng, desk.scene
    teller = Teller(rng=rng, plan=plan, begin=scene.begin, last=scene.until)
    return tuple(_matters(teller, scene, customers))


def _matters(teller: Teller, scene: Scene, customers: Iterable[SimCustomer]) -> Iterator[SimMatter]:
    counts, shares = list(teller.plan.matters), list(teller.plan.matters.values())
    for customer in customers:
        luck = teller.luck()
        for _ in range(scene.rng.choices(counts, shares)[0]):
            contacts = teller.of_matter(customer.key, scene.since(customer.created_at), luck=luck)
            yield SimMatter(key=contacts[0].issue, customer=customer.key, contacts=tuple(contacts))


def make_tickets(
    desk: Desk, customers: Iterable[SimCustomer], matters: Iterable[SimMatter]
) -> tuple[SimTicket, ...]:
    """Make up a ticket for each contact; events are numbered in the order of time."""
    who = {customer.key: customer for customer in customers}
    opened = sorted(
        (contact.at, contact.key, contact, matter)
        for matter in matters
        for contact in matter.contacts
        if contact.at < desk.scene.until
    )
    tickets = [
        _ticket(desk, _opened(key, contact, matter, who[matter.customer]), contact)
        for key, (_, _, contact, matter) in enumerate(opened, 1)
    ]
    return tuple(_numbered(list(_parted(desk, tickets))))


def _opened(key: int, contact: SimContact, matter: SimMatter, customer: SimCustomer) -> SimTicket:
    """Ticket as it was opened, with the reason that somebody noted, if any."""
    reason = contact.reason or "other"
    return SimTicket(
        key=key,
        customer=customer.key,
        opened_at=contact.at,
        subject=_SUBJECTS.get(reason, "A question").format(product=contact.product),
        text=contact.text,
        desk=matter.desk,
        account=customer.account,
        reason=reason,
        channel=contact.channel,
        tags=(reason, contact.product.replace(" ", "_")),
        transfers=contact.transfers,
        authentications=contact.authentications,
        active_s=contact.active_s,
        issue=matter.key,
    )


def _ticket(desk: Desk, opened: SimTicket, contact: SimContact) -> SimTicket:
    rng = desk.scene.rng
    (priority,) = rng.choices(list(_PRIORITIES), list(_PRIORITIES.values()))
    ticket = evolve(opened, priority=priority)
    told = tell(ticket, contact, desk)
    took = (told[-1].at - ticket.opened_at) / timedelta(days=1)
    solved = [event.at for event in told if event.new == "solved"]
    replied = (one.at for one in told if (one.kind, one.actor) == ("comment", "staff"))
    return evolve(
        ticket,
        events=tuple(event for event in told if event.at <= desk.scene.until),
        satisfaction=_satisfaction(rng, took, settles=contact.settles),
        replies_at=next(replied),
        solves_at=solved[0],
        settles_at=solved[-1],
    )


def _satisfaction(rng: Random, days: float, *, settles: bool) -> int:
    """Opinion of a ticket; one after which the customer has to come again is liked less."""
    mood = next(place for place, (limit, _) in enumerate(_MOODS) if days < limit)
    _, weights = _MOODS[min(mood + (not settles), len(_MOODS) - 1)]
    return rng.choices(range(1, 6), weights)[0]


def _parted(desk: Desk, tickets: list[SimTicket]) -> Iterator[SimTicket]:
    """Let a few tickets go on in the first of their matter, and a few be removed."""
    rng = desk.scene.rng
    earlier: dict[int, SimTicket] = {}
    for ticket in tickets:
        fate, first = rng.random(), earlier.get(ticket.issue)
        if fate < 0.2 and first:
            at = min(ticket.opened_at + timedelta(minutes=30), desk.scene.until)
            merge = SimTicketEvent(
                key=0, at=at, kind="merge", staff=first.owner or desk.agents[0], new=str(first.key)
            )
            yield evolve(
                ticket,
                events=(ticket.events[0], merge),
                replies_at=None,
                solves_at=None,
                settles_at=None,
            )
        elif fate > 0.99:
            last = ticket.events[-1].at
            yield evolve(ticket, deleted_at=desk.scene.moment(last))
        else:
            earlier.setdefault(ticket.issue, ticket)
            yield ticket


def _numbered(tickets: list[SimTicket]) -> Iterator[SimTicket]:
    places = sorted(
        (event.at, ticket.key, place)
        for ticket in tickets
        for place, event in enumerate(ticket.events)
    )
    number = {(key, place): n for n, (_, key, place) in enumerate(places, 1)}
    for ticket in tickets:
        events = (
            evolve(event, key=number[ticket.key, place])
            for place, event in enumerate(ticket.events)
        )
        yield evolve(ticket, events=tuple(events))


def make_ratings(
    desk: Desk, tickets: Iterable[SimTicket], customers: dict[int, SimCustomer]
) -> tuple[SimRating, ...]:
    """Ask about four in five tickets of the support desk that were solved; two thirds answer."""
    asked = [
        (ticket.solved_at + AFTER_SOLVING, ticket.key, ticket)
        for ticket in tickets
        if ticket.solved_at and is_rateable(ticket, customers) and desk.scene.rng.random() < 0.8
    ]
    due = sorted(one for one in asked if one[0] <= desk.scene.until)
    numbers = count(1)
    return tuple(_rating(desk, next(numbers), ticket, at) for at, _, ticket in due)


def is_rateable(ticket: SimTicket, customers: dict[int, SimCustomer]) -> bool:
    """Whether the ticket counts: solved by the support desk, and still there."""
    customer = customers[ticket.customer]
    return (
        ticket.desk == "support"
        and ticket.solved_at is not None
        and ticket.deleted_at is None
        and customer.deleted_at is None
        and customer.merged_into is None
    )


def _rating(desk: Desk, key: int, ticket: SimTicket, at: datetime) -> SimRating:
    rng = desk.scene.rng
    answered = at + timedelta(minutes=rng.randint(2, 3_000))
    offered = SimRating(
        key=key, ticket=ticket.key, customer=ticket.customer, offered_at=at, staff=ticket.owner
    )
    if rng.random() > 0.66 or answered > desk.scene.until:
        return offered
    score = ticket.satisfaction
    mood = 0 if score < 3 else 1 if score == 3 else 2
    return evolve(
        offered,
        answered_at=answered,
        score=score,
        comment=said(rng, mood) if rng.random() < 0.35 else "",
        reason=rng.choice(("too slow", "not solved", "unfriendly")) if score < 3 else None,
    )
