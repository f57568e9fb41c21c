"""The interval of the change of the same people really covers."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from scipy.special import ndtri

from cxm_core.stats import pseudo_t, score_interval

pytestmark = pytest.mark.slow

SEED, RUNS = 20261122, int(os.environ.get("CXM_RUNS", "20000"))
# Shares of minus, neutral and plus before and after.
WAVES = {
    "alike": ((0.20, 0.35, 0.45), (0.20, 0.35, 0.45)),
    "typical to good": ((0.20, 0.35, 0.45), (0.10, 0.30, 0.60)),
    "extreme to high": ((0.01, 0.09, 0.90), (0.05, 0.15, 0.80)),
    "excellent to poor": ((0.05, 0.15, 0.80), (0.50, 0.30, 0.20)),
}
CORRELATIONS = (0.0, 0.5, 0.8)


def pairs(wave: str, correlation: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Signs before and after of `n` people in every run, correlated through a normal value."""
    rng = np.random.default_rng([SEED, n, len(wave), int(100 * correlation)])
    shared = rng.standard_normal((RUNS, n))
    signs = []
    for shares in WAVES[wave]:
        own = rng.standard_normal((RUNS, n))
        latent = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
        signs.append(np.digitize(latent, ndtri(np.cumsum(shares)[:2])) - 1)
    return signs[0], signs[1]


@pytest.mark.parametrize("n", [10, 20, 30, 50, 100])
@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("wave", WAVES)
def test_the_change_of_a_balance_covers(wave: str, correlation: float, n: int) -> None:
    """One figure from -2 to 2 a person, an answer added, then t: at least 0.93, read fairly."""
    before, after = pairs(wave, correlation, n)
    levels = np.arange(-2, 3)
    shares = np.stack([(after - before == level).mean(axis=1) for level in levels], axis=1)
    low, high = pseudo_t(shares, levels, n)
    truth = np.subtract(*(np.array(s) @ [-1, 0, 1] for s in WAVES[wave][::-1]))
    covered = float(((low <= truth) & (truth <= high)).mean())
    sys.stdout.write(
        f"paired balance, {wave}, correlation {correlation}, n={n}: {covered:.4f}, width "
        f"{100 * float((high - low).mean()):.0f} points ({RUNS:,} runs, seed {SEED})\n"
    )
    assert covered >= 0.93 - 3 * np.sqrt(0.93 * 0.07 / RUNS)


@pytest.mark.parametrize("n", [10, 20, 30, 50, 100])
@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("wave", WAVES)
def test_the_change_of_a_share_covers(wave: str, correlation: float, n: int) -> None:
    """Gained less lost, by the score interval: at least 0.93, read fairly."""
    before, after = (signs == 1 for signs in pairs(wave, correlation, n))
    gained, lost = (after & ~before).sum(axis=1), (before & ~after).sum(axis=1)
    low, high = score_interval(gained, lost, n)
    truth = WAVES[wave][1][2] - WAVES[wave][0][2]
    covered = float(((low <= truth) & (truth <= high)).mean())
    sys.stdout.write(
        f"paired share, {wave}, correlation {correlation}, n={n}: {covered:.4f} "
        f"({RUNS:,} runs, seed {SEED})\n"
    )
    assert covered >= 0.93 - 3 * np.sqrt(0.93 * 0.07 / RUNS)
