"""What HTML and Markdown share."""

from __future__ import annotations

from attrs import evolve

from cxm_core.report import Quote, ReportPage
from cxm_core.report._view import (
    compared_with,
    headline_caveats,
    headline_results,
    quote_facts,
    receipted,
    sections,
    touchpoint_caveats,
)
from cxm_core.results import Caveat
from cxm_core.vocabulary import Scale
from report.sample import NOW, sfo_page

SMALL = Caveat.of("small_n")


def test_only_parts_with_something_to_show_are_sections() -> None:
    """Headlines, touchpoints, and the rest in a fixed order."""
    names = [name for name, _ in sections(sfo_page())]
    assert names == [
        *("headlines", "touchpoints", "groups", "quotes"),
        *("completeness", "quarantine", "definitions"),
    ]
    assert sections(ReportPage(title="t", generated_at=NOW)) == ()


def test_numbers_of_a_headline_stand_newest_first() -> None:
    """The figure shown large comes first, the change last."""
    assert [name for name, _ in headline_results(sfo_page().headlines[0])] == [
        "2018",
        "2017",
        "Change",
    ]


def test_a_change_names_the_window_before_it() -> None:
    """Since when, if that window is on the page."""
    head = sfo_page().headlines[0]
    assert compared_with(head) == "2017"
    assert compared_with(evolve(head, waves=head.waves[1:])) == ""
    assert compared_with(evolve(head, change=None)) == ""


def test_caveats_are_told_once_with_their_place() -> None:
    """One that all figures share needs no place; one of a single figure names it."""
    assert [(where, c.code) for where, c in headline_caveats(sfo_page().headlines[0])] == [
        ("2018, Change", "unclustered")
    ]
    head = sfo_page().headlines[1]
    waves = [evolve(w, estimate=evolve(w.estimate, caveats=(SMALL,))) for w in head.waves]
    shared = evolve(head, waves=waves, change=evolve(head.change, caveats=(SMALL,)))
    assert headline_caveats(shared) == (("", SMALL),)


def test_caveats_of_many_touchpoints_are_counted() -> None:
    """Three are named, the others counted."""
    page = sfo_page()
    thin = [
        evolve(row, usage=evolve(row.usage, caveats=(SMALL,))) if place < 5 else row
        for place, row in enumerate(page.ordered_touchpoints)
    ]
    ((where, caveat),) = touchpoint_caveats(evolve(page, touchpoints=thin))
    assert caveat == SMALL
    assert where == "Restaurants, Retail shops and concessions, Free Wi-Fi and 2 more"


def test_every_part_with_numbers_has_a_receipt() -> None:
    """Headlines, touchpoints in their order, breakdowns."""
    titles = [title for title, _ in receipted(sfo_page())]
    assert len(titles) == 3 + 14 + 1
    assert titles[3] == "Restaurants"


def test_facts_under_a_quote() -> None:
    """What it is about, what was asked, the score on its scale, the day there."""
    quote = sfo_page().quotes[0]
    assert quote_facts(quote, "America/Los_Angeles") == (
        "Security",
        "What was the problem?",
        "Likelihood to recommend: 3 on a scale of 0 to 10",
        "3 May 2018",
    )
    assert quote_facts(Quote(text="a"), "UTC") == ()
    assert quote_facts(Quote(text="a", score=2), "UTC") == ("Score: 2",)
    stars = Quote(text="a", score=2, scale=Scale.named("1-5"))
    assert quote_facts(stars, "UTC") == ("Score: 2 on a scale of 1 to 5",)
