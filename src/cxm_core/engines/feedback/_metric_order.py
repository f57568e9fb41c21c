"""From the name of a metric, or its definition, to what is to be counted."""

from __future__ import annotations

from attrs import evolve

from cxm_core.errors import UsageError
from cxm_core.results import Receipt

from ._engine import engine_named
from ._metric_definition import MetricDefinition
from ._order import Order, ScaleLike


def metric_order(
    metric: str | MetricDefinition, scale: ScaleLike | None, confidence_level: float
) -> Order:
    """What a metric counts, at the usual method for its intervals."""
    if isinstance(metric, MetricDefinition):
        if scale is not None:
            raise UsageError(
                f"{metric.name} has a scale of its own.", hint="leave scale= out of the call"
            )
        return Order.of(
            metric.engine, metric.scale, None, of=metric.of, confidence_level=confidence_level
        )
    return Order.of(engine_named(metric), scale, None, confidence_level=confidence_level)


def metric_name(metric: str | MetricDefinition) -> str:
    """Name that results carry."""
    return metric if isinstance(metric, str) else metric.name


def defined(receipt: Receipt, metric: str | MetricDefinition) -> Receipt:
    """The receipt with the definition, where the metric has one."""
    if isinstance(metric, str):
        return receipt
    return evolve(
        receipt,
        definition=metric.name,
        version=metric.version,
        definition_hash=metric.definition_hash,
    )
