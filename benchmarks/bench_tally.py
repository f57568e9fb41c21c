"""Counting answers and their intervals: ours beside the barest way with arrays, and the usual ones.

Each job runs side by side in one process, interleaved, and the shortest of several runs counts.
Prints seconds, by the clock and of the processor, and the ratios to the barest way, which has no
check, no interval and no receipt. Ratios travel between machines; seconds do not. Where others use
the machine, only those of the processor tell.

    python benchmarks/bench_tally.py [answers, default 100 million]
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from statsmodels.stats.proportion import proportion_confint

import cxm_core as cx
from cxm_core.stats import score_interval, wilson

RUNS = 7
SEGMENTS, MANY_SEGMENTS, SHARES = 10_000, 200_000, 100_000
COMPARED, PAIRED, SCATTERED, INTERVALS = 1 << 19, 1 << 16, 1 << 18, 1 << 13
Z = 1.959963984540054


def blocked_compares(scores: np.ndarray) -> float:
    """NPS by two compares in blocks that fit the cache."""
    plus = minus = 0
    for start in range(0, len(scores), COMPARED):
        block = scores[start : start + COMPARED]
        plus += np.count_nonzero(block >= 9)
        minus += np.count_nonzero(block <= 6)
    return 100 * (plus - minus) / len(scores)


def paired_bincount(scores: np.ndarray) -> np.ndarray:
    """Counts of each score, two scores at a time."""
    pairs = scores.view(np.uint16)
    counts = np.zeros(1 << 16, dtype=np.int64)
    for start in range(0, len(pairs), PAIRED):
        counts += np.bincount(pairs[start : start + PAIRED], minlength=1 << 16)
    table = counts.reshape(256, 256)
    return (table.sum(axis=0) + table.sum(axis=1))[:11]


def sparse_histogram(scores: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Counts of each score in each segment through SciPy's sparse matrices, in blocks."""
    counts = np.zeros((SEGMENTS, 11), dtype=np.int64)
    for start in range(0, len(scores), SCATTERED):
        part = slice(start, start + SCATTERED)
        ones = np.ones(len(scores[part]), dtype=np.int64)
        counts += coo_array((ones, (segments[part], scores[part])), shape=counts.shape).toarray()
    return counts


def blocked_wilson(x: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Wilson's formula in blocks."""
    limits = np.empty((2, len(x)))
    for start in range(0, len(x), INTERVALS):
        part = slice(start, start + INTERVALS)
        p, m = x[part] / n[part], n[part]
        half = Z * np.sqrt(p * (1 - p) / m + Z * Z / (4 * m * m))
        centre, scale = p + Z * Z / (2 * m), 1 + Z * Z / m
        limits[:, part] = (centre - half) / scale, (centre + half) / scale
    return limits


def notebook(scores: pd.Series) -> tuple[float, float]:
    """NPS with a normal interval, as a notebook has it."""
    signs = (scores >= 9).astype(float) - (scores <= 6).astype(float)
    return signs.mean(), Z * signs.std() / len(signs) ** 0.5


def show(title: str, work: dict[str, Callable[[], object]], *, runs: int = RUNS) -> None:
    """Run all in turn, print the shortest of each, and its ratio to the first."""
    best = {name: np.full(2, np.inf) for name in work}
    for _ in range(runs):
        for name, run in work.items():
            start = clocks()
            run()
            best[name] = np.minimum(best[name], clocks() - start)
    bare = next(iter(best.values()))
    print(f"\n{title:<54} {'clock':>9} {'processor':>11}  times the first")
    for name, took in best.items():
        ratios = " ".join(f"{ratio:8.2f}" for ratio in took / bare)
        print(f"  {name:<52} {took[0]:9.4f} s {took[1]:9.4f} s {ratios}")


def clocks() -> np.ndarray:
    """Seconds on the wall, and seconds that the processor worked for this process."""
    return np.array([time.perf_counter(), time.process_time()])


def peak() -> float:
    """Largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def simple(n: int) -> None:
    """NPS and the full tally of one array."""
    scores = np.random.default_rng(20261121).integers(0, 11, n, dtype=np.int8)
    before = peak()
    assert abs(cx.nps(scores).value - blocked_compares(scores)) < 1e-9
    assert np.array_equal(cx.tally(scores, scale="0-10").n[0], paired_bincount(scores))
    print(f"memory on top of the {n:,} scores: {peak() - before:.0f} MB")
    show(
        f"NPS of {n:,} int8 scores",
        {
            "NumPy, two compares in blocks, value only": lambda: blocked_compares(scores),
            "cx.nps, with check, interval and receipt": lambda: cx.nps(scores),
        },
    )
    show(
        f"Counts of all 11 levels of {n:,} int8 scores",
        {
            "NumPy, bincount of pairs in blocks": lambda: paired_bincount(scores),
            "cx.tally, with check": lambda: cx.tally(scores, scale="0-10"),
        },
    )
    few = pd.Series(scores[: n // 10])
    show(
        f"NPS of {len(few):,} scores in a Series",
        {"cx.nps": lambda: cx.nps(few), "pandas, mean and std of signs": lambda: notebook(few)},
        runs=3,
    )


def grouped(n: int) -> None:
    """Counts and intervals by segment."""
    rng = np.random.default_rng(20261121)
    scores = rng.integers(0, 11, n, dtype=np.int8)
    segments = rng.integers(0, SEGMENTS, n, dtype=np.int32)
    assert np.array_equal(
        cx.tally(scores, scale="0-10", by=segments).n, sparse_histogram(scores, segments)
    )
    show(
        f"Scores of {SEGMENTS:,} segments, {n:,} rows",
        {
            "SciPy sparse scatter in blocks, codes only": lambda: sparse_histogram(
                scores, segments
            ),
            "cx.tally(by=), any labels, with check": lambda: cx.tally(
                scores, scale="0-10", by=segments
            ),
            "cx.nps(by=), with intervals and caveats": lambda: cx.nps(scores, by=segments),
        },
        runs=5,
    )


def intervals() -> None:
    """Limits of many segments at once."""
    rng = np.random.default_rng(20261121)
    n = rng.integers(10, 2_000, MANY_SEGMENTS)
    plus = rng.binomial(n, 0.45)
    minus = rng.binomial(n - plus, 0.35)
    show(
        f"Score intervals of {MANY_SEGMENTS:,} segments (goal: below 2 s)",
        {"score_interval": lambda: score_interval(plus, minus, n)},
        runs=3,
    )
    n = rng.integers(10, 2_000, SHARES).astype(float)
    x = rng.binomial(n.astype(int), 0.8).astype(float)
    assert np.allclose(wilson(x, n), blocked_wilson(x, n), atol=1e-12)
    show(
        f"Wilson intervals of {SHARES:,} segments",
        {
            "NumPy, the formula in blocks": lambda: blocked_wilson(x, n),
            "wilson, with check": lambda: wilson(x, n),
            "statsmodels, vectorised": lambda: proportion_confint(x, n, method="wilson"),
        },
        runs=21,
    )


def main(n: int) -> None:
    """Check that all agree, then time them."""
    simple(n)
    grouped(n // 2)
    intervals()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000)
