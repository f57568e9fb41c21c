"""Splitting a difference over changes, whatever their order."""

from __future__ import annotations

from itertools import permutations
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import shapley

number = st.floats(-1e6, 1e6)
tables = st.integers(0, 5).flatmap(lambda k: st.lists(number, min_size=1 << k, max_size=1 << k))


class TestByHand:
    def test_one_change_has_it_all(self) -> None:
        """A single change is the whole difference."""
        assert shapley([3.0, 10.0]) == (7.0,)

    def test_no_change_has_nothing(self) -> None:
        """Without a change there is nothing to split."""
        assert shapley([3.0]) == ()

    def test_what_two_do_together_is_halved(self) -> None:
        """What only both changes together bring belongs to each by half."""
        assert shapley([0.0, 0.0, 0.0, 6.0]) == (3.0, 3.0)

    def test_three_gloves(self) -> None:
        """One left glove and two right ones: 2/3, 1/6 and 1/6, as in the textbooks."""
        has_pair = [0, 0, 0, 1, 0, 1, 0, 1]
        assert shapley(has_pair) == pytest.approx((2 / 3, 1 / 6, 1 / 6))


class TestByLaw:
    @given(tables)
    def test_parts_add_up(self, table: list[float]) -> None:
        """Together the parts are the last value less the first."""
        largest = max(map(abs, table))
        assert fsum(shapley(table)) == pytest.approx(
            table[-1] - table[0], rel=1e-12, abs=1e-14 * largest
        )

    @given(tables, st.integers(0, 4))
    def test_what_never_matters_gets_nothing(self, table: list[float], place: int) -> None:
        """A change that never moves the value has no part, exactly."""
        bit = 1 << place
        if bit < len(table):
            same = [table[i & ~bit] for i in range(len(table))]
            assert shapley(same)[place] == 0.0

    @given(st.lists(number, min_size=1, max_size=6))
    def test_sums_go_to_each_its_own(self, sizes: list[float]) -> None:
        """Where changes do not touch one another, each has what it adds."""
        table = [
            fsum(size for place, size in enumerate(sizes) if chosen >> place & 1)
            for chosen in range(1 << len(sizes))
        ]
        assert shapley(table) == pytest.approx(sizes, rel=1e-9, abs=1e-6)

    @pytest.mark.parametrize("values", [[], [1.0, 2.0, 3.0], [0.0] * 512, [1.0, float("nan")]])
    def test_no_table_is_refused(self, values: list[float]) -> None:
        """A number of values that is no table, or a value that is none, is an error."""
        with pytest.raises(UsageError, match="values"):
            shapley(values)


class TestByReference:
    @given(tables)
    def test_mean_over_all_orders(self, table: list[float]) -> None:
        """The same as walking through every order of the changes, as Shapley defines it."""
        count = len(table).bit_length() - 1
        walks = list(permutations(range(count)))
        parts = [0.0] * count
        for walk in walks:
            made = 0
            for place in walk:
                parts[place] += table[made | 1 << place] - table[made]
                made |= 1 << place
        assert shapley(table) == pytest.approx([p / len(walks) for p in parts], abs=1e-6)
