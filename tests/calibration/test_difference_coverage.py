"""The interval of a difference of two balances really covers."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from cxm_core.stats import mover, score_interval

pytestmark = pytest.mark.slow

SEED, RUNS = 20261121, 20_000
# Shares of minus, neutral and plus in the two groups.
PAIRS = {
    "alike": ((0.20, 0.35, 0.45), (0.20, 0.35, 0.45)),
    "typical and good": ((0.20, 0.35, 0.45), (0.10, 0.30, 0.60)),
    "extreme and high": ((0.01, 0.09, 0.90), (0.05, 0.15, 0.80)),
    "excellent and poor": ((0.05, 0.15, 0.80), (0.50, 0.30, 0.20)),
}


@pytest.mark.parametrize(
    "sizes", [(10, 10), (10, 50), (20, 20), (30, 30), (50, 50), (100, 100), (30, 300), (300, 300)]
)
@pytest.mark.parametrize("pair", PAIRS)
def test_mover_covers(pair: str, sizes: tuple[int, int]) -> None:
    """From two score intervals: at least 0.94 less three standard errors."""
    rng = np.random.default_rng([SEED, *sizes, len(pair)])
    groups = []
    for shares, n in zip(PAIRS[pair], sizes, strict=True):
        minus, _, plus = rng.multinomial(n, shares, RUNS).T
        groups.append(((plus - minus) / n, *score_interval(plus, minus, n)))
    low, high = mover(groups[1], groups[0])
    before, after = (shares[2] - shares[0] for shares in PAIRS[pair])
    truth = after - before
    covered = float(((low <= truth) & (truth <= high)).mean())
    sys.stdout.write(f"mover {pair} n={sizes} seed={SEED}: {covered:.4f}\n")
    assert covered >= 0.94 - 3 * np.sqrt(0.94 * 0.06 / RUNS)
