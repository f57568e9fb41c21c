"""Net Promoter Score."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.engines import METHODS
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Estimate

scores = st.lists(st.integers(0, 10), min_size=1, max_size=60)
gappy = st.lists(st.one_of(st.none(), st.integers(0, 10)), max_size=60)
rows = st.lists(
    st.tuples(st.integers(0, 10), st.sampled_from(["a", "b", None]), st.integers(0, 4)), min_size=1
)


def _codes(made: Any) -> list[str]:
    return [caveat.code for caveat in made.caveats]


class TestByHand:
    def test_promoters_less_detractors(self) -> None:
        """Two promoters, one passive and one detractor of four are 25 points."""
        made = cx.nps([10, 9, 8, 3])
        assert (made.value, made.n, made.unit, made.metric) == (25.0, 4, "points", "nps")

    @pytest.mark.parametrize(
        ("score", "value"), [(0, -100.0), (6, -100.0), (7, 0.0), (8, 0.0), (9, 100.0), (10, 100.0)]
    )
    def test_where_the_lines_are(self, score: int, value: float) -> None:
        """Nine and ten promote, nought to six detract, seven and eight do neither."""
        assert cx.nps([score]).value == value

    def test_the_error_is_the_multinomial_one(self) -> None:
        """The standard error is the root of (p + d - (p - d)^2) / n, in points."""
        made = cx.nps([10] * 5 + [8] * 3 + [3] * 2)
        assert made.standard_error == pytest.approx(100 * math.sqrt((0.7 - 0.09) / 10))

    def test_the_method_is_named(self) -> None:
        """The result and its receipt say how the interval was made."""
        made = cx.nps([10, 3] * 20)
        assert (made.method, made.receipt.method, made.receipt.engine) == ("score", "score", "nps")
        designed = cx.nps([10, 3] * 20, weights=[1.0, 2.0] * 20)
        assert designed.method == "score, design effective n"

    def test_the_receipt_counts_the_rows(self) -> None:
        """Rows, answers, and why the others are none."""
        made = cx.nps([10, None, 11, 3, 11], missing=(11,))
        assert made.receipt.steps == (("rows", 5), ("answered", 2))
        assert made.receipt.exclusions == (("missing", 1), ("code 11", 2))
        assert made.receipt.parameters == (("scale", "0-10"),)

    def test_groups_in_order(self) -> None:
        """Groups come sorted, numbers before words, and the missing last."""
        made = cx.nps([10, 9, 3, 8], by=["b", 2, None, "a"])
        assert made.groups == (2, "a", "b", None)

    def test_weights_move_the_value(self) -> None:
        """A promoter of weight three and a detractor of weight one are 50 points."""
        made = cx.nps([10, 3], weights=[3, 1])
        assert made.value == 50.0
        assert made.n == 2

    def test_clusters_widen_the_interval(self) -> None:
        """Ten customers who answer ten times each know less than a hundred customers."""
        answers = ([10] * 10 + [3] * 10) * 5
        plain = cx.nps(answers)
        clustered = cx.nps(answers, clusters=[i // 10 for i in range(100)])
        assert clustered.value == plain.value
        assert clustered.effective_n is not None
        assert clustered.effective_n < 12
        assert "few_clusters" in _codes(clustered)
        assert "design_effect" in _codes(clustered)

    @pytest.mark.parametrize("method", ["score", "bonett_price", "wald"])
    def test_methods_by_name(self, method: str) -> None:
        """Each method has its own interval around the same value."""
        made = cx.nps([10, 9, 8, 3], method=method)
        assert (made.method, made.value) == (method, 25.0)

    def test_few_answers_are_a_caveat(self) -> None:
        """Below thirty answers the reader is warned; from thirty on not."""
        assert _codes(cx.nps([10] * 29)) == ["small_n"]
        assert _codes(cx.nps([10] * 30)) == []

    @pytest.mark.parametrize("data", [[], [None], [11, 11]])
    def test_no_answers_are_a_caveat(self, data: list[Any]) -> None:
        """Without an answer there is no value, and a reason."""
        made = cx.nps(data, missing=(11,))
        assert (made.value, made.low, made.high, made.n) == (None, None, None, 0)
        assert _codes(made) == ["no_answers"]

    def test_a_single_cluster_has_no_interval(self) -> None:
        """One customer says nothing about the spread between customers."""
        made = cx.nps([10, 9, 3], clusters=[1, 1, 1])
        assert (made.low, made.high) == (None, None)
        assert "not_reached" in _codes(made)

    def test_answers_without_a_cluster_are_counted(self) -> None:
        """A few answers without a customer count in the figure, and the reader is told."""
        made = cx.nps([10, 3] * 50, clusters=[*range(98), None, None])
        assert next(c.message for c in made.caveats).startswith("2 answers have no cluster")

    def test_strata_of_one_cluster_are_counted(self) -> None:
        """A stratum with a single cluster is told."""
        made = cx.nps([10, 3, 9], strata=["a", "a", "b"])
        assert "1 stratum holds a single cluster" in " ".join(c.message for c in made.caveats)

    def test_answers_without_weight(self) -> None:
        """Where no answer has a weight there is no figure, and the reason stands there."""
        answers, none = [10, 9, 3] * 20, [0] * 60
        assert "Every answer has the weight zero" in str(cx.nps(answers, weights=none))
        by = ["a"] * 60 + ["b"] * 60
        both = cx.nps(answers * 2, weights=[*none, *[1] * 60], by=by)
        assert both["a"].value is None
        assert [caveat.code for caveat in both["a"].caveats] == ["no_weight"]
        assert both["b"].caveats == ()


class TestErrors:
    @pytest.mark.parametrize("method", ["wilson", "scor", "", None])
    def test_unknown_methods(self, method: Any) -> None:
        """A method that is none of the score's is refused."""
        with pytest.raises(UsageError, match=r"nps has no interval method|'method' is None"):
            cx.nps([10], method=method)

    @pytest.mark.parametrize("level", [95, 0, 1, -1, True])
    def test_levels(self, level: float) -> None:
        """A level outside 0 to 1 is refused."""
        with pytest.raises(UsageError, match="between 0 and 1"):
            cx.nps([10], confidence_level=level)

    def test_tallies_of_another_scale(self) -> None:
        """Answers from 1 to 5 are no Net Promoter Score."""
        with pytest.raises(UsageError, match="other levels than the scale 0-10: 1 to 5"):
            cx.nps(cx.tally([1, 5], scale="1-5"))

    @pytest.mark.parametrize("part", ["weights", "strata", "clusters"])
    def test_tallies_are_counted_already(self, part: str) -> None:
        """Weights and design belong to where the tally is made."""
        with pytest.raises(UsageError, match=f"{part} cannot be named for a tally"):
            cx.nps(cx.tally([1, 5], scale="0-10"), **{part: [1, 2]})


