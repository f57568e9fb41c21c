"""Ways of cases, and where they turn back."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.engines import OTHER_WAYS
from cxm_core.errors import UsageError
from journey_logs import log_of, turned

ways = st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=15)


class TestByHand:
    def test_the_commonest_first(self) -> None:
        """Ways stand by how many take them; what is not shown is one group."""
        found = cx.variants(log_of(["ab", "b", "ab", "ba", "ab", "b"]), most=2)
        assert found.groups == ("a > b", "b", OTHER_WAYS)
        assert found.value == pytest.approx([1 / 2, 1 / 3, 1 / 6])
        assert found.figures["duration_s"].tolist() == [60, 0, 60]
        assert ("ways", 3) in found.receipt.steps

    def test_cases_are_counted_once(self) -> None:
        """Each way is a share of all cases, and an activity one of those that have it."""
        log = log_of(["ab", "b", "ab", "ba", "ab", "b"])
        for found in (cx.variants(log, most=2), cx.rework(log)):
            assert found.n.sum() > found.n_all == 6
            assert "groups of 6 cases" in str(found)

    def test_long_ways(self) -> None:
        """Long ways are cut in their label, and still are two ways."""
        found = cx.variants(log_of(["a" * 12 + "xy", "a" * 12 + "yx"]))
        first, second = found.groups
        assert first.endswith("> 2 more")
        assert second == f"{first} (2)"
        assert found.value.tolist() == [0.5, 0.5]

    def test_no_cases(self) -> None:
        """Without cases there is no way."""
        found = cx.variants({"case": [], "activity": [], "occurred_at": []})
        assert found.value.size == 1
        assert found.caveats[0].code == "nothing_counted"

    def test_rework(self) -> None:
        """Of the cases with an activity, the share that has it more than once."""
        found = cx.rework(log_of(["aab", "aba", "a"]))
        assert found["a"].value == pytest.approx(2 / 3)
        assert found["b"].value == 0
        assert found.figures["n_repeats"].tolist() == [2, 0]
        assert found.figures["n_at_once"].tolist() == [1, 0]
        assert found.figures["wait_s"][0] == 90

    def test_what_is_wrong(self) -> None:
        """No way at all, or a level that is none, is refused."""
        with pytest.raises(UsageError):
            cx.variants(log_of(["a"]), most=0)
        with pytest.raises(UsageError):
            cx.rework(log_of(["a"]), confidence_level=95)


class TestByLaw:
    @settings(max_examples=15)
    @given(ways)
    def test_counted_one_by_one(self, given_ways: list[str]) -> None:
        """Each way has as many cases as take it."""
        found = cx.variants(log_of(given_ways), most=99)
        wanted = Counter(" > ".join(way) for way in given_ways)
        assert dict(zip(found.groups, found.figures["n_cases"], strict=True)) == wanted
        assert found.value.sum() == pytest.approx(1)

    @settings(max_examples=15)
    @given(ways)
    def test_rework_counted_one_by_one(self, given_ways: list[str]) -> None:
        """Repeats are the events beyond the first of each case."""
        found = cx.rework(log_of(given_ways))
        for letter in found.groups:
            counts = [way.count(letter) for way in given_ways if letter in way]
            place = found.groups.index(letter)
            assert found.value[place] == pytest.approx(sum(n > 1 for n in counts) / len(counts))
            assert found.figures["n_repeats"][place] == sum(counts) - len(counts)

    @settings(max_examples=15)
    @given(ways, st.randoms(use_true_random=False))
    def test_order_of_arrival(self, given_ways: list[str], random: Any) -> None:
        """Rows in another order give the same ways, equal stamps included."""
        log = log_of(given_ways, step=timedelta(0))
        other = turned(log, random)
        assert cx.variants(log) == cx.variants(other)
        assert cx.rework(log) == cx.rework(other)
