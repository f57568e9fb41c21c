"""The interval of a difference of two shares really covers: every outcome counted."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binom

from cxm_core.stats import DIFFERENCE_METHODS, Limits, mid_p, mover

pytestmark = pytest.mark.slow

SHARES = np.array([0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99])
SIZES = [(10, 10), (10, 50), (20, 20), (30, 30), (50, 50), (100, 100), (30, 300), (300, 300)]
NEAR = 1e-12


def from_mid_p(a: tuple[np.ndarray, int], b: tuple[np.ndarray, int]) -> Limits:
    """What `compare` does by itself: MOVER on the two mid-P intervals."""
    one, two = ((x / n, *mid_p(x, n)) for x, n in (a, b))
    return mover(one, two)


METHODS: dict[str, Callable[..., Limits]] = {"mover": from_mid_p, **DIFFERENCE_METHODS}


def exact(method: str, sizes: tuple[int, int]) -> tuple[np.ndarray, float]:
    """Coverage for every pair of shares, and the mean width."""
    n, m = sizes
    x, y = (grid.ravel() for grid in np.meshgrid(np.arange(n + 1), np.arange(m + 1)))
    low, high = METHODS[method]((x, n), (y, m))
    chances = [binom.pmf(np.arange(size + 1)[:, None], size, SHARES) for size in sizes]
    covered = np.empty((SHARES.size, SHARES.size))
    width = np.empty_like(covered)
    for i, p in enumerate(SHARES):
        for j, q in enumerate(SHARES):
            chance = np.outer(chances[1][:, j], chances[0][:, i]).ravel()
            holds = (low <= p - q + NEAR) & (p - q - NEAR <= high)
            covered[i, j], width[i, j] = chance[holds].sum(), chance @ (high - low)
    return covered, float(width.mean())


@pytest.mark.parametrize("sizes", SIZES)
def test_the_usual_method_covers(sizes: tuple[int, int]) -> None:
    """MOVER on mid-P: at least 0.925 for every pair of shares from 0.5 to 0.99."""
    covered, width = exact("mover", sizes)
    sys.stdout.write(
        f"mover on mid_p, n={sizes}: lowest {covered.min():.4f}, mean {covered.mean():.4f}, "
        f"width {width:.4f}\n"
    )
    assert covered.min() >= 0.925


@pytest.mark.parametrize("sizes", SIZES)
def test_hardly_wider_than_any_that_covers(sizes: tuple[int, int]) -> None:
    """Its mean width is within 8 % of the narrowest method that keeps to 0.925."""
    found = {name: exact(name, sizes) for name in METHODS}
    told = ", ".join(f"{k} {c.min():.4f}/{w:.4f}" for k, (c, w) in found.items())
    sys.stdout.write(f"n={sizes}: lowest coverage/mean width of {told}\n")
    narrowest = min(width for covered, width in found.values() if covered.min() >= 0.925)
    assert found["mover"][1] <= 1.08 * narrowest


def test_the_score_test_fails_where_sizes_differ() -> None:
    """Miettinen and Nurminen, ten against fifty, both near the top: 0.884."""
    assert exact("miettinen_nurminen", (10, 50))[0].min() == pytest.approx(0.8843, abs=1e-3)