class TestByLaw:
    @given(scores)
    def test_it_stays_within_bounds(self, data: list[int]) -> None:
        """Value and limits lie between -100 and 100, the value between the limits."""
        made = cx.nps(data)
        assert -100 <= made.low <= made.value <= made.high <= 100
        assert made.low < made.high

    @given(scores, st.randoms(use_true_random=False))
    def test_order_does_not_matter(self, data: list[int], random: Any) -> None:
        """Shuffled answers give the very same result."""
        shuffled = random.sample(data, len(data))
        assert cx.nps(shuffled) == cx.nps(data)

    @given(gappy)
    def test_leaving_out_missing_changes_no_number(self, data: list[int | None]) -> None:
        """Gaps are as if the rows were not there, but for the receipt."""
        with_gaps = cx.nps(data)
        without = cx.nps([x for x in data if x is not None])
        assert with_gaps.with_receipt(steps=(), exclusions=()) == without.with_receipt(
            steps=(), exclusions=()
        )

    @given(scores, scores)
    def test_pooled_equals_merged(self, one: list[int], other: list[int]) -> None:
        """Tallies that were merged give what all answers together give."""
        merged = cx.tally(one, scale="0-10") + cx.tally(other, scale="0-10")
        pooled = cx.nps(one + other)
        assert cx.nps(merged).with_receipt(steps=()) == pooled.with_receipt(steps=())

    @given(scores)
    def test_all_ways_in_meet(self, data: list[int]) -> None:
        """A list, an array, a table's column and a tally give one result."""
        made = cx.nps(data)
        assert cx.nps(np.array(data, np.int8)) == made
        assert cx.nps({"score": data}, "score") == made
        assert cx.nps(cx.tally(data, scale="0-10")).value == made.value

    @given(rows)
    def test_a_group_is_its_rows(self, data: list[tuple[int, str | None, int]]) -> None:
        """The estimate of a group is the estimate of its rows alone."""
        made = cx.nps([s for s, _, _ in data], by=[g for _, g, _ in data])
        assert isinstance(made, Breakdown)
        for group in made.groups:
            alone = cx.nps([s for s, g, _ in data if g == group])
            mine = made[group]
            assert (mine.value, mine.low, mine.high, mine.n) == (
                *(alone.value, alone.low, alone.high, alone.n),
            )

    @given(rows)
    def test_groups_roll_up(self, data: list[tuple[int, str | None, int]]) -> None:
        """A tally with groups, asked for none, gives the result of all answers."""
        table = [s for s, _, _ in data], [g for _, g, _ in data]
        grouped = cx.tally(table[0], scale="0-10", by={"g": table[1]})
        assert cx.nps(grouped, by=[]).value == cx.nps(table[0]).value

    @given(rows)
    def test_equal_weights_change_no_value(self, data: list[tuple[int, str | None, int]]) -> None:
        """Weights that are all alike give the plain value."""
        answers = [s for s, _, _ in data]
        weighted = cx.nps(answers, weights=[2.5] * len(data))
        assert weighted.value == pytest.approx(cx.nps(answers).value, abs=1e-9)

    @given(rows)
    def test_answers_of_no_weight_change_no_value(
        self, data: list[tuple[int, str | None, int]]
    ) -> None:
        """An answer of weight nought does not move the value."""
        answers, weights = [s for s, _, _ in data], [w + 1.0 for _, _, w in data]
        more = cx.nps([*answers, 0], weights=[*weights, 0.0])
        assert more.value == pytest.approx(cx.nps(answers, weights=weights).value, abs=1e-9)

    @given(rows, st.sampled_from([0.5, 0.8, 0.99]))
    def test_a_level_asked_for_is_a_level_made(
        self, data: list[tuple[int, str | None, int]], level: float
    ) -> None:
        """Asking for a level gives what the result makes of itself later, to the bit."""
        answers, customers = [s for s, _, _ in data], [c for _, _, c in data]
        for design in ({}, {"clusters": customers}):
            made = cx.nps(answers, confidence_level=level, **design)
            assert cx.nps(answers, **design).at_level(level) == made

    @given(scores)
    def test_turned_answers_turn_the_interval(self, data: list[int]) -> None:
        """Promoters and detractors in each other's place mirror the interval."""
        turned = [10 if x <= 6 else 0 if x >= 9 else x for x in data]
        made, mirror = cx.nps(data), cx.nps(turned)
        assert (mirror.low, mirror.high) == pytest.approx((-made.high, -made.low), abs=1e-6)


