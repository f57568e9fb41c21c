"""The interval of a mean really covers, on the shapes that scales of seven levels have."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from calibration_shapes import LEVELS, SHAPES
from cxm_core.stats import pseudo_t, t_interval

pytestmark = pytest.mark.slow

SEED, RUNS = 20261121, 20_000
CLOUD = 400


@pytest.mark.parametrize("n", [10, 20, 30, 50, 100, 300])
@pytest.mark.parametrize("shape", SHAPES)
def test_pseudo_t_covers(shape: str, n: int) -> None:
    """One answer spread over the scale, then t: at least 0.935 less three standard errors."""
    percent = np.array(SHAPES[shape])
    truth = percent @ LEVELS / 100
    counts = np.random.default_rng([SEED, n, *percent]).multinomial(n, percent / 100, RUNS)
    low, high = pseudo_t(counts / n, LEVELS, n)
    covered = float(((low <= truth) & (truth <= high)).mean())
    sys.stdout.write(
        f"pseudo_t {shape} {SHAPES[shape]} n={n} seed={SEED}: {covered:.4f}, "
        f"width {float((high - low).mean()):.2f}\n"
    )
    assert covered >= 0.935 - 3 * np.sqrt(0.935 * 0.065 / RUNS)


@pytest.mark.parametrize("n", [10, 20, 30, 50, 100, 300])
def test_pseudo_t_covers_a_cloud(n: int) -> None:
    """On 400 shapes drawn from Dirichlet(1/2 each) none is covered less than 0.91."""
    rng = np.random.default_rng([SEED, n])
    lowest, runs, mean = 1.0, RUNS // 2, 0.0
    for shares in rng.dirichlet(np.full(len(LEVELS), 0.5), CLOUD):
        counts = rng.multinomial(n, shares, runs)
        low, high = pseudo_t(counts / n, LEVELS, n)
        truth = shares @ LEVELS
        covered = float(((low <= truth) & (truth <= high)).mean())
        lowest, mean = min(lowest, covered), mean + covered / CLOUD
    sys.stdout.write(
        f"pseudo_t n={n}: lowest of {CLOUD} shapes {lowest:.4f}, mean {mean:.4f} "
        f"({runs:,} runs each, seed {SEED})\n"
    )
    assert lowest >= 0.91 - 3 * np.sqrt(0.91 * 0.09 / runs)


def test_plain_t_does_not() -> None:
    """Student's t alone fails where nine in ten are at the top: two in three at ten answers."""
    percent = np.array(SHAPES["extreme"])
    counts = np.random.default_rng(SEED).multinomial(10, percent / 100, RUNS)
    mean = counts @ LEVELS / 10
    spread = (counts * (LEVELS - mean[:, None]) ** 2).sum(axis=1) / 9
    low, high = t_interval(mean, np.sqrt(spread / 10), 9)
    truth = percent @ LEVELS / 100
    assert float(((low <= truth) & (truth <= high)).mean()) == pytest.approx(0.66, abs=0.03)
