"""What was asked for, checked: the engine, its scale, the levels that count, the interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

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
    RatioEstimate,
    Tally,
    linear_ratio,
)
from cxm_core.vocabulary import Scale

from ._engine import Engine, Family

ScaleLike: TypeAlias = Scale | str

#: Family -> its interval methods; the first one is what "auto" means.
METHODS: Mapping[Family, tuple[str, ...]] = MappingProxyType(
    {
        "balance": tuple(BALANCE_METHODS),
        "share": tuple(SHARE_METHODS),
        "mean": MEAN_METHODS,
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

    @classmethod
    def of(
        cls,
        engine: Engine,
        scale: ScaleLike | None,
        chosen: Iterable[int] | None,
        *,
        method: str = "auto",
        confidence_level: float = 0.95,
    ) -> Order:
        """Check each part of a call."""
        check_level(confidence_level)
        known = scale_for(engine, scale)
        return cls(
            engine=engine,
            scale=known,
            chosen=_chosen_levels(engine, known, chosen),
            method=_method(engine, method),
            confidence_level=confidence_level,
        )

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """What a receipt says about the call."""
        scale = ("scale", self.scale.code)
        if self.engine.chosen is None:
            return (scale,)
        return (scale, (self.engine.chosen, " ".join(map(str, self.chosen))))

    def coefficients(
        self, levels: Sequence[Level]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coefficient of each level above and below the line."""
        counts = self.engine.counts(self.scale, self.chosen)
        asked = 1.0 if self.engine.of_asked else 0.0
        below = [asked if level == NOT_APPLICABLE else float(level in counts) for level in levels]
        above = [counts.get(level, 0.0) if isinstance(level, int) else 0.0 for level in levels]
        return np.array(above), np.array(below)

    def ratio(self, tally: Tally) -> RatioEstimate:
        """The metric in every group of a tally."""
        levels = sorted(level for level in tally.levels if isinstance(level, int))
        if tuple(levels) != self.scale.levels:
            raise UsageError(
                f"The tally has other levels than the scale {self.scale.code}: {_told(levels)}.",
                hint="give the scale that it was counted on",
            )
        above, below = self.coefficients(tally.levels)
        return linear_ratio(tally, above, below, confidence_level=self.confidence_level)


def _told(levels: Sequence[int]) -> str:
    return f"{levels[0]} to {levels[-1]}" if levels else "none at all"


def _chosen_levels(engine: Engine, scale: Scale, chosen: Iterable[int] | None) -> tuple[int, ...]:
    if engine.chosen is None:
        return ()
    if chosen is None:
        return scale.top if engine.chosen == "top" else scale.bottom
    levels = tuple(sorted({chosen} if isinstance(chosen, int) else set(chosen)))
    off = [level for level in levels if not scale.contains(level)]
    if off or not levels:
        what = f"names {off[0]!r}, which is not on" if off else "names no level of"
        raise UsageError(f"{engine.chosen}= {what} the scale {scale.code}.")
    return levels


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
