"""Quantiles and their ranks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from cxm_core.errors import UsageError
from cxm_core.stats import Sorted, quantile_test, rank_limits

VALUES = st.lists(st.integers(-50, 50), min_size=1, max_size=60)
Q = st.floats(0.02, 0.98)


class TestByHand:
    def test_groups(self) -> None:
        """Each group has its own median, halfway between two in the middle."""
        found = Sorted.of([3, 1, 2, 5, 4, 9, 9], np.array([0, 0, 0, 0, 1, 1, 1]), 3, None)
        assert found.at(np.full(3, 0.5)).tolist()[:2] == [2.5, 9.0]
        assert np.isnan(found.at(np.full(3, 0.5))[2])
        assert found.totals.tolist() == [4.0, 3.0, 0.0]

    def test_no_rank(self) -> None:
        """The 0.9 quantile needs 36 numbers for an upper limit, the median six for both."""
        low, high = rank_limits([35, 36], 0.9)
        assert np.isnan(high[0])
        assert np.ceil(high[1]) == 36
        low, high = rank_limits([5, 6], 0.5)
        assert np.isnan([low[0], high[0]]).all()
        assert (np.floor(low[1]), np.ceil(high[1])) == (1.0, 6.0)

    @pytest.mark.parametrize("q", [0.0, 1.0, 95])
    def test_no_quantile(self, q: float) -> None:
        """A quantile lies between 0 and 1."""
        with pytest.raises(UsageError, match="must lie between"):
            rank_limits(10, q)

    def test_weight_zero(self) -> None:
        """A row of weight zero is not there."""
        found = Sorted.of([1, 2, 9], np.zeros(3, int), 1, np.array([1.0, 1.0, 0.0]))
        assert found.at(np.array([0.5])).tolist() == [1.5]


class TestByLaw:
    @given(VALUES, Q)
    def test_weights_are_copies(self, values: list[int], q: float) -> None:
        """A weight of three is the same as three rows."""
        group = np.zeros(len(values), int)
        weighted = Sorted.of(values, group, 1, np.full(len(values), 3.0))
        copied = Sorted.of(values * 3, np.zeros(3 * len(values), int), 1, None)
        share = np.array([q])
        assert weighted.at(share) == copied.at(share)

    @given(
        st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 3), st.integers(0, 4))),
        st.tuples(Q, Q, Q, Q).map(sorted),
    )
    def test_a_part_says_the_same_within_its_ends(
        self, rows: list[tuple[int, int, int]], shares: list[float]
    ) -> None:
        """Rows between two shares find every limit between them, group by group, to the bit."""
        values, group, weights = np.array(rows, float).reshape(-1, 3).T
        whole = Sorted.of(values, group.astype(int), 4, weights)
        least, low, high, most = (np.full(4, share) for share in shares)
        part = whole.between(least, most)
        ends = [(one.last_up_to(low), one.first_from(high)) for one in (whole, part)]
        assert np.array_equal(*ends, equal_nan=True)
        for place in range(4):
            alone = part.select(place)
            end = (alone.last_up_to(low[:1])[0], alone.first_from(high[:1])[0])
            assert np.array_equal(end, np.array(ends[0])[:, place], equal_nan=True)

    @given(st.integers(1, 400), Q)
    def test_ranks_cover(self, n: int, q: float) -> None:
        """Rounded outwards, the ranks hold the quantile at least as often as promised."""
        low, high = (float(x) for x in rank_limits(n, q))
        law = scipy_stats.binom(n, q)
        below = 0.0 if np.isnan(low) else law.cdf(np.floor(low) - 1)
        above = 0.0 if np.isnan(high) else law.sf(np.ceil(high) - 1)
        assert below <= 0.025 + 1e-9
        assert above <= 0.025 + 1e-9

    @given(st.integers(1, 400), Q)
    def test_ranks_are_no_wider_than_needed(self, n: int, q: float) -> None:
        """One rank further in would miss too often."""
        low, high = (float(x) for x in rank_limits(n, q))
        law = scipy_stats.binom(n, q)
        inner = 1 if np.isnan(low) else np.floor(low) + 1
        assert inner > n or law.cdf(inner - 1) > 0.025 - 1e-9
        inner = n if np.isnan(high) else np.ceil(high) - 1
        assert inner < 1 or law.sf(inner - 1) > 0.025 - 1e-9


class TestByReference:
    @given(VALUES)
    def test_median(self, values: list[int]) -> None:
        """The median is NumPy's."""
        found = Sorted.of(values, np.zeros(len(values), int), 1, None)
        assert found.at(np.array([0.5]))[0] == np.median(values)

    @given(VALUES, Q)
    def test_averaged_inverse(self, values: list[int], q: float) -> None:
        """Other quantiles are NumPy's averaged inverse of the distribution function."""
        found = Sorted.of(values, np.zeros(len(values), int), 1, None)
        if abs(q * len(values) - round(q * len(values))) > 1e-6:
            wanted = np.quantile(values, q, method="averaged_inverted_cdf")
            assert found.at(np.array([q]))[0] == wanted

    def test_scipy(self) -> None:
        """SciPy's test of a quantile has the same limits of a median."""
        values = np.random.default_rng(7).normal(size=51)
        found = Sorted.of(values, np.zeros(51, int), 1, None)
        low, high = rank_limits(51, 0.5)
        theirs = scipy_stats.quantile_test(values, q=0, p=0.5).confidence_interval()
        assert found.last_up_to(np.floor(low) / 51) == theirs.low
        assert found.first_from(np.ceil(high) / 51) == theirs.high


class TestOfAQuantile:
    """A test of what a quantile is said to be."""

    @given(VALUES, Q, st.integers(-60, 60))
    def test_scipy(self, values: list[int], q: float, against: int) -> None:
        """The statistic and p-value of SciPy's quantile_test, whatever the ties."""
        found = quantile_test(values, q=q, against=against)
        wanted = scipy_stats.quantile_test(values, q=against, p=q)
        assert found.p_value == pytest.approx(wanted.pvalue, abs=1e-12)

    def test_all_above(self) -> None:
        """Ten of ten above what is said to be the median: two chances in 1,024."""
        found = quantile_test(range(1, 11), q=0.5, against=0)
        assert (found.statistic, found.p_value) == (0.0, pytest.approx(2 / 1024))

    @pytest.mark.parametrize(("values", "q"), [([1.0], 1.0), ([], 0.5), ([np.nan, 1.0], 0.5)])
    def test_refusals(self, values: list[float], q: float) -> None:
        """A share beyond all, no values, and values that are no numbers are refused."""
        with pytest.raises(UsageError):
            quantile_test(values, q=q, against=0.0)
