"""What is watched: counts of each look, and the metric of each and of all so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.results import Label
from cxm_core.stats import CodedAxis, Limits, Tally, kish

from ._engine import engine_named
from ._metric_definition import MetricDefinition
from ._order import Order, ScaleLike
from ._tally import Counted
from ._wrap import recipe_of

_AXIS = "at"


@frozen(kw_only=True, eq=False)
class Watched:
    """Counts of the levels that the metric counts, look by look; weighted ones by weight."""

    metric: str | MetricDefinition
    order: Order
    labels: tuple[Label, ...]
    levels: tuple[int | str, ...]
    counts: NDArray[np.int64]
    values: NDArray[np.float64]
    counted: Counted
    untimed: int
    places: NDArray[np.int64]
    shares: NDArray[np.float64] | None = None
    max_weight: float | None = None

    @property
    def name(self) -> str:
        """Name of the metric."""
        return name_of(self.metric)

    @property
    def definition(self) -> dict[str, Any]:
        """What a receipt says of the metric's definition."""
        if isinstance(self.metric, str):
            return {"definition": self.metric}
        return {
            "definition": self.metric.name,
            "version": self.metric.version,
            "definition_hash": self.metric.definition_hash,
        }

    @property
    def n(self) -> NDArray[np.int64]:
        """Answers of each look."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def effective_n(self) -> float:
        """Answers that all of them are worth, by their weights."""
        n = self.counts.sum(axis=0)
        if self.shares is None or not n.any():
            return float(n.sum())
        return float(kish(n @ self.shares, n @ self.shares**2))

    @property
    def alone(self) -> NDArray[np.float64]:
        """The metric of each look alone."""
        return self.order.engine.factor * self.order.ratio(self._tally(self.counts)).value

    def so_far(self) -> tuple[NDArray[np.float64], Limits]:
        """The metric of all looks up to each, with its interval for one look."""
        tally = self._tally(self.counts.cumsum(axis=0))
        ratio = self.order.ratio(tally)
        limits = recipe_of(self.order, tally, ratio).interval(self.order.confidence_level)
        return self.order.engine.factor * ratio.value, limits

    def _tally(self, counts: NDArray[np.int64]) -> Tally:
        """Tally in which each row of counts is a group."""
        looks, cells = counts.shape
        places = np.repeat(np.arange(looks), cells)
        sums = {
            name: None if self.shares is None else (counts * self.shares**power).ravel()
            for power, name in ((1, "w"), (2, "w2"))
        }
        return Tally.from_counts(
            levels=self.levels,
            level_codes=np.tile(self.places, looks),
            axes=[CodedAxis(name=_AXIS, labels=tuple(range(looks)), codes=places)],
            n=counts.ravel(),
            **sums,
        )

    @property
    def exclusions(self) -> tuple[tuple[str, int], ...]:
        """Who is in no look, by reason."""
        untimed = (("no time", self.untimed),) if self.untimed else ()
        return (*self.counted.exclusions, *untimed)


def name_of(metric: str | MetricDefinition) -> str:
    """Name of a metric, by whichever of its names it was given."""
    return metric if isinstance(metric, str) else metric.name


def order_for(
    metric: str | MetricDefinition,
    *,
    scale: ScaleLike | None,
    top: Iterable[int] | None,
    confidence_level: float = 0.95,
) -> Order:
    """The metric, checked."""
    if isinstance(metric, MetricDefinition):
        if scale is not None or top is not None:
            raise UsageError(f"{metric.name} brings its own scale and levels.")
        level = confidence_level
        return Order.of(metric.engine, metric.scale, None, of=metric.of, confidence_level=level)
    engine = engine_named(metric)
    if top is not None and engine.chosen != "top":
        raise UsageError(f"{metric} has no use for top=.")
    return Order.of(engine, scale, top, confidence_level=confidence_level)
