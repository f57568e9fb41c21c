"""Promotional messages that reached customers while a complaint of theirs was open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable, Wanted, open_data, read_log
from cxm_core.engines.contacts import Issues
from cxm_core.engines.feedback import Told, share_of
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Panel, Receipt
from cxm_core.vocabulary import takes

from ._clashes import Clash, Names
from ._issue_facts import facts_of
from ._rows import kept, microseconds, noted, stamp, where

Ints = NDArray[np.int64]

_SENT = "promotional messages"
_OPEN = "complaints"
_BACKWARDS = "solved before it was opened"
_OPENED, _SOLVED = ("opened_at", "occurred_at"), ("ended_at", "solved_at")


@takes(
    customer="name",
    at="name",
    campaign="name",
    opened="name?",
    solved="name?",
    reasons="several?",
    by="names?",
)
def promotions_in_complaints(
    sends: object,
    complaints: object,
    *,
    until: datetime,
    customer: str = "customer",
    at: str = "occurred_at",
    campaign: str = "campaign",
    opened: str | None = None,
    solved: str | None = None,
    reasons: Iterable[str] | None = None,
    by: str | Iterable[str] | None = None,
    confidence_level: float = 0.95,
) -> Panel:
    """How often promotional messages go to customers whose complaint is still open.

    Parameters
    ----------
    sends : table
        One row a message: `customer` and `at`. Where there is a column `campaign`, only rows that
        name one are promotional; where there is a column ``direction``, only those that went
        ``out``.
    complaints : table
        One row a ticket or issue: what `tickets` or `issues` made, or a table with `customer`,
        `opened`, and `solved`, which is missing while it is open.
    until : datetime
        End of both logs, aware: what is open then is open until then, and what is later is left
        out.
    customer : str
        Column of the customer in both tables, under one name.
    at : str
        Column of the time of a message.
    campaign : str
        Column of the campaign of a message.
    opened, solved : str or None
        Columns of the times between which a complaint is open; None for ``opened_at`` or
        ``occurred_at``, and for ``ended_at`` or ``solved_at``, the first that is there.
    reasons : iterable of str or None
        Reasons, in the column ``reason``, that make a row a complaint; None if every row is one.
    by : column name or names, or None
        Groups: messages by their own columns, such as ``"campaign"``, complaints by theirs, such as
        ``"reason"``. What has none of these columns is told as a whole.
    confidence_level : float in (0, 1)
        Nominal coverage of the intervals.

    Returns
    -------
    Panel
        ``messages``: share of promotional messages that fell into an open complaint of who got
        them. ``complaints``: share of complaints in which one did. Each an Estimate, or a Breakdown
        if it has groups.

    Raises
    ------
    UsageError
        A column is not there, a time is none, or `until` has no zone.

    Notes
    -----
    A message at the very moment of the opening falls into it, one at the moment of the solution
    does not.
    A ticket that another one took in is over; ``ended_at`` says so, and ``solved_at`` does not.
    A complaint that was solved before it was opened, by clocks that disagree, is left out and
    counted.
    Intervals take what belongs to one customer for one cluster.

    References
    ----------
    .. [1] Newcombe, R., Two-sided confidence intervals for the single proportion, 1998, Statistics
       in Medicine 17, 857-872, method 6.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> from cxm_core.engines import promotions_in_complaints
    >>> noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    >>> days = [noon + timedelta(days=n) for n in range(40)]
    >>> sends = {"customer": list(range(40)), "occurred_at": days}
    >>> complaints = {
    ...     "customer": [0, 1, 2, 3], "opened_at": [noon] * 4,
    ...     "solved_at": [noon + timedelta(hours=1), None, days[1], None],
    ... }
    >>> found = promotions_in_complaints(sends, complaints, until=days[-1] + timedelta(days=1))
    >>> found["messages"].value, found["complaints"].value
    (0.075, 0.75)
    """
    asked = _as_table(complaints)
    names = Names(
        customer=customer,
        at=at,
        campaign=campaign,
        opened=opened or _first(asked, _OPENED),
        solved=solved or _first(asked, _SOLVED),
        reasons=None if reasons is None else frozenset(reasons),
        end=stamp(until),
    )
    wanted = (by,) if isinstance(by, str) else tuple(() if by is None else by)
    sent, open_ = _both(sends, asked, names, wanted)
    clash = Clash.of(sent, open_, names)
    told = (("until", until.isoformat()), ("complaints", f"{len(open_):,}"))
    common: dict[str, Any] = {"clusters": customer, "confidence_level": confidence_level}
    messages = Told(metric="promotions_in_complaints", counted=_SENT, parameters=told)
    hit = Told(metric="complaints_with_promotions", counted=_OPEN, parameters=told)
    parts: dict[str, Any] = {
        "messages": share_of(sent, clash.is_inside, messages, by=_groups(sent, wanted), **common),
        "complaints": share_of(open_, clash.is_hit, hit, by=_groups(open_, wanted), **common),
    }
    receipt = Receipt(
        engine="promotions_in_complaints",
        method=parts["messages"].method,
        confidence_level=confidence_level,
        parameters=told,
        counted=_SENT,
    )
    return Panel(metric="promotions inside open complaints", parts=parts, receipt=receipt)


def _both(
    sends: object, complaints: object, names: Names, by: Sequence[str]
) -> tuple[LogTable, LogTable]:
    """Messages and complaints that can be placed, with each group in one of them at least."""
    sent, open_ = _sent(sends, names, by), _complaints(complaints, names, by)
    known = {*sent.names, *open_.names}
    for name in (one for one in by if one not in known):
        raise UsageError(
            f"Neither the messages nor the complaints have a column {name!r}.",
            hint=did_you_mean(name, known),
        )
    return sent, open_


def _groups(table: LogTable, wanted: Sequence[str]) -> list[str] | None:
    """Those of the groups that a table can be told by."""
    return [name for name in wanted if name in table.names] or None


def _as_table(complaints: object) -> object:
    """Issues with the time at which each was solved; any other table as it is."""
    if not isinstance(complaints, Issues):
        return complaints
    table = facts_of(complaints, ["opened", "solved"], columns={}).table
    return evolve(table, columns={n: c for n, c in table.columns.items() if n != "ended_at"})


def _first(data: object, names: Sequence[str]) -> str:
    opened = open_data(data, "the complaints")
    there = () if isinstance(opened, Column) else opened.names
    return next((name for name in names if name in there), names[0])


def _sent(sends: object, names: Names, by: Sequence[str]) -> LogTable:
    """Promotional messages that can be placed."""
    wanted = Wanted(
        needed={names.customer: "customer=", names.at: "at="},
        optional=(names.campaign, "direction", *by),
        times=(names.at,),
    )
    table = read_log(sends, wanted, what="the messages")
    if names.campaign in table.names:
        table = kept(table, ~table.column(names.campaign).is_missing, "no campaign")
    if "direction" in table.names:
        table = kept(table, where(table, "direction", {"out"}), "not sent out")
    return _placed(table, names, names.at)


def _complaints(complaints: object, names: Names, by: Sequence[str]) -> LogTable:
    """Complaints that can be placed."""
    needed = {names.customer: "customer=", names.opened: "opened=", names.solved: "solved="}
    if names.reasons is not None:
        needed["reason"] = "reasons="
    wanted = Wanted(needed=needed, optional=tuple(by), times=(names.opened, names.solved))
    table = read_log(complaints, wanted, what="the complaints")
    if names.reasons is not None:
        table = kept(table, where(table, "reason", names.reasons), "another reason")
    table = _placed(table, names, names.opened)
    is_done = ~table.column(names.solved).is_missing
    is_odd = is_done & (microseconds(table, names.solved) < microseconds(table, names.opened))
    return noted(kept(table, ~is_odd, _BACKWARDS), "over_too_soon", int(is_odd.sum()))


def _placed(table: LogTable, names: Names, at: str) -> LogTable:
    table = kept(table, ~table.column(names.customer).is_missing, "no customer")
    table = kept(table, ~table.column(at).is_missing, "no time")
    return kept(table, microseconds(table, at) < names.end, "after the end")
