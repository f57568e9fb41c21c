"""Metrics of tickets: their events from the store, made into tickets, and what is told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import evolve

from cxm_core.columns import LogTable, Tickets
from cxm_core.engines import (
    agent_work,
    compare_times,
    escalation_rate,
    first_reply_time,
    mean_resolution_time,
    one_touch,
    reopen_rate,
    requester_wait,
    resolution_curve,
    resolution_time,
    sla_attainment,
    ticket_ends,
    tickets,
)
from cxm_core.errors import UsageError
from cxm_core.program import Metric
from cxm_core.results import Shape

from ._log_groups import Groups
from ._log_inquiry import LogInquiry
from ._logs import events_of, rows_of, ticket_log

__all__ = ["measure_tickets", "tickets_of"]

_ENGINES: Mapping[str, Callable[..., Shape]] = MappingProxyType(
    {
        engine.__name__: engine
        for engine in (
            first_reply_time,
            resolution_time,
            mean_resolution_time,
            resolution_curve,
            ticket_ends,
            requester_wait,
            agent_work,
            sla_attainment,
            reopen_rate,
            escalation_rate,
            one_touch,
        )
    }
)
# Keyword of an engine for each setting of a metric, where it has another name.
_KEYWORDS = {"within": "window"}
_KEYWORDS_OF = {
    "sla_attainment": {"definition": "of"},
    "mean_resolution_time": {"within": "within"},
    "compare_times": {"within": "within"},
}
_CUSTOMER = "customer"
_OF_REPLIES = ("first_reply_time", "one_touch")
_MUTE = "of a source that tells no replies"
_KEPT = (_CUSTOMER, "channel", "reason", "priority", "team", "due_at")


def measure_tickets(asked: LogInquiry) -> Shape:
    """One metric of tickets, each customer a cluster."""
    return _OTHERS.get(asked.metric.engine, _told)(asked)


def _told(asked: LogInquiry) -> Shape:
    engine = _ENGINES[asked.metric.engine]
    found = tickets_of(asked, is_of_replies=_is_of_replies(asked.metric))
    return engine(found, by=asked.names, clusters=_CUSTOMER, **_options(asked))


def _compare_times(asked: LogInquiry) -> Shape:
    """Groups of one column against one of them: the caller's, or that of the metric."""
    names = asked.names or [*asked.metric.across] or ["channel"]
    if len(names) > 1:
        raise UsageError(
            f"compare_times compares the groups of one column, and {len(names)} are given.",
            hint="by='channel'; where={...} takes one group of another column",
        )
    options = {name: value for name, value in _options(asked).items() if name != "across"}
    by = names[0].removeprefix("attributes.")
    found = tickets_of(asked if asked.names else _told_by(asked, names))
    return compare_times(found, by=by, clusters=_CUSTOMER, **options)


def _told_by(asked: LogInquiry, names: list[str]) -> LogInquiry:
    """The same with groups that nobody asked for by name."""
    groups = Groups.of("tickets", names, zone=asked.program.zone)
    return evolve(asked, groups=evolve(asked.groups, by={**asked.groups.by, **groups.by}))


_OTHERS: Mapping[str, Callable[[LogInquiry], Shape]] = MappingProxyType(
    {"compare_times": _compare_times}
)


def _options(asked: LogInquiry) -> dict[str, Any]:
    names = _KEYWORDS | _KEYWORDS_OF.get(asked.metric.engine, {})
    told = asked.metric.settings | ({"calendar": asked.calendar} if asked.calendar else {})
    return {names.get(name, name): value for name, value in told.items()}


def _is_of_replies(metric: Metric) -> bool:
    return metric.engine in _OF_REPLIES or metric.definition == "first_reply"


def tickets_of(asked: LogInquiry, *, is_of_replies: bool = False) -> Tickets:
    """Tickets that were opened in the window, with a column for each group.

    A figure about replies leaves out the tickets of sources that tell of none.
    """
    key = ("tickets", is_of_replies)
    return asked.made(key, lambda: _tickets_of(asked, is_of_replies=is_of_replies))


def _tickets_of(asked: LogInquiry, *, is_of_replies: bool) -> Tickets:
    facts, events = ticket_log(asked.view)
    facts = asked.groups.labelled(facts, facts, facts.column("occurred_at"))
    chosen = asked.groups.selected(facts)
    told = _replying(chosen, events) if is_of_replies else chosen
    keep = dict.fromkeys((*_KEPT, *asked.groups.names))
    found = tickets(events_of(events, told), told, until=asked.until, keep=keep)
    mute = len(chosen) - len(told)
    return evolve(found, exclusions=(*found.exclusions, (_MUTE, mute))) if mute else found


def _replying(facts: LogTable, events: LogTable) -> LogTable:
    """Tickets of sources that tell of replies."""
    is_comment = np.asarray(events.column("event").values == "comment", np.bool_)
    sources = set(events.column("source").values[is_comment].tolist())
    known = [source in sources for source in facts.column("source").values.tolist()]
    return rows_of(facts, np.array(known, np.bool_))
