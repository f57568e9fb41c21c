"""Mean of a scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import cxm_core as cx

answers = st.lists(st.integers(1, 5), min_size=1, max_size=60)


class TestByHand:
    def test_the_mean_of_the_answers(self) -> None:
        """Five, four and three have the mean four."""
        made = cx.mean_score([5, 4, 3, None], scale="1-5")
        assert (made.value, made.n, made.unit) == (4.0, 3, "scale points")
        assert made.method == "pseudo_t"

    def test_the_pseudo_answer(self) -> None:
        """Ten fives and one answer spread over five levels, then Student's t with ten degrees."""
        made = cx.mean_score([5] * 10, scale="1-5")
        mixed = np.array([0.2, 0.2, 0.2, 0.2, 10.2]) / 11
        levels = np.arange(1, 6)
        centre = mixed @ levels
        spread = mixed @ (levels - centre) ** 2
        low = centre - stats.t.ppf(0.975, 10) * np.sqrt(spread / 10)
        assert (made.low, made.high) == pytest.approx((low, 5.0))

    def test_weights_and_groups(self) -> None:
        """Means of groups, by weight."""
        made = cx.mean_score(
            [5, 1, 4, 2], scale="1-5", by=["a", "a", "b", "b"], weights=[3, 1, 1, 1]
        )
        assert made.value.tolist() == [4.0, 3.0]
        assert made.method == "pseudo_t, design effective n"
        assert cx.mean_score([5, 1], scale="1-5", weights=[1, 1], method="t").method == (
            "t, design error"
        )

    def test_not_applicable_is_no_answer(self) -> None:
        """Who did not use it has no part in the mean."""
        made = cx.mean_score([5, 3, 6], scale="1-5", missing={6: "not_applicable"})
        assert (made.value, made.n) == (4.0, 2)
        assert made.low is not None

    def test_all_alike_still_has_an_interval(self) -> None:
        """Answers that are all alike do not make the mean certain."""
        made = cx.mean_score([5] * 40, scale="1-5")
        assert made.standard_error == 0
        assert made.low < 5.0 == made.high


class TestByLaw:
    @given(answers)
    def test_it_stays_on_the_scale(self, data: list[int]) -> None:
        """The mean and its limits lie on the scale, the mean between the limits."""
        made = cx.mean_score(data, scale="1-5")
        assert 1 <= made.low <= made.high <= 5
        assert 1 <= made.value <= 5

    @given(answers)
    def test_turned_answers_turn_the_interval(self, data: list[int]) -> None:
        """Numbering the scale the other way round mirrors the interval."""
        made = cx.mean_score(data, scale="1-5")
        turned = cx.mean_score([6 - x for x in data], scale="1-5")
        wanted = (6 - made.value, 6 - made.high, 6 - made.low)
        assert (turned.value, turned.low, turned.high) == pytest.approx(wanted)

    @given(answers, answers)
    def test_pooled_equals_merged(self, one: list[int], other: list[int]) -> None:
        """Tallies that were merged give what all answers together give."""
        merged = cx.tally(one, scale="1-5") + cx.tally(other, scale="1-5")
        made = cx.mean_score(merged, scale="1-5").with_receipt(steps=())
        assert made == cx.mean_score(one + other, scale="1-5").with_receipt(steps=())


class TestByReference:
    @given(st.lists(st.integers(1, 7), min_size=2, max_size=60), st.sampled_from([0.8, 0.95]))
    def test_student_by_scipy(self, data: list[int], level: float) -> None:
        """The plain t interval is SciPy's."""
        made = cx.mean_score(data, scale="1-7", method="t", confidence_level=level)
        if len(set(data)) > 1:
            wanted = stats.ttest_1samp(data, 0).confidence_interval(level)
            assert (made.low, made.high) == pytest.approx((wanted.low, wanted.high))

    def test_error_by_numpy(self) -> None:
        """The standard error is the deviation over the root of n, with n below."""
        data = [5, 4, 4, 2, 1, 1, 3]
        made = cx.mean_score(data, scale="1-5")
        assert made.standard_error == pytest.approx(np.std(data) / np.sqrt(7))
