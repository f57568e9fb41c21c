"""Looks of answers: one for each distinct time, in order."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np

from cxm_core.columns import Design, Missing
from cxm_core.errors import UsageError
from cxm_core.results import Label
from cxm_core.stats import Tally

from ._look_table import Weights, look_table
from ._look_times import check_times
from ._metric_definition import MetricDefinition
from ._order import Order
from ._tally import Counted, count
from ._watched import Watched

_MIDNIGHTS = ("T00:00:00", "T00:00:00+00:00")
_AXIS, _WEIGHT = "at", "weight"


class Wish(TypedDict):
    """What is to be watched."""

    metric: str | MetricDefinition
    order: Order


def watch(
    data: object,
    at: object,
    *,
    wish: Wish,
    column: str | None = None,
    missing: Missing = (),
    weights: Weights | None = None,
) -> Watched:
    """Looks of the data: one for each distinct time, in order."""
    order = wish["order"]
    by: dict[str, Any] = {_AXIS: at}
    if weights is not None:
        by[_WEIGHT] = weights.given
    counted = _count(data, by, order, column, missing)
    _check_plain(counted.tally)
    above, below = order.coefficients(counted.tally.levels)
    used = np.flatnonzero(below)
    table = look_table(counted.tally, used, weights)
    check_times(table.labels)
    timed = np.array([label is not None for label in table.labels], dtype=np.bool_)
    keep = timed & (table.counts.sum(axis=1) > 0)
    return Watched(
        **wish,
        labels=_days([label for label, kept in zip(table.labels, keep, strict=True) if kept]),
        levels=tuple(counted.tally.levels[i] for i in used),
        counts=table.counts[keep],
        values=(above[used] / below[used])[table.places],
        counted=counted,
        untimed=int(table.counts[~timed].sum()),
        places=table.places,
        shares=table.shares,
        max_weight=None if weights is None else weights.most,
    )


def _days(labels: list[Label]) -> tuple[Label, ...]:
    """Times of which all are midnights, as the days that they stand for."""
    for midnight in _MIDNIGHTS:
        texts = [label for label in labels if isinstance(label, str) and label.endswith(midnight)]
        if labels and len(texts) == len(labels):
            return tuple(text.removesuffix(midnight) for text in texts)
    return tuple(labels)


def _count(
    data: object, by: dict[str, Any], order: Order, column: str | None, missing: Missing
) -> Counted:
    if not isinstance(data, Tally):
        return count(data, column, scale=order.scale, missing=missing, design=Design(by=by))
    if _WEIGHT in by:
        raise UsageError(
            "A tally does not tell the weight of each answer, which a bet on it needs.",
            hint="give the answers, their times and their weights",
        )
    if not isinstance(by[_AXIS], str):
        raise UsageError(
            "The times of a tally are one of its axes.", hint="at='week', the axis' name"
        )
    return count(data, column, scale=order.scale, design=Design(by=by[_AXIS]))


def _check_plain(tally: Tally) -> None:
    """Looks promise something of answers that do not depend on each other."""
    if tally.w is not None or set(tally.roles) - {"by"}:
        raise UsageError(
            "A tally with weights, strata or clusters cannot be watched look by look.",
            hint="take one answer of each customer; weights go with the answers themselves",
        )
