"""From values to levels: missing codes out, nothing off the scale let through."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import read_answers
from cxm_core.columns._codes import BLOCK
from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

NPS = Scale.named("0-10")
FIVE = Scale.named("1-5")


def _answers(data: Any, scale: Scale = FIVE, missing: Any = ()) -> Any:
    return read_answers(data, scale=scale, missing=missing)


class TestByHand:
    def test_codes_and_reasons(self) -> None:
        """Each answer has its place, each gap its reason."""
        made = _answers([5, None, 6, 1, 6], missing=(6,))
        assert made.level_codes.tolist() == [4, -1, -1, 0, -1]
        assert made.exclusions == (("missing", 1), ("code 6", 2))

    def test_reasons_have_names(self) -> None:
        """A mapping names what each code means; not applicable is a level."""
        codes = {0: "no_answer", 6: "not_applicable", "Blank": "no_answer"}
        made = _answers([5, 0, 6, "Blank", None], missing=codes)
        assert made.levels == (1, 2, 3, 4, 5, "not_applicable")
        assert made.level_codes.tolist() == [4, -1, 5, -1, -1]
        assert made.exclusions == (("missing", 1), ("no_answer", 2))

    @pytest.mark.parametrize("missing", [11, (11,), [11], {11}, np.int64(11), 11.0, np.array([11])])
    def test_missing_takes_any_form(self, missing: Any) -> None:
        """One code or many, plain or NumPy."""
        assert _answers([10, 11], NPS, missing).level_codes.tolist() == [10, -1]

    @pytest.mark.parametrize("missing", ["Blank", ("Blank", ""), {"Blank": "no_answer"}])
    def test_words_can_be_codes(self, missing: Any) -> None:
        """A word among the numbers is a code if it is declared."""
        data = pd.Series([4, "Blank", None, 5], dtype=object)
        assert _answers(data, missing=missing).level_codes.tolist() == [3, -1, -1, 4]

    @pytest.mark.parametrize(
        ("data", "message", "hint"),
        [
            (
                [11] * 84 + [3],
                "84 answers have the value 11, which is not on the scale 0-10.",
                "missing=(11,) if 11 means no answer",
            ),
            (
                [11, 11, 99, 10],
                (
                    "2 answers have the value 11 and 1 answer has the value 99, "
                    "which are not on the scale 0-10."
                ),
                "missing=(11, 99) if 11 and 99 mean no answer",
            ),
            (
                [8.5],
                "1 answer has the value 8.5, which is not on the scale 0-10.",
                "missing=(8.5,) if 8.5 means no answer",
            ),
        ],
    )
    def test_values_off_the_scale_are_named(self, data: Any, message: str, hint: str) -> None:
        """The error names the value, how often it stands there, and the argument."""
        with pytest.raises(UsageError) as caught:
            _answers(data, NPS)
        assert (caught.value.message, caught.value.hint) == (message, hint)

    def test_many_values_are_counted(self) -> None:
        """With more than five values the others are counted together."""
        with pytest.raises(UsageError, match="and 3 answers have another value, which are not"):
            _answers([-1, -2, -3, -4, -5, -6, -7, -8], NPS)

    @pytest.mark.parametrize("data", [[4915112345678], list(range(200, 300))])
    def test_a_wrong_column_is_not_spelt_out(self, data: list[int]) -> None:
        """Long numbers and many values are no codes; none is repeated in the error."""
        with pytest.raises(UsageError, match="is this the column of the answers") as caught:
            _answers(data, NPS)
        assert str(data[0]) not in str(caught.value)
        assert not caught.value.context

    def test_words_are_not_spelt_out(self) -> None:
        """A text in the column of scores is counted and never repeated."""
        with pytest.raises(UsageError) as caught:
            _answers([5, "jane@example.org"])
        assert "jane" not in repr(caught.value) + str(caught.value)


class TestByLaw:
    @given(st.lists(st.one_of(st.none(), st.integers(0, 12))))
    def test_every_row_is_accounted_for(self, data: list[int | None]) -> None:
        """Levels and reasons add up to the rows."""
        made = _answers(data, NPS, (11, 12))
        counted = sum(count for _, count in made.exclusions)
        assert (made.level_codes >= 0).sum() + counted == len(made) == len(data)

    @given(st.lists(st.integers(0, 10)))
    def test_codes_are_places(self, data: list[int]) -> None:
        """The level at the code is the answer."""
        made = _answers(data, NPS)
        assert [made.levels[code] for code in made.level_codes] == data

    @given(st.lists(st.one_of(st.none(), st.integers(1, 5))))
    def test_leaving_out_missing_changes_no_count(self, data: list[int | None]) -> None:
        """Answers are counted the same whether gaps stand between them or not."""
        full = _answers([x for x in data if x is not None])
        gappy = _answers(data)
        assert Counter(gappy.level_codes[gappy.level_codes >= 0].tolist()) == Counter(
            full.level_codes.tolist()
        )

    def test_blocks_leave_no_trace(self) -> None:
        """Rows of many blocks have their places, and all that is off the scale is counted."""
        data = np.arange(2 * BLOCK + 3, dtype=np.int32) % 11
        assert np.array_equal(_answers(data, NPS).level_codes, data)
        data[[0, BLOCK, 2 * BLOCK + 1]] = 11
        with pytest.raises(UsageError, match="3 answers have the value 11"):
            _answers(data, NPS)

    def test_small_answers_stay_small(self) -> None:
        """Millions of answers of one byte are placed in less than a float for each."""
        data = np.arange(2**22, dtype=np.int8) % 11
        _answers(data[:2], NPS)
        tracemalloc.start()
        _answers(data, NPS)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8 * len(data)

    def test_scales_of_many_levels_fit(self) -> None:
        """A scale of a thousand levels keeps every level apart."""
        made = _answers([0, 1000, 500], Scale(0, 1000))
        assert made.level_codes.tolist() == [0, 1000, 500]
