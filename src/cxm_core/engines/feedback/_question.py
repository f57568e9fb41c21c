"""What a plan has to answer: how far answers differ, and how many of them show what is asked."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

from attrs import evolve, frozen

from cxm_core.errors import UsageError
from cxm_core.stats import (
    Limits,
    mid_p,
    n_for_difference,
    n_for_equivalence,
    n_for_half_width,
    n_for_means,
    score_interval,
    t_interval,
)

from ._engine import Engine, Family
from ._expected import expected_of

_MOST = 0.5


@frozen(kw_only=True)
class Question:
    """What is asked of a sample, with all numbers on the scale of the statistics, not in points.

    Parameters
    ----------
    family : {"balance", "share", "mean"}
        What kind of metric it is.
    factor : float
        From this scale to the metric's unit.
    goal : str
        ``half_width``, ``difference`` or ``equivalence``.
    value, spread : float
        Expected figure, and standard deviation of a single answer.
    confidence_level : float
        Nominal coverage.
    correlation : float or None
        Of a customer's two answers.
    is_guessed : bool
        Whether the spread is the largest that there can be, for want of a better one.
    """

    family: Family
    factor: float
    goal: str
    value: float
    spread: float
    confidence_level: float
    correlation: float | None = None
    is_guessed: bool = False

    @classmethod
    def of(
        cls,
        engine: Engine,
        goal: str,
        *,
        expected: Any = None,
        spread: float | None = None,
        confidence_level: float = 0.95,
        correlation: float | None = None,
    ) -> Question:
        """Read what is expected."""
        if correlation is not None and (goal == "half_width" or not -1.0 < correlation < 1.0):
            raise UsageError(
                f"A correlation of {correlation!r} has no place here.",
                hint="between -1 and 1, for a difference= or a margin= of the same customers",
            )
        value, found = expected_of(engine, expected)
        known = found if spread is None else spread / engine.factor
        if known is None and engine.family == "mean":
            raise UsageError(
                f"How far answers differ is not known, and {engine.name} has no largest spread.",
                hint="expected= with an earlier result, or spread= with a standard deviation",
            )
        if engine.family == "share" and spread is not None:
            raise UsageError("The spread of a share follows from it.", hint="expected=0.8")
        if known is not None and not known > 0:
            raise UsageError("Answers that do not differ need no plan.", hint="spread= above zero")
        return cls(
            family=engine.family,
            factor=engine.factor,
            goal=goal,
            value=value,
            spread=_largest(engine, value) if known is None else known,
            confidence_level=confidence_level,
            correlation=correlation,
            is_guessed=known is None,
        )

    @property
    def span(self) -> float:
        """What no difference can reach."""
        return {"balance": 2.0, "share": 1.0}.get(self.family, inf)

    def scaled(self, times: float) -> Question:
        """The same, with answers that differ as many times more."""
        if self.family == "mean":
            return evolve(self, spread=self.spread * times)
        if self.family == "balance":
            return evolve(self, spread=min(self.spread * times, sqrt(1.0 - self.value**2)))
        spread = min(self.spread * times, _MOST)
        away = sqrt(max(_MOST**2 - spread**2, 0.0))
        value = _MOST + away if self.value >= _MOST else _MOST - away
        return evolve(self, spread=spread, value=value)

    def needed(self, target: float, power: float, *, beside: float = 0.0) -> float:
        """Answers on each side of a simple sample; `beside` is the true difference of two alike."""
        if self.goal == "half_width":
            guess = max(4.0, (2.0 * self.spread / target) ** 2)
            return n_for_half_width(target, self.limits_at, guess=guess)
        share = {"power": power, "confidence_level": self.confidence_level}
        kept = 1.0 if self.correlation is None else 1.0 - self.correlation
        variances = (self.spread**2 * kept,) * 2
        if self.goal == "equivalence":
            return n_for_equivalence(target, variances, difference=beside, **share)
        if self.correlation is None and self.family == "share":
            return self._shares(target, **share)
        if self.correlation is None and self.family == "mean":
            return n_for_means(target, self.spread, **share)
        return n_for_difference(target, variances, **share)

    def limits_at(self, n: float) -> Limits:
        """The interval that is expected from `n` answers."""
        level = {"confidence_level": self.confidence_level}
        if self.family == "share":
            return mid_p(self.value * n, n, **level)
        if self.family == "mean":
            return t_interval(0.0, self.spread / sqrt(n), max(n - 1.0, 1.0), **level)
        both = min(max(self.spread**2 + self.value**2, abs(self.value)), 1.0)
        plus, minus = (both + self.value) / 2.0, (both - self.value) / 2.0
        return score_interval(plus * n, minus * n, n, **level)

    def _shares(self, difference: float, **share: float) -> float:
        first = self.value
        seconds = [p for p in (first + difference, first - difference) if 0 <= p <= 1]
        if not seconds:
            raise UsageError(f"No share lies {difference:g} from {first:g}.", hint="ask for less")
        # Up or down, whichever takes more answers.
        return max(self._two_shares(first, second, **share) for second in seconds)

    @staticmethod
    def _two_shares(first: float, second: float, **share: float) -> float:
        mean = (first + second) / 2.0
        variances = first * (1.0 - first), second * (1.0 - second)
        null = mean * (1.0 - mean)
        return n_for_difference(second - first, variances, under_null=null, **share)


def _largest(engine: Engine, value: float) -> float:
    """Largest standard deviation of a single answer that goes with the expected figure."""
    return sqrt(1.0 - value**2) if engine.family == "balance" else sqrt(value * (1.0 - value))
