"""What a plan comes to: answers, or what a number of them can show."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, inf

from attrs import frozen

from cxm_core.errors import UsageError
from cxm_core.results import Scenario
from cxm_core.stats import MOST_ANSWERS

from ._question import Question

_Needed = Callable[[float], float]


@frozen
class Asked:
    """The numbers of a call, in the unit of the metric; None for what is looked for."""

    half_width: float | None
    difference: float | None
    margin: float | None
    n: float | None
    power: float
    design_effect: float

    @property
    def target(self) -> float | None:
        """What is wanted: half-width, margin, or difference."""
        found = self.half_width if self.margin is None else self.margin
        return self.difference if found is None else found


def effect_of(design_effect: float, icc: float | None, cluster_size: float | None) -> float:
    """Answers for one of a simple sample: what weights cost times what clusters cost."""
    if not 0 < design_effect < inf:
        raise UsageError(
            f"A design effect of {design_effect!r} is none.", hint="1 is a simple sample"
        )
    if icc is None and cluster_size is None:
        return design_effect
    if icc is None or cluster_size is None:
        raise UsageError(
            "icc= and cluster_size= go together.",
            hint="icc=0.3, cluster_size=2 for two answers a customer",
        )
    if not (0 <= icc <= 1 and 1 <= cluster_size < inf):
        raise UsageError(
            f"icc={icc!r} and cluster_size={cluster_size!r} are no such design.",
            hint="icc lies between 0 and 1, and a cluster has at least one answer",
        )
    return design_effect * (1.0 + (cluster_size - 1.0) * icc)


def scenario_of(name: str, question: Question, asked: Asked) -> Scenario:
    """One way that it may be, solved for what is not given."""
    factor, target = question.factor, asked.target
    beside = (asked.difference or 0.0) / factor if question.goal == "equivalence" else 0.0
    power: float | None = None if question.goal == "half_width" else asked.power
    simple = None if asked.n is None else asked.n / asked.design_effect
    if simple is None:
        n = _needed(question, (target or 0.0) / factor, asked, beside)
    elif target is None:
        n, target = ceil(asked.n or 0), factor * _shown(question, simple, asked.power)
    else:
        n, power = ceil(asked.n or 0), _power(question, simple, target / factor, beside)
    return Scenario(
        name=name,
        spread=factor * question.spread,
        n=n,
        target=float(target or 0.0),
        power=power,
    )


def _needed(question: Question, target: float, asked: Asked, beside: float) -> int:
    if target >= question.span:
        raise UsageError(
            f"{question.factor * target:g} is as wide as all that there can be.",
            hint="ask for less",
        )
    needed = question.needed(target, asked.power, beside=beside) * asked.design_effect
    if needed > MOST_ANSWERS:
        raise UsageError(
            f"More than {MOST_ANSWERS:,} answers would be needed.", hint="ask for less"
        )
    return ceil(round(needed, 6))


def _shown(question: Question, n: float, power: float) -> float:
    """Smallest difference that `n` answers on each side show."""
    most = min(4.0 * question.spread, question.span)
    if question.family == "share":
        most = max(question.value, 1.0 - question.value)
    span = (most * 1e-6, most)
    if question.needed(most, power) > n:
        raise UsageError(
            f"{n:,.0f} answers of a simple sample on each side show no difference at all.",
            hint="plan with more, or with less power",
        )
    return _solved(lambda target: question.needed(target, power), n, span)


def _power(question: Question, n: float, target: float, beside: float) -> float:
    """Chance with which `n` answers on each side show what is asked."""
    return _solved(
        lambda power: question.needed(target, power, beside=beside),
        n,
        (1.0 - question.confidence_level, 1.0 - 1e-9),
        grows=True,
    )


def _solved(needed: _Needed, n: float, span: tuple[float, float], *, grows: bool = False) -> float:
    """Where `needed` is `n`, between two ends; it falls unless it `grows`."""
    low, high = span
    for _ in range(60):
        middle = (low + high) / 2.0
        is_over = needed(middle) > n
        low, high = (low, middle) if is_over == grows else (middle, high)
    return (low + high) / 2.0
