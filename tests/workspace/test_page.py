"""What the report of a program shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cxm_core.program import (
    Journey,
    KnownFigure,
    Metric,
    Program,
    Quotes,
    ReportSettings,
    Stage,
    Touchpoint,
)
from cxm_core.records import Question, Response, Score
from cxm_core.report import ReportPage
from cxm_core.workspace import Workspace
from cxm_core.workspace._page import fill_page
from workspace.desks import NOON, Clock, answer, answers

MAP: dict[str, Any] = {
    "touchpoints": [
        Touchpoint(name="till", title="The till", question="q_till"),
        Touchpoint(name="hall", question="q_hall"),
        Touchpoint(name="door"),
    ],
    "journeys": [
        Journey(
            name="visit",
            title="A visit",
            owner="Head of stores",
            headline="nps",
            outcome="Customers come back",
            stages=[Stage(name="inside", touchpoints=["till", "hall", "door"])],
        )
    ],
    "metrics": [
        Metric(name="nps", title="Recommended", engine="nps", question="recommend"),
        Metric(name="low", title="Dissatisfied", engine="bottom_box", scale="1-5"),
    ],
}


def filled(records: list[Any], **settings: Any) -> ReportPage:
    """Page of the map's program with these report settings, over these records."""
    program = Program(name="Shop", zone="UTC", report=ReportSettings(**settings), **MAP)
    with Workspace(program, store="memory:", clock=Clock()) as workspace:
        if records:
            workspace.add(records)
        return fill_page(program, workspace.store, now=NOON)


def said(number: int, words: str | None, day: str = "2026-11-02", **more: Any) -> Response:
    """One answer in words."""
    return Response(
        native_id=f"w{number}",
        occurred_at=f"{day}T09:00Z",
        question="why",
        verbatim=words,
        **more,
    )


def rated(touchpoint: str, number: int, value: int | None, day: str) -> Response:
    """One rating of a touchpoint; None is somebody who did not use it."""
    return Response(
        native_id=f"{touchpoint}{number}",
        occurred_at=f"{day}T09:00Z",
        question=f"q_{touchpoint}",
        score=None if value is None else Score(value, "1-5"),
        no_answer="not_applicable" if value is None else None,
    )


class TestHeadlines:
    """The figures at the top."""

    def test_waves_and_change(self) -> None:
        """Each window is a wave, oldest first; the change is the last against the one before."""
        days = [("2024-03-01", 0), ("2025-03-01", 10), ("2026-03-01", 8)]
        records = [answer(i, value, day) for i, (day, value) in enumerate(days)]
        (headline,) = filled(records, windows=["2024", "2025", "2026"]).headlines
        assert [(w.label, w.estimate.value) for w in headline.waves] == [
            ("2024", -100.0),
            ("2025", 100.0),
            ("2026", 0.0),
        ]
        assert headline.change is not None
        assert headline.change.value == -100.0

    def test_words_around_it(self) -> None:
        """Title, question, journey, owner and outcome come from program and records."""
        question = Question(native_id="recommend", occurred_at="2026-11-01T09:00Z", text="Really?")
        (headline,) = filled([question, *answers([10])]).headlines
        assert (headline.title, headline.question) == ("Recommended", "Really?")
        assert (headline.journey, headline.owner) == ("A visit", "Head of stores")
        assert headline.outcome == "Customers come back"
        assert headline.better == "higher"

    def test_one_window_has_no_change(self) -> None:
        """Without windows there is one wave of all there is."""
        (headline,) = filled(answers([10])).headlines
        assert [wave.label for wave in headline.waves] == ["all there is"]
        assert headline.change is None

    def test_empty_store(self) -> None:
        """A page over nothing is a page: no value, no error."""
        page = filled([], windows=["2025", "2026"], by=["region"], touchpoint_metric="low")
        assert page.headlines[0].waves[-1].estimate.value is None
        assert page.headlines[0].change is not None
        assert page.headlines[0].change.value is None
        assert page.completeness == ()


