"""Connected components of pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import components

PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=20)


def by_hand(pairs: list[tuple[int, int]], size: int) -> list[int]:
    """Components by naming each row after the smallest that it can reach."""
    name = list(range(size))
    for _ in range(size):
        for left, right in pairs:
            name[left] = name[right] = min(name[left], name[right])
    order = {old: new for new, old in enumerate(dict.fromkeys(name))}
    return [order[old] for old in name]


class TestByHand:
    def test_chain(self) -> None:
        """What hangs together through a third row is one component."""
        assert components([0, 3, 2], [2, 4, 5], 7).tolist() == [0, 1, 0, 2, 2, 0, 3]

    def test_no_pair(self) -> None:
        """Without pairs each row stands alone, and no rows give none."""
        assert components([], [], 3).tolist() == [0, 1, 2]
        assert components([], [], 0).size == 0

    def test_row_that_is_not_there(self) -> None:
        """A pair of a row beyond the last is refused, with how many."""
        with pytest.raises(UsageError, match="2 rows are not there"):
            components([0, -1], [3, 1], 3)

    def test_read_only(self) -> None:
        """Nobody writes into a result."""
        with pytest.raises(ValueError, match="read-only"):
            components([0], [1], 2)[0] = 5


class TestByLaw:
    @given(pairs=PAIRS)
    def test_as_by_hand(self, pairs: list[tuple[int, int]]) -> None:
        """The components are those that spreading the smallest name finds."""
        left, right = ([pair[side] for pair in pairs] for side in (0, 1))
        assert components(left, right, 12).tolist() == by_hand(pairs, 12)

    @given(pairs=PAIRS, data=st.data())
    def test_order_and_direction_do_not_matter(
        self, pairs: list[tuple[int, int]], data: st.DataObject
    ) -> None:
        """Pairs in another order, and turned round, give the same numbers."""
        mixed = data.draw(st.permutations([pair[::-1] for pair in pairs]))
        ends = [[[pair[side] for pair in given] for side in (0, 1)] for given in (pairs, mixed)]
        one, two = (components(*sides, 12) for sides in ends)
        assert np.array_equal(one, two)
