"""How many plain answers a weighted sample is worth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from cxm_core.stats import CodedAxis, Tally, linear_ratio


class TestByHand:
    def test_kish(self) -> None:
        """Weights 1, 2, 3 of answers that agree are worth 36 / 14 answers."""
        tally = Tally.from_codes(
            levels=(0, 1), level_codes=np.ones(3, np.int64), weights=np.array([1.0, 2.0, 3.0])
        )
        found = linear_ratio(tally, (0, 1), (1, 1))
        assert found.effective_n[0] == pytest.approx(36 / 14)

    def test_few_clusters_cost(self) -> None:
        """Ten clusters of three alike are worth less than ten, by the squared ratio of t."""
        values = np.repeat([0, 1] * 5, 3)
        axis = CodedAxis.of("@cluster", np.repeat(np.arange(10), 3), role="cluster")
        tally = Tally.from_codes(levels=(0, 1), level_codes=values, axes=[axis])
        for level in (0.8, 0.95, 0.99):
            found = linear_ratio(tally, (0, 1), (1, 1), confidence_level=level)
            cost = np.divide(*scipy_stats.t.ppf(0.5 + level / 2, [29, 9])) ** 2
            assert found.effective_n[0] == pytest.approx(0.25 / (10 / 9 * 0.25 / 10) * cost)
            assert found.confidence_level == level


class TestByReference:
    def test_kish_published_formula(self) -> None:
        """Kish 1965: squared sum over sum of squares, for thirty weights 26.292510446801675."""
        weights = np.repeat(
            [1.2, 0.8, 1.5, 1.0, 2.0, 0.7, 1.1, 0.9, 3.0, 2.5, 1.8, 2.2, 2.7, 3.1, 1.9, 2.4, 2.0,
             2.6, 1.7, 2.8, 2.1, 2.3],
            [2, 1, 3, 1, 1, 2, 1, 1, 1, 2, 1, 1, 2, 1, 1, 1, 2, 1, 1, 2, 1, 1],
        )  # fmt: skip
        tally = Tally.from_codes(levels=(0, 1), level_codes=np.zeros(30, np.int64), weights=weights)
        found = linear_ratio(tally, (0, 1), (1, 1))
        assert found.effective_n[0] == pytest.approx(26.292510446801675, abs=1e-9)
