"""What every picture is drawn with."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cxm_core.results._svg_marks import Axis, columns, fitted, spread

words = st.text(max_size=60)


@given(words, st.integers(2, 40))
def test_a_label_fits_its_room(text: str, room: int) -> None:
    """However long or wide the letters, a label takes no more room than it has."""
    assert columns(fitted(text, room)) <= room


@given(words)
def test_a_short_label_stays_whole(text: str) -> None:
    """A label that fits is not cut."""
    assert not fitted(text, 200).endswith("\u2026") or "\u2026" in text


def test_wide_letters_take_two() -> None:
    """Letters of East Asia take twice the room; marks upon a letter take none."""
    assert columns("\u6771\u4eac") == 4
    assert columns("e\u0301") == 1


@given(st.lists(st.floats(0, 200), max_size=12))
def test_labels_are_moved_apart(heights: list[float]) -> None:
    """No two labels are nearer than a line, all lie inside, and their order stays."""
    moved = spread(heights, 16.0, (0.0, 200.0))
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    ranked = [moved[place] for place in order]
    assert all(b - a >= 16.0 - 1e-9 for a, b in pairwise(ranked))
    assert all(-1e-9 <= height <= 200 + 1e-9 for height in moved)


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12), st.integers(2, 6))
def test_ticks_are_round_and_few(low: float, length: float, about: int) -> None:
    """An axis has a handful of round numbers, all of them on it."""
    high = low + length
    ticks = Axis(low, high, 0.0, 100.0).ticks(about)
    slack = 1e-6 * max(abs(low), abs(high), length)
    assert len(ticks) <= 2 * about + 2
    assert all(low - slack <= tick <= high + slack for tick in ticks)


def test_an_axis_without_length_has_no_tick() -> None:
    """One number alone is no axis; endless numbers have none either."""
    assert Axis(3.0, 3.0, 0.0, 100.0).ticks(4) == ()
    assert Axis(-1.7e308, 1.7e308, 0.0, 100.0).ticks(4) == ()
    assert Axis(-1.7e308, 1.7e308, 0.0, 100.0).at(0.0) == 50.0
