"""Sentences that an executive can read and a statistician would sign."""

from __future__ import annotations

import cxm_core as cx

HAPPY, SAD = [10, 9, 9, 8, 7, 3] * 60, [10, 8, 8, 5, 3, 3] * 60


def test_an_estimate_is_told_with_its_doubt() -> None:
    """Figure, unit, interval with level, answers and method stand in one sentence."""
    made = cx.nps(HAPPY, method="wald")
    low, high = made.low, made.high
    assert str(made) == (
        f"nps is 33.3 points (95% confidence interval {low:.1f} to {high:.1f}, 360 answers, "
        "method wald)."
    )


def test_weights_cost_answers() -> None:
    """Where the design costs precision, the answers are told at what they are worth."""
    told = str(cx.nps(HAPPY, weights=[1.0, 5.0] * 180))
    assert "360 answers worth " in told
    assert "of a simple sample" in told


def test_a_caveat_is_never_left_out() -> None:
    """Who reads the sentence alone is warned as well."""
    assert str(cx.nps([10, 9, 3])).endswith("read the interval, not the figure.")
    assert str(cx.nps([None])) == "nps has no value. Nobody answered: there is no figure."


def test_a_clear_fall_is_called_one() -> None:
    """An interval below nought says that it fell, and by more than chance explains."""
    told = str(cx.compare(HAPPY, SAD, metric="nps"))
    assert told.startswith("nps fell by ")
    assert "it fell by more than chance explains at this level" in told


def test_a_change_within_chance_is_left_open() -> None:
    """An interval that holds nought says that the direction is open, whatever the figure did."""
    told = str(cx.compare(HAPPY, [*HAPPY, 10], metric="nps"))
    assert told.startswith("nps rose by ")
    assert "the data leave open which way it moved" in told


def test_a_breakdown_tells_how_far_it_reaches() -> None:
    """The lowest and the highest group are named, each with an interval of its own."""
    told = str(cx.nps(HAPPY + SAD, by=["North"] * 360 + ["South"] * 360))
    assert told.startswith("nps by group goes from ")
    assert " in South (" in told
    assert " in North (" in told
    assert "each with its own 95% confidence interval" in told


def test_a_group_is_named() -> None:
    """One group of a breakdown says which it is."""
    assert str(cx.nps(HAPPY, by={"region": ["North"] * 360})["North"]).startswith(
        "nps for region North is 33.3 points"
    )
