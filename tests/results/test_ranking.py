"""A ranking as a shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attrs import evolve

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Places, Ranking


def made(**parts: Any) -> Ranking:
    """Ranking of four groups, with some parts of one's own."""
    shops = ["a", "b", "c", "d"] * 30
    scores = [10, 10, 3, 3] * 20 + [10, 3, 10, 3] * 10
    ranking = cx.rank(cx.nps(scores, by=shops), n_resamples=200)
    given = {
        "place": [1.0, 2.5, 2.5, 4.0],
        "first_place": [1, 2, 2, 4],
        "last_place": [1, 4, 3, 4],
        "chance_first": [0.99, 0.01, 0, 0],
        "chance_last": [0, 0.1, 0, 0.9],
        "caveats": (),
    }
    return evolve(ranking, **{**given, **parts})


class TestPlaces:
    def test_places_of_a_group(self) -> None:
        """A label gives the group's places; a wrong one is refused as a breakdown refuses it."""
        assert made()["c"] == Places(first=2, last=3)
        with pytest.raises(UsageError, match="None of the 4 groups"):
            made()["x"]

    def test_half_of_all_is_the_limit(self) -> None:
        """A group with places over more than half of all has none."""
        assert made().is_placed.tolist() == [True, False, True, True]
        assert made().order == ("a", "c", "d")

    def test_sure_ends(self) -> None:
        """The best and the worst are named only if the level's chance says so."""
        assert (made().best, made().worst) == ("a", None)
        assert made(confidence_level=0.9).worst == "d"

    def test_nobody_has_a_place(self) -> None:
        """Without any place there is no order, and the sentence says so."""
        none = made(first_place=[1] * 4, last_place=[4] * 4)
        assert none.order is None
        assert "cannot be put in an order" in str(none)


class TestForms:
    def test_sentence(self) -> None:
        """The sentence names who is sure to lead, and how many have a place."""
        text = "rank of nps by group: a is highest, and 3 of 4 groups have a place at 95%."
        assert str(made()) == text

    def test_rows_by_place(self) -> None:
        """Dict and frame go by mean place; a group without answers comes last, with nulls."""
        lost = made(place=[np.nan, 2, 1, 3], first_place=[0, 2, 1, 3], last_place=[0, 2, 1, 3])
        groups = lost.to_dict()["groups"]
        assert [group["labels"] for group in groups] == [["c"], ["b"], ["d"], ["a"]]
        assert groups[-1]["place"] is None
        assert "no answers" in lost.summary()
        assert lost.to_frame("pandas")["first_place"].tolist() == [1, 2, 3, 0]

    def test_equal_by_value(self) -> None:
        """Two of the same numbers are equal, and arrays are locked."""
        assert made() == made()
        assert made() != made(place=[1.0, 2.0, 3.0, 4.0])
        with pytest.raises(ValueError, match="read-only"):
            made().place[0] = 5
