"""Each group against all the others together."""

from __future__ import annotations

from math import log
from typing import Any, NamedTuple

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.columns import Design, Missing
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Breakdown, Caveat
from cxm_core.stats import (
    P_METHODS,
    RatioEstimate,
    adjust_p,
    p_of_limits,
    rest_of_each,
)
from cxm_core.vocabulary import takes

from ._metric_definition import MetricDefinition
from ._metric_order import defined, metric_name, metric_order
from ._order import Order, ScaleLike
from ._rest_recipe import FEW, SEED, RestRecipe, Together
from ._tally import Counted, count
from ._wrap import recipe_of, wrap

_ADJUST = ("none", "simultaneous", *P_METHODS)
# Levels at which intervals are made, so that p-values can be read off them.
_GRID = (0.5, 0.8, 0.95, 0.995, 0.99995)

Floats = NDArray[np.float64]


class _Differences(NamedTuple):
    """Group less rest for every group, and what its limits are made from."""

    value: Floats
    rest: RatioEstimate
    error: Floats
    recipe: RestRecipe


@takes(adjust="text")
def against_rest(
    data: object,
    column: str | None = None,
    *,
    metric: str | MetricDefinition,
    scale: ScaleLike | None = None,
    by: Any = None,
    weights: Any = None,
    strata: Any = None,
    clusters: Any = None,
    missing: Missing = (),
    adjust: str = "holm",
    confidence_level: float = 0.95,
) -> Breakdown:
    """How far each group lies from all the other groups together, and which really differ.

    A group that is compared with the total stands on both sides; here it stands on one. With many
    groups some differ by chance alone, so the p-values are raised by what looking at all costs.

    Parameters
    ----------
    data : sequence, table or Tally
        Answers: a list, an array, a Series, an Arrow column; a table with `column`; or a tally
        with groups.
    column : str or None
        Column of the answers, if the data is a table.
    metric : str or MetricDefinition
        Such as ``"nps"``.
    scale : str, Scale or None
        Scale of the answers, if the metric needs one.
    by : sequence, list of sequences, mapping of name to sequence, or column names
        Groups; rows without a label are a group of their own.
    weights, strata, clusters : sequence or column name
        Weight of each answer, or a Weighting, and the design of the sample; rows match by
        position, not index.
    missing : codes, or mapping of code to reason
        Codes that mean no answer.
    adjust : {"holm", "bh", "simultaneous", "by", "hommel", "bonferroni", "none"}
        "holm" for decisions: hardly ever one false claim among all. "bh" for a list to look into:
        few false claims among those made. "simultaneous" widens the intervals, so that all of them
        hold together.
    confidence_level : float in (0, 1)
        Nominal coverage: of each interval, or of all together if they are simultaneous.

    Returns
    -------
    Breakdown
        Group less rest, in the unit of the metric. `figures` has ``measured``, ``rest``,
        ``p_value`` and ``p_adjusted``; a group differs where the last is at most one less the
        level of confidence.

    Raises
    ------
    UsageError
        There are fewer than two groups, no such metric or way to adjust, or the data are wrong.

    Notes
    -----
    MOVER joins the two intervals; a customer with answers in the group and in the rest ties the
    two together, and the correlation is counted in. A p-value is one less the highest level at
    which the interval leaves nought out, so p-values and intervals agree.
    Simultaneous limits take the largest standardised difference of groups that share their rest,
    from draws with a fixed seed; from 20 groups on Sidak's level, which is hardly wider.

    References
    ----------
    .. [1] Zou, G., Toward using confidence intervals to compare correlations, 2007, Psychological
       Methods 12, 399-413.
    .. [2] Holm, S., A simple sequentially rejective multiple test procedure, 1979, Scandinavian
       Journal of Statistics 6, 65-70.
    .. [3] Benjamini, Y. and Hochberg, Y., Controlling the false discovery rate, 1995, Journal of
       the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> import cxm_core as cx
    >>> scores = [10, 9, 8, 3] * 50 + [10, 8, 8, 3] * 50 + [10, 9, 8, 3] * 50
    >>> found = cx.against_rest(scores, metric="nps", by=["a"] * 200 + ["b"] * 200 + ["c"] * 200)
    >>> found["b"]
    Estimate(nps against rest group=b -25.0 points, 95% interval -37.6 to -12.2, n=200 [one_by_one])
    >>> bool(found.figures["p_adjusted"][1] < 0.05)
    True
    """
    if adjust not in _ADJUST:
        raise UsageError(
            f"There is no way {adjust!r} to adjust.", hint=did_you_mean(str(adjust), _ADJUST)
        )
    order = metric_order(metric, scale, confidence_level)
    design = Design(by=by, weights=weights, strata=strata, clusters=clusters)
    counted = count(data, column, scale=order.scale, missing=missing, design=design)
    ratio = order.ratio(counted.tally)
    # A group in which nobody answered stands against nobody.
    groups = wrap(order, evolve(counted, silent=None), ratio)
    if not isinstance(groups, Breakdown) or len(groups) < 2:
        raise UsageError(
            "One group has no rest to stand against.", hint="by= names the groups, two or more"
        )
    found = _differences(order, counted, ratio)
    told = _told(groups, found, adjust, order)
    name = f"{metric_name(metric)} against rest"
    return evolve(told, metric=name, receipt=defined(told.receipt, metric))


