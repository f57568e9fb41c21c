"""Exact counts of durations: what goes in comes out, in any order and in any parts."""

from __future__ import annotations

import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import DurationTally, merge_durations
from duration_rows import Rows, rows

COLUMNS = [(), ("entry",), ("cluster",), ("weights",), ("entry", "cluster", "weights")]


def counted(tally: DurationTally) -> Counter[tuple[float, int]]:
    """How often each duration ended in each way."""
    found: Counter[tuple[float, int]] = Counter()
    for time, cause, n in zip(tally.times, tally.causes, tally.n, strict=True):
        found[float(time), int(cause)] += int(n)
    return found


def near(one: DurationTally, two: DurationTally) -> bool:
    """Whether the counts are the same, and the sums of weights to what rounding leaves."""
    same = all(
        np.array_equal(getattr(one, name), getattr(two, name))
        for name in ("times", "causes", "n", "entry", "cluster")
        if getattr(one, name) is not None
    )
    if one.weights is None or two.weights is None:
        return same and one.weights is two.weights
    return same and np.allclose(one.weights, two.weights, rtol=1e-12, atol=0)


class TestByHand:
    def test_what_is_not_over_comes_last(self) -> None:
        """Among equal durations, what ended comes before what was not seen to end."""
        tally = DurationTally.of([5, 3, 5, 5], event_observed=[0, 1, 2, 1])
        assert tally.times.tolist() == [3, 5, 5, 5]
        assert tally.causes.tolist() == [1, 1, 2, 0]

    def test_all_were_seen(self) -> None:
        """Without a word about ends, all were seen."""
        assert DurationTally.of([2.5, 2.5]).causes.tolist() == [1]

    def test_minus_zero(self) -> None:
        """Zero has no sign."""
        for ends in ([1, 1], [1, 2]):
            tally = DurationTally.of([-0.0, 0.0], event_observed=ends)
            assert np.unique(tally.times).tolist() == [0.0]
            assert not np.signbit(tally.times).any()

    def test_empty(self) -> None:
        """Nothing makes an empty tally, which adds nothing."""
        empty = DurationTally.of([])
        assert empty.total == 0
        assert np.isnan(empty.last)
        assert (empty + DurationTally.of([1.5])) == DurationTally.of([1.5])

    def test_repr_tells_sizes(self) -> None:
        """The short form tells how many there are and how many ended."""
        found = repr(DurationTally.of([1, 2], event_observed=[True, False]))
        assert found == "DurationTally(n=2, ended=1, cells=2)"

    def test_clusters(self) -> None:
        """Clusters are counted, not their rows."""
        assert DurationTally.of([1, 2, 3], cluster=[7, 7, 9]).n_clusters == 2
        assert DurationTally.of([1, 2, 3]).n_clusters is None

    def test_one_way_to_end(self) -> None:
        """With one way to end in question, the others only end the watch."""
        tally = DurationTally.of([1, 1, 2], event_observed=[1, 2, 2])
        assert counted(tally.ending(1)) == {(1.0, 1): 1, (1.0, 0): 1, (2.0, 0): 1}
        assert counted(tally.ending()) == {(1.0, 1): 2, (2.0, 1): 1}


