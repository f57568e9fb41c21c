"""A page about a helpdesk: tickets, effort and a journey, made from logs that stand here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from attrs import evolve

import cxm_core as cx
from cxm_core.program import Blueprint, Journey, Touchpoint
from cxm_core.report import (
    BlueprintMap,
    Chapter,
    Grouped,
    Headline,
    JourneyMap,
    PlaceFigures,
    ReportPage,
    Titled,
    Wave,
)
from cxm_core.results import Breakdown, Estimate, Panel, Receipt
from report.sample import NOW

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def tickets(hours: int = 4) -> dict[str, list[object]]:
    """Forty tickets, some of them open, that take longer and longer."""
    opened = [START + timedelta(minutes=n) for n in range(40)]
    ended = [at + timedelta(hours=hours * n) for n, at in enumerate(opened, 1)]
    channels = ["chat" if n % 2 else "phone" for n in range(40)]
    return {
        "occurred_at": list(opened),
        "solved_at": [None if n % 8 == 0 else at for n, at in enumerate(ended)],
        "channel": list(channels),
    }


def solved(hours: int = 4) -> Estimate:
    """Time by which half of the tickets are solved."""
    until = START + timedelta(days=60)
    return cx.resolution_time(tickets(hours), until=until)


def contacts() -> dict[str, list[object]]:
    """Contacts of thirty customers, some of whom come again."""
    return {
        "customer": [n // 3 if n % 3 else 1000 + n for n in range(90)],
        "occurred_at": [START + timedelta(days=n) for n in range(90)],
        "channel": ["chat", "chat", "phone"] * 30,
        "wait_s": [60, 60, 600] * 30,
    }


def waits_chapter(word: str = "") -> Chapter:
    """Tickets: one figure over two windows, a curve, and groups."""
    waves = [Wave(label="2026-Q1", estimate=solved(6)), Wave(label="2026-Q2", estimate=solved())]
    headline = Headline(
        title=word or "Time until a ticket is solved",
        waves=waves,
        change=cx.compare(*(wave.estimate for wave in waves)),
        better="lower",
    )
    until = START + timedelta(days=60)
    groups = cx.resolution_time(tickets(), by="channel", until=until)
    assert isinstance(groups, Breakdown)
    return Chapter(
        lede=word or "How long customers wait.",
        headlines=[headline],
        groups=[Grouped(title=word or "Solved, by channel", breakdown=groups)],
        results=[
            Titled(title=word or "Solved", result=cx.resolution_curve(tickets(), until=until))
        ],
    )


def effort_chapter(word: str = "") -> Chapter:
    """What one matter takes."""
    panel = cx.effort(cx.issues(contacts()))
    parts = {word: panel["wait"]} if word else panel.parts
    made = Panel(metric=word or "effort", parts=parts, receipt=panel.receipt)
    return Chapter(results=[Titled(title=word or "What one matter takes", result=made)])


def journey_chapter(word: str = "") -> Chapter:
    """A journey with a map and a blueprint."""
    touchpoints = [
        Touchpoint(name="shop", title=word or "In the shop", asks=word or "Which size?"),
        Touchpoint(name="help", title=word or "Help", channels="chat", feeling=-1),
    ]
    stages = [
        {"name": "buy", "title": word or "Buy", "touchpoints": ["shop"]},
        {"name": "use", "title": word or "Use", "touchpoints": ["help"]},
    ]
    journey = Journey(name="outfit", title=word or "Getting an outfit", stages=stages)
    steps = [
        {"name": "ask", "title": word or "Asks", "lane": "customer", "stage": "use"},
        {"name": "answer", "title": word or "Answers", "lane": "front_stage", "stage": "use"},
    ]
    links = [{"source": "ask", "target": "answer", "label": word or "by chat"}]
    blueprint = Blueprint(
        name="helping", title=word or "Helping", stages=stages, steps=steps, links=links
    )
    shop = PlaceFigures(
        feeling=cx.csat([5, 4, 2] * 20, scale="1-5"),
        volume=60,
        theme=word,
        quote=word or "It was quick.",
        more={word or "Get there": cx.csat([5, 5, 2] * 20, scale="1-5")},
    )
    shown = JourneyMap(journey=journey, touchpoints=touchpoints, figures={"shop": shop})
    return Chapter(
        title=word or "Getting an outfit",
        lede=word or "Be out there with things that hold.",
        drawings=[shown, BlueprintMap(blueprint=blueprint)],
    )


def desk_page(word: str = "") -> ReportPage:
    """The whole page; `word` stands wherever a text may stand."""
    return ReportPage(
        title=word or "Helpdesk",
        generated_at=NOW,
        tickets=[waits_chapter(word)],
        effort=[effort_chapter(word)],
        journeys=[journey_chapter(word)],
    )


def without_figure() -> Chapter:
    """A time that is not reached: most tickets are open."""
    found = tickets()
    found["solved_at"] = [None] * 40
    late = cx.resolution_time(found, until=START + timedelta(days=60))
    receipt = evolve(late.receipt, definition="late")
    assert isinstance(receipt, Receipt)
    wave = Wave(label="now", estimate=evolve(late, receipt=receipt))
    return Chapter(headlines=[Headline(title="Late", waves=[wave])])
