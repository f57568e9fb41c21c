"""A verdict as a shape."""

from __future__ import annotations

import pytest
from attrs import evolve

import cxm_core as cx
from cxm_core.results import Verdict


@pytest.fixture
def verdict() -> Verdict:
    """Verdict on two shares."""
    return cx.equivalent([5, 4, 1] * 40, [5, 4, 2] * 40, metric="csat", scale="1-5", margin=0.05)


class TestForms:
    @pytest.mark.parametrize("decision", ["equivalent", "different", "undecided"])
    def test_true_only_if_alike(self, verdict: Verdict, decision: str) -> None:
        """Neither a difference nor doubt is taken for a yes."""
        told = evolve(verdict, decision=decision)
        assert bool(told) == (decision == "equivalent")
        assert told.summary().startswith(decision)

    def test_sentence(self, verdict: Verdict) -> None:
        """The sentence has decision, difference, interval, margin and what is missing."""
        text = str(verdict)
        assert text.startswith("By csat it is not known yet whether they are alike, and about ")
        assert "more answers may tell (difference 0.0 percentage points" in text
        assert "margin 5.0 percentage points" in text

    def test_numbers_are_those_of_the_comparison(self, verdict: Verdict) -> None:
        """Value, limits, unit and n are read through."""
        inner = verdict.comparison
        names = ("metric", "unit", "value", "low", "high", "n")
        assert all(getattr(verdict, name) == getattr(inner, name) for name in names)
        assert verdict.sides == (inner.before, inner.after)

    def test_picture_has_the_margin(self, verdict: Verdict) -> None:
        """The margin is drawn below the difference."""
        assert "within 5.0 percentage points: alike" in verdict.svg()
