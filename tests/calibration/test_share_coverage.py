"""Intervals of a share really cover: every outcome counted, nothing simulated."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.stats import binom

from cxm_core.stats import SHARE_METHODS

pytestmark = pytest.mark.slow

SIZES = [10, 20, 30, 50, 100, 300, 1000]


def exact_coverage(method: str, n: int, shares: np.ndarray) -> np.ndarray:
    """Probability that the limits hold the true share, for each of `shares`."""
    x = np.arange(n + 1)
    low, high = SHARE_METHODS[method](x, n)
    truth = shares[:, None]
    return np.asarray((binom.pmf(x, n, truth) * ((low <= truth) & (truth <= high))).sum(axis=1))


@pytest.mark.parametrize(("first", "last"), [(0.5, 0.99), (0.9, 0.9995)])
@pytest.mark.parametrize("n", SIZES)
def test_mid_p_covers(n: int, first: float, last: float) -> None:
    """The mid-P interval holds the truth in at least 91 of 100 samples, for every share."""
    covered = exact_coverage("mid_p", n, np.linspace(first, last, 1001))
    sys.stdout.write(
        f"mid_p n={n}, {first} to {last}: lowest {covered.min():.4f}, mean {covered.mean():.4f}\n"
    )
    assert covered.min() >= 0.91
    assert covered.mean() >= 0.95


@pytest.mark.parametrize("n", SIZES)
def test_clopper_pearson_keeps_its_promise(n: int) -> None:
    """The exact interval holds every truth in at least 95 of 100 samples."""
    assert exact_coverage("clopper_pearson", n, np.linspace(0.001, 0.999, 999)).min() >= 0.95


@pytest.mark.parametrize(
    ("method", "lowest"),
    [("wilson", 0.836), ("jeffreys", 0.896), ("agresti_coull", 0.926), ("mid_p", 0.951)],
)
def test_where_each_breaks(method: str, lowest: float) -> None:
    """Ten answers, shares from 0.9 to 0.9995: the lowest coverage as measured for the design."""
    covered = exact_coverage(method, 10, np.linspace(0.9, 0.9995, 2000))
    assert covered.min() == pytest.approx(lowest, abs=2e-3)