class TestByReference:
    def test_published_intervals(self, shared: Path) -> None:
        """Tango 1998, Agresti and Min 2005 and others, to the printed digits."""
        cases = json.loads((shared / "cases" / "statistics.json").read_text())["cases"]
        known = [
            case
            for case in cases
            if case["area"] == "nps"
            and case["inputs"].get("method") in ("score", "wald")
            and "promoters" in case["inputs"]
        ]
        assert len(known) >= 6
        for case in known:
            made = _of_counts(case["inputs"])
            tolerance = case["tolerance"]["abs"]
            told = {"estimate": made.value, "lower": made.low, "upper": made.high}
            told["se"] = made.standard_error
            for name, wanted in case["expected"].items():
                assert told[name] / 100 == pytest.approx(wanted, abs=tolerance), case["id"]

    def test_the_mapping(self, shared: Path) -> None:
        """Which score is what, on the reference list."""
        case = _case(shared, "nps-mapping")
        made = cx.nps(case["inputs"]["scores"])
        assert (made.n, made.value) == (case["expected"]["n"], case["expected"]["nps"])

    @pytest.mark.parametrize(
        ("name", "design"),
        [
            ("survey-nps-weights-only", {"weights": "w"}),
            ("survey-nps-clustered", {"weights": "w", "clusters": "cust"}),
            ("survey-nps-per-customer-ratio", {"clusters": "cust"}),
        ],
    )
    def test_survey_designs(self, shared: Path, name: str, design: dict[str, str]) -> None:
        """Value and error of weighted and clustered samples, as R's survey package gives them."""
        case = _case(shared, name)
        made = cx.nps(_nps30(shared), "score", **design)
        assert made.value / 100 == pytest.approx(case["expected"]["nps"], abs=1e-8)
        assert made.standard_error / 100 == pytest.approx(case["expected"]["se"], abs=1e-8)

    def test_strata_apart(self, shared: Path) -> None:
        """Groups of a stratified, clustered sample and their errors."""
        case = _case(shared, "survey-nps-diff")
        made = cx.nps(
            _nps30(shared), "score", by="stratum", weights="w", clusters="cust", strata="stratum"
        )
        for group in ("A", "B"):
            value, error = case["expected"][group]
            assert made[group].value / 100 == pytest.approx(value, abs=1e-8)
            assert made[group].standard_error / 100 == pytest.approx(error, abs=1e-8)


