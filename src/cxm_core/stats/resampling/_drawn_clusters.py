"""Bootstrap of whole clusters, from the totals of each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._limits import Limits
from cxm_core.stats._quantiles import upper_tail
from cxm_core.stats._sums import Floats, Ints

from ._resampling import Method, Rng, Sample, Statistic, check_draws, resampled_limits

# Cells of draws in memory at once.
_CELLS = 1 << 22
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class _Kinds(NamedTuple):
    """Distinct rows of totals within strata, and how many clusters have each."""

    stratum: Ints
    rows: Floats
    counts: Ints


def cluster_bootstrap(
    totals: ArrayLike,
    statistic: Statistic,
    *,
    strata: ArrayLike | None = None,
    method: Method = "bca",
    confidence_level: float = 0.95,
    draws: tuple[int, Rng] = (10_000, None),
) -> Limits:
    """Limits of a function of totals, by drawing whole clusters anew within each stratum.

    Parameters
    ----------
    totals : array of floats (clusters, sums)
        Sums over each cluster, such as the weight of its rows and of those that count.
    statistic : callable
        From sums (..., sums) to a number (...), such as a ratio of two of them.
    strata : array of integers (clusters,) or None
        Stratum of each cluster; None for one.
    method : {"bca", "percentile"}
        "bca" corrects for bias and skewness.
    confidence_level : float in (0, 1)
        Nominal coverage.
    draws : (int, numpy.random.Generator or int or None)
        How many resamples, and the source of randomness or its seed.

    Returns
    -------
    Limits
        In the unit of the statistic; not a number for fewer than two clusters.

    Raises
    ------
    UsageError
        Totals are no finite table, strata do not fit, or method, level or draws are none.

    Notes
    -----
    Clusters with equal totals are drawn together, so that a resample is one multinomial draw for
    each stratum, and the order of the clusters does not matter. A stratum with a single cluster
    never varies. Few clusters give short intervals: below some twenty, trust linearisation more.

    References
    ----------
    .. [1] Davison & Hinkley 1997, Bootstrap Methods, sections 3.2, 3.8 and 5.3.

    Examples
    --------
    >>> import numpy as np
    >>> totals = np.array([[2, 1], [3, 3], [1, 0], [2, 2], [4, 1], [3, 2]] * 10)
    >>> share = lambda sums: sums[..., 1] / sums[..., 0]
    >>> low, high = cluster_bootstrap(totals, share, draws=(5_000, 7))
    >>> round(float(low), 1), round(float(high), 1)
    (0.5, 0.7)
    """
    n_resamples, rng = draws
    check_draws(method, n_resamples)
    upper_tail(confidence_level)
    kinds = _kinds(totals, strata)
    if kinds.counts.sum() < 2:
        return Limits(np.asarray(np.nan), np.asarray(np.nan))
    sums = np.zeros((n_resamples, kinds.rows.shape[1]))
    generator = np.random.default_rng(rng)
    for stratum in np.unique(kinds.stratum):
        inside = kinds.stratum == stratum
        sums += _drawn(kinds.rows[inside], kinds.counts[inside], n_resamples, generator)
    value = float(statistic(kinds.counts @ kinds.rows))
    sample = Sample(statistic(sums), value, *_influence(kinds, statistic, value))
    low, high = resampled_limits(sample, method, confidence_level)
    return Limits(np.asarray(low), np.asarray(high))


def _kinds(totals: ArrayLike, strata: ArrayLike | None) -> _Kinds:
    table = np.asarray(totals, dtype=np.float64)
    if table.ndim != 2 or not np.isfinite(table).all():
        raise UsageError(
            "Totals of clusters are a table of finite numbers.", hint="one row a cluster"
        )
    stratum = np.zeros(len(table)) if strata is None else np.asarray(strata)
    if stratum.shape != (len(table),):
        raise UsageError(f"{stratum.size:,} strata do not fit {len(table):,} clusters.")
    codes = np.unique(stratum, return_inverse=True)[1]
    # The zero that is negative is the same total.
    rows, counts = np.unique(np.column_stack([codes, table + 0.0]), axis=0, return_counts=True)
    return _Kinds(rows[:, 0].astype(np.int64), rows[:, 1:], counts.astype(np.int64))


def _drawn(rows: Floats, counts: Ints, n_resamples: int, generator: np.random.Generator) -> Floats:
    """Sums of one stratum in every resample, block by block."""
    n = int(counts.sum())
    step = max(_CELLS // counts.size, 1)
    sizes = [min(step, n_resamples - start) for start in range(0, n_resamples, step)]
    parts = [generator.multinomial(n, counts / n, size=size) @ rows for size in sizes]
    return np.concatenate(parts)


def _influence(kinds: _Kinds, statistic: Statistic, value: float) -> tuple[float, float]:
    """Sums of squares and cubes of each cluster's influence; a single one has none."""
    n = np.bincount(kinds.stratum, weights=kinds.counts)[kinds.stratum]
    varies = n > 1
    stratum, rows, counts, n = (
        kinds.stratum[varies],
        kinds.rows[varies],
        kinds.counts[varies],
        n[varies],
    )
    if not counts.size:
        return 0.0, 0.0
    weighted = kinds.counts[:, None] * kinds.rows
    of_stratum = np.stack(
        [np.bincount(kinds.stratum, weights=column) for column in weighted.T], axis=1
    )[stratum]
    # The rest of the stratum stands in for the cluster that is left out.
    change = (of_stratum - rows) * (n / (n - 1))[:, None] - of_stratum
    gap = (n - 1) / n * (value - statistic(weighted.sum(axis=0) + change))
    return float(counts @ gap**2), float(counts @ gap**3)


