"""Share of the tickets whose promised time was kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Unpack, overload

import numpy as np
from attrs import evolve

from cxm_core.columns import Ends, LogTable, Waits, Wanted, read_log, read_waits
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Estimate
from cxm_core.vocabulary import BusinessCalendar, Zone, takes

from ._counted import Count, Promised, numbers_in, share, told_length, window_of
from ._definitions import definition_of
from ._timed import told_hours
from ._wrap import Result, told_end

_METRIC = "sla_attainment"
_USUAL = {"resolution": ("resolution_time", "full"), "first_reply": ("first_reply_time", "human")}
_OF = {of: definition_of(*usual).ends or Ends() for of, usual in _USUAL.items()}
_OTHERWISE = 2


@overload
def sla_attainment(
    tickets: object,
    *,
    target: str | timedelta | None = ...,
    due: str | None = ...,
    met: str | None = ...,
    of: str = ...,
    by: None = ...,
    **asked: Unpack[Promised],
) -> Estimate: ...
@overload
def sla_attainment(
    tickets: object,
    *,
    target: str | timedelta | None = ...,
    due: str | None = ...,
    met: str | None = ...,
    of: str = ...,
    by: object,
    **asked: Unpack[Promised],
) -> Breakdown: ...
@takes(target=str | timedelta | None, due="text?", met="name?", of="text")
def sla_attainment(
    tickets: object,
    *,
    target: str | timedelta | None = None,
    due: str | None = None,
    met: str | None = None,
    of: str = "resolution",
    by: Any = None,
    clusters: Any = None,
    until: datetime | None = None,
    calendar: BusinessCalendar | None = None,
    tz: Zone = "UTC",
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Share of the tickets that were done within the time that was promised.

    Parameters
    ----------
    tickets : table
        One row a ticket, as for `resolution_time`.
    target : str, timedelta or None
        The promise as a length of time, such as ``"4h"``.
    due : column name or None
        The promise as an instant of each ticket; ``"due_at"`` if nothing else is told.
    met : column name or None
        Instead of times: a mark of the source that says whether the promise was kept. One row a
        ticket, for a log with one row an event marks a ticket more than once.
    of : {"resolution", "first_reply"}
        What was promised.
    by, clusters : column names, sequence, list or mapping
        Groups, such as ``"priority"``; and whom tickets belong to, such as ``"customer"``.
    until : datetime or None
        End of what is known, aware; None for the last stamp, or for the end of the log.
    calendar : BusinessCalendar or None
        Hours in which the promised time runs; None for all time. It goes with `target`.
    tz : str or tzinfo
        Zone of times that have none.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Interval of a share; "auto" is that of `csat`.

    Returns
    -------
    Estimate or Breakdown
        Share from 0 to 1 of the tickets whose promised time has run out.

    Raises
    ------
    UsageError
        More than one of `target`, `due` and `met` is given, a column is not there, or `calendar`
        is given without `target`.

    Notes
    -----
    Only tickets whose promised time is over by the end of the log count, be they done or not. Those
    that are younger and done already would all count as kept, and flatter the figure; they are left
    out, and counted as such. An open ticket whose time is over has missed its promise.
    What ended in another way before its time was over (merged, spam) promises nothing any more.

    References
    ----------
    .. [1] Korn, E. and Graubard, B., Confidence intervals for proportions with small expected
       number of positive counts estimated from survey data, 1998, Survey Methodology 24, 193-201.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 40
    >>> solved = [at + timedelta(hours=i) for i, at in enumerate(opened[:30], start=1)]
    >>> frame = {"occurred_at": opened, "solved_at": solved + [None] * 10}
    >>> end = datetime(2026, 11, 4, 9, tzinfo=UTC)
    >>> cx.sla_attainment(frame, target="24h", until=end).value
    0.6
    """
    asked = {
        "by": by,
        "clusters": clusters,
        "confidence_level": confidence_level,
        "method": method,
    }
    due = _one_promise(target, due, met, calendar)
    if met is not None:
        table = _marked(tickets, met, (by, clusters), tz)
        return share(table, _recorded(table, met), **asked)
    length = window_of(target)
    waits = _waits(tickets, of, due, (until, calendar, tz), (by, clusters))
    hours = () if calendar is None else (("calendar", told_hours(calendar)),)
    told = (("of", of), *told_length(length, "target"), *hours)
    return share(waits.table, _kept(waits, length, due, told), **asked)


def _one_promise(
    target: object, due: str | None, met: str | None, calendar: BusinessCalendar | None
) -> str | None:
    given = [name for name, value in (("target", target), ("due", due), ("met", met)) if value]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} say the promise more than once.", hint="give one")
    if calendar is not None and isinstance(target, str) and target.strip()[-1:] in ("d", "w"):
        raise UsageError(
            f"target={target!r} is no length of open time: a day of the calendar has other hours "
            "than the next.",
            hint="the open hours that are meant, such as target='8h'",
        )
    if calendar is not None and not target:
        raise UsageError(
            "A calendar needs the promise as a length of open time.", hint="target='8h'"
        )
    return due or (None if given else "due_at")


def _marked(tickets: object, met: str, groups: tuple[Any, Any], tz: Zone) -> LogTable:
    by, clusters = groups
    needed = {met: "met="} | ({clusters: "clusters="} if isinstance(clusters, str) else {})
    return read_log(tickets, Wanted(needed=needed, by=by, zone=tz), what="the tickets")


def _recorded(table: LogTable, met: str) -> Count:
    return Count(
        definition=definition_of(_METRIC, "recorded"),
        is_met=numbers_in(table, met) > 0,
        left_out=(("not marked", table.column(met).is_missing),),
        parameters=(("met", met),),
    )


def _waits(
    tickets: object,
    of: str,
    due: str | None,
    times: tuple[datetime | None, BusinessCalendar | None, Zone],
    groups: Iterable[object],
) -> Waits:
    """From the opening to the end; or, for a promise that is an instant, from there on."""
    if of not in _OF:
        raise UsageError(f"There is no promise of {of!r}.", hint=f"one of {', '.join(_OF)}")
    until, calendar, tz = times
    ends = evolve(_OF[of], marks=() if due is None else (due,))
    return read_waits(tickets, ends, until=until, calendar=calendar, groups=groups, tz=tz)


def _kept(
    waits: Waits, length: timedelta | None, due: str | None, told: tuple[tuple[str, str], ...]
) -> Count:
    """Which promises were kept, and which are not over yet."""
    allowed, is_promised = _allowed(waits, length, due)
    otherwise = (waits.causes == _OTHERWISE) & (waits.micros < allowed)
    return Count(
        definition=definition_of(_METRIC, "due"),
        is_met=(waits.causes == 1) & (waits.micros <= allowed),
        left_out=(
            ("", ~waits.is_known),
            ("nothing promised", ~is_promised),
            ("ended otherwise", otherwise),
            ("not due yet", waits.watched < allowed),
        ),
        exclusions=waits.exclusions,
        parameters=(*told_end(waits), *told),
    )


def _allowed(waits: Waits, length: timedelta | None, due: str | None) -> tuple[Any, Any]:
    """Time that each ticket may take, in microseconds, and whether anything was promised."""
    size = len(waits.table)
    if length is not None or due is None:
        micros = (length or timedelta()) // timedelta(microseconds=1)
        return np.full(size, micros), np.ones(size, np.bool_)
    promised = waits.table.column(due)
    end = promised.values.astype("datetime64[us]").astype(np.int64)
    start = waits.until - waits.watched
    return np.where(promised.is_missing, 0, end - start), ~promised.is_missing
