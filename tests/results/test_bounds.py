"""Bounds as a result: one sentence for each verdict, and a table that adds nothing."""

from __future__ import annotations

import pytest

import cxm_core as cx
from cxm_core.results import Bounds

SCORE = cx.nps([10, 9, 9, 8, 7, 3] * 20)


def bounds(against: float | None, rate: float = 0.4) -> Bounds:
    """Bounds of one score."""
    return cx.response_bounds(SCORE, response_rate=rate, against=against)


@pytest.mark.parametrize(
    ("against", "rate", "told"),
    [
        (None, 0.4, "40% answered (120 answers)."),
        (0, 0.4, "That it lies above 0.0 points falls if the silent score"),
        (60, 0.4, "That it lies below 60.0 points falls if the silent score"),
        (0, 0.95, "That it lies above 0.0 points stands, whatever the silent say."),
        (33, 0.4, "Not even those who answered differ from 33.0 points for sure."),
    ],
)
def test_each_verdict_has_its_sentence(against: float | None, rate: float, told: str) -> None:
    """What is printed says what was found."""
    assert told in str(bounds(against, rate))


def test_the_table_has_three_lines() -> None:
    """Those who answered, all asked, and both with the sample's doubt."""
    found = bounds(None).to_frame("pandas")
    assert found["lowest"].tolist() == [bounds(None).lowest]
    assert bounds(None).summary().count("\n") == 6


def test_nobody() -> None:
    """Without a value it says so."""
    found = cx.response_bounds(cx.nps([None]), response_rate=0.5)
    assert str(found).startswith("nps of all asked has no value")
    assert found.to_dict()["lowest"] is None
