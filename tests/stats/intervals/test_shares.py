"""Limits of a share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import proportion_confint

from cxm_core.stats import (
    SHARE_METHODS,
    Limits,
    agresti_coull,
    clopper_pearson,
    jeffreys,
    mid_p,
    wilson,
)

METHOD = pytest.mark.parametrize("method", SHARE_METHODS.values(), ids=SHARE_METHODS)
N = st.floats(0.5, 1e5)
SHARE = st.floats(0, 1)
LEVEL = st.sampled_from([0.8, 0.9, 0.95, 0.99])


class TestByHand:
    def test_nobody_of_twenty(self) -> None:
        """Half of (1 - p) ** 20 is as rare as 0.025 at 0.1391."""
        low, high = mid_p(0, 20)
        assert float(low) == 0.0
        assert float(high) == pytest.approx(1 - 0.05 ** (1 / 20), abs=1e-12)

    def test_all_of_twenty(self) -> None:
        """Everybody is the mirror image of nobody."""
        low, high = mid_p(20, 20)
        assert float(high) == 1.0
        assert float(low) == pytest.approx(0.05 ** (1 / 20), abs=1e-12)

    def test_one_of_one(self) -> None:
        """A single answer leaves nearly everything open: half of p is 0.025 at 0.05."""
        assert mid_p(1, 1).low == pytest.approx(0.05, abs=1e-12)

    @METHOD
    def test_no_answers(self, method: Callable[..., Limits]) -> None:
        """Of nobody there are no limits, and no warning."""
        low, high = method([0.0, 1.0], [0.0, 2.0])
        assert np.isnan([low[0], high[0]]).all()
        assert np.isfinite([low[1], high[1]]).all()

    @METHOD
    def test_unknown_number(self, method: Callable[..., Limits]) -> None:
        """Where a count or the effective number is not known, neither are the limits."""
        for unknown in ((np.nan, 4.0), (1.0, np.nan)):
            assert np.isnan(method(*unknown)).all()


class TestByLaw:
    @METHOD
    @given(share=SHARE, n=N, level=LEVEL)
    def test_in_range_around_the_share(
        self, method: Callable[..., Limits], share: float, n: float, level: float
    ) -> None:
        """Limits lie in 0 to 1, on either side of the share, and never meet."""
        low, high = method(share * n, n, confidence_level=level)
        assert 0.0 <= low <= share * (1 + 1e-9)
        assert share * (1 - 1e-9) <= high <= 1.0
        assert low < high

    @METHOD
    @given(share=SHARE, n=N)
    def test_mirror(self, method: Callable[..., Limits], share: float, n: float) -> None:
        """Those who count and those who do not are mirror images."""
        x = share * n
        one, two = method(x, n), method(n - x, n)
        assert one.low == pytest.approx(1 - two.high, abs=1e-9)
        assert one.high == pytest.approx(1 - two.low, abs=1e-9)

    @METHOD
    @given(share=SHARE, n=N)
    def test_more_confidence_is_wider(
        self, method: Callable[..., Limits], share: float, n: float
    ) -> None:
        """A higher level never gives narrower limits."""
        wide, narrow = (method(share * n, n, confidence_level=c) for c in (0.99, 0.9))
        assert wide.low <= narrow.low + 1e-12
        assert wide.high >= narrow.high - 1e-12

    @given(n=st.floats(1, 500), share=SHARE, step=st.floats(0, 1))
    def test_mid_p_grows_with_the_count(self, n: float, share: float, step: float) -> None:
        """Between whole numbers too, more that count means higher limits."""
        x = share * n
        one, two = mid_p(x, n), mid_p(min(x + step, n), n)
        assert two.low >= one.low - 1e-12
        assert two.high >= one.high - 1e-12

    @given(n=st.integers(1, 300), share=SHARE)
    def test_mid_p_is_continuous_at_whole_numbers(self, n: int, share: float) -> None:
        """A hair beside a whole number, the limits are a hair away."""
        x = round(share * n)
        exact = mid_p(x, n)
        beside = mid_p(min(x + 1e-7, n), n + 1e-7)
        assert beside.low == pytest.approx(exact.low, abs=1e-6)
        assert beside.high == pytest.approx(exact.high, abs=1e-6)

    @given(share=SHARE, n=N, level=LEVEL)
    def test_mid_p_lies_within_clopper_pearson(self, share: float, n: float, level: float) -> None:
        """Counting half of what was seen is bolder than counting all of it."""
        inner = mid_p(share * n, n, confidence_level=level)
        outer = clopper_pearson(share * n, n, confidence_level=level)
        assert outer.low - 1e-12 <= inner.low
        assert inner.high <= outer.high + 1e-12


class TestByReference:
    @pytest.mark.parametrize(
        ("method", "x", "n", "expected"),
        [
            # Newcombe 1998, Stat. Med. 17:857, table I.
            (wilson, 81, 263, (0.2553, 0.3662)),
            (clopper_pearson, 81, 263, (0.2527, 0.3676)),
            (clopper_pearson, 15, 148, (0.0578, 0.1617)),
            (wilson, 0, 20, (0.0, 0.1611)),
            (mid_p, 0, 20, (0.0, 0.1391)),
            (clopper_pearson, 1, 29, (0.0009, 0.1776)),
            # Fagerland, Lydersen & Laake, Statistical Analysis of Contingency Tables, ch. 2.
            (wilson, 13, 16, (0.5699, 0.9341)),
            (jeffreys, 13, 16, (0.5792, 0.9442)),
        ],
    )
    def test_published(
        self,
        method: Callable[..., Limits],
        x: int,
        n: int,
        expected: tuple[float, float],
    ) -> None:
        """Every published digit is reproduced."""
        assert [float(limit) for limit in method(x, n)] == pytest.approx(expected, abs=1e-4)

    def test_mid_p_against_binomial_tails(self) -> None:
        """SciPy's binomial, half the point left out, is as rare as it should be at each limit."""
        for n in (1, 7, 30, 211):
            for x in range(n + 1):
                low, high = mid_p(x, n, confidence_level=0.9)

                def above(share: float, x: int = x, n: int = n) -> float:
                    law = scipy_stats.binom(n, share)
                    return float(law.sf(x) + law.pmf(x) / 2)

                if x:
                    expected = optimize.brentq(lambda p: above(p) - 0.05, 0, 1, xtol=1e-13)
                    assert low == pytest.approx(expected, abs=1e-10)
                if x < n:
                    expected = optimize.brentq(lambda p: above(p) - 0.95, 0, 1, xtol=1e-13)
                    assert high == pytest.approx(expected, abs=1e-10)

    @pytest.mark.parametrize(
        ("method", "theirs"),
        [(wilson, "wilson"), (agresti_coull, "agresti_coull"), (clopper_pearson, "beta")],
    )
    @given(n=st.integers(1, 500), share=SHARE, level=LEVEL)
    def test_statsmodels(
        self, method: Callable[..., Limits], theirs: str, n: int, share: float, level: float
    ) -> None:
        """The statsmodels package finds the same limits."""
        x = round(share * n)
        expected = proportion_confint(x, n, alpha=1 - level, method=theirs)
        # Its formulas may step outside 0 to 1, or miss the ends by rounding.
        expected = np.clip(np.array(expected, dtype=float), 0, 1)
        found = [float(limit) for limit in method(x, n, confidence_level=level)]
        assert found == pytest.approx(expected, abs=1e-9)

    def test_statsmodels_jeffreys(self) -> None:
        """Inside the range the limits are quantiles of the beta distribution, as in statsmodels."""
        expected = proportion_confint(98, 100, method="jeffreys")
        assert [float(limit) for limit in jeffreys(98, 100)] == pytest.approx(expected, abs=1e-10)
        assert expected == pytest.approx((0.9373941512, 0.9958211876), abs=1e-9)

    @given(n=st.integers(2, 500), share=SHARE, level=LEVEL)
    def test_statsmodels_jeffreys_of_any_share(self, n: int, share: float, level: float) -> None:
        """The same for any share but nought and one, where ours goes to the end of the range."""
        x = min(max(round(share * n), 1), n - 1)
        expected = proportion_confint(x, n, alpha=1 - level, method="jeffreys")
        found = [float(limit) for limit in jeffreys(x, n, confidence_level=level)]
        assert found == pytest.approx(expected, abs=1e-9)

    def test_scipy_exact(self) -> None:
        """SciPy's binomial test has the same Wilson and exact intervals."""
        for x in range(12):
            test = scipy_stats.binomtest(x, 11)
            for method, theirs in ((wilson, "wilson"), (clopper_pearson, "exact")):
                interval = test.proportion_ci(method=theirs)
                found = [float(limit) for limit in method(x, 11)]
                assert found == pytest.approx([interval.low, interval.high], abs=1e-9)

    def test_airport(self) -> None:
        """San Francisco airport 2017: 2,206 of 2,688 chose the two best of five."""
        low, high = wilson(2206, 2688)
        assert (float(low), float(high)) == pytest.approx((0.805728, 0.834726), abs=5e-7)

    def test_korn_graubard(self) -> None:
        """Clopper-Pearson at an effective number: R survey 4.1, svyciprop(method="beta")."""
        n = 17.966742642
        low, high = clopper_pearson(0.5174825174825 * n, n)
        assert (float(low), float(high)) == pytest.approx((0.2746176, 0.7544112), abs=1e-6)

    def test_shared_cases(self, shared: Path) -> None:
        """All reference cases of one share, to their tolerance."""
        cases = json.loads((shared / "cases" / "statistics.json").read_text())["cases"]
        checked = 0
        for case in cases:
            method = SHARE_METHODS.get(case["inputs"].get("method", ""))
            if method is None or "x" not in case["inputs"]:
                continue
            given, expected = case["inputs"], case["expected"]
            low, high = method(given["x"], given["n"], confidence_level=given["confidence"])
            tolerance = case["tolerance"]["abs"]
            assert float(low) == pytest.approx(expected["lower"], abs=tolerance), case["id"]
            assert float(high) == pytest.approx(expected["upper"], abs=tolerance), case["id"]
            checked += 1
        assert checked >= 9
