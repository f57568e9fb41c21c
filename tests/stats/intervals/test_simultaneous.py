"""Limits that hold together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import multinomial_proportions_confint

from cxm_core.errors import UsageError
from cxm_core.stats import goodman, wilson

COUNTS = st.lists(st.integers(0, 400), min_size=2, max_size=11).filter(any)


class TestByHand:
    def test_no_answers(self) -> None:
        """A row of nobody has no limits."""
        low, high = goodman([[0, 0], [1, 3]])
        assert np.isnan([low[0], high[0]]).all()
        assert np.isfinite([low[1], high[1]]).all()

    def test_one_level(self) -> None:
        """One level alone is no distribution."""
        with pytest.raises(UsageError, match="at least two levels"):
            goodman([5])


class TestByLaw:
    @given(COUNTS)
    def test_wider_than_one_alone(self, counts: list[int]) -> None:
        """To hold together, each has to be wider than alone."""
        total = sum(counts)
        low, high = goodman(counts)
        alone = wilson(counts, [total] * len(counts))
        assert (low <= alone.low + 1e-12).all()
        assert (high >= alone.high - 1e-12).all()


class TestByReference:
    @given(COUNTS)
    def test_statsmodels(self, counts: list[int]) -> None:
        """Statsmodels has the same limits, with the ends kept by us."""
        wanted = np.clip(multinomial_proportions_confint(counts, method="goodman"), 0, 1)
        found = np.stack(goodman(counts), axis=1)
        np.testing.assert_allclose(found, wanted, atol=1e-9)
