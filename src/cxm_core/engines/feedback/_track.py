"""Looking at a metric again and again, with a verdict that holds whenever one stops."""

from __future__ import annotations

from collections.abc import Iterable
from math import nan
from typing import Any

from cxm_core.columns import Missing
from cxm_core.results import Caveat, Label, Look, Receipt, Tracking
from cxm_core.stats import Detection, mover
from cxm_core.vocabulary import takes

from ._against import Against, Given
from ._look_table import Weights
from ._looking import RUN_LENGTH, Seen, ahead, see, sequence_for
from ._metric_definition import MetricDefinition
from ._order import Order, ScaleLike
from ._ranges import Range, check_margin, check_value
from ._verdicts import Verdict, settled_after, verdict_of
from ._watch import Wish, watch
from ._watched import Watched, name_of, order_for

_SMALL_N = 30
# Part of its average run length from which on a detector's false alarm is no surprise.
_MUCH = 0.1


@takes(margin="number?", method="text", average_run_length="number")
def track(
    data: object,
    at: object,
    *,
    metric: str | MetricDefinition,
    column: str | None = None,
    baseline: Given = None,
    margin: float | None = None,
    scale: ScaleLike | None = None,
    top: Iterable[int] | None = None,
    missing: Missing = (),
    confidence_level: float = 0.95,
    method: str = "auto",
    average_run_length: float = RUN_LENGTH,
    weights: Any = None,
    max_weight: float | None = None,
) -> Tracking:
    """Whether a metric has changed, however often you look.

    Parameters
    ----------
    data : sequence, table or Tally
        Answers, one of each customer; a table with `column`; or a tally with an axis of times.
    at : sequence, column name or axis name
        When each answer came: dates, instants, or periods such as ``cx.week(at, tz=...)``. Answers
        of one time are one look. Rows without a time are left out and counted.
    metric : str or MetricDefinition
        Name of a metric, such as ``"nps"``, ``"csat"`` or ``"mean_score"``; or a definition.
    column : str or None
        Column of the answers, if the data is a table.
    baseline : Estimate, Tally, float or None
        What to compare with, frozen before the first look: a result of the same metric, a tally,
        or a number that is known, in the metric's unit. None asks whether the looks differ among
        themselves.
    margin : float or None
        Difference that would not matter, in the metric's unit; None for none.
    scale : str, Scale or None
        Scale of the answers, if the metric needs one.
    top : levels or None
        Levels that count, such as ``(4, 5)``, never the worst one; None for those of the scale.
    missing : codes, or mapping of code to reason
        Codes that mean no answer.
    confidence_level : float in (0, 1)
        Chance that no look ever misses.
    method : {"auto", "betting", "bernoulli", "empirical_bernstein", "hedged", "asymptotic"}
        How the interval for every look is made; "auto" is "bernoulli" for a share and "betting"
        for everything else. "asymptotic" is refused below 500 answers. Weighted answers have
        "betting" and "asymptotic", by effective n.
    average_run_length : float
        Looks that pass on average, at least, before the change detector alarms without reason.
    weights : sequence, column name or None
        Weight of each answer, known when the answer comes, such as that of its stratum; no
        weights that are fitted anew to all answers at each look.
    max_weight : float or None
        Greatest weight that any answer can ever have, known before the first look.

    Returns
    -------
    Tracking
        CHANGED, SAME WITHIN the margin, or KEEP WATCHING with about how many more answers; both
        intervals, the one for every look and the one for a single look.

    Raises
    ------
    UsageError
        A value is off the scale, the baseline is of another metric or beyond its range, the margin
        is as wide as that range, the tally is weighted or clustered, there is no such method,
        "asymptotic" has too few answers, a weight lies outside 0 to `max_weight`, or the weights
        are a Weighting.

    Notes
    -----
    An interval for one look misses in a third of all years if it is looked at daily. The sequence
    misses in at most one of twenty, at all looks together, for any distribution of answers that
    keeps its mean; measured over 10,000 years of daily looks.
    A baseline that is itself an estimate takes half of the error: its own interval and the
    sequence are both made at 97.5 % for 95 %, so that their difference holds at every look.
    CHANGED is said where the sequence has ever ruled out the baseline, or where the change
    detector alarms, which notices a late change sooner. Without a change, the detector alarms
    within k looks with a chance of at most k over its average run length.
    Without a baseline, CHANGED means that no single value lies in the intervals of all looks.
    Several answers of one customer resemble each other and would be mistaken for news: keep one.
    An answer that weighs half is bet on with half of the stake, so that no answer can ruin a bet,
    and each is fair whatever weights and answers have to do with each other. That needs the
    greatest weight to be known beforehand: a limit of trimming, or the weight of the thinnest
    stratum. The further it lies above the usual weight, the wider is the interval.

    References
    ----------
    .. [1] Waudby-Smith, I. and Ramdas, A., Estimating means of bounded random variables by betting,
       2024, Journal of the Royal Statistical Society B 86, 1-27.
    .. [2] Howard, S., Ramdas, A., McAuliffe, J. and Sekhon, J., Time-uniform, nonparametric,
       nonasymptotic confidence sequences, 2021, Annals of Statistics 49, 1055-1080.
    .. [3] Shin, J., Ramdas, A. and Rinaldo, A., E-detectors: a nonparametric framework for
       sequential change detection, 2024, New England Journal of Statistics in Data Science 2,
       229-260.

    Examples
    --------
    >>> import cxm_core as cx
    >>> days = [f"2026-11-{day:02}" for day in range(1, 31) for _ in range(20)]
    >>> before = cx.nps([10, 9, 9, 8, 7, 3] * 200)
    >>> watched = cx.track([10, 9, 8, 8, 3] * 120, days, metric="nps", baseline=before, margin=15)
    >>> watched.verdict, watched.value < 0 < watched.high
    ('KEEP WATCHING', True)
    >>> watched.fixed_high < 0
    True
    """
    order = order_for(metric, scale=scale, top=top, confidence_level=confidence_level)
    weighed = Weights.of(weights, max_weight)
    sequence = sequence_for(order, method, weights=weighed)
    _check(order, baseline, margin)
    against = Against.of(baseline, order, name=name_of(metric), missing=missing)
    wish = Wish(metric=metric, order=order)
    watched = watch(data, at, wish=wish, column=column, missing=missing, weights=weighed)
    seen = see(watched, sequence, against, run_length=average_run_length)
    verdict = verdict_of(seen.limits, seen.value, against=against.baseline, margin=margin)
    more = _more(watched, seen, verdict, against)
    return _tracking(watched, seen, verdict, against, more)


