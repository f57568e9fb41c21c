"""A chapter for each journey: its map, with what was measured on it, and its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from cxm_core.columns import LogTable
from cxm_core.engines import funnel
from cxm_core.program import Journey, Metric, Touchpoint
from cxm_core.report import BlueprintMap, Chapter, Grouped, JourneyMap, PlaceFigures, Titled
from cxm_core.results import Estimate, Panel

from ._chapters import LogChapters
from ._log_maps import map_metric, placed_cases
from ._logs import rows_of

__all__ = ["MapFigures", "journey_chapters"]

_LEDE = "What customers want to get done, stage by stage, and how it goes at each touchpoint."
_REACHED = "Get there"
_TOUCHES = Metric(name="touches", engine="flow")
_PARTS = {
    "declared": "How many come to each touchpoint",
    "undeclared": "What they do beside the map",
    "loops": "Ways back that nobody drew",
}


@frozen(kw_only=True)
class MapFigures:
    """What answers say of the touchpoints of all maps.

    Parameters
    ----------
    feelings : mapping of str to Estimate
        How it was, by name of the touchpoint.
    volumes : mapping of str to Estimate
        How many come there.
    quotes : mapping of str to str
        What a customer said there.
    feeling : str
        What the figures show.
    better : {"higher", "lower"}
        Which way is good news.
    reference : Estimate or None
        The same over all touchpoints, that each is seen against.
    """

    feelings: Mapping[str, Estimate] = field(factory=dict)
    volumes: Mapping[str, Estimate] = field(factory=dict)
    quotes: Mapping[str, str] = field(factory=dict)
    feeling: str = "Feeling"
    better: Literal["higher", "lower"] = "higher"
    reference: Estimate | None = None


def journey_chapters(logs: LogChapters, told: MapFigures) -> Iterator[Chapter]:
    """Figures of journeys in general, and then a chapter for each journey."""
    program, metrics = logs.program, logs.metrics("journeys")
    general = [one for one in metrics if one.journey is None]
    if general:
        yield evolve(logs.chapter(general), lede=_LEDE)
    wanted = program.report.logs.journeys or tuple(one.name for one in program.journeys)
    for name in wanted:
        checks = map_metric(program, name)
        own = [one for one in metrics if one.journey == name and one.name != checks.name]
        yield _chapter(logs, program.journey(name), told, own)


def _chapter(
    logs: LogChapters, journey: Journey, told: MapFigures, metrics: list[Metric]
) -> Chapter:
    figures = _figures(logs, journey, told)
    value = None if told.reference is None else told.reference.value
    program = logs.program
    drawing = JourneyMap(
        journey=journey,
        touchpoints=program.touchpoints,
        figures=figures,
        feeling=told.feeling,
        reference=value,
        better=told.better,
    )
    behind = [
        BlueprintMap(
            blueprint=program.blueprint(one.name),
            figures=figures,
            feeling=told.feeling,
            reference=value,
            better=told.better,
        )
        for one in program.blueprints
        if one.journey == journey.name
    ]
    lede = ". ".join(filter(None, (journey.goal, journey.outcome)))
    chapter, checked = logs.chapter(metrics), list(_checked(logs, journey))
    groups = [one for panel in checked for one in _off_the_map(panel)]
    results = [Titled(title="The map against what customers did", result=one) for one in checked]
    return evolve(
        chapter,
        title=journey.label,
        lede=lede,
        drawings=[drawing, *behind],
        groups=(*chapter.groups, *groups),
        results=(*chapter.results, *results),
    )


def _checked(logs: LogChapters, journey: Journey) -> Iterator[Panel]:
    """The map held against what all those did who came to it; nothing where nobody did."""
    metric = map_metric(logs.program, journey.name)
    found = _placed(logs, metric)
    if _is_known(found, journey, logs).any():
        yield logs.measure(metric, logs.windows[-1])


def _off_the_map(panel: Panel) -> Iterator[Grouped]:
    """Parts of the check that have a figure for each place."""
    for name, title in _PARTS.items():
        if name in panel:
            yield Grouped(title=title, breakdown=panel[name])


def _figures(logs: LogChapters, journey: Journey, told: MapFigures) -> dict[str, PlaceFigures]:
    """What is known of each touchpoint: answers first, and how many come there by the log."""
    touchpoints = [logs.program.touchpoint(name) for name in journey.touchpoints]
    found = _events(logs, journey)
    counts = _counts(found, touchpoints)
    # Touches that carry no journey are of anyone's: they can be counted, and not followed.
    is_followed = len(found) > 0 and not found.column("journey").is_missing.any()
    met = [one for one in touchpoints if counts[one.name] and is_followed]
    reached = _reached(found, met, logs)
    return {
        one.name: PlaceFigures(
            feeling=told.feelings.get(one.name),
            volume=counts[one.name] or told.volumes.get(one.name),
            quote=told.quotes.get(one.name, ""),
            more={_REACHED: reached[one.name]} if one.name in reached else {},
        )
        for one in touchpoints
    }


def _placed(logs: LogChapters, metric: Metric = _TOUCHES) -> LogTable:
    """All touches, each named after its touchpoint where it has one."""
    return placed_cases(logs.inquiry(metric, logs.windows[-1]))


def _events(logs: LogChapters, journey: Journey) -> LogTable:
    """Touches that carry the journey, or carry none and happen at one of its touchpoints."""
    placed = _placed(logs)
    carried = placed.column("journey")
    is_known = _is_known(placed, journey, logs)
    is_own = np.where(carried.is_missing, is_known, carried.values == journey.name)
    return rows_of(placed, is_own.astype(np.bool_))


def _is_known(placed: LogTable, journey: Journey, logs: LogChapters) -> NDArray[np.bool_]:
    """Touches at the touchpoints of a journey."""
    touchpoints = [logs.program.touchpoint(name) for name in journey.touchpoints]
    known = {name for one in touchpoints for name in (one.name, *one.activities)}
    return np.array([name in known for name in placed.column("activity").values.tolist()], np.bool_)


def _counts(events: LogTable, touchpoints: list[Touchpoint]) -> Counter[str]:
    """How many touches there are at each touchpoint."""
    of_activity = Counter(events.column("activity").values.tolist())
    return Counter(
        {
            one.name: sum(of_activity[activity] for activity in {one.name, *one.activities})
            for one in touchpoints
        }
    )


def _reached(
    events: LogTable, touchpoints: list[Touchpoint], logs: LogChapters
) -> dict[str, Estimate]:
    """Share of the cases that get to each touchpoint after the first."""
    if len(touchpoints) < 2:
        return {}
    stages = {one.name: sorted({one.name, *one.activities}) for one in touchpoints}
    shares = funnel(events, stages, until=logs.now)
    return {one.name: shares[one.name] for one in touchpoints[1:]}
