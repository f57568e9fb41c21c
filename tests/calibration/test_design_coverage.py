"""The score interval at the design's effective number really covers with few clusters."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from scipy.special import ndtri

from cxm_core.stats import (
    CodedAxis,
    RatioEstimate,
    Tally,
    linear_ratio,
    mid_p,
    score_interval,
    t_interval,
)

pytestmark = pytest.mark.slow

SEED, RUNS = 20261121, int(os.environ.get("CXM_RUNS", "20000"))
# So many samples are in memory at a time.
TOGETHER = 1_000
# Shares of minus, neutral and plus.
MIXES = {"typical": (0.20, 0.35, 0.45), "extreme": (0.01, 0.09, 0.90)}
# Answers of each cluster, and the coefficient of variation of its weight.
DESIGNS = {"plain": (1, 0.0), "weights": (1, 0.8), "three answers": (3, 0.0), "both": (3, 0.8)}
CORRELATION = 0.5
# Weights of which a few are heavy: name, answers, share of yes, how often, and how heavy.
HEAVY = {
    "5 % weigh 20": (100, 0.90, 0.05, 20.0),
    "5 % weigh 20, more": (1000, 0.98, 0.05, 20.0),
    "10 % weigh 10": (300, 0.95, 0.10, 10.0),
}


def estimates(mix: str, design: str, clusters: int) -> Iterator[RatioEstimate]:
    """Balance in `RUNS` samples, each a group and a stratum of its own, some at a time."""
    rng = np.random.default_rng([SEED, clusters, len(mix), len(design)])
    for start in range(0, RUNS, TOGETHER):
        yield _estimate(rng, min(TOGETHER, RUNS - start), clusters, mix, design)


def _estimate(
    rng: np.random.Generator, runs: int, clusters: int, mix: str, design: str
) -> RatioEstimate:
    answers, variation = DESIGNS[design]
    shared = CORRELATION if answers > 1 else 0.0
    latent = np.sqrt(shared) * rng.standard_normal((runs, clusters, 1))
    latent = latent + np.sqrt(1 - shared) * rng.standard_normal((runs, clusters, answers))
    sigma = np.sqrt(np.log1p(variation**2))
    weights = np.repeat(rng.lognormal(0.0, sigma, runs * clusters), answers)
    cluster = np.repeat(np.arange(runs * clusters), answers)
    run = CodedAxis(name="run", labels=range(runs), codes=cluster // clusters)
    axes = [
        run,
        CodedAxis(name="@stratum", labels=run.labels, codes=run.codes, role="stratum"),
        CodedAxis.of("@cluster", cluster, role="cluster"),
    ]
    tally = Tally.from_codes(
        levels=(-1, 0, 1),
        level_codes=np.digitize(latent, ndtri(np.cumsum(MIXES[mix])[:2])).ravel(),
        axes=axes,
        weights=weights if variation else None,
    )
    return linear_ratio(tally, (-1, 0, 1), (1, 1, 1))


@pytest.mark.parametrize("clusters", [15, 30, 100, 300])
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("mix", MIXES)
def test_score_at_effective_number_covers(mix: str, design: str, clusters: int) -> None:
    """Weights and repeated answers: at least 0.90 less three standard errors."""
    truth = MIXES[mix][2] - MIXES[mix][0]
    covered, plain, widths = [], [], []
    for found in estimates(mix, design, clusters):
        n = found.effective_n
        low, high = score_interval(found.level_shares[:, 2] * n, found.level_shares[:, 0] * n, n)
        covered.append((low <= truth) & (truth <= high))
        widths.append(high - low)
        t_low, t_high = t_interval(found.value, found.standard_error, found.df)
        plain.append((t_low <= truth) & (truth <= t_high))
    share, width = np.concatenate(covered).mean(), np.concatenate(widths).mean()
    sys.stdout.write(
        f"{clusters} clusters, {mix}, {design}: score at the effective n {share:.4f}, "
        f"width {width * 100:.0f} points; Taylor and t {np.concatenate(plain).mean():.4f} "
        f"({RUNS:,} runs, seed {SEED})\n"
    )
    assert share >= 0.90 - 3 * np.sqrt(0.90 * 0.10 / RUNS)


@pytest.mark.parametrize("design", HEAVY)
def test_few_heavy_answers_are_not_taken_for_many(design: str) -> None:
    """Shares near the end of the scale with uneven weights: at least 0.90 less three errors."""
    n, truth, often, weight = HEAVY[design]
    runs = max(RUNS // 10, 20)
    rng = np.random.default_rng([SEED, n, len(design)])
    heavy = np.where(rng.random(runs * n) < often, weight, 1.0)
    run = CodedAxis(name="run", labels=range(runs), codes=np.repeat(np.arange(runs), n))
    yes = (rng.random(runs * n) < truth).astype(np.int64)
    tally = Tally.from_codes(levels=(0, 1), level_codes=yes, axes=[run], weights=heavy)
    found = linear_ratio(tally, (0, 1), (1, 1))
    worth = found.effective_n
    low, high = mid_p(found.value * worth, worth)
    share = np.mean((low <= truth) & (truth <= high))
    sys.stdout.write(
        f"{design}, n={n}, share {truth}: mid-P at the effective n {share:.4f}, "
        f"width {100 * np.mean(high - low):.1f} points ({runs:,} runs, seed {SEED})\n"
    )
    assert share >= 0.90 - 3 * np.sqrt(0.90 * 0.10 / runs)
