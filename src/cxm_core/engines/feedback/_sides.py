"""The two figures that a change lies between."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot, nan
from typing import Any

from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Estimate


def estimate(side: object, name: str, make: Callable[[Any], Any] | None) -> Estimate:
    if not isinstance(side, Estimate | Breakdown):
        if make is None:
            raise UsageError(
                f"{name} is no result, and no metric is named.", hint="metric='nps', for example"
            )
        side = make(side)
    if isinstance(side, Breakdown):
        raise UsageError(
            f"{name} has {len(side)} groups, and one figure is compared with one.",
            hint="one group of it, such as b['North']",
        )
    if not isinstance(side, Estimate):
        raise UsageError(f"The metric made a {type(side).__name__} of {name}, and no Estimate.")
    return side


def at_one_level(
    before: Estimate, after: Estimate, *, confidence_level: float | None
) -> tuple[Estimate, Estimate]:
    """Both sides at one level, after a look whether they measure the same."""
    for what in ("metric", "unit"):
        one, other = getattr(before, what), getattr(after, what)
        if one != other:
            raise UsageError(f"The sides differ in their {what}: {one!r} before, {other!r} after.")
    if before.receipt.parameters != after.receipt.parameters:
        raise UsageError(
            f"The sides of {before.metric} differ in their definition: "
            f"{_told(before)} before, {_told(after)} after.",
            hint="measure both on one scale, with the same levels",
        )
    if confidence_level is None and before.confidence_level != after.confidence_level:
        raise UsageError(
            f"The sides differ in their confidence level: {before.confidence_level} before, "
            f"{after.confidence_level} after.",
            hint="name one: confidence_level=0.95",
        )
    level = before.confidence_level if confidence_level is None else confidence_level
    first, second = (
        side if side.confidence_level == level else side.at_level(level) for side in (before, after)
    )
    return first, second


def _told(side: Estimate) -> str:
    return ", ".join(f"{name} {value}" for name, value in side.receipt.parameters)


def difference(before: Estimate, after: Estimate) -> tuple[float, float]:
    errors = (_or_nan(side.standard_error) for side in (before, after))
    return _or_nan(after.value) - _or_nan(before.value), hypot(*errors)


def relative_change(before: Estimate, after: Estimate) -> tuple[float, float]:
    """The change as a part of what was before, and its error by the delta method."""
    base = _or_nan(before.value) or nan
    ratio = _or_nan(after.value) / base
    errors = _or_nan(after.standard_error), ratio * _or_nan(before.standard_error)
    return ratio - 1.0, hypot(*errors) / base


def _or_nan(number: float | None) -> float:
    return nan if number is None else number
