"""What is true of the synthetic company, of everybody who could be asked, answered or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, Literal

from attrs import frozen

from cxm_core.errors import UsageError

from ._facts import Facts
from ._make_surveys import AFTER_DELIVERY, is_there
from ._make_tickets import AFTER_SOLVING, is_rateable

Measure = Literal["nps", "csat", "ces"]
# Moment at which somebody is asked, key of the customer, and what they think.
_Opinion = tuple[datetime, int, int]

# From which level on an answer is a good one: the two best of five, and the two best of seven.
_GOOD: Final = {"csat": 4, "ces": 6}


@frozen(kw_only=True)
class Truth:
    """One figure as it truly is.

    Parameters
    ----------
    measure : {"nps", "csat", "ces"}
        What it is.
    value : float
        Points for `nps`, a share for the others.
    n : int
        Of how many opinions.
    """

    measure: Measure
    value: float
    n: int


def truth(
    company: Facts, measure: Measure, span: tuple[datetime, datetime], segment: str | None = None
) -> Truth:
    """Count what everybody thinks who could be asked within the span."""
    opinions = opinions_of(company, measure, span, segment)
    if not opinions:
        raise UsageError(f"Nobody could be asked for the {measure} in this window.")
    return Truth(measure=measure, value=_value(measure, opinions), n=len(opinions))


def opinions_of(
    company: Facts, measure: Measure, span: tuple[datetime, datetime], segment: str | None = None
) -> list[int]:
    """List what everybody thinks who could be asked within the span."""
    customers = company.customer_by_key
    return [
        opinion
        for key, opinion in _opinions(company, measure, span)
        if segment in (None, customers[key].segment)
    ]


def _opinions(
    company: Facts, measure: Measure, span: tuple[datetime, datetime]
) -> Iterator[tuple[int, int]]:
    """Give key and opinion of each customer; one who could be asked twice counts twice."""
    if measure == "nps":
        # Everybody who is known by then is asked once within the span.
        for customer in company.customers:
            if is_there(customer) and customer.created_at < span[1]:
                yield customer.key, customer.recommendation
        return
    for at, key, opinion in _of_orders(company) if measure == "ces" else _of_tickets(company):
        if span[0] <= at < span[1]:
            yield key, opinion


def _of_orders(company: Facts) -> Iterator[_Opinion]:
    customers = company.customer_by_key
    for order in company.orders:
        customer = customers[order.customer]
        if order.delivered_at and is_there(customer):
            yield order.delivered_at + AFTER_DELIVERY, customer.key, customer.effort


def _of_tickets(company: Facts) -> Iterator[_Opinion]:
    customers = company.customer_by_key
    for ticket in company.tickets:
        if ticket.solved_at and is_rateable(ticket, customers):
            yield ticket.solved_at + AFTER_SOLVING, ticket.customer, ticket.satisfaction


def _value(measure: Measure, opinions: Iterable[int]) -> float:
    given = list(opinions)
    if measure == "nps":
        return 100 * sum((x >= 9) - (x <= 6) for x in given) / len(given)
    return sum(x >= _GOOD[measure] for x in given) / len(given)
