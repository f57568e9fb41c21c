"""What looks are compared with: a baseline, frozen before the first of them."""

from __future__ import annotations

from typing import TypeAlias

from attrs import evolve, frozen

from cxm_core.columns import Missing
from cxm_core.errors import UsageError
from cxm_core.results import Baseline, Estimate
from cxm_core.stats import Tally

from ._order import Order
from ._tally import count
from ._wrap import wrap

#: What a caller can compare with.
Given: TypeAlias = Estimate | Tally | float | None


@frozen
class Against:
    """What the looks are compared with: both of its intervals, and the level of the sequence."""

    baseline: Baseline | None
    fixed: tuple[float, float, float] | None
    level: float

    @classmethod
    def of(
        cls,
        given: Estimate | Tally | float | None,
        order: Order,
        *,
        name: str,
        missing: Missing = (),
    ) -> Against:
        """Freeze a baseline."""
        level = order.confidence_level
        if given is None:
            return cls(None, None, level)
        if isinstance(given, int | float) and not isinstance(given, bool):
            known = float(given)
            return cls(Baseline(value=known, low=known, high=known), (known,) * 3, level)
        side = _estimated(given, order, missing, name)
        half = (1.0 + level) / 2.0
        wide, usual = side.at_level(half), side.at_level(level)
        if wide.value is None or wide.low is None or wide.high is None:
            raise UsageError("The baseline has no interval.", hint="give one with more answers")
        frozen_ = Baseline(value=wide.value, low=wide.low, high=wide.high, n=wide.n)
        ends = (usual.low or 0.0, usual.high or 0.0)
        return cls(frozen_, (wide.value, *ends), half)


def _estimated(given: object, order: Order, missing: Missing, name: str) -> Estimate:
    """The baseline as an estimate of the same metric."""
    if isinstance(given, Tally):
        counted = count(given, scale=order.scale, missing=missing)
        given = evolve(wrap(order, counted, order.ratio(counted.tally)), metric=name)
    if not isinstance(given, Estimate):
        raise UsageError(
            f"A {type(given).__name__} is no baseline.",
            hint="one result, a tally without groups, or a number in the metric's unit",
        )
    wanted = (name, order.parameters)
    if (given.metric, given.receipt.parameters) != wanted:
        raise UsageError(
            f"The baseline is of another metric: {given.metric}, and {name} is "
            "watched, or their scales or levels differ."
        )
    return given
