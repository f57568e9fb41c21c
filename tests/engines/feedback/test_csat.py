"""Customer satisfaction."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown
from cxm_core.vocabulary import Scale

answers = st.lists(st.integers(1, 5), min_size=1, max_size=60)


class TestByHand:
    def test_the_top_levels_count(self) -> None:
        """Four and five of five are satisfied."""
        made = cx.csat([5, 4, 3, 1], scale="1-5")
        assert (made.value, made.n, made.unit) == (0.5, 4, "share")
        assert made.receipt.parameters == (("scale", "1-5"), ("top", "4 5"))

    def test_top_can_be_named(self) -> None:
        """Who counts only five gets the share of fives."""
        assert cx.csat([5, 4, 3, 1], scale="1-5", top=(5,)).value == 0.25

    @pytest.mark.parametrize(
        ("scale", "value"),
        [("1-5 reversed", 0.25), (Scale(1, 5, top=(3, 4, 5)), 0.75), ("1-7", 0.0)],
    )
    def test_the_scale_decides(self, scale: Any, value: float) -> None:
        """The same numbers mean other things on another scale."""
        assert cx.csat([5, 4, 3, 1], scale=scale).value == value

    def test_thumbs(self) -> None:
        """On a scale of two levels the better one counts."""
        assert cx.csat([1, 1, 1, 0], scale="thumbs").value == 0.75

    def test_groups_and_weights(self) -> None:
        """Shares of groups, by weight."""
        made = cx.csat([5, 1, 5, 1], scale="1-5", by=["a", "a", "b", "b"], weights=[1, 1, 3, 1])
        assert isinstance(made, Breakdown)
        assert made.value.tolist() == [0.5, 0.75]
        assert made.method == "mid_p, design effective n"

    @pytest.mark.parametrize(
        "method", ["mid_p", "wilson", "jeffreys", "clopper_pearson", "agresti_coull"]
    )
    def test_methods_by_name(self, method: str) -> None:
        """Each method has its own interval around the same value."""
        made = cx.csat([5, 4, 3, 1], scale="1-5", method=method)
        assert (made.method, made.value) == (method, 0.5)

    @pytest.mark.parametrize("top", [(6,), (0, 5), ()])
    def test_levels_off_the_scale(self, top: tuple[int, ...]) -> None:
        """Top levels that the scale does not have are refused."""
        with pytest.raises(UsageError, match="top= names"):
            cx.csat([5], scale="1-5", top=top)

    def test_unknown_scales(self) -> None:
        """A misspelt scale is refused with what there is."""
        with pytest.raises(UsageError, match="is no scale"):
            cx.csat([5], scale="one to five")

    def test_the_scale_is_required(self) -> None:
        """A scale is never guessed from the values."""
        with pytest.raises(TypeError, match="scale"):
            cx.csat([5, 4])  # type: ignore[call-overload]  # the mistake on trial


class TestByLaw:
    @given(answers)
    def test_it_stays_within_bounds(self, data: list[int]) -> None:
        """A share and its limits lie in 0 to 1, the share between the limits."""
        made = cx.csat(data, scale="1-5")
        assert 0 <= made.low <= made.value <= made.high <= 1
        assert made.low < made.high

    @given(answers)
    def test_turning_the_scale_changes_nothing(self, data: list[int]) -> None:
        """The same answers numbered the other way round give the same share."""
        made = cx.csat(data, scale="1-5")
        turned = cx.csat([6 - x for x in data], scale="1-5 reversed")
        assert (made.value, made.low, made.high) == (turned.value, turned.low, turned.high)

    @given(answers, st.randoms(use_true_random=False))
    def test_order_does_not_matter(self, data: list[int], random: Any) -> None:
        """Shuffled answers give the very same result."""
        assert cx.csat(random.sample(data, len(data)), scale="1-5") == cx.csat(data, scale="1-5")

    @given(answers, answers)
    def test_pooled_equals_merged(self, one: list[int], other: list[int]) -> None:
        """Tallies that were merged give what all answers together give."""
        merged = cx.tally(one, scale="1-5") + cx.tally(other, scale="1-5")
        made, pooled = cx.csat(merged, scale="1-5"), cx.csat(one + other, scale="1-5")
        assert made.with_receipt(steps=()) == pooled.with_receipt(steps=())


class TestByReference:
    def test_published_intervals(self, shared: Path) -> None:
        """Newcombe 1998 and others, to the printed digits."""
        cases = json.loads((shared / "cases" / "statistics.json").read_text())["cases"]
        known = ("wilson", "clopper_pearson", "mid_p", "jeffreys")
        checked = 0
        for case in cases:
            given_, wanted = case["inputs"], case["expected"]
            if case["area"] != "csat" or given_.get("method") not in known:
                continue
            data = [1] * given_["x"] + [0] * (given_["n"] - given_["x"])
            made = cx.csat(data, scale="thumbs", method=given_["method"])
            tolerance = case["tolerance"]["abs"]
            assert made.low == pytest.approx(wanted["lower"], abs=tolerance), case["id"]
            assert made.high == pytest.approx(wanted["upper"], abs=tolerance), case["id"]
            checked += 1
        assert checked >= 9

    def test_the_beta_interval_of_a_survey(self, shared: Path) -> None:
        """Korn and Graubard's interval of R's survey package is ours with Clopper and Pearson."""
        everything = json.loads((shared / "cases" / "statistics.json").read_text())
        case = next(case for case in everything["cases"] if case["id"] == "survey-csat-beta")
        made = cx.csat(
            everything["data"]["nps30"],
            "score",
            scale="0-10",
            weights="w",
            clusters="cust",
            strata="stratum",
            method="clopper_pearson",
        )
        assert made.low == pytest.approx(case["expected"]["lower"], abs=1e-6)
        assert made.high == pytest.approx(case["expected"]["upper"], abs=1e-6)
