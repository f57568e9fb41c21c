"""Ratio of two sums of any numbers, with its error under the design of the sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError
from cxm_core.stats._labels import CodedAxis, Label
from cxm_core.stats._limits import Limits, find_limits
from cxm_core.stats._quantiles import t_quantile
from cxm_core.stats._sums import Floats, Ints, divide, read_only, row_keys
from cxm_core.stats._tally import Tally

from ._cluster_bounds import Clusters
from ._clusters import ROUNDING, Linearised, Residuals, Units, group_sum, linearise, units_of
from ._population import Population, shares_left


@frozen(kw_only=True, eq=False)
class SumRatio:
    """A ratio of sums in each group, and how well it is known; arrays have one entry a group.

    Parameters
    ----------
    groups : tuple of tuples
        Labels of the groups.
    value, standard_error : float64 arrays
        The ratio by linearisation; not a number where the sum below is zero, or where the design
        leaves no degrees of freedom.
    n, n_units, df : int64 arrays
        Rows; clusters, or rows if there are no clusters; those less strata.
    freedom : float64 array
        What clusters of unequal size leave of `df` to make limits with.
    floor : float64 array
        Variance that the likeness of the answers of a cluster asks for, over the one that was
        found; zero where nothing asks.
    above, below : float64 arrays
        The two weighted means, whose ratio is that of the sums.
    spread_above, spread_below, spread_both : float64 arrays
        Variances of the means, and their covariance.
    unclustered, lonely_strata : int64 arrays
        Rows without a cluster; strata of the group that hold a single one.
    is_simple : bool
        Whether there are neither weights, strata nor clusters.
    """

    groups: tuple[tuple[Label, ...], ...]
    value: Floats = field(converter=read_only)
    standard_error: Floats = field(converter=read_only)
    n: Ints = field(converter=read_only)
    n_units: Ints = field(converter=read_only)
    df: Ints = field(converter=read_only)
    freedom: Floats = field(converter=read_only)
    floor: Floats = field(converter=read_only)
    above: Floats = field(converter=read_only)
    below: Floats = field(converter=read_only)
    spread_above: Floats = field(converter=read_only)
    spread_below: Floats = field(converter=read_only)
    spread_both: Floats = field(converter=read_only)
    unclustered: Ints = field(converter=read_only)
    lonely_strata: Ints = field(converter=read_only)
    is_simple: bool


class _Rows(NamedTuple):
    """One row for each group and unit, with its weighted sums."""

    group: Ints
    above: Floats
    below: Floats
    units: Units
    place: Ints  # (given rows,) where each given row went


def sum_ratio(
    above: ArrayLike,
    below: ArrayLike,
    *,
    axes: Sequence[CodedAxis] = (),
    weights: ArrayLike | None = None,
    population: Population | None = None,
) -> SumRatio:
    """Ratio of two weighted sums in every group, by linearisation over the design.

    Parameters
    ----------
    above, below : arrays of floats (rows,)
        What is added up above and below the line; finite.
    axes : sequence of CodedAxis
        Groups, strata and clusters.
    weights : array of floats (rows,) or None
        Weights, not negative; rows of weight zero are left out.
    population : number, mapping of stratum to number, or None
        Clusters that there were to draw from, or rows if there are no clusters.

    Returns
    -------
    SumRatio
        One entry for each group.

    Raises
    ------
    UsageError
        Lengths differ, a number is not finite, or more than 5 % of the rows have no cluster.

    References
    ----------
    .. [1] Lumley 2004, J. Stat. Softw. 9(8), section 2.
    .. [2] Cochran 1977, Sampling Techniques, section 6.

    Examples
    --------
    >>> found = sum_ratio([3, 0, 2, 1], [1, 1, 2, 2])
    >>> found.value.item(), round(found.standard_error.item(), 4)
    (1.0, 0.4714)
    """
    y, x, w = _checked(above, below, weights)
    keep = w > 0
    axes = [_kept(axis, keep) for axis in axes]
    y, x, w = y[keep], x[keep], _scaled(w[keep])
    groups, group = _groups(axes, y.size)
    n_groups = len(groups)
    weight = group_sum(group, n_groups, w)
    # Means rather than sums: how many rows a group happens to have is no doubt about its ratio.
    means = [divide(group_sum(group, n_groups, w * part), weight) for part in (y, x)]
    gaps = [w * _gap(part, mean[group]) for part, mean in zip((y, x), means, strict=True)]
    rows, unclustered = _rows(axes, group, (gaps[0], gaps[1]))
    value = divide(*means)
    left = shares_left(_design(axes, y.size), rows.units.per_stratum, population)

    def spread(part: Floats) -> Linearised:
        residuals = Residuals(rows.group, part**2, part)
        return linearise(rows.units, residuals, n_groups, left=left)

    found = spread(rows.above - np.nan_to_num(value)[rows.group] * rows.below)
    df = np.maximum(found.units - found.strata, 0)
    parts = rows.above, rows.below, rows.above + rows.below
    one, two, both = (divide(spread(part).variance, weight**2) for part in parts)
    error = np.sqrt(divide(divide(found.variance, weight**2), means[1] ** 2))
    asked = _asked(axes, rows, np.stack([y, x, np.ones_like(y), w], axis=1), value)
    return SumRatio(
        groups=groups,
        value=value,
        standard_error=np.where(df > 0, error, np.nan),
        n=np.bincount(group, minlength=n_groups),
        n_units=found.units,
        df=df,
        freedom=found.freedom,
        floor=np.nan_to_num(divide(asked, divide(found.variance, weight**2))),
        above=means[0],
        below=means[1],
        spread_above=one,
        spread_below=two,
        spread_both=(both - one - two) / 2.0,
        unclustered=group_sum(group, n_groups, unclustered),
        lonely_strata=found.lonely_strata,
        is_simple=weights is None and all(axis.role == "by" for axis in axes),
    )


def fieller(
    above: tuple[ArrayLike, ArrayLike],
    below: tuple[ArrayLike, ArrayLike],
    df: ArrayLike,
    *,
    covariance: ArrayLike = 0.0,
    confidence_level: float = 0.95,
) -> Limits:
    """Limits of a ratio of two sums that stay right where the sum below may be near zero.

    Parameters
    ----------
    above, below : tuple of value and variance
        The two sums; arrays of a common shape.
    df : array of floats
        Degrees of freedom of the variances.
    covariance : array of floats
        Of the two.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        Not a number where the sum below cannot be told from zero: the ratio has no limits then.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1.

    References
    ----------
    .. [1] Fieller 1954, J. R. Stat. Soc. B 16:175-185.

    Examples
    --------
    >>> low, high = fieller((6.0, 0.5), (3.0, 0.1), 20, covariance=0.1)
    >>> round(float(low), 3), round(float(high), 3)
    (1.544, 2.557)
    """
    quantile = t_quantile(df, confidence_level)
    return find_limits(_fieller, *above, *below, covariance, quantile)


def _fieller(
    y: Floats, y2: Floats, x: Floats, x2: Floats, both: Floats, t: Floats
) -> tuple[Floats, Floats]:
    a, b, c = x * x - t * t * x2, x * y - t * t * both, y * y - t * t * y2
    root = np.sqrt(np.maximum(b * b - a * c, 0.0))
    has_limits = a > 0
    below = np.where(has_limits, a, np.nan)
    return (b - root) / below, (b + root) / below


def _checked(
    above: ArrayLike, below: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    y, x = (np.asarray(part, np.float64) for part in (above, below))
    w = np.ones(y.shape) if weights is None else np.asarray(weights, np.float64)
    if not y.shape == x.shape == w.shape or y.ndim != 1:
        raise UsageError(
            f"There are {y.size} numbers above, {x.size} below and {w.size} weights.",
            hint="give one of each a row",
        )
    wrong = np.count_nonzero(~np.isfinite(y) | ~np.isfinite(x) | ~np.isfinite(w) | (w < 0))
    if wrong:
        raise UsageError(
            f"{wrong} of {y.size} rows have a number that is missing or not finite, "
            "or a negative weight.",
            hint="leave these rows out, above and below alike",
        )
    return y, x, w


def _scaled(weights: Floats) -> Floats:
    """Weights of at most one, to the same bits, so that no square is lost for being small."""
    scaled: Floats = np.ldexp(weights, -np.frexp(weights.max(initial=0.0))[1])
    return scaled


def _kept(axis: CodedAxis, keep: NDArray[np.bool_]) -> CodedAxis:
    codes = axis.with_missing()[keep].astype(np.int64)
    return CodedAxis(name=axis.name, labels=(*axis.labels, None), codes=codes, role=axis.role)


def _groups(axes: Sequence[CodedAxis], rows: int) -> tuple[tuple[tuple[Label, ...], ...], Ints]:
    """Groups in the order that a tally has them in, and each row's place."""
    by = [axis for axis in axes if axis.role == "by"]
    tally = _tally(by, rows)
    groups, _ = tally.group_rows()
    if not by:
        return groups, np.zeros(rows, np.int64)
    columns, sizes = _recoded(by, tally)
    wanted = row_keys([tally.codes[:, i] for i in range(len(by))], sizes, len(tally.n))
    return groups, np.searchsorted(wanted, row_keys(columns, sizes, rows)).astype(np.int64)


