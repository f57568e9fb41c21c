"""Between what the values of a metric can lie, so that a slip of the unit is noticed."""

from __future__ import annotations

from collections.abc import Iterable

from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

#: Lowest and highest value, in the metric's unit.
Range = tuple[float, float]

_RANGES = {"points": (-100.0, 100.0), "share": (0.0, 1.0)}
_WORDS = {"points": "points", "share": "as a share", "scale points": "scale points"}
_HINTS = {"share": "0.05 for five percentage points, 0.4 for 40 %"}


def value_range(unit: str, parameters: Iterable[tuple[str, str]]) -> Range | None:
    """Range of a metric by its unit and the scale that its receipt names; None where none is."""
    if unit in _RANGES:
        return _RANGES[unit]
    scale = dict(parameters).get("scale")
    if unit != "scale points" or scale is None:
        return None
    known = Scale.parse(scale)
    return float(known.low), float(known.high)


def check_margin(margin: float | None, unit: str, ends: Range | None) -> None:
    """Refuse a margin as wide as all that there can be: everything would lie within it."""
    if margin is None or ends is None or margin < ends[1] - ends[0]:
        return
    raise UsageError(
        f"A margin of {margin:g} is as wide as all that there can be: the metric goes from "
        f"{_told(unit, ends)}.",
        hint=_HINTS.get(unit, "a smaller difference, in the metric's unit"),
    )


def check_value(value: float | None, unit: str, ends: Range | None, *, name: str) -> None:
    """Refuse a value to compare with that the metric can never have."""
    if value is None or ends is None or ends[0] <= value <= ends[1]:
        return
    raise UsageError(
        f"{name}={value:g} lies beyond what the metric can be: it goes from {_told(unit, ends)}.",
        hint=_HINTS.get(unit, "a value in the metric's unit"),
    )


def _told(unit: str, ends: Range) -> str:
    low, high = ends
    return f"{low:g} to {high:g} {_WORDS.get(unit, unit)}"
