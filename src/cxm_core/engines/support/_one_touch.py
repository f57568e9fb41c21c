"""Share of the tickets that one reply was enough for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Unpack, overload

import numpy as np

from cxm_core.columns import Ends, LogTable, Waits, read_waits
from cxm_core.results import Breakdown, Estimate
from cxm_core.vocabulary import Zone

from ._counted import Count, Mask, Shared, numbers_in, share, told_length, window_of, within
from ._definitions import definition_of
from ._ticket_definition import TicketDefinition
from ._wrap import Result, told_end

_METRIC = "one_touch"
_MOST_REPLIES = 1
_FIFTEEN = 15 * 60_000_000
_SETTLED = ("solved", "closed")
#: Columns beside the instants that a definition reads.
_COLUMNS = {"one_reply": ["replies", "transfers"], "zendesk": ["replies", "status"]}
_ENDS = {
    # What was closed, and opened again before anybody solved it, was opened again.
    "one_reply": Ends(start="first_solved_at", end="first_reopened_at", status="", at_once=True),
    "zendesk": Ends(start="occurred_at", end="ended_at", status=""),
    "zammad": Ends(start="occurred_at", end="closed_at", also=("solved_at",), status=""),
}


@overload
def one_touch(
    tickets: object,
    *,
    definition: str = ...,
    window: str | timedelta = ...,
    by: None = ...,
    **asked: Unpack[Shared],
) -> Estimate: ...
@overload
def one_touch(
    tickets: object,
    *,
    definition: str = ...,
    window: str | timedelta = ...,
    by: object,
    **asked: Unpack[Shared],
) -> Breakdown: ...
def one_touch(
    tickets: object,
    *,
    definition: str = "one_reply",
    window: str | timedelta = "7d",
    by: Any = None,
    clusters: Any = None,
    until: datetime | None = None,
    tz: Zone = "UTC",
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Share of the solved tickets that took one reply at most, and did not come back.

    Parameters
    ----------
    tickets : Tickets or table
        What `tickets` made of a log; or a frame with ``replies``, ``transfers`` and the instants
        ``first_solved_at`` and ``first_reopened_at``; for a vendor's definition with ``replies``,
        ``status``, ``occurred_at`` and ``ended_at``, or with ``occurred_at`` and ``closed_at``.
    definition : {"one_reply", "zendesk", "zammad"}
        Ours, or a vendor's; `TICKET_DEFINITIONS` has each in words.
    window : str or timedelta
        How far "one_reply" looks forward from the first solution.
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
        Share from 0 to 1 of the tickets that were solved, or closed as the vendor counts.

    Raises
    ------
    UsageError
        A column is not there, a definition is unknown, or the window is no length of time.

    Notes
    -----
    One ticket is not one matter: a customer who comes back by another channel opens a new ticket,
    and each of the two may be one touch. `first_contact_resolution` of the issues counts that.

    References
    ----------
    .. [1] Zendesk help, How are one-touch resolutions calculated, seen 2026-11.
    .. [2] Zammad source, lib/report/ticket_first_solution.rb, seen 2026-11.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> begin = datetime(2026, 11, 2, 9, tzinfo=UTC)
    >>> log = {"ticket": ["A", "A", "A", "B", "B"],
    ...        "event": ["created", "comment", "status", "created", "status"],
    ...        "status": ["new", None, "solved", "new", "solved"],
    ...        "actor": ["customer", "human", "human", "customer", "human"],
    ...        "occurred_at": [begin + timedelta(days=d) for d in (0, 1, 2, 3, 20)]}
    >>> cx.one_touch(cx.tickets(log)).n
    1
    """
    known = definition_of(_METRIC, definition)
    ends = _ENDS[known.name]
    groups = (by, clusters, _COLUMNS.get(known.name))
    waits = read_waits(tickets, ends, until=until, groups=groups, tz=tz)
    count = _one_reply(waits, known, window_of(window)) if known.name == "one_reply" else None
    return share(
        waits.table,
        count or _as_vendor(waits, known),
        by=by,
        clusters=clusters,
        confidence_level=confidence_level,
        method=method,
    )


def _one_reply(waits: Waits, known: TicketDefinition, window: timedelta | None) -> Count:
    came_back, left_out = within(waits, window)
    table = waits.table
    is_met = _few_replies(table) & (numbers_in(table, "transfers") == 0) & ~came_back
    return Count(
        definition=known,
        is_met=is_met,
        left_out=left_out,
        exclusions=tuple(
            ("never solved" if why == "no opening" else why, n) for why, n in waits.exclusions
        ),
        notes=_silent(table),
        parameters=(*told_end(waits), *told_length(window, "window")),
    )


def _as_vendor(waits: Waits, known: TicketDefinition) -> Count:
    is_done = waits.causes == 1
    if known.name == "zendesk":
        is_done = _has_status(waits.table)
        is_met = _few_replies(waits.table)
    else:
        is_met = waits.micros < _FIFTEEN
    return Count(
        definition=known,
        is_met=is_met & is_done,
        left_out=(("", ~waits.is_known), ("not solved or closed", ~is_done)),
        exclusions=waits.exclusions,
        notes=_silent(waits.table) if known.name == "zendesk" else (),
        parameters=told_end(waits),
    )


def _silent(table: LogTable) -> tuple[tuple[str, int], ...]:
    """A caveat where nobody ever replied, as in a log that has no comments."""
    return () if numbers_in(table, "replies").any() else (("no_replies", len(table)),)


def _few_replies(table: LogTable) -> Mask:
    return np.asarray(numbers_in(table, "replies") <= _MOST_REPLIES)


def _has_status(table: LogTable) -> Mask:
    values = table.column("status").values.tolist()
    return np.array([str(value).casefold() in _SETTLED for value in values], np.bool_)
