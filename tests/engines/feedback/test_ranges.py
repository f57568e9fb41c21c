"""A slip of the unit is refused, and not called a finding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import cxm_core as cx
from cxm_core.engines.feedback._ranges import Range, check_margin, check_value
from cxm_core.errors import UsageError

FIVES, DAYS = [1, 2, 3, 4, 5] * 40, [place // 20 for place in range(200)]
GIVEN: dict[str, Any] = {"metric": "csat", "scale": "1-5"}


class TestByHand:
    @pytest.mark.parametrize(
        ("unit", "scale", "ends"),
        [
            ("points", "0-10", (-100.0, 100.0)),
            ("share", "1-5", (0.0, 1.0)),
            ("scale points", "1-7", (1.0, 7.0)),
            ("EUR", "1-5", None),
        ],
    )
    def test_ranges(self, unit: str, scale: str, ends: tuple[float, float] | None) -> None:
        """Each unit has its ends; what is counted in money has none."""
        found = Range.of(unit, [("scale", scale)])
        assert (None if found is None else found.ends) == ends

    def test_what_lies_within_is_let_pass(self) -> None:
        """Ends belong to the range, and without a range there is nothing to check."""
        share = Range(0.0, 1.0, "share")
        check_margin(0.9, share)
        check_value(1.0, share, name="target")
        check_margin(1e9, None)
        check_value(None, share, name="target")
        with pytest.raises(UsageError, match="as wide as all"):
            check_margin(1.0, share)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: cx.equivalent(FIVES, FIVES, margin=5, **GIVEN),
        lambda: cx.track(FIVES, DAYS, baseline=0.4, margin=5, **GIVEN),
        lambda: cx.track(FIVES, DAYS, baseline=40, **GIVEN),
        lambda: cx.control_chart(FIVES, DAYS, target=40, **GIVEN),
        lambda: cx.response_bounds(cx.csat(FIVES, scale="1-5"), asked=500, against=40),
    ],
)
def test_percent_where_a_share_is_due(ask: Callable[[], object]) -> None:
    """Five for five percentage points is refused, with the number that was meant."""
    with pytest.raises(UsageError, match="0 to 1 as a share") as caught:
        ask()
    assert "0.05 for five percentage points" in str(caught.value)


def test_a_margin_of_points_beyond_all_points() -> None:
    """All promoters and all detractors are alike within no margin."""
    with pytest.raises(UsageError, match="-100 to 100 points"):
        cx.equivalent([10] * 50, [0] * 50, metric="nps", margin=300)


def test_a_margin_of_a_mean_as_wide_as_its_scale() -> None:
    """A scale from 1 to 5 is four points wide."""
    with pytest.raises(UsageError, match="1 to 5 scale points"):
        cx.equivalent(FIVES, FIVES, metric="mean_score", scale="1-5", margin=4)
