"""Control charts of a metric."""

from __future__ import annotations

from collections.abc import Iterable

from cxm_core.columns import Missing
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Caveat, ChartPoint, ControlChart, Receipt
from cxm_core.vocabulary import takes

from ._chart_points import Drawn, Points
from ._metric_definition import MetricDefinition
from ._order import ScaleLike
from ._ranges import Range, check_value
from ._watch import Wish, watch
from ._watched import Watched, order_for

_KINDS = ("laney", "p", "xmr", "ewma", "cusum")
_FEW = 20


@takes(kind="text", baseline="whole?", target="number?", rules="text")
def control_chart(
    data: object,
    at: object,
    *,
    metric: str | MetricDefinition,
    column: str | None = None,
    kind: str = "auto",
    baseline: int | None = None,
    target: float | None = None,
    rules: str = "western_electric",
    scale: ScaleLike | None = None,
    top: Iterable[int] | None = None,
    missing: Missing = (),
) -> ControlChart:
    """A metric period by period, with the limits within which a steady process moves by itself.

    Parameters
    ----------
    data : sequence, table or Tally
        Answers; a table with `column`; or a tally with an axis of periods.
    at : sequence, column name or axis name
        Period of each answer, such as ``cx.week(at, tz=...)``; rows without one are left out.
    metric : str or MetricDefinition
        Name of a metric, such as ``"nps"``, ``"csat"`` or ``"mean_score"``; or a definition.
    column : str or None
        Column of the answers, if the data is a table.
    kind : {"auto", "laney", "p", "xmr", "ewma", "cusum"}
        "laney": limits from the sampling error of each point, widened or narrowed by how much the
        process moves by itself; "p": the sampling error alone; "xmr": from the mean range between
        neighbours; "ewma" and "cusum" catch small lasting shifts. "auto" is "xmr" for points of
        about equal size, else "laney".
    baseline : int or None
        How many points at the start set centre and limits; None for all.
    target : float or None
        Centre that is known, in the metric's unit; None for that of the baseline.
    rules : {"western_electric", "wheeler", "limits"}
        Which patterns are signals; for "ewma" and "cusum" only the limits count.
    scale : str, Scale or None
        Scale of the answers, if the metric needs one.
    top : levels or None
        Levels that count, such as ``(4, 5)``, never the worst one; None for those of the scale.
    missing : codes, or mapping of code to reason
        Codes that mean no answer.

    Returns
    -------
    ControlChart
        Points with limits and the rules that they break.

    Raises
    ------
    UsageError
        There are fewer than two points, a value is off the scale, the target is beyond the
        metric's range, or there is no such kind or set of rules.

    Notes
    -----
    A control chart finds points that are unlike the others. It promises a rate of false alarms
    for each point, not for all of them; whoever looks every day for a year wants `track`.
    A CUSUM shows the sum on the side that is further out, downwards as a negative number, in
    standard deviations of a point times the metric's unit.

    References
    ----------
    .. [1] Laney, D., Improved control charts for attributes, 2002, Quality Engineering 14, 531-537.
    .. [2] Wheeler, D., Understanding Variation, 2000, SPC Press.
    .. [3] Western Electric Company, Statistical Quality Control Handbook, 1956.
    .. [4] Montgomery, D., Introduction to Statistical Quality Control, 2013, Wiley, chapter 9.

    Examples
    --------
    >>> import cxm_core as cx
    >>> days = [f"day {day:02}" for day in range(30) for _ in range(8)]
    >>> scores = ([10, 9, 9, 8, 7, 10, 9, 3] * 29) + [3] * 8
    >>> cx.control_chart(scores, days, metric="nps", baseline=29, kind="p")
    ControlChart(nps p, centre 50.0 points, 1 signal in 30 points)
    """
    if kind not in ("auto", *_KINDS):
        raise UsageError(f"There is no chart {kind!r}.", hint=did_you_mean(str(kind), _KINDS))
    order = order_for(metric, scale=scale, top=top)
    wish = Wish(metric=metric, order=order)
    watched = watch(data, at, wish=wish, column=column, missing=missing)
    check_value(target, Range.of(order.engine.unit, order.parameters), name="target")
    points = Points.of(watched, baseline, target)
    chosen = points.kind if kind == "auto" else kind
    drawn = points.drawn(chosen, rules)
    return _wrap(watched, points, drawn, (chosen, rules))


def _wrap(watched: Watched, points: Points, drawn: Drawn, names: tuple[str, str]) -> ControlChart:
    order, chart, (kind, rules) = watched.order, drawn.chart, names
    rows = zip(
        watched.labels, watched.n.tolist(), chart.values.tolist(), chart.low.tolist(),
        chart.high.tolist(), drawn.signals, strict=True,
    )  # fmt: skip
    return ControlChart(
        metric=watched.name,
        unit=order.engine.unit,
        kind=kind,
        centre=chart.centre,
        points=[
            ChartPoint(at=at, n=n, value=value, low=low, high=high, signals=signals)
            for at, n, value, low, high, signals in rows
        ],
        baseline=points.first,
        rules="limits" if kind in ("ewma", "cusum") else rules,
        caveats=[Caveat.of("few_points")] if points.first < _FEW else [],
        receipt=Receipt(
            engine="control_chart",
            **watched.definition,
            method=kind,
            confidence_level=order.confidence_level,
            parameters=(*order.parameters, ("rules", rules)),
            steps=(("rows", watched.counted.rows or 0), ("charted", int(watched.n.sum()))),
            exclusions=watched.exclusions,
        ),
    )
