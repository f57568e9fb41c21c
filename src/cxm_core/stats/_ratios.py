"""Ratio of two weighted counts of levels, with its error under the design of the sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError

from ._clusters import ROUNDING, Residuals, group_sum, linearise, units_of
from ._labels import Label
from ._quantiles import upper_tail
from ._sums import Floats, Ints, divide, read_only
from ._tally import Tally
from ._weights import kish, korn_graubard


@frozen(kw_only=True, eq=False)
class RatioEstimate:
    """A ratio in each group of a tally, and how well it is known; arrays have one entry a group.

    Parameters
    ----------
    groups : tuple of tuples
        Labels of the groups, as `Tally.groups`.
    value : float64 array
        The ratio; not a number in a group without answers.
    standard_error : float64 array
        Not a number where the design leaves no degrees of freedom.
    n : int64 array
        Answers in the denominator.
    sum_weights : float64 array
        Sum of their weights; their number if unweighted.
    n_clusters : int64 array
        Clusters in the group; answers if there are no clusters.
    df : int64 array
        Clusters less strata.
    effective_n : float64 array
        Plain answers that would tell as much, at this `confidence_level`.
    design_effect : float64 array
        Variance over the variance of as many plain answers.
    level_shares : float64 array (groups, levels)
        Weighted shares of the levels among the answers in the denominator.
    unclustered : int64 array
        Answers without a cluster: in the value, not in its error.
    lonely_strata : int64 array
        Strata of the group that hold a single cluster.
    method : {"multinomial", "taylor"}
        How the variance was found.
    confidence_level : float in (0, 1)
        For which `effective_n` was found.
    """

    groups: tuple[tuple[Label, ...], ...]
    value: Floats = field(converter=read_only)
    standard_error: Floats = field(converter=read_only)
    n: Ints = field(converter=read_only)
    sum_weights: Floats = field(converter=read_only)
    n_clusters: Ints = field(converter=read_only)
    df: Ints = field(converter=read_only)
    effective_n: Floats = field(converter=read_only)
    design_effect: Floats = field(converter=read_only)
    level_shares: Floats = field(converter=read_only)
    unclustered: Ints = field(converter=read_only)
    lonely_strata: Ints = field(converter=read_only)
    method: str
    confidence_level: float


class _Cells(NamedTuple):
    """What a tally holds of the levels in the denominator, by row."""

    group: Ints
    n: Ints
    w: Floats
    w2: Floats


class _Ratio(NamedTuple):
    """Per group: the ratio, what it was made of, and how far each level lies from it."""

    value: Floats
    n: Ints
    weight: Floats
    below: Floats
    shares: Floats
    residual: Floats
    simple: Floats  # variance of a single plain answer


class _Error(NamedTuple):
    """Per group: the variance of the ratio, and what stands behind it."""

    method: str
    variance: Floats
    effective_n: Floats
    n_clusters: Ints
    df: Ints
    unclustered: Ints
    lonely_strata: Ints


def linear_ratio(
    tally: Tally,
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    confidence_level: float = 0.95,
) -> RatioEstimate:
    """Ratio of two weighted counts in every group: a share, a mean, a difference of shares.

    The value is the sum of `numerator` over all answers divided by the sum of `denominator`, where
    an answer counts with its weight and the coefficient of its level. A share has ones for the
    levels that count above ones for all; a mean has the values of the levels above.

    Parameters
    ----------
    tally : Tally
        Counts, with or without weights, strata and clusters.
    numerator, denominator : arrays of floats, one a level
        Coefficients; a level with zero in `denominator` is no part of the answer.
    confidence_level : float in (0, 1)
        For the effective number of answers.

    Returns
    -------
    RatioEstimate
        One entry for each of `tally.groups`.

    Raises
    ------
    UsageError
        Coefficients do not fit the levels, or more than 5 % of the answers have no cluster.

    Notes
    -----
    Without weights, strata and clusters the variance is the multinomial one, divided by n.
    Otherwise the residuals are linearised, and their totals compared between the clusters of each
    stratum as if drawn with replacement [1]_; an answer is a cluster of its own if none are named.
    The effective number of answers is that of Korn and Graubard [2]_, at most n; where the
    variance is zero, it is Kish's.

    References
    ----------
    .. [1] Lumley 2004, J. Stat. Softw. 9(8), section 2.
    .. [2] Korn & Graubard 1998, 24:193-201.

    Examples
    --------
    >>> import numpy as np
    >>> tally = Tally.from_codes(levels=(1, 2, 3), level_codes=np.array([0, 1, 2, 2]))
    >>> linear_ratio(tally, (1, 2, 3), (1, 1, 1)).value.tolist()
    [2.25]
    """
    upper_tail(confidence_level)
    c, d = _coefficients(tally, numerator, denominator)
    groups, group = tally.group_rows()
    cells = _cells(tally, group, d != 0)
    ratio = _ratio(cells, c, d, len(groups))
    is_plain = tally.w is None and set(tally.roles) <= {"by"}
    error = _plain(ratio) if is_plain else _designed(tally, cells, ratio, confidence_level)
    return RatioEstimate(
        groups=groups,
        value=ratio.value,
        standard_error=np.sqrt(error.variance),
        n=ratio.n,
        sum_weights=ratio.weight,
        n_clusters=error.n_clusters,
        df=error.df,
        effective_n=error.effective_n,
        design_effect=divide(error.variance * ratio.n, ratio.simple),
        level_shares=ratio.shares,
        unclustered=error.unclustered,
        lonely_strata=error.lonely_strata,
        method=error.method,
        confidence_level=confidence_level,
    )


def _coefficients(
    tally: Tally, numerator: ArrayLike, denominator: ArrayLike
) -> tuple[Floats, Floats]:
    c, d = (np.asarray(given, dtype=np.float64) for given in (numerator, denominator))
    size = (len(tally.levels),)
    if c.shape != size or d.shape != size or not np.isfinite([c, d]).all():
        raise UsageError(
            f"{c.size} and {d.size} coefficients do not fit {size[0]} levels, or are not finite.",
            hint="give one number for each of tally.levels",
        )
    if np.any((c != 0) & (d == 0)):
        raise UsageError(
            f"{np.count_nonzero((c != 0) & (d == 0))} levels count above and not below.",
            hint="a level of the numerator needs a coefficient in the denominator",
        )
    return c, d


def _cells(tally: Tally, group: Ints, used: NDArray[np.bool_]) -> _Cells:
    n = tally.n * used
    if tally.w is None:
        w = w2 = n.astype(np.float64)
    else:
        w = tally.w * used
        # Only a clustered tally has no squares, and its error is not made of them.
        w2 = w if tally.w2 is None else tally.w2 * used
    return _Cells(group, n, w, w2)


def _ratio(cells: _Cells, c: Floats, d: Floats, n_groups: int) -> _Ratio:
    n = group_sum(cells.group, n_groups, cells.n.sum(axis=1))
    w = np.stack([group_sum(cells.group, n_groups, column) for column in cells.w.T], axis=1)
    weight = w.sum(axis=1)
    shares = divide(w, weight[:, None])
    below = w @ d
    value = divide(w @ c, below)
    gap = c - value[:, None] * d
    # Where all answers agree, rounding must not pretend that they differ.
    near = np.abs(gap) <= ROUNDING * (np.abs(c) + np.abs(value[:, None] * d))
    residual = np.where(near, 0.0, gap)
    simple = divide((shares * residual**2).sum(axis=1), (shares @ d) ** 2)
    return _Ratio(value, n, weight, below, shares, residual, simple)


def _plain(ratio: _Ratio) -> _Error:
    n = ratio.n
    none = np.zeros_like(n)
    variance = divide(ratio.simple, n)
    effective_n = np.where(n > 0, n, np.nan)
    return _Error("multinomial", variance, effective_n, n, np.maximum(n - 1, 0), none, none)


def _designed(tally: Tally, cells: _Cells, ratio: _Ratio, confidence_level: float) -> _Error:
    n_groups, answers = len(ratio.n), cells.n.sum(axis=1)
    units = units_of(tally, answers)
    parts = np.where(cells.n > 0, ratio.residual[cells.group], 0.0)
    totals = (cells.w * parts).sum(axis=1)
    totals[np.abs(totals) <= ROUNDING * (cells.w * np.abs(parts)).sum(axis=1)] = 0.0
    squares = totals**2 if units.are_clusters else (cells.w2 * parts**2).sum(axis=1)
    found = linearise(units, Residuals(cells.group, squares, totals), n_groups)
    df = np.maximum(found.units - found.strata, 0)
    variance = np.where(df > 0, divide(found.variance, ratio.below**2), np.nan)
    weight = cells.w.sum(axis=1)[units.size > 0]
    weight2 = weight**2 if units.are_clusters else cells.w2.sum(axis=1)[units.size > 0]
    of_unit = cells.group[units.size > 0]
    by_weight = kish(*(group_sum(of_unit, n_groups, sums) for sums in (weight, weight2)))
    left = korn_graubard(ratio.n, df, confidence_level=confidence_level)
    by_design = divide(ratio.simple, variance) * left
    effective = np.where(variance > 0, by_design, by_weight)
    return _Error(
        "taylor",
        variance,
        np.where(df > 0, np.minimum(effective, ratio.n), np.nan),
        found.units,
        df,
        group_sum(cells.group, n_groups, np.where(units.size > 0, 0, answers)),
        found.lonely_strata,
    )
