"""Time until a ticket is solved, with those that are not solved yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict, Unpack, overload

from cxm_core.results import Breakdown, Curve, Estimate, Panel
from cxm_core.vocabulary import BusinessCalendar, Zone

from ._timed import Order, curve_result, quantile_result, waits_between
from ._wrap import Result

_METRIC = "resolution_time"


class Plain(TypedDict, total=False):
    """Keywords that every figure about times takes, whatever its definition."""

    clusters: Any
    until: datetime | None
    calendar: BusinessCalendar | None
    start: str | None
    end: str | None
    tz: Zone
    confidence_level: float
    method: str


class Timed(Plain, total=False):
    """Keywords that every figure about times takes."""

    definition: str


@overload
def resolution_time(
    tickets: object, *, q: float = ..., by: None = ..., **asked: Unpack[Timed]
) -> Estimate: ...
@overload
def resolution_time(
    tickets: object, *, q: float = ..., by: object, **asked: Unpack[Timed]
) -> Breakdown: ...
def resolution_time(
    tickets: object,
    *,
    q: float = 0.5,
    by: Any = None,
    clusters: Any = None,
    until: datetime | None = None,
    calendar: BusinessCalendar | None = None,
    definition: str = "full",
    start: str | None = None,
    end: str | None = None,
    tz: Zone = "UTC",
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Time by which a share `q` of all tickets is solved; those still open count, too.

    Parameters
    ----------
    tickets : table
        One row a ticket: what `tickets` made of a log, or any frame with the instants
        ``occurred_at`` and ``solved_at``, and of ``first_solved_at``, ``ended_at``, ``closed_at``
        and ``status`` what it has. A missing instant means that it has not happened.
    q : float in (0, 1)
        Share of the tickets; 0.5 is the median.
    by, clusters : column names, sequence, list or mapping
        Groups, such as ``"channel"`` or ``"solved_by"``; and whom tickets belong to, for an
        interval that knows that one customer's tickets are alike.
    until : datetime or None
        End of what is known, aware; None for the last stamp, or for the end of the log that
        `tickets` was made from.
    calendar : BusinessCalendar or None
        Count open hours only; None for all time.
    definition : {"full", "first", "zendesk", "zendesk_first", "hubspot"}
        To the last solution, to the first one, or as a vendor counts; `TICKET_DEFINITIONS` has
        each in words.
    start, end : column name or None
        Instants of the opening and of the solution, where they have other names.
    tz : str or tzinfo
        Zone of times that have none.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : {"auto", "log-log", "log", "plain"}
        Scale of the limits; "auto" is "log-log".

    Returns
    -------
    Estimate or Breakdown
        Seconds; a Breakdown if there are groups. No value where less than `q` of the tickets were
        ever solved, no upper limit where that cannot be told, and a caveat for each.

    Raises
    ------
    UsageError
        A column is not there, `q` is not in (0, 1), a definition or method is unknown, or `until`
        is given for tickets that were made from a log.

    Notes
    -----
    A ticket that is open is not left out: it says that its time is longer than what has passed.
    The share that is over is Kaplan and Meier's; where tickets end in other ways (merged, spam,
    abandoned, closed without a solution) it is Aalen and Johansen's, in which these are never
    solved. It is assumed that tickets that are still open are like those of their age.
    The limits are the times at which the band of the curve reaches `q`.
    A vendor's definition leaves out what is not over, as the vendor does.

    References
    ----------
    .. [1] Kaplan, E. and Meier, P., Nonparametric estimation from incomplete observations, 1958,
       Journal of the American Statistical Association 53, 457-481.
    .. [2] Aalen, O. and Johansen, S., 1978, Scandinavian Journal of Statistics 5, 141-150.
    .. [3] Brookmeyer, R. and Crowley, J., A confidence interval for the median survival time,
       1982, Biometrics 38, 29-41.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 40
    >>> solved = [at + timedelta(hours=i) for i, at in enumerate(opened[:30], start=1)]
    >>> frame = {"occurred_at": opened, "solved_at": solved + [None] * 10}
    >>> cx.resolution_time(frame, until=datetime(2026, 11, 4, 9, tzinfo=UTC)).value / 3600
    20.5
    """
    order = Order.of(
        _METRIC,
        definition,
        by=by,
        clusters=clusters,
        until=until,
        calendar=calendar,
        start=start,
        end=end,
        tz=tz,
        confidence_level=confidence_level,
        method=method,
    )
    return quantile_result(waits_between(tickets, order), order, q)


def resolution_curve(
    tickets: object, *, by: Any = None, definition: str = "full", **asked: Unpack[Plain]
) -> Curve | Panel:
    """Share of the tickets that is solved, hour after hour since they were opened.

    Parameters
    ----------
    tickets : table
        As for `resolution_time`.
    by : column names, sequence, list or mapping
        Groups.
    definition : str
        As for `resolution_time`.
    **asked
        Further keywords of `resolution_time`, such as `calendar` and `until`.

    Returns
    -------
    Curve or Panel
        Share that still waits; or, where tickets end in other ways, the share that is solved,
        which need not reach 1. A Panel with a Curve for each group.

    Raises
    ------
    UsageError
        As `resolution_time` does.

    Notes
    -----
    As for `resolution_time`.

    References
    ----------
    .. [1] Aalen, O. and Johansen, S., 1978, Scandinavian Journal of Statistics 5, 141-150.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 40
    >>> solved = [at + timedelta(hours=i) for i, at in enumerate(opened, start=1)]
    >>> curve = cx.resolution_curve({"occurred_at": opened, "solved_at": solved})
    >>> curve.kind, round(curve.at(10 * 3600).value, 3)
    ('survival', 0.75)
    """
    order = Order.of(_METRIC, definition, by=by, **asked)
    return curve_result(waits_between(tickets, order), order)
