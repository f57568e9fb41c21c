"""A line that may only rise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import isotonic_regression

from cxm_core.errors import UsageError
from cxm_core.stats import left_out, rising

COUNTS = arrays(np.int64, (12, 2), elements=st.integers(0, 5))
ANSWERS = arrays(np.int64, (12,), elements=st.integers(1, 7))


class TestByHand:
    def test_straight_line(self) -> None:
        """Numbers on a line are met by it, whatever they begin with."""
        found = rising([3, 5, 7, 10], [[0, 0], [1, 0], [2, 0], [2, 1]])
        assert found.weights.tolist() == pytest.approx([2, 3])
        assert found.at([[1, 1], [0, 0], [9, 9]]).tolist() == pytest.approx([8, 3, 10])

    def test_what_falls_has_no_weight(self) -> None:
        """A column with which the number falls is left out, and the rest is its mean."""
        found = rising([5, 3, 1], [[0], [1], [2]])
        assert found.weights.tolist() == [0.0]
        assert found.at([[0], [2]]).tolist() == pytest.approx([3, 3])

    def test_fold_is_not_seen(self) -> None:
        """The map without a fold knows nothing of it."""
        without, other = left_out([1, 2, 50, 60], [[0], [1], [0], [1]], [0, 0, 1, 1])
        assert without.at([[0], [1]]).tolist() == pytest.approx([50, 60])
        assert other.at([[0], [1]]).tolist() == pytest.approx([1, 2])

    @pytest.mark.parametrize(
        ("y", "x"),
        [([1, 2], [[0]]), ([], np.zeros((0, 1))), ([np.nan], [[0]]), ([1], [[np.inf]]), ([1], [0])],
    )
    def test_what_does_not_fit(self, y: list[float], x: list[list[float]]) -> None:
        """Other lengths, nothing at all, and endless numbers are refused."""
        with pytest.raises(UsageError, match="do not fit"):
            rising(y, x)

    def test_one_fold(self) -> None:
        """A single fold leaves nothing to learn from."""
        with pytest.raises(UsageError, match="1 folds are too few"):
            left_out([1, 2], [[0], [1]], [0, 0])


class TestByLaw:
    @given(y=ANSWERS, x=COUNTS)
    def test_never_falls(self, y: np.ndarray, x: np.ndarray) -> None:
        """One more of anything never lowers what is expected."""
        found = rising(y, x)
        assert np.all(found.weights >= 0)
        assert np.all(found.at(x + np.array([1, 0])) >= found.at(x) - 1e-9)
        assert np.all(found.at(x + np.array([0, 1])) >= found.at(x) - 1e-9)

    @given(y=ANSWERS, x=COUNTS)
    def test_right_on_average(self, y: np.ndarray, x: np.ndarray) -> None:
        """What is expected of the rows seen is theirs on average, and within their range."""
        expected = rising(y, x).at(x)
        assert expected.mean() == pytest.approx(y.mean())
        assert y.min() - 1e-9 <= expected.min() <= expected.max() <= y.max() + 1e-9


class TestByReference:
    def test_one_column_is_isotonic_regression(self) -> None:
        """With one column that rises, the map is SciPy's isotonic regression along it."""
        rng = np.random.default_rng(1)
        x = np.sort(rng.permutation(40))[:, None].astype(float)
        y = x[:, 0] / 8 + rng.normal(size=40)
        assert rising(y, x).at(x) == pytest.approx(isotonic_regression(y).x)
