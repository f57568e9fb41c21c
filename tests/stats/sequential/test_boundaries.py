"""Bounds that hold at all times at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from cxm_core.errors import UsageError
from cxm_core.stats import distribution_bound, normal_mixture_bound, stitched_bound

VARIANCE = st.floats(1.0, 1e7)


class TestByHand:
    def test_tightest_where_it_is_asked_to_be(self) -> None:
        """Among bounds made for other moments, the one made for a moment is least there."""
        at = [normal_mixture_bound(500, best_at=b) for b in (5, 50, 500, 5_000, 50_000)]
        assert int(np.argmin(at)) == 2

    def test_endless_before_its_start(self) -> None:
        """Nothing is promised of a distribution before the first look that counts."""
        bound = distribution_bound([5, 99, 100, 10**6], start=100)
        assert np.isinf(bound).tolist() == [True, True, False, False]
        assert bound[3] < 0.01

    def test_what_is_refused(self) -> None:
        """A start at nought, and a constant for which there is no theorem."""
        with pytest.raises(UsageError, match="start at the variance 0"):
            stitched_bound(1, start=0)
        with pytest.raises(UsageError, match="too small"):
            distribution_bound(10, start=1, width=0.7)


class TestByLaw:
    @given(VARIANCE, st.floats(0.5, 0.999))
    def test_wider_than_one_look(self, variance: float, level: float) -> None:
        """A bound for every moment is never narrower than the one for a single moment."""
        single = ndtri(0.5 + level / 2) * np.sqrt(variance)
        assert normal_mixture_bound(variance, best_at=100, confidence_level=level) > single
        single = ndtri(level) * np.sqrt(variance)
        assert stitched_bound(variance, start=1, confidence_level=level) > single

    @given(VARIANCE, VARIANCE)
    def test_grow_with_the_variance(self, one: float, other: float) -> None:
        """More variance, more room; relative to it, less."""
        low, high = sorted((one, other))
        for bound in (
            normal_mixture_bound([low, high], best_at=100),
            stitched_bound([low, high], start=1, scale=1.0),
        ):
            assert bound[0] <= bound[1]
            assert bound[1] / high <= bound[0] / low * (1 + 1e-12)

    def test_a_random_walk_stays_inside(self) -> None:
        """Of 400 walks of 2,000 normal steps, no more than one in twenty ever leaves."""
        walks = np.random.default_rng(1).standard_normal((400, 2_000)).cumsum(axis=1)
        n = np.arange(1, 2_001)
        outside = (np.abs(walks) > normal_mixture_bound(n, best_at=100)).any(axis=1).mean()
        assert outside <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
        above = (walks > stitched_bound(n, start=1)).any(axis=1).mean()
        assert above <= 0.05
