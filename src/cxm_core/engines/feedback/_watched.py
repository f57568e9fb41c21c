"""From answers and their times to looks: counts of each, in order of time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypedDict

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import Design, Missing
from cxm_core.errors import UsageError
from cxm_core.results import Label
from cxm_core.stats import CodedAxis, Limits, Tally

from ._engine import engine_named
from ._metric_definition import MetricDefinition
from ._order import Order, ScaleLike
from ._tally import Counted, count
from ._wrap import recipe_of

_MIDNIGHTS = ("T00:00:00", "T00:00:00+00:00")
_AXIS = "at"
_FRACTION = re.compile(r"-?\d+\.\d+(e[-+]?\d+)?")


@frozen(kw_only=True, eq=False)
class Watched:
    """Counts of the levels that the metric counts, look by look."""

    metric: str | MetricDefinition
    order: Order
    labels: tuple[Label, ...]
    levels: tuple[int | str, ...]
    counts: NDArray[np.int64]
    values: NDArray[np.float64]
    counted: Counted
    untimed: int

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
        looks, levels = counts.shape
        places = np.repeat(np.arange(looks), levels)
        return Tally.from_counts(
            levels=self.levels,
            level_codes=np.tile(np.arange(levels), looks),
            axes=[CodedAxis(name=_AXIS, labels=tuple(range(looks)), codes=places)],
            n=counts.ravel(),
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


class Wish(TypedDict):
    """What is to be watched."""

    metric: str | MetricDefinition
    order: Order


def watch(
    data: object, at: object, *, wish: Wish, column: str | None = None, missing: Missing = ()
) -> Watched:
    """Looks of the data: one for each distinct time, in order."""
    order = wish["order"]
    counted = _count(data, at, order, column, missing)
    _check_plain(counted.tally)
    above, below = order.coefficients(counted.tally.levels)
    used = np.flatnonzero(below)
    groups, place = counted.tally.group_rows()
    table = np.zeros((len(groups), used.size), dtype=np.int64)
    np.add.at(table, place, counted.tally.n[:, used])
    labels = [group[0] for group in groups]
    _check_times(labels)
    timed = np.array([label is not None for label in labels], dtype=np.bool_)
    keep = timed & (table.sum(axis=1) > 0)
    return Watched(
        **wish,
        labels=_days([label for label, kept in zip(labels, keep, strict=True) if kept]),
        levels=tuple(counted.tally.levels[i] for i in used),
        counts=table[keep],
        values=above[used] / below[used],
        counted=counted,
        untimed=int(table[~timed].sum()),
    )


def _days(labels: list[Label]) -> tuple[Label, ...]:
    """Times of which all are midnights, as the days that they stand for."""
    for midnight in _MIDNIGHTS:
        texts = [label for label in labels if isinstance(label, str) and label.endswith(midnight)]
        if labels and len(texts) == len(labels):
            return tuple(text.removesuffix(midnight) for text in texts)
    return tuple(labels)


def _count(data: object, at: object, order: Order, column: str | None, missing: Missing) -> Counted:
    if isinstance(data, Tally):
        if not isinstance(at, str):
            raise UsageError(
                "The times of a tally are one of its axes.", hint="at='week', the axis' name"
            )
        return count(data, column, scale=order.scale, design=Design(by=at))
    by: dict[str, Any] = {_AXIS: at}
    return count(data, column, scale=order.scale, missing=missing, design=Design(by=by))


def _check_plain(tally: Tally) -> None:
    """Looks promise something of answers that do not depend on each other."""
    if tally.w is not None or set(tally.roles) - {"by"}:
        raise UsageError(
            "Answers with weights, strata or clusters cannot be watched look by look.",
            hint="take one answer of each customer, and leave the design out",
        )


def _check_times(labels: list[Label]) -> None:
    fractions = sum(isinstance(x, str) and bool(_FRACTION.fullmatch(x)) for x in labels)
    if fractions:
        raise UsageError(
            f"{fractions:,} of {len(labels):,} times are fractions, which have no order as labels.",
            hint="give dates, instants, whole numbers, or periods such as cx.week(at, tz=...)",
        )
