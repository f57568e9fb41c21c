"""Figures of a shop's clickstream whose incidents are known: what was planted is found again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import cxm_core as cx
from journey_logs import shop_log

DAY_0 = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(shared: Path) -> dict[str, list[Any]]:
    """31,106 events of 3,605 sessions of 600 customers, with the incident of each event's day."""
    log = shop_log(shared)
    days = [(at - DAY_0).days for at in log["occurred_at"]]
    log["period"] = [
        "payment" if 139 <= day <= 159 else "checkout" if 99 <= day <= 130 else "other"
        for day in days
    ]
    return log


class TestByReference:
    def test_sizes(self, shop: dict[str, list[Any]]) -> None:
        """Sessions, customers and events with the time of another one are those of its notes."""
        found = cx.cases(shop, rule="case")
        assert dict(found.steps) == {"events": 31_106, "events in cases": 31_106}
        assert found.notes == (("equal_stamps", 163),)
        assert len(found.each()) == 3_605

    def test_purchases(self, shop: dict[str, list[Any]]) -> None:
        """All 470 purchases have payment details, and 264 of them before by time, one at once."""
        stages = ["payment_details", "purchase"]
        contains = cx.funnel(shop, stages, is_ordered=False)
        assert contains.figures["n_reached"].tolist() == [470]
        ordered = cx.funnel(shop, stages)
        assert ordered.figures["n_reached"].tolist() == [264 + 1]

    def test_payment_incident(self, shop: dict[str, list[Any]]) -> None:
        """While payments failed, far fewer of those who came to pay did."""
        stages = ["payment_details", "purchase"]
        found = cx.funnel(shop, stages, is_ordered=False, by="period")
        assert found["purchase", "payment"].high < 0.5 < found["purchase", "other"].low
        assert found["purchase", "checkout"].low > 0.7

    def test_checkout_bug(self, shop: dict[str, list[Any]]) -> None:
        """While mobile checkout led back to the cart, few on mobile came to pay; others did."""
        stages = ["shipping_details", "payment_details"]
        found = cx.funnel(shop, stages, is_ordered=False, by=["period", "platform"])
        bug = found["payment_details", "checkout", "mobile"]
        assert bug.high < found["payment_details", "other", "mobile"].low
        assert bug.high < found["payment_details", "checkout", "desktop"].low

    def test_errors_are_friction(self, shop: dict[str, list[Any]]) -> None:
        """The page that is the goal has the least friction of all."""
        found = cx.friction(shop, goal="purchase")
        assert found.worst == "purchase"
        assert found["product_view"].last <= 3
