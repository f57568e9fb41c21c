"""Between what the values of a metric can lie, so that a slip of the unit is noticed."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

_RANGES = {"points": (-100.0, 100.0), "share": (0.0, 1.0)}
_WORDS = {"share": "as a share"}
_HINTS = {"share": "0.05 for five percentage points, 0.4 for 40 %"}


@frozen
class Range:
    """Lowest and highest value of a metric, in its unit."""

    low: float
    high: float
    unit: str

    @classmethod
    def of(cls, unit: str, parameters: Iterable[tuple[str, str]]) -> Range | None:
        """Range by a unit and the scale that a receipt names; None where there is none."""
        if unit in _RANGES:
            return cls(*_RANGES[unit], unit)
        scale = dict(parameters).get("scale")
        if unit != "scale points" or scale is None:
            return None
        known = Scale.parse(scale)
        return cls(float(known.low), float(known.high), unit)

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest."""
        return self.low, self.high

    @property
    def hint(self) -> str:
        """What may have been meant."""
        return _HINTS.get(self.unit, "a number in the metric's unit")

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g} {_WORDS.get(self.unit, self.unit)}"


def check_margin(margin: float | None, within: Range | None) -> None:
    """Refuse a margin as wide as all that there can be: everything would lie within it."""
    if margin is None or within is None or margin < within.high - within.low:
        return
    raise UsageError(
        f"A margin of {margin:g} is as wide as all that there can be: the metric goes from "
        f"{within}.",
        hint=within.hint,
    )


def check_value(value: float | None, within: Range | None, *, name: str) -> None:
    """Refuse a value to compare with that the metric can never have."""
    if value is None or within is None or within.low <= value <= within.high:
        return
    raise UsageError(
        f"{name}={value:g} lies beyond what the metric can be: it goes from {within}.",
        hint=within.hint,
    )