class TestTouchpoints:
    """Where customers are disappointed."""

    def test_use_times_disappointment(self) -> None:
        """The product is the share of all asked who used it and rated it low."""
        values = [1, 2, 4, 5, None, None, None, None]
        records = [rated("till", i, value, "2026-03-01") for i, value in enumerate(values)]
        page = filled(records, touchpoint_metric="low", windows=["2026"])
        by_label = {row.label: row for row in page.touchpoints}
        assert list(by_label) == ["The till", "hall"]
        row = by_label["The till"]
        assert (row.usage.value, row.bottom.value, row.product.value) == (0.5, 0.5, 0.25)
        assert row.change is None

    def test_change(self) -> None:
        """With two windows, the product is compared with the one before."""
        records = [rated("till", 1, 1, "2025-03-01"), rated("till", 2, 5, "2026-03-01")]
        page = filled(
            records, touchpoint_metric="low", touchpoints=["till"], windows=["2025", "2026"]
        )
        (row,) = page.touchpoints
        assert page.touchpoint_window == "2026"
        assert row.change is not None
        assert row.change.value == -1.0

    def test_none_without_a_metric(self) -> None:
        """Without `touchpoint_metric` there is no such table."""
        assert filled([rated("till", 1, 1, "2026-03-01")]).touchpoints == ()


class TestGroups:
    """Breakdowns of the headlines."""

    def test_small_groups_are_hidden(self) -> None:
        """A group with fewer answers than `min_group` is counted, and shown nowhere."""
        records = [answer(i, 10, attributes={"region": "north"}) for i in range(6)]
        records += [answer(10 + i, 0, attributes={"region": "tiny"}) for i in range(3)]
        (grouped,) = filled(records, by=["region"], min_group=4).groups
        assert grouped.title == "Recommended by region"
        shown = [grouped.breakdown.groups[place] for place in grouped.shown]
        assert (shown, grouped.n_hidden) == (["north"], 1)

    def test_in_the_last_window(self) -> None:
        """Groups are those of the last window."""
        records = [answer(1, 10, "2025-03-01"), answer(2, 0, "2026-03-01")]
        (grouped,) = filled(records, by=["question"], windows=["2025", "2026"]).groups
        assert grouped.breakdown.value.tolist() == [-100.0]


