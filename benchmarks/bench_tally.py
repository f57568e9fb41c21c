"""NPS with its interval, and counts by group: ours beside what people type today, in one run.

Prints seconds (the median of several runs) and the ratio to ours. Ratios travel between machines;
seconds do not.

    python benchmarks/bench_tally.py [answers, default 10 million]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.sparse import coo_array

import cxm_core as cx

RUNS = 5
SEGMENTS = 1_000
BLOCK = 1 << 18


def seconds(work: Callable[[], object]) -> float:
    """Median time of several runs, after one that nobody counts."""
    work()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def blocked_compares(scores: np.ndarray) -> float:
    """NPS by two compares in blocks that fit the cache: no interval, no check."""
    plus = minus = 0
    for start in range(0, len(scores), BLOCK):
        block = scores[start : start + BLOCK]
        plus += np.count_nonzero(block >= 9)
        minus += np.count_nonzero(block <= 6)
    return 100 * (plus - minus) / len(scores)


def notebook(scores: pd.Series) -> tuple[float, float]:
    """NPS with a normal interval, as a notebook has it."""
    signs = (scores >= 9).astype(float) - (scores <= 6).astype(float)
    return signs.mean(), 1.96 * signs.std() / len(signs) ** 0.5


def sparse_histogram(scores: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Counts of each score in each segment through SciPy's sparse matrices, in blocks."""
    counts = np.zeros((SEGMENTS, 11), dtype=np.int64)
    for start in range(0, len(scores), BLOCK):
        part = slice(start, start + BLOCK)
        places = (segments[part], scores[part])
        ones = np.ones(len(places[0]), dtype=np.int64)
        counts += coo_array((ones, places), shape=counts.shape).toarray()
    return counts


def show(title: str, times: dict[str, float]) -> None:
    """Print one table; the first row is ours."""
    ours = next(iter(times.values()))
    print(f"\n{title}")
    for name, took in times.items():
        print(f"  {name:<44} {took:9.4f} s  {took / ours:8.2f} x ours")


def main(n: int) -> None:
    """Check that all agree, then time them."""
    rng = np.random.default_rng(20261121)
    scores = rng.integers(0, 11, n, dtype=np.int8)
    segments = rng.integers(0, SEGMENTS, n, dtype=np.int32)
    frame = pd.DataFrame({"score": scores, "segment": segments})

    assert abs(cx.nps(scores).value - blocked_compares(scores)) < 1e-9
    ours = cx.tally(scores, scale="0-10", by=segments)
    assert np.array_equal(ours.n, sparse_histogram(scores, segments))

    show(
        f"NPS of {n:,} int8 scores",
        {
            "cx.nps, with check, interval and receipt": seconds(lambda: cx.nps(scores)),
            "NumPy, two compares in blocks, value only": seconds(lambda: blocked_compares(scores)),
            "pandas, mean and std of signs": seconds(lambda: notebook(frame["score"])),
        },
    )
    show(
        f"Scores by {SEGMENTS:,} segments, {n:,} rows",
        {
            "cx.tally, any labels, with check": seconds(
                lambda: cx.tally(scores, scale="0-10", by=segments)
            ),
            "SciPy sparse scatter in blocks, codes only": seconds(
                lambda: sparse_histogram(scores, segments)
            ),
            "pandas groupby(...).size()": seconds(
                lambda: frame.groupby(["segment", "score"], sort=False).size()
            ),
        },
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
