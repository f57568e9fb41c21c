"""Limits of a balance by the score test corrected for skewness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as scipy_stats

from cxm_core.stats import score_interval, skew_score

COUNT = st.integers(0, 60)


def by_search(plus: int, minus: int, n: int, level: float) -> tuple[float, float]:
    """The slow way: shares by minimising, skewness from the third moment, edges by bisection."""
    z = scipy_stats.norm.ppf(0.5 + level / 2)

    def corrected(trial: float) -> float:
        low, high = max(0.0, -trial), (1 - trial) / 2
        counts = np.array([plus, minus, n - plus - minus])

        def surprise(share: float) -> float:
            shares = np.maximum([share + trial, share, 1 - 2 * share - trial], 1e-300)
            return -float((counts * np.log(shares)).sum())

        share = optimize.minimize_scalar(
            surprise, bounds=(low, high), method="bounded", options={"xatol": 1e-13}
        ).x
        law = np.array([share + trial, share, 1 - 2 * share - trial])
        values = np.array([1.0, -1.0, 0.0]) - trial
        second, third = (law * values**2).sum() / n, (law * values**3).sum() / n**2
        a = third / (6 * second**1.5)
        distance = ((plus - minus) / n - trial) / np.sqrt(second)
        return float((-1 + np.sqrt(max(1 + 4 * a * (distance + a), 0))) / (2 * a))

    middle = (plus - minus) / n
    edges = (-1 + 1e-9, middle - 1e-4), (middle + 1e-4, 1 - 1e-9)
    found = [
        optimize.brentq(lambda t, s=sign: corrected(t) - s * z, *edge)
        for edge, sign in zip(edges, (1, -1), strict=True)
    ]
    return found[0], found[1]


class TestByHand:
    def test_all_alike_keep_a_width(self) -> None:
        """Whether all count plus, minus or neither, the limits do not meet."""
        low, high = skew_score([10, 0, 0], [0, 10, 0], [10, 10, 10])
        assert (high - low > 0.3).all()
        assert (low[1], high[0]) == (-1.0, 1.0)

    def test_a_small_sample_next_to_an_end(self) -> None:
        """One answer leaves nearly everything open."""
        low, high = skew_score(1, 0, 1)
        assert -1.0 <= low < -0.9
        assert high == 1.0


class TestByLaw:
    @given(COUNT, COUNT, COUNT)
    def test_around_the_balance(self, plus: int, minus: int, neither: int) -> None:
        """Limits lie on either side of the balance, within the scale."""
        n = plus + minus + neither + 1
        low, high = skew_score(plus, minus, n)
        assert -1.0 <= low <= (plus - minus) / n <= high <= 1.0
        assert low < high

    @given(st.integers(2_000, 10_000), st.integers(2_000, 10_000))
    def test_many_answers_have_no_skewness(self, plus: int, minus: int) -> None:
        """With thousands on either side the correction is next to nothing."""
        found, plain = (f(plus, minus, 25_000) for f in (skew_score, score_interval))
        np.testing.assert_allclose(found, plain, atol=2e-4)


class TestByReference:
    @pytest.mark.parametrize(
        ("plus", "minus", "n"), [(9, 3, 32), (25, 3, 36), (4, 4, 10), (45, 20, 100), (16, 8, 86)]
    )
    @pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
    def test_by_search(self, plus: int, minus: int, n: int, level: float) -> None:
        """Solving Laud's quadratic for the corrected statistic leads to the same limits."""
        found = skew_score(plus, minus, n, confidence_level=level)
        assert [float(x) for x in found] == pytest.approx(
            by_search(plus, minus, n, level), abs=1e-5
        )
