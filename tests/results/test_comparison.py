"""Comparison: how two numbers differ."""

from __future__ import annotations

import pytest
from attrs import evolve

import cxm_core as cx
from cxm_core.results import Comparison, change_interval
from cxm_core.stats import mover


@pytest.fixture
def change() -> Comparison:
    """A fall of the score between two waves."""
    return cx.compare([10, 9, 8, 3] * 50, [10, 8, 8, 3] * 50, metric="nps")


def test_the_value_is_after_minus_before(change: Comparison) -> None:
    """A fall is below zero."""
    assert change.value == change.after.value - change.before.value == -25.0  # type: ignore[operator]  # both are there


def test_the_interval_is_that_of_the_two(change: Comparison) -> None:
    """The limits are those that the two intervals give."""
    after, before = change.after, change.before
    wanted = mover((after.value, after.low, after.high), (before.value, before.low, before.high))  # type: ignore[arg-type]  # all are there
    assert (change.low, change.high) == (wanted.low, wanted.high)
    assert change_interval(before, after) == (change.low, change.high)


def test_n_counts_both_sides(change: Comparison) -> None:
    """The answers of a comparison are those of its two sides."""
    assert change.n == 400


def test_effective_n_counts_both_sides(change: Comparison) -> None:
    """The effective number is that of both sides together; not known of one, it is not known."""
    assert change.effective_n == 400
    unknown = evolve(change.after, effective_n=None)
    assert evolve(change, after=unknown).effective_n is None


def test_the_picture_has_both_sides_and_the_change(change: Comparison) -> None:
    """Three rows and a line at zero."""
    assert [bar.label for bar in change._bars()] == ["before", "after", "change"]
    assert "cxm-zero" in change.svg()


def test_the_dict_has_both_sides(change: Comparison) -> None:
    """Both estimates are in the plain form, in full."""
    made = change.to_dict()
    assert made["before"] == change.before.to_dict()
    assert made["after"] == change.after.to_dict()


def test_signs_are_shown(change: Comparison) -> None:
    """A change reads as one: rising figures have a plus."""
    rise = cx.compare([10, 8, 8, 3] * 50, [10, 9, 8, 3] * 50, metric="nps")
    assert "+25.0 points" in repr(rise)
    assert "-25.0 points" in repr(change)
