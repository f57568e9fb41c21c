"""Intervals really cover where a few customers answer very often, and most of them once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from cxm_core.results import Recipe
from cxm_core.stats import (
    CodedAxis,
    Limits,
    RatioEstimate,
    Tally,
    linear_ratio,
    mid_p,
    mover,
    pseudo_t,
    score_interval,
    sum_ratio,
)

pytestmark = pytest.mark.slow

SEED, RUNS = 20261122, max(int(os.environ.get("CXM_RUNS", "20000")) // 20, 20)
# Sizes of clusters follow Pareto's law with this exponent, cut off at so many answers.
TAILS, MOST = (1.1, 1.5, 2.5), 1000
CLUSTERS = (20, 50, 200)
# Correlation of what stands behind the answers of one cluster.
CORRELATIONS = (0.0, 0.1, 0.3, 0.8)
# Shares of the levels, and what each level counts.
SHAPES = {
    "nps typical": ((0.20, 0.35, 0.45), (-1.0, 0.0, 1.0)),
    "nps extreme": ((0.01, 0.09, 0.90), (-1.0, 0.0, 1.0)),
    "share 0.5": ((0.5, 0.5), (0.0, 1.0)),
    "share 0.95": ((0.05, 0.95), (0.0, 1.0)),
    "mean of 1 to 5": ((0.05, 0.05, 0.10, 0.30, 0.50), (1.0, 2.0, 3.0, 4.0, 5.0)),
}


def drawn(rng: np.random.Generator, tail: float, clusters: int) -> NDArray[np.int64]:
    """Sizes of the clusters of one sample."""
    sizes = np.floor(rng.random(clusters) ** (-1.0 / tail))
    return np.minimum(sizes, MOST).astype(np.int64)


def sample(
    rng: np.random.Generator, sizes: NDArray[np.int64], correlation: float, shape: str
) -> RatioEstimate:
    """Estimate of one sample."""
    shares, levels = SHAPES[shape]
    unit = np.repeat(np.arange(sizes.size), sizes)
    latent = np.sqrt(correlation) * rng.standard_normal(sizes.size)[unit]
    latent = latent + np.sqrt(1 - correlation) * rng.standard_normal(unit.size)
    tally = Tally.from_codes(
        levels=tuple(range(len(levels))),
        level_codes=np.digitize(latent, ndtri(np.cumsum(shares)[:-1])),
        axes=[CodedAxis(name="@cluster", labels=range(sizes.size), codes=unit, role="cluster")],
    )
    return linear_ratio(tally, levels, np.ones(len(levels)))


def limits(shape: str, shares: NDArray[np.float64], n: NDArray[np.float64]) -> Limits:
    """The interval that goes with a shape, of so many plain answers."""
    if shape.startswith("nps"):
        return score_interval(shares[:, 2] * n, shares[:, 0] * n, n)
    if shape.startswith("share"):
        return mid_p(np.minimum(shares[:, 1] * n, n), n)
    return pseudo_t(shares, SHAPES[shape][1], n)


def likeness(shape: str, correlation: float) -> float:
    """Correlation of what the answers of one cluster count."""
    shares, levels = SHAPES[shape]
    at, weight = np.polynomial.hermite_e.hermegauss(200)
    cuts = ndtri(np.cumsum(shares)[:-1])
    below = ndtr((cuts - np.sqrt(correlation) * at[:, None]) / np.sqrt(1 - correlation))
    means = np.diff(below, axis=1, prepend=0.0, append=1.0) @ levels
    spread = np.dot(shares, np.square(levels)) - np.dot(shares, levels) ** 2
    weight = weight / weight.sum()
    return float((weight @ means**2 - (weight @ means) ** 2) / spread)


def samples(
    shape: str, tail: float, clusters: int, correlation: float, stream: int = 0
) -> Iterator[tuple[RatioEstimate, float]]:
    """Estimates, each with the plain answers that it is worth in truth."""
    rng = np.random.default_rng(
        [SEED, stream, clusters, int(10 * tail), int(10 * correlation), list(SHAPES).index(shape)]
    )
    alike = likeness(shape, correlation) if correlation else 0.0
    for _ in range(RUNS):
        sizes = drawn(rng, tail, clusters)
        worth = sizes.sum() ** 2 / (sizes * (1 + (sizes - 1) * alike)).sum()
        yield sample(rng, sizes, correlation, shape), worth


def intervals(
    shape: str, tail: float, clusters: int, correlation: float, stream: int = 0
) -> tuple[NDArray[np.float64], Limits, Limits]:
    """Values with our limits, and the limits of someone who knows how alike the answers are."""
    found, worth = zip(*samples(shape, tail, clusters, correlation, stream), strict=True)
    shares = np.concatenate([each.level_shares for each in found])
    ours = limits(shape, shares, np.concatenate([each.effective_n for each in found]))
    value = np.concatenate([each.value for each in found])
    return value, ours, limits(shape, shares, np.array(worth))


@pytest.mark.parametrize("clusters", CLUSTERS)
@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("shape", SHAPES)
def test_uneven_clusters_cover(shape: str, tail: float, clusters: int) -> None:
    """Sizes by Pareto's law: at least 0.90 less three errors, whatever the correlation."""
    truth, told, least = np.dot(*SHAPES[shape]), [], 1.0
    for correlation in CORRELATIONS:
        _, (low, high), known = intervals(shape, tail, clusters, correlation)
        share = np.mean((low <= truth) & (truth <= high))
        wider = np.mean(high - low) / np.mean(known.high - known.low)
        told.append(f"correlation {correlation} {share:.3f}, {wider:.2f} times")
        least = min(least, share)
    sys.stdout.write(
        f"{clusters} clusters, tail {tail}, {shape}: {'; '.join(told)} as wide as with the true "
        f"effective n ({RUNS:,} runs each, seed {SEED})\n"
    )
    assert least >= 0.90 - 3 * np.sqrt(0.90 * 0.10 / RUNS)


