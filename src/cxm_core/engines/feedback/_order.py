"""What was asked for, checked: the engine, its scale, the levels that count, the interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from cxm_core.columns import NOT_APPLICABLE
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import MEAN_METHODS, check_level
from cxm_core.stats import (
    BALANCE_METHODS,
    SHARE_METHODS,
    Level,
    Population,
    RatioEstimate,
    Tally,
    linear_ratio,
)
from cxm_core.vocabulary import Scale, takes

from ._chosen import chosen_levels
from ._engine import Engine, Family
from ._rng import Rng, seed_of

ScaleLike: TypeAlias = Scale | str
#: Whom a metric is a share of: those with an answer on the scale; or also those to whom the
#: question did not apply; or everyone with a row, blank or not.
Of: TypeAlias = Literal["answered", "asked", "everyone"]

#: Words of `Response.no_answer` that are counted, so that a receipt can tell who is left out.
UNANSWERED = (NOT_APPLICABLE, "no_answer", "refused", "dont_know")
_BELOW: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"answered": (), "asked": (NOT_APPLICABLE,), "everyone": UNANSWERED}
)

_DRAWN = "bootstrap"

#: Family -> its interval methods; the first one is what "auto" means.
METHODS: Mapping[Family, tuple[str, ...]] = MappingProxyType(
    {
        "balance": (*BALANCE_METHODS, _DRAWN),
        "share": (*SHARE_METHODS, _DRAWN),
        "mean": (*MEAN_METHODS, _DRAWN),
    }
)


def scale_for(engine: Engine, scale: ScaleLike | None) -> Scale:
    """Scale of an engine's answers: its own, or the one that the caller must name."""
    if engine.scale is not None:
        own = Scale.named(engine.scale)
        if scale is not None and Scale.parse(scale).levels != own.levels:
            raise UsageError(f"{engine.name} is defined on the scale {engine.scale} only.")
        return own
    if scale is None:
        raise UsageError(
            f"{engine.name} needs the scale of its answers; it is never guessed from the values.",
            hint="scale='1-5', or another name, or Scale(low, high)",
        )
    return Scale.parse(scale)


@frozen(kw_only=True)
class Order:
    """What was asked for, checked: the engine, its scale, the levels that count, the interval."""

    engine: Engine
    scale: Scale
    chosen: tuple[int, ...]
    method: str
    confidence_level: float = field()
    base: Of = "answered"
    seed: int | None = None

    @classmethod
    def of(
        cls,
        engine: Engine,
        scale: ScaleLike | None,
        chosen: Iterable[int] | None,
        *,
        method: str = "auto",
        confidence_level: float = 0.95,
        of: Of = "answered",
        rng: Rng = None,
    ) -> Order:
        """Check each part of a call."""
        check_level(confidence_level)
        if of not in _BELOW:
            raise UsageError(f"There is no of={of!r}.", hint=did_you_mean(str(of), _BELOW))
        if of != "answered" and engine.family == "mean":
            raise UsageError(f"{engine.name} is a mean of answers; a blank has no value in it.")
        known = scale_for(engine, scale)
        return cls(
            engine=engine,
            scale=known,
            chosen=chosen_levels(engine, known, chosen),
            method=_method(engine, method),
            confidence_level=confidence_level,
            base=of,
            seed=seed_of(rng) if method == _DRAWN else None,
        )

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """What a receipt says about the call."""
        of = () if self.base == "answered" else (("of", self.base),)
        scale = ("scale", self.scale.code)
        if self.engine.chosen is None:
            return (scale, *of)
        return (scale, (self.engine.chosen, " ".join(map(str, self.chosen))), *of)

    @property
    def starts(self) -> tuple[int, ...]:
        """Places on the scale at which the levels begin to count otherwise than those below."""
        counts = self.engine.counts(self.scale, self.chosen)
        parts = [counts.get(level) for level in self.scale.levels]
        return (0, *(i for i in range(1, len(parts)) if parts[i] != parts[i - 1]))

    def coefficients(
        self, levels: Sequence[Level]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coefficient of each level above and below the line."""
        counts = self.engine.counts(self.scale, self.chosen)
        asked = {*_BELOW[self.base], *([NOT_APPLICABLE] if self.engine.of_asked else [])}
        below = [float(level in counts or level in asked) for level in levels]
        above = [counts.get(level, 0.0) if isinstance(level, int) else 0.0 for level in levels]
        return np.array(above), np.array(below)

    def ratio(self, tally: Tally, *, population: Population | None = None) -> RatioEstimate:
        """The metric in every group of a tally."""
        levels = sorted(level for level in tally.levels if isinstance(level, int))
        if tuple(levels) != self.scale.levels:
            raise UsageError(
                f"The tally has other levels than the scale {self.scale.code}: {_told(levels)}.",
                hint="give the scale that it was counted on",
            )
        above, below = self.coefficients(tally.levels)
        return linear_ratio(
            tally,
            above,
            below,
            confidence_level=self.confidence_level,
            population=population,
        )


def _told(levels: Sequence[int]) -> str:
    return f"{levels[0]} to {levels[-1]}" if levels else "none at all"


@takes(method="text")
def _method(engine: Engine, method: str) -> str:
    known = METHODS[engine.family]
    if method == "auto":
        return known[0]
    if method not in known:
        raise UsageError(
            f"{engine.name} has no interval method {method!r}.",
            hint=did_you_mean(str(method), ("auto", *known)),
        )
    return method
