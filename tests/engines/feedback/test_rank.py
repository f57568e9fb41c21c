"""An order of groups, or none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Ranking

CLEAR = [10, 9, 10, 3] * 50 + [10, 8, 8, 3] * 50 + [7, 9, 2, 3] * 50
SHOPS = ["a"] * 200 + ["b"] * 200 + ["c"] * 200
CODES = {11: "not_applicable"}


class TestByHand:
    def test_clear_groups_have_an_order(self) -> None:
        """Groups that are far apart have one place each, a first and a last."""
        found = cx.rank(cx.nps(CLEAR, by=SHOPS))
        assert found.order == ("a", "b", "c")
        assert (found.best, found.worst) == ("a", "c")
        assert found["b"] == (2, 2)

    def test_alike_groups_are_refused_an_order(self) -> None:
        """Groups of the same answers have no order, no best one, and the caveat says so."""
        found = cx.rank(cx.nps([10, 9, 8, 3] * 60, by=[i // 24 for i in range(240)]))
        assert found.order is None
        assert (found.best, found.worst) == (None, None)
        assert "unrankable" in [caveat.code for caveat in found.caveats]
        assert "cannot be put in an order" in str(found)

    def test_some_have_a_place(self) -> None:
        """Two shops far below have a place, though neither is surely last; the others have none."""
        scores = [10, 9, 8, 3] * 100 + [5, 3, 2, 9] * 25
        found = cx.rank(cx.nps(scores, by=[i // 50 for i in range(500)]))
        assert found.worst is None
        assert sorted(found.order or ()) == [8, 9]
        assert found[8] == found[9] == (9, 10)

    def test_a_group_without_answers(self) -> None:
        """It has no place, and the summary says why."""
        found = cx.rank(cx.nps([*CLEAR, 11], by=[*SHOPS, "empty"], missing=CODES))
        assert found["empty"] == (0, 0)
        assert "no answers" in found.summary()
        assert found.order == ("a", "b", "c")

    def test_what_it_can_do(self) -> None:
        """Dict, frame and picture tell the same groups by place."""
        found = cx.rank(cx.nps(CLEAR, by=SHOPS))
        assert [g["labels"] for g in found.to_dict()["groups"]] == [["a"], ["b"], ["c"]]
        assert found.to_frame("pandas")["first_place"].tolist() == [1, 2, 3]
        assert "place 1" in found.svg()
        assert "place" in repr(found)

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: cx.rank(cx.nps([10])), "takes a breakdown"),
            (lambda: cx.rank(cx.nps(CLEAR, by=SHOPS), n_resamples=5), "5 draws"),
            (lambda: cx.rank(cx.nps(CLEAR, by=SHOPS))["x"], "None of the 3 groups"),
            (lambda: cx.rank(cx.nps(CLEAR, by=SHOPS), rng="x"), "rng= is of the type"),
        ],
    )
    def test_what_is_refused(self, make: Any, message: str) -> None:
        """Wrong input is an error with a cure."""
        with pytest.raises(UsageError, match=message):
            make()


class TestByLaw:
    def test_equal_data_rank_equally(self) -> None:
        """Without a generator the seed is fixed and told; with one it is that one's."""
        made = cx.nps(CLEAR, by=SHOPS)
        assert cx.rank(made) == cx.rank(made)
        assert cx.rank(made).receipt.seed == 0
        assert cx.rank(made, rng=7).receipt.seed == 7
        assert cx.rank(made, rng=np.random.default_rng(7)).receipt.seed is not None

    def test_pooled_already(self) -> None:
        """Ranking pools by itself, and takes what is pooled as it is."""
        made = cx.nps(CLEAR, by=SHOPS)
        pooled = cx.rank(cx.pool(made))
        assert isinstance(pooled, Ranking)
        assert pooled.place.tolist() == cx.rank(made).place.tolist()

    def test_order_of_rows_does_not_matter(self) -> None:
        """Rows in another order give the same ranking."""
        turned = cx.rank(cx.nps(CLEAR[::-1], by=SHOPS[::-1]))
        assert turned == cx.rank(cx.nps(CLEAR, by=SHOPS))


class TestByReference:
    def test_places_cover(self) -> None:
        """Over 60 draws of 12 shops, places hold the true ones about as often as they say."""
        rng = np.random.default_rng(8)
        held = []
        for _ in range(60):
            truth = rng.normal(0.7, 0.08, 12).clip(0.05, 0.95)
            sizes = rng.integers(20, 200, 12)
            by = np.repeat(np.arange(12), sizes)
            answers = np.where(rng.random(by.size) < truth[by], 5, 1)
            found = cx.rank(cx.csat(answers, scale="1-5", by=by), n_resamples=400)
            true = (-truth).argsort().argsort() + 1
            held.append((found.first_place <= true) & (true <= found.last_place))
        assert np.mean(held) > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 200)
