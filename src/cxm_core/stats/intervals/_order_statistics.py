"""Quantiles of groups, and their limits, from the ranks of what was seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError
from cxm_core.stats._limits import find_limits
from cxm_core.stats._quantiles import is_number, upper_tail
from cxm_core.stats._rank_tests import Significance
from cxm_core.stats._roots import find_roots
from cxm_core.stats._sums import Floats, Ints, read_only

# Sums of weights that rounding keeps apart are the same sum.
NEAR = 1e-9


class RankLimits(NamedTuple):
    """Ranks, counted from one, between which a quantile lies; not a number where there is none."""

    low: Floats
    high: Floats


class Sorted(NamedTuple):
    """Values in order within their groups.

    Attributes
    ----------
    values : float64 array (rows,)
        By group, then by size.
    sums : float64 array (rows,)
        Weights up to and with each row, from the first row of the first group on.
    first, last : int64 arrays (groups,)
        Where each group begins, and where it is over.
    starts, totals : float64 arrays (groups,)
        Sum of weights before each group, and in it.
    """

    values: Floats
    sums: Floats
    first: Ints
    last: Ints
    starts: Floats
    totals: Floats

    @classmethod
    def of(
        cls,
        values: ArrayLike,
        group: NDArray[np.integer],
        n_groups: int,
        weights: Floats | None = None,
    ) -> Sorted:
        """Sort rows by group and value; rows of zero weight are left out."""
        found = np.asarray(values, np.float64)
        weight = np.ones(found.size) if weights is None else weights
        order = np.lexsort((found, group))
        order = order[weight[order] > 0]
        edges = np.searchsorted(group[order], np.arange(n_groups + 1))
        sums = np.cumsum(weight[order])
        ends = np.concatenate([[0.0], sums])
        starts, totals = ends[edges[:-1]], ends[edges[1:]] - ends[edges[:-1]]
        values = read_only(found[order]), read_only(sums)
        return cls(*values, edges[:-1], edges[1:], read_only(starts), read_only(totals))

    def between(self, low: Floats, high: Floats) -> Sorted:
        """Only the rows that `last_up_to` and `first_from` find for shares from `low` to `high`.

        A share that is not a number keeps all up to that end of its group.
        """
        slack = NEAR * self.totals
        place = np.searchsorted(self.sums, self._targets(low) + slack, side="right") - 1
        first = np.where(low >= 0.0, np.clip(place, self.first, self.last), self.first)
        place = np.searchsorted(self.sums, self._targets(high) - slack) + 1
        last = np.where(high <= 1.0, np.clip(place, self.first, self.last), self.last)
        return self._part(first, np.maximum(first, last))

    def select(self, group: int) -> Sorted:
        """Rows of one group."""
        one = slice(group, group + 1)
        rows = slice(self.first[group], self.last[group])
        ends = np.array([0]), np.array([rows.stop - rows.start])
        values, sums = read_only(self.values[rows].copy()), read_only(self.sums[rows].copy())
        return Sorted(values, sums, *ends, self.starts[one], self.totals[one])

    def _part(self, first: Ints, last: Ints) -> Sorted:
        """Rows from `first` to `last` of each group; what a group weighs stays as it is."""
        ends = np.concatenate([[0], np.cumsum(last - first)])
        rows = np.repeat(first - ends[:-1], last - first) + np.arange(ends[-1])
        values, sums = read_only(self.values[rows]), read_only(self.sums[rows])
        return Sorted(values, sums, ends[:-1], ends[1:], self.starts, self.totals)

    def at(self, share: Floats) -> Floats:
        """Value up to which `share` of each group's weight lies; halfway if it is between two."""
        place = self._targets(share)
        low = np.searchsorted(self.sums, place - NEAR * self.totals)
        high = np.searchsorted(self.sums, place + NEAR * self.totals)
        return (self._pick(low) + self._pick(high)) / 2.0

    def last_up_to(self, share: Floats) -> Floats:
        """Largest value up to which no more than `share` lies; not a number if there is none."""
        slack = NEAR * self.totals
        place = np.searchsorted(self.sums, self._targets(share) + slack, side="right") - 1
        return np.where((place >= self.first) & (share >= 0.0), self._pick(place), np.nan)

    def first_from(self, share: Floats) -> Floats:
        """Smallest value up to which at least `share` lies; not a number if there is none."""
        place = np.searchsorted(self.sums, self._targets(share) - NEAR * self.totals)
        return np.where(share <= 1.0 + NEAR, self._pick(place), np.nan)

    def _targets(self, share: Floats) -> Floats:
        return np.asarray(self.starts + share * self.totals)

    def _pick(self, place: NDArray[np.integer]) -> Floats:
        """Value at `place`, kept within the group; not a number in an empty group."""
        if not self.values.size:
            return np.full(self.first.size, np.nan)
        inside = np.clip(place, self.first, np.maximum(self.last - 1, self.first))
        picked = self.values[np.minimum(inside, self.values.size - 1)]
        return np.where(self.last > self.first, picked, np.nan)