@pytest.mark.parametrize("clusters", CLUSTERS)
@pytest.mark.parametrize("shape", ["nps typical", "nps extreme", "share 0.95"])
def test_differences_of_uneven_clusters_cover(shape: str, clusters: int) -> None:
    """MOVER on two such samples, tails 1.1 and 1.5: at least 0.90 less three errors."""
    told, least = [], 1.0
    for correlation in CORRELATIONS:
        sides = [
            intervals(shape, tail, clusters, correlation, stream)
            for stream, tail in enumerate((1.1, 1.5), start=1)
        ]
        low, high = mover(*((value, *found) for value, found, _ in sides))
        share = np.mean((low <= 0) & (high >= 0))
        told.append(f"correlation {correlation} {share:.3f}, width {np.mean(high - low):.2f}")
        least = min(least, share)
    sys.stdout.write(
        f"{clusters} clusters a side, {shape}: {'; '.join(told)} "
        f"({RUNS:,} runs each, seed {SEED})\n"
    )
    assert least >= 0.90 - 3 * np.sqrt(0.90 * 0.10 / RUNS)


@pytest.mark.parametrize("clusters", CLUSTERS)
@pytest.mark.parametrize("tail", TAILS)
def test_ratios_of_uneven_clusters_cover(tail: float, clusters: int) -> None:
    """Fieller's limits of contacts per order: at least 0.90 less three errors."""
    told, least = [], 1.0
    for correlation in CORRELATIONS:
        rng = np.random.default_rng([SEED, clusters, int(10 * tail), int(10 * correlation)])
        hits = 0
        for _ in range(RUNS):
            sizes = drawn(rng, tail, clusters)
            unit = np.repeat(np.arange(clusters), sizes)
            orders = rng.integers(1, 4, unit.size)
            # How much trouble a customer makes: log-normal, with mean 1 and spread 0.53.
            latent = np.sqrt(correlation) * rng.standard_normal(clusters)[unit]
            latent = latent + np.sqrt(1 - correlation) * rng.standard_normal(unit.size)
            contacts = orders * np.exp(0.5 * latent - 0.125)
            axis = CodedAxis(name="@cluster", labels=range(clusters), codes=unit, role="cluster")
            low, high = fieller_limits(contacts, orders, axis)
            hits += bool(low <= 1.0 <= high)
        told.append(f"correlation {correlation} {hits / RUNS:.3f}")
        least = min(least, hits / RUNS)
    sys.stdout.write(
        f"{clusters} clusters, tail {tail}: {', '.join(told)} ({RUNS:,} runs each, seed {SEED})\n"
    )
    assert least >= 0.90 - 3 * np.sqrt(0.90 * 0.10 / RUNS)


def fieller_limits(
    above: NDArray[np.float64], below: NDArray[np.int64], axis: CodedAxis
) -> tuple[float, float]:
    """Limits as the engine of ratios has them."""
    found = sum_ratio(above, below, axes=[axis])
    inputs = {
        "n": found.n,
        "answers": found.n,
        "df": found.freedom,
        "floor": found.floor,
        "above": found.above,
        "above_variance": found.spread_above,
        "below": found.below,
        "below_variance": found.spread_below,
        "covariance": found.spread_both,
    }
    low, high = Recipe(method="fieller", inputs=inputs).interval(0.95)
    return low.item(), high.item()
