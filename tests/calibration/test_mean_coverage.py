"""The interval of a mean really covers, on the shapes that scales of seven levels have."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from cxm_core.stats import pseudo_t, t_interval

pytestmark = pytest.mark.slow

SEED, RUNS = 20261121, 20_000
LEVELS = np.arange(1, 8)
# Percent at 1, 2, ... 7.
SHAPES = {
    "symmetric": (5, 10, 20, 30, 20, 10, 5),
    "typical": (3, 4, 6, 12, 20, 30, 25),
    "skewed": (1, 2, 3, 5, 9, 25, 55),
    "extreme": (1, 1, 1, 1, 2, 4, 90),
    "bimodal": (40, 8, 2, 0, 2, 8, 40),
}


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


def test_plain_t_does_not() -> None:
    """Student's t alone fails where nine in ten are at the top: two in three at ten answers."""
    percent = np.array(SHAPES["extreme"])
    counts = np.random.default_rng(SEED).multinomial(10, percent / 100, RUNS)
    mean = counts @ LEVELS / 10
    spread = (counts * (LEVELS - mean[:, None]) ** 2).sum(axis=1) / 9
    low, high = t_interval(mean, np.sqrt(spread / 10), 9)
    truth = percent @ LEVELS / 100
    assert float(((low <= truth) & (truth <= high)).mean()) == pytest.approx(0.66, abs=0.03)