def rank_limits(n: ArrayLike, q: float, *, confidence_level: float = 0.95) -> RankLimits:
    """Ranks between which a quantile lies, whatever the distribution.

    Parameters
    ----------
    n : array of floats
        Answers; an effective number if they are weighted or clustered.
    q : float in (0, 1)
        Which quantile.
    confidence_level : float in (0, 1)
        Coverage is at least this for counts.

    Returns
    -------
    RankLimits
        From 1 to `n`, not rounded: round the lower one down and the upper one up. Not a number
        where no answer is low or high enough, as for the 0.9 quantile of fewer than 36 answers.

    Raises
    ------
    UsageError
        `q` or the level lies outside 0 to 1.

    References
    ----------
    .. [1] Hahn & Meeker 1991, Statistical Intervals, section 5.2.

    Examples
    --------
    >>> low, high = rank_limits(100, 0.5)
    >>> round(float(low), 2), round(float(high), 2)
    (40.72, 60.28)
    """
    _check_share(q)
    tail = 1.0 - upper_tail(confidence_level)

    def limits(n: Floats) -> tuple[Floats, Floats]:
        low, turned = _low_rank(n, q, tail), _low_rank(n, 1.0 - q, tail)
        high = n + 1.0 - turned
        return np.where(low >= 1.0, low, np.nan), np.where(high <= n, high, np.nan)

    return RankLimits(*find_limits(limits, n))


def quantile_test(values: ArrayLike, *, q: float, against: float) -> Significance:
    """Whether a quantile is what it is said to be, whatever the distribution.

    Parameters
    ----------
    values : array of floats (n,)
        What was measured, each by itself.
    q : float in (0, 1)
        Which quantile.
    against : float
        What it is said to be.

    Returns
    -------
    Significance
        How many values are at most `against`, or are below it, whichever is rarer; and the exact
        two-sided p-value.

    Raises
    ------
    UsageError
        `q` lies outside 0 to 1, or there are no values, or one is no number.

    References
    ----------
    .. [1] Conover 1999, Practical Nonparametric Statistics, section 3.2.

    Examples
    --------
    >>> round(quantile_test([3, 5, 8, 9, 12, 14], q=0.5, against=4).p_value, 4)
    0.2188
    """
    from scipy.special import bdtr, bdtrc  # noqa: PLC0415  (SciPy loads on first use)

    _check_share(q)
    found = np.asarray(values, np.float64).ravel()
    if not found.size or not np.isfinite(found).all():
        raise UsageError(
            f"{np.isfinite(found).sum()} of {found.size} values are numbers.",
            hint="leave missing ones out",
        )
    up_to, below = np.count_nonzero(found <= against), np.count_nonzero(found < against)
    few = float(bdtr(up_to, found.size, q))
    many = float(bdtrc(below - 1, found.size, q)) if below else 1.0
    statistic = up_to if few <= many else below
    return Significance(float(statistic), np.nan, min(2.0 * min(few, many), 1.0))


def _check_share(q: float) -> None:
    if not (is_number(q) and 0.0 < q < 1.0):
        raise UsageError(
            f"The quantile is {q}, but must lie between 0 and 1.", hint="0.5 is the median"
        )


def _low_rank(n: Floats, q: float, tail: float) -> Floats:
    """Rank, no whole number, of which as few answers lie below the quantile as `tail` says."""
    from scipy.special import betainc  # noqa: PLC0415  (SciPy loads on first use)

    def excess(rank: Floats, n: Floats) -> Floats:
        return np.asarray(betainc(n - rank + 1.0, rank, 1.0 - q) - tail)

    rank = np.full(n.shape, np.nan)
    known = n >= 1.0
    if known.any():
        n = n[known]
        ends = np.full(n.shape, NEAR), (n + 1.0) * (1.0 - NEAR)
        rank[known] = np.minimum(find_roots(excess, ends, n), n)
    return rank
