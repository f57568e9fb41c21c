"""The methods that are taken by default are hardly wider than any that holds the same bar."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np
import pytest
from scipy.stats import binom, multinomial

from calibration_shapes import LEVELS, MIXES, SHAPES
from cxm_core.stats import BALANCE_METHODS, SHARE_METHODS, pseudo_t, t_interval

pytestmark = pytest.mark.slow

SIZES = [10, 20, 30, 50, 100, 300]
SEED, RUNS, MOST = 20261121, 20_000, 1.08
SHARES = np.linspace(0.5, 0.99, 491)
# Lowest coverage over all shapes, and the width averaged over them.
Found = Mapping[str, tuple[float, float]]


def balances(n: int) -> Found:
    """Every outcome of n answers counted, for each mix of Table C."""
    minus, plus = (counts.ravel() for counts in np.meshgrid(np.arange(n + 1), np.arange(n + 1)))
    is_possible = minus + plus <= n
    minus, plus = minus[is_possible], plus[is_possible]
    shares = np.array([*MIXES.values()]) / 100
    chance = multinomial.pmf(np.stack([minus, n - minus - plus, plus], 1)[:, None], n, shares)
    truth = shares[:, 2] - shares[:, 0]
    found = {}
    for name, method in BALANCE_METHODS.items():
        low, high = (limits[:, None] for limits in method(plus, minus, n))
        covered = (chance * ((low <= truth) & (truth <= high))).sum(axis=0)
        found[name] = float(covered.min()), float((chance * (high - low)).sum(axis=0).mean())
    return found


def shares(n: int) -> Found:
    """Every outcome of n answers counted, for shares from one half to 0.99."""
    x = np.arange(n + 1)
    chance = binom.pmf(x, n, SHARES[:, None])
    found = {}
    for name, method in SHARE_METHODS.items():
        low, high = method(x, n)
        covered = (chance * ((low <= SHARES[:, None]) & (SHARES[:, None] <= high))).sum(axis=1)
        found[name] = float(covered.min()), float((chance * (high - low)).sum(axis=1).mean())
    return found


def means(n: int) -> Found:
    """Samples of the printed shapes of a scale of seven levels."""
    covered: dict[str, list[float]] = {"pseudo_t": [], "t": []}
    widths: dict[str, list[float]] = {"pseudo_t": [], "t": []}
    for percent in SHAPES.values():
        rng = np.random.default_rng([SEED, n, *percent])
        counts = rng.multinomial(n, np.array(percent) / 100, RUNS)
        mean = counts @ LEVELS / n
        spread = (counts * (LEVELS - mean[:, None]) ** 2).sum(axis=1) / (n - 1)
        plain = t_interval(mean, np.sqrt(spread / n), n - 1)
        truth = np.array(percent) @ LEVELS / 100
        for name, limits in (("pseudo_t", pseudo_t(counts / n, LEVELS, n)), ("t", plain)):
            low, high = limits
            covered[name].append(float(((low <= truth) & (truth <= high)).mean()))
            widths[name].append(float((high - low).mean()))
    return {name: (min(covered[name]), float(np.mean(widths[name]))) for name in covered}


CASES = {
    "score": (balances, 0.93),
    "mid_p": (shares, 0.91),
    "pseudo_t": (means, 0.935 - 3 * np.sqrt(0.935 * 0.065 / RUNS)),
}


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("default", CASES)
def test_hardly_wider_than_the_narrowest(default: str, n: int) -> None:
    """The width, averaged over the shapes, is within 8 % of the narrowest that holds the bar."""
    measure, bar = CASES[default]
    found = measure(n)
    told = ", ".join(f"{name} {lowest:.3f}/{width:.4f}" for name, (lowest, width) in found.items())
    sys.stdout.write(f"{default} n={n}: lowest coverage/mean width of {told}\n")
    assert found[default][0] >= bar
    narrowest = min(width for lowest, width in found.values() if lowest >= bar)
    assert found[default][1] <= MOST * narrowest
