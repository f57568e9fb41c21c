"""Limits of the difference of two independent estimates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import confint_proportions_2indep

from cxm_core.stats import (
    fieller,
    mover,
    mover_ratio,
    score_interval,
    wald,
    welch,
    welch_test,
    wilson,
)

SHARE = st.floats(0, 1)
COUNT = st.integers(1, 300)


class TestByHand:
    def test_pythagoras(self) -> None:
        """Distances to the limits that face each other add up as the sides of a right angle."""
        low, high = mover((10.0, 7.0, 15.0), (4.0, 3.0, 8.0))
        assert float(low) == 6.0 - np.hypot(3.0, 4.0)
        assert float(high) == 6.0 + np.hypot(5.0, 1.0)

    def test_unknown_limits(self) -> None:
        """Where one of the two has no limits, the difference has none."""
        assert np.isnan(mover((1.0, np.nan, np.nan), (1.0, 0.0, 2.0))).all()


class TestByLaw:
    @given(COUNT, COUNT, SHARE, SHARE)
    def test_against_the_other_way_round(self, n1: int, n2: int, p1: float, p2: float) -> None:
        """Taken the other way round, the limits change sides and sign."""
        a, b = ((p, *score_interval(p * n, 0, n)) for p, n in ((p1, n1), (p2, n2)))
        one, two = mover(a, b), mover(b, a)
        assert float(one.low) == pytest.approx(-float(two.high), abs=1e-12)
        assert float(one.high) == pytest.approx(-float(two.low), abs=1e-12)

    @given(COUNT, SHARE, st.floats(-1, 1))
    def test_against_what_is_known(self, n: int, share: float, known: float) -> None:
        """Against a number that is known, the limits are the estimate's own, moved."""
        a = (share, *wilson(share * n, n))
        low, high = mover(a, (known, known, known))
        assert float(low) == pytest.approx(min(float(a[1]), share) - known, abs=1e-9)
        assert float(high) == pytest.approx(max(float(a[2]), share) - known, abs=1e-9)


class TestByReference:
    def test_newcombe(self) -> None:
        """Newcombe 1998, Stat. Med. 17:873, table II, method 10: 5 of 56 against 0 of 29."""
        low, high = mover((5 / 56, *wilson(5, 56)), (0.0, *wilson(0, 29)))
        assert (float(low), float(high)) == pytest.approx((-0.0381, 0.1926), abs=5e-5)

    @given(COUNT, COUNT, SHARE, SHARE)
    def test_statsmodels(self, n1: int, n2: int, p1: float, p2: float) -> None:
        """The hybrid interval of statsmodels is the one from two Wilson intervals."""
        x1, x2 = round(p1 * n1), round(p2 * n2)
        expected = confint_proportions_2indep(x1, n1, x2, n2, method="newcomb")
        found = mover((x1 / n1, *wilson(x1, n1)), (x2 / n2, *wilson(x2, n2)))
        assert [float(limit) for limit in found] == pytest.approx(expected, abs=1e-9)

    def test_two_plain_balances(self) -> None:
        """From two plain intervals comes the plain interval: R package NPS 2.0.999, nps_test."""
        a, b = (
            ((plus - minus) / n, *wald(plus, minus, n))
            for plus, minus, n in ((63, 12, 100), (80, 30, 150))
        )
        found = [float(limit) for limit in mover(a, b)]
        assert found == pytest.approx((-0.009758243299331, 0.3630915766327), abs=1e-10)


class TestWelch:
    def test_endless_degrees_of_freedom(self) -> None:
        """Without end, Student's t is the normal distribution; a known number has no error."""
        low, high = welch((0.5, 0.1, np.inf), (0.0, 0.0, np.inf))
        assert (float(low), float(high)) == pytest.approx((0.5 - 0.1959964, 0.5 + 0.1959964))

    @given(
        st.lists(st.floats(-5, 5), min_size=2, max_size=40).filter(lambda x: np.ptp(x) > 1e-3),
        st.lists(st.floats(-5, 5), min_size=2, max_size=40).filter(lambda x: np.ptp(x) > 1e-3),
    )
    def test_scipy(self, a: list[float], b: list[float]) -> None:
        """SciPy's test of two means with unequal spreads has the same limits and p-value."""
        sides = [(np.mean(x), np.std(x, ddof=1) / np.sqrt(len(x)), len(x) - 1) for x in (a, b)]
        theirs = scipy_stats.ttest_ind(a, b, equal_var=False)
        wanted = theirs.confidence_interval()
        found = [float(limit) for limit in welch(*sides)]
        assert found == pytest.approx([wanted.low, wanted.high], abs=1e-8)
        statistic, p_value = welch_test(*sides)
        assert float(statistic) == pytest.approx(theirs.statistic, abs=1e-8)
        assert float(p_value) == pytest.approx(theirs.pvalue, abs=1e-8)


class TestMoverRatio:
    def test_a_known_number_below(self) -> None:
        """Divided by a number that is known, the limits are divided by it."""
        low, high = mover_ratio((6.0, 5.0, 8.0), (2.0, 2.0, 2.0))
        assert (float(low), float(high)) == pytest.approx((2.5, 4.0))

    def test_below_may_be_zero(self) -> None:
        """Where the number below may be zero, the ratio has no upper limit."""
        low, high = mover_ratio((6.0, 5.0, 8.0), (2.0, 0.0, 3.0))
        assert 0 < float(low) < 3
        assert np.isnan(high)

    @given(st.floats(1, 50), st.floats(0.1, 1), st.floats(1, 50), st.floats(0.1, 0.9))
    def test_fieller_where_both_are_symmetric(
        self, a: float, da: float, b: float, db: float
    ) -> None:
        """For symmetric intervals it is Fieller's theorem."""
        z = float(scipy_stats.norm.ppf(0.975))
        found = mover_ratio((a, a - da * a, a + da * a), (b, b - db * b, b + db * b))
        variances = (da * a / z) ** 2, (db * b / z) ** 2
        wanted = fieller((a, variances[0]), (b, variances[1]), 1e12)
        np.testing.assert_allclose(found.high, wanted.high, rtol=1e-6)
        np.testing.assert_allclose(found.low, np.maximum(wanted.low, 0), rtol=1e-6, atol=1e-9)
