"""From the numbers of an engine to the result that a reader gets."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cxm_core.results import Breakdown, Caveat, Estimate, Recipe
from cxm_core.stats import Limits, RatioEstimate, Tally

from ._counts_told import left_out_by_group, receipt_of
from ._order import Order
from ._silent import with_silent
from ._tally import Counted, group_axes

Result: TypeAlias = Estimate | Breakdown

_SMALL_N = 30
_FEW_CLUSTERS = 15
_HIGH_COST = 2.0
# From here on the share of the population that was drawn tells in the interval.
_MUCH = 0.05


def wrap(order: Order, counted: Counted, ratio: RatioEstimate) -> Result:
    """Estimate of all answers, or a breakdown where the tally has groups."""
    axes = group_axes(counted.tally)
    ratio = with_silent(ratio, counted.silent or (), axes)
    recipe = recipe_of(order, counted.tally, ratio)
    limits = recipe.interval(order.confidence_level)
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
        group_caveats=tuple(_caveats(ratio, limits, i, counted) for i in range(len(ratio.groups))),
        receipt=receipt_of(order, counted, ratio),
        recipe=recipe,
        left_out=left_out_by_group(order, counted, ratio),
    )
    return broken_down if axes else broken_down[()]


def recipe_of(order: Order, tally: Tally, ratio: RatioEstimate) -> Recipe:
    """What the intervals are made from, and can be made from again."""
    above, below = order.coefficients(tally.levels)
    inputs, constants = sizes_of(ratio), {}
    if order.method in ("pseudo_t", "bootstrap"):
        inputs["level_shares"] = ratio.level_shares[:, below != 0]
        constants["levels"] = above[below != 0]
    else:
        inputs |= _family_inputs(order, ratio, above)
    if order.seed is not None:
        state = np.random.SeedSequence(order.seed).generate_state(len(ratio.n))
        inputs["seed"] = state.astype(np.float64)
    return Recipe(
        method=order.method, inputs=inputs, constants=constants, factor=order.engine.factor
    )


def sizes_of(ratio: RatioEstimate) -> dict[str, NDArray[np.float64]]:
    """The answers that the sample is worth, or that from which each level finds them."""
    if ratio.method == "multinomial":
        return {"n": ratio.effective_n}
    known = ratio.design_effect > 0
    answers = np.fmax(ratio.most_n, ratio.n / ratio.population_left)
    return {
        "n": np.where(known, ratio.most_n, ratio.effective_n),
        "answers": answers,
        "most": ratio.most_n,
        "design_effect": np.where(known, answers / np.where(known, ratio.raw_n, 1.0), 0.0),
        "design_df": ratio.df.astype(np.float64),
        "freedom": ratio.freedom,
    }


def _family_inputs(
    order: Order, ratio: RatioEstimate, above: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    if order.engine.family == "balance":
        return {"plus": _part(ratio, above > 0), "minus": _part(ratio, above < 0)}
    if order.engine.family == "share":
        return {"share": ratio.value}
    # A simple sample's variance has n below it, and Student's t wants n - 1.
    n, df = ratio.n.astype(np.float64), ratio.df.astype(np.float64)
    is_simple = ratio.method == "multinomial"
    error = ratio.standard_error * np.sqrt(n / np.maximum(n - 1, 1)) if is_simple else None
    return {
        "value": ratio.value,
        "standard_error": ratio.standard_error if error is None else error,
        "df": df,
    }


def _part(ratio: RatioEstimate, which: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of some levels together, the same however they were added up."""
    shares: NDArray[np.float64] = ratio.level_shares[:, which].sum(axis=1)
    if ratio.method != "multinomial":
        return shares
    return np.rint(shares * ratio.n) / np.where(ratio.n > 0, ratio.n, np.nan)


def _method_name(order: Order, ratio: RatioEstimate) -> str:
    if ratio.method == "multinomial":
        return order.method
    return f"{order.method}, {'design error' if order.method == 't' else 'design effective n'}"


def _caveats(
    ratio: RatioEstimate, limits: Limits, place: int, counted: Counted
) -> tuple[Caveat, ...]:
    n, tally = int(ratio.n[place]), counted.tally
    if n == 0 or ratio.sum_weights[place] == 0:
        return (Caveat.of("no_weight" if n else "no_answers"),)
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
        "no_spread": reached and limits.low[place] == limits.high[place],
        "one_group_only": "by" in tally.roles and len(ratio.groups) == 1,
    }
    said = [Caveat.of(code, count=counts.get(code)) for code, holds in told.items() if holds]
    return tuple(dict.fromkeys([*said, *_of_population(ratio, place, counted)]))


def _of_population(ratio: RatioEstimate, place: int, counted: Counted) -> list[Caveat]:
    """What to know where much of the population was drawn, or the weights fit it badly."""
    weighting = counted.weighting
    known = weighting.population if weighting is not None else None
    is_unused = counted.population is None and known is not None
    told = {
        "population_share": ratio.population_left[place] < 1.0 - _MUCH,
        "population_unknown": is_unused and ratio.n.sum() > _MUCH * (known or 0.0),
    }
    said = [Caveat.of(code) for code, holds in told.items() if holds]
    return [*said, *(weighting.caveats if weighting is not None else ())]


def _cost(ratio: RatioEstimate, place: int) -> float:
    """Answers for one that a simple sample would need, whatever the confidence level."""
    effect = ratio.design_effect[place] / ratio.population_left[place]
    least = ratio.n[place] / ratio.most_n[place]
    return float(max(effect, least) if effect > 0 else ratio.n[place] / ratio.effective_n[place])
