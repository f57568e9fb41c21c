"""Why two definitions give two figures of one log, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from cxm_core.engines.contacts import Issues
from cxm_core.engines.feedback import split_gap
from cxm_core.engines.support import TICKET_DEFINITIONS
from cxm_core.errors import UsageError
from cxm_core.results import Estimate, Receipt, Step, Waterfall
from cxm_core.vocabulary import parse_duration

from ._log_definitions import LogDefinition, log_definition
from ._rate_aspects import RATE_ASPECTS
from ._rules import Rule, mixed_share, share_rules, time_changes
from ._share_aspects import ASPECTS, Log

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_METHOD = "shapley"


def explain_definitions(
    log: object,
    before: str | LogDefinition,
    after: str | LogDefinition,
    *,
    window: str | timedelta | None = None,
    q: float = 0.5,
    until: datetime | None = None,
) -> Waterfall:
    """Why a vendor's figure and ours differ on one log: the gap, rule by rule.

    Parameters
    ----------
    log : Issues or Tickets
        For shares, such as one-touch resolution, reopening or containment: the issues that
        `issues` made of a table of tickets or contacts. For times, such as the time to resolution:
        tickets.
    before, after : str or LogDefinition
        Two of `LOG_DEFINITIONS`, such as ``"one_touch.zendesk"``; the gap is `after` less `before`.
    window : str, timedelta or None
        How far shares look forward; None for the window of the issues.
    q : float in (0, 1)
        Of times: the share of tickets that is over.
    until : datetime or None
        Of times: end of what is known, aware.

    Returns
    -------
    Waterfall
        One step for each rule in which the definitions differ, adding up to the gap.

    Raises
    ------
    UsageError
        A definition is unknown, the two have no unit or no log in common, one figure has no value,
        or a column is not there.

    Notes
    -----
    Each rule is changed in every mixture of the others, and gets its mean over all orders
    (Shapley), so no order has to be chosen.
    Two rules of which a mixture has no value become one step.
    The sizes are arithmetic on the log at hand and have no interval.

    References
    ----------
    .. [1] Shapley, L., A value for n-person games, 1953, Contributions to the Theory of Games II,
       307-317.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 40
    >>> solved = [at + timedelta(hours=i) for i, at in enumerate(opened[:30], start=1)]
    >>> log = {"occurred_at": opened, "solved_at": solved + [None] * 10,
    ...        "closed_at": [None] * 40}
    >>> fall = cx.explain_definitions(log, "resolution_time.zendesk", "resolution_time.full",
    ...     until=datetime(2026, 11, 4, 9, tzinfo=UTC))
    >>> [(step.name, step.value / 3600) for step in fall.steps]
    [('what is not over', 5.0)]
    """
    sides = _named(before), _named(after)
    figures = {_FIGURES.get(side.metric, side.metric) for side in sides}
    if len(figures) == 1 and all(side.name in _SHARES for side in sides):
        length = None if window is None else parse_duration(window)
        return _of_shares(log, sides, length)
    if len(figures) > 1 or not figures <= _TIMED:
        names = " and ".join(side.name for side in sides)
        raise UsageError(
            f"{names} cannot be led over into each other.",
            hint="two definitions of one figure, or of one_touch and first_contact_resolution",
        )
    return _of_times(log, sides, {"q": q, "until": until} if until is not None else {"q": q})


#: Two figures that are taken for one: solved at once.
_FIGURES = dict.fromkeys(("one_touch", "first_contact_resolution"), "solved at once")
_SHARES = {**ASPECTS, **RATE_ASPECTS}
_TIMED = frozenset({"first_reply_time", "resolution_time", "requester_wait", "agent_work"})


def _named(side: str | LogDefinition) -> LogDefinition:
    return side if isinstance(side, LogDefinition) else log_definition(side)


def _of_shares(
    log: object, sides: tuple[LogDefinition, LogDefinition], window: timedelta | None
) -> Waterfall:
    if not isinstance(log, Issues):
        raise UsageError(
            f"Shares are explained on issues, and this is of the type {type(log).__name__}.",
            hint="cx.issues(cx.tickets(...), ...)",
        )
    span = log.within_us if window is None else window // _TICK
    facts = Log(issues=log, window_us=span)
    first, last = (_SHARES[side.name](facts) for side in sides)
    rules = share_rules(first, last)
    names = [rule.name for rule in rules]
    values = [mixed_share(first, last, _chosen(names, bits)) for bits in range(1 << len(rules))]
    ends = [_measured(_on(side, log, span)) for side in sides]
    return _wrap(sides, (ends[0], ends[1]), "share", _steps(rules, values, ends))


def _on(side: LogDefinition, log: Issues, span: int) -> Any:
    """The figure as its own engine finds it."""
    asked: dict[str, Any] = {}
    if side.name in _LOOKING:
        asked["window"] = timedelta(microseconds=span)
    if side.counts == "issues":
        return side(log, **asked)
    return side(log.as_contacts(), until=_EPOCH + timedelta(microseconds=log.until_us), **asked)


_LOOKING = frozenset(
    name
    for name in _SHARES
    if name.startswith(("first_contact", "containment"))
    or name in ("one_touch.one_reply", "reopen_rate.within", "escalation_rate.within")
)


def _chosen(names: Sequence[str], bits: int) -> set[str]:
    return {name for place, name in enumerate(names) if bits >> place & 1}


def _of_times(
    log: object, sides: tuple[LogDefinition, LogDefinition], asked: dict[str, Any]
) -> Waterfall:
    first, last = (TICKET_DEFINITIONS[side.metric][side.variant] for side in sides)
    changes = time_changes(first, last)
    rules = [rule for rule, _ in changes]
    values = []
    for bits in range(1 << len(changes)):
        mixed = first
        for place, (_, change) in enumerate(changes):
            mixed = change(mixed) if bits >> place & 1 else mixed
        values.append(_value(sides[0].engine(log, definition=mixed, **asked)))
    ends = [_measured(side(log, **asked)) for side in sides]
    return _wrap(sides, (ends[0], ends[1]), "seconds", _steps(rules, values, ends))


def _value(found: Estimate) -> float | None:
    return None if found.value is None or not isfinite(found.value) else float(found.value)


def _measured(found: Estimate) -> float:
    value = _value(found)
    if value is None:
        raise UsageError(
            f"{found.metric} has no value by one of the definitions.", hint="a longer log"
        )
    return value


def _steps(
    rules: Sequence[Rule], values: Sequence[float | None], ends: Sequence[float]
) -> list[Step]:
    return split_gap(rules, values, (ends[0], ends[1])) if rules else []


def _wrap(
    sides: tuple[LogDefinition, LogDefinition],
    ends: tuple[float, float],
    unit: str,
    steps: Sequence[Step],
) -> Waterfall:
    before, after = sides
    return Waterfall(
        metric=before.metric
        if before.metric == after.metric
        else f"{before.metric}, {after.metric}",
        unit=unit,
        start=ends[0],
        end=ends[1],
        steps=steps,
        method=_METHOD,
        labels=(before.name, after.name),
        receipt=Receipt(
            engine="explain_definitions",
            method=_METHOD,
            confidence_level=0.95,
            definition=after.name,
            version=after.version,
            definition_hash=after.definition_hash,
            parameters=(("before", before.name), ("after", after.name)),
        ),
    )
