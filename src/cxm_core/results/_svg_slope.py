"""Slope chart: where some numbers were, and where they are, with a line between."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from ._show import axis_of
from ._svg import Bar
from ._svg_marks import (
    Anchor,
    Axis,
    columns,
    document,
    dot,
    fitted,
    line,
    room_of,
    spread,
    text,
)

_TOP = 30
_HEIGHT = 220
_GAP = 17.0
_PLOT = 240
_NAME = 26
_FIGURE = 30
_EDGE = 16
_BESIDE = 6
_MOST_INTERVALS = 8
#: Lines that a slope chart shows at most.
MOST_SLOPES = 24


@frozen(kw_only=True)
class Side:
    """One end of a line: the number, its interval, and the figure as text."""

    value: float
    low: float | None
    high: float | None
    text: str


def side_of(bar: Bar) -> Side:
    """End of a line for one row of an interval chart that has a value."""
    return Side(value=bar.value or 0.0, low=bar.low, high=bar.high, text=bar.text)


@frozen(kw_only=True)
class Slope:
    """One line from a number to a later one."""

    label: str
    before: Side
    after: Side


def slope_picture(
    title: str,
    description: str,
    slopes: Sequence[Slope],
    *,
    heads: tuple[str, str] = ("before", "after"),
) -> str:
    """SVG of the first lines; figures stand beside their ends and never cover one another."""
    shown = slopes[:MOST_SLOPES]
    height = max(_HEIGHT, _GAP * (len(shown) + 1))
    axis = _axis(shown, height)
    left_words = [_words(s.label, s.before.text) for s in shown]
    right_words = [_words(s.label, s.after.text) for s in shown]
    left = 12 + room_of([*left_words, heads[0]])
    # The intervals stand side by side, outside of the lines; of many lines they are only printed.
    beside = _BESIDE * len(shown) if len(shown) <= _MOST_INTERVALS else 0
    right = left + 2 * (_EDGE + beside) + _PLOT
    body = "".join(
        (
            *(_line(s, axis, left + _EDGE + beside, right - _EDGE - beside) for s in shown),
            *(
                _intervals(s, axis, left + _EDGE / 2 + beside, right - _EDGE / 2 - beside, i)
                for i, s in enumerate(shown)
                if beside
            ),
            *_told(left_words, [axis.at(s.before.value) for s in shown], left, anchor="end"),
            *_told(right_words, [axis.at(s.after.value) for s in shown], right, anchor="start"),
            text(fitted(heads[0], _NAME), left + _EDGE + beside, 12, anchor="middle", faint=True),
            text(fitted(heads[1], _NAME), right - _EDGE - beside, 12, anchor="middle", faint=True),
            _more(len(slopes) - len(shown), left, height),
        )
    )
    size = (right + 12 + room_of([*right_words, heads[1]]), _TOP + height + 24)
    return document((title, description), size, body)


def _axis(slopes: Sequence[Slope], height: float) -> Axis:
    sides = [side for s in slopes for side in (s.before, s.after)]
    low, high = axis_of([n for side in sides for n in (side.value, side.low, side.high)])
    # The axis runs upwards: large numbers lie at the top.
    return Axis(low, high, _TOP + height, _TOP)


def _words(label: str, figure: str) -> str:
    name = fitted(label, _NAME)
    return f"{name}: {fitted(figure, _FIGURE)}" if columns(name) else fitted(figure, _FIGURE)


def _line(slope: Slope, axis: Axis, left: float, right: float) -> str:
    start, end = (left, axis.at(slope.before.value)), (right, axis.at(slope.after.value))
    drawn = line(start, end, name="cxm-line", width=2, opacity=0.8)
    return drawn + dot(*start, radius=4) + dot(*end, radius=4)


def _intervals(slope: Slope, axis: Axis, left: float, right: float, place: int) -> str:
    away = _BESIDE * place
    return _interval(slope.before, axis, left - away) + _interval(slope.after, axis, right + away)


def _interval(side: Side, axis: Axis, x: float) -> str:
    low = axis.low if side.low is None else side.low
    high = axis.high if side.high is None else side.high
    return line((x, axis.at(low)), (x, axis.at(high)), name="cxm-bar", width=3, opacity=0.4)


def _told(words: Sequence[str], heights: Sequence[float], x: float, *, anchor: Anchor) -> list[str]:
    bottom = max([_TOP + _HEIGHT, _TOP + _GAP * (len(words) + 1)])
    moved = spread(heights, _GAP, (_TOP, bottom))
    return [text(word, x, y, anchor=anchor) for word, y in zip(words, moved, strict=True)]


def _more(count: int, left: float, height: float) -> str:
    if count <= 0:
        return ""
    return text(f"... and {count:,} more", left, _TOP + height + 16, faint=True)
