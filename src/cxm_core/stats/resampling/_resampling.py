"""Bootstrap and permutation from counts: a resample of rows is one multinomial draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats._limits import Limits
from cxm_core.stats._quantiles import normal_quantile, upper_tail
from cxm_core.stats._sums import Floats, Ints, read_only

#: From shares of the levels (..., levels) to the number of interest (...).
Statistic: TypeAlias = Callable[[Floats], Floats]
Rng: TypeAlias = np.random.Generator | int | None
Method: TypeAlias = Literal["bca", "percentile"]
Alternative: TypeAlias = Literal["two-sided", "greater", "less"]

_METHODS = ("bca", "percentile")
_ALTERNATIVES = ("two-sided", "greater", "less")
# Differences of shares that are equal on paper differ by this much at most.
_NEAR = 1e-12


class Permutation(NamedTuple):
    """Outcome of a permutation test.

    Attributes
    ----------
    difference : float
        Statistic of the second sample less that of the first.
    p_value : float
        Share of relabellings at least as far out, the one at hand counted.
    """

    difference: float
    p_value: float


def bootstrap(
    counts: ArrayLike,
    statistic: Statistic,
    *,
    method: Method = "bca",
    n_resamples: int = 10_000,
    confidence_level: float = 0.95,
    rng: Rng = None,
) -> Limits:
    """Limits of any function of the shares of a few levels, by drawing the counts anew.

    Rows never appear: the same seed gives the same limits however the rows were split or ordered
    before they were counted.

    Parameters
    ----------
    counts : array of integers (..., levels)
        Counts of each level, for one group or many.
    statistic : callable
        From shares (..., levels) to a number (...), such as ``lambda shares: shares @ values``.
    method : {"bca", "percentile"}
        "bca" corrects for bias and skewness.
    n_resamples : int
        Draws for each group.
    confidence_level : float in (0, 1)
        Nominal coverage.
    rng : numpy.random.Generator, int or None
        Source of randomness, or its seed; None for a fresh one.

    Returns
    -------
    Limits
        In the unit of the statistic; not a number for a group of fewer than two rows.

    Raises
    ------
    UsageError
        Counts are negative or no integers, or the method, the level or the draws are none.

    Notes
    -----
    A resample of n rows with replacement has multinomial counts, so this is the bootstrap of rows
    to the letter, at a cost that does not depend on n. The acceleration of BCa [1]_ comes from the
    jackknife, which has as many distinct values as there are levels.
    Where all rows agree there is no width at all: no bootstrap can see what was not drawn.

    References
    ----------
    .. [1] Efron 1987, J. Am. Stat. Assoc. 82:171-185, sections 2 and 5.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.arange(1, 6)
    >>> low, high = bootstrap([4, 6, 20, 40, 30], lambda shares: shares @ values, rng=7)
    >>> round(float(low), 1), round(float(high), 1)
    (3.6, 4.1)
    """
    check_draws(method, n_resamples)
    upper_tail(confidence_level)
    table, generator = whole_counts(counts), np.random.default_rng(rng)
    limits = np.full((2, *table.shape[:-1]), np.nan)
    for group in np.ndindex(table.shape[:-1]):
        row = table[group]
        if (n := int(row.sum())) > 1:
            draws = generator.multinomial(n, row / n, size=n_resamples)
            sample = Sample(
                statistic(draws / n), float(statistic(row / n)), *_influence(row, statistic)
            )
            limits[(slice(None), *group)] = resampled_limits(sample, method, confidence_level)
    return Limits(read_only(limits[0]), read_only(limits[1]))


class Sample(NamedTuple):
    """Replicates of a statistic, its value, and the sums of its influence that BCa needs."""

    replicates: Floats
    value: float
    squares: float
    cubes: float


def resampled_limits(sample: Sample, method: Method, confidence_level: float) -> Floats:
    """Limits out of the replicates, at tails that BCa has moved."""
    from scipy.special import ndtr, ndtri  # noqa: PLC0415  (SciPy loads on first use)

    z = normal_quantile(confidence_level) * np.array([-1.0, 1.0])
    if method == "bca":
        near = _NEAR * max(abs(sample.value), 1.0)
        gap = sample.replicates - sample.value
        below = np.mean(gap < -near) + 0.5 * np.mean(np.abs(gap) <= near)
        # A value beyond all replicates would move a tail out of the numbers.
        bias = ndtri(np.clip(below, 0.5 / gap.size, 1 - 0.5 / gap.size))
        skew = sample.cubes / (6 * sample.squares**1.5) if sample.squares > 0 else 0.0
        z = bias + (bias + z) / (1 - skew * (bias + z))
    return np.asarray(np.quantile(sample.replicates, ndtr(z)))


def _influence(counts: Ints, statistic: Statistic) -> tuple[float, float]:
    """Sums of squares and cubes of the jackknife's influence; a row of a level is like another."""
    levels = np.flatnonzero(counts)
    left = counts - np.eye(counts.size, dtype=np.int64)[levels]
    without = statistic(left / left.sum(axis=-1, keepdims=True))
    times = counts[levels]
    gap = (times @ without) / times.sum() - without
    return float(times @ gap**2), float(times @ gap**3)


