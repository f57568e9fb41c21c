"""From the numbers of an engine to the result that a reader gets."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cxm_core.results import Breakdown, Caveat, Estimate, Receipt, Recipe
from cxm_core.stats import Limits, RatioEstimate, Tally

from ._order import Order
from ._tally import Counted, group_axes

Result: TypeAlias = Estimate | Breakdown

_SMALL_N = 30
_FEW_CLUSTERS = 15
_HIGH_COST = 2.0


def wrap(order: Order, counted: Counted, ratio: RatioEstimate) -> Result:
    """Estimate of all answers, or a breakdown where the tally has groups."""
    recipe = recipe_of(order, counted.tally, ratio)
    limits = recipe.interval(order.confidence_level)
    axes = group_axes(counted.tally)
    broken_down = Breakdown(
        metric=order.engine.name,
        axes=axes,
        labels=ratio.groups,
        value=order.engine.factor * ratio.value,
        low=limits.low,
        high=limits.high,
        confidence_level=order.confidence_level,
        method=_method_name(order, ratio),
        standard_error=order.engine.factor * ratio.standard_error,
        n=ratio.n,
        effective_n=recipe.sizes(order.confidence_level),
        unit=order.engine.unit,
        group_caveats=tuple(
            _caveats(ratio, limits, i, counted.tally) for i in range(len(ratio.groups))
        ),
        receipt=_receipt(order, counted, ratio),
        recipe=recipe,
    )
    return broken_down if axes else broken_down[()]


def recipe_of(order: Order, tally: Tally, ratio: RatioEstimate) -> Recipe:
    """What the intervals are made from, and can be made from again."""
    above, _ = order.coefficients(tally.levels)
    inputs = {**_sizes(ratio), **_family_inputs(order, ratio, above)}
    places = [i for i, level in enumerate(tally.levels) if level in order.scale.levels]
    constants = {}
    if order.method == "pseudo_t":
        inputs["level_shares"] = ratio.level_shares[:, places]
        constants["levels"] = above[places]
    return Recipe(
        method=order.method, inputs=inputs, constants=constants, factor=order.engine.factor
    )


def _sizes(ratio: RatioEstimate) -> dict[str, NDArray[np.float64]]:
    """The answers that the sample is worth, or that from which each level finds them."""
    if ratio.method == "multinomial":
        return {"n": ratio.effective_n}
    known = ratio.design_effect > 0
    return {
        "n": np.where(known, ratio.n, ratio.effective_n),
        "answers": ratio.n.astype(np.float64),
        "design_effect": np.where(known, ratio.design_effect, 0.0),
        "design_df": ratio.df.astype(np.float64),
    }


def _family_inputs(
    order: Order, ratio: RatioEstimate, above: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    shares = ratio.level_shares
    if order.engine.family == "balance":
        return {"plus": shares[:, above > 0].sum(axis=1), "minus": shares[:, above < 0].sum(axis=1)}
    if order.engine.family == "share":
        return {"share": ratio.value}
    if order.method == "pseudo_t":
        return {}
    # A simple sample's variance has n below it, and Student's t wants n - 1.
    n, df = ratio.n.astype(np.float64), ratio.df.astype(np.float64)
    is_simple = ratio.method == "multinomial"
    error = ratio.standard_error * np.sqrt(n / np.maximum(n - 1, 1)) if is_simple else None
    return {
        "value": ratio.value,
        "standard_error": ratio.standard_error if error is None else error,
        "df": df,
    }


def _method_name(order: Order, ratio: RatioEstimate) -> str:
    if ratio.method == "multinomial":
        return order.method
    return f"{order.method}, {'design error' if order.method == 't' else 'design effective n'}"


def _caveats(ratio: RatioEstimate, limits: Limits, place: int, tally: Tally) -> tuple[Caveat, ...]:
    n = int(ratio.n[place])
    if n == 0:
        return (Caveat.of("no_answers"),)
    is_clustered = "cluster" in tally.roles
    reached = np.isfinite(limits.low[place]) and np.isfinite(limits.high[place])
    is_stratified = "stratum" in tally.roles
    counts = {
        "unclustered": int(ratio.unclustered[place]),
        "lonely_strata": int(ratio.lonely_strata[place]) if is_stratified else 0,
    }
    told = {
        "small_n": n < _SMALL_N,
        "few_clusters": is_clustered and ratio.n_clusters[place] < _FEW_CLUSTERS,
        **{code: count > 0 for code, count in counts.items()},
        "design_effect": _cost(ratio, place) > _HIGH_COST,
        "not_reached": not reached,
        "one_group_only": "by" in tally.roles and len(ratio.groups) == 1,
    }
    return tuple(Caveat.of(code, count=counts.get(code)) for code, holds in told.items() if holds)


def _cost(ratio: RatioEstimate, place: int) -> float:
    """Answers for one that a simple sample would need, whatever the confidence level."""
    effect = ratio.design_effect[place]
    return float(effect if effect > 0 else ratio.n[place] / ratio.effective_n[place])


def _receipt(order: Order, counted: Counted, ratio: RatioEstimate) -> Receipt:
    answered = int(ratio.n.sum())
    steps = [] if counted.rows is None else [("rows", counted.rows)]
    return Receipt(
        engine=order.engine.name,
        method=order.method,
        confidence_level=order.confidence_level,
        parameters=order.parameters,
        steps=(*steps, ("answered", answered)),
        exclusions=(*counted.exclusions, *_uncounted(order, counted.tally)),
    )


def _uncounted(order: Order, tally: Tally) -> list[tuple[str, int]]:
    """Levels of the tally that the metric leaves out, such as "not applicable"."""
    _, below = order.coefficients(tally.levels)
    counts = tally.n.sum(axis=0)
    return [
        (str(level), int(count))
        for level, count, part in zip(tally.levels, counts, below, strict=True)
        if part == 0 and count
    ]
