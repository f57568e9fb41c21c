"""Bootstrap of a score from its counts, beside the bare draws and beside SciPy on the rows.

Prints seconds (the median of several runs) and the ratio to ours. Ratios travel between machines;
seconds do not. SciPy draws rows, and its BCa needs a table of rows by rows, so that it is timed on
fewer rows and resamples, and scaled by their product; what is scaled says so.

    python benchmarks/bench_bootstrap.py [answers, default 1 million]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import scipy.stats

from cxm_core.stats import bootstrap, cluster_bootstrap

RUNS = 9
RESAMPLES = 10_000
SIGNS = np.repeat([-1.0, 0.0, 1.0], [7, 2, 2])


def seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """Median time of several runs, after one that nobody counts."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def balance(shares: np.ndarray) -> np.ndarray:
    """Score out of the shares of the levels."""
    return shares @ SIGNS


def of_rows(rows: np.ndarray, axis: int) -> np.ndarray:
    """The same out of rows."""
    return (rows >= 9).mean(axis=axis) - (rows <= 6).mean(axis=axis)


def show(title: str, times: dict[str, float]) -> None:
    """Print one table; the first row is ours."""
    ours = next(iter(times.values()))
    print(f"\n{title}")
    for name, took in times.items():
        print(f"  {name:<64} {took:10.4f} s  {took / ours:10.2f} x ours")


def scipy_seconds(rows: np.ndarray, resamples: int, method: str) -> float:
    """SciPy's bootstrap of the rows."""
    return seconds(
        lambda: scipy.stats.bootstrap(
            (rows,), of_rows, n_resamples=resamples, method=method, batch=10, rng=1
        ),
        runs=1,
    )


def main(n: int) -> None:
    """Check that both give the same limits, then time them."""
    rng = np.random.default_rng(20261122)
    scores = rng.integers(0, 11, n, dtype=np.int8)
    counts = np.bincount(scores, minlength=11)
    few = scores[:2_000]
    wanted = scipy.stats.bootstrap((few,), of_rows, n_resamples=4_000, batch=100, rng=1)
    found = bootstrap(np.bincount(few, minlength=11), balance, rng=1)
    gap = abs(float(found.low) - wanted.confidence_interval.low)
    assert gap < 0.2 * float(wanted.standard_error), gap

    size, resamples = 100_000, 100
    percentile = scipy_seconds(scores[:size], resamples, "percentile")
    scale = n / size * RESAMPLES / resamples
    bca = scipy_seconds(scores[:5_000], 200, "BCa")
    show(
        f"Score of {n:,} answers, {RESAMPLES:,} resamples",
        {
            "bootstrap, BCa": seconds(lambda: bootstrap(counts, balance, rng=1)),
            "the bare multinomial draws": seconds(
                lambda: np.random.default_rng(1).multinomial(n, counts / n, size=RESAMPLES)
            ),
            "bootstrap, percentile": seconds(
                lambda: bootstrap(counts, balance, method="percentile", rng=1)
            ),
            f"scipy.stats.bootstrap, percentile (scaled by {scale:,.0f})": percentile * scale,
            "scipy.stats.bootstrap, BCa, of 5,000 rows and 200 resamples only": bca,
        },
    )
    sizes = rng.integers(1, 5, 20_000)
    totals = np.column_stack([sizes, rng.binomial(sizes, 0.6)])
    draws: dict[str, float] = {
        "cluster_bootstrap, BCa": seconds(
            lambda: cluster_bootstrap(
                totals, lambda sums: sums[..., 1] / sums[..., 0], draws=(RESAMPLES, 1)
            )
        ),
        "NumPy, clusters drawn one by one (100 resamples, scaled by 100)": 100
        * seconds(lambda: _one_by_one(totals, 100), runs=3),
    }
    show(f"Ratio over {len(totals):,} clusters, {RESAMPLES:,} resamples", draws)


def _one_by_one(totals: np.ndarray, resamples: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    drawn = [
        totals[rng.integers(0, len(totals), len(totals))].sum(axis=0) for _ in range(resamples)
    ]
    return np.array([hits / rows for rows, hits in drawn])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
