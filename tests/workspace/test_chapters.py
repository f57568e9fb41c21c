"""What the report of a program tells of its logs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cxm_core.program import (
    Blueprint,
    Journey,
    KnownFigure,
    LogSettings,
    Metric,
    Program,
    Quotes,
    ReportSettings,
    Stage,
    Touchpoint,
)
from cxm_core.records import Interaction, Record, Response, Score
from cxm_core.report import BlueprintMap, JourneyMap, ReportPage, to_html
from cxm_core.results import Curve, Matrix, Panel
from cxm_core.workspace import Workspace
from cxm_core.workspace._page import fill_page
from workspace.desks import NOON, Clock, answer
from workspace.log_desks import FIRST, contact, desk_of

METRICS = [
    Metric(name="nps", title="Recommended", engine="nps", question="recommend"),
    Metric(name="csat", title="Satisfied", engine="csat", question="helped", scale="1-5"),
    Metric(name="solved", title="Solved within", engine="resolution_time"),
    Metric(name="fcr", title="At once", engine="first_contact_resolution"),
    Metric(name="burden", title="What it takes", engine="effort"),
]
PLACES = [
    Touchpoint(name="look", title="Looking"),
    Touchpoint(name="help", title="Help", question="helped", activities="call"),
]
JOURNEY = Journey(
    name="buy",
    title="Buying",
    goal="Have it",
    stages=[Stage(name="choose", touchpoints="look"), Stage(name="use", touchpoints="help")],
)


def filled(
    records: list[Record], *, more: dict[str, Any] | None = None, **report: Any
) -> ReportPage:
    """Page of a program with these report settings, over these records."""
    parts: dict[str, Any] = {"metrics": METRICS, "touchpoints": PLACES, "journeys": [JOURNEY]}
    program = Program(
        name="Desk", zone="UTC", report=ReportSettings(**report), **{**parts, **(more or {})}
    )
    with Workspace(program, store="memory:", clock=Clock()) as workspace:
        if records:
            workspace.add(records)
        return fill_page(program, workspace.store, now=NOON)


def touch(number: int, what: str, hours: float, **more: Any) -> Interaction:
    """One touch of a customer on a journey."""
    return Interaction(
        native_id=f"t{number}{what}",
        customer=[("email", f"{number}@example.com")],
        occurred_at=FIRST + timedelta(hours=hours),
        activity=what,
        channel="web",
        **more,
    )


class TestTickets:
    """The chapter of tickets."""

    def test_figures_and_curve(self) -> None:
        """Each metric of one number is a headline over the windows; the curve stands below."""
        (chapter,) = filled(
            desk_of([2.0, 4.0, 5.0, 9.0, None]), windows=["2026-11-02", "2026-W45"]
        ).tickets
        (headline,) = chapter.headlines
        assert (headline.title, headline.counted, headline.better) == (
            "Solved within",
            "tickets",
            "lower",
        )
        assert [wave.label for wave in headline.waves] == ["2026-11-02", "2026-W45"]
        assert headline.change is not None
        assert headline.change.value == headline.waves[1].estimate.value - 2 * 3600.0
        assert isinstance(chapter.results[0].result, Curve)
        assert chapter.results[0].result.receipt.window.label == "2026-W45"

    def test_groups(self) -> None:
        """The figures are broken down by what the report says."""
        logs = LogSettings(by=["channel", "attributes.tier"])
        records = desk_of([2.0, 4.0, 5.0], attributes={"tier": "gold"})
        (chapter,) = filled(records, logs=logs, min_group=1).tickets
        assert [one.title for one in chapter.groups] == [
            "Solved within by channel",
            "Solved within by attributes.tier",
        ]
        assert chapter.groups[1].breakdown.groups == ("gold",)

    def test_an_attribute_that_nobody_has(self) -> None:
        """A group that no ticket has leaves one group without a name, and the report whole."""
        (chapter,) = filled(desk_of([2.0]), logs=LogSettings(by="tier")).tickets
        assert chapter.groups[0].breakdown.groups == (None,)

    def test_only_what_is_named(self) -> None:
        """A report that names metrics of logs shows those, and no others."""
        page = filled(desk_of([2.0]), logs=LogSettings(metrics="fcr"))
        assert page.tickets == ()
        assert [one.title for one in page.effort[0].headlines] == ["At once"]

    def test_no_metric_no_chapter(self) -> None:
        """A program without metrics of logs has no chapter of them."""
        page = filled(desk_of([2.0]), more={"metrics": METRICS[:1], "journeys": []})
        assert (page.tickets, page.effort, page.journeys) == ((), (), ())

    def test_an_empty_store(self) -> None:
        """A page over nothing is a page: no value, no error."""
        page = filled([], windows=["2025", "2026"], logs=LogSettings(by="channel"))
        assert page.tickets[0].headlines[0].waves[-1].estimate.value is None
        assert "Solved within" in to_html(page)


class TestEffort:
    """The chapter of issues."""

    def test_figures_and_panel(self) -> None:
        """Shares are headlines; effort is a panel."""
        (chapter,) = filled([contact(1, "ann", 0), contact(2, "bob", 1)]).effort
        assert [one.title for one in chapter.headlines] == ["At once"]
        assert [one.title for one in chapter.results] == ["What it takes"]
        assert isinstance(chapter.results[0].result, Panel)


class TestJourneys:
    """A chapter for each journey, with a map."""

    def test_what_was_measured_on_the_map(self) -> None:
        """Answers, touches and the way to a touchpoint stand on the map."""
        steps = [touch(n, "look", 0, journey="buy") for n in range(8)]
        calls = [touch(n, "call", 1, journey="buy") for n in range(4)]
        rated = [
            Response(
                native_id=f"r{n}", question="helped", occurred_at=FIRST, touchpoint="help",
                score=Score(5 - n % 2, "1-5"), verbatim="They listened",
            )
            for n in range(6)
        ]  # fmt: skip
        page = filled([*steps, *calls, *rated], quotes=Quotes(question="helped"))
        (chapter,) = page.journeys
        assert (chapter.title, chapter.lede) == ("Buying", "Have it")
        (shown,) = chapter.drawings
        assert isinstance(shown, JourneyMap)
        helped, looked = shown.figures["help"], shown.figures["look"]
        assert (looked.volume, helped.volume) == (8, 4)
        assert helped.feeling is not None
        assert helped.feeling.value == 1.0
        assert helped.more["Get there"].value == 0.5
        assert helped.quote == "They listened"
        assert looked.feeling is None

    def test_touches_without_a_journey(self) -> None:
        """Touches that carry no journey are counted where they belong, and not followed."""
        page = filled([touch(1, "look", 0), touch(1, "call", 1), touch(1, "other", 2)])
        figures = page.journeys[0].drawings[0].figures
        assert (figures["look"].volume, figures["help"].volume) == (1, 1)
        assert not figures["help"].more

    def test_a_metric_of_all_touchpoints(self) -> None:
        """Where one metric rates all touchpoints, the map shows it, and each against them all."""
        low = Metric(name="low", title="Rated low", engine="bottom_box", scale="1-5")
        rated = [
            Response(
                native_id=f"r{n}", question="helped", occurred_at=FIRST, score=Score(1 + n, "1-5")
            )
            for n in range(4)
        ]
        page = filled(rated, more={"metrics": [*METRICS, low]}, touchpoint_metric="low")
        shown = page.journeys[0].drawings[0]
        assert isinstance(shown, JourneyMap)
        assert shown.figures["help"].feeling.value == 0.5
        assert (shown.better, shown.reference) == ("lower", 0.5)
        assert [row.label for row in page.touchpoints] == ["Help"]

    def test_a_blueprint_behind_it(self) -> None:
        """The blueprint of a journey stands below its map."""
        steps = [{"name": "ask", "lane": "customer", "stage": "use", "touchpoint": "help"}]
        blueprint = Blueprint(name="helping", journey="buy", steps=steps)
        page = filled([], more={"blueprints": [blueprint]})
        assert isinstance(page.journeys[0].drawings[1], BlueprintMap)
        assert "helping: service blueprint" in to_html(page)

    def test_metrics_of_a_journey_and_of_all(self) -> None:
        """A metric of one journey stands in its chapter, one of none before all of them."""
        flows = [
            Metric(name="all", title="All steps", engine="flow"),
            Metric(name="own", title="Its steps", engine="flow", journey="buy"),
        ]
        records = [touch(n, "look", n, journey="buy") for n in range(3)]
        records += [touch(n, "call", 1 + n, journey="buy") for n in range(3)]
        general, own = filled(records, more={"metrics": flows}).journeys
        assert [one.title for one in general.results] == ["All steps"]
        assert [one.title for one in own.results] == [
            "Its steps",
            "The map against what customers did",
        ]
        assert isinstance(own.results[0].result, Matrix)


class TestBeside:
    """Logs at the other places of the page."""

    def test_a_headline(self) -> None:
        """A metric of a log may stand at the top, too."""
        (headline,) = filled(desk_of([2.0, 4.0, 5.0]), headline=["solved"]).headlines
        assert headline.waves[-1].estimate.value == 4 * 3600.0
        assert headline.better == "lower"

    def test_a_known_figure(self) -> None:
        """What is known of a log stands beside what was measured."""
        known = KnownFigure(metric="solved", value=14_000.0, where={"channel": "chat"})
        page = filled(desk_of([2.0, 4.0, 5.0, *[4.0] * 9]), known=[known])
        (row,) = page.known[0].rows
        assert (row.estimate.value, row.is_within) == (4 * 3600.0, True)

    def test_definitions(self) -> None:
        """The page tells what each figure of a log means, by its settings."""
        slow = Metric(name="slow", title="Slow", engine="resolution_time", q=0.9)
        page = filled([], more={"metrics": [slow], "journeys": []})
        (told,) = page.definitions
        assert told.term == "Slow"
        assert told.text.startswith("From the opening to the last solution")
        assert told.text.endswith("(q = 0.9)")

    def test_answers_are_broken_down_by_their_own_columns(self) -> None:
        """The breakdowns of answers have no figure of a log among them."""
        page = filled([*desk_of([2.0]), answer(1, 9)], headline=["nps", "solved"], by=["channel"])
        assert [one.title for one in page.groups] == ["Recommended by channel"]
