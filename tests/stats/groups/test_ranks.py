"""Places of groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from cxm_core.stats import Ranks, rank_groups


def _ranks(value: object, error: object, **options: float) -> Ranks:
    return rank_groups(value, error, rng=np.random.default_rng(1), n_resamples=500, **options)  # type: ignore[arg-type]  # lists and arrays alike


class TestByHand:
    def test_far_apart(self) -> None:
        """Groups that do not overlap have one place each."""
        found = _ranks([10.0, 30.0, 20.0], 0.1)
        assert found.low.tolist() == found.high.tolist() == [3, 1, 2]
        assert found.first.tolist() == [0, 1, 0]
        assert found.last.tolist() == [1, 0, 0]

    def test_groups_without_a_value(self) -> None:
        """They have no place, and take none from others."""
        found = _ranks([10.0, np.nan, 20.0], [0.1, 0.1, 0.1])
        assert found.low.tolist() == [2, 0, 1]
        assert np.isnan(found.place).tolist() == [False, True, False]

    def test_nobody_has_a_value(self) -> None:
        """Without any value there is no place at all."""
        found = _ranks([np.nan, np.nan], 1.0)
        assert found.low.tolist() == found.high.tolist() == [0, 0]

    def test_alike_groups_can_stand_anywhere(self) -> None:
        """Groups that cannot be told apart may hold nearly every place."""
        found = _ranks(np.zeros(10), 1.0)
        assert (found.high - found.low >= 8).all()


class TestByLaw:
    @given(st.lists(st.floats(-5, 5), min_size=1, max_size=12), st.floats(0.1, 3))
    def test_places_add_up(self, values: list[float], error: float) -> None:
        """In each draw every place is held once: chances and mean places add up."""
        found = _ranks(values, error)
        size = len(values)
        assert found.first.sum() == pytest.approx(1)
        assert found.last.sum() == pytest.approx(1)
        assert found.place.sum() == pytest.approx(size * (size + 1) / 2)
        assert (found.low >= 1).all()
        assert (found.low <= found.high).all()
        assert (found.high <= size).all()

    @given(st.floats(0.5, 0.9))
    def test_more_confidence_is_not_narrower(self, level: float) -> None:
        """A higher level never takes a place away."""
        values = np.arange(6.0)
        one = _ranks(values, 2.0, confidence_level=level)
        other = _ranks(values, 2.0, confidence_level=0.95)
        assert (other.low <= one.low).all()
        assert (other.high >= one.high).all()

    def test_same_generator_same_places(self) -> None:
        """Equal generators give equal places."""
        one, other = _ranks([1.0, 2.0, 3.0], 1.0), _ranks([1.0, 2.0, 3.0], 1.0)
        assert one.place.tolist() == other.place.tolist()


class TestByReference:
    def test_chance_of_the_higher_of_two(self) -> None:
        """The chance to be first among two is that of their difference."""
        found = rank_groups(
            [1.0, 0.0], [1.0, 2.0], rng=np.random.default_rng(2), n_resamples=100_000
        )
        wanted = scipy_stats.norm.cdf(1 / np.sqrt(5))
        assert found.first[0] == pytest.approx(wanted, abs=0.005)