def keyed_replicates(
    totals: ArrayLike, keys: ArrayLike, *, n_resamples: int = 1_000, seed: int = 0
) -> Floats:
    """Resampled sums that add up over machines: each cluster's draws depend on its key alone.

    Parameters
    ----------
    totals : array of floats (clusters, sums)
        Sums over each cluster; whole numbers add up exactly.
    keys : array of integers (clusters,)
        What names a cluster wherever it lies, such as a hash of its identifier.
    n_resamples : int
        Resamples.
    seed : int
        The same on every machine.

    Returns
    -------
    float64 array (resamples, sums)
        Sums in each resample; those of parts add up to those of the whole.

    Raises
    ------
    UsageError
        Keys do not fit the totals, or there are no resamples.

    Notes
    -----
    The Poisson bootstrap: a cluster counts 0, 1, 2 ... times, independently of all others, by a
    counter-based generator [1]_ on key, resample and seed. A quantile of a ratio of these sums
    needs no draw of a fixed total.

    References
    ----------
    .. [1] Steele, Lea & Flood 2014, OOPSLA, SplitMix64.
    .. [2] Chamandy et al. 2012, Estimating uncertainty for massive data streams.

    Examples
    --------
    >>> import numpy as np
    >>> totals, keys = np.array([[1, 0], [1, 1], [1, 1]]), np.array([11, 12, 13])
    >>> whole = keyed_replicates(totals, keys, n_resamples=5, seed=7)
    >>> parts = [keyed_replicates(totals[[i]], keys[[i]], n_resamples=5, seed=7) for i in range(3)]
    >>> np.array_equal(sum(parts), whole)
    True
    """
    check_draws("bca", n_resamples)
    table, names = np.asarray(totals, dtype=np.float64), np.asarray(keys)
    if table.ndim != 2 or names.shape != (len(table),) or names.dtype.kind not in "iu":
        raise UsageError(
            f"{names.size:,} keys do not fit {len(table):,} clusters, or are no integers.",
            hint="one key a cluster, such as a hash of its identifier",
        )
    starts = _mixed(names.astype(np.uint64) ^ _mixed(np.array([seed], dtype=np.uint64)))
    sums = np.zeros((n_resamples, table.shape[1]))
    step = max(_CELLS // max(len(table), 1), 1)
    for first in range(0, n_resamples, step):
        turn = np.arange(first, min(first + step, n_resamples), dtype=np.uint64)
        sums[first : first + step] = _poisson(_mixed(starts + turn[:, None] * _GOLDEN)) @ table
    return sums


def _mixed(state: np.ndarray) -> np.ndarray:
    """SplitMix64's output function: every bit depends on every bit."""
    state = state + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(state ^ (state >> np.uint64(31)))


def _poisson(bits: np.ndarray) -> Floats:
    """Poisson numbers with mean one, by inversion."""
    terms = np.exp(-1.0) / np.cumprod(np.concatenate([[1.0], np.arange(1.0, 18.0)]))
    places = np.searchsorted(np.cumsum(terms), (bits >> np.uint64(11)) * 2.0**-53, side="right")
    return places.astype(np.float64)
