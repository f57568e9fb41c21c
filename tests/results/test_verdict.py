"""A verdict as a shape."""

from __future__ import annotations

import pytest
from attrs import evolve

import cxm_core as cx
from cxm_core.results import Verdict
from cxm_core.vocabulary import Window


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

    @pytest.mark.parametrize("decision", ["equivalent", "different", "undecided"])
    def test_sides_are_named(self, decision: str) -> None:
        """Two groups of one breakdown are called by their names wherever the verdict is told."""
        groups = cx.nps([10, 9, 9, 3] * 60, by=["mail", "chat"] * 120)
        found = cx.equivalent(groups["mail"], groups["chat"], margin=5)
        told = evolve(found, decision=decision)
        texts = (str(told), repr(told), told.title, told.svg(), told.to_json())
        assert all("mail" in text and "chat" in text for text in texts)
        assert "chat less mail" in str(told)
        assert "the two sides" not in str(told)
        assert "chat and mail are alike" in told.summary() or decision == "different"
        assert told.to_dict()["sides"] == ["mail", "chat"]
        frame = told.to_frame("pandas")
        assert (frame["first"][0], frame["second"][0]) == ("mail", "chat")

    def test_windows_name_sides_too(self) -> None:
        """The same group in two windows is told by its windows."""
        year = cx.nps([10, 9, 3] * 40, by=["chat"] * 120)["chat"]
        sides = [year.with_receipt(window=Window.parse(y, zone="UTC")) for y in ("2025", "2026")]
        found = cx.equivalent(*sides, margin=5)
        assert found.side_names == ("2025", "2026")

    def test_nothing_names_them(self, verdict: Verdict) -> None:
        """Answers as they come are two sides, and no name is made up."""
        assert verdict.side_names is None
        assert verdict.to_dict()["sides"] is None

    def test_numbers_are_those_of_the_comparison(self, verdict: Verdict) -> None:
        """Value, limits, unit and n are read through."""
        inner = verdict.comparison
        names = ("metric", "unit", "value", "low", "high", "n", "effective_n", "standard_error")
        assert all(getattr(verdict, name) == getattr(inner, name) for name in names)
        assert verdict.sides == (inner.before, inner.after)

    def test_picture_has_the_margin(self, verdict: Verdict) -> None:
        """The margin is drawn below the difference."""
        assert "within 5.0 percentage points: alike" in verdict.svg()
