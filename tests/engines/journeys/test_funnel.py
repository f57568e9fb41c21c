"""Stages of a funnel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.stats import mid_p
from journey_logs import START, log_of, turned

ways = st.lists(st.text("abcx", min_size=1, max_size=6), min_size=1, max_size=15)


def reached(way: str, stages: str) -> int:
    """How many stages a way reaches in order."""
    place = 0
    for letter in way:
        place += place < len(stages) and letter == stages[place]
    return place


class TestByHand:
    def test_of_the_start(self) -> None:
        """Shares are of the cases at the first stage; the others are told, not counted."""
        found = cx.funnel(log_of(["abc", "ab", "a", "xc"]), ["a", "b", "c"])
        assert found.groups == ("b", "c")
        assert found.value == pytest.approx([2 / 3, 1 / 3])
        assert found.figures["n_reached"].tolist() == [2, 1]
        assert found.figures["wait_s"].tolist() == [60, 120]
        assert found.receipt.exclusions == (("first stage not reached", 1),)
        assert found.receipt.steps == (("events", 8), ("cases", 4), ("a", 3), ("b", 2), ("c", 1))
        low, high = (float(limit) for limit in mid_p(2, 3))
        assert (found["b"].low, found["b"].high) == pytest.approx((low, high))

    def test_cases_are_counted_once(self) -> None:
        """Every stage is of the same cases: the sentence tells how many, and adds up no stages."""
        log = log_of(["abc", "ab", "a", "xc"])
        for of in ("start", "previous"):
            found = cx.funnel(log, ["a", "b", "c"], of=of)
            assert found.n_all == found.to_dict()["n_all"] == 3
            assert "(2 groups of 3 cases, " in str(found)
            assert "n=3" in repr(found)

    def test_of_the_stage_before(self) -> None:
        """Step conversion is of those at the stage before."""
        found = cx.funnel(log_of(["abc", "ab", "a"]), ["a", "b", "c"], of="previous")
        assert found.value.tolist() == pytest.approx([2 / 3, 1 / 2])
        assert found.figures["wait_s"].tolist() == [60, 60]

    def test_censoring(self) -> None:
        """Cases whose time is not over are left out, even those that got there already."""
        log = log_of(["ab", "a", "ab", "ab"])
        found = cx.funnel(log, ["a", "b"], within="90m", until=START + timedelta(hours=3))
        assert (found["b"].value, found["b"].n) == (0.5, 2)
        assert dict(found.receipt.exclusions)["window is not over yet"] == 1
        assert "open_windows" in [caveat.code for caveat in found.caveats]

    def test_too_late(self) -> None:
        """Who gets there after the time has not got there."""
        log = log_of(["ab", "axxxb"])
        found = cx.funnel(log, ["a", "b"], within="2m", until=START + timedelta(days=1))
        assert found["b"].value == 0.5

    def test_any_order_and_several_activities(self) -> None:
        """A stage may be several activities, and in no order it counts wherever it stands."""
        log = log_of(["ba", "ca", "a"])
        stages = {"begun": "a", "paid": ["b", "c"]}
        assert cx.funnel(log, stages)["paid"].value == 0
        found = cx.funnel(log, stages, is_ordered=False)
        assert found["paid"].value == pytest.approx(2 / 3)
        assert "wait_s" not in found.figures

    def test_a_stage_that_nobody_reaches(self) -> None:
        """It is a share of nought; behind it there is nothing to count."""
        found = cx.funnel(log_of(["a", "a"]), ["a", "b", "c"], of="previous")
        assert found["b"].value == 0
        assert found["c"].value is None
        assert found["c"].caveats[0].code == "nothing_counted"

    def test_groups(self) -> None:
        """Each stage is told for each group of cases."""
        log = log_of(["ab", "a", "ab"]) | {"plan": ["one", "one", "two", "one", "one"]}
        found = cx.funnel(log, ["a", "b"], by="plan")
        assert found["b", "one"].value == 1
        assert found["b", "two"].value == 0
        assert found.figures["n_reached"].tolist() == [2, 0]

    def test_customers_are_clusters(self) -> None:
        """Ten like cases of one customer tell as much as one."""
        ways_of = ["ab"] * 200 + ["a"] * 200
        log = log_of(ways_of)
        one = cx.funnel(log, ["a", "b"])["b"]
        tens = cx.funnel(log, ["a", "b"], customer=[case // 10 for case in log["case"]])["b"]
        assert tens.value == one.value
        assert tens.effective_n == pytest.approx(one.effective_n / 10, rel=0.2)

    def test_what_is_wrong(self) -> None:
        """One stage, a stage twice, a stage of nothing, stages of no event: refused."""
        log = log_of(["ab"])
        for stages in (["a"], ["a", "a"], ["a", []], ["y", "z"], "ab"):
            with pytest.raises(UsageError):
                cx.funnel(log, stages)
        with pytest.raises(UsageError, match="no shares of 'end'"):
            cx.funnel(log, ["a", "b"], of="end")  # type: ignore[arg-type]  # as a user may


class TestAbsentStages:
    """A stage or goal that no event has."""

    def test_funnel_and_time_to_value_tell_it(self) -> None:
        """Nobody has got so far, or the name is misspelt: both look alike, and are told."""
        log = log_of(["ab"] * 40)
        found = cx.funnel(log, ["a", "z"])
        assert found["z"].value == 0.0
        assert "absent_stages" in [caveat.code for caveat in found.caveats]
        assert "absent_stages" not in [c.code for c in cx.funnel(log, ["a", "b"]).caveats]
        curve = cx.time_to_value(log, start="a", goal="z")
        assert "absent_stages" in [caveat.code for caveat in curve.caveats]

    def test_no_friction_on_the_way_to_nowhere(self) -> None:
        """Where no event is the goal everybody would leave in vain."""
        with pytest.raises(UsageError, match="activity of the goal"):
            cx.friction(log_of(["abc", "acb", "bca"] * 20), goal="z")


class TestByLaw:
    @settings(max_examples=15)
    @given(ways)
    def test_counted_one_by_one(self, given_ways: list[str]) -> None:
        """Counts are those of going through each case by itself."""
        if not any("a" in way for way in given_ways):
            given_ways = [*given_ways, "a"]
        found = cx.funnel(log_of(given_ways), ["a", "b", "c"])
        depths = [reached(way, "abc") for way in given_ways]
        assert found.n.tolist() == [sum(d > 0 for d in depths)] * 2
        assert found.figures["n_reached"].tolist() == [sum(d > k for d in depths) for k in (1, 2)]
        assert (np.diff(found.value) <= 0).all()

    @settings(max_examples=15)
    @given(ways, st.randoms(use_true_random=False))
    def test_order_of_arrival(self, given_ways: list[str], random: Any) -> None:
        """Rows in another order give the same funnel, equal stamps included."""
        log = log_of([*given_ways, "abc"], step=timedelta(0))
        assert cx.funnel(log, ["a", "b"]) == cx.funnel(turned(log, random), ["a", "b"])