def abc_interval(
    counts: ArrayLike, statistic: Statistic, *, confidence_level: float = 0.95
) -> Limits:
    """Limits that the BCa bootstrap would approach, from derivatives instead of draws.

    Parameters
    ----------
    counts : array of integers (levels,)
        Counts of each level.
    statistic : callable
        From shares (..., levels) to a number (...), smooth in the shares.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In the unit of the statistic; not a number for fewer than two rows.

    Raises
    ------
    UsageError
        Counts are negative or no integers, or the level lies outside 0 to 1.

    References
    ----------
    .. [1] DiCiccio & Efron 1992, Biometrika 79:231-245.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.arange(1, 6)
    >>> low, high = abc_interval([4, 6, 20, 40, 30], lambda shares: shares @ values)
    >>> round(float(low), 2), round(float(high), 2)
    (3.64, 4.05)
    """
    row = whole_counts(counts)
    z = normal_quantile(confidence_level) * np.array([-1.0, 1.0])
    n = int(row.sum())
    if n < 2:
        return Limits(np.asarray(np.nan), np.asarray(np.nan))
    shares, step = row / n, 1e-3 / n
    value = float(statistic(shares))
    slope, bend = _derivatives(statistic, shares, step)
    squares = float(row @ slope**2)
    if squares == 0:
        return Limits(np.asarray(value), np.asarray(value))
    error = np.sqrt(squares) / n
    skew = float(row @ slope**3) / (6 * squares**1.5)
    bias = float(row @ bend) / (2 * n * n)
    # Each row moves by its slope, and a level has as many rows as its count.
    least = row * slope / (n * n * error)
    around = statistic(np.stack([shares + step * least, shares - step * least]))
    curve = (float(around.sum()) - 2 * value) / (2 * step * step * error)
    moved = z + skew - (bias / error - curve)
    low, high = statistic(shares + (moved / (1 - skew * moved) ** 2)[:, None] * least)
    return Limits(np.asarray(low), np.asarray(high))


def _derivatives(statistic: Statistic, shares: Floats, step: float) -> tuple[Floats, Floats]:
    """First and second derivative towards each level, all other shares shrinking alike."""
    towards = np.eye(shares.size) - shares
    up, down = (statistic(shares + sign * step * towards) for sign in (1.0, -1.0))
    bend = (up - 2 * statistic(shares) + down) / step**2
    return (up - down) / (2 * step), bend


def permutation_test(
    first: ArrayLike,
    second: ArrayLike,
    statistic: Statistic,
    *,
    alternative: Alternative = "two-sided",
    n_resamples: int = 10_000,
    rng: Rng = None,
) -> Permutation:
    """Whether two samples could be one, split by chance: their rows relabelled many times.

    Parameters
    ----------
    first, second : arrays of integers (levels,)
        Counts of each level in the two samples.
    statistic : callable
        From shares (..., levels) to a number (...).
    alternative : {"two-sided", "greater", "less"}
        Whether the second sample is suspected to lie elsewhere, above or below.
    n_resamples : int
        Relabellings.
    rng : numpy.random.Generator, int or None
        Source of randomness, or its seed; None for a fresh one.

    Returns
    -------
    Permutation
        Difference, second less first, and the p-value, never below 1 / (n_resamples + 1).

    Raises
    ------
    UsageError
        A sample is empty, the counts do not fit each other, or there is no such alternative.

    Notes
    -----
    Relabelling rows draws the first sample's counts from a multivariate hypergeometric
    distribution, so no row is moved. The relabelling at hand is one of the possible ones and is
    counted [1]_.

    References
    ----------
    .. [1] Phipson & Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39.

    Examples
    --------
    >>> import numpy as np
    >>> found = permutation_test([30, 20], [18, 32], lambda shares: shares[..., 1], rng=7)
    >>> round(found.difference, 2), found.p_value < 0.05
    (0.24, True)
    """
    if alternative not in _ALTERNATIVES:
        raise UsageError(
            f"There is no alternative {alternative!r}.",
            hint=did_you_mean(str(alternative), _ALTERNATIVES),
        )
    check_draws("bca", n_resamples)
    a, b = whole_counts(first), whole_counts(second)
    if a.shape != b.shape or a.ndim != 1 or not (a.sum() and b.sum()):
        raise UsageError(
            f"Samples of {a.sum():,} and {b.sum():,} rows on {a.shape[-1]} and {b.shape[-1]} "
            "levels cannot be compared.",
            hint="give two rows of counts over the same levels, neither of them empty",
        )
    difference = float(statistic(b / b.sum()) - statistic(a / a.sum()))
    generator = np.random.default_rng(rng)
    drawn = generator.multivariate_hypergeometric(
        a + b, int(a.sum()), size=n_resamples, method="marginals"
    )
    relabelled = statistic((a + b - drawn) / b.sum()) - statistic(drawn / a.sum())
    return Permutation(difference, _tail(relabelled, difference, alternative))


def _tail(relabelled: Floats, difference: float, alternative: Alternative) -> float:
    near = _NEAR * max(abs(difference), 1.0)
    is_out: NDArray[np.bool_] = {
        "two-sided": np.abs(relabelled) >= abs(difference) - near,
        "greater": relabelled >= difference - near,
        "less": relabelled <= difference + near,
    }[alternative]
    return (int(is_out.sum()) + 1) / (relabelled.size + 1)


def whole_counts(counts: ArrayLike) -> Ints:
    """The counts as integers, or the error that they are none."""
    given = np.asarray(counts)
    table = np.atleast_1d(given).astype(np.int64, copy=False)
    if given.dtype.kind not in "iu" and not np.array_equal(table, np.atleast_1d(given)):
        raise UsageError("Counts are whole numbers.", hint="weighted rows are drawn by cluster")
    if table.size and table.min() < 0:
        raise UsageError(f"{np.count_nonzero(table < 0)} counts are below zero.")
    return np.asarray(table)


def check_draws(method: str, n_resamples: int) -> None:
    """Refuse a method or a number of resamples that is none."""
    if method not in _METHODS:
        raise UsageError(
            f"There is no bootstrap {method!r}.", hint=did_you_mean(str(method), _METHODS)
        )
    if n_resamples < 1:
        raise UsageError(f"{n_resamples} resamples are none.", hint="10,000 are usual")
