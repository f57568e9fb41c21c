"""Intervals of a balance really cover: every outcome counted, nothing simulated."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.stats import multinomial

from calibration_shapes import MIXES
from cxm_core.stats import BALANCE_METHODS

pytestmark = pytest.mark.slow


def exact_coverage(method: str, n: int) -> dict[str, float]:
    """Probability that the limits hold the true balance, for every mix."""
    minus, plus = (counts.ravel() for counts in np.meshgrid(np.arange(n + 1), np.arange(n + 1)))
    is_possible = minus + plus <= n
    minus, plus = minus[is_possible], plus[is_possible]
    outcomes = np.stack([minus, n - minus - plus, plus], axis=1)
    low, high = BALANCE_METHODS[method](plus, minus, n)
    covered = {}
    for mix, percent in MIXES.items():
        shares = np.array(percent) / 100
        truth = shares[2] - shares[0]
        weight = multinomial.pmf(outcomes, n, shares)
        covered[mix] = float(weight[(low <= truth) & (truth <= high)].sum())
    return covered


def told(covered: dict[str, float]) -> str:
    """Return the lowest figure and all of them."""
    each = ", ".join(f"{mix} {share:.3f}" for mix, share in covered.items())
    return f"lowest {min(covered.values()):.4f}; {each}"


@pytest.mark.parametrize("n", [10, 20, 30, 50, 100, 300])
def test_score_covers(n: int) -> None:
    """The score interval holds the truth in at least 93 of 100 samples, for every mix."""
    covered = exact_coverage("score", n)
    sys.stdout.write(f"score n={n}: {told(covered)}\n")
    assert min(covered.values()) >= 0.93, covered


@pytest.mark.parametrize("n", [10, 20, 30, 50, 100])
def test_bonett_price_covers(n: int) -> None:
    """The closed form holds the truth in at least 91 of 100 samples, for every mix."""
    covered = exact_coverage("bonett_price", n)
    sys.stdout.write(f"bonett_price n={n}: {told(covered)}\n")
    assert min(covered.values()) >= 0.91, covered


def test_wald_does_not() -> None:
    """The usual formula fails where most count plus: 0.454 of the nominal 0.95 at thirty."""
    assert exact_coverage("wald", 30)["ceiling"] == pytest.approx(0.4542, abs=1e-3)
