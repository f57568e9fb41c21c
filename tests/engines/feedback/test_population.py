"""Metrics of samples that are a large part of their population."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError

SCORES = [10, 9, 8, 3, 0] * 20


class TestByHand:
    def test_half_the_population(self) -> None:
        """A hundred of two hundred are worth two hundred of an endless population."""
        found = cx.nps(SCORES, population=200)
        assert found.effective_n == pytest.approx(200)
        assert found.value == cx.nps(SCORES).value
        assert [c.code for c in found.caveats] == ["population_share"]

    def test_strata_have_sizes(self) -> None:
        """A mapping gives the size of each stratum, a column the size in each row."""
        strata = ["a", "b"] * 50
        sizes = [80 if s == "a" else 1000 for s in strata]
        one = cx.nps(SCORES, strata=strata, population={"a": 80, "b": 1000})
        assert one == cx.nps(SCORES, strata=strata, population=sizes)
        assert (one.standard_error or 0) < (cx.nps(SCORES, strata=strata).standard_error or 0)

    def test_a_small_share_says_nothing(self) -> None:
        """Up to 5 % there is no caveat."""
        assert cx.nps(SCORES, population=2000).caveats == ()


class TestByLaw:
    @given(st.integers(100, 100_000))
    def test_never_wider(self, population: int) -> None:
        """Knowing the size never makes the interval longer."""
        endless, known = cx.nps(SCORES), cx.nps(SCORES, population=population)
        assert known.low is not None
        assert endless.low is not None
        assert known.low >= endless.low - 1e-9
        assert known.confidence_interval(0.95) == (known.low, known.high)

    @pytest.mark.parametrize(
        "measure",
        [
            lambda **d: cx.csat([1, 2, 4, 5, 5] * 20, scale="1-5", **d),
            lambda **d: cx.ces([1, 2, 4, 5, 5] * 20, scale="1-7", **d),
            lambda **d: cx.top_box([1, 2, 4, 5, 5] * 20, scale="1-5", **d),
            lambda **d: cx.mean_score([1, 2, 4, 5, 5] * 20, scale="1-5", **d),
        ],
    )
    def test_every_metric_takes_it(self, measure: Any) -> None:
        """The keyword is there for each metric, and shortens its interval."""
        endless, known = measure(), measure(population=150)
        assert known.high - known.low < endless.high - endless.low

    def test_a_tally_takes_it_too(self) -> None:
        """The population is no property of the counts, so it may be told for a tally."""
        tally = cx.tally(SCORES, scale="0-10")
        assert cx.nps(tally, population=200).low == cx.nps(SCORES, population=200).low


class TestByReference:
    def test_census(self) -> None:
        """Who asked everybody has no sampling error to speak of."""
        found = cx.csat([1, 5] * 50, scale="1-5", population=100)
        assert found.low == pytest.approx(0.5, abs=1e-4)
        assert found.high == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize("population", [99, 0, -5, {"a": 10}])
def test_refusals(population: Any) -> None:
    """Fewer than answered, no size at all, and strata that are not there."""
    with pytest.raises(UsageError, match="population"):
        cx.nps(SCORES, population=population)
