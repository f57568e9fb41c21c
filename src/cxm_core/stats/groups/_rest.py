"""Each group beside all the others together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from attrs import evolve
from numpy.typing import ArrayLike

from cxm_core.stats._limits import Limits, find_limits
from cxm_core.stats._sums import Floats, Ints, divide
from cxm_core.stats._tally import Tally
from cxm_core.stats.sampling import (
    Cells,
    Clusters,
    Heaviness,
    RatioEstimate,
    Units,
    cells_of,
    freedom_of,
    group_sum,
    is_bound,
    kish,
    korn_graubard,
    units_of,
)

from ._moments import Moments


class Rest(NamedTuple):
    """What stands beside each group: the answers of all the other groups.

    Attributes
    ----------
    ratio : RatioEstimate
        The ratio in the rest of each group.
    standard_error : float64 array (groups,)
        Of group less rest, with the units that have answers in both.
    correlation : float64 array (groups,)
        Of the two values; 0 where no unit has answers in both.
    """

    ratio: RatioEstimate
    standard_error: Floats
    correlation: Floats


def rest_of_each(
    tally: Tally, coefficients: tuple[ArrayLike, ArrayLike], groups: RatioEstimate
) -> Rest:
    """Ratio in the rest of every group, and how it hangs together with the group's own.

    Parameters
    ----------
    tally : Tally
        Counts, with or without weights, strata and clusters.
    coefficients : pair of arrays of floats, one a level
        Numerator and denominator, as for `linear_ratio`.
    groups : RatioEstimate
        What `linear_ratio` found in the groups.

    Returns
    -------
    Rest
        One entry for each of `tally.groups`; not a number where there is no rest.

    Raises
    ------
    UsageError
        Coefficients do not fit the levels, or more than 5 % of the answers have no cluster.

    Notes
    -----
    A cluster with answers in the group and in the rest, such as a person with several, ties the
    two together: its residuals are added up before they are squared [1]_.

    References
    ----------
    .. [1] Lumley 2004, J. Stat. Softw. 9(8), section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from cxm_core.stats import CodedAxis, linear_ratio
    >>> shop = CodedAxis.of("shop", ["a", "a", "b", "c"])
    >>> tally = Tally.from_codes(levels=(0, 1), level_codes=np.array([0, 1, 1, 0]), axes=[shop])
    >>> found = linear_ratio(tally, (0, 1), (1, 1))
    >>> rest_of_each(tally, ((0, 1), (1, 1)), found).ratio.value.round(2).tolist()
    [0.5, 0.33, 0.67]
    """
    numerator, denominator = coefficients
    moments = Moments.of(tally, numerator, denominator)
    rest = moments.sums.sum(axis=0) - moments.sums
    value = divide(rest[:, 0], rest[:, 1])
    of_rest, of_group = _influence(value, rest[:, 1]), _influence(groups.value, moments.sums[:, 1])
    variance = moments.variance(-of_rest, of_rest)
    between = moments.variance(of_group + of_rest, -of_rest)
    own = groups.standard_error**2
    tie = (own + variance - between) / 2.0
    correlation = np.clip(np.nan_to_num(divide(tie, np.sqrt(own * variance))), -1.0, 1.0)
    if not moments.are_clusters:
        correlation = np.zeros_like(value)
    ends = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    cells = cells_of(tally, tally.group_rows()[1], ends[1] != 0)
    units = units_of(tally, cells.n.sum(axis=1))
    ratio = _ratio_of_rest(moments, groups, (value, variance), ends, (cells.group, units))
    if is_bound(tally):
        ratio = _bounded(ratio, cells, units, ends)
    return Rest(ratio, np.sqrt(np.where(np.isnan(value), np.nan, between)), correlation)


def _influence(value: Floats, below: Floats) -> Floats:
    """What a unit's two sums change in a ratio."""
    known = np.isfinite(value) & (below != 0)
    value, below = np.where(known, value, 0.0), np.where(known, below, np.inf)
    return np.stack([1.0 / below, -value / below], axis=1)


