"""A share over time: read at a time, or turned round into the time of a share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.results import Curve, Receipt

RECEIPT = Receipt(engine="waits", method="log-log", confidence_level=0.95, counted="tickets")


def curve(**more: Any) -> Curve:
    """Three steps down, of which the last has no upper limit."""
    return Curve(
        **{
            "metric": "waits",
            "kind": "survival",
            "times": [60, 3_600, 90_000],
            "value": [0.9, 0.5, 0.2],
            "low": [0.8, 0.3, 0.1],
            "high": [0.97, 0.7, math.nan],
            "at_risk": [10, 8, 3],
            "events": [1, 3, 1],
            "until": 100_000,
            "n": 10,
            "confidence_level": 0.95,
            "method": "log-log",
            "unit": "seconds",
            "receipt": RECEIPT,
        }
        | more
    )


class TestByHand:
    @pytest.mark.parametrize(
        ("time", "share"), [(0, 1.0), (59.9, 1.0), (60, 0.9), (3_599, 0.9), (90_000, 0.2)]
    )
    def test_at_a_time(self, time: float, share: float) -> None:
        """The share holds from its time on, until the next one."""
        assert curve().at(time).value == share

    def test_beyond_what_was_watched_nothing_is_known(self) -> None:
        """A time after the longest observed one has no share, and says so."""
        beyond = curve().at(100_001)
        assert beyond.value is None
        assert [caveat.code for caveat in beyond.caveats] == ["not_reached"]

    def test_when_all_is_over_it_stays_over(self) -> None:
        """Where nobody is left who could still end, the share is known for ever."""
        over = curve(value=[0.9, 0.5, 0.0], at_risk=[10, 8, 3], events=[1, 3, 3])
        assert over.at(1e9).value == 0.0

    def test_an_incidence_begins_at_nought(self) -> None:
        """Nobody has ended before the first end."""
        assert curve(kind="incidence", value=[0.1, 0.4, 0.6]).at(0).value == 0.0

    def test_the_median_and_its_limits(self) -> None:
        """Limits are the times at which the band reaches a half, the lower band first."""
        median = curve(value=[0.9, 0.45, 0.2]).quantile(0.5)
        assert (median.value, median.low, median.high) == (3_600.0, 3_600.0, None)
        assert median.unit == "seconds"

    def test_a_share_that_is_just_reached(self) -> None:
        """The middle of the time for which just that share has ended, as medians usually are."""
        assert curve().quantile(0.5).value == (3_600 + 90_000) / 2

    def test_a_share_that_is_never_reached(self) -> None:
        """There is no time by which nine in ten have ended."""
        assert curve().quantile(0.9).value is None

    def test_rounding_does_not_move_a_quantile(self) -> None:
        """Three tenths made of products of fractions are three tenths, just reached."""
        assert curve(value=[0.7 + 1e-15, 0.5, 0.2]).quantile(0.3).value == (60 + 3_600) / 2

    def test_times_are_read_in_what_suits_them(self) -> None:
        """Each time stands in a unit of its own, whatever the others need."""
        text = curve(value=[0.7, 0.45, 0.2], high=[0.97, 0.7, 0.4]).summary()
        assert "1.0 hours" in text
        assert "25.0 hours" in text

    def test_an_empty_curve_has_no_median(self) -> None:
        """Nothing watched, nothing known."""
        names = ("times", "value", "low", "high", "at_risk", "events")
        empty = curve(**{name: [] for name in names}, n=0, until=0)
        assert empty.quantile(0.5).value is None
        assert empty.at(0).value is None


class TestByLaw:
    @given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=20), st.floats(0.01, 0.99))
    def test_a_quantile_is_where_the_curve_gets_there(self, shares: list[float], q: float) -> None:
        """At the time of a share at least that share has ended, and just before it less."""
        value = np.sort(shares)[::-1]
        n = len(value)
        same = dict.fromkeys(("value", "low", "high"), value)
        ones = {"times": np.arange(1, n + 1), "at_risk": np.ones(n), "events": np.ones(n)}
        made = curve(**same, **ones, until=n + 1)
        found = made.quantile(q).value
        if found is None:
            assert 1 - value[-1] < q
        else:
            assert 1 - made.at(found).value >= q - 1e-12  # type: ignore[operator]  # it is there
            early = 1 - made.at(found - 0.5).value  # type: ignore[operator]  # it is there
            assert early <= q + 1e-12


class TestSayingNo:
    @pytest.mark.parametrize("q", [0, 1, -0.5, 50, math.nan])
    def test_a_share_outside_0_to_1(self, q: float) -> None:
        """A percentage in place of a share is refused."""
        with pytest.raises(UsageError, match="between 0 and 1"):
            curve().quantile(q)

    @pytest.mark.parametrize("time", [-1, math.nan])
    def test_a_time_that_is_none(self, time: float) -> None:
        """A time is not negative."""
        with pytest.raises(UsageError, match="not negative"):
            curve().at(time)

    def test_arrays_of_different_lengths(self) -> None:
        """Every point has all of its numbers."""
        with pytest.raises(UsageError, match="different lengths"):
            curve(low=[0.1])
