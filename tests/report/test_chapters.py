"""What logs tell in the report: figures in hours and days, panels, curves and maps."""

from __future__ import annotations

import pytest
from attrs import evolve

import cxm_core as cx
from cxm_core.report import ReportPage, to_html, to_markdown, to_tables
from cxm_core.report._words import numbers_like, numbers_of, numbers_of_change, verdict
from report.html_reading import read
from report.log_sample import desk_page, solved, without_figure
from report.payloads import ALL
from report.sample import NOW


class TestSections:
    """Each log has a part of its own."""

    def test_headings(self) -> None:
        """Tickets, effort and journeys stand under headings of their own, in this order."""
        html = to_html(desk_page())
        places = [html.index(f'<h2 id="{name}">') for name in ("tickets", "effort", "journeys")]
        assert places == sorted(places)

    def test_no_log_no_part(self) -> None:
        """A page without logs says nothing of them."""
        html = to_html(ReportPage(title="t", generated_at=NOW))
        assert "tickets" not in html.split("</style>")[1]

    def test_levels(self) -> None:
        """Under a journey's own heading its parts go one level down."""
        page = desk_page()
        journey = evolve(page.journeys[0], headlines=page.tickets[0].headlines)
        html = to_html(evolve(page, journeys=[journey]))
        assert '<h3 class="chapter" id="journeys-1">' in html
        assert '<h4 id="journeys-1-headline-1">' in html
        assert '<h3 id="tickets-1-headline-1">' in html

    def test_ids_are_unique(self) -> None:
        """No two parts of the page have one id."""
        nodes = read(to_html(desk_page())).walk()
        ids = [node.attributes["id"] for node in nodes if "id" in node.attributes]
        assert len(ids) == len(set(ids))


class TestTimes:
    """Seconds are read as minutes, hours or days."""

    def test_a_headline_in_days(self) -> None:
        """The figure stands large beside its word, and its limits name the unit once."""
        html = to_html(desk_page())
        assert "<strong>3.9</strong> <span>days</span>" in html
        assert "44 tickets" not in html
        assert "40 tickets, 95% interval" in html

    def test_cells_carry_their_unit(self) -> None:
        """A number in a table or chart has its sign, for another row may be in hours."""
        show = numbers_of([solved()])
        assert show.value(2 * 86_400.0) == "2.0\u202fd"
        assert show.to(86_400.0, 2 * 86_400.0) == "1.0 to 2.0\u202fd"
        assert show.between(86_400.0, 2 * 86_400.0) == "between 1.0 and 2.0 days"
        assert show.tick(86_400.0) == "1\u202fd"

    def test_a_change_is_read_like_its_sides(self) -> None:
        """A change of some hours between figures in days is told in days."""
        change = cx.compare(solved(4), solved(6))
        show = numbers_of_change(change)
        assert show.change_word == "days"
        assert show.change(change.value).endswith("\u202fd")
        assert "days" in verdict(change, "lower").sentence

    def test_what_is_not_reached(self) -> None:
        """A figure that is not reached is a dash without a unit."""
        html = to_html(ReportPage(title="t", generated_at=NOW, tickets=[without_figure()]))
        assert "<strong>\u2013</strong></p>" in html

    def test_one_figure_of_numbers_alone(self) -> None:
        """Only numbers are needed to choose a unit and decimals."""
        assert numbers_like("seconds", 7200.0, 7000.0, 7400.0).value(7200.0) == "2.00\u202fh"
        assert numbers_like("share", 0.5, None, None).value(0.5) == "50.0%"


class TestShapes:
    """Curves, panels and maps."""

    def test_a_panel_is_a_table(self) -> None:
        """Several figures with units of their own stand in rows, each with its interval."""
        html = to_html(desk_page())
        assert "<bdi>contacts</bdi></th>" in html
        assert "10.0\u202fmin" in html or "min</td>" in html

    def test_a_map_is_a_picture_and_a_table(self) -> None:
        """The same figures stand beneath the picture as a table."""
        html = to_html(desk_page())
        assert html.count('<svg xmlns="http://www.w3.org/2000/svg" class="cxm-map"') == 2
        assert "The map as a table" in html
        assert "line of interaction" in html

    def test_markdown(self) -> None:
        """The same figures stand in the Markdown form."""
        text = to_markdown(desk_page())
        for part in (
            "## Tickets",
            "## Effort",
            "## Journeys",
            "### Getting an outfit",
            "In the shop",
        ):
            assert part in text
        assert "**3.9 days**" in text

    def test_tables(self) -> None:
        """Headlines and groups of logs are in the tables as data, in seconds."""
        made = to_tables(desk_page())
        headlines = made["headlines"].to_dict()
        assert headlines["unit"] == ["seconds", "seconds"]
        assert len(made["groups"]) == 2
        parts = set(made["receipts"].to_dict()["part"])
        assert "What one matter takes" in parts


@pytest.mark.parametrize("payload", ALL)
def test_a_payload_is_text(payload: str) -> None:
    """Words from a program or a log make no tag, script or attribute."""
    # No program file holds what UTF-8 cannot.
    word = payload.encode("utf-8", "replace").decode()[:900]
    nodes = read(to_html(desk_page(word))).walk()
    assert not [node for node in nodes if node.tag in ("script", "iframe", "img", "object")]
    assert not [name for node in nodes for name in node.attributes if name.startswith("on")]
