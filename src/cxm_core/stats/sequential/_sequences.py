"""Confidence sequences: limits of a mean that hold at every look at once.

All take the counts of each look, so whole days of answers are one step, and their order within a
day does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._limits import Limits, find_limits
from cxm_core.stats._roots import find_roots
from cxm_core.stats._sums import Floats, Ints, divide, read_only
from cxm_core.stats.resampling import whole_counts

from ._boundaries import miss_rate, mixture_scale, normal_mixture_bound

# Shares of its capital that a better puts at risk in every step, from all to one in 724.
STAKES: Floats = read_only(2.0 ** -(np.arange(20) / 2))
# A root nearer to an end than this is at the end.
_END = 1e-12
_CELLS = 1 << 20
# A bet of more than half of the capital would make a single answer ruinous.
_MOST = 0.5
# Looks before it would make a promise that only holds in the long run.
ASYMPTOTIC_START = 500


class Looks(NamedTuple):
    """Counts of each look over levels moved to 0 to 1, with levels of one value added up.

    Attributes
    ----------
    counts : int64 array (looks, values)
        Counts of each look.
    values : float64 array (values,)
        Distinct values from 0 to 1, in order.
    low, span : float
        What 0 stands for, and how far it is from there to 1.
    weights : float64 array (values,)
        Share of the greatest possible weight that each row has; ones without weights.
    """

    counts: Ints
    values: Floats
    low: float
    span: float
    weights: Floats

    @property
    def mirrored(self) -> Looks:
        """The same rows seen from the other end."""
        table, weights = self.counts[:, ::-1], self.weights[::-1]
        return self._replace(counts=table, values=1.0 - self.values[::-1], weights=weights)

    def limits(self, low: Floats, high: Floats) -> Limits:
        """Limits from 0 to 1 in the unit of the levels."""
        ends = (self.low + self.span * np.clip(end, 0.0, 1.0) for end in (low, high))
        return Limits(*(read_only(end) for end in ends))


def looks_of(
    counts: ArrayLike, levels: Sequence[float] | Floats, weights: ArrayLike | None = None
) -> Looks:
    """Check counts (looks, levels) and levels, and bring them to 0 to 1."""
    table, values = np.atleast_2d(whole_counts(counts)), np.asarray(levels, np.float64)
    if values.ndim != 1 or table.shape[-1] != values.size or not np.isfinite(values).all():
        raise UsageError(
            f"Counts of {table.shape[-1]} levels do not fit {values.size} values.",
            hint="one column of counts for each level, with zeros for those nobody chose",
        )
    low, span = values.min(), np.ptp(values)
    if not span > 0:
        raise UsageError("All levels have one value: the mean is known.")
    pairs = np.stack([values, _shares_of_weight(weights, values)])
    (distinct, shares), place = np.unique(pairs, axis=1, return_inverse=True)
    merged = np.zeros((len(table), distinct.size), dtype=np.int64)
    np.add.at(merged.T, place.ravel(), table.T)
    return Looks(merged, (distinct - low) / span, float(low), float(span), shares)


def _shares_of_weight(weights: ArrayLike | None, values: Floats) -> Floats:
    if weights is None:
        return np.ones(values.size)
    shares = np.asarray(weights, np.float64)
    if shares.shape != values.shape or not ((shares >= 0) & (shares <= 1)).all():
        raise UsageError(
            f"{shares.size} weights of {values.size} levels are not all between 0 and 1.",
            hint="divide each weight by the greatest that there can be",
        )
    return shares


def betting_sequence(
    counts: ArrayLike, levels: Sequence[float] | Floats, *, confidence_level: float = 0.95
) -> Limits:
    """Limits of the mean after every look, by betting against each value that the mean might have.

    Parameters
    ----------
    counts : array of integers (looks, levels)
        Counts that came with each look.
    levels : sequence of floats
        Value of each level; the least and the greatest bound the mean.
    confidence_level : float in (0, 1)
        Chance that no look ever misses.

    Returns
    -------
    Limits
        One pair a look; the whole range before the first row.

    Raises
    ------
    UsageError
        Counts do not fit the levels, or the level lies outside 0 to 1.

    Notes
    -----
    Against a fair game nobody multiplies a stake by 20 with a chance above 1 in 20. For each
    candidate mean, a mixture of constant bets [1]_ on higher and on lower rows [2]_ plays against
    the rows; candidates that would have been ruinous are out. A mixture of constant bets depends
    on the counts so far alone: the order of rows is free, and parts merge.
    Holds for any distribution on the range, for rows that have one mean whatever came before.

    References
    ----------
    .. [1] Orabona & Jun 2024, IEEE Trans. Inf. Theory 70:436-455.
    .. [2] Waudby-Smith & Ramdas 2024, J. R. Stat. Soc. B 86:1-27, section 4.

    Examples
    --------
    >>> low, high = betting_sequence([[10, 90], [10, 90]], [0, 1])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.77, 0.81], [0.97, 0.96])
    """
    looks = looks_of(counts, levels)
    rate = miss_rate(confidence_level)
    total = looks.counts.cumsum(axis=0).astype(np.float64)

    def limits(*sums: Floats) -> tuple[Floats, Floats]:
        low = _lowest(sums, looks.values, rate)
        return low, 1.0 - _lowest(sums[::-1], 1.0 - looks.values[::-1], rate)

    block = max(_CELLS // (STAKES.size * looks.values.size), 1)
    return looks.limits(*find_limits(limits, *total.T, block=block))


def _lowest(sums: tuple[Floats, ...], values: Floats, rate: float) -> Floats:
    """Lowest mean that bets on higher rows have not ruled out."""
    n = sum(sums)
    mean = sum(c * v for c, v in zip(sums, values, strict=True)) / np.maximum(n, 1.0)
    low = np.zeros_like(n)

    def excess(trial: Floats, *counts: Floats) -> Floats:
        return np.asarray(log_mixture(trial, counts, values) - np.log(2 / rate))

    start = np.full_like(mean, _END)
    inner = (mean > _END) & (excess(np.minimum(start, 1.0), *sums) > 0)
    if inner.any():
        operands = [c[inner] for c in sums]
        low[inner] = find_roots(excess, (start[inner], mean[inner]), *operands)
    return low


def log_mixture(trial: Floats, counts: Sequence[Floats], values: Floats) -> Floats:
    """Logarithm of what one unit has become after bets that rows lie above `trial`."""
    grown = np.zeros((*np.shape(trial), STAKES.size))
    for count, value in zip(counts, values, strict=True):
        grown += count[..., None] * _log_factor(value / trial)
    top = grown.max(axis=-1)
    return np.asarray(top + np.log(np.exp(grown - top[..., None]).mean(axis=-1)))


def _log_factor(ratio: Floats) -> Floats:
    """Logarithm of the growth by a row that is `ratio` times the trial, for every stake."""
    # All of the capital on a row of nought is ruin, told by a number that adds up. Before later
    # rows could win such a sum back, the smaller stakes have won far more.
    growth = 1.0 - STAKES + STAKES * np.asarray(ratio)[..., None]
    return np.log(np.maximum(growth, 1e-300))


class _Bets(NamedTuple):
    """What was known before each look: mean and stake."""

    mean: Floats
    stake: Floats


def _bets(looks: Looks, rate: float) -> _Bets:
    """Predictable plug-in: stake by the variance seen before a look and its number of rows."""
    counts = looks.counts.astype(np.float64)
    n = counts.sum(axis=1).cumsum()
    mean = ((counts @ looks.values).cumsum() + 0.5) / (n + 1)
    squares = (counts * (looks.values - mean[:, None]) ** 2).sum(axis=1).cumsum()
    variance = (squares + 0.25) / (n + 1)
    before = np.concatenate([[0.25], variance[:-1]])
    until = np.maximum(n, 1.0)
    stake = np.sqrt(2 * np.log(1 / rate) / (until * np.log1p(until) * before))
    return _Bets(np.concatenate([[0.5], mean[:-1]]), stake)


def hedged_sequence(
    counts: ArrayLike,
    levels: Sequence[float] | Floats,
    *,
    confidence_level: float = 0.95,
    breaks: int = 1_000,
) -> Limits:
    """Limits of the mean after every look, by the hedged bets of Waudby-Smith and Ramdas.

    Parameters
    ----------
    counts : array of integers (looks, levels)
        Counts that came with each look, in the order of the looks.
    levels : sequence of floats
        Value of each level; the least and the greatest bound the mean.
    confidence_level : float in (0, 1)
        Chance that no look ever misses.
    breaks : int
        Steps of the grid of candidate means; limits are rounded outwards to it.

    Returns
    -------
    Limits
        One pair a look.

    Raises
    ------
    UsageError
        Counts do not fit the levels, or the level lies outside 0 to 1.

    Notes
    -----
    The size of each bet follows from the variance before the look. Rows of one look are bet on
    alike, so their order does not matter; the order of the looks does.

    References
    ----------
    .. [1] Waudby-Smith & Ramdas 2024, J. R. Stat. Soc. B 86:1-27, theorem 3.

    Examples
    --------
    >>> low, high = hedged_sequence([[10, 90], [10, 90]], [0, 1])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.74, 0.82], [1.0, 0.98])
    """
    looks = looks_of(counts, levels)
    rate = miss_rate(confidence_level)
    stake = _bets(looks, rate / 2).stake
    grid = np.linspace(0.0, 1.0, breaks + 1)[1:-1]
    low = _hedged_lowest(looks.counts, looks.values, stake, (grid, rate))
    mirrored = _hedged_lowest(looks.counts[:, ::-1], 1.0 - looks.values[::-1], stake, (grid, rate))
    return looks.limits(low, 1.0 - mirrored)


def _hedged_lowest(
    counts: Ints, values: Floats, stake: Floats, trial: tuple[Floats, float]
) -> Floats:
    """Greatest point of the grid that bets on higher rows have ruled out, after each look."""
    grid, rate = trial
    out = np.zeros(len(counts), dtype=np.int64)
    step = max(_CELLS // max(len(counts), 1), 1)
    for start in range(0, grid.size, step):
        part = grid[start : start + step]
        bet = np.minimum(stake[:, None], _MOST / part)
        grown = np.zeros(bet.shape)
        for count, value in zip(counts.T, values, strict=True):
            grown += count[:, None] * np.log1p(bet * (value - part))
        # The higher a mean, the less is won against it, so what is out is a run from the left.
        out += (grown.cumsum(axis=0) > np.log(2 / rate)).sum(axis=1)
    return np.concatenate([[0.0], grid])[out]


def empirical_bernstein_sequence(
    counts: ArrayLike, levels: Sequence[float] | Floats, *, confidence_level: float = 0.95
) -> Limits:
    """Limits of the mean after every look, in closed form from means and variances so far.

    Parameters
    ----------
    counts : array of integers (looks, levels)
        Counts that came with each look, in the order of the looks.
    levels : sequence of floats
        Value of each level; the least and the greatest bound the mean.
    confidence_level : float in (0, 1)
        Chance that no look ever misses.

    Returns
    -------
    Limits
        One pair a look.

    Raises
    ------
    UsageError
        Counts do not fit the levels, or the level lies outside 0 to 1.

    Notes
    -----
    Wider than betting, and the fastest of the guaranteed ones.

    References
    ----------
    .. [1] Waudby-Smith & Ramdas 2024, J. R. Stat. Soc. B 86:1-27, theorem 2.

    Examples
    --------
    >>> low, high = empirical_bernstein_sequence([[10, 90], [10, 90]], [0, 1])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.72, 0.8], [1.0, 1.0])
    """
    looks = looks_of(counts, levels)
    rate = miss_rate(confidence_level)
    bets = _bets(looks, rate / 2)
    stake = np.minimum(bets.stake, _MOST)
    table = looks.counts.astype(np.float64)
    squares = (table * (looks.values - bets.mean[:, None]) ** 2).sum(axis=1)
    staked = (stake * table.sum(axis=1)).cumsum()
    centre = divide((stake * (table @ looks.values)).cumsum(), staked)
    paid = (squares * (-np.log1p(-stake) - stake)).cumsum()
    half = divide(np.log(2 / rate) + paid, staked)
    low, high = (
        np.where(staked > 0, end, side)
        for end, side in ((centre - half, 0.0), (centre + half, 1.0))
    )
    return looks.limits(low, high)


def asymptotic_sequence(
    counts: ArrayLike,
    levels: Sequence[float] | Floats,
    *,
    confidence_level: float = 0.95,
    start: int = ASYMPTOTIC_START,
    best_at: int = 2 * ASYMPTOTIC_START,
) -> Limits:
    """Limits of the mean after every look that hold at every look in the long run.

    Parameters
    ----------
    counts : array of integers (looks, levels)
        Counts that came with each look.
    levels : sequence of floats
        Value of each level.
    confidence_level : float in (0, 1)
        Chance that no look from `start` on ever misses, as `start` grows.
    start : int
        Rows before which there are no limits.
    best_at : int
        Rows at which the limits are to be tightest.

    Returns
    -------
    Limits
        One pair a look; not a number before `start` rows.

    Raises
    ------
    UsageError
        Counts do not fit the levels, or the level lies outside 0 to 1.

    Notes
    -----
    The variance so far stands for the true one, which is why few or nearly equal rows are no
    ground for it. The narrowest of all, and the only one that also holds for a mean that drifts,
    of which it then bounds the running average.

    References
    ----------
    .. [1] Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024, Ann. Stat. 52:2613-2640, theorem 2.2.

    Examples
    --------
    >>> low, high = asymptotic_sequence([[10, 90], [90, 810]], [0, 1])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([nan, 0.871], [nan, 0.929])
    """
    looks = looks_of(counts, levels)
    table = looks.counts.cumsum(axis=0).astype(np.float64)
    n = table.sum(axis=1)
    shares = divide(table, n[:, None])
    mean = shares @ looks.values
    spread = np.sqrt(np.maximum(shares @ looks.values**2 - mean**2, 0.0))
    bound = normal_mixture_bound(n, best_at=best_at, confidence_level=confidence_level)
    half = np.where(n >= start, spread * divide(bound, n), np.nan)
    return looks.limits(mean - half, mean + half)


def bernoulli_sequence(
    counts: ArrayLike,
    levels: Sequence[float] | Floats,
    *,
    confidence_level: float = 0.95,
    best_at: float = 100.0,
) -> Limits:
    """Limits of a share after every look, by a mixture of all likelihood ratios.

    Parameters
    ----------
    counts : array of integers (looks, levels)
        Counts that came with each look.
    levels : sequence of floats
        Value of each level; there are two distinct ones.
    confidence_level : float in (0, 1)
        Chance that no look ever misses.
    best_at : float
        Rows at which the limits are to be tightest.

    Returns
    -------
    Limits
        One pair a look; the whole range before the first row.

    Raises
    ------
    UsageError
        Levels have more than two values, counts do not fit, or the level lies outside 0 to 1.

    Notes
    -----
    Against each candidate share, a beta-binomial mixture around it, as wide as suits `best_at`
    rows. Depends on the counts so far alone: the order of rows is free, and parts merge.

    References
    ----------
    .. [1] Howard, Ramdas, McAuliffe & Sekhon 2021, Ann. Stat. 49:1055-1080, proposition 7.

    Examples
    --------
    >>> low, high = bernoulli_sequence([[10, 90], [10, 90]], [0, 1])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.79, 0.82], [0.97, 0.95])
    """
    looks = looks_of(counts, levels)
    if looks.values.size > 2:
        raise UsageError(
            f"{looks.values.size} distinct values are no share.", hint="use betting_sequence"
        )
    rate = miss_rate(confidence_level)
    scale = float(mixture_scale(best_at, confidence_level))

    def limits(miss: Floats, hit: Floats) -> tuple[Floats, Floats]:
        return _share_low(hit, miss, scale, rate), 1.0 - _share_low(miss, hit, scale, rate)

    total = looks.counts.cumsum(axis=0).astype(np.float64)
    return looks.limits(*find_limits(limits, *total.T))


def _share_low(hit: Floats, miss: Floats, scale: float, rate: float) -> Floats:
    """Lowest share that the mixture has not ruled out."""
    low = np.zeros_like(hit)

    def excess(trial: Floats, hit: Floats, miss: Floats) -> Floats:
        return np.asarray(_log_evidence(trial, hit, miss, scale) + np.log(rate))

    start = np.full_like(hit, _END)
    inner = (hit > 0) & (excess(start, hit, miss) > 0)
    if inner.any():
        share = hit[inner] / (hit[inner] + miss[inner])
        end = np.minimum(share, 1.0 - _END)
        low[inner] = find_roots(excess, (start[inner], end), hit[inner], miss[inner])
    return low


def _log_evidence(trial: Floats, hit: Floats, miss: Floats, scale: float) -> Floats:
    """Logarithm of the mixture's likelihood over that of the trial."""
    from scipy.special import betaln  # noqa: PLC0415  (SciPy loads on first use)

    # The paper's r, divided by the variance of one row, with its floor.
    r = max(scale - 1.0, 1e-3)
    a, b = r * trial, r * (1.0 - trial)
    likelihood = hit * np.log(trial) + miss * np.log1p(-trial)
    return np.asarray(betaln(a + hit, b + miss) - betaln(a, b) - likelihood)


#: Sequences that hold whenever one looks, by the name of the method.
SEQUENCE_METHODS: Mapping[str, Callable[..., Limits]] = {
    "betting": betting_sequence,
    "empirical_bernstein": empirical_bernstein_sequence,
    "bernoulli": bernoulli_sequence,
    "asymptotic": asymptotic_sequence,
    "hedged": hedged_sequence,
}
