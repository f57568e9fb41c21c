"""Shares of tickets: what the figures about them have in common."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import LogTable, Waits
from cxm_core.engines.feedback import Told, share_of
from cxm_core.errors import UsageError
from cxm_core.vocabulary import BusinessCalendar, Zone, parse_duration

from ._ticket_definition import TicketDefinition
from ._wrap import Result

Mask = NDArray[np.bool_]

_LEFT_OUT = "left out"
_CAVEAT_OF = {"window not over": "open_windows"}


class Shared(TypedDict, total=False):
    """Keywords that every share of tickets takes."""

    clusters: Any
    until: datetime | None
    tz: Zone
    confidence_level: float
    method: str


class Promised(Shared, total=False):
    """Keywords that the share of kept promises takes, too."""

    calendar: BusinessCalendar | None


@frozen(kw_only=True)
class Count:
    """Which tickets count, and which of them are a yes.

    Parameters
    ----------
    definition : TicketDefinition
        What is counted.
    is_met : boolean array (tickets,)
        Whether it holds.
    left_out : tuple of (str, boolean array)
        Tickets that do not count, by reason; the first reason that holds is the one that is told.
    exclusions : tuple of (str, int)
        Tickets that were left out before, by reason.
    notes : tuple of (str, int)
        Codes of caveats, and how many rows each is about.
    parameters : tuple of (str, str)
        For the receipt.
    """

    definition: TicketDefinition
    is_met: Mask
    left_out: tuple[tuple[str, Mask], ...] = ()
    exclusions: tuple[tuple[str, int], ...] = ()
    notes: tuple[tuple[str, int], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


def share(table: LogTable, count: Count, **asked: Any) -> Result:
    """Share of the tickets that count of which it holds."""
    is_known, reasons = np.ones(len(table), np.bool_), dict[str, int]()
    for reason, which in count.left_out:
        reasons[reason] = int((which & is_known).sum())
        is_known &= ~which
    told = Told(
        metric=count.definition.metric,
        counted="tickets",
        why_left_out=_LEFT_OUT,
        parameters=(("definition", count.definition.name), *count.parameters),
    )
    notes = tuple((_CAVEAT_OF[why], n) for why, n in reasons.items() if n and why in _CAVEAT_OF)
    noted = evolve(table, notes=(*table.notes, *count.notes, *notes))
    found = share_of(noted, count.is_met, told, is_known=is_known, **asked)
    kept = tuple(pair for pair in found.receipt.exclusions if pair[0] != _LEFT_OUT)
    here = (*count.exclusions, *((why, n) for why, n in reasons.items() if n and why))
    return found.with_receipt(exclusions=(*kept, *here), **count.definition.facts)


def within(waits: Waits, window: timedelta | None) -> tuple[Mask, tuple[tuple[str, Mask], ...]]:
    """Tickets to which it happened, within a window if there is one; and which do not count."""
    happened = waits.causes == 1
    unknown = (("", ~waits.is_known),)  # they are in the exclusions of the waits
    if window is None:
        return happened, unknown
    micros = window // timedelta(microseconds=1)
    return (
        happened & (waits.micros <= micros),
        (*unknown, ("window not over", waits.watched < micros)),
    )


def window_of(length: str | timedelta | None) -> timedelta | None:
    """Length of a window that somebody may have given."""
    return None if length is None else parse_duration(length)


def told_length(length: timedelta | None, name: str) -> tuple[tuple[str, str], ...]:
    """A length of time in the receipt."""
    return () if length is None else ((name, str(length)),)


def numbers_in(table: LogTable, name: str) -> NDArray[Any]:
    """Numbers or truth values of a column; zero where missing."""
    column = table.column(name)
    if column.values.dtype.kind not in "iufb":
        raise UsageError(
            f"The column {name!r} holds neither numbers nor true and false.",
            hint="a count such as `reopenings`, or a mark such as `made_sla`",
        )
    return np.where(column.is_missing, 0, column.values)
