"""Make up what customers ask the synthetic company, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final

from attrs import evolve

from ._make_people import said
from ._people import SimCustomer
from ._story import Desk, tell
from ._tickets import SimRating, SimTicket, SimTicketEvent
from ._words import PRODUCTS, REASONS

_CHANNELS: Final = ("email", "email", "email", "web", "chat", "phone")
_PRIORITIES: Final = {"low": 15, "normal": 60, "high": 20, "urgent": 5}
#: When a customer is asked how a ticket was handled.
AFTER_SOLVING: Final = timedelta(days=1)
# How satisfied customers are, from 1 to 5, by the days until all is done.
_MOODS: Final = (
    (7.0, (4, 6, 12, 38, 40)),
    (11.0, (9, 12, 18, 36, 25)),
    (1e9, (18, 20, 22, 28, 12)),
)


def make_tickets(desk: Desk, customers: Iterable[SimCustomer]) -> tuple[SimTicket, ...]:
    """Make up all tickets; events are numbered in the order of time."""
    rng = desk.scene.rng
    opened = sorted(
        (desk.scene.since(one.created_at), one.key, one)
        for one in customers
        for _ in range(rng.choices((0, 1, 2, 4), (45, 35, 15, 5))[0])
    )
    tickets = [_ticket(desk, key, one, at) for key, (at, _, one) in enumerate(opened, 1)]
    return tuple(_numbered(list(_parted(desk, tickets))))


def _ticket(desk: Desk, key: int, customer: SimCustomer, at: datetime) -> SimTicket:
    rng = desk.scene.rng
    reason, _, subject, text = rng.choices(REASONS, [share for _, share, _, _ in REASONS])[0]
    product = rng.choice(PRODUCTS)
    channel = rng.choice(_CHANNELS)
    ticket = SimTicket(
        key=key,
        customer=customer.key,
        opened_at=at,
        subject=subject.format(product=product),
        text=text.format(product=product),
        desk="sales" if reason == "advice" else "support",
        account=customer.account,
        reason=reason,
        channel=channel,
        priority=rng.choices(list(_PRIORITIES), list(_PRIORITIES.values()))[0],
        tags=(reason, product.replace(" ", "_")),
    )
    told = tell(ticket, desk)
    took = (told[-1].at - at) / timedelta(days=1)
    events = tuple(event for event in told if event.at <= desk.scene.until)
    return evolve(ticket, events=events, satisfaction=_satisfaction(rng, took))


def _satisfaction(rng: Random, days: float) -> int:
    weights = next(weights for limit, weights in _MOODS if days < limit)
    return rng.choices(range(1, 6), weights)[0]


def _parted(desk: Desk, tickets: list[SimTicket]) -> Iterator[SimTicket]:
    """Let a few tickets go on in an earlier one, and a few be removed."""
    rng = desk.scene.rng
    earlier: dict[int, SimTicket] = {}
    for ticket in tickets:
        fate, first = rng.random(), earlier.get(ticket.customer)
        if fate < 0.2 and first and first.desk == ticket.desk:
            at = min(ticket.opened_at + timedelta(minutes=30), desk.scene.until)
            merge = SimTicketEvent(
                key=0, at=at, kind="merge", staff=first.owner or desk.agents[0], new=str(first.key)
            )
            yield evolve(ticket, events=(ticket.events[0], merge))
        elif fate > 0.99:
            last = ticket.events[-1].at
            yield evolve(ticket, deleted_at=desk.scene.moment(last))
        else:
            earlier.setdefault(ticket.customer, ticket)
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
