"""How a metric differs between two groups or two periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from cxm_core.columns import Missing
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import (
    CHANGE_METHODS,
    RELATIVE_METHODS,
    Comparison,
    Estimate,
    Receipt,
    change_interval,
)
from cxm_core.vocabulary import takes

from ._engine import engine_named
from ._matching import Asked, Paired
from ._metric_definition import MetricDefinition
from ._metric_order import metric_order
from ._order import Order, ScaleLike
from ._pairs import paired_change
from ._rng import Rng, seed_of
from ._sides import at_one_level, caveats_of, difference, estimate, relative_change, unlike
from ._tally import count
from ._wrap import wrap

_LEVEL = 0.95
_RELATIVE = "relative change"
# Units whose zero is a convention, so that a part of them means nothing.
_NO_ZERO = ("points", "scale points")


@takes(relative="flag", method="text")
def compare(
    before: object,
    after: object,
    *,
    metric: str | Callable[[Any], Any] | None = None,
    paired: Paired = None,
    relative: bool = False,
    method: str = "auto",
    scale: ScaleLike | None = None,
    top: Iterable[int] | None = None,
    missing: Missing = (),
    clusters: object = None,
    confidence_level: float | None = None,
    rng: Rng = None,
) -> Comparison:
    """Change of a metric: after minus before, with the interval of the change.

    Parameters
    ----------
    before, after : Estimate, Tally or sequence
        Results of one metric; or tallies or answers, and then `metric` says of what.
        They must be answers of different people, or be told to be `paired`.
    metric : str, callable or None
        Name of a metric such as ``"nps"``, a definition such as ``cx.definition("net_easy")``, or a
        function that makes an Estimate of one side.
    paired : True, tuple of two sequences, or None
        The same people answered twice: True if row by row, or the identifiers of the rows before
        and after. The change is that of those who answered both times.
    relative : bool
        The change as a part of the figure before: 0.1 for one tenth more. For shares, ratios and
        quantiles; points of a scale have no zero that it could be a part of.
    method : str
        Interval; "auto" is "mover", or "koopman" for the relative change of a share, or "paired".
        Also "welch", "bootstrap", for shares "miettinen_nurminen", "mee", "newcombe",
        "agresti_caffo", and for any relative change "mover_ratio".
    scale : str, Scale or None
        Scale of the answers, if the metric needs one.
    top : levels or None
        Levels that count, such as ``(4, 5)``, never the worst one; None for those of the scale.
    missing : codes, or mapping of code to reason
        Codes that mean no answer.
    clusters : sequence or None
        With `paired`: what the people belong to, one label for each row of `before`.
    confidence_level : float in (0, 1) or None
        Nominal coverage; None for that of the results, and 0.95 for answers.
    rng : int, numpy.random.Generator or None
        Where "bootstrap" draws from.

    Returns
    -------
    Comparison
        In the unit of the metric, or in parts of the figure before. A caveat says so where one side
        alone is weighted or stratified, or leaves out codes that the other counts.

    Raises
    ------
    UsageError
        The two sides are not of one metric, one of them is a breakdown, `metric` is missing, the
        method does not go with it, or somebody answered twice on one side of a pair.

    Notes
    -----
    MOVER joins the two intervals: each limit of the change takes the distance from value to limit
    on the side that matters. It needs nothing but the two intervals, so it holds for weighted and
    clustered samples as well; for shares from 0.5 to 0.99 it covered at least 0.943 of all outcomes
    where Miettinen and Nurminen's fell to 0.884, for 10 answers against 50.
    The change of the same people is one figure a person. Of a share it is the score interval of a
    balance, gained less lost; of points, the interval of a mean with an answer added.
    Two intervals that overlap do not mean that there is no change; the interval of the change says.

    References
    ----------
    .. [1] Newcombe, R., Interval estimation for the difference between independent proportions,
       1998, Statistics in Medicine 17, 873-890, method 10.
    .. [2] Zou, G. and Donner, A., Construction of confidence limits about effect measures, 2008,
       Statistics in Medicine 27, 1693-1702.
    .. [3] Tango, T., Equivalence test and confidence interval for the difference in proportions
       for the paired-sample design, 1998, Statistics in Medicine 17, 891-908.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.compare(cx.nps([10, 9, 8, 3] * 50), cx.nps([10, 8, 8, 3] * 50))
    Comparison(nps -25.0 points, 95% interval -39.8 to -9.6, n=200 and 200)
    >>> cx.compare([10, 9, 8, 3] * 50, [10, 8, 8, 3] * 50, metric="nps", paired=True)
    Comparison(nps -25.0 points, 95% interval -31.1 to -18.7, n=200 and 200)
    """
    if _is_paired(paired):
        order = _order(metric, scale, top, confidence_level)
        if relative:
            raise UsageError("The relative change of pairs has no interval here.")
        asked = Asked(order, paired, missing, clusters, method)
        return paired_change(before, after, asked)
    if clusters is not None:
        raise UsageError(
            "clusters= goes with paired=, and the two sides are not paired.",
            hint="name the clusters where each side is measured: cx.nps(..., clusters=...)",
        )
    make = _maker(metric, scale, top, missing, confidence_level)
    sides = estimate(before, "before", make), estimate(after, "after", make)
    one, other = at_one_level(*sides, confidence_level=confidence_level)
    return _wrap(one, other, _method(method, one, is_relative=relative), seed_of(rng))


def _is_paired(paired: object) -> bool:
    """Whether anything is said of who is whom; an array has no truth of its own."""
    return paired is not None and paired is not False


def _order(
    metric: object, scale: ScaleLike | None, top: Iterable[int] | None, level: float | None
) -> Order:
    level = _LEVEL if level is None else level
    if isinstance(metric, MetricDefinition):
        return metric_order(metric, scale, level)
    if not isinstance(metric, str):
        raise UsageError("Pairs need answers and the name of a metric.", hint="metric='nps'")
    engine = engine_named(metric)
    if top is not None and engine.chosen != "top":
        raise UsageError(
            f"{metric} has no use for top=.",
            hint="metric= also takes a function that makes an Estimate of one side",
        )
    return Order.of(engine, scale, top, confidence_level=level)


def _maker(
    metric: str | Callable[[Any], Any] | None,
    scale: ScaleLike | None,
    top: Iterable[int] | None,
    missing: Missing,
    confidence_level: float | None,
) -> Callable[[Any], Any] | None:
    """Function from answers to an estimate."""
    if isinstance(metric, MetricDefinition):
        order = _order(metric, scale, top, confidence_level)
        return partial(metric, missing=missing, confidence_level=order.confidence_level)
    if metric is None or callable(metric):
        return metric
    order = _order(metric, scale, top, confidence_level)

    def make(data: object) -> object:
        counted = count(data, scale=order.scale, missing=missing)
        return wrap(order, counted, order.ratio(counted.tally))

    return make


def _method(method: str, side: Estimate, *, is_relative: bool) -> str:
    if is_relative and side.unit in _NO_ZERO:
        raise UsageError(
            f"{side.metric} is told in {side.unit}, and a part of them means nothing.",
            hint="leave relative= out: the change in points is the change",
        )
    known = RELATIVE_METHODS if is_relative else CHANGE_METHODS
    if method == "auto":
        return known[0] if not is_relative or side.unit == "share" else "mover_ratio"
    if method not in known:
        raise UsageError(
            f"A {_RELATIVE if is_relative else 'change'} has no interval method {method!r}.",
            hint=did_you_mean(str(method), ("auto", *known)),
        )
    return method


def _wrap(before: Estimate, after: Estimate, method: str, seed: int | None) -> Comparison:
    seed = seed if method == "bootstrap" else None
    is_relative = method in RELATIVE_METHODS
    low, high = change_interval(before, after, method=method, seed=seed)
    value, error = relative_change(before, after) if is_relative else difference(before, after)
    return Comparison(
        metric=before.metric,
        value=value,
        low=low,
        high=high,
        confidence_level=before.confidence_level,
        method=method,
        standard_error=error,
        unit=_RELATIVE if is_relative else before.unit,
        before=before,
        after=after,
        caveats=(*unlike(before, after), *caveats_of(before, after)),
        receipt=Receipt(
            engine="compare",
            method=method,
            confidence_level=before.confidence_level,
            definition=before.receipt.definition,
            parameters=before.receipt.parameters,
            seed=seed,
        ),
    )
