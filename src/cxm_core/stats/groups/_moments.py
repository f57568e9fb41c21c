"""Products of a sample's totals by group: the variance of anything linear in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError
from cxm_core.stats._labels import Label
from cxm_core.stats._sums import Floats, Ints, divide
from cxm_core.stats._tally import Tally
from cxm_core.stats.sampling import ROUNDING, group_sum, units_of


class Moments(NamedTuple):
    """Sums above and below the line, and their products, by row of a tally.

    Every ratio, share of a group and difference of them is, near enough, linear in two sums of
    each unit: what it adds above the line and below it, in its own group and in all.

    Attributes
    ----------
    groups : tuple of tuples
        Labels of the groups, as `Tally.groups`.
    sums : float64 array (groups, 2)
        Weighted sums above and below the line.
    n : int64 array (groups,)
        Answers below the line.
    group, stratum, unit : int64 arrays (rows,)
        Where each row belongs; rows of one `unit` are one cluster.
    parts : float64 array (rows, 2)
        Sums of each row.
    squares : float64 array (rows, 2, 2)
        Products of the sums of each unit in the row.
    per_stratum : int64 array (strata,)
        Units of each stratum.
    is_plain, are_clusters : bool
        Whether the sample is simple, and whether its units are clusters.
    """

    groups: tuple[tuple[Label, ...], ...]
    sums: Floats
    n: Ints
    group: Ints
    stratum: Ints
    unit: Ints
    parts: Floats
    squares: Floats
    per_stratum: Ints
    is_plain: bool
    are_clusters: bool

    @classmethod
    def of(cls, tally: Tally, numerator: ArrayLike, denominator: ArrayLike) -> Moments:
        """Moments of a ratio of two weighted counts, as `linear_ratio` takes it.

        Parameters
        ----------
        tally : Tally
            Counts, with or without weights, strata and clusters.
        numerator, denominator : arrays of floats, one a level
            Coefficients; a level with zero in `denominator` is no part of the answer.

        Returns
        -------
        Moments
            By group of the tally.

        Raises
        ------
        UsageError
            Coefficients do not fit the levels, or more than 5 % of the answers have no cluster.
        """
        ends = np.array([np.asarray(numerator, float), np.asarray(denominator, float)])
        if ends.shape != (2, len(tally.levels)):
            raise UsageError(f"{ends.shape[1]} coefficients do not fit {len(tally.levels)} levels.")
        groups, group = tally.group_rows()
        used = ends[1] != 0
        answers = (tally.n * used).sum(axis=1)
        units = units_of(tally, answers)
        parts = np.asarray((tally.n if tally.w is None else tally.w) @ ends.T, np.float64)
        sums = np.stack([group_sum(group, len(groups), end) for end in parts.T], axis=1)
        products = _products(tally, ends, parts, are_clusters=units.are_clusters)
        is_unit = units.size > 0
        return cls(
            groups=groups,
            sums=sums,
            n=group_sum(group, len(groups), answers),
            group=group[is_unit],
            stratum=units.stratum[is_unit],
            unit=np.unique(units.place[is_unit], return_inverse=True)[1].astype(np.int64),
            parts=parts[is_unit],
            squares=products[is_unit],
            per_stratum=np.asarray(units.per_stratum, np.int64),
            is_plain=tally.w is None and set(tally.roles) <= {"by"},
            are_clusters=units.are_clusters,
        )

    def over(self, groups: Sequence[tuple[Label, ...]], place: Ints) -> Moments:
        """Moments over more groups.

        Parameters
        ----------
        groups : sequence of tuples
            Labels of all groups.
        place : int64 array
            Where each group of these moments stands among them.

        Returns
        -------
        Moments
            With zeros for the groups that were not there.
        """
        sums, n = np.zeros((len(groups), 2)), np.zeros(len(groups), np.int64)
        sums[place], n[place] = self.sums, self.n
        return self._replace(groups=tuple(groups), sums=sums, n=n, group=place[self.group])

    @property
    def df(self) -> int:
        """Units less strata."""
        return max(int(self.per_stratum.sum()) - int(np.count_nonzero(self.per_stratum)), 0)

    @property
    def value(self) -> Floats:
        """Ratio in each group; not a number in a group without answers."""
        return divide(self.sums[:, 0], self.sums[:, 1])

    def variance(self, own: Floats, overall: Floats) -> Floats:
        """Variance of one linear sum for each group.

        Parameters
        ----------
        own, overall : float64 arrays (groups, 2)
            What the two sums of a unit count for in its own group, and besides in all groups.

        Returns
        -------
        float64 array (groups,)
            Units drawn with replacement within strata.
        """
        total = np.zeros(len(own))
        for square, sums, units in self._by_stratum(own, overall):
            total += _spread(square, sums, units, is_plain=self.is_plain)
        return total

    def squared(self, own: Floats, overall: Floats) -> Floats:
        """Sum over units of the square of what `variance` looks at.

        Parameters
        ----------
        own, overall : float64 arrays (groups, 2)
            As for `variance`.

        Returns
        -------
        float64 array (groups,)
            Squares about nought.
        """
        total = np.zeros(len(own))
        for square, _, _ in self._by_stratum(own, overall):
            total += square
        return total

    def _by_stratum(self, own: Floats, overall: Floats) -> Iterator[tuple[Floats, Floats, int]]:
        for stratum, units in enumerate(self.per_stratum):
            rows = np.flatnonzero(self.stratum == stratum)
            if rows.size:
                yield *self._in_stratum(rows, own, overall), int(units)

    def _in_stratum(self, rows: Ints, own: Floats, overall: Floats) -> tuple[Floats, Floats]:
        """Squares and sums over a stratum's units, for every group."""
        group, parts = self.group[rows], self.parts[rows]
        everything, crossed = self._crossed(rows)
        mine = own[group]
        # Products with the group's own coefficients, summed by group.
        added = np.einsum("ri,rij,rj->r", mine, self.squares[rows], mine)
        added += 2.0 * np.einsum("ri,rij,rj->r", mine, crossed, overall[group])
        square = group_sum(group, len(own), added)
        square += np.einsum("gi,ij,gj->g", overall, everything, overall)
        sums = group_sum(group, len(own), (mine * parts).sum(axis=1))
        sums += overall @ parts.sum(axis=0)
        return square, sums

    def _crossed(self, rows: Ints) -> tuple[Floats, Floats]:
        """Products of a stratum's units with themselves, and of each row with its whole unit."""
        squares = self.squares[rows]
        if not self.are_clusters:
            return squares.sum(axis=0), squares
        _, place = np.unique(self.unit[rows], return_inverse=True)
        size = int(place.max()) + 1
        whole = np.stack([group_sum(place, size, end) for end in self.parts[rows].T], axis=1)
        return whole.T @ whole, self.parts[rows][:, :, None] * whole[place][:, None, :]

    def sum_variance(self, own: Floats, overall: Floats) -> float:
        """Variance of the sum over all groups of what `variance` looks at one by one.

        Parameters
        ----------
        own, overall : float64 arrays (groups, 2)
            As for `variance`.

        Returns
        -------
        float
            Units drawn with replacement within strata.
        """
        coefficients = own[self.group] + overall.sum(axis=0)
        square = np.einsum("ri,rij,rj->r", coefficients, self.squares, coefficients)
        sums, stratum = (coefficients * self.parts).sum(axis=1), self.stratum
        if self.are_clusters:
            whole = group_sum(self.unit, int(self.unit.max(initial=-1)) + 1, sums)
            of_unit = np.zeros(whole.size, np.int64)
            of_unit[self.unit] = self.stratum
            square, sums, stratum = whole**2, whole, of_unit
        size = self.per_stratum.size
        squares, totals = (group_sum(stratum, size, each) for each in (square, sums))
        per = np.maximum(self.per_stratum, 1)
        return float(_spread(squares, totals, per, is_plain=self.is_plain).sum())


def _products(
    tally: Tally, ends: Floats, parts: Floats, *, are_clusters: bool
) -> NDArray[np.float64]:
    """Products of the two sums of every unit, added up by row."""
    if are_clusters:
        return np.asarray(parts[:, :, None] * parts[:, None, :])
    squares = tally.n if tally.w is None or tally.w2 is None else tally.w2
    return np.asarray(np.einsum("rl,il,jl->rij", squares.astype(np.float64), ends, ends))


def _spread(square: Floats, sums: Floats, units: int | Ints, *, is_plain: bool) -> Floats:
    """Squares about the mean of the units; about nought where there is a single unit."""
    spread = square - np.where(np.asarray(units) > 1, sums**2 / units, 0.0)
    spread = np.where(spread > ROUNDING * square, spread, 0.0)
    return np.asarray(spread if is_plain else spread * units / np.maximum(np.asarray(units) - 1, 1))