def _check(order: Order, baseline: Given, margin: float | None) -> None:
    """Refuse a margin or a known baseline that the metric cannot have."""
    known = Range.of(order.engine.unit, order.parameters)
    check_margin(margin, known)
    if isinstance(baseline, int | float):
        check_value(baseline, known, name="baseline")


def _more(watched: Watched, seen: Seen, verdict: Verdict, against: Against) -> int | None:
    """About how many more answers will settle it, if the value stays what it is."""
    if verdict.name != "KEEP WATCHING" or not watched.labels:
        return None
    totals, limits = ahead(watched, seen.sequence, against.level)
    return settled_after(totals, limits, against=against.baseline, margin=verdict.margin)


def _tracking(
    watched: Watched, seen: Seen, verdict: Verdict, against: Against, more: int | None
) -> Tracking:
    order, last = watched.order, verdict.last
    alarm, since = _alarm(watched, seen.detection)
    fixed = _fixed_difference(seen, against)
    is_open = verdict.name == "KEEP WATCHING" and verdict.margin is not None and alarm is None
    return Tracking(
        metric=watched.name,
        unit=order.engine.unit,
        verdict="CHANGED" if alarm is not None else verdict.name,
        margin=verdict.margin,
        more=None if alarm is not None else more,
        value=last.value,
        low=last.low,
        high=last.high,
        fixed_low=fixed[0],
        fixed_high=fixed[1],
        confidence_level=order.confidence_level,
        method=seen.sequence,
        fixed_method=order.method + ("" if watched.shares is None else ", design effective n"),
        baseline=against.baseline,
        looks=_looks(watched, seen),
        changed_at=None if verdict.first is None else watched.labels[verdict.first],
        alarm_at=alarm,
        since=since,
        average_run_length=None if seen.detection is None else seen.run_length,
        caveats=_caveats(
            watched,
            seen,
            against,
            is_open=is_open and more is None,
            by_detector=alarm is not None and verdict.first is None,
        ),
        receipt=_receipt(watched, seen, against),
    )


def _alarm(watched: Watched, found: Detection | None) -> tuple[Label, Label]:
    if found is None or found.alarm is None or found.since is None:
        return None, None
    return watched.labels[found.alarm], watched.labels[found.since]


def _fixed_difference(seen: Seen, against: Against) -> tuple[float, float]:
    """Interval for one look: of the value so far, or of its difference from the baseline."""
    if not seen.value.size:
        return nan, nan
    last = (seen.value[-1], seen.fixed.low[-1], seen.fixed.high[-1])
    low, high = last[1:] if against.fixed is None else mover(last, against.fixed)
    return float(low), float(high)


def _looks(watched: Watched, seen: Seen) -> tuple[Look, ...]:
    looks = len(watched.labels)
    evidence = [None] * looks if seen.detection is None else seen.detection.evidence.tolist()
    arrays = (
        *(watched.n, seen.alone, watched.n.cumsum(), seen.value),
        *(seen.limits.low, seen.limits.high, seen.fixed.low, seen.fixed.high),
    )
    names = ("n", "value", "total", "running", "low", "high", "fixed_low", "fixed_high")
    rows = zip(*(array.tolist() for array in arrays), strict=True)
    return tuple(
        Look(at=at, evidence=found, **dict(zip(names, row, strict=True)))
        for at, found, row in zip(watched.labels, evidence, rows, strict=True)
    )


def _caveats(
    watched: Watched, seen: Seen, against: Against, *, is_open: bool, by_detector: bool
) -> tuple[Caveat, ...]:
    n, baseline = int(watched.n.sum()), against.baseline
    told = {
        "no_answers": n == 0,
        "small_n": 0 < n < _SMALL_N,
        "long_run_only": seen.sequence == "asymptotic",
        "design_effect": watched.effective_n < n / 2,
        "unsure_baseline": bool(n and is_open and baseline and not baseline.is_known),
        "chance_alarm": by_detector and len(watched.labels) > _MUCH * seen.run_length,
    }
    return tuple(Caveat.of(code) for code, holds in told.items() if holds)


def _receipt(watched: Watched, seen: Seen, against: Against) -> Receipt:
    order, counted = watched.order, watched.counted
    steps = [] if counted.rows is None else [("rows", counted.rows)]
    baseline = against.baseline
    told = {
        "baseline": None if baseline is None else f"{baseline.value:g}",
        "max_weight": None if watched.max_weight is None else f"{watched.max_weight:g}",
    }
    return Receipt(
        engine="track",
        **watched.definition,
        method=seen.sequence,
        confidence_level=order.confidence_level,
        parameters=(*order.parameters, *((k, v) for k, v in told.items() if v is not None)),
        design=() if watched.shares is None else ("weights",),
        steps=(*steps, ("watched", int(watched.n.sum()))),
        exclusions=watched.exclusions,
    )