def _ratio_of_rest(
    moments: Moments,
    groups: RatioEstimate,
    found: tuple[Floats, Floats],
    ends: tuple[Floats, Floats],
    drawn_from: tuple[Ints, Units],
) -> RatioEstimate:
    value, variance = found
    n = moments.n.sum() - moments.n
    weights = groups.level_shares * groups.sum_weights[:, None]
    left = np.nan_to_num(weights).sum(axis=0) - np.nan_to_num(weights)
    shares = divide(left, left.sum(axis=1)[:, None])
    drawn, df = _units(moments, n)
    freedom = df.astype(np.float64)
    if moments.are_clusters:
        freedom = _freedom(*drawn_from, df)
    # Variance of a single plain answer of the rest.
    gap = ends[0] - value[:, None] * ends[1]
    simple = divide((shares * gap**2).sum(axis=1), (shares @ ends[1]) ** 2)
    effect = divide(variance * n, simple)
    if moments.is_plain:
        effective = np.where(n > 0, n, np.nan)
    else:
        few = korn_graubard(n, freedom, confidence_level=groups.confidence_level)
        weight = np.tile([0.0, 1.0], (len(n), 1))
        by_weight = kish(left.sum(axis=1), moments.squared(-weight, weight))
        effective = np.where(effect > 0, divide(n, effect) * few, by_weight)
        effective = np.where(df > 0, np.minimum(effective, n), np.nan)
    has_error = (n > 0) & ((df > 0) | moments.is_plain)
    error = np.sqrt(np.where(has_error, variance, np.nan))
    return evolve(
        groups,
        value=value,
        standard_error=error,
        n=n,
        sum_weights=left.sum(axis=1),
        n_clusters=drawn,
        df=df,
        freedom=freedom,
        effective_n=effective,
        design_effect=effect,
        level_shares=shares,
        most_n=n.astype(np.float64),
    )


def _bounded(
    ratio: RatioEstimate, cells: Cells, units: Units, ends: tuple[Floats, Floats]
) -> RatioEstimate:
    """The rest, worth no more than its weights and clusters allow."""
    size = len(ratio.n)
    if units.are_clusters:
        worth = Clusters.of(cells, units, np.stack(ends)).worth_of_rest(ratio.value)
    else:
        worth = Heaviness.of(cells).worth_of_rest(size)
    most = np.fmin(ratio.most_n, worth)
    return evolve(ratio, most_n=most, effective_n=np.minimum(ratio.effective_n, most))


def _units(moments: Moments, n: Ints) -> tuple[Ints, Ints]:
    """Units of the rest of each group, and its degrees of freedom."""
    if not moments.are_clusters:
        return n, np.maximum(n - np.count_nonzero(moments.per_stratum), 0)
    pairs = np.unique(np.stack([moments.unit, moments.group]), axis=1)
    alone = np.bincount(pairs[0])[pairs[0]] == 1
    only = group_sum(pairs[1], len(n), alone.astype(np.int64))
    units = np.asarray(int(pairs[0].max(initial=-1)) + 1 - only, np.int64)
    return units, np.maximum(units - np.count_nonzero(moments.per_stratum), 0)


def _freedom(group: Ints, units: Units, df: Ints) -> Floats:
    """Degrees of freedom that clusters of unequal size leave in the rest of each group."""
    is_unit = units.size > 0
    _, unit = np.unique(units.place[is_unit], return_inverse=True)
    size = int(unit.max(initial=-1)) + 1
    pairs, place = np.unique(group[is_unit] * size + unit, return_inverse=True)
    own = group_sum(place, pairs.size, units.answers[is_unit].astype(np.float64))
    of_group, of_unit = np.divmod(pairs, max(size, 1))
    whole = group_sum(of_unit, size, own)
    without = (whole[of_unit] - own) ** 2 - whole[of_unit] ** 2
    left, squares = (group_sum(of_group, len(df), part) for part in (own, without))
    even = np.nan_to_num(kish(whole.sum() - left, (whole**2).sum() + squares))
    return freedom_of(even, df, len(units.per_stratum))


def mover_tied(
    a: tuple[ArrayLike, ArrayLike, ArrayLike],
    b: tuple[ArrayLike, ArrayLike, ArrayLike],
    correlation: ArrayLike,
) -> Limits:
    """Limits of a minus b from the limits of each, where the two hang together.

    Parameters
    ----------
    a, b : tuple of value, low, high
        Estimates with their limits, all at one level of confidence; arrays of a common shape.
    correlation : array of floats
        Of the two estimates; with 0 the limits are those of `mover`.

    Returns
    -------
    Limits
        Of `a` - `b`, at the same level.

    References
    ----------
    .. [1] Zou 2007, Psychol. Methods 12:399-413, equations 14 and 15.

    Examples
    --------
    >>> low, high = mover_tied((0.5, 0.4, 0.6), (0.3, 0.2, 0.4), 0.5)
    >>> round(float(low), 3), round(float(high), 3)
    (0.1, 0.3)
    """
    return find_limits(_tied, *a, *b, correlation)


def _tied(
    a: Floats, a_low: Floats, a_high: Floats, b: Floats, b_low: Floats, b_high: Floats, r: Floats
) -> tuple[Floats, Floats]:
    ends = (a - a_low, b_high - b), (a_high - a, b - b_low)
    below, above = (
        np.sqrt(np.maximum(one**2 + two**2 - 2.0 * r * one * two, 0.0))
        for one, two in (np.maximum(pair, 0.0) for pair in ends)
    )
    return a - b - below, a - b + above
