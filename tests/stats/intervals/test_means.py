"""Limits of the mean of a scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.weightstats import DescrStatsW

from cxm_core.errors import UsageError
from cxm_core.stats import pseudo_t, t_interval

COUNTS = st.lists(st.integers(0, 40), min_size=2, max_size=11).filter(any)
SEVEN = np.arange(1, 8)


class TestByHand:
    def test_all_at_the_top(self) -> None:
        """Ten answers of five: mean 5 - 2/11, variance of the eleven over ten, t with ten."""
        low, high = pseudo_t([0, 0, 0, 0, 1], [1, 2, 3, 4, 5], 10)
        centre = 5 - 2 / 11
        spread = (16 + 9 + 4 + 1) / 55 - (2 / 11) ** 2
        half = scipy_stats.t.ppf(0.975, 10) * np.sqrt(spread / 10)
        assert float(low) == pytest.approx(centre - half, abs=1e-12)
        assert float(high) == 5.0

    def test_no_answers(self) -> None:
        """Of nobody there are no limits, and no warning."""
        low, high = pseudo_t([[np.nan, np.nan], [0.5, 0.5]], [0, 1], [0, 4])
        assert np.isnan([low[0], high[0]]).all()
        assert np.isfinite([low[1], high[1]]).all()

    def test_shares_fit_the_levels(self) -> None:
        """One share for each level."""
        with pytest.raises(UsageError, match="do not fit"):
            pseudo_t([0.5, 0.5], [1, 2, 3], 10)

    def test_limits_are_read_only(self) -> None:
        """Nobody can change limits by accident."""
        assert not any(limit.flags.writeable for limit in pseudo_t([[0.5, 0.5]], [0, 1], [4]))


class TestByLaw:
    @given(COUNTS, st.floats(0.5, 0.99))
    def test_within_the_scale(self, counts: list[int], level: float) -> None:
        """Limits never leave the scale, and never meet."""
        shares = np.array(counts) / sum(counts)
        levels = np.arange(len(counts))
        low, high = pseudo_t(shares, levels, sum(counts), confidence_level=level)
        assert 0 <= low < high <= len(counts) - 1

    @given(COUNTS)
    def test_mirror(self, counts: list[int]) -> None:
        """A scale read backwards has mirrored limits."""
        shares, levels, n = np.array(counts) / sum(counts), np.arange(len(counts)), sum(counts)
        one, two = pseudo_t(shares, levels, n), pseudo_t(shares[::-1], levels, n)
        assert float(one.low) == pytest.approx(len(counts) - 1 - float(two.high), abs=1e-9)

    @given(COUNTS, st.floats(-50, 50), st.floats(0.1, 10))
    def test_other_units(self, counts: list[int], shift: float, factor: float) -> None:
        """Limits move with the values of the levels."""
        shares, levels, n = np.array(counts) / sum(counts), np.arange(len(counts)), sum(counts)
        one, two = pseudo_t(shares, levels, n), pseudo_t(shares, levels * factor + shift, n)
        assert two.low == pytest.approx(float(one.low) * factor + shift, abs=1e-9)
        assert two.high == pytest.approx(float(one.high) * factor + shift, abs=1e-9)

    def test_forgotten_in_large_samples(self) -> None:
        """With many answers the added one no longer matters."""
        shares = np.array([1, 2, 3, 5, 9, 25, 55]) / 100
        low, high = pseudo_t(shares, SEVEN, 1e8)
        mean = shares @ SEVEN
        error = np.sqrt(shares @ (SEVEN - mean) ** 2 / 1e8)
        assert float(low) == pytest.approx(mean - 1.959964 * error, abs=1e-6)
        assert float(high) == pytest.approx(mean + 1.959964 * error, abs=1e-6)


class TestByReference:
    @given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
    def test_statsmodels(self, counts: list[int], level: float) -> None:
        """The weighted t interval of statsmodels on the counts with one answer spread over them."""
        levels = np.arange(len(counts))
        added = DescrStatsW(levels, weights=np.array(counts) + 1 / len(counts))
        expected = np.clip(added.tconfint_mean(alpha=1 - level), 0, levels[-1])
        found = pseudo_t(
            np.array(counts) / sum(counts), levels, sum(counts), confidence_level=level
        )
        assert [float(limit) for limit in found] == pytest.approx(expected, abs=1e-9)

    def test_plain_t(self) -> None:
        """R 4.2 t.test of 12 minus, 25 neutral and 63 plus."""
        values = np.repeat([-1, 0, 1], [12, 25, 63])
        found = t_interval(values.mean(), values.std(ddof=1) / 10, 99)
        expected = (0.3704193302043, 0.6495806697957)
        assert [float(limit) for limit in found] == pytest.approx(expected, abs=1e-10)
