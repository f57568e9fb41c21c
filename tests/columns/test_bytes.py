"""Scores of one byte each, and labels that are numbers close together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import Design, read_answers, tally_of_bytes
from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

ZERO_TO_TEN = Scale.named("0-10")
BYTES = st.sampled_from([np.int8, np.uint8])
scores = st.lists(st.integers(0, 10), min_size=1, max_size=60)
starts = st.sets(st.integers(1, 10), max_size=5).map(lambda edges: (0, *sorted(edges)))


class TestByHand:
    def test_levels_that_count_alike_are_counted_at_the_first(self) -> None:
        """Detractors, passives and promoters need three counts, not eleven."""
        data = np.array([0, 6, 7, 9, 10, 10], np.int8)
        counted = tally_of_bytes(data, scale=ZERO_TO_TEN, starts=(0, 7, 9))
        assert counted is not None
        assert counted.n.tolist() == [[2, 0, 0, 0, 0, 0, 0, 1, 0, 3, 0]]

    @pytest.mark.parametrize("value", [-1, 11, 127, -128])
    def test_a_byte_off_the_scale_is_named(self, value: int) -> None:
        """A value off the scale is refused as in any other array."""
        data = np.array([3, value], np.int8)
        assert tally_of_bytes(data, scale=ZERO_TO_TEN, starts=(0, 7, 9)) is None
        with pytest.raises(UsageError, match=f"1 answer has the value {value},"):
            read_answers(np.array([3, value], np.int8), scale=ZERO_TO_TEN)

    def test_the_data_stay_as_they_are(self) -> None:
        """What is handed over without a copy is not written to."""
        data = np.array([3, 4, 5], np.int8)
        answers = read_answers(data, scale=ZERO_TO_TEN)
        assert np.shares_memory(answers.level_codes, data)
        with pytest.raises(ValueError, match="read-only"):
            answers.level_codes[0] = 1

    def test_labels_far_apart(self) -> None:
        """Numbers that are far apart are labels as well."""
        by = np.array([5, -(2**62), 5, 2**62])
        answers = read_answers([1, 2, 3, 4], scale=ZERO_TO_TEN, design=Design(by=by))
        assert answers.tally().groups == ((-(2**62),), (5,), (2**62,))

    @pytest.mark.parametrize("order", ["<", ">"])
    def test_labels_in_either_order_of_bytes(self, order: str) -> None:
        """A number is the same label whichever of its bytes comes first."""
        by = np.array([0x01000000, 0x02000000] * 40, f"{order}i4")
        answers = read_answers([1, 2] * 40, scale=ZERO_TO_TEN, design=Design(by=by))
        assert answers.tally().groups == ((0x01000000,), (0x02000000,))

    @pytest.mark.parametrize("kind", [np.int8, np.uint8, np.uint64])
    def test_a_scale_below_nought(self, kind: type[np.integer]) -> None:
        """Levels below nought need not be there, nor fit the type of the array."""
        answers = read_answers(np.array([0, 5, 3], kind), scale=Scale(-5, 5))
        assert answers.level_codes.tolist() == [5, 10, 8]


class TestByLaw:
    @given(scores, BYTES, starts)
    def test_stretches_add_up_the_levels(
        self, data: list[int], kind: type[np.integer], starts: tuple[int, ...]
    ) -> None:
        """Counts by stretch are the sums of the counts by level."""
        whole = read_answers(np.array(data, kind), scale=ZERO_TO_TEN).tally()
        stretched = tally_of_bytes(np.array(data, kind), scale=ZERO_TO_TEN, starts=starts)
        if stretched is None:
            assert not 2 <= len(starts) <= 4
            return
        summed = np.add.reduceat(whole.n[0], starts)
        assert np.add.reduceat(stretched.n[0], starts).tolist() == summed.tolist()

    @given(scores, BYTES)
    def test_bytes_count_as_any_numbers(self, data: list[int], kind: type[np.integer]) -> None:
        """An array of bytes, of large integers and a list have one tally."""
        tallies = [
            read_answers(form, scale=ZERO_TO_TEN).tally()
            for form in (np.array(data, kind), np.array(data, np.int64), data)
        ]
        assert tallies[0] == tallies[1] == tallies[2]

    @given(st.lists(st.tuples(st.integers(0, 10), st.integers(-3, 40)), min_size=1, max_size=80))
    def test_numbers_close_together_are_their_own_labels(self, rows: list[tuple[int, int]]) -> None:
        """Integer labels give the groups that texts of them give, in their own order."""
        data, labels = (list(column) for column in zip(*rows, strict=True))
        for kind in (np.int8, np.int64):
            by = Design(by=np.array(labels, kind))
            counted = read_answers(data, scale=ZERO_TO_TEN, design=by).tally()
            named = read_answers(data, scale=ZERO_TO_TEN, design=Design(by=list(map(str, labels))))
            assert counted.groups == tuple((label,) for label in sorted(set(labels)))
            of_text = dict(zip(named.tally().groups, named.tally().n.tolist(), strict=True))
            assert counted.n.tolist() == [of_text[(str(g),)] for (g,) in counted.groups]
