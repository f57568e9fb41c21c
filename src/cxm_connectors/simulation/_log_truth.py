"""What customers of the synthetic company truly went through, whatever any desk noted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from math import inf
from typing import Final, Literal

from attrs import frozen

from ._facts import Facts
from ._matters import BELONGS, SimMatter
from ._messages import COMPLAINTS, SimMessage
from ._tickets import SimTicket

LogMeasure = Literal[
    "first_contact_resolution",
    "repeat_contact",
    "contacts",
    "switches",
    "transfers",
    "re_explanations",
    "misrouted",
    "reopen_rate",
    "first_reply_time",
    "resolution_time",
    "promotions_in_complaints",
]
#: How far is looked ahead for a customer who comes again.
AHEAD: Final = timedelta(days=7)
# Moment, key of the customer, and the figure of one matter, contact or ticket.
_Found = tuple[datetime, int, float]


@frozen(kw_only=True)
class Part:
    """A part of the company's matters and tickets: those of one desk, of one channel."""

    desk: str | None = None
    channel: str | None = None

    def holds(self, desk: str, channel: str) -> bool:
        """Whether something that began there belongs to it."""
        return self.desk in (None, desk) and self.channel in (None, channel)


def figures_of(company: Facts, measure: LogMeasure, part: Part) -> Iterator[_Found]:
    """Give the figure of each matter, contact or ticket, with its moment and its customer."""
    matters = [one for one in company.matters if part.holds(one.desk, one.contacts[0].channel)]
    tickets = [one for one in company.tickets if part.holds(one.desk, one.channel)]
    if measure in _OF_TICKETS:
        return _of_tickets(tickets, measure)
    if measure == "misrouted":
        return _of_rules(matters)
    if measure == "repeat_contact":
        return _of_contacts(matters)
    if measure == "promotions_in_complaints":
        return _of_messages(company.messages, tickets)
    return _of_matters(matters, measure)


def _of_rules(matters: Iterable[SimMatter]) -> Iterator[_Found]:
    """Tell of each matter of which a rule speaks whether it began where it does not belong."""
    for matter in matters:
        first = matter.contacts[0]
        if first.truly in BELONGS:
            channels, _ = BELONGS[first.truly]
            yield first.at, matter.customer, float(first.channel not in channels)


def _of_matters(matters: Iterable[SimMatter], measure: LogMeasure) -> Iterator[_Found]:
    for matter in matters:
        yield matter.contacts[0].at, matter.customer, _went(matter)[measure]


def _went(matter: SimMatter) -> Mapping[LogMeasure, float]:
    contacts = matter.contacts
    steps = list(pairwise(contacts))
    is_over = not steps or contacts[1].at - contacts[0].at > AHEAD
    return {
        "first_contact_resolution": float(is_over),
        "contacts": len(contacts),
        "switches": sum(one.channel != other.channel for one, other in steps),
        "transfers": sum(one.transfers for one in contacts),
        "re_explanations": sum(one.explains_again for one in contacts),
    }


def _of_contacts(matters: Iterable[SimMatter]) -> Iterator[_Found]:
    """Tell of each contact whether the customer comes again about the same."""
    for matter in matters:
        later = [*(one.at for one in matter.contacts[1:]), None]
        for contact, following in zip(matter.contacts, later, strict=True):
            comes = following is not None and following - contact.at <= AHEAD
            yield contact.at, matter.customer, float(comes)


def _of_messages(messages: Iterable[SimMessage], tickets: Iterable[SimTicket]) -> Iterator[_Found]:
    """Tell of each promotional message whether a complaint of who got it was open."""
    open_ = defaultdict(list)
    for ticket in tickets:
        if ticket.reason in COMPLAINTS and ticket.settles_at and not ticket.deleted_at:
            open_[ticket.customer].append((ticket.opened_at, ticket.settles_at))
    for message in messages:
        spans = open_[message.customer]
        clashes = any(begun <= message.at < done for begun, done in spans)
        yield message.at, message.customer, float(clashes)


def _of_tickets(tickets: Iterable[SimTicket], measure: LogMeasure) -> Iterator[_Found]:
    for ticket in tickets:
        value = _OF_TICKETS[measure](ticket)
        if value is not None and ticket.deleted_at is None:
            yield ticket.opened_at, ticket.customer, value


def _reopened(ticket: SimTicket) -> float | None:
    return None if ticket.solves_at is None else float(ticket.solves_at != ticket.settles_at)


def _replied(ticket: SimTicket) -> float:
    return _seconds(ticket, ticket.replies_at)


def _solved(ticket: SimTicket) -> float:
    return _seconds(ticket, ticket.settles_at)


def _seconds(ticket: SimTicket, end: datetime | None) -> float:
    """Seconds until then; for ever, where another ticket goes on."""
    return inf if end is None else (end - ticket.opened_at).total_seconds()


_OF_TICKETS: Final = {
    "reopen_rate": _reopened,
    "first_reply_time": _replied,
    "resolution_time": _solved,
}
#: Measures of which the middle one is told, not the mean.
MEDIANS: Final = ("first_reply_time", "resolution_time")


def middle(figures: Iterable[float]) -> float:
    """Smallest figure that at least half of them do not exceed, as a survival curve has it."""
    ordered = sorted(figures)
    return ordered[(len(ordered) - 1) // 2]
