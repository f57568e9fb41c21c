"""What the engines offer to those who count elsewhere: a spec to count by, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats import Axis, Filter, Population, Tally, TallySpec
from cxm_core.vocabulary import CUSTOMER_KEY

from ._engine import engine_named
from ._order import UNANSWERED, Of, Order, ScaleLike, scale_for
from ._tally import Counted, rolled_up
from ._wrap import Result, wrap

#: What may structure a sample -> the part of the spec that it is, and the column behind it.
_DESIGN = {
    "weight": ("weight", "weight"),
    "stratum": ("stratum", "stratum"),
    "cluster": ("cluster", "cluster"),
    "customer": ("cluster", CUSTOMER_KEY),
}


def spec(
    engine: str,
    *,
    question: str | Sequence[str],
    scale: ScaleLike | None = None,
    by: Sequence[Axis] = (),
    where: Sequence[Filter] = (),
    design: Iterable[str] = (),
) -> TallySpec:
    """Spec that counts the responses to a question, for any metric of answers.

    Parameters
    ----------
    engine : str
        Name of a metric, such as ``"nps"``.
    question : str or sequence of str
        Identifiers of the questions.
    scale : str, Scale or None
        Scale of the answers; None for a metric that has its own.
    by : sequence of Axis
        Groups.
    where : sequence of Filter
        Further conditions, all of which must hold.
    design : iterable of {"weight", "stratum", "cluster", "customer"}
        Which of the response's columns weight and structure the sample; "customer" makes all
        answers of one customer a cluster, in place of the column "cluster".

    Returns
    -------
    TallySpec
        On records of the kind ``response``; its levels are those of the scale, then the words for
        no answer. Scores on another scale are no part of it.

    Raises
    ------
    UsageError
        There is no such metric or design column, or the metric needs a scale.

    Examples
    --------
    >>> spec("csat", question="Q7ALL", scale="1-5", design=["weight"]).levels
    (1, 2, 3, 4, 5, 'not_applicable', 'no_answer', 'refused', 'dont_know')
    """
    known = scale_for(engine_named(engine), scale)
    questions = (question,) if isinstance(question, str) else tuple(question)
    columns = _columns(design)
    return TallySpec(
        kind="response",
        value="score_value",
        levels=(*known.levels, *UNANSWERED),
        category="no_answer",
        where=(
            Filter(column="question", values=questions),
            Filter(column="score_scale", values=(known.code, None)),
            *where,
        ),
        by=tuple(by),
        **columns,
    )


def _columns(design: Iterable[str]) -> dict[str, str]:
    """Parts of a spec that the design makes, and their columns."""
    names = tuple(design)
    for name in names:
        if name not in _DESIGN:
            raise UsageError(
                f"A response has no design column {name!r}.", hint=did_you_mean(name, _DESIGN)
            )
    if {"cluster", "customer"} <= set(names):
        raise UsageError("The clusters are the customers or a column, and not both.")
    return dict(_DESIGN[name] for name in names)


def estimate(
    engine: str,
    tally: Tally,
    *,
    scale: ScaleLike | None = None,
    top: Iterable[int] | None = None,
    bottom: Iterable[int] | None = None,
    of: Of = "answered",
    by: str | Sequence[str] | None = None,
    population: Population | None = None,
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Metric of a tally, by the metric's name.

    Parameters
    ----------
    engine : str
        Name of a metric, such as ``"nps"``.
    tally : Tally
        Counts of answers on the metric's scale.
    scale : str, Scale or None
        Scale of the answers; None for a metric that has its own.
    top, bottom : levels or None
        Levels that count, for a metric of the top or of the bottom; None for the scale's.
        Other metrics have no use for them.
    of : {"answered", "asked", "everyone"}
        Below the line: answers on the scale; or also those to whom the question did not apply; or
        also those who were asked and left it blank, as far as the tally counts them.
    by : axis names or None
        Groups to keep; None for all.
    population : number, mapping of stratum to number, or None
        How many there were to draw from: clusters if there are any, else answers; None for many.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Interval; "auto" is the metric's usual one.

    Returns
    -------
    Estimate or Breakdown
        In the metric's unit; a Breakdown if groups are kept.

    Raises
    ------
    UsageError
        There is no such metric, method, scale or group.

    Examples
    --------
    >>> import cxm_core as cx
    >>> estimate("nps", cx.tally([10, 9, 9, 3], scale="0-10")).value
    50.0
    """
    known = engine_named(engine)
    chosen = {"top": top, "bottom": bottom, None: None}[known.chosen]
    order = Order.of(known, scale, chosen, method=method, confidence_level=confidence_level, of=of)
    counted = Counted.of_tally(rolled_up(tally, by), population)
    return wrap(order, counted, order.ratio(counted.tally, population=counted.population))
