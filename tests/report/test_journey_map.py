"""A drawn journey: every number stands on it, good and bad differ in shape, words stay text."""

from __future__ import annotations

import re

import pytest
from attrs import evolve
from hypothesis import given, settings

import cxm_core as cx
from cxm_core.program import Journey, Touchpoint
from cxm_core.program._xml import local, read_xml
from cxm_core.report import JourneyMap, PlaceFigures
from cxm_core.report._map_svg import room_of, wrapped
from cxm_core.results import Estimate
from maps import BUY, TOUCHPOINTS, WORDS
from report.payloads import XSS

DRAWN = {"svg", "title", "desc", "rect", "g", "text", "line", "polyline", "polygon", "circle"}
GOOD = cx.nps([10] * 80 + [0] * 20)
BAD = cx.nps([10] * 20 + [0] * 80)
UNCLEAR = cx.nps([10] * 50 + [0] * 50)
MEASURED = JourneyMap(
    journey=BUY,
    touchpoints=TOUCHPOINTS,
    figures={
        "search": PlaceFigures(feeling=GOOD, volume=1200, theme="Easy to find", quote="Quick."),
        "order": PlaceFigures(feeling=BAD, volume=800),
        "mail": PlaceFigures(feeling=UNCLEAR, more={"Asked again": cx.csat([5, 1], scale="1-5")}),
    },
    feeling="Would recommend",
    reference=0.0,
)


def texts(svg: str) -> str:
    """All words of a picture, in order."""
    return " ".join("".join(one.itertext()) for one in read_xml(svg).iter() if local(one) == "text")


def counts(svg: str, *names: str) -> list[int]:
    """How often each mark is drawn, but for the one of the legend."""
    return [len(re.findall(rf'<polygon [^>]*class="map-{name}"', svg)) - 1 for name in names]


class TestByHand:
    """One small map."""

    def test_words_and_numbers_stand_on_it(self) -> None:
        """Stages, touchpoints, figures with intervals, themes and words are all there."""
        shown = texts(MEASURED.svg())
        for part in ("Choose", "After", "No fuss", "Search the shop", "Mail about the money"):
            assert part in shown
        for part in ("60.0 points", "1,200", "Easy to find", "\u201cQuick.\u201d", "web, app"):
            assert part in shown
        assert "Asked again" in shown
        assert "Would" in shown

    def test_good_and_bad_have_shapes(self) -> None:
        """Above the reference stands a green triangle, below it a red one, else a dot."""
        assert counts(MEASURED.svg(), "good", "bad") == [1, 1]
        other = evolve(MEASURED, better="lower", reference=99.0)
        assert counts(other.svg(), "good", "bad") == [3, 0]

    def test_nothing_is_judged_without_a_reference(self) -> None:
        """Without a value to hold it against, no touchpoint is good or bad."""
        svg = evolve(MEASURED, reference=None).svg()
        assert "map-good" not in svg
        assert "map-bad" not in svg

    def test_what_is_only_thought_says_so(self) -> None:
        """Where nothing was measured, the curve is broken and named for what it is."""
        svg = JourneyMap(journey=BUY, touchpoints=TOUCHPOINTS).svg()
        assert "Thought to feel" in re.sub(r"\s+", " ", texts(svg))
        assert "stroke-dasharray" in svg
        assert "interval" not in svg

    def test_an_empty_journey_is_drawn(self) -> None:
        """A stage without a touchpoint has a column, a touchpoint without figures one too."""
        journey = Journey(name="j", stages=[{"name": "a"}, {"name": "b", "touchpoints": ["lost"]}])
        svg = JourneyMap(journey=journey, figures={"lost": PlaceFigures(feeling=cx.nps([]))}).svg()
        assert "lost" in texts(svg)

    def test_table_has_every_figure(self) -> None:
        """The same as data, one row a figure, for whoever cannot see the picture."""
        rows = MEASURED.table().rows
        assert rows[0] == (
            *("Choose", "Search the shop", "Would recommend"),
            *(GOOD.value, GOOD.low, GOOD.high, "points", 100),
        )
        assert rows[1] == ("Choose", "Search the shop", "Volume", 1200.0, None, None, "count", 1200)
        assert [row[2] for row in rows[4:]] == ["Would recommend", "Asked again"]

    def test_the_picture_is_told_in_words(self) -> None:
        """Title and description say what is drawn."""
        svg = MEASURED.svg()
        assert 'role="img"' in svg
        assert "<title>Buy shoes: journey map</title>" in svg
        assert "Place the order: \u221260.0 points (\u221273.3 to \u221242.2)" in MEASURED.about

    def test_no_repr_shows_a_quote(self) -> None:
        """A customer's words stand in the picture and nowhere else."""
        assert "Quick" not in repr(MEASURED)


@pytest.mark.parametrize("estimate", [GOOD, BAD, UNCLEAR])
def test_marks_are_in_the_plot(estimate: Estimate) -> None:
    """No point of the curve lies outside of its row."""
    svg = evolve(MEASURED, figures={"search": PlaceFigures(feeling=estimate)}).svg()
    height = float(re.search(r'height="(\d+)"', svg)[1])  # type: ignore[index]  # every picture has a height
    assert all(0 <= float(y) <= height for y in re.findall(r'y1?="([\d.]+)"', svg))


@pytest.mark.parametrize("text", XSS)
def test_html_01_nothing_runs_on_a_map(text: str) -> None:
    """A hostile text in any place of a map is text, and adds nothing to the picture."""
    title = text.encode("utf-8", "replace").decode()  # half a letter is no title
    one = Touchpoint(name="a", title=title, goal=title, asks=[title], owner=title)
    stage = {"name": "s", "title": title, "touchpoints": ["a"]}
    journey = Journey(name="j", title=title, actor=title, stages=[stage])
    figures = {"a": PlaceFigures(feeling=GOOD, theme=text, quote=text, more={text: BAD})}
    drawn = JourneyMap(journey=journey, touchpoints=[one], figures=figures, feeling=text)
    plain = {local(element) for element in read_xml(drawn.svg()).iter()}
    assert plain <= DRAWN
    assert not re.search(r"<[^>]* (on\w+|href|style|id)=", drawn.svg())


class TestByLaw:
    """What holds for every title."""

    @given(WORDS)
    @settings(max_examples=40)
    def test_titles_stay_text(self, title: str) -> None:
        """No title adds an element, an attribute or a script to the picture."""
        one = Touchpoint(name="a", title=title, goal=title, emotions=[title])
        journey = Journey(
            name="j", title=title, stages=[{"name": "s", "title": title, "touchpoints": ["a"]}]
        )
        figures = {"a": PlaceFigures(feeling=GOOD, theme=title, quote=title, more={title: BAD})}
        svg = JourneyMap(journey=journey, touchpoints=[one], figures=figures).svg()
        kinds = {local(element) for element in read_xml(svg).iter()}
        assert kinds <= DRAWN
        assert "\u202e" not in svg
        assert not re.search(r"<[^>]* (on\w+|href|style|id)=", svg)

    @given(WORDS)
    def test_lines_fit(self, title: str) -> None:
        """Wrapped lines are not wider than asked, but for a single letter."""
        for line in wrapped(title * 5, 60, most=3):
            assert room_of(line, 12) <= 60 or len(line) <= 2
