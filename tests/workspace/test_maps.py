"""The map in the report: drawn with what was measured, and held against what customers did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

import cxm_core as cx
from cxm_core.program import Program
from cxm_core.records import Interaction
from cxm_core.testing import PERSONAL_MARKER
from maps import BUY, RETURNS, TOUCHPOINTS

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
PATHS = [["search", "order", "mail"]] * 20 + [["search", "chat", "search"], ["order", "search"]] * 5


def touches() -> Iterator[Interaction]:
    """One customer a path, one touch a minute."""
    for customer, path in enumerate(PATHS):
        for place, touchpoint in enumerate(path):
            yield Interaction(
                native_id=f"{customer}/{place}",
                customer=[("external", f"{PERSONAL_MARKER} {customer}")],
                occurred_at=START + timedelta(hours=customer, minutes=place),
                touchpoint=touchpoint,
                channel="web",
            )


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a shop with a journey, a blueprint and a month of touches."""
    form = TOUCHPOINTS[0].model_copy(update={"name": "form"})
    blueprint = RETURNS.model_copy(update={"journey": "buy"})
    program = Program(
        name="Shop",
        zone="UTC",
        touchpoints=[*TOUCHPOINTS, form],
        journeys=[BUY],
        blueprints=[blueprint],
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    now = START + timedelta(days=30)
    with cx.Workspace(program, store="memory:", clock=lambda: now) as workspace:
        workspace.add(touches())
        workspace.report(path)
    return path.read_text(encoding="utf-8")


class TestByHand:
    """One small shop."""

    def test_journey_and_blueprint_are_drawn(self, page: str) -> None:
        """Both stand on the page, under their titles."""
        assert page.count('class="cxm-map"') == 2
        assert "Buy shoes: journey map" in page
        assert "Return a parcel: service blueprint" in page

    def test_the_map_is_held_against_the_log(self, page: str) -> None:
        """What nobody declared and the ways back that nobody drew are there with their shares."""
        assert "The map against what customers did" in page
        assert "What they do beside the map" in page
        assert "Ways back that nobody drew" in page
        assert "order &gt; search" in page
        assert "chat" in page

    def test_no_customer_is_named(self, page: str) -> None:
        """Counts and shares stand on the page, and nobody's name."""
        assert PERSONAL_MARKER not in page
