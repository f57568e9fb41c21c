"""How much of one set stands in another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.stats import Sets

ROWS = st.lists(st.sets(st.integers(-4, 9), max_size=6), min_size=2, max_size=8)


def sets_of(rows: list[set[int]], owners: list[int] | None = None) -> Sets:
    """Sets of rows of integers."""
    starts = np.cumsum([0, *(len(row) for row in rows)])
    return Sets.of(starts, [item for row in rows for item in sorted(row)], owners=owners)


class TestByHand:
    def test_half_of_the_smaller(self) -> None:
        """One of the smaller row's two items stands in the other: a half, whatever its size."""
        sets = sets_of([{1, 2}, {2, 3, 4, 5}])
        assert sets.overlap([0, 1], [1, 0]).tolist() == [0.5, 0.5]

    def test_rare_items_weigh_more(self) -> None:
        """An item of one owner in two weighs log 3, one of both log 1.5."""
        sets = sets_of([{1, 2}, {1, 3}, {1}], owners=[0, 1, 1])
        assert sets.weights.tolist() == pytest.approx(np.log([1.5, 3, 3]))
        expected = np.log(1.5) / np.log(4.5)
        assert sets.overlap([0], [1]).tolist() == pytest.approx([expected])

    def test_many_rows_of_one_owner(self) -> None:
        """What one owner says again and again is still rare."""
        sets = sets_of([{7}, {7}, {7}, {8}], owners=[0, 0, 0, 1])
        assert sets.weights[0] == sets.weights[1]

    def test_empty_row(self) -> None:
        """Nothing can be told of a row without items."""
        assert np.isnan(sets_of([set(), {1}]).overlap([0], [1])).all()

    def test_no_pairs(self) -> None:
        """No pairs, no figures."""
        assert sets_of([{1}]).overlap([], []).size == 0

    def test_take(self) -> None:
        """Rows taken in another order keep their items, and rows may be taken twice."""
        sets = sets_of([{1, 2}, set(), {2}])
        again = sets.take([2, 0, 0, 1])
        assert again.starts.tolist() == [0, 1, 3, 5, 5]
        assert again.overlap([0, 1], [1, 2]).tolist() == [1.0, 1.0]


class TestByLaw:
    @given(rows=ROWS)
    def test_share_of_the_smaller(self, rows: list[set[int]]) -> None:
        """Without owners the overlap is shared items by those of the smaller row, both ways."""
        sets = sets_of(rows)
        for left in range(len(rows)):
            for right in range(len(rows)):
                smaller = min(len(rows[left]), len(rows[right]))
                (found,) = sets.overlap([left], [right])
                if smaller:
                    assert found == pytest.approx(len(rows[left] & rows[right]) / smaller)
                else:
                    assert np.isnan(found)

    @given(rows=ROWS)
    def test_within_nought_and_one(self, rows: list[set[int]]) -> None:
        """With weights too the overlap is a share, and all of it for a row with itself."""
        sets = sets_of(rows, owners=list(range(len(rows))))
        pairs = np.arange(len(rows))
        own = sets.overlap(pairs, pairs)
        assert np.all(np.isnan(own) | (own == 1.0))
        found = sets.overlap(pairs, pairs[::-1])
        assert np.all(np.isnan(found) | ((found >= 0) & (found <= 1)))
