"""How a metric changed for the same people, who answered twice."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from cxm_core.columns import Answers
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Caveat, Comparison, Estimate, Receipt, Recipe
from cxm_core.stats import CodedAxis, RatioEstimate, Tally, linear_ratio

from ._matching import Asked, Pairs, by_identifier, read_sides, row_by_row
from ._order import METHODS, Order
from ._sides import caveats_of
from ._tally import Counted
from ._wrap import sizes_of, wrap

_CLUSTER = "@cluster"


def paired_change(before: object, after: object, asked: Asked) -> Comparison:
    """The change of those who answered both times, one figure a person."""
    order = asked.order
    sides = read_sides(before, after, asked)
    match = row_by_row if asked.paired is True else by_identifier
    pairs = match(sides[0], sides[1], order)
    places = pairs.before, pairs.after
    ratio = _ratio(order, _change(order, sides, places), _clusters(sides[0], pairs))
    found = _method(order, asked.method)
    estimates = [_side(order, *side) for side in zip(sides, places, strict=True)]
    recipe = _recipe(order, found, ratio)
    return _wrap(order, estimates, (recipe, ratio), f"paired {found}", pairs)


def _change(
    order: Order, sides: list[Answers], places: tuple[NDArray[np.int64], ...]
) -> NDArray[np.int64]:
    """By how much each person's answer counts more than before."""
    counts = [
        order.coefficients(side.levels)[0][side.level_codes[rows]]
        for side, rows in zip(sides, places, strict=True)
    ]
    return np.asarray(np.rint(counts[1] - counts[0]), np.int64)


def _clusters(before: Answers, pairs: Pairs) -> list[CodedAxis]:
    return [
        CodedAxis(name=_CLUSTER, labels=axis.labels, codes=axis.codes[pairs.before], role="cluster")
        for axis in before.axes
        if axis.role == "cluster"
    ]


def _levels(order: Order) -> NDArray[np.int64]:
    """Every change that one person can make."""
    counts = sorted(set(order.coefficients(order.scale.levels)[0].astype(int).tolist()))
    widest = counts[-1] - counts[0]
    return np.arange(-widest, widest + 1)


def _ratio(order: Order, change: NDArray[np.int64], clusters: list[CodedAxis]) -> RatioEstimate:
    levels = _levels(order)
    tally = Tally.from_codes(levels=levels.tolist(), level_codes=change - levels[0], axes=clusters)
    ones = np.ones(levels.size)
    return linear_ratio(tally, levels, ones, confidence_level=order.confidence_level)


def _method(order: Order, method: str) -> str:
    """A change of a share is a balance, gained less lost; any other is a mean of few levels."""
    known = METHODS["balance" if order.engine.family == "share" else "mean"]
    known = tuple(name for name in known if name != "t")
    if method == "auto":
        return known[0]
    if method not in known:
        raise UsageError(
            f"Pairs have no interval method {method!r}.",
            hint=did_you_mean(str(method), ("auto", *known)),
        )
    return method


def _recipe(order: Order, method: str, ratio: RatioEstimate) -> Recipe:
    levels, shares = _levels(order), ratio.level_shares
    inputs, constants = sizes_of(ratio), {}
    if order.engine.family == "share" and method != "bootstrap":
        inputs |= {"plus": shares[:, 2], "minus": shares[:, 0]}
    else:
        inputs["level_shares"] = shares
        constants["levels"] = levels.astype(np.float64)
    return Recipe(method=method, inputs=inputs, constants=constants, factor=order.engine.factor)


def _side(order: Order, answers: Answers, rows: NDArray[np.int64]) -> Estimate:
    """The metric of those who answered both times."""
    tally = Tally.from_codes(levels=answers.levels, level_codes=answers.level_codes[rows])
    counted = Counted(tally=tally, rows=len(answers), exclusions=answers.exclusions)
    made = wrap(order, counted, order.ratio(tally))
    return cast("Estimate", made)  # without groups there is one


def _wrap(
    order: Order,
    sides: list[Estimate],
    found: tuple[Recipe, RatioEstimate],
    method: str,
    pairs: Pairs,
) -> Comparison:
    recipe, ratio = found
    before, after = sides
    low, high = recipe.interval(order.confidence_level)
    counts = {"nameless": pairs.nameless, "unmatched": pairs.alone}
    lost = [Caveat.of(code, count=count) for code, count in counts.items() if count]
    return Comparison(
        metric=order.engine.name,
        value=order.engine.factor * float(ratio.value[0]),
        low=float(low[0]),
        high=float(high[0]),
        confidence_level=order.confidence_level,
        method=method,
        standard_error=order.engine.factor * float(ratio.standard_error[0]),
        unit=order.engine.unit,
        before=before,
        after=after,
        caveats=(*caveats_of(before, after), *lost),
        receipt=Receipt(
            engine="compare",
            method=method,
            confidence_level=order.confidence_level,
            parameters=order.parameters,
            steps=(("rows", pairs.rows), ("pairs", int(ratio.n[0]))),
            exclusions=pairs.exclusions,
        ),
        recipe=recipe,
    )
