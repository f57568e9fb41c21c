"""Promises of the program, measured on what the store holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

import cxm_core as cx
from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.program import Program
from cxm_core.records import Interaction

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TEXT = """
name = "Desk"
zone = "UTC"

[[calendars]]
name = "day"
hours = { monday = "00:00-24:00", tuesday = "00:00-24:00", wednesday = "00:00-24:00" }

[[promises]]
name = "quick_help"
title = "Solved within ten minutes, a human one step away"
window = "2026-W45"

[[promises.indicators]]
name = "solved"
expect = "solved"
within = "10m"
target = 0.5

[[promises.indicators]]
name = "human"
expect = "human"
at_most = 0
target = 0.5
"""


def _touches(count: int) -> Iterator[Interaction]:
    """Contacts on a Monday: each second one takes half an hour, each fourth a bot took."""
    for number in range(count):
        at = datetime(2026, 11, 2, 9, tzinfo=UTC) + timedelta(minutes=number)
        yield Interaction(
            native_id=str(number),
            customer=[("external", f"p{number}")],
            occurred_at=at,
            ended_at=at + timedelta(minutes=30 if number % 2 else 5),
            channel="chat",
            direction="in",
            actor="bot" if number % 4 == 3 else "human",
            reason="billing" if number % 5 else "delivery",
        )


@pytest.fixture
def desk() -> Iterator[cx.Workspace]:
    """A workspace with forty contacts."""
    with cx.Workspace(Program.parse(TEXT), store="memory:", clock=lambda: NOW) as workspace:
        workspace.add(_touches(40))
        yield workspace


class TestByHand:
    """Forty contacts, judged by eye."""

    def test_a_promise_is_measured_by_its_name(self, desk: cx.Workspace) -> None:
        """Half of the issues were solved in time, which is what was promised: nothing is left."""
        found = desk.measure("quick_help")
        assert found.names == ("solved", "solved left", "human", "human left")
        assert (found["solved"].value, found["solved"].n) == (0.5, 40)
        assert found["solved left"].value == 0.0
        assert (found["human"].value, found["human"].n) == (1.0, 30)

    def test_receipt(self, desk: cx.Workspace) -> None:
        """The promise, its window and the program stand in every receipt."""
        found = desk.measure("quick_help")
        promise = Program.parse(TEXT).promise("quick_help")
        for receipt in (found.receipt, found["solved"].receipt, found["solved left"].receipt):
            assert (receipt.definition, receipt.version) == ("quick_help", 1)
            assert receipt.definition_hash == promise.definition_hash
            assert receipt.window.label == "2026-W45"
            assert receipt.measured_at == NOW
            assert receipt.program_hash is not None

    def test_another_window_and_a_filter(self, desk: cx.Workspace) -> None:
        """A window that is given takes the place of the promise's own; `where` chooses issues."""
        assert desk.measure("quick_help", window="2026-W46")["solved"].n == 0
        chosen = desk.measure("quick_help", where={"reason": "delivery"})["solved"]
        assert chosen.n == 8
        assert chosen.receipt.filters == (("reason", "delivery"),)

    def test_a_promise_has_no_groups(self, desk: cx.Workspace) -> None:
        """A promise is told for all it was made to."""
        with pytest.raises(UsageError, match="quick_help is a promise"):
            desk.measure("quick_help", by="channel")

    def test_open_hours(self) -> None:
        """A promise that names a calendar is measured in its open hours."""
        text = TEXT.replace('window = "2026-W45"', 'window = "2026-W45"\ncalendar = "day"')
        with cx.Workspace(Program.parse(text), store="memory:", clock=lambda: NOW) as workspace:
            workspace.add(_touches(40))
            found = workspace.measure("quick_help")["solved"]
        assert dict(found.receipt.parameters)["hours"] == "open hours"
        assert found.value == 0.5

    def test_a_name_is_a_metric_or_a_promise(self) -> None:
        """A program in which one name means two things is refused."""
        text = TEXT + '[[metrics]]\nname = "quick_help"\nengine = "effort"\n'
        with pytest.raises(ConfigurationError, match="a metric and a promise"):
            Program.parse(text)
