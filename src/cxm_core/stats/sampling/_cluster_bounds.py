"""How many answers of one each would tell as much, at most, as clusters of many answers alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxm_core.stats._sums import Floats, Ints, divide

from ._clusters import Units, group_sum
from ._weight_bounds import Cells
from ._weights import kish


class Clusters(NamedTuple):
    """Rows of a tally without strata: one for each group and cluster."""

    group: Ints
    unit: Ints
    is_unit: NDArray[np.bool_]  # not the row of the answers that have no cluster
    parts: Floats  # (rows, 4) sums above and below the line, answers, their weight
    squares: Floats  # (rows, 3) of what each answer adds above and below, and of both

    @classmethod
    def of(cls, cells: Cells, units: Units, ends: Floats) -> Clusters:
        """Sums of the levels that count, each answer for one, and the weight of all of them."""
        above, below = ends
        each = np.stack([above, below, np.ones_like(above)], axis=1)
        parts = np.column_stack([cells.n @ each, cells.w.sum(axis=1)])
        squares = cells.n @ np.stack([above**2, above * below, below**2], axis=1)
        unit = np.unique(units.place, return_inverse=True)[1].astype(np.int64)
        return cls(cells.group, unit, units.size > 0, parts, squares)

    def worth(self, value: Floats) -> Floats:
        """Answers of one each for those of every group, whose ratio is `value`."""
        columns = self._plain(), _of_units(self.parts, self.is_unit)
        plain, units = (self._added(each, value.size) for each in columns)
        return _worth(plain, units, value)

    def worth_of_rest(self, value: Floats) -> Floats:
        """The same for all the other groups together."""
        size = int(self.unit.max(initial=-1)) + 1
        whole = np.stack([group_sum(self.unit, size, part) for part in self.parts.T], axis=1)
        is_unit = np.zeros(size, np.bool_)
        is_unit[self.unit] = self.is_unit
        wholes, plain = _of_units(whole, is_unit), self._plain()
        without = _of_units(whole[self.unit] - self.parts, self.is_unit) - wholes[self.unit]
        total = plain.sum(axis=0)
        plain, without = (self._added(each, value.size) for each in (plain, without))
        return _worth(total - plain, wholes.sum(axis=0) + without, value)

    def _plain(self) -> Floats:
        """Sums and squares of the answers that have a cluster; number and weight of all."""
        inside = np.column_stack([self.parts[:, :3], self.squares]) * self.is_unit[:, None]
        return np.column_stack([inside, self.parts[:, 2:]])

    def _added(self, columns: Floats, n_groups: int) -> Floats:
        sums = [group_sum(self.group, n_groups, column) for column in columns.T]
        return np.stack(sums, axis=1)


def _of_units(parts: Floats, is_unit: NDArray[np.bool_]) -> Floats:
    """What units are made of that is no sum over answers: squares, and how many there are."""
    above, below, n, weight = parts.T
    some = np.maximum(n, 1.0)
    inside = [above**2 / some, above * below / some, below**2 / some, n**2, n > 0]
    # The answers of a unit are taken to weigh alike.
    return np.column_stack([np.stack(inside, axis=1) * is_unit[:, None], weight**2 / some])


def _worth(plain: Floats, units: Floats, value: Floats) -> Floats:
    likeness = _likeness(plain, units, np.nan_to_num(value))
    pairs = np.maximum(units[:, 3] - plain[:, 2], 0.0)
    by_size = kish(plain[:, 6], plain[:, 6] + likeness * pairs)
    return np.fmin(kish(plain[:, 7], units[:, 5]), by_size)


def _likeness(plain: Floats, units: Floats, value: Floats) -> Floats:
    """Correlation of the answers of a cluster, by the analysis of variance; never below zero."""
    form = np.stack([np.ones_like(value), -2.0 * value, value**2], axis=1)
    n, size = np.maximum(plain[:, 2], 1.0), units[:, 4]
    middle = (plain[:, 0] - value * plain[:, 1]) ** 2 / n
    between = np.maximum((units[:, :3] * form).sum(axis=1) - middle, 0.0)
    within = np.maximum((plain[:, 3:6] * form).sum(axis=1) - middle - between, 0.0)
    between = between / np.maximum(size - 1.0, 1.0)
    within = within / np.maximum(n - size, 1.0)
    usual = (n - units[:, 3] / n) / np.maximum(size - 1.0, 1.0)
    spread = between + (usual - 1.0) * within
    return np.where(spread > 0, np.clip(divide(between - within, spread), 0.0, 1.0), 0.0)
