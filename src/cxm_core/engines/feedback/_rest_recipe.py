"""What the interval of a group against the rest was made from: the recipes of the two."""

from __future__ import annotations

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import NDArray

from cxm_core.results import Recipe, check_level
from cxm_core.stats import Limits, max_t_level, mover_tied, sidak_level

Floats = NDArray[np.float64]

# Seed of the draws behind simultaneous limits; and with how many groups there are none.
SEED = 0
FEW = 20

_alike = cmp_using(eq=lambda a, b: np.array_equal(a, b, equal_nan=True))


@frozen(kw_only=True)
class Together:
    """All groups, whose intervals are to hold together.

    Parameters
    ----------
    groups : Recipe
        Of each group by itself.
    n : int64 array (groups,)
        Answers in each.
    is_known : bool array (groups,)
        Whether a difference of it is known.
    """

    groups: Recipe
    n: NDArray[np.int64] = field(eq=_alike)
    is_known: NDArray[np.bool_] = field(eq=_alike)

    def level_of_each(self, level: float) -> float:
        """Level of each interval by itself at which all hold together."""
        known = int(self.is_known.sum())
        if known >= FEW:
            return sidak_level(known, confidence_level=level)
        low, high = self.groups.interval(level)
        # A group of like answers is as uncertain as its interval says, which has always a width.
        reach = np.where(self.is_known, high - low, np.nan)
        rng = np.random.default_rng(SEED)
        return max_t_level(reach, self.n / self.n.sum(), rng=rng, confidence_level=level)


@frozen(kw_only=True)
class RestRecipe:
    """Recipes of groups and of their rests, which may hang together.

    Parameters
    ----------
    group, rest : Recipe
        Of each group, and of all the others.
    values : pair of float64 arrays (groups,)
        The group's value and that of its rest, in the result's unit.
    correlation : float64 array (groups,)
        Of the two.
    together : Together or None
        All groups, where their intervals hold together.
    """

    group: Recipe
    rest: Recipe
    values: tuple[Floats, Floats] = field(eq=_alike)
    correlation: Floats = field(eq=_alike)
    together: Together | None = None

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable

    def sizes(self, confidence_level: float) -> Floats:
        """Answers that each group is worth."""
        return self.group.sizes(confidence_level)

    def level_of_each(self, confidence_level: float) -> float:
        """Level of each interval by itself."""
        check_level(confidence_level)
        if self.together is None:
            return confidence_level
        return self.together.level_of_each(confidence_level)

    def interval(self, confidence_level: float) -> Limits:
        """Limits of group less rest."""
        return self.at_own_level(self.level_of_each(confidence_level))

    def at_own_level(self, level: float) -> Limits:
        """Limits that hold one by one."""
        one, other = (
            (value, *recipe.interval(level))
            for value, recipe in zip(self.values, (self.group, self.rest), strict=True)
        )
        return mover_tied(one, other, self.correlation)

    def select(self, place: int) -> RestRecipe:
        """Recipe of one group, which keeps all where they hold together."""
        one = slice(place, place + 1)
        return evolve(
            self,
            group=self.group.select(place),
            rest=self.rest.select(place),
            values=(self.values[0][one], self.values[1][one]),
            correlation=self.correlation[one],
        )
