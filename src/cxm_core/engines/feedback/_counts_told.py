"""Who was asked, who answered and who was left out: of all together, and of each group."""

from __future__ import annotations

from collections.abc import Mapping

from cxm_core.results import Receipt
from cxm_core.stats import RatioEstimate, Tally

from ._order import Order
from ._silent import left_out_of
from ._tally import Counted


def receipt_of(order: Order, counted: Counted, ratio: RatioEstimate) -> Receipt:
    """How the figures came about, with the counts of all groups."""
    answered = int(ratio.n.sum())
    steps = [] if counted.rows is None else [("rows", counted.rows)]
    return Receipt(
        engine=order.engine.name,
        method=order.method,
        confidence_level=order.confidence_level,
        parameters=order.parameters,
        seed=order.seed,
        design=_design(counted.tally),
        steps=(*steps, ("answered", answered)),
        exclusions=(*counted.exclusions, *_uncounted(order, counted.tally)),
    )


def left_out_by_group(
    order: Order, counted: Counted, ratio: RatioEstimate
) -> Mapping[int, tuple[tuple[str, int], ...]] | None:
    """Place of each group -> who is left out of it; None where that is known of all only."""
    # Levels that do not count are told of all groups together.
    if counted.silent is None or _uncounted(order, counted.tally):
        return None
    reasons = [reason for reason, count in counted.exclusions if count]
    return left_out_of(ratio.groups, counted.silent, reasons)


def _design(tally: Tally) -> list[str]:
    """What the answers brought along, for the receipt."""
    words = {"stratum": "strata", "cluster": "clusters", "margin": "margins"}
    weights = [] if tally.w is None else ["weights"]
    return [*weights, *dict.fromkeys(words[r] for r in tally.roles if r in words)]


def _uncounted(order: Order, tally: Tally) -> list[tuple[str, int]]:
    """Levels of the tally that the metric leaves out, such as "not applicable"."""
    _, below = order.coefficients(tally.levels)
    counts = tally.n.sum(axis=0)
    return [
        (str(level), int(count))
        for level, count, part in zip(tally.levels, counts, below, strict=True)
        if part == 0 and count
    ]