class TestByLaw:
    @given(rows())
    def test_counts_are_those_of_a_counter(self, data: Rows) -> None:
        """Bins and sorts count what Python's own counter counts."""
        wanted = Counter(zip(data.durations.tolist(), data.ends.tolist(), strict=True))
        assert counted(data.tally()) == {(float(d), e): n for (d, e), n in wanted.items()}
        halves = Rows(data.durations * 1e9, *data[1:])
        assert sorted(counted(halves.tally()).values()) == sorted(wanted.values())

    @given(rows(), st.sampled_from(COLUMNS), st.randoms())
    def test_order_does_not_matter(
        self, data: Rows, names: tuple[str, ...], random: object
    ) -> None:
        """Rows in another order make the same tally."""
        order = np.random.default_rng(random.randint(0, 99)).permutation(data.durations.size)  # type: ignore[attr-defined]  # Hypothesis gives a Random
        assert near(data.tally(*names), data.part(order).tally(*names))

    @given(rows(), st.sampled_from(COLUMNS), st.integers(0, 40))
    def test_parts_add_up(self, data: Rows, names: tuple[str, ...], cut: int) -> None:
        """Tallies of two parts add up to that of the whole."""
        row = np.arange(data.durations.size)
        one, two = (data.part(part).tally(*names) for part in (row < cut, row >= cut))
        assert near(one + two, data.tally(*names))
        assert near(two + one, data.tally(*names))

    @given(rows(), st.sampled_from(COLUMNS))
    def test_groups_are_those_of_their_rows(self, data: Rows, names: tuple[str, ...]) -> None:
        """The tally of a group is that of its rows; rows without a group are left out."""
        group = data.cluster - 1
        columns = {name: getattr(data, name) for name in names}
        found = DurationTally.of_groups(
            group, 6, data.durations, event_observed=data.ends, **columns
        )
        for code, tally in enumerate(found):
            assert near(tally, data.part(group == code).tally(*names))

    @given(rows())
    def test_pickles(self, data: Rows) -> None:
        """A tally that travelled is the same."""
        tally = data.tally("entry", "cluster", "weights")
        assert pickle.loads(pickle.dumps(tally)) == tally

    @given(rows())
    def test_arguments_stay(self, data: Rows) -> None:
        """What was given is as it was, and can still be written to."""
        before = [column.copy() for column in data]
        tally = data.tally("entry", "cluster", "weights")
        data.tally()
        assert all(np.array_equal(*pair) for pair in zip(before, data, strict=True))
        assert data.durations.flags.writeable
        assert not tally.n.flags.writeable

    @pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
    def test_many_ways_to_end_at_any_size(self, scale: float) -> None:
        """Several ends beside tiny and huge times are kept to the bit, whichever way they sort."""
        rng = np.random.default_rng(1)
        times, ends = rng.random(500) * scale, rng.integers(0, 100, 500)
        times[0] = 0.0
        wanted = Counter(zip(times.tolist(), ends.tolist(), strict=True))
        assert counted(DurationTally.of(times, event_observed=ends)) == wanted

    def test_huge_whole_numbers(self) -> None:
        """Microseconds of a century keep each microsecond, with four ways to end."""
        rng = np.random.default_rng(1)
        times = 3_155_760_000_000_000 + rng.integers(0, 50, 300)
        ends = rng.integers(0, 5, 300)
        wanted = Counter(zip(times.tolist(), ends.tolist(), strict=True))
        tally = DurationTally.of(times, event_observed=ends)
        assert counted(tally) == {(float(t), e): n for (t, e), n in wanted.items()}
        assert tally.times.dtype == np.int64


class TestRefusals:
    @pytest.mark.parametrize(
        ("durations", "columns", "said"),
        [
            ([1, -2], {}, "1 of 2 durations"),
            ([1, np.nan], {}, "1 of 2 durations"),
            ([1, np.inf], {}, "1 of 2 durations"),
            (["a"], {}, "must be numbers"),
            ([1, 2], {"event_observed": [1]}, "1 and 2 rows"),
            ([1, 2], {"event_observed": [0.5, 1]}, "true, false or a code"),
            ([1, 2], {"event_observed": [-1, 1]}, "outside 0 to 127"),
            ([1, 2], {"event_observed": [128, 1]}, "outside 0 to 127"),
            ([1, 2], {"entry": [1, 2]}, "2 of 2 rows"),
            ([1.0, 2.0], {"entry": [0.5, np.nan]}, "1 of 2 rows"),
            ([1, 2], {"weights": [1, -1]}, "1 of 2 weights"),
            ([1, 2], {"weights": [1, np.nan]}, "1 of 2 weights"),
            ([1, 2], {"cluster": [1, 2, 3]}, "2 and 3 rows"),
        ],
    )
    def test_what_cannot_be(self, durations: object, columns: dict[str, object], said: str) -> None:
        """What cannot be counted is refused, with the number of rows."""
        with pytest.raises(UsageError, match=said):
            DurationTally.of(durations, **columns)  # type: ignore[arg-type]  # wrong on purpose

    def test_unlike_tallies(self) -> None:
        """Tallies of which only one knows its clusters cannot be merged, nor can none."""
        with pytest.raises(UsageError, match="Only some"):
            DurationTally.of([1]) + DurationTally.of([1], cluster=[1])
        with pytest.raises(UsageError, match="no tally"):
            merge_durations([])
