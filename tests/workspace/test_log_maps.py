"""Maps of a program held against the events of a store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cxm_core.errors import UsageError
from cxm_core.program import Blueprint, Journey, Metric, Program, Stage, Touchpoint
from cxm_core.records import Interaction
from cxm_core.workspace import Workspace
from cxm_core.workspace._page import fill_page
from workspace.desks import NOON, Clock
from workspace.log_desks import FIRST

PLACES = [
    Touchpoint(name="look", title="Looking", activities="viewed_page"),
    Touchpoint(name="pay", title="Paying"),
    Touchpoint(name="gift", title="Gift wrap"),
]
BUY = Journey(
    name="buy", title="Buying", stages=[Stage(name="all", touchpoints=["look", "pay", "gift"])]
)
STEPS = [
    {"name": "ask", "lane": "customer", "stage": "all", "touchpoint": "pay"},
    {"name": "approve", "lane": "backstage", "kind": "approval", "stage": "all"},
]
SERVED = Blueprint(
    name="paying", journey="buy", steps=STEPS, links=[{"source": "ask", "target": "approve"}]
)
ALONE = Blueprint(name="alone", stages=[Stage(name="all")], steps=STEPS[1:])
PROGRAM = Program(
    name="Shop", zone="UTC", touchpoints=PLACES, journeys=[BUY], blueprints=[SERVED, ALONE]
)


def touch(who: int, place: int, what: str, **more: Any) -> Interaction:
    """One touch of a customer, some minutes into a morning."""
    return Interaction(
        native_id=f"{who}.{place}",
        customer=[("email", f"{who}@example.com")],
        occurred_at=FIRST + timedelta(hours=who, minutes=place),
        activity=what,
        **more,
    )


def shop(program: Program = PROGRAM) -> Workspace:
    """Forty customers: they look, chat, look again and pay; ten only go elsewhere."""
    ways = [
        ["viewed_page", "pay", "viewed_page"],
        ["viewed_page", "chat", "ask", "approve"],
        ["blog"],
    ]
    records = [
        touch(who, n, what, attributes={"tool": ["web", "till"][n % 2]})
        for who in range(40)
        for n, what in enumerate(ways[0 if who < 20 else 1 if who < 30 else 2])
    ]
    made = Workspace(program, store="memory:", clock=Clock())
    made.add(records)
    return made


def with_metric(**settings: Any) -> Program:
    """The program with a metric that checks a map."""
    checks = Metric(name="checks", title="Map", engine="map_check", **settings)
    return PROGRAM.model_copy(update={"metrics": (checks,)})


class TestMap:
    """A journey or a blueprint, by its name."""

    def test_a_journey(self) -> None:
        """All who came to the map: what is on it, where nobody goes, what nobody drew."""
        found = shop().check_map("buy")
        # Twenty cases of three events, and ten of four, of which one is at a touchpoint.
        assert found["coverage"].value == pytest.approx(70 / 100)
        assert found["declared"]["gift"].value == 0.0
        assert set(found["undeclared"].groups) == {"chat", "ask", "approve"}
        assert found["loops"]["pay > look"].value == pytest.approx(2 / 3)
        receipt = found.receipt
        assert (receipt.definition, receipt.measured_at) == ("map_check", NOON)
        assert [one.source for one in receipt.sources] == ["app:own"]

    def test_a_blueprint_of_a_journey(self) -> None:
        """Its steps are declared beside the touchpoints of the journey."""
        found = shop().check_map("paying")
        assert found["undeclared"].groups == ("chat",)
        assert found["approvals"].value == pytest.approx(10 / 30)

    def test_a_blueprint_by_itself(self) -> None:
        """A blueprint that serves no journey is held against the log alone."""
        found = shop().check_map("alone")
        assert found["coverage"].value == 0.25
        assert found["declared"].groups == ("approve",)

    def test_window_and_selection(self) -> None:
        """The window is about when a case began, and filters choose its events."""
        assert shop().check_map("buy", window="2026-11-02")["coverage"].n == 15
        with pytest.raises(UsageError, match="'tol' is no column there"):
            shop().check_map("buy", where={"tol": "web"})

    def test_by_a_metric(self) -> None:
        """Settings of a metric are used, by its name and by that of its map."""
        program = with_metric(journey="buy", blueprint="paying", system="tool", rule="session 45m")
        desk = shop(program)
        by_metric, by_map = desk.measure("checks"), desk.check_map("paying")
        assert by_metric.names == by_map.names
        assert by_metric["tool switches"].value == pytest.approx((20 * 2 + 10 * 3) / 30)
        assert by_metric.receipt.definition == "checks"


class TestRefusals:
    """What cannot be checked is told with the nearest cure."""

    def test_no_such_map(self) -> None:
        """Journeys and blueprints are named together."""
        with pytest.raises(
            UsageError, match=r"no journey or blueprint 'bye'.\nHint: did you mean 'buy'"
        ):
            shop().check_map("bye")

    def test_nobody_came(self) -> None:
        """Where the log has other words, the message says how many events and what to do."""
        with Workspace(PROGRAM, store="memory:", clock=Clock()) as desk:
            desk.add([touch(1, 0, "seen"), touch(1, 1, "left")])
            with pytest.raises(UsageError, match=r"None of 2 events.*'buy'(?s:.)*activities"):
                desk.check_map("buy")

    def test_an_engine_without_a_map(self) -> None:
        """By its own name the engine does not know which map."""
        with pytest.raises(UsageError, match="map_check needs journey or blueprint"):
            shop().measure("map_check")


class TestReport:
    """The chapter of a journey holds its map against the log."""

    def test_by_the_metric(self) -> None:
        """A metric of the program says how the journey is checked, and is shown once."""
        program = with_metric(journey="buy", blueprint="paying", rule="session 45m")
        (chapter,) = fill_page(program, shop(program).store, now=NOON).journeys
        (checked,) = (one for one in chapter.results if one.title.startswith("The map"))
        assert checked.result.receipt.definition == "checks"
        assert [one.title for one in chapter.results] == [checked.title]

    def test_without_a_log(self) -> None:
        """Where nobody came, the map is drawn and the rest left out."""
        program = with_metric(blueprint="alone")
        with Workspace(program, store="memory:", clock=Clock()) as desk:
            general, chapter = fill_page(program, desk.store, now=NOON).journeys
            assert [one.title for one in chapter.results] == []
            assert general.notes[0].startswith("Map: There is no event to hold")
