"""Weights for who answers more often than others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError

ASKED = {
    "tickets": [0, 0, 3, 3] * 30,
    "plan": ["basic", "plus", "basic", "plus"] * 30,
    "score": [9, 10, 2, None] * 30,
}
SAID = [score is not None for score in ASKED["score"]]


class TestByHand:
    def test_the_quiet_are_spoken_for(self) -> None:
        """Of those with tickets half answered: each of them speaks for two."""
        found = cx.weigh_response(ASKED, SAID, known="tickets")
        assert found.weights[:4].tolist() == pytest.approx([1.0, 1.0, 2.0, 0.0])
        assert cx.nps(ASKED, "score", weights=found).value == pytest.approx(0.0)
        assert found.receipt.steps == (("asked", 120), ("answered", 90))

    def test_own_chances(self) -> None:
        """Without classes each weight is one over the row's chance."""
        found = cx.weigh_response(ASKED, SAID, known=["tickets"], classes=None)
        assert found.weights[2] == pytest.approx(2.0, rel=1e-4)
        assert found.method == "response propensity"

    @pytest.mark.parametrize(
        ("asked", "said", "told"),
        [
            ({"tickets": [0] * 60 + [3] * 60}, [True] * 60 + [False] * 60, 60),
            ({"plan": ["a"] * 480 + ["b"] * 20}, [True, False, False] * 160 + [False] * 20, 20),
            ({"plan": ["a"] * 480 + ["b"] * 20}, [True, False] * 250, None),
        ],
    )
    def test_kinds_of_customers_that_never_answered(
        self, asked: dict[str, Any], said: list[bool], told: int | None
    ) -> None:
        """Nobody speaks for them, and their number is told."""
        found = cx.weigh_response(asked, said, known=list(asked))
        messages = [c.message for c in found.caveats if c.code == "unheard"]
        assert [message.split()[0] for message in messages] == ([] if told is None else [f"{told}"])

    def test_weights_of_the_drawing(self) -> None:
        """Weights to start from are kept, by name or as a sequence."""
        table = {**ASKED, "w": [1.0, 2.0] * 60}
        one = cx.weigh_response(table, SAID, known="tickets", weights="w")
        assert one == cx.weigh_response(table, SAID, known="tickets", weights=table["w"])
        assert one.weights[1] == pytest.approx(2 * one.weights[0])


class TestByLaw:
    @given(st.integers(0, 10_000))
    def test_the_weights_add_up_to_everybody(self, seed: int) -> None:
        """In each class those who answered weigh as much as all who were asked."""
        rng = np.random.default_rng(seed)
        table = {"tenure": rng.normal(size=200).tolist(), "plan": rng.integers(0, 3, 200).tolist()}
        said = rng.random(200) < 1 / (1 + np.exp(-np.array(table["tenure"])))
        found = cx.weigh_response(table, said, known=["tenure", "plan"])
        assert found.weights.sum() == pytest.approx(200)
        assert (found.weights > 0).tolist() == said.tolist()
        assert found.weights[said].min() >= 1.0 - 1e-9

    def test_a_column_of_the_table_says_who_answered(self) -> None:
        """By name as well as by itself."""
        table = {**ASKED, "said": SAID}
        one = cx.weigh_response(table, "said", known="tickets")
        assert one == cx.weigh_response(ASKED, SAID, known="tickets")


class TestByReference:
    def test_it_takes_out_the_bias_that_is_known(self) -> None:
        """Simulated with a seed: the weighted score is near the truth, the plain one is not."""
        rng = np.random.default_rng(20261122)
        tickets = rng.poisson(1.0, 4000)
        scores = np.where(rng.random(4000) < 0.9 - 0.25 * np.minimum(tickets, 3), 10, 3)
        truth = cx.nps(scores).value
        said = rng.random(4000) < 0.15 + 0.2 * np.minimum(tickets, 3)
        table = {"tickets": tickets, "score": np.where(said, scores, -1)}
        plain = cx.nps(table, "score", missing=(-1,)).value
        weighting = cx.weigh_response(table, said, known="tickets")
        weighted = cx.nps(table, "score", missing=(-1,), weights=weighting).value
        assert truth is not None
        assert plain is not None
        assert weighted is not None
        assert abs(plain - truth) > 15
        assert abs(weighted - truth) < 6


@pytest.mark.parametrize(
    ("answered", "options", "match"),
    [
        ([True] * 120, {"known": "tickets"}, "All rows say the same"),
        ([False] * 120, {"known": "tickets"}, "All rows say the same"),
        (SAID[:50], {"known": "tickets"}, "50 rows"),
        (["yes"] * 120, {"known": "tickets"}, "true and false"),
        (SAID, {"known": "tikcets"}, "no column"),
        (SAID, {"known": "tickets", "weights": [0.0] * 120}, "not above zero"),
    ],
)
def test_refusals(answered: Any, options: Any, match: str) -> None:
    """Nothing to tell apart, lengths, and columns that are not there."""
    with pytest.raises(UsageError, match=match):
        cx.weigh_response(ASKED, answered, **options)
