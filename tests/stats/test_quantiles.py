"""Quantiles for two-sided limits, seen through the intervals that use them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from cxm_core.errors import UsageError
from cxm_core.stats import BALANCE_METHODS, SHARE_METHODS, t_interval, wald


class TestByHand:
    @pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 95, float("nan")])
    def test_a_level_lies_between_none_and_all(self, level: float) -> None:
        """A level of confidence outside 0 to 1 is refused by every interval."""
        for method in SHARE_METHODS.values():
            with pytest.raises(UsageError):
                method(1, 2, confidence_level=level)
        for method in BALANCE_METHODS.values():
            with pytest.raises(UsageError):
                method(1, 1, 2, confidence_level=level)
        with pytest.raises(UsageError):
            t_interval(0.0, 1.0, 5, confidence_level=level)

    def test_percent_is_understood_and_refused(self) -> None:
        """Who writes 95 is told of 0.95."""
        with pytest.raises(UsageError) as caught:
            t_interval(0.0, 1.0, 5, confidence_level=95)
        assert caught.value.hint == "did you mean 0.95?"

    @pytest.mark.parametrize("df", [0, -1, np.nan])
    def test_no_freedom_no_limits(self, df: float) -> None:
        """Without degrees of freedom there are no limits, and no warning."""
        low, high = t_interval(1.0, 2.0, df)
        assert np.isnan([low, high]).all()


class TestByReference:
    @pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.999])
    @pytest.mark.parametrize("df", [1, 2.5, 30, 1e6])
    def test_student(self, level: float, df: float) -> None:
        """SciPy's distribution of t has the same quantiles."""
        low, high = t_interval(0.0, 1.0, df, confidence_level=level)
        expected = scipy_stats.t.interval(level, df)
        assert [float(low), float(high)] == pytest.approx(expected, rel=1e-9)

    @pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.999])
    def test_normal(self, level: float) -> None:
        """SciPy's normal distribution has the same quantiles."""
        low, high = wald(500, 500, 1000_000, confidence_level=level)
        half = (float(high) - float(low)) / 2 / np.sqrt(1000 / 1e12)
        assert half == pytest.approx(scipy_stats.norm.ppf(0.5 + level / 2), rel=1e-9)