def _of_counts(counts: dict[str, Any]) -> Estimate:
    data = [10] * counts["promoters"] + [8] * counts["passives"] + [0] * counts["detractors"]
    made = cx.nps(data, method=counts["method"], confidence_level=counts["confidence"])
    assert isinstance(made, Estimate)
    return made


def _case(shared: Path, name: str) -> Any:
    cases = json.loads((shared / "cases" / "statistics.json").read_text())["cases"]
    return next(case for case in cases if case["id"] == name)


def _nps30(shared: Path) -> Any:
    return json.loads((shared / "cases" / "statistics.json").read_text())["data"]["nps30"]


class TestMethods:
    @pytest.mark.parametrize("method", METHODS["balance"])
    def test_every_method_by_name(self, method: str) -> None:
        """Each method has an interval, named in the result, at any level, with weights or not."""
        scores = [10, 9, 8, 3, 9, 7] * 10
        for weights in (None, [1.0, 2.0, 0.5] * 20):
            made = cx.nps(scores, method=method, weights=weights)
            low, high = made.confidence_interval(0.8)
            assert made.method.startswith(method)
            assert made.low < low < made.value < high < made.high

    def test_a_bootstrap_is_exact_or_drawn(self) -> None:
        """Without rng the resampling is worked out; with one it is drawn, again the same."""
        scores, halves = [10, 9, 8, 3] * 15, ["a", "b"] * 30
        exact = cx.nps(scores, by=halves, method="bootstrap")
        drawn = cx.nps(scores, by=halves, method="bootstrap", rng=7)
        again = cx.nps(scores, by=halves, method="bootstrap", rng=7)
        assert drawn == again
        assert (exact.receipt.seed, drawn.receipt.seed) == (None, 7)
        assert drawn["a"].confidence_interval(0.95) == (drawn["a"].low, drawn["a"].high)
        assert drawn["a"].low == pytest.approx(exact["a"].low, abs=5)

    def test_a_generator_moves_on(self) -> None:
        """A generator gives the seed, which stands in the receipt and makes the same again."""
        rng = np.random.default_rng(7)
        first, second = (cx.nps([10, 3] * 9, method="bootstrap", rng=rng) for _ in range(2))
        assert first.receipt.seed != second.receipt.seed
        assert cx.nps([10, 3] * 9, method="bootstrap", rng=first.receipt.seed) == first

    @pytest.mark.parametrize("rng", [True, -1, "7", 0.5])
    def test_no_source(self, rng: object) -> None:
        """What cannot start a drawing is refused."""
        with pytest.raises(UsageError, match="rng="):
            cx.nps([10], method="bootstrap", rng=rng)  # type: ignore[arg-type]  # that is the point
