"""Metrics of journeys: touches from the store, gathered into cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from cxm_core.engines import (
    flow,
    friction,
    funnel,
    moments_that_matter,
    outcome_by_path,
    rework,
    time_to_value,
    variants,
)
from cxm_core.results import Shape

from ._log_cases import cases_of, placed, placed_words
from ._log_inquiry import LogInquiry
from ._log_maps import measure_map
from ._log_outcomes import answered, outcomes

__all__ = ["measure_journeys"]


def measure_journeys(asked: LogInquiry) -> Shape:
    """One metric of journeys."""
    return _ENGINES[asked.metric.engine](asked)


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
        asked.refuse_groups()
        return engine(cases_of(asked), until=asked.until)

    return measured


def _time_to_value(asked: LogInquiry) -> Shape:
    start, goal = str(asked.metric.start), str(asked.metric.goal)
    return time_to_value(cases_of(asked), start=start, goal=goal, until=asked.until, by=asked.names)


def _friction(asked: LogInquiry) -> Shape:
    """Touchpoints by how hard they are, with what customers answered about them."""
    asked.refuse_groups()
    found, words = placed(cases_of(asked), asked.program), placed_words(asked.program)
    goal = asked.metric.goal
    more: dict[str, Any] = {} if goal is None else {"goal": {goal, words.get(goal, goal)}}
    told = answered(asked, found)
    if told is not None:
        more |= {"feedback": told, "scale": "0-1"}
    return friction(found, until=asked.until, **more)


def _moments(asked: LogInquiry) -> Shape:
    asked.refuse_groups()
    found = placed(cases_of(asked), asked.program)
    return moments_that_matter(found, outcome=outcomes(asked, found), until=asked.until)


def _outcome_by_path(asked: LogInquiry) -> Shape:
    asked.refuse_groups()
    found, path = cases_of(asked), asked.metric.path
    if path != "way":
        found = placed(found, asked.program)
    more: dict[str, Any] = {} if path is None else {"path": path}
    return outcome_by_path(found, outcome=outcomes(asked, found), until=asked.until, **more)


_ENGINES: Mapping[str, Callable[[LogInquiry], Shape]] = MappingProxyType(
    {
        "funnel": _funnel,
        "time_to_value": _time_to_value,
        "friction": _friction,
        "moments_that_matter": _moments,
        "outcome_by_path": _outcome_by_path,
        "map_check": measure_map,
        **{engine.__name__: _ungrouped(engine) for engine in (variants, flow, rework)},
    }
)
