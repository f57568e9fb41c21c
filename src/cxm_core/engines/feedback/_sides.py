"""The two figures that a change lies between."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot, nan
from typing import Any

from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Caveat, Estimate, Receipt

# A blank is no rule of anybody's; a code that is left out is.
_BLANK = "missing"
_MOVES = frozenset({"weights", "margins"})
# Rows that would be left out on the other side, were its rule the same; with five, none is no
# chance.
_TO_BE_EXPECTED = 5


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


def caveats_of(before: Estimate, after: Estimate) -> tuple[Caveat, ...]:
    """What to know of the two sides, each code once; the result tells whose it is."""
    caveats = {caveat.code: caveat for caveat in (*before.caveats, *after.caveats)}
    return tuple(caveats.values())


def unlike(before: Estimate, after: Estimate) -> tuple[Caveat, ...]:
    """In what two sides differ that need not have anything to do with customers."""
    # Strata and clusters move no figure, only its error.
    first, second = (_MOVES & set(side.receipt.design) for side in (before, after))
    told = [
        *(f"{part} (before only)" for part in sorted(first - second)),
        *(f"{part} (after only)" for part in sorted(second - first)),
        *_left_out(before.receipt, after.receipt, "before"),
        *_left_out(after.receipt, before.receipt, "after"),
    ]
    return (Caveat.of("unlike_sides", count=" and ".join(told)),) if told else ()


def _left_out(one: Receipt, other: Receipt, where: str) -> list[str]:
    """What is left out on one side, and is nowhere on the other though it should be there."""
    known = {reason for reason, _ in other.exclusions} | {_BLANK}
    rows, others = _rows(one), _rows(other)
    return [
        f"what is left out ({count:,} {reason} {where}, none on the other side)"
        for reason, count in one.exclusions
        if reason not in known and count * others >= _TO_BE_EXPECTED * rows
    ]


def _rows(receipt: Receipt) -> int:
    steps = dict(receipt.steps)
    return steps.get("rows", steps.get("answered", 0) + sum(n for _, n in receipt.exclusions))


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
