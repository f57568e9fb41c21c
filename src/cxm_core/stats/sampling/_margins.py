"""What the error of a ratio loses because the weights were fitted to known margins."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxm_core.stats._sums import Floats, Ints, divide
from cxm_core.stats._tally import Tally

from ._clusters import ROUNDING, Units, group_sum

# Margins say the same thing twice: each of them adds up to everybody.
RANK = 1e-10


class Parts(NamedTuple):
    """One row for each group and unit: its residuals and weights, added up, squared, crossed."""

    group: Ints
    units: Units
    totals: Floats
    squares: Floats
    crossed: Floats
    weight: Floats
    weight2: Floats


def of_clusters(rows: Parts) -> Parts:
    """The rows of a cluster that lie in one group, but in several margins, as one."""
    is_unit = rows.units.size > 0
    _, unit = np.unique(rows.units.place[is_unit], return_inverse=True)
    keys = rows.group[is_unit] * (int(unit.max(initial=0)) + 1) + unit
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    totals, weight, bulk = (
        group_sum(place, len(first), values[is_unit])
        for values in (rows.totals, rows.weight, np.abs(rows.totals))
    )
    totals = np.where(np.abs(totals) > ROUNDING * bulk, totals, 0.0)
    kept = np.flatnonzero(is_unit)[first]
    units = rows.units._replace(
        stratum=rows.units.stratum[kept],
        size=rows.units.size[kept],
        answers=group_sum(place, len(first), rows.units.answers[is_unit]),
        place=rows.units.place[kept],
    )
    return Parts(rows.group[kept], units, totals, totals**2, totals * weight, weight, weight**2)


class Fit(NamedTuple):
    """Regression of the residuals of each group on the margins, over the whole sample.

    A unit outside the group has a residual of zero, of which the margins explain a part too.

    References
    ----------
    .. [1] Deville & Sarndal 1992, J. Am. Stat. Assoc. 87:376-382, section 2.
    .. [2] Deville, Sarndal & Sautory 1993, J. Am. Stat. Assoc. 88:1013-1020, equation 3.4.
    """

    slopes: Floats  # (groups, columns)
    rank: int
    columns: Any  # sparse (units, columns): the units' weights in each category of each margin
    squares: Floats  # (units,) what their products count
    crossed: Any  # sparse (groups, units): residuals of each group
    of_unit: Ints  # (units,) stratum
    per_stratum: Ints
    totals: Any  # sparse (groups, strata)
    sizes: Any  # sparse (strata, columns)
    bulk: Floats  # (groups,) squares of the residuals, from nought

    @classmethod
    def of(cls, tally: Tally, rows: Parts, parts: Parts, *, n_groups: int = 1) -> Fit:
        """Regress, and gather what the variance needs."""
        x = _indicators(tally)
        slopes, rank = _slopes(x, rows, _factors(tally), n_groups)
        is_unit = rows.units.size > 0
        stratum, n_strata = rows.units.stratum, len(rows.units.per_stratum)
        weights = np.where(is_unit, rows.weight, 0.0)
        sizes = _select(stratum, weights, n_strata) @ x
        totals = _sparse(parts.totals, parts.group, parts.units.stratum, (n_groups, n_strata))
        bulk = group_sum(parts.group, n_groups, parts.squares)
        common = {
            "per_stratum": rows.units.per_stratum, "totals": totals, "sizes": sizes, "bulk": bulk,
        }  # fmt: skip
        if not rows.units.are_clusters:
            crossed = _select(rows.group, rows.crossed, n_groups)
            return cls(slopes, rank, x, rows.weight2, crossed, of_unit=stratum, **common)
        known, first, unit = np.unique(
            rows.units.place[is_unit], return_index=True, return_inverse=True
        )
        columns = _select(unit, rows.weight[is_unit], len(known)) @ x[is_unit]
        place = np.searchsorted(known, parts.units.place)
        crossed = _sparse(parts.totals, parts.group, place, (n_groups, len(known)))
        of_unit = stratum[is_unit][first]
        return cls(slopes, rank, columns, np.ones(len(known)), crossed, of_unit=of_unit, **common)

    @property
    def freedom(self) -> float:
        """What the fit has left of the units, as leaving out one at a time would find it.

        A residual of the fit is smaller than that from a fit without the unit, by one less its
        leverage; the mean leverage of the slopes beyond the mean stands for all.
        """
        m, used = int(self.per_stratum.sum()), self.rank
        return float((max(m - used, 1) / max(m - 1, used, 2)) ** 2)

    def less(self, variance: Floats, left: Floats) -> Floats:
        """Variance of the totals of what the margins do not explain."""
        m = self.per_stratum
        factor = left * m / np.maximum(m - 1, 1)
        centred = np.where(m > 1, factor / np.maximum(m, 1), 0.0)
        of_unit = factor[self.of_unit]
        square = self.columns.T @ _scaled(self.columns, of_unit * self.squares)
        square = (square - self.sizes.T @ _scaled(self.sizes, centred)).toarray()
        cross = self.crossed @ _scaled(self.columns, of_unit)
        cross = (cross - self.totals @ _scaled(self.sizes, centred)).toarray()
        explained = 2 * (self.slopes * cross).sum(axis=1)
        moved = ((self.slopes @ square) * self.slopes).sum(axis=1)
        rest = variance - explained + moved
        # Weights meet their totals up to rounding: what that leaves of an error is no doubt.
        return np.where(rest > ROUNDING * (self.bulk + moved), rest, 0.0)


def _indicators(tally: Tally) -> Any:
    """Sparse (rows, categories of all margins): a one where the row is in the category."""
    from scipy.sparse import csr_array, hstack  # noqa: PLC0415  (SciPy loads on first use)

    rows = np.arange(len(tally.n))
    ones = np.ones(len(rows))
    axes = [i for i, role in enumerate(tally.roles) if role == "margin"]
    blocks = [
        csr_array((ones, (rows, tally.codes[:, i])), shape=(len(rows), len(tally.labels[i])))
        for i in axes
    ]
    return csr_array(hstack(blocks))


def _factors(tally: Tally) -> Floats:
    """By how much the weights of each row grew when they were fitted; one if nobody knows."""
    if "fit" not in tally.roles:
        return np.ones(len(tally.n))
    place = tally.roles.index("fit")
    factors = [float.fromhex(str(label)) for label in tally.labels[place]]
    return np.array(factors)[tally.codes[:, place]]


def _slopes(x: Any, rows: Parts, factors: Floats, n_groups: int) -> tuple[Floats, int]:
    """The regression is that of the weights before they were fitted."""
    # Margins that contradict each other drive weights to nought: these rows say nothing.
    before = divide(np.ones_like(factors), factors)
    before = np.where(factors > 0, before, 0.0)
    square = (x.T @ _scaled(x, rows.weight * before)).toarray()
    cross = (_select(rows.group, rows.totals * before, n_groups) @ x).toarray()
    inverse = np.linalg.pinv(square, rcond=RANK, hermitian=True)
    return np.asarray(cross @ inverse), int(np.linalg.matrix_rank(square, RANK, hermitian=True))


def _select(place: Ints, values: Floats, size: int) -> Any:
    """Sparse (size, rows): sums of rows by place, each row with its value."""
    return _sparse(values, place, np.arange(len(place)), (size, len(place)))


def _sparse(values: Floats, row: Ints, column: NDArray[Any], shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_array  # noqa: PLC0415

    return csr_array((values, (row, column)), shape=shape)


def _scaled(matrix: Any, factors: Floats) -> Any:
    """Each row times its factor."""
    from scipy.sparse import diags_array  # noqa: PLC0415

    return diags_array(factors) @ matrix
