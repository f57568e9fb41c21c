"""The document that a report is made from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from attrs import evolve
from attrs.exceptions import FrozenInstanceError

from cxm_core.errors import UsageError
from cxm_core.report import (
    Grouped,
    Headline,
    Quote,
    ReportPage,
    page_of,
    to_csv,
    to_html,
    to_markdown,
    to_tables,
)
from cxm_core.report._view import groups_left_out
from report.sample import NOW, breakdown, change, points, sfo_page, touchpoint


def test_a_page_is_frozen_and_equal_by_value() -> None:
    """Two pages of the same facts are one."""
    page = sfo_page()
    assert page == sfo_page()
    with pytest.raises(FrozenInstanceError):
        page.title = "other"  # type: ignore[misc]  # that it fails is the test


def test_no_repr_shows_a_customers_words() -> None:
    """Page, quote and tables can be logged: what a customer wrote is not in their `repr`."""
    quote = Quote(text="MARKER-WORDS", question="What could be better?")
    page = ReportPage(title="t", generated_at=NOW, quotes=[quote])
    shown = f"{quote!r} {page!r} {to_tables(page)!r}"
    assert "What could be better?" in shown
    assert "MARKER-WORDS" not in shown


def test_lists_become_tuples() -> None:
    """Whoever fills the page may use any iterable; the page cannot be changed through it."""
    rows = [touchpoint("Restaurants")]
    page = ReportPage(title="t", generated_at=NOW, touchpoints=rows)
    rows.clear()
    assert len(page.touchpoints) == 1


def test_an_instant_without_a_zone_is_refused() -> None:
    """Nobody knows when that was."""
    with pytest.raises(UsageError, match="time zone"):
        ReportPage(title="t", generated_at=datetime(2026, 11, 21))


def test_an_unknown_zone_is_refused() -> None:
    """A typo in a zone is found when the page is made, not when it is read."""
    with pytest.raises(UsageError):
        ReportPage(title="t", generated_at=NOW, zone="America/Los_Angles")


@pytest.mark.parametrize("language", ['"><script>', "", "en us"])
def test_a_language_is_a_plain_tag(language: str) -> None:
    """It stands in an attribute, so nothing else may."""
    with pytest.raises(ValueError, match="language"):
        ReportPage(title="t", generated_at=NOW, language=language)


def test_a_headline_has_a_wave() -> None:
    """Without a figure there is nothing to put at the top."""
    with pytest.raises(ValueError, match="waves"):
        Headline(title="t", waves=())


def test_touchpoints_are_ordered_by_product_then_name() -> None:
    """Most disappointing first; those without a figure last; ties by name."""
    rows = [touchpoint(name) for name in ("AirTrain", "Restaurants", "Free Wi-Fi")]
    none = evolve(rows[0], label="Nothing", product=evolve(rows[0].product, value=None))
    tie = evolve(rows[1], label="A twin of restaurants")
    page = ReportPage(title="t", generated_at=NOW, touchpoints=[none, *rows, tie])
    assert [row.label for row in page.ordered_touchpoints] == [
        "A twin of restaurants",
        "Restaurants",
        "Free Wi-Fi",
        "AirTrain",
        "Nothing",
    ]


def as_csv(page: ReportPage) -> str:
    """Every table of the page."""
    return "".join(map(to_csv, to_tables(page).values()))


@pytest.mark.parametrize("render", [to_html, to_markdown, as_csv])
def test_a_group_of_too_few_is_shown_nowhere(render: Callable[[ReportPage], str]) -> None:
    """Neither its label nor its figure reaches a reader; that it was left out does."""
    grouped = Grouped(title="by stratum", breakdown=breakdown(), min_n=800)
    text = render(ReportPage(title="t", generated_at=NOW, groups=[grouped]))
    assert "Terminal 1" in text
    assert "Terminal 3" not in text
    assert "31.7" not in text
    assert grouped.n_hidden == 2


def test_groups_left_out_are_counted() -> None:
    """Too few answers, or too many groups for one page."""
    page = evolve(sfo_page(), groups=[Grouped(title="t", breakdown=breakdown(), min_n=800)])
    said = "Groups left out: 2 with fewer than 800 answers not shown."
    assert said in to_html(page)
    assert said in to_markdown(page)
    assert groups_left_out(page.groups[0], 1).endswith("; 1 more in the table of groups.")
    assert groups_left_out(sfo_page().groups[0], 60) == ""


def test_results_alone_make_a_page() -> None:
    """Estimates and comparisons become headlines, breakdowns become groups."""
    before, after = points("2017", 40.0, 1.3, 2746), points("2018", 31.0, 1.4, 2650)
    moved = change(before, after)
    page = page_of([after, moved, breakdown()], title="This week", now=NOW)
    assert [head.title for head in page.headlines] == ["nps", "nps"]
    assert [wave.label for wave in page.headlines[1].waves] == ["2017", "2018"]
    assert page.headlines[1].change == moved
    assert page.groups[0].title == "nps by stratum"


def test_something_else_is_no_result() -> None:
    """The error counts what cannot be shown."""
    with pytest.raises(UsageError, match="1 of 2 results"):
        page_of([points("2018", 31.0, 1.4, 2650), 31.0], title="t", now=NOW)  # type: ignore[list-item]  # that it fails is the test
