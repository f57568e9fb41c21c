"""A plan as a shape."""

from __future__ import annotations

import pytest

import cxm_core as cx
from cxm_core.errors import UsageError


class TestForms:
    def test_sentences(self) -> None:
        """What is asked, the answer, and its range, in words."""
        told = {
            cx.plan("nps", half_width=5, spread=75): "To know nps by an interval 10.0 points wide",
            cx.plan("csat", difference=0.1, expected=0.7): "a difference of 10.0 percentage points",
            cx.plan("ces", margin=0.1, expected=0.7): "alike in ces within 10.0 percentage points",
            cx.plan("mean_score", difference=0.2, spread=1, correlation=0.5): "who answer twice",
        }
        for plan, words in told.items():
            assert words in str(plan)
            assert f"{plan.n:,}" in str(plan)

    def test_design_stands_in_the_summary(self) -> None:
        """Design effect, correlation and method are told."""
        plan = cx.plan("nps", difference=5, spread=75, correlation=0.4, design_effect=1.5)
        assert "design effect 1.5, correlation 0.4, method normal" in plan.summary()

    def test_duration(self) -> None:
        """Days are whole, and a traffic of none is refused."""
        plan = cx.plan("csat", half_width=0.05, expected=0.8)
        assert plan.duration(per_day=246) == 1
        assert plan.duration(per_day=245) == 2
        for wrong in ({"per_day": -1}, {"per_day": 5, "response_rate": 1.5}):
            with pytest.raises(UsageError, match="never ends"):
                plan.duration(**wrong)
