"""Limits of times until something ends really cover, and tests of them really keep their level."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import numpy as np
import pytest

from cxm_core.stats import (
    DurationTally,
    TimeLimits,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    restricted_mean,
    t_interval,
    time_difference,
    welch,
)

SEED = 20261122
RUNS = int(os.environ.get("CXM_RUNS", "20000")) // 10
FEW = 400
Rng = np.random.Generator
Ends = tuple[np.ndarray, np.ndarray]
Inside = Callable[[Rng, int], bool]

LOG_NORMAL = (1.0, 1.2)
MEDIAN = float(np.exp(LOG_NORMAL[0]))


def watched(rng: Rng, n: int, factor: float = 1.0) -> Ends:
    """Times of a heavy tail, of which about three in ten are not watched to their end."""
    times = rng.lognormal(*LOG_NORMAL, n) * factor
    until = rng.exponential(12.0 * factor, n)
    return np.minimum(times, until), times <= until


def in_clusters(rng: Rng, clusters: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times of clusters of one to seven rows that have half of their spread in common."""
    sizes = rng.integers(1, 8, clusters)
    code = np.repeat(np.arange(clusters), sizes)
    spread = LOG_NORMAL[1] / np.sqrt(2)
    common, own = rng.normal(0, spread, clusters)[code], rng.normal(0, spread, code.size)
    times = np.exp(LOG_NORMAL[0] + common + own)
    until = rng.exponential(12.0, code.size)
    return np.minimum(times, until), times <= until, code


def holds(limits: tuple[float, float], truth: float) -> bool:
    """Whether limits hold the truth; one that is not reached holds all."""
    low, high = (float(end) for end in limits)
    return not (low > truth) and not (high < truth)


def share(rng: Rng, n: int) -> bool:
    """The share that takes longer than the median."""
    times, seen = watched(rng, n)
    curve = kaplan_meier(DurationTally.of(times, event_observed=seen))
    return holds(curve.limits_at(MEDIAN), 0.5)


def median(rng: Rng, n: int) -> bool:
    """The median."""
    times, seen = watched(rng, n)
    return holds(
        kaplan_meier(DurationTally.of(times, event_observed=seen)).quantile(0.5)[1:], MEDIAN
    )


def incidence(rng: Rng, n: int) -> bool:
    """The share that has ended one way, of two that race each other at 2 to 1."""
    times, until = rng.exponential(1.0, n), rng.exponential(3.0, n)
    ends = np.where(rng.random(n) < 2 / 3, 1, 2) * (times <= until)
    tally = DurationTally.of(np.minimum(times, until), event_observed=ends)
    return holds(cumulative_incidence(tally).limits_at(1.0), 2 / 3 * (1 - np.exp(-1.0)))


def mean(rng: Rng, n: int) -> bool:
    """The mean of exponential times up to 2."""
    times, until = rng.exponential(1.0, n), 2.0 + rng.exponential(3.0, n)
    tally = DurationTally.of(np.minimum(times, until), event_observed=times <= until)
    found = restricted_mean(tally, until=2.0)
    limits = t_interval(found.value, found.standard_error, found.df)
    return holds((float(limits.low), float(limits.high)), 1 - np.exp(-2.0))


def median_difference(rng: Rng, n: int) -> bool:
    """The difference of two medians of which one is twice the other."""
    sides = []
    for factor in (2.0, 1.0):
        times, seen = watched(rng, n, factor)
        sides.append(kaplan_meier(DurationTally.of(times, event_observed=seen)).quantile(0.5))
    return holds(time_difference(TimeLimits(*sides[0]), TimeLimits(*sides[1]))[1:], MEDIAN)


def mean_difference(rng: Rng, n: int) -> bool:
    """The difference of two restricted means of groups that are alike."""
    sides = []
    for _ in range(2):
        times, until = rng.exponential(1.0, n), 2.0 + rng.exponential(3.0, n)
        tally = DurationTally.of(np.minimum(times, until), event_observed=times <= until)
        sides.append(restricted_mean(tally, until=2.0)[:3])
    limits = welch(sides[0], sides[1])
    return holds((float(limits.low), float(limits.high)), 0.0)


def clustered_share(rng: Rng, n: int) -> bool:
    """The share that takes longer than the median, of rows in clusters."""
    times, seen, code = in_clusters(rng, n)
    curve = kaplan_meier(DurationTally.of(times, event_observed=seen, cluster=code))
    return holds(curve.limits_at(MEDIAN), 0.5)


def clustered_median(rng: Rng, n: int) -> bool:
    """The median of rows in clusters."""
    times, seen, code = in_clusters(rng, n)
    curve = kaplan_meier(DurationTally.of(times, event_observed=seen, cluster=code))
    return holds(curve.quantile(0.5)[1:], MEDIAN)


def no_difference(rng: Rng, n: int) -> bool:
    """Whether the log-rank test lets two groups pass that are alike."""
    times, seen = watched(rng, n)
    code = np.arange(n) % 2
    return log_rank(DurationTally.of_groups(code, 2, times, event_observed=seen)).p_value > 0.05


def no_clustered_difference(rng: Rng, n: int) -> bool:
    """Whether it does so where whole clusters are in one group."""
    times, seen, cluster = in_clusters(rng, n)
    found = DurationTally.of_groups(cluster % 2, 2, times, event_observed=seen, cluster=cluster)
    return log_rank(found).p_value > 0.05


# What, how many rows or clusters, and the least coverage of 0.95 that is promised.
LAWS: list[tuple[Inside, int, float]] = [
    (share, 20, 0.93), (share, 50, 0.94), (share, 200, 0.94),
    (median, 20, 0.93), (median, 50, 0.94), (median, 200, 0.94),
    (incidence, 30, 0.93), (incidence, 200, 0.94),
    (mean, 30, 0.93), (mean, 200, 0.94),
    (median_difference, 30, 0.94), (median_difference, 200, 0.94),
    (mean_difference, 30, 0.93), (mean_difference, 200, 0.94),
    (clustered_share, 15, 0.92), (clustered_share, 60, 0.94),
    (clustered_median, 15, 0.92), (clustered_median, 60, 0.94),
    (no_difference, 40, 0.93), (no_difference, 200, 0.94),
    (no_clustered_difference, 20, 0.92), (no_clustered_difference, 80, 0.94),
]  # fmt: skip
NAMES = [f"{what.__name__}-{n}" for what, n, _ in LAWS]


def covered(what: Inside, n: int, runs: int) -> float:
    """Share of runs in which the limits hold."""
    rng = np.random.default_rng([SEED, n, len(what.__name__)])
    return float(np.mean([what(rng, n) for _ in range(runs)]))


@pytest.mark.slow
@pytest.mark.parametrize(("what", "n", "least"), LAWS, ids=NAMES)
def test_covers(what: Inside, n: int, least: float) -> None:
    """Times to an end: what 0.95 covers, where three in ten are not watched to their end."""
    found = covered(what, n, RUNS)
    sys.stdout.write(f"{what.__name__}, n={n}: {found:.4f} ({RUNS:,} runs, seed {SEED})\n")
    assert found >= least - 3 * np.sqrt(least * (1 - least) / RUNS)


@pytest.mark.parametrize(
    "what", [share, median, clustered_share], ids=["share", "median", "clusters"]
)
def test_covers_in_few_runs(what: Inside) -> None:
    """In 400 runs of 40, limits of 0.95 hold in nine of ten at the least."""
    assert covered(what, 40, FEW) >= 0.91
