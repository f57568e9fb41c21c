"""What the silent could change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError

NPS = cx.nps([10, 9, 9, 8, 7, 3] * 20)


class TestByHand:
    def test_bounds_of_a_score(self) -> None:
        """Forty percent at 33.3, the rest anywhere from -100 to 100."""
        found = cx.response_bounds(NPS, asked=300)
        assert found.lowest == pytest.approx(0.4 * 100 / 3 - 60)
        assert found.highest == pytest.approx(0.4 * 100 / 3 + 60)
        assert found.verdict == "none"

    def test_a_finding_that_can_fall(self) -> None:
        """The silent at that score bring the limit of all to what it was held against."""
        found = cx.response_bounds(NPS, asked=300, against=0)
        assert found.verdict == "can fall"
        assert found.silent is not None
        assert NPS.low is not None
        assert 0.4 * NPS.low + 0.6 * found.silent == pytest.approx(0, abs=1e-9)
        assert found.gap == pytest.approx(found.silent - (NPS.value or 0))
        assert "falls if the silent score" in str(found)

    def test_a_finding_that_stands(self) -> None:
        """With nine in ten answering, no silence makes this score negative."""
        found = cx.response_bounds(cx.nps([10] * 180 + [3] * 20), response_rate=0.9, against=0)
        assert (found.verdict, found.silent) == ("stands", None)
        assert "stands, whatever the silent say" in str(found)

    def test_a_finding_below(self) -> None:
        """A score below what it is held against falls if the silent are better."""
        found = cx.response_bounds(NPS, response_rate=0.5, against=60)
        assert found.gap is not None
        assert found.gap > 0
        assert "it lies below" in str(found)

    def test_no_finding(self) -> None:
        """Where not even the answers differ for sure, there is nothing to overturn."""
        found = cx.response_bounds(NPS, response_rate=0.5, against=30)
        assert (found.verdict, found.silent) == ("open", None)

    def test_means_have_the_ends_of_their_scale(self) -> None:
        """A mean of a scale lies between its lowest and highest level."""
        mean = cx.mean_score([4] * 50, scale="1-5")
        found = cx.response_bounds(mean, response_rate=0.75)
        assert (found.lowest, found.highest) == pytest.approx((3.25, 4.25))

    def test_nobody_answered(self) -> None:
        """Without a value there are no bounds, and no finding."""
        found = cx.response_bounds(cx.nps([None]), response_rate=0.5, against=0)
        assert (found.lowest, found.low, found.verdict) == (None, None, "open")

    def test_everybody_answered(self) -> None:
        """Then the bounds are the figure, and a finding stands."""
        found = cx.response_bounds(NPS, asked=120, against=0)
        assert found.lowest == found.highest == pytest.approx(100 / 3)
        assert found.verdict == "stands"


class TestByLaw:
    @given(st.floats(0.05, 1.0), st.integers(120, 5000))
    def test_limits_lie_around_the_bounds(self, rate: float, asked: int) -> None:
        """The sample's doubt makes them wider, and never leaves the scale."""
        for found in (
            cx.response_bounds(NPS, response_rate=rate),
            cx.response_bounds(NPS, asked=asked),
        ):
            assert found.low is not None
            assert found.high is not None
            assert -100 <= found.low <= (found.lowest or 0) <= (found.highest or 0) <= found.high
            assert found.high <= 100


class TestByReference:
    def test_the_limits_cover(self) -> None:
        """In 400 drawn surveys, the lower limit misses the true lower bound in few."""
        rng = np.random.default_rng(20261122)
        truth = 0.3 * 0.8
        missed = 0
        for _ in range(400):
            answered = int(rng.binomial(200, 0.3))
            top = int(rng.binomial(answered, 0.8))
            share = cx.csat([5] * top + [1] * (answered - top), scale="1-5")
            low = cx.response_bounds(share, asked=200).low
            missed += low is not None and low > truth
        assert missed <= 0.05 * 400


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({}, "either asked= or response_rate="),
        ({"asked": 10, "response_rate": 0.5}, "either"),
        ({"asked": 100}, "120 answers"),
        ({"asked": 0}, "120 answers"),
        ({"response_rate": 0.0}, "between 0 and 1"),
        ({"response_rate": 1.5}, "between 0 and 1"),
    ],
)
def test_refusals(options: Any, match: str) -> None:
    """Rates that cannot be."""
    with pytest.raises(UsageError, match=match):
        cx.response_bounds(NPS, **options)


def test_only_an_estimate_has_bounds() -> None:
    """A breakdown is refused with a hint, as a change without ends is."""
    groups = cx.nps([10, 3], by=["a", "b"])
    with pytest.raises(UsageError, match="Breakdown"):
        cx.response_bounds(groups, asked=3)  # type: ignore[arg-type]  # on purpose
