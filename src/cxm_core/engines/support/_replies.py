"""Time until somebody answers a ticket for the first time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Unpack, overload

from cxm_core.results import Breakdown, Estimate
from cxm_core.vocabulary import BusinessCalendar, Zone

from ._resolution import Timed
from ._timed import Order, quantile_result, waits_between
from ._wrap import Result

_METRIC = "first_reply_time"


@overload
def first_reply_time(
    tickets: object, *, q: float = ..., by: None = ..., **asked: Unpack[Timed]
) -> Estimate: ...
@overload
def first_reply_time(
    tickets: object, *, q: float = ..., by: object, **asked: Unpack[Timed]
) -> Breakdown: ...
def first_reply_time(
    tickets: object,
    *,
    q: float = 0.5,
    by: Any = None,
    clusters: Any = None,
    until: datetime | None = None,
    calendar: BusinessCalendar | None = None,
    definition: str = "human",
    start: str | None = None,
    end: str | None = None,
    tz: Zone = "UTC",
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Time by which a share `q` of all tickets has its first reply; those without one count, too.

    Parameters
    ----------
    tickets : table
        One row a ticket: what `tickets` made of a log, or any frame with the instants
        ``occurred_at`` and ``first_replied_at``, and of ``solved_at``, ``ended_at`` and
        ``closed_at`` what it has. A missing instant means that it has not happened.
    q : float in (0, 1)
        Share of the tickets; 0.5 is the median.
    by, clusters : column names, sequence, list or mapping
        Groups, such as ``"channel"``; and whom tickets belong to, such as ``"customer"``.
    until : datetime or None
        End of what is known, aware; None for the last stamp, or for the end of the log that
        `tickets` was made from.
    calendar : BusinessCalendar or None
        Count open hours only; None for all time.
    definition : {"human", "bot", "zendesk"}
        Reply of a person, of a bot, or as Zendesk counts; `TICKET_DEFINITIONS` has each in words.
    start, end : column name or None
        Instants of the opening and of the reply, where they have other names.
    tz : str or tzinfo
        Zone of times that have none.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : {"auto", "log-log", "log", "plain"}
        Scale of the limits; "auto" is "log-log".

    Returns
    -------
    Estimate or Breakdown
        Seconds; a Breakdown if there are groups. No value where less than `q` of the tickets ever
        had a reply.

    Raises
    ------
    UsageError
        A column is not there, `q` is not in (0, 1), a definition or method is unknown, or `until`
        is given for tickets that were made from a log.

    Notes
    -----
    As for `resolution_time`. A ticket that ends without a reply is never replied to: it stands in
    the way of the reply, and is not taken for one that still waits.

    References
    ----------
    .. [1] Aalen, O. and Johansen, S., 1978, Scandinavian Journal of Statistics 5, 141-150.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 60
    >>> replied = [at + timedelta(minutes=i) for i, at in enumerate(opened)]
    >>> frame = {"occurred_at": opened, "first_replied_at": replied}
    >>> cx.first_reply_time(frame, q=0.9).value / 60
    53.5
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
