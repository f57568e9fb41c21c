"""Tests of order, and of a trend."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from cxm_core.errors import UsageError
from cxm_core.stats import brunner_munzel, share_trend

GROUP = st.lists(st.integers(0, 10), min_size=3, max_size=40)


class TestByHand:
    def test_no_overlap(self) -> None:
        """Where every answer lies above, the probability is one and has no interval."""
        found = brunner_munzel([1, 1, 2], [3, 4, 5])
        assert (found.value, found.p_value) == (1.0, 0.0)
        assert np.isnan([found.low, found.high]).all()

    def test_all_alike(self) -> None:
        """Where all answers are equal, neither group tends to be above."""
        found = brunner_munzel([3, 3], [3, 3])
        assert (found.value, found.statistic, found.p_value) == (0.5, 0.0, 1.0)

    def test_flat(self) -> None:
        """Equal shares have no trend."""
        assert share_trend([5, 10, 15], [10, 20, 30]).p_value == pytest.approx(1.0)

    @pytest.mark.parametrize("group", [[1], [1, np.nan]])
    def test_too_few(self, group: list[float]) -> None:
        """One answer, or one that is no number, is refused."""
        with pytest.raises(UsageError, match="A group has"):
            brunner_munzel(group, [1, 2, 3])

    def test_more_than_all(self) -> None:
        """A count above its n is refused, and so is a single share."""
        with pytest.raises(UsageError, match="lies outside"):
            share_trend([5, 3], [4, 4])
        with pytest.raises(UsageError, match="at least two"):
            share_trend([5], [6])


class TestByLaw:
    @given(GROUP, GROUP)
    def test_the_other_way_round(self, a: list[int], b: list[int]) -> None:
        """Turned round, the probability is what is left to one."""
        one, two = brunner_munzel(a, b), brunner_munzel(b, a)
        assert one.value == pytest.approx(1 - two.value)
        assert one.p_value == pytest.approx(two.p_value, abs=1e-9)

    @given(GROUP, GROUP)
    def test_only_the_order_counts(self, a: list[int], b: list[int]) -> None:
        """A scale stretched without changing its order changes nothing."""
        stretched = [[x**3 + x for x in group] for group in (a, b)]
        assert brunner_munzel(*stretched).value == brunner_munzel(a, b).value

    @given(GROUP, GROUP)
    def test_what_the_value_is(self, a: list[int], b: list[int]) -> None:
        """It is the share of pairs in which the second is larger, ties counted half."""
        gap = np.subtract.outer(np.array(b), np.array(a))
        wanted = (gap > 0).mean() + (gap == 0).mean() / 2
        assert brunner_munzel(a, b).value == pytest.approx(wanted)


class TestByReference:
    @given(GROUP, GROUP)
    def test_scipy(self, a: list[int], b: list[int]) -> None:
        """SciPy's test has the same statistic and p-value, where it has one."""
        ours = brunner_munzel(a, b)
        if np.isfinite(ours.df):
            theirs = scipy_stats.brunnermunzel(a, b)
            assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-9)
            assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-9)

    def test_r(self) -> None:
        """The example of R's prop.trend.test."""
        found = share_trend([83, 90, 129, 70], [86, 93, 136, 82])
        assert (found.statistic, found.p_value) == pytest.approx((8.2249, 0.004132), abs=5e-5)
