"""Variance of a ratio of totals from strata and clusters, by Taylor linearisation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats._sums import Floats, Ints, row_keys
from cxm_core.stats._tally import Tally

from ._weights import kish

# More rows than this without a cluster, and the error would describe too few of them.
MAX_UNCLUSTERED = 0.05
# Below this share of their parts, sums are taken for the zero that rounding has missed.
ROUNDING = 1e-12


class Units(NamedTuple):
    """Which rows of a tally are units of the design, and where they stand.

    A unit is what was drawn: a cluster if there are any, else a single answer.
    """

    stratum: Ints  # (rows,) place of the row's stratum
    size: Ints  # (rows,) units in the row: 1 for a cluster's row, else the answers in it
    answers: Ints  # (rows,) answers of these units
    per_stratum: Ints  # (strata,) units of the stratum, in the groups and out of them
    are_clusters: bool
    place: Ints  # (rows,) key of the row's cluster; only its equality means something


class Residuals(NamedTuple):
    """Per row: its group, and its units' residuals added up, squared and plain."""

    group: Ints
    squares: Floats
    totals: Floats


class Linearised(NamedTuple):
    """Per group: variance of a total, and what the design leaves to estimate it from.

    `freedom` are the degrees of freedom that clusters of unequal size leave: a few large ones make
    most of the variance.

    `endless` is the variance from a population without end; both are the same without `left`.
    """

    variance: Floats
    endless: Floats
    units: Ints
    strata: Ints
    lonely_strata: Ints
    freedom: Floats


def units_of(tally: Tally, n: Ints) -> Units:
    """Units of a tally in which each row has `n` answers that count.

    Rows without a cluster are units of nothing: they stay in the value and leave its error.
    """
    strata, clusters = (_codes_of(tally, role) for role in ("stratum", "cluster"))
    stratum = np.zeros(len(n), np.int64) if strata is None else strata[0]
    n_strata = int(stratum.max(initial=0)) + 1
    if clusters is None:
        per_stratum = group_sum(stratum, n_strata, n)
        return Units(stratum, n, n, per_stratum, are_clusters=False, place=np.zeros_like(stratum))
    codes, labels = clusters
    counts = n > 0
    if labels and labels[-1] is None:
        counts &= codes < len(labels) - 1
    _check_unclustered(int(n.sum()), int(n[~counts].sum()))
    sizes = [n_strata, max(len(labels), 1)]
    place = row_keys([stratum, codes], sizes, len(n)).astype(np.int64, copy=False)
    distinct = np.unique(place[counts])
    per_stratum = np.bincount(distinct // sizes[1], minlength=n_strata)
    answers = np.where(counts, n, 0)
    return Units(
        stratum, counts.astype(np.int64), answers, per_stratum, are_clusters=True, place=place
    )


def linearise(
    units: Units, residuals: Residuals, n_groups: int, *, left: Floats | None = None
) -> Linearised:
    """Variance of a total of residuals in each group, units drawn with replacement in strata.

    A unit of the stratum outside the group counts with a residual of zero. A stratum of a single
    unit has no spread of its own: its residual is measured from the mean of all, which is zero.
    Where `left` says which share of a stratum's population was not drawn, only that share varies.
    """
    n_strata = len(units.per_stratum)
    group, squares, totals = residuals
    is_unit = units.size > 0
    keys = (group * n_strata + units.stratum)[is_unit]
    cells, place = np.unique(keys, return_inverse=True)
    size = len(cells)
    square, total = (group_sum(place, size, v[is_unit]) for v in (squares, totals))
    of_group, of_stratum = np.divmod(cells, n_strata)
    m = units.per_stratum[of_stratum]
    spread = square - np.where(m > 1, total**2 / m, 0.0)
    spread = np.where(spread > ROUNDING * square, spread, 0.0)
    spread *= m / np.maximum(m - 1, 1)
    endless = group_sum(of_group, n_groups, spread)
    drawn = group_sum(group, n_groups, units.size)
    strata = np.bincount(of_group, minlength=n_groups)
    even = group_sum(of_group, n_groups, _even_units(units, is_unit, place, size))
    return Linearised(
        endless if left is None else group_sum(of_group, n_groups, spread * left[of_stratum]),
        endless,
        drawn,
        strata,
        np.bincount(of_group[m == 1], minlength=n_groups),
        freedom_of(even, np.maximum(drawn - strata, 0), n_strata),
    )


def _even_units(units: Units, is_unit: NDArray[np.bool_], place: Ints, size: int) -> Floats:
    """Units of equal size that would share out the answers as evenly, in each of `size` places."""
    each = units.answers[is_unit].astype(np.float64)
    squares = each**2 / units.size[is_unit]
    return kish(*(group_sum(place, size, part) for part in (each, squares)))


def freedom_of(even: Floats, df: Ints, n_strata: int) -> Floats:
    """Even units less one, and one at least; among several strata, units less strata."""
    most = df.astype(np.float64)
    return most if n_strata > 1 else np.clip(even - 1.0, np.minimum(most, 1.0), most)


def group_sum(place: Ints, size: int, values: NDArray[Any]) -> NDArray[Any]:
    """Sum of `values` in each of `size` groups, integers staying integers."""
    sums = np.bincount(place, weights=values, minlength=size)
    return sums.astype(values.dtype)


def _codes_of(tally: Tally, role: str) -> tuple[Ints, tuple[object, ...]] | None:
    if role not in tally.roles:
        return None
    place = tally.roles.index(role)
    return tally.codes[:, place], tally.labels[place]


def _check_unclustered(answers: int, unclustered: int) -> None:
    if unclustered > MAX_UNCLUSTERED * answers:
        raise UsageError(
            f"{unclustered} of {answers} answers have no cluster, which is more than "
            f"{MAX_UNCLUSTERED:.0%}.",
            hint="give each of them a cluster label of its own, or leave them out",
        )
