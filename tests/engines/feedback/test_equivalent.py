"""Alike, different, or not known yet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError

MIXED = [10, 9, 8, 3]
scores = st.lists(st.integers(0, 10), min_size=5, max_size=60)


class TestByHand:
    def test_alike(self) -> None:
        """With many like answers two sides are shown to be alike, and the verdict is true."""
        found = cx.equivalent(MIXED * 500, MIXED * 500, metric="nps", margin=10)
        assert found
        assert (found.decision, found.more) == ("equivalent", None)

    def test_not_known_yet(self) -> None:
        """With few answers nothing is shown, the verdict is false, and tells how many more."""
        found = cx.equivalent(MIXED * 25, MIXED * 25, metric="nps", margin=10)
        assert not found
        assert found.decision == "undecided"
        n = round((200 + found.more) / 8 + 1)
        assert cx.equivalent(MIXED * n, MIXED * n, metric="nps", margin=10)

    def test_different(self) -> None:
        """Sides that are apart by more than the margin are different, whatever their number."""
        found = cx.equivalent([10] * 100, [3] * 100, metric="nps", margin=10)
        assert (found.decision, found.more) == ("different", None)

    def test_the_level_of_the_interval(self) -> None:
        """Two tests of 5 % are an interval of 90 %."""
        found = cx.equivalent(MIXED * 25, MIXED * 25, metric="nps", margin=10)
        assert found.comparison.confidence_level == pytest.approx(0.9)
        assert found.confidence_level == 0.95
        wanted = cx.compare(MIXED * 25, MIXED * 25, metric="nps", confidence_level=0.9)
        assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))

    def test_nobody_answered(self) -> None:
        """Without answers on one side nothing is known."""
        found = cx.equivalent([10] * 30, [None], metric="nps", margin=10)
        assert (found.decision, found.more, found.value) == ("undecided", None, None)
        assert "no_answers" in [caveat.code for caveat in found.caveats]

    def test_no_number_helps(self) -> None:
        """If the difference is the margin itself, more answers decide nothing."""
        found = cx.equivalent([10, 8] * 50, [10, 8] * 45 + [8, 8] * 5, metric="nps", margin=5)
        assert (found.decision, found.more) == ("undecided", None)

    def test_what_it_can_do(self) -> None:
        """Sentence, dict, frame and picture tell the decision."""
        found = cx.equivalent(MIXED * 25, MIXED * 25, metric="nps", margin=10)
        assert "not known yet" in str(found)
        assert found.to_dict()["decision"] == found.to_frame("pandas")["decision"][0] == "undecided"
        assert "within 10.0 points: alike" in found.svg()
        assert found.sides[0].n == 100

    @pytest.mark.parametrize("margin", [0, -1, float("nan"), float("inf")])
    def test_a_margin_that_is_none(self, margin: float) -> None:
        """A margin must be above zero."""
        with pytest.raises(UsageError, match="must be above zero"):
            cx.equivalent(MIXED, MIXED, metric="nps", margin=margin)

    def test_other_mistakes(self) -> None:
        """Levels that are none, and sides of two metrics, are refused."""
        with pytest.raises(UsageError, match="decides nothing"):
            cx.equivalent(MIXED, MIXED, metric="nps", margin=5, confidence_level=0.5)
        with pytest.raises(UsageError, match="differ in their metric"):
            cx.equivalent(cx.nps(MIXED), cx.csat([5, 4], scale="1-5"), margin=5)


class TestByLaw:
    @settings(max_examples=20)
    @given(scores, scores, st.floats(1, 150))
    def test_turning_the_sides_changes_nothing(
        self, one: list[int], other: list[int], margin: float
    ) -> None:
        """Who is first does not matter to the decision."""
        found = cx.equivalent(one, other, metric="nps", margin=margin)
        back = cx.equivalent(other, one, metric="nps", margin=margin)
        assert (found.decision, found.more) == (back.decision, back.more)

    @settings(max_examples=20)
    @given(scores, scores, st.floats(1, 100), st.floats(1, 100))
    def test_a_wider_margin_is_easier(
        self, one: list[int], other: list[int], margin: float, wider: float
    ) -> None:
        """What is alike within a margin is alike within a wider one."""
        results: Any = [cx.nps(one), cx.nps(other)]
        if cx.equivalent(*results, margin=margin):
            assert cx.equivalent(*results, margin=margin + wider)


class TestByReference:
    def test_statsmodels_agrees(self) -> None:
        """Two one-sided Welch tests of large samples decide as the interval does."""
        import numpy as np  # noqa: PLC0415
        from statsmodels.stats.weightstats import ttost_ind  # noqa: PLC0415

        rng = np.random.default_rng(11)
        one, other = rng.integers(1, 6, 900), rng.integers(1, 6, 900)
        gap = abs(one.mean() - other.mean())
        for margin in (gap + 0.05, gap + 0.09, gap + 0.14, gap + 0.2):
            p = ttost_ind(one, other, -margin, margin, usevar="unequal")[0]
            found = cx.equivalent(one, other, metric="mean_score", scale="1-5", margin=margin)
            assert bool(found) == (p < 0.05)
