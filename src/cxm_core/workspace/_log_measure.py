"""From a metric of a log to its number: the log is read from the store, the engine measures it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import evolve

from cxm_core.errors import ConfigurationError, UsageError, did_you_mean
from cxm_core.program import LOG_ENGINES, Metric, Program
from cxm_core.results import Breakdown, Caveat, Curve, Estimate, Panel, Shape, show_values
from cxm_core.stats import Axis

from ._log_contacts import measure_issues
from ._log_inquiry import LogInquiry
from ._log_journeys import measure_journeys
from ._log_tickets import measure_tickets
from ._unfinished import flagged, flagged_curve, with_caveat

__all__ = ["log_metric", "measure_log", "received"]

_TOPICS: Mapping[str, Callable[[LogInquiry], Shape]] = MappingProxyType(
    {"tickets": measure_tickets, "issues": measure_issues, "journeys": measure_journeys}
)
AnyShape = TypeVar("AnyShape", bound=Shape)


def measure_log(asked: LogInquiry) -> Shape:
    """Read the log, measure, and say in the receipt what was measured."""
    made = _TOPICS[str(asked.metric.topic)](asked)
    return received(
        _timeless(_flagged(made, asked)),
        definition=asked.metric.name,
        version=asked.metric.version,
        definition_hash=asked.metric.definition_hash,
        filters=[(one.column, show_values(one.values)) for one in asked.groups.where],
        window=asked.window,
        as_of=asked.as_of,
        measured_at=asked.now,
    )


def _timeless(result: AnyShape) -> AnyShape:
    """The result without the end of the log among its settings: the receipt tells it elsewhere."""
    told = tuple(pair for pair in result.receipt.parameters if pair[0] != "until")
    return result.with_receipt(parameters=told)


def received(result: AnyShape, **facts: Any) -> AnyShape:
    """The result with more facts in its receipt, and in those of its parts."""
    told = result.with_receipt(**facts)
    if not isinstance(told, Panel):
        return told
    parts: Any = {name: received(part, **facts) for name, part in told.parts.items()}
    return evolve(told, parts=parts)


def _flagged(result: Shape, asked: LogInquiry) -> Shape:
    """The result, with a caveat where its window or period is not over yet."""
    if isinstance(result, Panel) and asked.groups.every is not None:
        parts: Any = {name: _flagged(part, asked) for name, part in result.parts.items()}
        return evolve(result, parts=parts)
    if isinstance(result, Estimate | Breakdown | Curve):
        known = {axis.name: axis for axis in asked.groups.axes}
        axes = [known.get(name, Axis(name=name, column=name)) for name in result.axes]
        over: dict[str, Any] = {"now": asked.until, "by": axes, "window": asked.window}
        if isinstance(result, Curve):
            return flagged_curve(result, **over)
        return flagged(result, **over)
    if asked.window is None or asked.window.end <= asked.until:
        return result
    told: Shape = with_caveat(result, Caveat.of("unfinished"))
    return told


def log_metric(program: Program, name: str) -> Metric:
    """Metric of the program; or an engine of logs by its own name, which needs no definition."""
    named = {metric.name: metric for metric in program.metrics}
    if name in named:
        return named[name]
    if name not in LOG_ENGINES:
        near = did_you_mean(name, LOG_ENGINES) or ""
        hint = near if near.startswith("did you mean") else did_you_mean(name, named)
        raise UsageError(f"The program has no metric {name!r}.", hint=hint)
    try:
        return Metric(name=name, engine=name)
    except ConfigurationError as error:
        raise UsageError(
            f"{error.message} So it needs a metric in the program.", hint=error.hint
        ) from error
