"""What the interval of a difference of times was made from: the curves of the two."""

from __future__ import annotations

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.results import TimeRecipe
from cxm_core.stats import Limits, mover

Floats = NDArray[np.float64]


@frozen(kw_only=True)
class GapRecipe:
    """Curves of groups, and that of the group with which they are compared.

    Parameters
    ----------
    groups, base : TimeRecipe
        Times of the groups, and of the one.
    """

    groups: TimeRecipe
    base: TimeRecipe

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable

    @classmethod
    def of(cls, times: TimeRecipe, *, base: int) -> GapRecipe:
        """Compare all groups with the one at a place."""
        curves = tuple(one for place, one in enumerate(times.curves) if place != base)
        groups = evolve(times, curves=curves, n=np.delete(times.n, base))
        return cls(groups=groups, base=times.select(base))

    @property
    def value(self) -> Floats:
        """How much longer each group takes."""
        one, other = self.groups, self.base
        return one.times * one.step - other.times * other.step

    def sizes(self, confidence_level: float) -> Floats:
        """How many each group is worth."""
        return self.groups.sizes(confidence_level)

    def interval(self, confidence_level: float) -> Limits:
        """Limits of the differences; a limit that is not reached leaves one side without end."""
        one, other = (_three(side, confidence_level) for side in (self.groups, self.base))
        low, high = mover(one, other)
        return Limits(*(np.where(np.isfinite(end), end, np.nan) for end in (low, high)))

    def select(self, place: int) -> GapRecipe:
        """Recipe of one group."""
        return evolve(self, groups=self.groups.select(place))


def _three(side: TimeRecipe, level: float) -> tuple[Floats, Floats, Floats]:
    low, high = side.interval(level)
    value = side.times * side.step
    return tuple(np.nan_to_num(part, nan=np.inf) for part in (value, low, high))  # type: ignore[return-value]  # three in, three out
