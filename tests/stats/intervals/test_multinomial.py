"""Limits of the balance of plus and minus."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as scipy_stats

from cxm_core.stats import BALANCE_METHODS, Limits, bonett_price, score_interval, wald

METHOD = pytest.mark.parametrize("method", BALANCE_METHODS.values(), ids=BALANCE_METHODS)
HONEST = pytest.mark.parametrize("method", [score_interval, bonett_price])
N = st.floats(0.5, 1e6)
SHARE = st.floats(0, 1)
LEVEL = st.sampled_from([0.8, 0.9, 0.95, 0.99, 0.9999])


def score_by_search(plus: int, minus: int, n: int, *, level: float) -> tuple[float, float]:
    """The same limits the slow way: maximise the likelihood, then look for the test's edges."""
    z = scipy_stats.norm.ppf(0.5 + level / 2)

    def statistic(trial: float) -> float:
        low = max(0.0, -trial)
        high = (1 - trial) / 2
        rest = n - plus - minus

        def surprise(share: float) -> float:
            shares = np.array([share + trial, share, 1 - 2 * share - trial])
            counts = np.array([plus, minus, rest])
            shares = np.maximum(shares, 1e-300)
            return -float((counts * np.log(shares)).sum())

        found = optimize.minimize_scalar(
            surprise, bounds=(low, high), method="bounded", options={"xatol": 1e-12}
        )
        variance = (2 * found.x + trial - trial**2) / n
        return ((plus - minus) / n - trial) / np.sqrt(max(variance, 1e-300))

    balance = (plus - minus) / n
    ends = (-1 + 1e-9, balance - 1e-6), (balance + 1e-6, 1 - 1e-9)
    low = optimize.brentq(lambda t: statistic(t) - z, *ends[0], xtol=1e-10)
    high = optimize.brentq(lambda t: statistic(t) + z, *ends[1], xtol=1e-10)
    return low, high


class TestByHand:
    @METHOD
    def test_no_answers(self, method: Callable[..., Limits]) -> None:
        """Of nobody there are no limits, and no warning."""
        low, high = method([0.0, 1.0], [0.0, 1.0], [0.0, 4.0])
        assert np.isnan([low[0], high[0]]).all()
        assert np.isfinite([low[1], high[1]]).all()
        for unknown in ((np.nan, 1.0, 4.0), (1.0, np.nan, 4.0), (1.0, 1.0, np.nan)):
            assert np.isnan(method(*unknown)).all()

    def test_all_neutral(self) -> None:
        """If nobody takes a side the limit is where z**2 / (n + z**2) take one."""
        z2 = scipy_stats.norm.ppf(0.975) ** 2
        low, high = score_interval(0, 0, 10)
        assert float(high) == pytest.approx(z2 / (10 + z2), abs=1e-12)
        assert float(low) == -float(high)

    def test_wald_shows_its_fault(self) -> None:
        """The plain formula claims to be certain after three answers."""
        assert [float(limit) for limit in wald(3, 0, 3)] == [1.0, 1.0]

    def test_many_groups_are_fast_enough_to_be_vectorised(self) -> None:
        """A hundred thousand groups of very different sizes find limits around their balance."""
        rng = np.random.default_rng(20261121)
        n = rng.integers(1, 10_000, 100_000)
        plus = rng.integers(0, n + 1)
        minus = rng.integers(0, n - plus + 1)
        low, high = score_interval(plus, minus, n)
        balance = (plus - minus) / n
        assert np.all((low <= balance) & (balance <= high) & (low < high))

    @pytest.mark.parametrize(
        ("plus", "minus", "n"),
        [
            (8.24843994779466, 2.7365340723824087e-08, 8.248449028951766),
            (88.99379676747643, 5.756516561429843e-05, 88.99398676313308),
            (414.3919261940309, 0.0002521986831595546, 414.3922176074028),
        ],
    )
    def test_hardly_any_weight_against(self, plus: float, minus: float, n: float) -> None:
        """Next to nothing against a side moves the limits next to nothing."""
        found = score_interval([plus, minus], [minus, plus], n)
        full = score_interval([n, 0.0], [0.0, n], n)
        np.testing.assert_allclose(found, full, rtol=0, atol=1e-5)

    def test_a_thousand_million_answers(self) -> None:
        """One answer off the end, the limits have their digits still (found with sixty digits)."""
        low, high = score_interval(10**9 - 1, 0, 10**9)
        assert 1 - float(low) == pytest.approx(8.682917506e-9, rel=1e-6)
        assert 1 - float(high) == pytest.approx(1.765245e-10, rel=1e-6)


