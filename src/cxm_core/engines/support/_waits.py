"""Time that customers wait for us, and time that we work, over all visits to these states."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack, overload

from cxm_core.columns import Tickets
from cxm_core.results import Breakdown, Estimate
from cxm_core.vocabulary import BusinessCalendar

from ._timed import Order, quantile_result, waits_in
from ._wrap import Result

_WAITING = ("new", "open", "on_hold")
_WORKING = ("new", "open")


class Plain(TypedDict, total=False):
    """Keywords that every figure about time in states takes, whatever its definition."""

    clusters: Any
    calendar: BusinessCalendar | None
    confidence_level: float
    method: str


class StateTimed(Plain, total=False):
    """Keywords that every figure about time in states takes."""

    definition: str


@overload
def requester_wait(
    tickets: Tickets, *, q: float = ..., by: None = ..., **asked: Unpack[StateTimed]
) -> Estimate: ...
@overload
def requester_wait(
    tickets: Tickets, *, q: float = ..., by: object, **asked: Unpack[StateTimed]
) -> Breakdown: ...
def requester_wait(
    tickets: Tickets,
    *,
    q: float = 0.5,
    by: Any = None,
    definition: str = "total",
    **asked: Unpack[Plain],
) -> Result:
    """Time that customers waited for us: all time in which the ball was not with them.

    Parameters
    ----------
    tickets : Tickets
        Made from a log by `tickets`, for only events tell how long a state lasted.
    q : float in (0, 1)
        Share of the tickets whose wait is at most this; 0.5 is the median.
    by : column names, sequence, list or mapping
        Groups, such as ``"channel"``.
    definition : {"total", "zendesk"}
        Ours, or the vendor's; `TICKET_DEFINITIONS` has each in words.
    **asked
        `clusters`, `calendar` (count open hours only), `confidence_level` and `method`, as for
        `resolution_time`.

    Returns
    -------
    Estimate or Breakdown
        Seconds in new, open and on hold together; a Breakdown if there are groups.

    Raises
    ------
    UsageError
        The tickets do not come from a log, `q` is not in (0, 1), or a definition is unknown.

    Notes
    -----
    Waits do not grow at one pace, so what an open ticket has waited so far cannot be taken for a
    time that is cut: with half of the tickets open that may be half too much. Instead each settled
    ticket stands for open ones of its age as well: it counts as one over the chance to be seen to
    its end. What lasts longer than anything that was seen counts as a wait that is longer, too, so
    that the figure is a little too high where tickets are watched for less than they last.
    The limits take these weights for known, which makes them a little wide.

    References
    ----------
    .. [1] Zhao, H. and Tsiatis, A., A consistent estimator for the distribution of quality adjusted
       survival time, 1997, Biometrika 84, 339-348.
    .. [2] Lin, D., Feuer, E., Etzioni, R. and Wax, Y., Estimating medical costs from incomplete
       follow-up data, 1997, Biometrics 53, 419-434.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> begin = datetime(2026, 11, 2, 9, tzinfo=UTC)
    >>> log = {"ticket": ["A"] * 3, "status": ["new", "pending", "solved"],
    ...        "occurred_at": [begin + timedelta(hours=h) for h in (0, 2, 50)]}
    >>> cx.requester_wait(cx.tickets(log)).value
    7200.0
    """
    order = Order.of("requester_wait", definition, by=by, **asked)
    return quantile_result(waits_in(tickets, _WAITING, order), order, q)


@overload
def agent_work(
    tickets: Tickets, *, q: float = ..., by: None = ..., **asked: Unpack[StateTimed]
) -> Estimate: ...
@overload
def agent_work(
    tickets: Tickets, *, q: float = ..., by: object, **asked: Unpack[StateTimed]
) -> Breakdown: ...
def agent_work(
    tickets: Tickets,
    *,
    q: float = 0.5,
    by: Any = None,
    definition: str = "total",
    **asked: Unpack[Plain],
) -> Result:
    """Time that tickets lay with our own people: new and open, neither pending nor on hold.

    Parameters
    ----------
    tickets : Tickets
        Made from a log by `tickets`, for only events tell how long a state lasted.
    q : float in (0, 1)
        Share of the tickets; 0.5 is the median.
    by : column names, sequence, list or mapping
        Groups, such as ``"handled_by"``.
    definition : {"total", "zendesk"}
        Ours, or the vendor's; `TICKET_DEFINITIONS` has each in words.
    **asked
        `clusters`, `calendar` (count open hours only), `confidence_level` and `method`, as for
        `resolution_time`.

    Returns
    -------
    Estimate or Breakdown
        Seconds; a Breakdown if there are groups.

    Raises
    ------
    UsageError
        The tickets do not come from a log, `q` is not in (0, 1), or a definition is unknown.

    Notes
    -----
    As for `requester_wait`. It is the time that a ticket lay there, not the minutes that somebody
    worked on it: no log of states knows these.

    References
    ----------
    .. [1] Zhao, H. and Tsiatis, A., A consistent estimator for the distribution of quality adjusted
       survival time, 1997, Biometrika 84, 339-348.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> begin = datetime(2026, 11, 2, 9, tzinfo=UTC)
    >>> log = {"ticket": ["A"] * 3, "status": ["new", "on_hold", "solved"],
    ...        "occurred_at": [begin + timedelta(hours=h) for h in (0, 1, 50)]}
    >>> cx.agent_work(cx.tickets(log)).value
    3600.0
    """
    order = Order.of("agent_work", definition, by=by, **asked)
    return quantile_result(waits_in(tickets, _WORKING, order), order, q)
