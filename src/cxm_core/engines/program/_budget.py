"""What is left of the room that a promise leaves for exceptions."""

from __future__ import annotations

from attrs import evolve

from cxm_core.results import Estimate, Recipe


def budget_left(kept: Estimate, target: float) -> Estimate:
    """Part of the allowed misses that is not used up; below zero where more were missed.

    Of a share that is kept p and a target t it is (p - t) / (1 - t): one where nothing was missed,
    zero where as much as is allowed. A line of the share, so its interval is the share's.
    """
    missed = None if kept.value is None else round(kept.n * (1.0 - kept.value))
    facts = (
        ("target", f"{target:g}"),
        ("missed", "unknown" if missed is None else f"{missed:,}"),
        ("allowed", f"{kept.n * (1.0 - target):,.1f}"),
    )
    receipt = evolve(kept.receipt, parameters=(*kept.receipt.parameters, *facts))
    error = kept.standard_error
    return evolve(
        kept,
        metric=f"{kept.metric} budget left",
        value=_left(kept.value, target),
        low=_left(kept.low, target),
        high=_left(kept.high, target),
        standard_error=None if error is None else error / (1.0 - target),
        receipt=receipt,
        recipe=_recipe(kept, target),
    )


def _recipe(kept: Estimate, target: float) -> Recipe | None:
    """The same line of what the share's own interval is made from."""
    if not isinstance(kept.recipe, Recipe):
        return None
    room = 1.0 - target
    return evolve(kept.recipe, factor=kept.recipe.factor / room, offset=-target / room)


def _left(share: float | None, target: float) -> float | None:
    return None if share is None else (share - target) / (1.0 - target)
