"""Rows of groups in order: steps, ways, stages and states that come again."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import (
    Chains,
    chains,
    distinct_chains,
    follow_counts,
    stages_reached,
    state_counts,
)

Rows = list[tuple[int, int, int]]

rows_of_groups = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 12)), min_size=1, max_size=40
)


def made(rows: Rows) -> Chains:
    """Chains of rows of group, state and time."""
    group, state, time = np.array(rows).T
    return chains(state, group, times=time, n_states=4)


def by_hand(rows: Rows) -> dict[int, list[int]]:
    """States of each group in the order of time, equal times in the order of the states."""
    ways: dict[int, list[tuple[int, int]]] = {}
    for group, state, time in rows:
        ways.setdefault(group, []).append((time, state))
    return {group: [state for _, state in sorted(way)] for group, way in sorted(ways.items())}


def ways_of(found: Chains) -> dict[int, list[int]]:
    """States of each group as the chains have them."""
    parts = np.split(found.states, found.starts[1:-1])
    return dict(zip(found.groups.tolist(), (part.tolist() for part in parts), strict=True))


class TestByHand:
    def test_two_groups(self) -> None:
        """Rows stand side by side by group, each in the order of time, and know where they were."""
        found = chains([7, 8, 9, 7], [5, 2, 5, 2], times=[30, 20, 10, 40])
        assert ways_of(found) == {2: [8, 7], 5: [9, 7]}
        assert found.rows.tolist() == [1, 3, 2, 0]
        assert found.lengths.tolist() == [2, 2]

    def test_equal_times(self) -> None:
        """The order that is given decides between equal times, and then the states; all count."""
        states, groups, times = [2, 1, 0], [0, 0, 0], [5, 5, 5]
        assert chains(states, groups, times=times).states.tolist() == [0, 1, 2]
        given_order = chains(states, groups, times=times, order=[1, 2, 3])
        assert given_order.states.tolist() == [2, 1, 0]
        assert given_order.ties == 2

    def test_equal_times_of_two_groups(self) -> None:
        """Rows of different groups at one time are no ties."""
        assert chains([0, 1], [0, 1], times=[5, 5]).ties == 0

    def test_no_rows(self) -> None:
        """Without rows there is no chain, no step, no way."""
        found = chains([], [], times=[], n_states=3)
        assert len(found) == 0
        assert follow_counts(found).sum() == 0
        assert distinct_chains(found).n.size == 0
        assert stages_reached(found, [[0]]).shape == (0, 1)
        assert state_counts(found).n.size == 0

    def test_sums_of_weights(self) -> None:
        """Weights are added up where the step ends."""
        found = chains([0, 1, 0], [0, 0, 0])
        assert follow_counts(found, [100.0, 2.0, 3.0]).tolist() == [[0, 2], [3, 0]]

    def test_unordered_stages(self) -> None:
        """In no order, a stage is reached wherever it stands."""
        found = chains([1, 0], [0, 0])
        assert stages_reached(found, [[0], [1]]).tolist() == [[1, -1]]
        assert stages_reached(found, [[0], [1]], is_ordered=False).tolist() == [[1, 0]]

    def test_a_missing_stage_bars_the_next(self) -> None:
        """In order, nothing comes after a stage that was not reached."""
        assert stages_reached(chains([0, 2], [0, 0]), [[0], [1], [2]]).tolist() == [[0, -1, -1]]

    def test_codes_that_are_none(self) -> None:
        """Codes below zero, above the states, or of another number of rows are refused."""
        for states, groups, kind in (([-1], [0], None), ([3], [0], 2), ([0], [0, 1], None)):
            with pytest.raises(UsageError):
                chains(states, groups, n_states=kind)
        with pytest.raises(UsageError):
            chains([0.5], [0])

    def test_a_chain_of_100_000_rows(self) -> None:
        """A long chain is one way like any other, and takes no table of its length."""
        states = np.arange(100_000) % 7
        groups = np.zeros(100_000, np.int64)
        two = chains(np.append(states, states), np.append(groups, groups + 1))
        assert distinct_chains(two).n.tolist() == [2]
        assert state_counts(two).n.max() == 14_286

    def test_noughts_at_the_end_count(self) -> None:
        """A chain that only goes on in the state nought is another way."""
        found = distinct_chains(chains([0, 0, 0, 1, 1, 0], [0, 1, 1, 2, 3, 3]))
        assert found.n.tolist() == [1, 1, 1, 1]

    def test_states_that_fill_words_in_part(self) -> None:
        """Chains that differ far behind their first eight bytes differ, whatever their type."""
        for top in (3, 300, 70_000):
            way = np.arange(21) % top
            other = np.where(np.arange(21) == 20, top, way)
            told = np.concatenate([way, other, way])
            found = distinct_chains(chains(told, np.repeat([0, 1, 2], 21), n_states=top + 1))
            assert found.n.tolist() == [2, 1]

    def test_confused_ways_are_told_apart(self) -> None:
        """Where the sums of two ways are the same, comparing them finds it."""
        found = chains([0, 1, 1, 0, 0, 1], [0, 0, 1, 1, 2, 2])

        def sums(of: Chains, *, seed: int) -> np.ndarray:
            return np.full(3, 9, np.uint64) if not seed else np.array([1, 2, 1], np.uint64)

        with mock.patch("cxm_core.stats._chains._sums", sums):
            assert distinct_chains(found, is_exact=False).n.tolist() == [3]
            exact = distinct_chains(found)
        assert exact.n.tolist() == [2, 1]
        assert exact.codes.tolist() == [0, 1, 0]


class TestByLaw:
    @given(rows_of_groups)
    def test_order_of_time(self, rows: Rows) -> None:
        """Each chain is its group's states in the order of time."""
        assert ways_of(made(rows)) == by_hand(rows)

    @given(rows_of_groups, st.randoms(use_true_random=False))
    def test_order_of_arrival_decides_nothing(self, rows: Rows, random: Any) -> None:
        """Rows in another order give the same chains, ties included."""
        other = list(rows)
        random.shuffle(other)
        one, two = made(rows), made(other)
        assert ways_of(one) == ways_of(two)
        assert one.ties == two.ties

    @given(rows_of_groups)
    def test_steps(self, rows: Rows) -> None:
        """Steps are the pairs of neighbours, counted."""
        wanted = Counter(pair for way in by_hand(rows).values() for pair in pairwise(way))
        found = follow_counts(made(rows))
        assert {(i, j): int(found[i, j]) for i, j in np.argwhere(found).tolist()} == wanted

    @given(rows_of_groups)
    def test_ways(self, rows: Rows) -> None:
        """Chains have one code just where their states are the same, the commonest code first."""
        ways = [tuple(way) for way in by_hand(rows).values()]
        found = distinct_chains(made(rows))
        assert sorted(Counter(ways).values(), reverse=True) == found.n.tolist()
        assert len({*zip(ways, found.codes.tolist(), strict=True)}) == len(set(ways))
        for code, chain in enumerate(found.examples.tolist()):
            assert found.codes[chain] == code

    @given(rows_of_groups, st.integers(1, 6))
    def test_as_many_ways_as_are_wanted(self, rows: Rows, most: int) -> None:
        """The first ways in order are those of all in order, and the others stand behind them."""
        found = made(rows)
        every, some = distinct_chains(found), distinct_chains(found, most=most)
        assert (some.n[:most] == every.n[:most]).all()
        assert (some.examples[:most] == every.examples[:most]).all()
        assert sorted(some.n.tolist()) == sorted(every.n.tolist())
        assert (np.minimum(some.codes, most) == np.minimum(every.codes, most)).all()

    @given(rows_of_groups, st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=3))
    def test_stages(self, rows: Rows, stages: list[set[int]]) -> None:
        """A stage is reached at the first row of it behind the stage before."""
        found = made(rows)
        reached = stages_reached(found, [sorted(stage) for stage in stages])
        for start, way, places in zip(found.starts, by_hand(rows).values(), reached, strict=False):
            after = -1
            for stage, place in zip(stages, places.tolist(), strict=True):
                later = [i for i, state in enumerate(way) if i > after and state in stage]
                assert place == (start + later[0] if later else -1)
                after = later[0] if later else len(way)

    @given(rows_of_groups)
    def test_states(self, rows: Rows) -> None:
        """Each chain's states are counted."""
        found = made(rows)
        counts = state_counts(found)
        wanted = [Counter(way) for way in by_hand(rows).values()]
        told = zip(counts.chain.tolist(), counts.state.tolist(), counts.n.tolist(), strict=True)
        assert {(c, s): n for c, s, n in told} == {
            (c, s): n for c, way in enumerate(wanted) for s, n in way.items()
        }

    @given(rows_of_groups)
    def test_blocks_do_not_show(self, rows: Rows) -> None:
        """Blocks of one chain each give the same as one block."""
        whole = made(rows)
        with mock.patch("cxm_core.stats._chains._BLOCK", 1):
            parts = made(rows)
            assert ways_of(parts) == ways_of(whole)
            steps, ways = follow_counts(parts), distinct_chains(parts)
            stages = stages_reached(parts, [[0], [1]])
        assert (steps == follow_counts(whole)).all()
        assert (ways.codes == distinct_chains(whole).codes).all()
        assert (stages == stages_reached(whole, [[0], [1]])).all()


class TestByReference:
    def test_sorting_by_numpy(self) -> None:
        """Ten thousand rows stand as NumPy's sort by group, time and state puts them."""
        rng = np.random.default_rng(3)
        group, state = rng.integers(0, 700, 10_000), rng.integers(0, 300, 10_000)
        time = rng.integers(0, 50, 10_000)
        found = chains(state, group, times=time)
        wanted = np.lexsort((state, time, group))
        assert (found.states == state[wanted]).all()
        assert (time[found.rows] == time[wanted]).all()
        assert found.states.dtype == np.uint16
        with pytest.raises(ValueError, match="read-only"):
            found.states[0] = 0
