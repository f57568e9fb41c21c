"""Ratio of two weighted counts of levels, with its error under the design of the sample."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError
from cxm_core.stats._labels import Label
from cxm_core.stats._quantiles import upper_tail
from cxm_core.stats._sums import Floats, Ints, divide, read_only
from cxm_core.stats._tally import Tally

from ._clusters import ROUNDING, group_sum
from ._designed import Ratio, design_error, plain_error
from ._population import Population
from ._weight_bounds import Cells


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
    freedom : float64 array
        What clusters of unequal size leave of `df` to find `effective_n` with.
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
    population_left : float64 array
        Share of the variance that the finite population leaves; one if its size is not known.
    raw_n : float64 array
        As `effective_n`, at any confidence level: before it pays for few clusters.
    most_n : float64 array
        What `effective_n` cannot exceed: the answers, unless margins or a finite population add
        to what they tell.
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
    freedom: Floats = field(converter=read_only)
    effective_n: Floats = field(converter=read_only)
    design_effect: Floats = field(converter=read_only)
    level_shares: Floats = field(converter=read_only)
    unclustered: Ints = field(converter=read_only)
    lonely_strata: Ints = field(converter=read_only)
    population_left: Floats = field(converter=read_only)
    raw_n: Floats = field(converter=read_only)
    most_n: Floats = field(converter=read_only)
    method: str
    confidence_level: float


def linear_ratio(
    tally: Tally,
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    confidence_level: float = 0.95,
    population: Population | None = None,
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
    population : number, mapping of stratum to number, or None
        Clusters that there were to draw from, or answers if there are no clusters; in each
        stratum, if there are strata. None for a population without end.

    Returns
    -------
    RatioEstimate
        One entry for each of `tally.groups`.

    Raises
    ------
    UsageError
        Coefficients do not fit the levels, more than 5 % of the answers have no cluster, or more
        was drawn than the population holds.

    Notes
    -----
    Without weights, strata and clusters the variance is the multinomial one, divided by n.
    Otherwise the residuals are linearised, and their totals compared between the clusters of each
    stratum as if drawn with replacement [1]_; an answer is a cluster of its own if none are named.
    The effective number of answers is that of Korn and Graubard [2]_, at most n
    (but for margins, see below); where the variance is zero, it is Kish's.
    Without strata it pays for clusters of unequal size, too: with fewer degrees of freedom, and by
    how alike the answers of a cluster are, so that a few large ones cannot pass for many.
    A known population takes from each stratum's variance the share that was drawn, and divides the
    effective number by what is left.
    Where the tally has margins that the weights were fitted to, residuals are first freed from
    what the margins explain [3]_.

    References
    ----------
    .. [1] Lumley 2004, J. Stat. Softw. 9(8), section 2.
    .. [2] Korn & Graubard 1998, 24:193-201.
    .. [3] Deville & Sarndal 1992, J. Am. Stat. Assoc. 87:376-382.

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
    cells = cells_of(tally, group, d != 0)
    ratio = _ratio(cells, c, d, len(groups))
    is_plain = tally.w is None and set(tally.roles) <= {"by"}
    error = (
        plain_error(tally, ratio, population)
        if is_plain
        else design_error(
            tally, cells, ratio, confidence_level=confidence_level, population=population
        )
    )
    return RatioEstimate(
        groups=groups,
        value=ratio.value,
        standard_error=np.sqrt(error.variance),
        n=ratio.n,
        sum_weights=ratio.weight,
        n_clusters=error.n_clusters,
        df=error.df,
        freedom=error.freedom,
        effective_n=error.effective_n,
        design_effect=divide(error.variance * ratio.n, ratio.simple),
        level_shares=ratio.shares,
        unclustered=error.unclustered,
        lonely_strata=error.lonely_strata,
        population_left=error.left,
        raw_n=error.raw_n,
        most_n=error.most_n,
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


def cells_of(tally: Tally, group: Ints, used: NDArray[np.bool_]) -> Cells:
    """Counts and weights of the levels that are used, by row of the tally."""
    n = tally.n * used
    if tally.w is None:
        w = w2 = n.astype(np.float64)
    else:
        w = tally.w * used
        # Only a clustered tally has no squares, and its error is not made of them.
        w2 = w if tally.w2 is None else tally.w2 * used
    return Cells(group, n, w, w2)


def _ratio(cells: Cells, c: Floats, d: Floats, n_groups: int) -> Ratio:
    n = group_sum(cells.group, n_groups, cells.n.sum(axis=1))
    w = np.stack([group_sum(cells.group, n_groups, column) for column in cells.w.T], axis=1)
    weight = w.sum(axis=1)
    shares = divide(w, weight[:, None])
    below = w @ d
    value = divide(w @ c, below)
    # Levels that count alike are one here, so that it does not matter whether they were told apart.
    (c, d), kind = np.unique(np.stack([c, d]), axis=1, return_inverse=True)
    parts = w @ (kind[:, None] == np.arange(c.size))
    gap = c - value[:, None] * d
    # Where all answers agree, rounding must not pretend that they differ.
    near = np.abs(gap) <= ROUNDING * (np.abs(c) + np.abs(value[:, None] * d))
    residual = np.where(near, 0.0, gap)
    spread = (divide(parts, weight[:, None]) * residual**2).sum(axis=1)
    simple = divide(spread, divide(below, weight) ** 2)
    residual, ends = residual[:, kind], np.stack([c, d])[:, kind]
    return Ratio(value, n, weight, below, shares, residual, simple, ends)
