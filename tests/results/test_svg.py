"""Pictures of intervals, of slopes and of ways through time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.results._show import Format
from cxm_core.results._svg import MOST_BARS, Bar, caterpillar, picture
from cxm_core.results._svg_line import Course, Level, Point, line_picture
from cxm_core.results._svg_slope import MOST_SLOPES, Side, Slope, slope_picture
from cxm_core.results._svg_waterfall import Fall, waterfall_picture
from results.pictures import outside, overlapping, texts, tree

finite = st.floats(-1e9, 1e9)
number = st.one_of(st.none(), finite)
words = st.text(max_size=90)
bars = st.builds(Bar, label=words, value=number, low=number, high=number, text=words)
sides = st.builds(Side, value=finite, low=number, high=number, text=words)
slopes = st.builds(Slope, label=words, before=sides, after=sides)
points = st.builds(
    Point, label=words, value=number, low=number, high=number, outer_low=number,
    outer_high=number, flagged=st.booleans(),
)  # fmt: skip
levels = st.builds(Level, value=finite, text=words, is_dashed=st.booleans())
falls = st.builds(Fall, label=words, start=finite, end=finite, text=words, is_step=st.booleans())
tick = Format("points", 1).tick


def _whole(svg: str) -> None:
    """Nothing lies outside, and no word covers another."""
    assert outside(svg) == []
    assert overlapping(svg) == []


@given(st.lists(bars, max_size=5), st.booleans())
def test_intervals_are_whole(rows: list[Bar], zero: bool) -> None:
    """Whatever the numbers and words, the interval chart is well-formed and legible."""
    _whole(picture("t", "d", rows, zero=zero, tick=tick))


@given(st.lists(bars, max_size=25))
def test_caterpillars_are_whole(rows: list[Bar]) -> None:
    """Whatever the numbers and words, the caterpillar plot is well-formed and legible."""
    _whole(caterpillar("t", "d", rows, tick=tick))


@given(st.lists(slopes, min_size=1, max_size=9), words, words)
def test_slopes_are_whole(rows: list[Slope], before: str, after: str) -> None:
    """Whatever the numbers and words, the slope chart is well-formed and legible."""
    _whole(slope_picture("t", "d", rows, heads=(before, after)))


@given(st.lists(points, max_size=20), st.lists(levels, max_size=4))
def test_lines_are_whole(way: list[Point], seen: list[Level]) -> None:
    """Whatever the numbers and words, the line chart is well-formed and legible."""
    _whole(line_picture("t", "d", Course(points=way, levels=seen), tick=tick))


@given(st.lists(falls, min_size=1, max_size=8))
def test_waterfalls_are_whole(rows: list[Fall]) -> None:
    """Whatever the numbers and words, the waterfall is well-formed and legible."""
    _whole(waterfall_picture("t", "d", rows, tick=tick))


@pytest.mark.parametrize(("low", "high"), [(None, 2.0), (0.0, None), (None, None)])
def test_open_limits_reach_the_edge(low: float | None, high: float | None) -> None:
    """A limit that is not reached runs to the end of the axis."""
    rows = [
        Bar(label="a", value=1.0, low=low, high=high, text=""),
        Bar(label="b", value=0.0, low=-5.0, high=5.0, text=""),
    ]
    first, second = tree(picture("t", "d", rows)).findall(".//*[@class='cxm-bar']")
    if low is None:
        assert first.attrib["x1"] == second.attrib["x1"]
    if high is None:
        assert first.attrib["x2"] == second.attrib["x2"]


def test_words_are_escaped() -> None:
    """A hostile label is text."""
    svg = picture("<b>", "<i>", [Bar(label="<u>", value=1.0, low=0.0, high=2.0, text="<s>")])
    assert not any(tag in svg for tag in ("<b>", "<i>", "<u>", "<s>"))


def test_a_long_result_is_cut_and_counted() -> None:
    """A hundred rows are drawn, and the others are counted."""
    rows = [
        Bar(label=f"row {i}", value=float(i), low=i - 1.0, high=i + 1.0, text="")
        for i in range(150)
    ]
    svg = picture("t", "d", rows, tick=tick)
    shown = texts(svg)
    _whole(svg)
    assert f"... and {150 - MOST_BARS} more" in shown
    assert "row 99" in shown
    assert "row 100" not in shown


def _many(count: int) -> list[Bar]:
    return [
        Bar(label=f"shop {i}", value=float(i), low=i - 3.0, high=i + 3.0, text=f"{i}")
        for i in reversed(range(count))
    ]


def test_a_caterpillar_is_sorted_and_names_its_ends() -> None:
    """Of many rows the lowest and the highest are named, and the rows rise downwards."""
    svg = caterpillar("t", "d", _many(120), tick=tick, middle=50.0)
    dots = [float(n.attrib["cx"]) for n in tree(svg).iter() if n.tag.endswith("circle")]
    assert dots == sorted(dots)
    assert len(dots) == 120
    assert {"shop 0: 0", "shop 119: 119"} <= set(texts(svg))
    assert "shop 60: 60" not in texts(svg)
    _whole(svg)


def test_thousands_of_rows_are_one_area() -> None:
    """More rows than a page has lines become an area and a line, small and no taller."""
    svg = caterpillar("t", "d", _many(10_000), tick=tick)
    assert float(tree(svg).attrib["height"]) < 2100
    assert len(svg) < 600_000
    assert not [n for n in tree(svg).iter() if n.tag.endswith("circle")]


def test_a_slope_chart_is_cut_and_counted() -> None:
    """Lines beyond the most are counted."""
    side = Side(value=1.0, low=None, high=None, text="1")
    rows = [Slope(label=f"{i}", before=side, after=side) for i in range(MOST_SLOPES + 3)]
    assert "... and 3 more" in texts(slope_picture("t", "d", rows, heads=("a", "b")))


def test_large_numbers_lie_at_the_top() -> None:
    """A rise is drawn upwards."""
    low, high = (Side(value=v, low=None, high=None, text="") for v in (1.0, 2.0))
    svg = slope_picture("t", "d", [Slope(label="", before=low, after=high)], heads=("a", "b"))
    (line,) = tree(svg).findall(".//*[@class='cxm-line']")
    assert float(line.attrib["y2"]) < float(line.attrib["y1"])


def test_a_gap_in_the_line_stays_a_gap() -> None:
    """Between two points without a value no line is drawn; a point that stands out has a ring."""
    way = [Point(label=str(i), value=None if i == 2 else 1.0, flagged=i == 4) for i in range(6)]
    top = tree(line_picture("t", "d", Course(points=way), tick=tick))
    assert len(top.findall(".//*[@class='cxm-line']")) == 3
    assert len(top.findall(".//*[@class='cxm-flag']")) == 1


@pytest.mark.parametrize("kind", ["interval", "caterpillar", "slope"])
def test_every_picture_of_two_waves(kind: str) -> None:
    """A breakdown by region and wave has three pictures, each with its figures in it."""
    made = cx.nps(
        [10, 9, 3, 8, 7, 0] * 40,
        by={"region": ["North", "South", "East"] * 80, "wave": [2017] * 120 + [2018] * 120},
    )
    svg = made.svg(kind)
    _whole(svg)
    named = [text for text in texts(svg) if "North" in text]
    assert named


@pytest.mark.parametrize(
    ("labels", "has_line"),
    [
        (["2026-W01", "2026-W02", "2026-W03"], True),
        ([2017, 2018, 2019], True),
        (["2026-Q1", "2026-Q2", "2026-Q4"], True),
        (["2026-01-31", "2026-02", "2026"], True),
        (["North", "South", "East"], False),
        ([1, 2, 3], False),
    ],
)
def test_a_line_is_for_times(labels: list[Any], has_line: bool) -> None:
    """Only groups that are times are joined by a line: between shops it would mean nothing."""
    made = cx.nps([10, 9, 3] * 20, by=labels * 20)
    assert ("line" in made._pictures()) == has_line
    if has_line:
        _whole(made.svg("line"))


def test_many_flags_are_small() -> None:
    """A long run that stands out does not hide its own line."""
    way = [Point(label=str(i), value=1.0, flagged=True) for i in range(40)]
    rings = tree(line_picture("t", "d", Course(points=way), tick=tick)).findall(
        ".//*[@class='cxm-flag']"
    )
    assert len(rings) == 40
    assert {ring.attrib["r"] for ring in rings} == {"3.5"}


def test_a_slope_needs_two_ends() -> None:
    """A breakdown of three groups on its last axis has no slope chart; the error says which."""
    made = cx.nps([10, 9, 3], by=["a", "b", "c"])
    with pytest.raises(Exception, match="no picture 'slope'"):
        made.svg("slope")


def test_ticks_are_written_in_the_unit() -> None:
    """The axis of a share has percent signs."""
    made = cx.csat([5, 4, 3, 1] * 30, scale="1-5")
    assert any(text.endswith("0%") for text in texts(made.svg()))


def test_same_result_same_picture() -> None:
    """A picture depends on its result alone."""
    make: Any = lambda: cx.nps([10, 9, 3] * 9, by=["a", "b", "c"] * 9).svg("caterpillar")  # noqa: E731
    assert make() == make()
