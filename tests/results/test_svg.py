"""Pictures of intervals."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.results._svg import Bar, picture

number = st.one_of(st.none(), st.floats(-1e9, 1e9))
words = st.text(max_size=30)
bars = st.builds(Bar, label=words, value=number, low=number, high=number, text=words)


def _tree(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  (our own text, parsed to prove it well-formed)


@given(st.lists(bars, max_size=5), st.booleans())
def test_everything_lies_inside(rows: list[Bar], zero: bool) -> None:
    """Whatever the numbers and words, the picture is well-formed and nothing lies outside."""
    tree = _tree(picture("t", "d", rows, zero=zero))
    _, _, width, height = map(float, tree.attrib["viewBox"].split())
    for node in tree.iter():
        for key, limit in (
            ("x", width),
            ("x1", width),
            ("x2", width),
            ("cx", width),
            ("cy", height),
        ):
            assert -1 <= float(node.attrib.get(key, 0)) <= limit + 1


@pytest.mark.parametrize(("low", "high"), [(None, 2.0), (0.0, None), (None, None)])
def test_open_limits_reach_the_edge(low: float | None, high: float | None) -> None:
    """A limit that is not reached runs to the end of the axis."""
    rows = [
        Bar(label="a", value=1.0, low=low, high=high, text=""),
        Bar(label="b", value=0.0, low=-5.0, high=5.0, text=""),
    ]
    first, second = _tree(picture("t", "d", rows)).findall(".//*[@class='cxm-bar']")
    if low is None:
        assert first.attrib["x1"] == second.attrib["x1"]
    if high is None:
        assert first.attrib["x2"] == second.attrib["x2"]


def test_words_are_escaped() -> None:
    """A hostile label is text."""
    svg = picture("<b>", "<i>", [Bar(label="<u>", value=1.0, low=0.0, high=2.0, text="<s>")])
    assert not any(tag in svg for tag in ("<b>", "<i>", "<u>", "<s>"))
