"""Several ratios of each group put on one scale and averaged, with the error of the average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError
from cxm_core.stats._sums import Floats, Ints, divide, read_only

# Below this share of their mean, differences are what rounding has left.
_ROUNDING = 1e-9


class RatioRows(NamedTuple):
    """Rows of one ratio of sums.

    Attributes
    ----------
    above, below : float arrays (rows,)
        What is added up above and below the line.
    group : int array (rows,)
        Group of each row, from 0 up.
    unit : int array (rows,)
        What the rows were drawn by, from 0 up; the same number is the same unit in every ratio.
    """

    above: ArrayLike
    below: ArrayLike
    group: NDArray[np.integer]
    unit: NDArray[np.integer]


@frozen(kw_only=True, eq=False)
class Composite:
    """Average of several standardised ratios in each group.

    Parameters
    ----------
    value, standard_error : float64 arrays (groups,)
        Mean of the group's ratios, in standard deviations between groups above the mean group; not
        a number where the group has no ratio, or no error.
    parts : float64 array (ratios, groups)
        The ratios themselves; not a number where nothing is below the line.
    centre, spread : float64 arrays (ratios,)
        Mean and standard deviation of each ratio over the groups.
    n_units : int64 array (groups,)
        Units with a row in the group.
    """

    value: Floats = field(converter=read_only)
    standard_error: Floats = field(converter=read_only)
    parts: Floats = field(converter=read_only)
    centre: Floats = field(converter=read_only)
    spread: Floats = field(converter=read_only)
    n_units: Ints = field(converter=read_only)


def composite(ratios: Sequence[RatioRows], n_groups: int) -> Composite:
    """Mean of several ratios of each group, each in standard deviations between the groups.

    Parameters
    ----------
    ratios : sequence of RatioRows
        The ratios; a group counts with those that it has.
    n_groups : int
        How many groups there are.

    Returns
    -------
    Composite
        One entry a group.

    Raises
    ------
    UsageError
        There is no ratio, or fewer than two groups.

    Notes
    -----
    The error is that of the sum of the linearised ratios by unit, so that what one unit adds to
    several ratios is counted together. Centre and spread are taken for known.
    A ratio that is the same in all groups adds nothing.
    No error is below that of one row as far off as the farthest of all groups: that all rows of a
    group agree does not prove that the next one will.

    References
    ----------
    .. [1] Cochran 1977, Sampling Techniques, section 6.
    .. [2] OECD 2008, Handbook on Constructing Composite Indicators, step 5.

    Examples
    --------
    >>> import numpy as np
    >>> rows = RatioRows([1, 0, 1, 1], [1, 1, 1, 1], np.array([0, 0, 1, 1]), np.arange(4))
    >>> composite([rows], 2).value.round(3).tolist()
    [-0.707, 0.707]
    """
    if not ratios or n_groups < 2:
        raise UsageError("A composite needs one ratio at least, and two groups.")
    sums = [_sums(rows, n_groups) for rows in ratios]
    parts = np.stack([divide(above, below) for above, below in sums])
    known = np.isfinite(parts)
    centre, spread = _moments(parts, known)
    # A ratio that is the same everywhere tells nothing apart.
    differs = spread > _ROUNDING * np.abs(centre)
    scale = np.where(differs, 1.0 / np.where(differs, spread, 1.0), 0.0)[:, None]
    count = known.sum(axis=0)
    standard = np.where(known, (np.nan_to_num(parts) - centre[:, None]) * scale, 0.0)
    error, n_units = _error(ratios, sums, parts, scale, count)
    return Composite(
        value=divide(standard.sum(axis=0), count),
        standard_error=error,
        parts=parts,
        centre=centre,
        spread=spread,
        n_units=n_units,
    )


def _sums(rows: RatioRows, n_groups: int) -> tuple[Floats, Floats]:
    given = (np.asarray(part, np.float64) for part in (rows.above, rows.below))
    above, below = (
        np.asarray(np.bincount(rows.group, part, n_groups), np.float64) for part in given
    )
    return above, below


def _moments(parts: Floats, known: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Mean and standard deviation over the groups that have the ratio."""
    n = known.sum(axis=1)
    filled = np.where(known, parts, 0.0)
    centre = divide(filled.sum(axis=1), n)
    squares = np.where(known, (filled - np.nan_to_num(centre)[:, None]) ** 2, 0.0).sum(axis=1)
    return np.nan_to_num(centre), np.sqrt(squares / np.maximum(n - 1, 1))


def _error(
    ratios: Sequence[RatioRows],
    sums: Sequence[tuple[Floats, Floats]],
    parts: Floats,
    scale: Floats,
    count: Ints,
) -> tuple[Floats, Ints]:
    """Root of the sum of squares of what each unit adds to its groups' averages."""
    n_groups = count.size
    keys, adds = [], []
    least = np.zeros(n_groups)
    for place, rows in enumerate(ratios):
        weight = np.nan_to_num(divide(scale[place], sums[place][1] * count))
        value, below = np.nan_to_num(parts[place])[rows.group], np.asarray(rows.below, np.float64)
        gap = np.asarray(rows.above, np.float64) - value * below
        keys.append(rows.unit.astype(np.int64) * n_groups + rows.group)
        adds.append(gap * weight[rows.group])
        least += (np.abs(gap).max(initial=0.0) * weight) ** 2
    distinct, at = np.unique(np.concatenate(keys), return_inverse=True)
    total = np.bincount(at, np.concatenate(adds), distinct.size)
    group = distinct % n_groups
    n_units = np.bincount(group, minlength=n_groups)
    squares = np.asarray(np.bincount(group, total**2, n_groups), np.float64)
    variance = np.maximum(squares * n_units / np.maximum(n_units - 1, 1), least)
    return np.sqrt(np.where(n_units > 1, variance, np.nan)), n_units
