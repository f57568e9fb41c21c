"""Rates of events."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from cxm_core.errors import UsageError
from cxm_core.stats import poisson_rate


class TestByHand:
    def test_nothing_happened(self) -> None:
        """Without an event the upper limit is where exp(-rate) is 0.025."""
        low, high = poisson_rate(0, 100)
        assert float(low) == 0.0
        assert float(high) == pytest.approx(-np.log(0.025) / 100)

    def test_no_exposure(self) -> None:
        """In no time there is no rate."""
        assert np.isnan(poisson_rate(0, 0)).all()

    @pytest.mark.parametrize(("events", "exposure"), [(-1, 10), (1, -10)])
    def test_negative(self, events: float, exposure: float) -> None:
        """A negative number of events or time is refused."""
        with pytest.raises(UsageError, match="negative"):
            poisson_rate(events, exposure)


class TestByLaw:
    @given(st.integers(0, 500), st.floats(0.1, 100))
    def test_unit_of_time(self, events: int, exposure: float) -> None:
        """The rate in one unit is the count's, divided by the exposure."""
        np.testing.assert_allclose(
            poisson_rate(events, exposure), np.array(poisson_rate(events)) / exposure, rtol=1e-12
        )

    @pytest.mark.parametrize("rate", [0.3, 2.0, 11.7])
    def test_never_covers_too_seldom(self, rate: float) -> None:
        """Over all outcomes the limits hold the rate at least as often as promised."""
        events = np.arange(200)
        low, high = poisson_rate(events)
        held = scipy_stats.poisson.pmf(events, rate)[(low <= rate) & (rate <= high)].sum()
        assert held >= 0.95


class TestByReference:
    @given(st.integers(1, 1000), st.sampled_from([0.8, 0.95, 0.99]))
    def test_tails(self, events: int, level: float) -> None:
        """At the limits, SciPy's Poisson tails are as rare as they should be."""
        low, high = poisson_rate(events, confidence_level=level)
        tail = (1 - level) / 2
        assert scipy_stats.poisson.sf(events - 1, low) == pytest.approx(tail, rel=1e-6)
        assert scipy_stats.poisson.cdf(events, high) == pytest.approx(tail, rel=1e-6)
