"""What is true of the synthetic company, of everybody who could be asked, answered or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, Literal

from attrs import frozen

from cxm_core.errors import UsageError

from ._facts import Facts
from ._log_truth import MEDIANS, LogMeasure, Part, figures_of, middle
from ._make_surveys import AFTER_DELIVERY, is_there
from ._make_tickets import AFTER_SOLVING, is_rateable

SurveyMeasure = Literal["nps", "csat", "ces"]
Measure = SurveyMeasure | LogMeasure
_Dated = Literal["csat", "ces"] | LogMeasure
# Moment at which somebody is asked, key of the customer, and what they think.
_Opinion = tuple[datetime, int, float]

# From which level on an answer is a good one: the two best of five, and the two best of seven.
_GOOD: Final = {"csat": 4, "ces": 6}


@frozen(kw_only=True)
class Truth:
    """One figure as it truly is.

    Parameters
    ----------
    measure : str
        What it is; see `Company.truth`.
    value : float
        Points for `nps`, seconds for a time, a count for what happens in a matter, else a share.
    n : int
        Of how many opinions, matters, contacts or tickets.
    """

    measure: Measure
    value: float
    n: int


@frozen(kw_only=True)
class Asked:
    """Whose opinion is asked for, or what they went through.

    Parameters
    ----------
    span : tuple of (datetime, datetime)
        When they could be asked, or when it began; the end is not included.
    segment, desk, channel : str or None
        Only customers of this segment, and only matters and tickets of this desk, or that began on
        this channel.
    """

    span: tuple[datetime, datetime]
    segment: str | None = None
    desk: str | None = None
    channel: str | None = None

    @property
    def part(self) -> Part:
        """Which matters and tickets are meant."""
        return Part(desk=self.desk, channel=self.channel)


def truth(company: Facts, measure: Measure, asked: Asked) -> Truth:
    """Count what everybody thinks who could be asked within the span, or went through in it."""
    opinions = opinions_of(company, measure, asked)
    if not opinions:
        raise UsageError(f"Nobody could be asked for the {measure} in this window.")
    return Truth(measure=measure, value=truth_of(measure, opinions), n=len(opinions))


def opinions_of(company: Facts, measure: Measure, asked: Asked) -> list[float]:
    """List what everybody thinks who could be asked within the span, or went through in it."""
    customers = company.customer_by_key
    return [
        opinion
        for key, opinion in _opinions(company, measure, asked)
        if asked.segment in (None, customers[key].segment)
    ]


def _opinions(company: Facts, measure: Measure, asked: Asked) -> Iterator[tuple[int, float]]:
    """Give key and opinion of each customer; one who could be asked twice counts twice."""
    first, end = asked.span
    if measure == "nps":
        # Everybody who is known by then is asked once within the span.
        for customer in company.customers:
            if is_there(customer) and customer.created_at < end:
                yield customer.key, customer.recommendation
        return
    for at, key, opinion in _dated(company, measure, asked.part):
        if first <= at < end:
            yield key, opinion


def _dated(company: Facts, measure: _Dated, part: Part) -> Iterator[_Opinion]:
    if measure == "ces":
        return _of_orders(company)
    return _of_tickets(company, part) if measure == "csat" else figures_of(company, measure, part)


def _of_orders(company: Facts) -> Iterator[_Opinion]:
    customers = company.customer_by_key
    for order in company.orders:
        customer = customers[order.customer]
        if order.delivered_at and is_there(customer):
            yield order.delivered_at + AFTER_DELIVERY, customer.key, customer.effort


def _of_tickets(company: Facts, part: Part) -> Iterator[_Opinion]:
    customers = company.customer_by_key
    for ticket in company.tickets:
        is_meant = part.holds(ticket.desk, ticket.channel)
        if is_meant and ticket.solved_at and is_rateable(ticket, customers):
            yield ticket.solved_at + AFTER_SOLVING, ticket.customer, ticket.satisfaction


def truth_of(measure: Measure, opinions: Iterable[float]) -> float:
    """Make one figure of all opinions, or of what was gone through."""
    given = list(opinions)
    if measure in MEDIANS:
        return middle(given)
    if measure == "nps":
        return 100 * sum((x >= 9) - (x <= 6) for x in given) / len(given)
    if measure in _GOOD:
        return sum(x >= _GOOD[measure] for x in given) / len(given)
    return sum(given) / len(given)
