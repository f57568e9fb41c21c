"""Friction of touchpoints."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from journey_logs import log_of, turned


def planted(seed: int, n: int = 600) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """A shop whose form is where people leave, come back to, and complain of."""
    rng = np.random.default_rng(seed)
    ways, answers = [], []
    for case in range(n):
        way = ["home"] + ["form"] * int(rng.integers(1, 4))
        way += ["help"] * int(rng.random() < 0.3) + ["pay", "paid"] if rng.random() < 0.6 else []
        ways.append(way)
        answers += [(case, step, 1 if step == "form" and rng.random() < 0.5 else 5) for step in way]
    log = log_of(["x" * len(way) for way in ways])
    log["activity"] = [step for way in ways for step in way]
    log["customer"] = [case // 2 for case in log["case"]]
    customer, touchpoint, score = (list(part) for part in zip(*answers, strict=True))
    told = {"customer": [c // 2 for c in customer], "touchpoint": touchpoint, "score": score}
    return log, told


class TestByHand:
    def test_signs(self) -> None:
        """Leaving, dwelling and coming again are those of the log, sign by sign."""
        with pytest.raises(UsageError, match="2 kinds of touchpoints, and an order needs 3"):
            cx.friction(log_of(["abb", "ab", "a"] * 30))
        with pytest.raises(UsageError, match="1 kind of touchpoints"):
            cx.friction(log_of(["a", "aa"] * 30))
        log = log_of(["abbc", "abc", "a"] * 30)
        figures = cx.friction(log, goal="c").groups_pooled.figures
        assert figures["leave"].tolist() == pytest.approx([1 / 3, 0, 0])
        assert figures["again"].tolist() == pytest.approx([0, 1 / 2, 0])
        assert figures["dwell_s"][:2] == pytest.approx([60, 60])
        assert np.isnan(figures["dwell_s"][2])

    def test_the_planted_one_is_first(self) -> None:
        """The form has the most friction, with and without the answers."""
        log, told = planted(1)
        assert cx.friction(log, goal="paid").best == "form"
        found = cx.friction(log, told, goal="paid")
        assert found.best == "form"
        assert found["form"].first == found["form"].last == 1
        figures = found.groups_pooled.figures
        assert figures["unhappy"][0] == pytest.approx(0.5, abs=0.05)
        assert figures["n_answers"].sum() == len(told["score"])

    def test_cases_are_counted_once(self) -> None:
        """A case that goes through five touchpoints is one case."""
        log, _ = planted(1)
        found = cx.friction(log, goal="paid")
        assert found.groups_pooled.n.sum() > 600
        assert "n=600" in repr(found)

    def test_answers_about_something_else(self) -> None:
        """Answers about no touchpoint of the log are told, not counted."""
        log, told = planted(2)
        told["touchpoint"][0] = "moon"
        found = cx.friction(log, told, goal="paid")
        assert ("answers about no touchpoint of the log", 1) in found.receipt.exclusions

    def test_answers_without_a_customer(self) -> None:
        """They count, each for a customer of its own."""
        log, told = planted(3)
        bare = {name: told[name] for name in ("touchpoint", "score")}
        one, two = cx.friction(log, told), cx.friction(log, bare)
        assert one.groups_pooled.figures["unhappy"] == pytest.approx(
            two.groups_pooled.figures["unhappy"]
        )


class TestByLaw:
    def test_order_of_arrival(self) -> None:
        """Rows in another order give the same ranking, equal stamps included."""
        random = Random(1)
        log = log_of(["abcb", "abc", "ac", "b"] * 8, step=timedelta(0))
        one, two = cx.friction(log, goal="c"), cx.friction(turned(log, random), goal="c")
        assert one.first_place.tolist() == two.first_place.tolist()
        assert one.groups_pooled.value == pytest.approx(two.groups_pooled.value)


class TestByReference:
    @pytest.mark.slow
    def test_places_cover(self) -> None:
        """Over many logs of one shop, each touchpoint's true place lies between its places."""
        truth = np.mean(
            [cx.friction(*planted(s), goal="paid").place for s in range(90, 96)], axis=0
        )
        true_place = truth.argsort().argsort() + 1
        covered = [
            (found.first_place <= true_place) & (true_place <= found.last_place)
            for found in (cx.friction(*planted(s, n=150), goal="paid") for s in range(20))
        ]
        assert np.mean(covered) >= 0.9
