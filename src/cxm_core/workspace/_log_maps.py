"""A map of the program held against the events of a store."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import LogTable
from cxm_core.engines import map_check
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.program import Blueprint, Journey, Metric, Program, Stage
from cxm_core.results import Panel

from ._log_cases import cases_of, placed
from ._log_inquiry import LogInquiry
from ._logs import rows_of

__all__ = ["Drawn", "cases_at", "map_metric", "measure_map", "placed_cases"]

_ENGINE = "map_check"


@frozen(kw_only=True)
class Drawn:
    """What a program declares of one map.

    Parameters
    ----------
    journey : Journey
        The journey; that which a blueprint makes by itself where it serves none.
    blueprint : Blueprint or None
        The blueprint, whose steps are declared, too.
    """

    journey: Journey
    blueprint: Blueprint | None = None

    @classmethod
    def of(cls, program: Program, metric: Metric) -> Drawn:
        """The map that a metric names."""
        blueprint = program.blueprint(metric.blueprint) if metric.blueprint else None
        name = metric.journey or (blueprint.journey if blueprint else None)
        if name is not None:
            return cls(journey=program.journey(name), blueprint=blueprint)
        return cls(journey=_alone(str(metric.blueprint), blueprint), blueprint=blueprint)

    def words(self, program: Program) -> set[str]:
        """What a log may call the places of the map."""
        steps = self.blueprint.steps if self.blueprint else ()
        names = {*self.journey.touchpoints, *(step.touchpoint or step.name for step in steps)}
        known = (one for one in program.touchpoints if one.name in names)
        return {
            *names,
            *(step.name for step in steps),
            *(w for one in known for w in one.activities),
        }


def _alone(name: str, blueprint: Blueprint | None) -> Journey:
    stages = (blueprint.stages if blueprint else ()) or (Stage(name=name),)
    return Journey(name=name, stages=stages)


def map_metric(program: Program, name: str) -> Metric:
    """The metric that checks a map: that of the program, or one without settings."""
    for metric in program.metrics:
        if metric.engine == _ENGINE and name in (metric.name, metric.journey, metric.blueprint):
            return metric
    journeys = {one.name for one in program.journeys}
    blueprints = {one.name for one in program.blueprints}
    if name in journeys:
        return Metric(name=_ENGINE, engine=_ENGINE, journey=name)
    if name in blueprints:
        return Metric(name=_ENGINE, engine=_ENGINE, blueprint=name)
    near = did_you_mean(name, [*sorted(journeys), *sorted(blueprints)])
    raise UsageError(f"The program has no journey or blueprint {name!r}.", hint=near)


def measure_map(asked: LogInquiry) -> Panel:
    """The map held against what all those did who came to it."""
    asked.refuse_groups()
    drawn = Drawn.of(asked.program, asked.metric)
    found = placed_cases(asked)
    came = cases_at(found, drawn.words(asked.program))
    _check_came(found, came, drawn.journey.name)
    system: dict[str, Any] = {"system": asked.metric.system} if asked.metric.system else {}
    return map_check(
        came,
        drawn.journey,
        touchpoints=asked.program.touchpoints,
        blueprint=drawn.blueprint,
        until=asked.until,
        **system,
    )


def _check_came(found: LogTable, came: LogTable, name: str) -> None:
    if not len(found):
        raise UsageError(
            f"There is no event to hold against the map {name!r}.",
            hint="another window, or what the sources have since: cxm sync",
        )
    if not len(came):
        raise UsageError(
            f"None of {len(found):,} events happened at a place of the map {name!r}.",
            hint="activities of its touchpoints say what the log calls them",
        )


def placed_cases(asked: LogInquiry) -> LogTable:
    """Cases of all touches, whichever journey they carry, each named after its touchpoint."""
    metric = asked.metric.model_copy(update={"journey": None})
    return placed(cases_of(evolve(asked, metric=metric)), asked.program)


def cases_at(found: LogTable, words: set[str]) -> LogTable:
    """Cases of which some event happened at one of these places."""
    case = np.cumsum(found.column("position").values == 1) - 1
    told = found.column("activity").values.tolist()
    is_here: NDArray[np.bool_] = np.fromiter((one in words for one in told), bool, len(told))
    return rows_of(found, np.isin(case, case[is_here]))
