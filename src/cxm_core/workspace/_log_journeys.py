"""Metrics of journeys: touches from the store, gathered into cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from cxm_core.columns import LogTable
from cxm_core.engines import cases, flow, friction, funnel, rework, time_to_value, variants
from cxm_core.errors import UsageError
from cxm_core.results import Shape

from ._log_inquiry import LogInquiry
from ._logs import event_log, rows_of

__all__ = ["cases_of", "measure_journeys"]

_RULE = "customer"


def measure_journeys(asked: LogInquiry) -> Shape:
    """One metric of journeys."""
    return _ENGINES[asked.metric.engine](asked)


def cases_of(asked: LogInquiry) -> LogTable:
    """Events of the cases that began in the window, with a column for each group."""
    rule = asked.metric.rule or _RULE
    return asked.made(("cases", asked.metric.journey, rule), lambda: _cases_of(asked, rule))


def _cases_of(asked: LogInquiry, rule: str) -> LogTable:
    events = event_log(asked.view)
    if asked.metric.journey:
        journey = events.column("journey").values
        events = rows_of(events, np.asarray(journey == asked.metric.journey, np.bool_))
    events = asked.groups.labelled(events, events, events.column("occurred_at"))
    events = asked.groups.selected(events)
    names = (*asked.groups.names, "channel", "touchpoint", "journey")
    keep = [name for name in names if name in events.names]
    found = cases(events, rule=rule, keep=dict.fromkeys(keep))
    return _begun(found, asked)


def _begun(found: LogTable, asked: LogInquiry) -> LogTable:
    """Events of the cases whose first one lies in the window."""
    if asked.window is None or not len(found):
        return found
    first = found.column("position").values == 1
    case = np.cumsum(first) - 1
    return rows_of(found, asked.within(found.column("occurred_at"))[first][case])


def _funnel(asked: LogInquiry) -> Shape:
    return funnel(
        cases_of(asked),
        asked.metric.stages,
        within=asked.metric.within,
        until=asked.until,
        by=asked.names,
    )


def _ungrouped(engine: Callable[..., Shape]) -> Callable[[LogInquiry], Shape]:
    """An engine that has groups of its own and is told by nothing else."""

    def measured(asked: LogInquiry) -> Shape:
        if asked.names:
            raise UsageError(
                f"{asked.metric.engine} has groups of its own and is told by nothing else.",
                hint="where={...} takes one group at a time",
            )
        goal = {"goal": asked.metric.goal} if asked.metric.goal else {}
        return engine(cases_of(asked), until=asked.until, **goal)

    return measured


def _time_to_value(asked: LogInquiry) -> Shape:
    start, goal = str(asked.metric.start), str(asked.metric.goal)
    return time_to_value(cases_of(asked), start=start, goal=goal, until=asked.until, by=asked.names)


_ENGINES: Mapping[str, Callable[[LogInquiry], Shape]] = MappingProxyType(
    {
        "funnel": _funnel,
        "time_to_value": _time_to_value,
        **{engine.__name__: _ungrouped(engine) for engine in (variants, flow, rework, friction)},
    }
)
