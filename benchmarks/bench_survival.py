"""Survival curves of many durations, beside the plain count, the plain sort, and lifelines.

Prints seconds of the processor (the median of several runs) and the ratio to the plain way. Ratios
travel between machines; seconds do not. How long the plain sort takes depends on whether NumPy
finds wide registers: with them, ten million numbers are sorted in 0.075 s, and to pass over them as
often as a curve needs takes longer than that; without, in 0.9 s. The bar of 1.6 was set without. To
see it so, name what NumPy shall not use in `NPY_DISABLE_CPU_FEATURES`, such as "X86_V3 X86_V4 AVX2
FMA3 AVX512F AVX512CD AVX512_ICL AVX512_CLX AVX512_CNL". A second row tells how near to the bar
anybody can come: one sort, one running product and one running sum. Needs lifelines only for its
own rows.

    python benchmarks/bench_survival.py [durations, default 10 million]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from cxm_core.stats import DurationTally, kaplan_meier

RUNS = 7
# Whole minutes of thirty days.
SPAN = 43_200


def seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """Median time of several runs, after one that nobody counts."""
    work()
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def show(title: str, times: dict[str, float]) -> None:
    """Print one table; the first row is the plain way."""
    plain = next(iter(times.values()))
    print(f"\n{title}")
    for name, took in times.items():
        print(f"  {name:<52} {took:9.4f} s  {took / plain:8.2f} x the plain way")


def by_order(durations: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """The curve as a textbook has it: order the rows, then one factor a row."""
    order = np.argsort(durations)
    left = np.arange(durations.size, 0, -1)
    return np.cumprod(1.0 - seen[order] / left)


def least(times: np.ndarray, ends: int) -> None:
    """What no curve with a variance can do without: one sort, one running product, one sum."""
    at_ends = np.sort(times)[:ends]
    np.cumprod(at_ends, out=at_ends)
    np.cumsum(at_ends, out=at_ends)


def lifelines_seconds(durations: np.ndarray, seen: np.ndarray) -> dict[str, float]:
    """The fit of lifelines, once, as a first call is; nothing where it is not installed."""
    try:
        from lifelines import KaplanMeierFitter  # noqa: PLC0415  (only where it is)
    except ImportError:
        return {}
    start = time.process_time()
    fitted = KaplanMeierFitter().fit(durations, seen)
    took = time.process_time() - start
    curve = kaplan_meier(DurationTally.of(durations, event_observed=seen))
    gap = abs(
        fitted.predict(curve.times[curve.times.size // 2]) - curve.value[curve.times.size // 2]
    )
    assert gap < 1e-9, gap
    return {"lifelines.KaplanMeierFitter().fit, once": took}


def curve(durations: np.ndarray, seen: np.ndarray) -> None:
    """Ours: count, and the curve with its variance."""
    kaplan_meier(DurationTally.of(durations, event_observed=seen))


def main(n: int) -> None:
    """Time whole minutes, then times that are all different."""
    rng = np.random.default_rng(20261122)
    seen = rng.random(n) < 0.7
    minutes = rng.integers(0, SPAN, n)
    tally = DurationTally.of(minutes, event_observed=seen)
    show(
        f"{n:,} durations in whole minutes; the bar is 1.5",
        {
            "np.bincount(minutes * 2 + seen)": seconds(lambda: np.bincount(minutes * 2 + seen)),
            "tally, curve and variance": seconds(lambda: curve(minutes, seen)),
            "the curve alone, from its tally": seconds(lambda: kaplan_meier(tally)),
            "its limits": seconds(lambda: kaplan_meier(tally).limits()),
            **lifelines_seconds(minutes, seen),
        },
    )
    times = rng.exponential(1.0, n)
    ends = np.count_nonzero(seen)
    tally = DurationTally.of(times, event_observed=seen)
    show(
        f"{n:,} durations, no two alike; the bar is 1.6",
        {
            "np.sort(times)": seconds(lambda: np.sort(times)),
            "np.sort, then np.cumprod and np.cumsum of ends": seconds(lambda: least(times, ends)),
            "tally, curve and variance": seconds(lambda: curve(times, seen)),
            "the curve alone, from its tally": seconds(lambda: kaplan_meier(tally)),
            "np.argsort and one product, no variance, no ties": seconds(
                lambda: by_order(times, seen), runs=2
            ),
            **lifelines_seconds(times, seen),
        },
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
