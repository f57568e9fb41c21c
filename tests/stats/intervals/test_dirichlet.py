"""Limits of the belief in a balance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from cxm_core.stats import dirichlet, dirichlet_moments

COUNT = st.integers(0, 200)


class TestByHand:
    def test_all_plus(self) -> None:
        """The balance itself is never left out, even at the end of the scale."""
        low, high = dirichlet(10, 0, 10)
        assert float(high) == 1.0
        assert 0.4 < float(low) < 0.7

    def test_no_neutral_answers_to_speak_of(self) -> None:
        """With a thousand times more on two sides than between them, it is a beta distribution."""
        low, high = dirichlet(30_000, 20_000, 50_000)
        wanted = 2 * scipy_stats.beta(30_000.5, 20_000.5).ppf([0.025, 0.975]) - 1
        assert [float(low), float(high)] == pytest.approx(wanted, abs=2e-5)


class TestByLaw:
    @settings(max_examples=6)
    @given(COUNT, COUNT, COUNT)
    def test_the_normal_approximation_is_near(self, plus: int, minus: int, neither: int) -> None:
        """Ends lie within some deviations of the mean, in the right order."""
        n = plus + minus + neither + 3
        mean, deviation = (float(x) for x in dirichlet_moments(plus, minus, n))
        low, high = (float(x) for x in dirichlet(plus, minus, n))
        assert mean - 5 * deviation <= low < high <= max(mean + 5 * deviation, (plus - minus) / n)


class TestByReference:
    @pytest.mark.parametrize(
        ("plus", "minus", "n"), [(25, 3, 36), (300, 299, 1000), (950, 40, 1000), (4, 1, 500)]
    )
    def test_draws(self, plus: int, minus: int, n: int) -> None:
        """A quarter of a million draws of the three shares lie where the limits say."""
        rng = np.random.default_rng(20261122)
        drawn = rng.dirichlet([plus + 0.5, minus + 0.5, n - plus - minus + 0.5], 250_000)
        for limit, below in zip(dirichlet(plus, minus, n), (0.025, 0.975), strict=True):
            found = float((drawn[:, 0] - drawn[:, 1] <= float(limit)).mean())
            assert found == pytest.approx(below, abs=5 * np.sqrt(0.025 * 0.975 / 250_000))

    def test_moments(self) -> None:
        """Mean and deviation are those of SciPy's Dirichlet distribution."""
        law = scipy_stats.dirichlet([25.5, 3.5, 8.5])
        spread = law.cov()
        mean, deviation = dirichlet_moments(25, 3, 36)
        assert float(mean) == pytest.approx(law.mean()[0] - law.mean()[1], abs=1e-12)
        wanted = np.sqrt(spread[0, 0] + spread[1, 1] - 2 * spread[0, 1])
        assert float(deviation) == pytest.approx(wanted, abs=1e-12)
