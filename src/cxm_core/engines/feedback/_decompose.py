"""Why a metric moved: other customers, or the same kinds of customers who judge otherwise."""

from __future__ import annotations

from math import fsum
from typing import Any

import numpy as np

from cxm_core.columns import Missing
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Caveat, Receipt, Waterfall, check_level
from cxm_core.stats import MixRate, split_change, t_interval
from cxm_core.vocabulary import takes

from ._metric_definition import MetricDefinition
from ._metric_order import defined, metric_name, metric_order
from ._mix_sides import Given, Side, Terms, measured_side, measured_terms
from ._mix_steps import steps_of
from ._order import ScaleLike

_METHOD = "midpoint, delta"
# A waterfall of more groups than this is no picture.
_MOST_GROUPS = 12
_SMALL = 30


@takes(design="mapping?", most_groups="whole")
def decompose(
    before: object,
    after: object,
    *,
    metric: str | MetricDefinition | None = None,
    by: Any = None,
    column: str | None = None,
    scale: ScaleLike | None = None,
    design: dict[str, Any] | None = None,
    missing: Missing = (),
    confidence_level: float = 0.95,
    most_groups: int = _MOST_GROUPS,
) -> Waterfall:
    """Change of a metric, split into who answered and how each group has changed.

    If happy kinds of customers become more, a score rises though nobody is happier: that is mix.
    What comes from changed answers within the groups is rate. The two add up to the change.

    Parameters
    ----------
    before, after : Breakdown, table, sequence or Tally
        Two waves of different people: breakdowns of one metric over the same groups, unweighted;
        tables with `column`; tallies with groups; or sequences, and then `by` is a pair of
        sequences of labels.
    metric : str, MetricDefinition or None
        Such as ``"nps"``; None for breakdowns.
    by : column names, axis names, pair of (groups before, groups after), or None
        What to split by; None for all groups of tallies.
    column : str or None
        Column of the answers, if both sides are tables.
    scale : str, Scale or None
        Scale of the answers, if the metric needs one.
    design : mapping with ``weights``, ``strata``, ``clusters``, or None
        Column names, if both sides are tables; else pairs of sequences, before and after.
    missing : codes, or mapping of code to reason
        Codes that mean no answer.
    confidence_level : float in (0, 1)
        Nominal coverage of each step's interval.
    most_groups : int
        Groups with steps of their own: those that move most. The others share two steps.

    Returns
    -------
    Waterfall
        First the steps of mix, then those of rate, with intervals; they add up to after less
        before exactly. The note of a step has the group's shares or values, before and after; the
        receipt has the sums of all mix and of all rate with their intervals.

    Raises
    ------
    UsageError
        One side has no answers, the sides have no groups, or the data are wrong.

    Notes
    -----
    New shares first and new values then, or the other way round, give two answers; here each part
    is the mean of both, so no order is hidden in it. A group's mix is what its share has gained,
    times its distance from the overall value. A group on one side only has mix and no rate.
    Intervals are from the delta method under the design of both samples, with Student's t; those
    of a group with a handful of answers are too short. Where all of a group agree on both sides,
    its rate has an interval of no width and should have one: a caveat counts such groups.

    References
    ----------
    .. [1] Kitagawa, E., Components of a difference between two rates, 1955, Journal of the
       American Statistical Association 50, 1168-1194.
    .. [2] Das Gupta, P., A general method of decomposing a difference between two rates into
       several components, 1978, Demography 15, 99-112.

    Examples
    --------
    >>> import cxm_core as cx
    >>> shops = ["a"] * 100 + ["b"] * 100, ["a"] * 50 + ["b"] * 150
    >>> before, after = [10, 10, 9, 3] * 25 + [9, 7, 5, 3] * 25, [10, 10, 9, 3] * 12 + [10, 3]
    >>> fall = cx.decompose(before, after + [9, 7, 5, 3] * 37 + [9, 3], metric="nps", by=shops)
    >>> fall["mix: b"].value < 0
    True
    >>> round(sum(step.value for step in fall.steps), 6) == round(fall.gap, 6)
    True
    """
    check_level(confidence_level)
    given = Given(column=column, by=by, design=design or {}, missing=missing)
    terms, sides = _terms_and_sides((before, after), metric, given, scale, confidence_level)
    found = split_change(*(side.moments for side in sides))
    start, end = (terms.engine.factor * found.overall).tolist()
    receipt = _receipt(terms, sides, _sums(terms, found))
    return Waterfall(
        metric=terms.name,
        unit=terms.engine.unit,
        start=start,
        end=end,
        steps=steps_of(terms, found, most_groups),
        confidence_level=confidence_level,
        method=_METHOD,
        caveats=_caveats(found, sides),
        receipt=receipt if metric is None else defined(receipt, metric),
    )


def _terms_and_sides(
    data: tuple[object, object],
    metric: str | MetricDefinition | None,
    given: Given,
    scale: ScaleLike | None,
    confidence_level: float,
) -> tuple[Terms, list[Side]]:
    before, after = data
    if metric is None and isinstance(before, Breakdown) and isinstance(after, Breakdown):
        terms = measured_terms(before, after, confidence_level)
        return terms, [measured_side(before), measured_side(after)]
    if metric is None:
        raise UsageError(
            "No metric is named, and the sides are no breakdowns.", hint="metric='nps'"
        )
    order = metric_order(metric, scale, confidence_level)
    terms = Terms(
        engine=order.engine,
        name=metric_name(metric),
        confidence_level=confidence_level,
        parameters=order.parameters,
    )
    return terms, [given.side(side, place, order) for place, side in enumerate(data)]


def _sums(terms: Terms, found: MixRate) -> list[tuple[str, str]]:
    """All mix, all rate and the change, with their limits, for the receipt."""
    factor = terms.engine.factor
    values = [factor * fsum(part) for part in (found.mix, found.rate)]
    told = []
    for name, value, error in zip(
        ("mix", "rate", "change"), [*values, fsum(values)], factor * found.errors, strict=True
    ):
        low, high = t_interval(value, error, found.df, confidence_level=terms.confidence_level)
        told += [(f"{name}", f"{value:.6g}"), (f"{name}_interval", f"{low:.6g} to {high:.6g}")]
    return told


def _caveats(found: MixRate, sides: list[Side]) -> list[Caveat]:
    alone = int((~np.isfinite(found.values)).any(axis=0).sum())
    small = min(int(side.moments.n[side.moments.n > 0].min()) for side in sides) < _SMALL
    # A rate of no error: all who answered agree, before and after.
    agreed = int((np.isfinite(found.values).all(axis=0) & (found.rate_error == 0)).sum())
    told = {"one_side_only": alone, "unanimous_groups": agreed}
    counted = [Caveat.of(code, count=count) for code, count in told.items() if count]
    return [*counted, *([Caveat.of("small_groups")] if small else [])]


def _receipt(terms: Terms, sides: list[Side], sums: list[tuple[str, str]]) -> Receipt:
    names = ("before", "after")
    return Receipt(
        engine="decompose",
        method=_METHOD,
        confidence_level=terms.confidence_level,
        parameters=(*terms.parameters, ("by", " ".join(sides[0].axes)), *sums),
        steps={
            f"{what} {name}": count
            for name, side in zip(names, sides, strict=True)
            for what, count in (("rows", side.rows), ("answered", int(side.moments.n.sum())))
        },
        exclusions={
            f"{reason} {name}": count
            for name, side in zip(names, sides, strict=True)
            for reason, count in side.exclusions
        },
    )
