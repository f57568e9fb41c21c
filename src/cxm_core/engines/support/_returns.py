"""Shares of tickets that came back, and of those that went up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Unpack, overload

from attrs import evolve

from cxm_core.columns import Ends, LogTable, Wanted, read_log, read_waits
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Estimate
from cxm_core.vocabulary import Zone, takes

from ._counted import Count, Shared, numbers_in, share, told_length, window_of, within
from ._definitions import definition_of
from ._ticket_tables import check_tickets, gone
from ._wrap import Result, told_end

Length = str | timedelta | None

_USUAL = "7d"

_KIND = ("end", "status")
# Of a ticket that comes back with no settling before it, nobody knows when it was settled.
_UNSETTLED = MappingProxyType(
    {"no opening": "never settled", "over before it began": "settled before the log"}
)
_REOPENED = Ends(start="first_ended_at", end="first_reopened_at", status="", beside=_KIND)
_ESCALATED = Ends(start="occurred_at", end="first_escalated_at", status="")


@overload
def reopen_rate(
    tickets: object,
    *,
    window: Length = ...,
    counter: str | None = ...,
    definition: str | None = ...,
    by: None = ...,
    **asked: Unpack[Shared],
) -> Estimate: ...
@overload
def reopen_rate(
    tickets: object,
    *,
    window: Length = ...,
    counter: str | None = ...,
    definition: str | None = ...,
    by: object,
    **asked: Unpack[Shared],
) -> Breakdown: ...
@takes(counter="name?")
def reopen_rate(
    tickets: object,
    *,
    window: Length = None,
    counter: str | None = None,
    definition: str | None = None,
    by: Any = None,
    clusters: Any = None,
    until: datetime | None = None,
    tz: Zone = "UTC",
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Share of the settled tickets that were opened again.

    Parameters
    ----------
    tickets : table
        One row a ticket: what `tickets` made of a log, or any frame with the instants
        ``first_ended_at`` and ``first_reopened_at``; or with a `counter`.
    window : str, timedelta or None
        Look that far forward from the first settling, such as ``"7d"``; None for until the end of
        the log.
    counter : column name or None
        How often each ticket was opened again by the source's own count, instead of instants.
    definition : {"ever", "within"} or None
        With a window (seven days if none is given) or without; None for what `window` says.
    by, clusters : column names, sequence, list or mapping
        Groups, such as ``"solved_by"``; and whom tickets belong to, such as ``"customer"``.
    until : datetime or None
        End of what is known, aware; None for the last stamp, or for the end of the log.
    tz : str or tzinfo
        Zone of times that have none.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Interval of a share; "auto" is that of `csat`.

    Returns
    -------
    Estimate or Breakdown
        Share from 0 to 1 of the tickets that were settled at least once. Those that were never
        opened again and ended merged, as spam or abandoned, by the column ``end`` or ``status``,
        are left out and counted in the receipt; a `counter` counts as the source does.

    Raises
    ------
    UsageError
        A column is not there, or the window is no length of time.

    Notes
    -----
    With a window, tickets that were settled less than this before the end of the log do not count,
    opened again or not, for the others of their age may still come back.
    Who comes back about a ticket that was merged comes back to another one, so it cannot say no.
    Without a window, old tickets had more time to come back than young ones, so two stretches of
    time cannot be compared.

    References
    ----------
    .. [1] Korn, E. and Graubard, B., Confidence intervals for proportions with small expected
       number of positive counts estimated from survey data, 1998, Survey Methodology 24, 193-201.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.reopen_rate({"reopen_count": [0, 0, 2, 0, 1] * 20}, counter="reopen_count").value
    0.4
    """
    asked = {"clusters": clusters, "confidence_level": confidence_level, "method": method}
    if counter is not None:
        table = read_log(tickets, _wanted(counter, by, clusters, tz), what="the tickets")
        return share(table, _by_counter(table, counter), by=by, **asked)
    what = ("reopen_rate", _REOPENED, _length("reopen_rate", definition, window))
    return _happened(tickets, what, (until, tz), by=by, words=_UNSETTLED, **asked)


