"""Bootstrap of the mean of a scale, without drawing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from cxm_core.errors import UsageError
from cxm_core.stats import lattice_bootstrap


class TestByHand:
    def test_all_alike(self) -> None:
        """Where all agree there is no width, which is what the method is warned of for."""
        low, high = lattice_bootstrap([[0.0, 0.0, 1.0]], [1, 2, 3], [20])
        assert (low.item(), high.item()) == (3.0, 3.0)

    def test_nobody(self) -> None:
        """Of less than half an answer nothing can be drawn."""
        assert np.isnan(lattice_bootstrap([[0.5, 0.5]], [0, 1], [0.4])).all()

    def test_levels_in_unequal_steps(self) -> None:
        """A scale without a step has no lattice; shares have to fit the levels."""
        with pytest.raises(UsageError, match="equal steps"):
            lattice_bootstrap([[0.2, 0.3, 0.5]], [0, 1, 2.5], [10])
        with pytest.raises(UsageError, match="do not fit"):
            lattice_bootstrap([0.5, 0.5], [0, 1], [10])

    def test_one_level(self) -> None:
        """A scale of one level has one mean."""
        assert lattice_bootstrap([[1.0]], [4], [10]).low.item() == 4.0


class TestByLaw:
    @given(st.integers(1, 300), st.floats(0, 1))
    def test_a_share_is_binomial(self, n: int, share: float) -> None:
        """Of two levels, the resampled mean is a binomial count."""
        low, high = lattice_bootstrap([[1 - share, share]], [0, 1], [n])
        law = scipy_stats.binom(n, share)
        for limit, tail in ((low, 0.025), (high, 0.975)):
            count = round(limit.item() * n)
            assert law.cdf(count) >= tail - 1e-9
            assert count == 0 or law.cdf(count - 1) <= tail + 1e-9

    @settings(max_examples=20)
    @given(st.integers(20, 200), st.integers(0, 2**32 - 1))
    def test_draws_come_near(self, n: int, seed: int) -> None:
        """What is drawn is within the noise of ten thousand draws of what is exact."""
        exact = lattice_bootstrap([[0.2, 0.3, 0.5]], [-1, 0, 1], [n])
        drawn = lattice_bootstrap([[0.2, 0.3, 0.5]], [-1, 0, 1], [n], seeds=[seed])
        np.testing.assert_allclose(drawn, exact, atol=0.08 / np.sqrt(n) + 1.0 / n)

    def test_the_expansion_meets_the_exact_one(self) -> None:
        """Beyond the longest sum, the expansion continues it to a part of the step."""
        sizes = [65_000, 66_000]
        exact, expanded = lattice_bootstrap([[0.05, 0.15, 0.8]] * 2, [-1, 0, 1], sizes).low
        scaled = 0.75 - (0.75 - exact) * np.sqrt(sizes[0] / sizes[1])
        assert expanded == pytest.approx(scaled, abs=3e-5)


class TestByReference:
    def test_scipy(self) -> None:
        """SciPy's percentile bootstrap of the same answers lies within its own noise."""
        answers = np.repeat([1, 2, 3, 4, 5], [2, 1, 4, 10, 13])
        theirs = scipy_stats.bootstrap(
            (answers,), np.mean, n_resamples=20_000, method="percentile", rng=7
        ).confidence_interval
        shares = np.bincount(answers, minlength=6)[1:] / 30
        low, high = lattice_bootstrap([shares], range(1, 6), [30])
        assert (low.item(), high.item()) == pytest.approx((theirs.low, theirs.high), abs=0.034)
