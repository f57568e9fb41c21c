"""How a metric differs between two groups or two periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import hypot, nan
from typing import Any

from cxm_core.columns import Missing
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Comparison, Estimate, Receipt, change_interval

from ._engine import engine_named
from ._order import Order, ScaleLike
from ._tally import count
from ._wrap import wrap

_METHOD = "mover"
_LEVEL = 0.95


def compare(
    before: object,
    after: object,
    *,
    metric: str | Callable[[Any], Any] | None = None,
    scale: ScaleLike | None = None,
    top: Iterable[int] | None = None,
    missing: Missing = (),
    confidence_level: float | None = None,
) -> Comparison:
    """Change of a metric: after minus before, with the interval of the change.

    Parameters
    ----------
    before, after : Estimate, Tally or sequence
        Results of one metric; or tallies or answers, and then `metric` says of what.
        They must be answers of different people: two waves, two groups, two variants.
    metric : str, callable or None
        Name of a metric such as ``"nps"``, or a function that makes an Estimate of one side.
    scale : str, Scale or None
        Scale of the answers, if the metric needs one.
    top : levels or None
        Levels that count; None for those of the scale.
    missing : codes, or mapping of code to reason
        Codes that mean no answer.
    confidence_level : float in (0, 1) or None
        Nominal coverage; None for that of the results, and 0.95 for answers.

    Returns
    -------
    Comparison
        In the unit of the metric.

    Raises
    ------
    UsageError
        The two sides are not of one metric, one of them is a breakdown, or `metric` is missing.

    Notes
    -----
    MOVER joins the two intervals: each limit of the change takes the distance from value to limit
    on the side that matters. It needs nothing but the two intervals, so it holds for weighted and
    clustered samples as well.
    Two intervals that overlap do not mean that there is no change; the interval of the change says.

    References
    ----------
    .. [1] Newcombe, R., Interval estimation for the difference between independent proportions,
       1998, Statistics in Medicine 17, 873-890, method 10.
    .. [2] Zou, G. and Donner, A., Construction of confidence limits about effect measures, 2008,
       Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.compare(cx.nps([10, 9, 8, 3] * 50), cx.nps([10, 8, 8, 3] * 50))
    Comparison(nps -25.0 points, 95% interval -39.8 to -9.6, n=200 and 200)
    """
    make = _maker(metric, scale, top, missing, confidence_level)
    sides = _estimate(before, "before", make), _estimate(after, "after", make)
    return _wrap(*_at_one_level(*sides, confidence_level=confidence_level))


def _maker(
    metric: str | Callable[[Any], Any] | None,
    scale: ScaleLike | None,
    top: Iterable[int] | None,
    missing: Missing,
    confidence_level: float | None,
) -> Callable[[Any], Any] | None:
    """Function from answers to an estimate."""
    if not isinstance(metric, str):
        return metric
    engine = engine_named(metric)
    if top is not None and engine.chosen != "top":
        raise UsageError(
            f"{metric} has no use for top=.",
            hint="metric= also takes a function that makes an Estimate of one side",
        )
    order = Order.of(engine, scale, top, confidence_level=confidence_level or _LEVEL)

    def make(data: object) -> object:
        counted = count(data, scale=order.scale, missing=missing)
        return wrap(order, counted, order.ratio(counted.tally))

    return make


def _estimate(side: object, name: str, make: Callable[[Any], Any] | None) -> Estimate:
    if not isinstance(side, Estimate | Breakdown):
        if make is None:
            raise UsageError(
                f"{name} is no result, and no metric is named.", hint="metric='nps', for example"
            )
        side = make(side)
    if isinstance(side, Breakdown):
        raise UsageError(
            f"{name} has {len(side)} groups, and one figure is compared with one.",
            hint="one group of it, such as b['North']",
        )
    if not isinstance(side, Estimate):
        raise UsageError(f"The metric made a {type(side).__name__} of {name}, and no Estimate.")
    return side


def _at_one_level(
    before: Estimate, after: Estimate, *, confidence_level: float | None
) -> tuple[Estimate, Estimate]:
    """Both sides at one level, after a look whether they measure the same."""
    for what in ("metric", "unit"):
        one, other = getattr(before, what), getattr(after, what)
        if one != other:
            raise UsageError(f"The sides differ in their {what}: {one!r} before, {other!r} after.")
    if before.receipt.parameters != after.receipt.parameters:
        raise UsageError(
            f"The sides of {before.metric} differ in their definition: "
            f"{_told(before)} before, {_told(after)} after.",
            hint="measure both on one scale, with the same levels",
        )
    if confidence_level is None and before.confidence_level != after.confidence_level:
        raise UsageError(
            f"The sides differ in their confidence level: {before.confidence_level} before, "
            f"{after.confidence_level} after.",
            hint="name one: confidence_level=0.95",
        )
    level = before.confidence_level if confidence_level is None else confidence_level
    first, second = (
        side if side.confidence_level == level else side.at_level(level) for side in (before, after)
    )
    return first, second


def _told(side: Estimate) -> str:
    return ", ".join(f"{name} {value}" for name, value in side.receipt.parameters)


def _wrap(before: Estimate, after: Estimate) -> Comparison:
    low, high = change_interval(before, after)
    caveats = {caveat.code: caveat for caveat in (*before.caveats, *after.caveats)}
    return Comparison(
        metric=before.metric,
        value=_or_nan(after.value) - _or_nan(before.value),
        low=low,
        high=high,
        confidence_level=before.confidence_level,
        method=_METHOD,
        standard_error=hypot(_or_nan(before.standard_error), _or_nan(after.standard_error)),
        unit=before.unit,
        before=before,
        after=after,
        caveats=tuple(caveats.values()),
        receipt=Receipt(
            engine="compare",
            method=_METHOD,
            confidence_level=before.confidence_level,
            definition=before.receipt.definition,
            parameters=before.receipt.parameters,
        ),
    )


def _or_nan(number: float | None) -> float:
    return nan if number is None else number
