"""How many answers of equal weight would tell as much, at most, as those of a weighted sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._clusters import Units, group_sum
from ._sums import Floats, Ints
from ._tally import Tally
from ._weights import kish


class Cells(NamedTuple):
    """What a tally holds of the levels in the denominator, by row."""

    group: Ints
    n: Ints
    w: Floats
    w2: Floats


def is_bound(tally: Tally) -> bool:
    """Whether the weights bound it; strata and margins can make up for them."""
    return tally.w is not None and not {"stratum", "margin"} & set(tally.roles)


class Heaviness(NamedTuple):
    """Answers and weights of each row of a tally: an answer is a unit, or a cluster is."""

    group: Ints
    unit: Ints
    n: Ints
    weight: Floats
    squares: Floats
    are_clusters: bool

    @classmethod
    def of(cls, cells: Cells, units: Units) -> Heaviness:
        """Heaviness of the levels that count; the answers of a cluster are taken to weigh alike."""
        n, weight = cells.n.sum(axis=1), cells.w.sum(axis=1)
        squares = _alike(weight, n) if units.are_clusters else cells.w2.sum(axis=1)
        return cls(cells.group, units.place, n, weight, squares, units.are_clusters)

    def worth(self, n_groups: int) -> Floats:
        """Answers of equal weight for those of each group."""
        return kish(*(self._summed(sums, n_groups) for sums in (self.weight, self.squares)))

    def worth_of_rest(self, n_groups: int) -> Floats:
        """Answers of equal weight for those of all other groups together."""
        weight = self.weight.sum() - self._summed(self.weight, n_groups)
        if not self.are_clusters:
            return kish(weight, self.squares.sum() - self._summed(self.squares, n_groups))
        _, unit = np.unique(self.unit, return_inverse=True)
        n = np.bincount(unit, self.n)
        heavy = np.asarray(np.bincount(unit, self.weight), np.float64)
        whole = _alike(heavy, n)
        without = _alike(heavy[unit] - self.weight, n[unit] - self.n) - whole[unit]
        return kish(weight, whole.sum() + self._summed(without, n_groups))

    def _summed(self, sums: Floats, n_groups: int) -> Floats:
        return np.asarray(group_sum(self.group, n_groups, sums), np.float64)


def _alike(weight: Floats, n: Floats | Ints) -> Floats:
    """Sum of the squares of `n` weights that add up to `weight`, if they are alike."""
    return np.where(n > 0, weight**2 / np.maximum(n, 1), 0.0)