@overload
def escalation_rate(
    tickets: object,
    *,
    window: Length = ...,
    definition: str | None = ...,
    by: None = ...,
    **asked: Unpack[Shared],
) -> Estimate: ...
@overload
def escalation_rate(
    tickets: object,
    *,
    window: Length = ...,
    definition: str | None = ...,
    by: object,
    **asked: Unpack[Shared],
) -> Breakdown: ...
def escalation_rate(
    tickets: object,
    *,
    window: Length = None,
    definition: str | None = None,
    by: Any = None,
    clusters: Any = None,
    until: datetime | None = None,
    tz: Zone = "UTC",
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Share of the tickets that were escalated: by an event that says so, or to a named team.

    Parameters
    ----------
    tickets : table
        One row a ticket: what `tickets` made of a log, with `escalated_to` where teams tell; or
        any frame with the instants ``occurred_at`` and ``first_escalated_at``.
    window : str, timedelta or None
        Look that far forward from the opening, such as ``"2d"``; None for until the end of the log.
    definition : {"ever", "within"} or None
        With a window (seven days if none is given) or without; None for what `window` says.
    by, clusters : column names, sequence, list or mapping
        Groups, such as ``"channel"``; and whom tickets belong to, such as ``"customer"``.
    until : datetime or None
        End of what is known, aware; None for the last stamp, or for the end of the log.
    tz : str or tzinfo
        Zone of times that have none.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Interval of a share; "auto" is that of `csat`.

    Returns
    -------
    Estimate or Breakdown
        Share from 0 to 1 of all tickets.

    Raises
    ------
    UsageError
        A column is not there, or the window is no length of time.

    Notes
    -----
    With a window, tickets opened less than this before the end of the log do not count. Without
    one, young tickets may still be escalated, so the figure is a little too low.

    References
    ----------
    .. [1] Korn, E. and Graubard, B., Confidence intervals for proportions with small expected
       number of positive counts estimated from survey data, 1998, Survey Methodology 24, 193-201.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> begin = datetime(2026, 11, 2, 9, tzinfo=UTC)
    >>> log = {"ticket": ["A", "A", "B"], "event": ["created", "escalation", "created"],
    ...        "occurred_at": [begin + timedelta(hours=h) for h in (0, 2, 3)]}
    >>> cx.escalation_rate(cx.tickets(log)).value
    0.5
    """
    asked = {"clusters": clusters, "confidence_level": confidence_level, "method": method}
    what = ("escalation_rate", _ESCALATED, _length("escalation_rate", definition, window))
    return _happened(tickets, what, (until, tz), by=by, **asked)


def _length(metric: str, definition: str | None, window: Length) -> timedelta | None:
    """The window, as the definition has one or not."""
    if definition is None:
        return window_of(window)
    if definition_of(metric, definition).name == "within":
        return window_of(window or _USUAL)
    if window is not None:
        raise UsageError(
            f"{metric} looks forward within no window by the definition 'ever'.",
            hint="definition='within', or no window",
        )
    return None


def _wanted(counter: str, by: Any, clusters: Any, tz: Zone) -> Wanted:
    needed = {counter: "counter="} | ({clusters: "clusters="} if isinstance(clusters, str) else {})
    return Wanted(needed=needed, by=by, zone=tz)


def _by_counter(table: LogTable, counter: str) -> Count:
    return Count(
        definition=definition_of("reopen_rate", "ever"),
        is_met=numbers_in(table, counter) > 0,
        left_out=(("not counted", table.column(counter).is_missing),),
        parameters=(("counter", counter),),
    )


def _happened(
    tickets: object,
    what: tuple[str, Ends, timedelta | None],
    times: tuple[datetime | None, Zone],
    *,
    by: Any,
    words: Mapping[str, str] = MappingProxyType({}),
    **asked: Any,
) -> Result:
    """Share of the tickets to which it happened, within the window if there is one."""
    metric, ends, window = what
    check_tickets(tickets, ends, metric)
    until, tz = times
    waits = read_waits(tickets, ends, until=until, groups=(by, asked["clusters"]), tz=tz)
    is_met, left_out = within(waits, window)
    left_out = (*left_out[:1], *gone(waits, ends), *left_out[1:])
    count = Count(
        definition=definition_of(metric, "ever" if window is None else "within"),
        is_met=is_met,
        left_out=left_out,
        exclusions=tuple((words.get(why, why), n) for why, n in waits.exclusions),
        parameters=(*told_end(waits), *told_length(window, "window")),
    )
    notes = tuple(note for note in waits.table.notes if note[0] != "over_too_soon" or not words)
    return share(evolve(waits.table, notes=notes), count, by=by, **asked)