def _recoded(axes: Sequence[CodedAxis], tally: Tally) -> tuple[list[Ints], list[int]]:
    """Codes of the axes on the sorted labels of a tally."""
    columns = []
    for axis, labels in zip(axes, tally.labels, strict=True):
        place = {(type(label), label): i for i, label in enumerate(labels)}
        table = [place.get((type(label), label), -1) for label in axis.labels]
        columns.append(np.array(table, np.int64)[axis.codes])
    return columns, [max(len(labels), 1) for labels in tally.labels]


def _tally(axes: Sequence[CodedAxis], rows: int) -> Tally:
    return Tally.from_codes(levels=(1,), level_codes=np.zeros(rows, np.int64), axes=axes)


def _design(axes: Sequence[CodedAxis], rows: int) -> Tally:
    return _tally([axis for axis in axes if axis.role in ("stratum", "cluster")], rows)


def _rows(
    axes: Sequence[CodedAxis], group: Ints, parts: tuple[Floats, Floats]
) -> tuple[_Rows, Ints]:
    """Rows of the design, and for each given row whether it has no cluster."""
    design = [axis for axis in axes if axis.role in ("stratum", "cluster")]
    tally = _tally(design, group.size)
    units = units_of(tally, tally.n.sum(axis=1))
    columns, sizes = _recoded(design, tally)
    cell = np.zeros(group.size, np.int64)
    if design:
        wanted = row_keys([tally.codes[:, i] for i in range(len(design))], sizes, len(tally.n))
        cell = np.searchsorted(wanted, row_keys(columns, sizes, group.size))
    stratum = units.stratum[cell] if group.size else cell
    if not units.are_clusters:
        ones = np.ones(group.size, np.int64)
        plain = units._replace(stratum=stratum, size=ones, answers=ones, place=cell)
        return _Rows(group, *parts, plain, cell), np.zeros(group.size, np.int64)
    keys, first, place = np.unique(
        row_keys([group, cell], [int(group.max(initial=0)) + 1, len(tally.n)], group.size),
        return_index=True,
        return_inverse=True,
    )
    above, below = (group_sum(place, keys.size, part) for part in parts)
    at = cell[first]
    clustered = units._replace(
        stratum=units.stratum[at],
        size=units.size[at],
        answers=np.where(units.size[at] > 0, np.bincount(place, minlength=keys.size), 0),
        place=units.place[at],
    )
    return _Rows(group[first], above, below, clustered, place), (units.size[cell] == 0).astype(
        np.int64
    )


def _asked(axes: Sequence[CodedAxis], rows: _Rows, given: Floats, value: Floats) -> Floats:
    """Variance of the mean residual, if the rows of all clusters are alike as in the usual one."""
    if not rows.units.are_clusters or any(axis.role == "stratum" for axis in axes):
        return np.zeros_like(value)
    size, group = rows.group.size, rows.group
    y, x, _, w = given.T
    added = [group_sum(rows.place, size, part) for part in (*given.T, y * y, x * y, x * x)]
    table = np.stack(added, axis=1)
    unit = np.unique(rows.units.place, return_inverse=True)[1].astype(np.int64)
    clusters = Clusters(group, unit, rows.units.size > 0, table[:, :4], table[:, 4:])
    of_row = group[rows.place]
    squares = group_sum(of_row, len(value), w * (y - np.nan_to_num(value)[of_row] * x) ** 2)
    spread = divide(squares, group_sum(of_row, len(value), w))
    return divide(spread, clusters.worth(value))


def _gap(values: Floats, mean: Floats) -> Floats:
    """Distance from the mean; none where only rounding lies between."""
    gap = values - mean
    return np.where(np.abs(gap) <= ROUNDING * np.abs(mean), 0.0, gap)