def _differences(order: Order, counted: Counted, ratio: RatioEstimate) -> _Differences:
    tally, factor = counted.tally, order.engine.factor
    rest = rest_of_each(tally, order.coefficients(tally.levels), ratio)
    group, other = (recipe_of(order, tally, side) for side in (ratio, rest.ratio))
    values = factor * ratio.value, factor * rest.ratio.value
    recipe = RestRecipe(group=group, rest=other, values=values, correlation=rest.correlation)
    return _Differences(values[0] - values[1], rest.ratio, factor * rest.standard_error, recipe)


def _told(groups: Breakdown, found: _Differences, adjust: str, order: Order) -> Breakdown:
    level = order.confidence_level
    recipe, is_known = found.recipe, np.isfinite(found.value)
    p = p_of_limits(found.value, recipe.at_own_level, levels=sorted({*_GRID, level}))
    if adjust == "simultaneous":
        together = Together(groups=recipe.group, n=groups.n, is_known=is_known)
        recipe = evolve(recipe, together=together)
    each = recipe.level_of_each(level)
    low, high = recipe.at_own_level(each)
    tests = int(np.isfinite(p).sum())
    one_by_one = () if adjust == "simultaneous" or tests < 2 else (Caveat.of("one_by_one"),)
    return evolve(
        groups,
        value=found.value,
        low=low,
        high=high,
        method=f"mover, {adjust}",
        standard_error=found.error,
        group_caveats=tuple((*c, *one_by_one) for c in groups.group_caveats),
        receipt=evolve(
            groups.receipt,
            engine="against_rest",
            method=f"mover, {adjust}",
            parameters=(*groups.receipt.parameters, ("adjust", adjust), ("tests", str(tests))),
            seed=SEED if adjust == "simultaneous" and tests < FEW else None,
        ),
        recipe=recipe,
        figures={
            "measured": groups.value,
            "rest": order.engine.factor * found.rest.value,
            "p_value": p,
            "p_adjusted": _adjusted(p, adjust, log(level) / log(each)),
        },
    )


def _adjusted(p: Floats, adjust: str, looks: float) -> Floats:
    """P-values raised; those of simultaneous limits by as many looks as their level stands for."""
    if adjust == "none":
        return p
    if adjust != "simultaneous":
        return adjust_p(p, method=adjust)
    return np.asarray(1.0 - (1.0 - p) ** looks)