class TestQuotes:
    """Customers' own words."""

    def quoted(self, records: list[Any], count: int = 3, **settings: Any) -> list[str]:
        """Words on the page."""
        page = filled(records, quotes=Quotes(question="why", count=count), **settings)
        return [quote.text for quote in page.quotes]

    def test_newest_first(self) -> None:
        """The last ones in words are shown, the newest first; silence is no quote."""
        records = [said(i, f"words {i}", f"2026-11-{i:02}") for i in range(1, 8)]
        records += [said(20 + i, None, "2026-11-20", no_answer="refused") for i in range(5)]
        assert self.quoted(records) == ["words 7", "words 6", "words 5"]
        assert self.quoted(records, count=99)[-1] == "words 1"

    def test_in_the_last_window(self) -> None:
        """Words from other windows, and answers to other questions, stay out."""
        records = [said(1, "old", "2025-11-01"), said(2, "new"), answer(3, 9, verbatim="other")]
        assert self.quoted(records, windows=["2025", "2026"]) == ["new"]

    def test_only_these_become_objects(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of many answers, only those that are shown are read as objects."""
        made: list[int] = []
        program = Program(
            name="Shop",
            zone="UTC",
            report=ReportSettings(quotes=Quotes(question="why", count=2)),
            **MAP,
        )
        with Workspace(program, store="memory:", clock=Clock()) as workspace:
            workspace.add([said(i, f"words {i}") for i in range(500)])
            read = workspace.store.records

            def counting(kind: str, **wanted: Any) -> list[Any]:
                found = list(read(kind, **wanted))
                made.append(len(found))
                return found

            monkeypatch.setattr(workspace.store, "records", counting)
            page = fill_page(program, workspace.store, now=NOON)
        assert (len(page.quotes), sum(made)) == (2, 2)

    def test_facts_beside(self) -> None:
        """A quote tells its question, touchpoint, score and day."""
        records = [
            Question(native_id="why", occurred_at="2026-11-01T09:00Z", text="Why is that?"),
            said(1, "Cold", touchpoint="till", score=Score(2, "1-5")),
        ]
        (quote,) = filled(records, quotes=Quotes(question="why")).quotes
        assert (quote.question, quote.touchpoint) == ("Why is that?", "The till")
        assert quote.score == 2
        assert quote.scale is not None
        assert quote.scale.code == "1-5"
        assert quote.at == datetime(2026, 11, 2, 9, tzinfo=UTC)

    def test_none_wanted(self) -> None:
        """Without `quotes`, nobody's words are read."""
        assert filled([said(1, "words")]).quotes == ()


class TestRest:
    """What the figures rest on."""

    def test_last_sync_of_each_stream(self) -> None:
        """Completeness is told by the last receipt of each stream."""
        program = Program(name="Shop", zone="UTC", **MAP)
        clock = Clock()
        with Workspace(program, store="memory:", clock=clock) as workspace:
            for source in ("app:till", "app:web", "app:till"):
                clock.pass_(hours=1)
                workspace.add([answer(1, 9)], source=source)
            page = fill_page(program, workspace.store, now=clock.now)
        assert [(one.source, one.started_at.hour) for one in page.completeness] == [
            ("app:till", 15),
            ("app:web", 14),
        ]

    def test_definitions(self) -> None:
        """Each metric of the page is defined once, with version and hash."""
        nps, low = filled([], touchpoint_metric="low").definitions
        assert (nps.term, nps.text) == (
            "Recommended",
            "Net Promoter Score, on the scale 0-10: recommend",
        )
        assert nps.definition_hash == MAP["metrics"][0].definition_hash
        assert (low.term, low.text) == (
            "Dissatisfied",
            "Share in the bottom levels, on the scale 1-5",
        )
        assert low.version == 1

    def test_who_and_when(self) -> None:
        """Title, program, hash and time stand on the page."""
        page = filled([], title="This week")
        assert (page.title, page.program, page.generated_at) == ("This week", "Shop", NOON)
        assert len(page.program_hash) == 12


class TestKnown:
    """Figures that are known from elsewhere."""

    def test_measured_in_the_same_window_and_group(self) -> None:
        """Each is measured as it is known: of the same window, and of the same group."""
        records = [
            answer(1, 10, "2025-03-01", attributes={"region": "north"}),
            answer(2, 0, "2026-03-01", attributes={"region": "north"}),
            answer(3, 10, "2026-03-01", attributes={"region": "south"}),
        ]
        page = filled(
            records,
            known=[
                KnownFigure(metric="nps", value=33.3),
                KnownFigure(metric="nps", value=0.0, window="2026"),
                KnownFigure(metric="nps", value=50, window="2026", where={"region": "south"}),
            ],
            known_from="a count by hand",
        )
        (known,) = page.known
        assert known.title == "Recommended"
        told = [(row.label, row.estimate.value, row.estimate.n, row.known) for row in known.rows]
        assert told == [
            ("all there is", pytest.approx(100 / 3), 3, 33.3),
            ("2026", 0.0, 2, 0.0),
            ("2026 \u00b7 south", 100.0, 1, 50.0),
        ]
        assert page.known_from == "a count by hand"

    def test_a_metric_that_is_known_is_defined(self) -> None:
        """The page explains every metric that it shows, those beside known values too."""
        own = Metric(name="easy", engine="ces", scale="1-5", question="q_till")
        program = Program(
            name="Shop",
            zone="UTC",
            metrics=[*MAP["metrics"], own],
            report=ReportSettings(known=[KnownFigure(metric="easy", value=0.5)]),
        )
        with Workspace(program, store="memory:", clock=Clock()) as workspace:
            page = fill_page(program, workspace.store, now=NOON)
        assert [definition.term for definition in page.definitions] == ["easy"]
