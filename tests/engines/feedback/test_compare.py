"""How a metric differs."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError

scores = st.lists(st.integers(0, 10), min_size=1, max_size=60)


class TestByHand:
    def test_after_less_before(self) -> None:
        """From 100 to 0 points is a change of -100."""
        made = cx.compare([10], [8], metric="nps")
        assert (made.value, made.unit, made.method) == (-100.0, "points", "mover")

    def test_all_ways_in_meet(self) -> None:
        """Results, tallies, answers and a function of one's own give the same change."""
        before, after = [5, 4, 2] * 20, [5, 1, 2] * 20
        csat = partial(cx.csat, scale="1-5")
        wanted = cx.compare(csat(before), csat(after))
        assert cx.compare(before, after, metric="csat", scale="1-5") == wanted
        assert cx.compare(before, after, metric=csat) == wanted
        tallies = [cx.tally(x, scale="1-5") for x in (before, after)]
        counted = cx.compare(*tallies, metric="csat", scale="1-5")
        assert (counted.value, counted.low, counted.high) == (wanted.value, wanted.low, wanted.high)

    def test_levels_and_codes(self) -> None:
        """Top levels and missing codes are those of the metric."""
        made = cx.compare([5, 4, 6], [5, 5, 6], metric="top_box", scale="1-5", top=(5,), missing=6)
        assert made.value == 0.5
        assert made.receipt.parameters == (("scale", "1-5"), ("top", "5"))

    def test_groups_of_a_breakdown(self) -> None:
        """Two groups of one breakdown are compared as they are."""
        made = cx.nps([10, 9, 8, 3], by=["a", "a", "b", "b"])
        assert cx.compare(made["a"], made["b"]).value == -150.0

    def test_another_level(self) -> None:
        """A level that is named holds for both sides and the change."""
        sides = cx.nps([10, 3] * 20), cx.nps([10, 8] * 20)
        made = cx.compare(*sides, confidence_level=0.8)
        assert {made.confidence_level, made.before.confidence_level} == {0.8}
        assert (made.low, made.high) == cx.compare(*sides).confidence_interval(0.8)

    def test_nobody_on_one_side(self) -> None:
        """Without a figure on one side there is no change, and the reason stands there."""
        made = cx.compare([10], [None], metric="nps")
        assert (made.value, made.low, made.high, made.standard_error) == (None,) * 4
        assert "no_answers" in [caveat.code for caveat in made.caveats]

    def test_caveats_of_both_sides(self) -> None:
        """What is odd on either side is told once."""
        made = cx.compare([10] * 3, [9] * 3, metric="nps")
        assert [caveat.code for caveat in made.caveats] == ["small_n"]

    def test_unlike_sides(self) -> None:
        """A weighted side against a plain one, or one without a code, is told for what it is."""
        answers = [10, 9, 9, 8, 7, 3] * 20
        plain = cx.nps(answers)
        weighted = cx.compare(cx.nps(answers, weights=[1, 2] * 60), plain)
        assert "The sides differ in weights (before only)" in str(weighted)
        declared = cx.compare(plain, cx.nps(answers, missing=(3,)))
        assert "20 code 3 after, none on the other side" in str(declared)

    def test_like_sides(self) -> None:
        """Blanks, and a code that nobody happened to use, make no difference."""
        answers = [10, 9, 9, 8, 7, 3] * 20
        for other in ([*answers, *[None] * 40], [*answers, 99]):
            made = cx.compare(cx.nps(answers, missing=(99,)), cx.nps(other, missing=(99,)))
            assert made.caveats == ()
        alike = {"clusters": [*range(60)] * 2, "strata": ["a", "b"] * 60}
        tied = cx.compare(cx.nps(answers), cx.nps(answers, **alike))
        assert "unlike_sides" not in [caveat.code for caveat in tied.caveats]


class TestErrors:
    @pytest.mark.parametrize(
        ("before", "after", "options", "message"),
        [
            ([1], [2], {}, "no metric is named"),
            (cx.nps([1]), [2], {}, "after is no result"),
            ([1], [2], {"metric": "npss"}, "did you mean 'nps'"),
            ([1], [2], {"metric": "csat"}, "needs the scale"),
            ([1], [2], {"metric": "nps", "scale": "1-5"}, "defined on the scale 0-10 only"),
            ([1], [2], {"metric": len}, "made a int of before"),
            ([1], [2], {"metric": "nps", "top": (9, 10)}, "nps has no use for top"),
            (cx.nps([1], by=["a"]), cx.nps([1]), {}, "has 1 groups"),
            (cx.nps([1]), cx.csat([1], scale="1-5"), {}, "differ in their metric"),
            (
                cx.csat([1], scale="1-5"),
                cx.csat([1], scale="1-7"),
                {},
                "differ in their definition: scale 1-5, top 4 5 before, scale 1-7, top 6 7 after",
            ),
            (cx.nps([1]), cx.nps([1], confidence_level=0.9), {}, "differ in their confidence"),
        ],
    )
    def test_what_cannot_be_compared(
        self, before: Any, after: Any, options: dict[str, Any], message: str
    ) -> None:
        """Sides that are not of one metric, one definition and one level are refused."""
        with pytest.raises(UsageError, match=message):
            cx.compare(before, after, **options)


