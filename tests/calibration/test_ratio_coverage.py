"""Intervals of a ratio of sums, and of a quantile, really cover."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtri

from cxm_core.stats import CodedAxis, Limits, Sorted, fieller, rank_limits, sum_ratio, t_interval

pytestmark = pytest.mark.slow

SEED, RUNS = 20261122, int(os.environ.get("CXM_RUNS", "20000"))
Rng = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]


def contacts(rng: Rng, rows: int) -> Pair:
    """Contacts of customers who have about three orders each, whatever the orders."""
    return rng.poisson(0.8, rows), rng.poisson(3.0, rows)


def returns(rng: Rng, rows: int) -> Pair:
    """Orders that were sent back, of all orders of a customer; many have one, few have ten."""
    orders = rng.geometric(0.3, rows)
    return rng.binomial(orders, 0.2), orders


def sparse(rng: Rng, rows: int) -> Pair:
    """More than half have nothing below the line."""
    return rng.poisson(1.0, rows), rng.poisson(0.5, rows)


# Lowest coverage of Fieller's limits that was measured, less some room, by size.
RATIOS: dict[str, tuple[Callable[[Rng, int], Pair], float]] = {
    "contacts per order": (contacts, 0.8 / 3.0),
    "share sent back": (returns, 0.2),
    "sparse below": (sparse, 2.0),
}


def held(limits: Limits, truth: float) -> float:
    """Share of runs that hold the truth; no limit is a limit without end."""
    low, high = np.nan_to_num(limits.low, nan=-np.inf), np.nan_to_num(limits.high, nan=np.inf)
    return float(((low <= truth) & (truth <= high)).mean())


@pytest.mark.parametrize(("n", "least"), [(10, 0.91), (30, 0.93), (100, 0.94)])
@pytest.mark.parametrize("name", RATIOS)
def test_fieller_covers(name: str, n: int, least: float) -> None:
    """Fieller's limits of a ratio: 0.91 of ten rows, 0.93 of thirty, 0.94 of a hundred."""
    make, truth = RATIOS[name]
    rng = np.random.default_rng([SEED, n, len(name)])
    above, below = make(rng, n * RUNS)
    run = CodedAxis(name="run", labels=range(RUNS), codes=np.repeat(np.arange(RUNS), n))
    found = sum_ratio(above, below, axes=[run])
    spreads = (found.above, found.spread_above), (found.below, found.spread_below)
    covered = held(fieller(*spreads, found.df, covariance=found.spread_both), truth)
    delta = held(t_interval(found.value, found.standard_error, found.df), truth)
    sys.stdout.write(
        f"{name}, n={n}: fieller {covered:.4f}, delta {delta:.4f} ({RUNS:,} runs, seed {SEED})\n"
    )
    assert covered >= least - 3 * np.sqrt(least * (1 - least) / RUNS)


@pytest.mark.parametrize("q", [0.5, 0.9])
@pytest.mark.parametrize("n", [10, 30, 100, 300])
def test_order_statistics_cover(q: float, n: int) -> None:
    """Times of a heavy tail: the limits of a quantile hold it at least as often as promised."""
    rng = np.random.default_rng([SEED, n, int(100 * q)])
    truth = float(np.exp(ndtri(q)))
    run = np.repeat(np.arange(RUNS), n)
    ordered = Sorted.of(rng.lognormal(size=n * RUNS), run, RUNS, None)
    low, high = rank_limits(n, q)
    shares = (np.full(RUNS, limit / n) for limit in (np.floor(low), np.ceil(high)))
    limits = Limits(ordered.last_up_to(next(shares)), ordered.first_from(next(shares)))
    covered = held(limits, truth)
    sys.stdout.write(f"quantile {q}, n={n}: {covered:.4f} ({RUNS:,} runs, seed {SEED})\n")
    assert covered >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / RUNS)
