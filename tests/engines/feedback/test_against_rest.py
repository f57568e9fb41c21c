"""Each group against all the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.engines import definition
from cxm_core.errors import UsageError

SCORES = [10, 9, 8, 3] * 50 + [10, 8, 8, 3] * 50 + [10, 9, 8, 3] * 50
SHOPS = ["a"] * 200 + ["b"] * 200 + ["c"] * 200
rows = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 10)), min_size=4, max_size=80)


class TestByHand:
    def test_group_less_rest(self) -> None:
        """The value is the group's score less that of all others; one shop differs."""
        found = cx.against_rest(SCORES, metric="nps", by=SHOPS)
        assert found.value.tolist() == [12.5, -25.0, 12.5]
        assert found.figures["measured"].tolist() == [25.0, 0.0, 25.0]
        assert found.figures["rest"].tolist() == [12.5, 25.0, 12.5]
        assert (found.figures["p_adjusted"] < 0.05).tolist() == [False, True, False]

    def test_two_groups_are_one_comparison(self) -> None:
        """With two groups, each against the rest is the comparison of the two."""
        scores, by = SCORES[:400], SHOPS[:400]
        made = cx.nps(scores, by=by)
        wanted = cx.compare(made["b"], made["a"])
        found = cx.against_rest(scores, metric="nps", by=by)["a"]
        assert (found.value, found.low, found.high) == pytest.approx(
            (wanted.value, wanted.low, wanted.high)
        )

    def test_simultaneous_intervals_are_wider(self) -> None:
        """All intervals together cost width; two groups cost next to nothing."""
        single = cx.against_rest(SCORES, metric="nps", by=SHOPS)
        both = cx.against_rest(SCORES, metric="nps", by=SHOPS, adjust="simultaneous")
        assert ((both.high - both.low) > 1.1 * (single.high - single.low)).all()
        two = {"metric": "nps", "by": SHOPS[:400]}
        narrow = cx.against_rest(SCORES[:400], **two, adjust="simultaneous")
        plain = cx.against_rest(SCORES[:400], **two)
        assert narrow.high - narrow.low == pytest.approx(plain.high - plain.low, rel=0.02)

    def test_a_customer_on_both_sides_ties_them(self) -> None:
        """Customers with like answers in two shops make the difference of the shops surer."""
        scores, by = [10, 10, 3, 3] * 50, ["a", "b"] * 100
        customers = [i // 2 for i in range(200)]
        tied = cx.against_rest(scores, metric="nps", by=by, clusters=customers)
        free = cx.against_rest(scores, metric="nps", by=by)
        assert tied.high[0] - tied.low[0] < 0.2 * (free.high[0] - free.low[0])

    def test_a_definition_is_a_metric(self) -> None:
        """A named definition stands in the metric's place, and in the receipt."""
        easy = definition("net_easy")
        found = cx.against_rest([1, 2, 4, 7] * 10, metric=easy, by=["a", "b"] * 20)
        assert found.receipt.definition == "net_easy"

    def test_a_group_without_answers(self) -> None:
        """It has no difference and is no part of the family."""
        found = cx.against_rest(
            [*SCORES, 11], metric="nps", by=[*SHOPS, "empty"], missing={11: "not_applicable"}
        )
        assert found["empty"].value is None
        assert dict(found.receipt.parameters)["tests"] == "3"

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"metric": "nps"}, "no rest"),
            ({"metric": "nps", "by": ["a"] * 600}, "no rest"),
            ({"metric": "nps", "by": SHOPS, "adjust": "hollm"}, "did you mean 'holm'"),
            ({"metric": "npss", "by": SHOPS}, "did you mean 'nps'"),
            ({"metric": "csat", "by": SHOPS}, "needs the scale"),
            ({"metric": "nps", "by": SHOPS, "confidence_level": 95}, "between 0 and 1"),
        ],
    )
    def test_what_is_refused(self, options: Any, message: str) -> None:
        """Wrong input is an error with a cure."""
        with pytest.raises(UsageError, match=message):
            cx.against_rest(SCORES, **options)


class TestByLaw:
    @settings(max_examples=20)
    @given(rows, st.sampled_from(["holm", "bh", "none"]))
    def test_p_values_agree_with_the_intervals(self, data: Any, adjust: str) -> None:
        """A group's interval leaves nought out just where its own p-value is below 0.05."""
        by, scores = zip(*data, strict=True)
        if len(set(by)) < 2:
            return
        found = cx.against_rest(list(scores), metric="nps", by=list(by), adjust=adjust)
        differs = (found.low > 0) | (found.high < 0)
        p = found.figures["p_value"]
        clear = np.abs(p - 0.05) > 1e-6
        assert ((p < 0.05) == differs)[clear].all()
        assert (found.figures["p_adjusted"] >= p - 1e-12).all()

    @settings(max_examples=20)
    @given(rows)
    def test_the_interval_holds_the_value(self, data: Any) -> None:
        """Each difference lies between its limits."""
        by, scores = zip(*data, strict=True)
        if len(set(by)) < 2:
            return
        found = cx.against_rest(list(scores), metric="nps", by=list(by))
        assert (found.low <= found.value).all()
        assert (found.value <= found.high).all()

    def test_chance_alone_claims_little(self) -> None:
        """Of 3,000 groups without a difference, hardly any is claimed after adjusting."""
        rng = np.random.default_rng(9)
        by, scores = rng.integers(0, 3000, 60_000), rng.integers(0, 11, 60_000)
        found = cx.against_rest(scores, metric="nps", by=by)
        single = (found.figures["p_value"] < 0.05).mean()
        assert 0.03 < single < 0.07
        assert (found.figures["p_adjusted"] < 0.05).sum() <= 2


class TestByReference:
    def test_it_is_compare_with_the_others(self) -> None:
        """Calling all others by one name and comparing gives the same limits."""
        rng = np.random.default_rng(10)
        by, scores = rng.integers(0, 5, 300), rng.integers(0, 11, 300)
        found = cx.against_rest(scores, metric="nps", by=by)
        for group in range(5):
            wanted = cx.compare(
                cx.nps(scores[by != group].tolist()), cx.nps(scores[by == group].tolist())
            )
            made = found[group]
            assert (made.value, made.low, made.high) == pytest.approx(
                (wanted.value, wanted.low, wanted.high)
            )
