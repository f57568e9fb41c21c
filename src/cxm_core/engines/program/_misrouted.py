"""Contacts that were handled in a channel where their matter does not belong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias, TypedDict, Unpack, overload

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable, Wanted, read_crossed, read_log
from cxm_core.engines.feedback import Told, share_of
from cxm_core.errors import UsageError
from cxm_core.program import ChannelRule, Program
from cxm_core.results import Breakdown, Estimate
from cxm_core.vocabulary import Channel, takes

from ._declarations import all_of

Rules: TypeAlias = Program | ChannelRule | Iterable[ChannelRule]

_LEFT_OUT = "no rule, or no channel"


class _Asked(TypedDict, total=False):
    channel: str
    reason: str
    customer: str | None
    confidence_level: float
    method: str


@overload
def misrouted(
    contacts: object, rules: Rules, *, by: None = ..., **asked: Unpack[_Asked]
) -> Estimate: ...
@overload
def misrouted(
    contacts: object, rules: Rules, *, by: object, **asked: Unpack[_Asked]
) -> Breakdown: ...
@takes(channel="name", reason="name", customer="name?")
def misrouted(
    contacts: object,
    rules: Rules,
    *,
    channel: str = "channel",
    reason: str = "reason",
    customer: str | None = "customer",
    by: Any = None,
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Estimate | Breakdown:
    """Share of contacts that were handled in a channel where their matter does not belong.

    Parameters
    ----------
    contacts : table
        One row a contact or issue: any frame, an Arrow stream, a mapping of columns, or the issues
        that `issues` made.
    rules : Program, ChannelRule or sequence of ChannelRule
        Which matters belong in which channels.
    channel : str
        Column of the channel in which it was handled.
    reason : str
        Column of the reason for which the customer came, in the words that the rules use.
    customer : str or None
        Column of the customer, whose contacts resemble each other; None if there is none.
    by : column names, sequence, list or mapping
        Groups; ``"rule"`` is the rule that speaks of the contact.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Interval of the share; see `csat`.

    Returns
    -------
    Estimate or Breakdown
        Share from 0 to 1 of the contacts of which some rule speaks; the others are left out and
        counted. A Breakdown if there are groups.

    Raises
    ------
    UsageError
        There is no rule, two rules speak of one reason, or a column is not there.

    Notes
    -----
    A contact that came in the wrong channel and was handed to the right one is told by the channel
    in which it was handled: give that column, or the first one, as the question is.
    The interval takes the contacts of one customer for one cluster.

    References
    ----------
    .. [1] Newcombe, R., Two-sided confidence intervals for the single proportion, 1998, Statistics
       in Medicine 17, 857-872, method 6.

    Examples
    --------
    >>> from cxm_core.engines import misrouted
    >>> from cxm_core.program import ChannelRule
    >>> rule = ChannelRule(name="fraud", reasons="fraud", channels="phone")
    >>> contacts = {"reason": ["fraud"] * 80, "channel": ["phone", "chat"] * 40}
    >>> misrouted(contacts, rule, customer=None)
    Estimate(misrouted 50.0%, 95% interval 39.1% to 60.9%, n=80)
    """
    known = _rules(rules)
    needed = {channel: "channel=", reason: "reason="}
    if customer is not None:
        needed[customer] = "customer="
    is_by_rule = isinstance(by, str) and by == "rule"
    groups = None if is_by_rule else by
    table = read_log(contacts, Wanted(needed=needed, by=groups), what="the contacts")
    place, is_allowed = _judged(table, (reason, channel), known)
    told = Told(
        metric="misrouted",
        counted="contacts",
        why_left_out=_LEFT_OUT,
        parameters=(("rules", "; ".join(_told(rule) for rule in known)),),
    )
    return share_of(
        _with_rule(table, place, known) if is_by_rule else table,
        ~is_allowed,
        told,
        is_known=place >= 0,
        by=by,
        clusters=customer,
        confidence_level=confidence_level,
        method=method,
    )


def _rules(rules: Rules) -> tuple[ChannelRule, ...]:
    if isinstance(rules, Program):
        known = rules.channel_rules
    else:
        known = (rules,) if isinstance(rules, ChannelRule) else all_of(ChannelRule, rules, "rules")
    if not known:
        raise UsageError(
            "There is no channel rule to hold contacts against.",
            hint="channel_rules of the program",
        )
    reasons = [reason for rule in known for reason in rule.reasons]
    if len(set(reasons)) < len(reasons):
        raise UsageError(f"{len(known)} channel rules speak of one reason twice.")
    return known


def _told(rule: ChannelRule) -> str:
    return f"{rule.name} in {', '.join(rule.channels)}"


def _judged(
    table: LogTable, names: tuple[str, str], rules: tuple[ChannelRule, ...]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Place of the rule of each row, -1 for none, and whether it allows the channel."""
    reasons = {reason: place for place, rule in enumerate(rules) for reason in rule.reasons}
    (pairs,) = read_crossed(table, [names], what="the contacts")
    rule_of, allowed = [], []
    for reason, channel in pairs.labels:
        place = -1 if channel is None else reasons.get(str(reason), -1)
        rule_of.append(place)
        allowed.append(place >= 0 and Channel.parse(str(channel)) in rules[place].channels)
    return np.array(rule_of, np.int64)[pairs.codes], np.array(allowed, np.bool_)[pairs.codes]


def _with_rule(
    table: LogTable, place: NDArray[np.int64], rules: tuple[ChannelRule, ...]
) -> LogTable:
    """The rows of which some rule speaks, with its name as a column."""
    names = np.array([*(rule.name for rule in rules), None], dtype=object)
    rule = Column(values=names[place], is_missing=place < 0)
    return evolve(table, columns={**table.columns, "rule": rule})
