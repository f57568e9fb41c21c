"""How many answers of equal weight would tell as much, at most, as those of a weighted sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxm_core.stats._sums import Floats, Ints
from cxm_core.stats._tally import Tally

from ._clusters import group_sum
from ._weights import kish


class Cells(NamedTuple):
    """What a tally holds of the levels in the denominator, by row."""

    group: Ints
    n: Ints
    w: Floats
    w2: Floats


def is_bound(tally: Tally) -> bool:
    """Whether weights and clusters bound it; strata and margins can make up for them."""
    has_units = tally.w is not None or "cluster" in tally.roles
    return has_units and not {"stratum", "margin"} & set(tally.roles)


class Heaviness(NamedTuple):
    """Weights and their squares in each row of a tally without clusters."""

    group: Ints
    weight: Floats
    squares: Floats

    @classmethod
    def of(cls, cells: Cells) -> Heaviness:
        """Heaviness of the levels that count."""
        return cls(cells.group, cells.w.sum(axis=1), cells.w2.sum(axis=1))

    def worth(self, n_groups: int) -> Floats:
        """Answers of equal weight for those of each group."""
        return kish(*(self._summed(sums, n_groups) for sums in (self.weight, self.squares)))

    def worth_of_rest(self, n_groups: int) -> Floats:
        """Answers of equal weight for those of all other groups together."""
        sums = self.weight, self.squares
        return kish(*(part.sum() - self._summed(part, n_groups) for part in sums))

    def _summed(self, sums: Floats, n_groups: int) -> Floats:
        return np.asarray(group_sum(self.group, n_groups, sums), np.float64)
