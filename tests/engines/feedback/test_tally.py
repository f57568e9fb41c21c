"""Counts that every metric of answers is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.stats import Tally

rows = st.lists(st.tuples(st.integers(0, 10), st.sampled_from(["a", "b", None]), st.integers(0, 3)))


def _count(data: list[tuple[int, str | None, int]]) -> Tally:
    columns = list(zip(*data, strict=True)) or [(), (), ()]
    return cx.tally(
        list(columns[0]), scale="0-10", by={"g": list(columns[1])}, clusters=list(columns[2])
    )


class TestByHand:
    def test_levels_and_groups(self) -> None:
        """Counts by group and level, the missing last."""
        made = cx.tally([0, 1, 1, None], scale="thumbs", by=["a", "a", None, "b"])
        assert made.levels == (0, 1)
        assert made.labels == (("a", None),)
        assert made.n.tolist() == [[1, 1], [0, 1]]

    def test_one_tally_for_every_metric(self) -> None:
        """Counted once, measured many times."""
        made = cx.tally([5, 4, 2, 6], scale="1-5", missing={6: "not_applicable"})
        assert cx.csat(made, scale="1-5").value == pytest.approx(2 / 3)
        assert cx.mean_score(made, scale="1-5").value == pytest.approx(11 / 3)
        assert cx.bottom_box(made, scale="1-5", of="asked").value == 0.25

    def test_groups_are_chosen_later(self) -> None:
        """A tally by two axes gives either, both or none."""
        made = cx.tally([10, 9, 3, 8], scale="0-10", by={"g": list("aabb"), "h": list("xyxy")})
        assert cx.nps(made).axes == ("g", "h")
        assert cx.nps(made, by="h").groups == ("x", "y")
        assert cx.nps(made, by=["g"]).value.tolist() == [100.0, -50.0]
        assert cx.nps(made, by=[]).value == 25.0

    @pytest.mark.parametrize(
        ("by", "message"),
        [("k", "no groups by 'k'"), (["g", "k"], "no groups by 'k'"), (5, "by its axes")],
    )
    def test_unknown_groups(self, by: object, message: str) -> None:
        """Groups that the tally does not have are refused."""
        made = cx.tally([10], scale="0-10", by={"g": ["a"]})
        with pytest.raises(UsageError, match=message):
            cx.nps(made, by=by)

    def test_a_column_of_a_tally(self) -> None:
        """A tally has no columns."""
        with pytest.raises(UsageError, match="the column cannot be named for a tally"):
            cx.tally(cx.tally([1], scale="0-10"), "score", scale="0-10")


class TestByLaw:
    @given(rows, rows)
    def test_parts_add_up(
        self, one: list[tuple[int, str | None, int]], other: list[tuple[int, str | None, int]]
    ) -> None:
        """Tally of both is the sum of the tallies, and taking one back leaves the other."""
        whole = _count(one + other)
        assert _count(one) + _count(other) == whole
        assert whole - _count(other) == _count(one)

    @given(rows)
    def test_a_tally_gives_what_the_answers_give(
        self, data: list[tuple[int, str | None, int]]
    ) -> None:
        """Groups and clusters travel with the counts."""
        if not data:
            return
        answers, groups, customers = (list(x) for x in zip(*data, strict=True))
        direct = cx.nps(answers, by={"g": groups}, clusters=customers)
        assert cx.nps(_count(data)).with_receipt(steps=()) == direct.with_receipt(steps=())


class TestByReference:
    def test_json_and_arrow_bring_it_back(self) -> None:
        """A tally that was written and read again gives the same result."""
        made = cx.tally([10, 9, 3, None], scale="0-10", by={"g": ["a", "b", None, "a"]})
        assert cx.nps(Tally.from_json(made.to_json())) == cx.nps(made)
        assert cx.nps(Tally.from_arrow(made.to_arrow())) == cx.nps(made)
