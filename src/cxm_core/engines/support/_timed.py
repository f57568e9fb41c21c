"""How long something takes for a ticket: what the figures about times have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from cxm_core.columns import Ends, Tickets, Waits, read_state_times, read_waits
from cxm_core.errors import UsageError
from cxm_core.results import Curve, Panel, check_level
from cxm_core.stats import CURVE_METHODS
from cxm_core.vocabulary import BusinessCalendar, Zone, takes

from ._definitions import definition_of
from ._groups import grouped, stood_for
from ._ticket_definition import TicketDefinition
from ._wrap import Asked, Result, curves_of, quantile_of

_DONE = 1
_REPLY = "first_reply_time"
_MINUTE = 60_000_000
_LIMITS = CURVE_METHODS[0]


@frozen(kw_only=True)
class Order:
    """What was asked for, checked.

    Parameters
    ----------
    definition : TicketDefinition
        What is timed.
    by, clusters : column names, sequence, list or mapping
        Groups, and what ties tickets together.
    until : datetime or None
        End of what is known.
    calendar : BusinessCalendar or None
        Hours that count.
    confidence_level : float in (0, 1)
        Nominal coverage.
    method : str
        Scale of the limits.
    start, end : str or None
        Columns of the opening and of the end, where they are others than the definition's.
    tz : str or tzinfo
        Zone of times that have none.
    """

    definition: TicketDefinition
    by: Any = None
    clusters: Any = None
    until: datetime | None = None
    calendar: BusinessCalendar | None = None
    confidence_level: float = 0.95
    method: str = _LIMITS
    start: str | None = None
    end: str | None = None
    tz: Zone = "UTC"

    @classmethod
    @takes(method="text", start="name?", end="name?")
    def of(cls, metric: str, definition: str, *, method: str = "auto", **asked: Any) -> Order:
        """Check each part of a call."""
        check_level(asked.get("confidence_level", 0.95))
        known = _LIMITS if method == "auto" else method
        if known not in CURVE_METHODS:
            raise UsageError(
                f"{metric} has no interval method {method!r}.",
                hint="one of " + ", ".join(map(repr, ("auto", *CURVE_METHODS))),
            )
        return cls(definition=definition_of(metric, definition), method=known, **asked)

    @property
    def asked(self) -> Asked:
        """What the result is told of it."""
        hours = () if self.calendar is None else (("calendar", told_hours(self.calendar)),)
        return Asked(
            metric=self.definition.metric,
            confidence_level=self.confidence_level,
            method=self.method,
            is_open_time=self.calendar is not None,
            parameters=(("definition", self.definition.name), *hours),
        )

    @property
    def ends(self) -> Ends:
        """Columns between which the time runs."""
        ends = self.definition.ends or Ends()
        return evolve(ends, start=self.start or ends.start, end=self.end or ends.end)


def told_hours(calendar: BusinessCalendar) -> str:
    """A calendar in the receipt: its zone, its open hours a week, and how many holidays."""
    minutes = sum(
        ((end.hour * 60 + end.minute) or 1440) - (start.hour * 60 + start.minute)
        for day in calendar.hours
        for start, end in day
    )
    return f"{calendar.zone}, {minutes / 60:g} hours a week, {len(calendar.holidays)} holidays"


def waits_between(tickets: object, order: Order) -> Waits:
    """Times between two columns, as the definition counts them."""
    waits = read_waits(
        tickets,
        order.ends,
        until=order.until,
        calendar=order.calendar,
        groups=(order.by, order.clusters),
        tz=order.tz,
    )
    return _as_defined(waits, order.definition)


def waits_in(tickets: Tickets, states: tuple[str, ...], order: Order) -> Waits:
    """Times in some states, as the definition counts them."""
    return _as_defined(read_state_times(tickets, states, calendar=order.calendar), order.definition)


def _as_defined(waits: Waits, definition: TicketDefinition) -> Waits:
    if definition.in_minutes:
        waits = evolve(waits, micros=waits.micros // _MINUTE * _MINUTE)
    is_over = waits.causes == _DONE
    if definition.metric == _REPLY and not is_over.any():
        waits = _noted(waits, ("no_replies", len(waits.table)))
    if not definition.ended_only:
        return waits
    left_out = int((waits.is_known & ~is_over).sum())
    if not left_out:
        return waits
    return evolve(
        waits,
        is_known=waits.is_known & is_over,
        exclusions=(*waits.exclusions, ("not over", left_out)),
        table=_noted(waits, ("ended_only", left_out)).table,
    )


def _noted(waits: Waits, note: tuple[str, int]) -> Waits:
    """The times with one more caveat."""
    return evolve(waits, table=evolve(waits.table, notes=(*waits.table.notes, note)))


@takes(q="number")
def quantile_result(waits: Waits, order: Order, q: float) -> Result:
    """Time by which a share of the tickets is over."""
    if not 0.0 < q < 1.0:
        raise UsageError(f"q is {q!r}, and must lie between 0 and 1.", hint="0.5 is the median")
    asked = order.asked
    asked = evolve(asked, parameters=(("q", f"{q:g}"), *asked.parameters))
    # Vendors leave out what is open; nobody stands for it then.
    gather = grouped if order.definition.ended_only else stood_for
    found = quantile_of(waits, gather(waits, order.by, order.clusters), asked, q=float(q))
    return found.with_receipt(**order.definition.facts)


def curve_result(waits: Waits, order: Order) -> Curve | Panel:
    """Share that is over, as time goes by."""
    found = curves_of(waits, grouped(waits, order.by, order.clusters), order.asked)
    return found.with_receipt(**order.definition.facts)
