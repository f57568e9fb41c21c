"""Whether it makes no difference for customers in which channel they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve

from cxm_core.columns import Tickets, read_crossed
from cxm_core.engines.contacts import Issues, effort
from cxm_core.engines.feedback import equivalent
from cxm_core.errors import UsageError
from cxm_core.results import Caveat, Panel, Receipt, Verdict, check_level
from cxm_core.vocabulary import Scale, parse_duration, takes

from ._issue_facts import Facts, facts_of
from ._parity_groups import Sides, alone, axes_of, pairs_of, part_name
from ._parity_sides import CSAT, Asked
from ._parity_times import MEAN_TIME, TIME, Times
from ._rows import noted, stamp

Margin: TypeAlias = float | str | timedelta

_NO_COLUMNS: Mapping[str, str] = MappingProxyType({})
_METHOD = "two one-sided tests"


@takes(
    margins="mapping", against="text?", channel="text", by="names?", q="number", columns="mapping"
)
def channel_parity(
    issues: object,
    *,
    margins: Mapping[str, Margin],
    against: str | None = None,
    channel: str = "channel",
    by: str | Iterable[str] | None = None,
    scale: str | Scale | None = None,
    until: datetime | None = None,
    q: float = 0.5,
    up_to: str | timedelta | None = None,
    columns: Mapping[str, str] = _NO_COLUMNS,
    confidence_level: float = 0.95,
) -> Panel:
    """Whether customers fare alike in every channel: satisfaction, time and effort, shown or not.

    That no difference is shown does not show that there is none.
    Each channel is held against one of them, and is called alike only where the data leave no room
    for a difference that matters.

    Parameters
    ----------
    issues : Issues, Tickets or table
        What `issues` made of contacts or `tickets` of a log, or any table with one row an issue.
    margins : mapping of str to number, or to a length of time
        What is compared, and differences of it that do not matter: ``csat`` in shares,
        ``resolution_time`` or ``mean_resolution_time`` such as ``"4h"``; of `Issues` a part of
        their `effort`, such as ``contacts``, ``transfers``, ``wait`` or ``re_explanations``; of a
        table any column of numbers. Each in its own unit.
    against : str or None
        Channel that the others are held against; None for the one with most issues.
    channel : str
        Column of the channel.
    by : column name or names, or None
        Groups, such as ``"reason"``, in each of which the channels are compared by themselves:
        channels that get other matters differ by what they get. One channel is held against in all.
    scale : str, Scale or None
        Scale of the answers, for ``csat``.
    until : datetime or None
        End of the log, aware, where issues of a table are still open: each has lasted until then.
        Issues and tickets that were made from a log know its end.
    q : float in (0, 1)
        Share of issues that is solved by the time that is compared: 0.5 for the median.
    up_to : str, timedelta or None
        For ``mean_resolution_time``: what lasts longer counts as this.
    columns : mapping of str to str
        Columns with other names than ours: ``csat`` is in ``score``, ``opened`` and ``solved`` in
        ``opened_at`` and ``solved_at``, ``customer`` in ``customer``.
    confidence_level : float in (0, 1)
        One less the chance of calling two channels alike that are not.

    Returns
    -------
    Panel
        A `Verdict` for each measure and channel, under names such as ``csat: chat``, or
        ``late, csat: chat`` of a group; the difference is the channel less `against`. Issues of a
        group without another channel, or without `against`, are counted in the receipt.

    Raises
    ------
    UsageError
        No margin is given or one is not above zero, a column or the channel is not there, the
        channel is a group, or there is one channel only, be it in every group.

    Notes
    -----
    Two one-sided tests: each difference is held against its margin by the interval at 90 %, for a
    confidence level of 95 %.
    Satisfaction is compared by the score interval of each channel, means by Fieller's, times by the
    limits of the Kaplan-Meier quantile in which open issues count as unfinished, all with customers
    as clusters; two intervals become one of the difference by MOVER.
    That all channels are alike may be said where every verdict says so, without any correction for
    their number; that one of many is alike may not.
    Customers who came by several channels are on both sides, which makes the verdicts careful: the
    interval is longer than it needs to be.
    Times of `Tickets` are those of `resolution_time` and `mean_resolution_time`.
    Of `Issues`, the channel is that of the first contact, the answer the last one given, and the
    effort that of the issues whose horizon is over, as `effort` tells it.

    References
    ----------
    .. [1] Schuirmann, D., A comparison of the two one-sided tests procedure and the power approach
       for assessing the equivalence of average bioavailability, 1987, Journal of Pharmacokinetics
       and Biopharmaceutics 15, 657-680.
    .. [2] Zou, G. and Donner, A., Construction of confidence limits about effect measures: a
       general approach, 2008, Statistics in Medicine 27, 1693-1702.
    .. [3] Berger, R. and Hsu, J., Bioequivalence trials, intersection-union tests and equivalence
       confidence sets, 1996, Statistical Science 11, 283-319.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    >>> issues = {
    ...     "customer": range(800), "opened_at": [noon] * 800, "channel": ["chat", "email"] * 400,
    ...     "score": [5, 5, 4, 4, 2, 2, 5, 5] * 100,
    ... }
    >>> alike = cx.channel_parity(issues, margins={"csat": 0.1}, scale="1-5", against="chat")
    >>> alike["csat: email"].decision
    'equivalent'
    """
    check_level(confidence_level)
    both = 1.0 - 2.0 * (1.0 - confidence_level)
    end = None if until is None else stamp(until)
    given = _margins(margins)
    axes = axes_of(by, channel)
    efforts = _effort(issues, axes, both)
    facts = _facts(issues, [*given, *axes[:-1]], ({"channel": channel, **columns}, efforts))
    reference = _reference(facts, against)
    times = Times(
        until=end,
        axes=axes,
        q=q,
        up_to=None if up_to is None else parse_duration(up_to),
        level=both,
        tickets=issues if isinstance(issues, Tickets) else None,
    )
    asked = Asked(scale=scale, level=both, times=times, effort=efforts)
    counted = "tickets" if isinstance(issues, Tickets) else "issues"
    found = {name: asked.sides(name, facts) for name in given}
    verdicts = _verdicts(found, reference, given, confidence_level)
    parts: dict[str, Any] = {
        name: _counted_in(counted, verdict) for name, verdict in verdicts.items()
    }
    receipt = Receipt(
        engine="channel_parity",
        method=_METHOD,
        confidence_level=confidence_level,
        parameters=(*facts.table.parameters, ("against", reference)),
        steps=facts.table.steps,
        exclusions=(*facts.table.exclusions, *alone(facts, axes, reference)),
        counted=counted,
    )
    told = _told(facts, given, is_log=isinstance(issues, Tickets))
    return Panel(metric="channel parity", parts=parts, receipt=receipt, own_caveats=told)


def _verdicts(
    found: Mapping[str, Sides], reference: str, margins: Mapping[str, float], level: float
) -> dict[str, Verdict]:
    """Verdict of each measure, group and channel."""
    parts = {
        part_name(name, group): equivalent(
            sides[(*group[:-1], reference)],
            sides[group],
            margin=margins[name],
            confidence_level=level,
        )
        for name, sides in found.items()
        for group in pairs_of(sides, reference)
    }
    if not parts:
        raise UsageError(
            f"No measure is known of {reference} and of another channel in one group.",
            hint="fewer groups, or against= a channel that comes with others",
        )
    return parts


def _told(facts: Facts, margins: Mapping[str, float], *, is_log: bool) -> tuple[Caveat, ...]:
    """What to know of the issues, and of those that were over before they began."""
    is_timed = not is_log and not {TIME, MEAN_TIME}.isdisjoint(margins)
    at_once = int(facts.backwards("solved").sum()) if is_timed else 0
    notes = noted(facts.table, "over_at_once", at_once).notes
    return tuple(Caveat.of(code, count=count) for code, count in notes)


def _effort(issues: object, axes: tuple[str, ...], level: float) -> Panel | None:
    """Effort by group and channel, where contacts are known."""
    if not isinstance(issues, Issues):
        return None
    return effort(issues, by=[*axes], confidence_level=level)


def _facts(
    issues: object, wanted: Sequence[str], asked: tuple[Mapping[str, str], Panel | None]
) -> Facts:
    columns, efforts = asked
    words = ["channel"]
    for name in wanted:
        words += ["opened", "solved"] if name in (TIME, MEAN_TIME) else [name]
    words = [word for word in words if efforts is None or word not in efforts]
    facts = facts_of(issues, words, columns=columns)
    return facts.only(~facts.column("channel").is_missing, "no channel")


def _margins(margins: Mapping[str, Margin]) -> dict[str, float]:
    """The margins in the units of their measures."""
    if not margins:
        raise UsageError(
            "No margin is given, and so nothing to compare.",
            hint="margins={'csat': 0.05, 'resolution_time': '4h', 'contacts': 0.2}",
        )
    return {name: _margin(name, margin) for name, margin in margins.items()}


def _margin(name: str, margin: Margin) -> float:
    """The margin in the unit of its measure; a length of time in seconds."""
    if isinstance(margin, str | timedelta):
        return parse_duration(margin).total_seconds()
    if not 0 < margin < float("inf"):
        raise UsageError(f"The margin of {name} is {margin!r}, and it must be above zero.")
    return float(margin)


def _reference(facts: Facts, against: str | None) -> str:
    (found,) = read_crossed(facts.table, [(facts.names["channel"],)], what="the issues")
    channels = [str(label) for (label,) in found.labels]
    if len(channels) < 2:
        raise UsageError(f"There are {len(channels)} channels, and two are needed.")
    if against is None:
        counts = np.bincount(found.codes, minlength=len(channels))
        return min(zip(-counts, channels, strict=True))[1]
    if against not in channels:
        raise UsageError(
            f"No issue came by the channel {against!r}; there are {len(channels)} others.",
            hint="without against= the commonest channel is taken",
        )
    return against


def _counted_in(counted: str, found: Verdict) -> Verdict:
    """The verdict with the word for what its sides were made of."""
    what = "answers" if found.metric == CSAT else counted
    return evolve(found, receipt=evolve(found.receipt, counted=what))