class TestByLaw:
    @HONEST
    @given(share=SHARE, part=SHARE, n=st.floats(1, 1e6), level=LEVEL)
    def test_in_range_around_the_balance(
        self, method: Callable[..., Limits], share: float, part: float, n: float, level: float
    ) -> None:
        """Never outside -1 to 1, never of width zero, always around the balance."""
        plus, minus = share * n, part * (1 - share) * n
        low, high = method(plus, minus, n, confidence_level=level)
        balance = (plus - minus) / n
        assert -1.0 <= low <= balance + 1e-9
        assert balance - 1e-9 <= high <= 1.0
        assert high - low > 1e-6

    @given(share=SHARE, part=SHARE, n=st.floats(1e-6, 1e15), level=st.floats(1e-15, 1 - 1e-15))
    def test_never_farther_than_the_widest(
        self, share: float, part: float, n: float, level: float
    ) -> None:
        """A score limit is found at any level, and no farther off than if half were on each end."""
        plus, minus = share * n, part * (1 - share) * n
        low, high = score_interval(plus, minus, n, confidence_level=level)
        widest = scipy_stats.norm.isf((1 - level) / 2) / np.sqrt(n) + 1e-8
        assert max(-1.0, (plus - minus) / n - widest) <= low
        assert high <= min(1.0, (plus - minus) / n + widest)

    @METHOD
    @given(share=SHARE, part=SHARE, n=N)
    def test_mirror(
        self, method: Callable[..., Limits], share: float, part: float, n: float
    ) -> None:
        """When plus and minus change places, so do the limits."""
        plus, minus = share * n, part * (1 - share) * n
        one, two = method(plus, minus, n), method(minus, plus, n)
        assert (float(one.low), float(one.high)) == (-float(two.high), -float(two.low))

    @METHOD
    @given(share=SHARE, part=SHARE, n=N)
    def test_more_confidence_is_wider(
        self, method: Callable[..., Limits], share: float, part: float, n: float
    ) -> None:
        """A higher level never gives narrower limits."""
        plus, minus = share * n, part * (1 - share) * n
        wide, narrow = (method(plus, minus, n, confidence_level=c) for c in (0.99, 0.9))
        assert wide.low <= narrow.low + 1e-12
        assert wide.high >= narrow.high - 1e-12

    @given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
    def test_zero_is_inside_if_the_test_keeps_it(self, plus: int, minus: int, rest: int) -> None:
        """The limits leave zero out when McNemar's test without correction refuses it."""
        n = plus + minus + rest
        assume(plus + minus)
        low, high = score_interval(plus, minus, n)
        statistic = (plus - minus) ** 2 / (plus + minus)
        critical = scipy_stats.chi2.ppf(0.95, 1)
        assume(abs(statistic - critical) > 1e-6)
        assert (low < 0 < high) == (statistic < critical)


class TestByReference:
    @pytest.mark.parametrize(
        ("method", "minus", "neutral", "plus", "expected", "tolerance"),
        [
            # Tango 1998, Stat. Med. 17:891, table VII.
            (score_interval, 3, 20, 9, (-0.027, 0.39), 6e-4),
            # Agresti & Min 2005, Stat. Med. 24:729.
            (score_interval, 8, 62, 16, (-0.02, 0.207), 6e-4),
            # Chang 2024, as quoted in the tests of the R package ratesci.
            (score_interval, 2, 75, 25, (0.139, 0.321), 6e-4),
            # Fagerland, Lydersen & Laake, Statistical Analysis of Contingency Tables, ch. 8.
            (score_interval, 3, 0, 0, (-1.0, 0.123), 1e-4),
            (wald, 16, 139, 6, (-0.1184, -0.0058), 1e-4),
            # Fagerland et al. 2014, as quoted in the tests of ratesci.
            (wald, 7, 13, 1, (-0.52, -0.052), 6e-4),
            # Agresti, Categorical Data Analysis, second edition, section 10.1.
            (wald, 86, 1364, 150, (0.021, 0.059), 6e-4),
        ],
    )
    def test_published(
        self,
        method: Callable[..., Limits],
        minus: int,
        neutral: int,
        plus: int,
        expected: tuple[float, float],
        tolerance: float,
    ) -> None:
        """Every published digit is reproduced."""
        found = method(plus, minus, minus + neutral + plus)
        assert [float(limit) for limit in found] == pytest.approx(expected, abs=tolerance)

    @pytest.mark.parametrize(
        ("plus", "minus", "n"),
        [(9, 3, 32), (1, 0, 10), (4, 4, 10), (0, 2, 30), (48, 48, 100), (90, 1, 100), (1, 1, 500)],
    )
    @pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
    def test_likelihood_by_search(self, plus: int, minus: int, n: int, level: float) -> None:
        """Maximising the likelihood by search leads to the same limits."""
        found = score_interval(plus, minus, n, confidence_level=level)
        expected = score_by_search(plus, minus, n, level=level)
        assert [float(limit) for limit in found] == pytest.approx(expected, abs=1e-6)

    def test_bonett_price_by_hand(self) -> None:
        """Bonett & Price 2012: one plus and one minus added, then the plain formula of n + 2."""
        low, high = bonett_price(63, 12, 100)
        p, q = 64 / 102, 13 / 102
        half = scipy_stats.norm.ppf(0.975) * np.sqrt((p + q - (p - q) ** 2) / 102)
        assert (float(low), float(high)) == pytest.approx((p - q - half, p - q + half), abs=1e-12)

    def test_shared_cases(self, shared: Path) -> None:
        """All reference cases of one balance, to their tolerance."""
        cases = json.loads((shared / "cases" / "statistics.json").read_text())["cases"]
        checked = 0
        for case in cases:
            given, expected = case["inputs"], case["expected"]
            method = BALANCE_METHODS.get(given.get("method", ""))
            if case["area"] != "nps" or method is None or "passives" not in given:
                continue
            n = given["detractors"] + given["passives"] + given["promoters"]
            low, high = method(
                given["promoters"], given["detractors"], n, confidence_level=given["confidence"]
            )
            tolerance = case["tolerance"]["abs"]
            assert float(low) == pytest.approx(expected["lower"], abs=tolerance), case["id"]
            assert float(high) == pytest.approx(expected["upper"], abs=tolerance), case["id"]
            checked += 1
        assert checked >= 7