class TestByLaw:
    @given(scores, scores)
    def test_turning_the_sides_turns_the_change(self, one: list[int], other: list[int]) -> None:
        """Before and after in each other's place mirror the interval."""
        made = cx.compare(one, other, metric="nps")
        back = cx.compare(other, one, metric="nps")
        assert (back.value, back.low, back.high) == pytest.approx(
            (-made.value, -made.high, -made.low)
        )

    @given(scores)
    def test_nothing_changed(self, data: list[int]) -> None:
        """The same answers on both sides are no change, and the interval says so."""
        made = cx.compare(data, data, metric="nps")
        assert made.value == 0
        assert made.low <= 0 <= made.high

    @given(scores, scores)
    def test_the_interval_holds_the_value(self, one: list[int], other: list[int]) -> None:
        """The change lies between its limits, wider than those of either side."""
        made = cx.compare(one, other, metric="nps")
        assert made.low <= made.value <= made.high


class TestByReference:
    def test_newcombe(self, shared: Path) -> None:
        """Newcombe 1998, method 10: two shares by Wilson's intervals."""
        cases = json.loads((shared / "cases" / "statistics.json").read_text())["cases"]
        case = next(case for case in cases if case["id"] == "prop-diff-newcombe-d")
        given_, wanted = case["inputs"], case["expected"]
        sides = [
            cx.csat([1] * x + [0] * (n - x), scale="thumbs", method="wilson")
            for x, n in ((given_["x2"], given_["n2"]), (given_["x1"], given_["n1"]))
        ]
        made = cx.compare(*sides)
        assert (made.low, made.high) == pytest.approx(
            (wanted["lower"], wanted["upper"]), abs=case["tolerance"]["abs"]
        )

    def test_the_error_of_two_waves(self, shared: Path) -> None:
        """Value and standard error of a difference of two scores."""
        cases = json.loads((shared / "cases" / "statistics.json").read_text())["cases"]
        case = next(case for case in cases if case["id"] == "nps-two-sample-wald")
        sides = [
            [10] * g["promoters"] + [8] * g["passives"] + [0] * g["detractors"]
            for g in (case["inputs"]["y"], case["inputs"]["x"])
        ]
        made = cx.compare(*sides, metric="nps")
        assert made.value / 100 == pytest.approx(case["expected"]["difference"], abs=1e-8)
        assert made.standard_error / 100 == pytest.approx(case["expected"]["se"], abs=1e-8)


class TestMethods:
    def test_the_method_is_named(self) -> None:
        """What was asked for stands in the result and its receipt, and makes other levels too."""
        sides = [5, 1, 4] * 20, [5, 5, 2] * 20
        made = cx.compare(*sides, metric="csat", scale="1-5", method="miettinen_nurminen")
        assert (made.method, made.receipt.method) == ("miettinen_nurminen",) * 2
        narrow = cx.compare(
            *sides, metric="csat", scale="1-5", method="miettinen_nurminen", confidence_level=0.8
        )
        assert made.confidence_interval(0.8) == pytest.approx((narrow.low, narrow.high))

    def test_relative(self) -> None:
        """From two in five to three in five is half as much again."""
        made = cx.compare(
            [5, 5, 1, 1, 1] * 20, [5, 5, 5, 1, 1] * 20, metric="csat", scale="1-5", relative=True
        )
        assert made.value == pytest.approx(0.5)
        assert (made.unit, made.method) == ("relative change", "koopman")
        assert "+50.0%" in repr(made)
        assert "rose by 50.0%" in str(made)
        assert "from 40.0%" in str(made)
        assert made.svg().startswith("<svg")

    def test_relative_to_nothing(self) -> None:
        """From nobody there is no relative change, and no warning."""
        made = cx.compare([1] * 9, [5] * 9, metric="csat", scale="1-5", relative=True)
        assert (made.value, made.high) == (None, None)

    def test_points_have_no_zero(self) -> None:
        """A part of points means nothing."""
        with pytest.raises(UsageError, match="a part of them means nothing"):
            cx.compare([10], [9], metric="nps", relative=True)

    def test_quantiles_and_ratios(self) -> None:
        """What has a true zero can be compared in parts: from two hours to three."""
        before, after = (cx.quantile([h] * 3 + [h + 1] * 9 + [h + 2] * 3) for h in (1, 2))
        made = cx.compare(before, after, relative=True)
        assert (made.value, made.method) == (0.5, "mover_ratio")

    def test_drawing(self) -> None:
        """A bootstrap draws from rng, and says where it began."""
        sides = [10, 3, 8] * 20, [10, 9, 8] * 20
        made = cx.compare(*sides, metric="nps", method="bootstrap", rng=7)
        assert made.receipt.seed == 7
        assert made == cx.compare(*sides, metric="nps", method="bootstrap", rng=7)
        assert made.confidence_interval(0.95) == (made.low, made.high)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"method": "fieller"}, "A change has no interval method"),
            ({"method": "koopman"}, "A change has no interval method"),
            ({"method": "mover", "relative": True, "metric": "csat", "scale": "1-5"}, "relative"),
        ],
    )
    def test_refusals(self, options: dict[str, Any], message: str) -> None:
        """A method that does not make the change that was asked for is refused."""
        with pytest.raises(UsageError, match=message):
            cx.compare([5], [4], **{"metric": "nps", **options})
