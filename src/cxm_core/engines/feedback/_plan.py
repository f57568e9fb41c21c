"""How many answers a question takes, before anybody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from cxm_core.errors import UsageError
from cxm_core.results import Caveat, Estimate, Goal, Plan, Receipt, check_level
from cxm_core.vocabulary import takes

from ._engine import engine_named
from ._metric_definition import MetricDefinition
from ._metric_order import defined, metric_name
from ._planned import Asked, effect_of, scenario_of
from ._question import Question

Expected = float | Mapping[str, float] | Estimate

_METHODS = {
    "half_width": {"balance": "score", "share": "mid_p", "mean": "t"},
    "difference": {"balance": "normal", "share": "normal, pooled", "mean": "noncentral t"},
    "equivalence": dict.fromkeys(("balance", "share", "mean"), "two one-sided tests"),
}
# Which numbers may be given together, for each goal.
_GIVEN: Mapping[Goal, tuple[set[str], ...]] = {
    "half_width": ({"half_width"},),
    "difference": ({"difference"}, {"n"}, {"n", "difference"}),
    "equivalence": ({"margin"}, {"margin", "difference"}, {"margin", "n"},
        {"margin", "difference", "n"}),
}  # fmt: skip
_SPREADS = (("a tenth less", 0.9), ("as thought", 1.0), ("a tenth more", 1.1))


@takes(
    half_width="number?",
    difference="number?",
    margin="number?",
    n="number?",
    spread="number?",
    design_effect="number",
)
def plan(
    metric: str | MetricDefinition,
    *,
    half_width: float | None = None,
    difference: float | None = None,
    margin: float | None = None,
    n: int | None = None,
    expected: Expected | None = None,
    spread: float | None = None,
    power: float = 0.8,
    confidence_level: float = 0.95,
    design_effect: float = 1.0,
    correlation: float | None = None,
    icc: float | None = None,
    cluster_size: float | None = None,
) -> Plan:
    """How many answers it takes to know a metric, or to show a difference, or that none matters.

    With `n` it turns round: which difference that many answers can show, or with what power they
    show a given one.

    Parameters
    ----------
    metric : str or MetricDefinition
        Such as ``"nps"``, ``"csat"``, ``"ces"`` or ``"mean_score"``.
    half_width : float or None
        Half the width of the interval that is wanted, in the unit of the metric: 5 points of NPS,
        0.05 of a share. Near an end of the scale the side towards the middle is the longer one.
    difference : float or None
        Difference between two sides that is to be shown; beside `margin`, the true one.
    margin : float or None
        Differences smaller than this do not matter, and that is to be shown.
    n : int or None
        Answers on each side that there will be.
    expected : float, mapping, Estimate or None
        What is known of the figure: its value; for NPS also
        ``{"promoters": 0.5, "detractors": 0.2}``; best an earlier result, which tells the spread.
    spread : float or None
        Standard deviation of a single answer, in the unit of the metric, if it is known.
    power : float in (0, 1)
        Chance of showing it if it is there.
    confidence_level : float in (0, 1)
        Nominal coverage.
    design_effect : float
        Answers for one of a simple sample; ``result.n / result.effective_n`` measures it. Beside
        `icc` it is what the weights cost, and both are multiplied [4]_.
    correlation : float or None
        Of a customer's two answers, where the same customers answer before and after; then `n`
        counts customers.
    icc : float in [0, 1] or None
        How much answers of one customer hang together: their intraclass correlation. With
        `cluster_size` it makes the design effect 1 + (cluster_size - 1) icc.
    cluster_size : float, at least 1, or None
        Answers a customer; where their numbers differ much, the mean over answers and not over
        customers.

    Returns
    -------
    Plan
        With `n`, `total`, `duration` from traffic, and the same for answers that differ a tenth
        less and a tenth more; a caveat if the spread was not known and the largest was taken.

    Raises
    ------
    UsageError
        Not exactly one thing is asked for, or a number is out of range.

    Notes
    -----
    A half-width comes from the interval that the metric's engine makes, at the expected figure. A
    difference of shares takes the normal test with the pooled variance under no difference, up or
    down, whichever takes more answers; one of means the noncentral t distribution; one of NPS the
    normal test.

    References
    ----------
    .. [1] Fleiss, J., Levin, B. and Paik, M., Statistical Methods for Rates and Proportions, 3rd
       edition, 2003, chapter 4.
    .. [2] Cohen, J., Statistical Power Analysis for the Behavioral Sciences, 2nd edition, 1988.
    .. [3] Julious, S., Sample sizes for clinical trials with normal data, 2004, Statistics in
       Medicine 23, 1921-1986.
    .. [4] Kish, L., Weighting in Deft2, 1987, The Survey Statistician, June 1987.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.plan("nps", half_width=5, expected={"promoters": 0.45, "detractors": 0.20}).n
    902
    >>> cx.plan("csat", difference=0.05, expected=0.80).n
    1094
    >>> cx.plan("csat", difference=0.05, expected=0.80, icc=0.3, cluster_size=2).design_effect
    1.3
    >>> round(cx.plan("nps", n=400, expected=cx.nps([10, 9, 8, 3] * 25)).target, 1)
    16.4
    """
    check_level(confidence_level)
    engine = metric.engine if isinstance(metric, MetricDefinition) else engine_named(metric)
    goal = _goal(half_width=half_width, difference=difference, margin=margin, n=n)
    question = Question.of(
        engine,
        goal,
        expected=expected,
        spread=spread,
        confidence_level=confidence_level,
        correlation=correlation,
    )
    effect = effect_of(design_effect, icc, cluster_size)
    asked = Asked(half_width, difference, margin, n, power, effect)
    scenarios = tuple(scenario_of(name, question.scaled(times), asked) for name, times in _SPREADS)
    middle = scenarios[1]
    method = _METHODS[goal][engine.family]
    return Plan(
        metric=metric_name(metric),
        unit=engine.unit,
        goal=goal,
        target=middle.target,
        n=middle.n,
        sides=1 if goal == "half_width" or correlation is not None else 2,
        power=middle.power,
        confidence_level=confidence_level,
        design_effect=effect,
        correlation=correlation,
        scenarios=scenarios,
        method=method,
        caveats=[Caveat.of("guessed_spread")] if question.is_guessed else [],
        receipt=defined(_receipt(question, method, confidence_level), metric),
    )


def _goal(**asked: float | None) -> Goal:
    """What is wanted, after a look whether exactly one thing is."""
    for name, number in asked.items():
        if number is not None and not 0 < number < inf:
            raise UsageError(f"{name}={number!r} must be a number above zero.")
    given = {name for name, number in asked.items() if number is not None}
    for goal, allowed in _GIVEN.items():
        if given in allowed:
            return goal
    what = "nothing" if not given else " and ".join(sorted(given))
    raise UsageError(
        f"The plan is asked for {what}.",
        hint="one of half_width=, difference=, margin= or n=; n= may join the second and third",
    )


def _receipt(question: Question, method: str, confidence_level: float) -> Receipt:
    told = {
        "goal": question.goal,
        "expected": f"{question.factor * question.value:.6g}",
        "spread": f"{question.factor * question.spread:.6g}",
    }
    return Receipt(engine="plan", method=method, confidence_level=confidence_level, parameters=told)
