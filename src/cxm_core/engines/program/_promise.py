"""Whether a promise is kept: its indicators over issues, and what is left of the budget."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, cast

from attrs import evolve

from cxm_core.columns import LogTable
from cxm_core.engines.feedback import Told, share_of
from cxm_core.errors import UsageError
from cxm_core.program import Indicator, Promise
from cxm_core.results import Estimate, Panel, Receipt, check_level
from cxm_core.vocabulary import BusinessCalendar, Channel, Window, WindowLike, Zone, takes

from ._budget import budget_left
from ._due import Due
from ._issue_facts import Facts, facts_of
from ._rows import noted, stamp, where

_NO_COLUMNS: Mapping[str, str] = MappingProxyType({})


@takes(columns="mapping")
def promise(
    promise: Promise,
    issues: object,
    *,
    now: datetime,
    window: WindowLike | None = None,
    zone: Zone = "UTC",
    calendar: BusinessCalendar | None = None,
    columns: Mapping[str, str] = _NO_COLUMNS,
    confidence_level: float = 0.95,
) -> Panel:
    """Whether a promise to customers is kept, and what is left of its room for exceptions.

    Parameters
    ----------
    promise : Promise
        A promise of the program: of which issues, what is expected, and of how many of them.
    issues : Issues or table
        What `issues` made of contacts, or any table with one row an issue: when it was opened and
        solved (missing while it is open), and the counts of which something is promised.
    now : datetime
        End of the log, aware: an issue whose time is not up by then is not judged.
    window : str, pair, Window or None
        When an issue was opened; None for the promise's own window.
    zone : str or tzinfo
        Zone of the window's days.
    calendar : BusinessCalendar or None
        Open hours in which time is counted, such as those of the calendar that the promise names;
        None for every hour.
    columns : mapping of str to str
        Columns with other names than ours, such as ``{"solved": "resolved_at"}``. Ours are
        ``opened_at``, ``solved_at``, ``first_replied_at``, ``wait_s``, ``steps_to_human``,
        ``contacts``, ``transfers``, ``switches``, ``re_explanations``, ``channel``, ``reason`` and
        ``customer``.
    confidence_level : float in (0, 1)
        Nominal coverage of the intervals.

    Returns
    -------
    Panel
        For each indicator its share of issues for which it was kept, and under its name with
        ``left`` behind it the part of the allowed misses that is left: one where nothing was
        missed, zero where as much as is allowed, below zero where more was.

    Raises
    ------
    UsageError
        The promise is only a name, a column is not there, a time is none, the window cannot be
        read, or the promise is about open hours and no calendar is given.

    Notes
    -----
    A promise is kept for sure where the whole interval of what is left lies above zero, and broken
    for sure where it lies below.
    Whether an issue counts is decided by when it was opened, and never by how it went: one that was
    opened too short a time ago is left out even if it is solved already, since those that are not
    would be missing.
    Of `Issues`, an issue is solved when its last contact ended (``ended_at`` of the contacts, or
    their ``solved_at``; without either when it began, which a caveat says) and nobody came back
    within the window by which contacts were put together.
    Counts are judged when an issue is over. Steps to a human are the contacts before the first that
    a human took; issues without one are left out and counted.
    Intervals take the issues of one customer for one cluster.

    References
    ----------
    .. [1] Beyer, B. and others, Site Reliability Engineering, 2016, chapter 4: indicators,
       objectives and the error budget.
    .. [2] Newcombe, R., Two-sided confidence intervals for the single proportion, 1998, Statistics
       in Medicine 17, 857-872, method 6.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> import cxm_core as cx
    >>> from cxm_core.program import Promise
    >>> solved = {"name": "solved", "expect": "solved", "within": "5m", "target": 0.8}
    >>> noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    >>> issues = {
    ...     "customer": range(100), "opened_at": [noon] * 100,
    ...     "solved_at": [noon + timedelta(minutes=4 + n % 10 // 9 * 60) for n in range(100)],
    ... }
    >>> kept = cx.promise(Promise(name="quick", indicators=[solved]), issues,
    ...     now=noon + timedelta(days=1), window="2026-11")
    >>> kept["solved"].value, round(kept["solved left"].value, 3)
    (0.9, 0.5)
    """
    check_level(confidence_level)
    _check_promise(promise)
    if promise.calendar is not None and calendar is None:
        raise UsageError(
            f"The promise {promise.name} counts the open hours of {promise.calendar}.",
            hint="calendar=, as in program.calendars[0].business(program.zone)",
        )
    until = stamp(now)
    span = Window.parse(promise.window if window is None else window, zone=zone, now=now)
    words = [indicator.expect for indicator in promise.indicators]
    chosen = [
        word
        for word, given in (("channel", promise.channels), ("reason", promise.reasons))
        if given
    ]
    facts = facts_of(issues, ["opened", *words, *chosen], columns=columns)
    due = Due(facts=_population(facts, promise, span), until=until, calendar=calendar)
    parts: dict[str, Any] = {}
    for indicator in promise.indicators:
        share = _kept_share(due, indicator, promise, span, confidence_level)
        parts[indicator.name] = share
        parts[f"{indicator.name} left"] = budget_left(share, indicator.target)
    receipt = Receipt(
        engine="promise",
        method="two figures an indicator",
        confidence_level=confidence_level,
        window=span,
        counted="issues",
        **_definition(promise),
    )
    return Panel(metric=promise.label, parts=parts, receipt=receipt)


def _check_promise(promise: object) -> None:
    if not isinstance(promise, Promise):
        raise UsageError(
            f"A promise is needed, and a {type(promise).__name__} is none.",
            hint="one of program.promises; a workspace knows them by name: ws.measure('quick')",
        )


def _definition(promise: Promise) -> dict[str, Any]:
    return {
        "definition": promise.name,
        "version": promise.version,
        "definition_hash": promise.definition_hash,
    }


def _population(facts: Facts, promise: Promise, span: Window) -> Facts:
    """Issues of which something is promised, opened in the window."""
    opened = facts.at("opened")
    start, end = stamp(span.start), stamp(span.end)
    facts = facts.only(~facts.column("opened").is_missing, "no time")
    opened = facts.at("opened")
    facts = facts.only((opened >= start) & (opened < end), "outside the window")
    if promise.channels:
        named = {str(label) for label in set(facts.column("channel").values.tolist())}
        meant = {label for label in named if Channel.parse(label) in promise.channels}
        facts = facts.only(where(facts.table, facts.names["channel"], meant), "another channel")
    if promise.reasons:
        reasons = set(promise.reasons)
        facts = facts.only(where(facts.table, facts.names["reason"], reasons), "another reason")
    return facts


def _noted(facts: Facts, indicator: Indicator) -> LogTable:
    """The issues, with a caveat where some were over before they began."""
    if indicator.within is None or indicator.expect == "waited":
        return facts.table
    return noted(facts.table, "over_at_once", int(facts.backwards(indicator.expect).sum()))


def _kept_share(
    due: Due, indicator: Indicator, promise: Promise, span: Window, confidence_level: float
) -> Estimate:
    met, known, why = due.judged(indicator)
    told = Told(
        metric=indicator.name,
        counted="issues",
        why_left_out=why,
        parameters=(
            ("expect", f"{indicator.expect} {indicator.threshold}"),
            ("hours", "every hour" if due.calendar is None else "open hours"),
        ),
    )
    customer = due.facts.names["customer"]
    clusters = customer if customer in due.facts.table.names else None
    made = share_of(
        _noted(due.facts, indicator),
        met,
        told,
        is_known=known,
        clusters=clusters,
        confidence_level=confidence_level,
    )
    share = cast("Estimate", made)  # one figure, as nothing is broken down
    receipt = evolve(
        share.receipt,
        engine="promise",
        window=span,
        **_definition(promise),
    )
    return evolve(share, receipt=receipt)
