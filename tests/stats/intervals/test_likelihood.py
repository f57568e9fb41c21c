"""Limits by the ratio of likelihoods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as scipy_stats
from scipy.special import xlogy

from cxm_core.stats import balance_likelihood, share_likelihood, wilson

LEVEL = st.sampled_from([0.8, 0.95, 0.99])


class TestByHand:
    @pytest.mark.parametrize("n", [1, 7, 50])
    def test_nobody(self, n: int) -> None:
        """Nobody of n: (1 - p) ** n has sunk to exp(-z**2 / 2)."""
        low, high = share_likelihood(0, n)
        z = scipy_stats.norm.ppf(0.975)
        assert float(low) == 0.0
        assert float(high) == pytest.approx(1 - np.exp(-z * z / (2 * n)), abs=1e-12)

    def test_all_neutral(self) -> None:
        """If nobody takes a side, a balance of t is as likely as a share of t that do."""
        low, high = balance_likelihood(0, 0, 12)
        assert float(high) == pytest.approx(float(share_likelihood(0, 12).high), abs=1e-12)
        assert float(low) == -float(high)


class TestByLaw:
    @given(st.integers(1, 300), st.floats(0, 1), LEVEL)
    def test_the_limits_are_equally_likely(self, n: int, share: float, level: float) -> None:
        """At each limit the log-likelihood has fallen by half of z squared."""
        x = round(share * n)
        drop = scipy_stats.norm.ppf(0.5 + level / 2) ** 2 / 2

        def likely(p: float) -> float:
            return float(xlogy(x, p) + xlogy(n - x, 1 - p))

        low, high = (float(p) for p in share_likelihood(x, n, confidence_level=level))
        for limit in [low] * (x > 0) + [high] * (x < n):
            assert likely(x / n) - likely(limit) == pytest.approx(drop, rel=1e-6)

    @given(st.integers(500, 5_000))
    def test_many_answers(self, n: int) -> None:
        """With many answers it is the score interval."""
        np.testing.assert_allclose(share_likelihood(n // 3, n), wilson(n // 3, n), atol=2e-3)


class TestByReference:
    @pytest.mark.parametrize(("plus", "minus", "n"), [(9, 3, 32), (25, 3, 36), (1, 0, 10)])
    def test_profile_by_search(self, plus: int, minus: int, n: int) -> None:
        """The likelihood, maximised by search at each limit, is lower by half of z squared."""
        drop = scipy_stats.chi2.ppf(0.95, 1) / 2
        counts = np.array([plus, minus, n - plus - minus])
        top = float(xlogy(counts, counts / n).sum())

        def profile(trial: float) -> float:
            found = optimize.minimize_scalar(
                lambda d: (
                    -float(
                        xlogy(counts, np.maximum([d + trial, d, 1 - 2 * d - trial], 1e-300)).sum()
                    )
                ),
                bounds=(max(0.0, -trial), (1 - trial) / 2),
                method="bounded",
                options={"xatol": 1e-13},
            )
            return -float(found.fun)

        for limit in balance_likelihood(plus, minus, n):
            assert top - profile(float(limit)) == pytest.approx(drop, abs=1e-5)
