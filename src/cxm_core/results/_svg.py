"""Interval chart: one row a number, its interval as a bar, the figure printed beside it.

A caterpillar plot is the same with many rows: sorted, thin, and named where there is room.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from ._show import axis_of
from ._svg_marks import (
    MOST_LABEL,
    MOST_TEXT,
    Axis,
    area,
    document,
    dot,
    fitted,
    line,
    room_of,
    scale_below,
    text,
    trace,
    upright,
)
from ._ticks import PLAIN, Tick

#: Rows that an interval chart shows of a long result.
MOST_BARS = 100

_ROW = 26
_TOP = 8
_FOOT = 22
_PLOT = 260
_THIN = 5
_WIDE = 420
_NAMED = 16
_TALLEST = 2000
_MOST_ROWS = 400


@frozen(kw_only=True)
class Bar:
    """One row of the picture: label, numbers, and the text printed at the right."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    text: str


def picture(
    title: str,
    description: str,
    bars: Sequence[Bar],
    *,
    zero: bool = False,
    tick: Tick | None = None,
) -> str:
    """SVG of the first bars on one axis; `zero` adds a line at nought, `tick` round numbers."""
    shown = bars[:MOST_BARS]
    labels = [fitted(bar.label, MOST_LABEL) for bar in shown]
    texts = [fitted(bar.text, MOST_TEXT) for bar in shown]
    left = 12 + room_of(labels)
    axis = _axis(bars, zero=zero, left=left, length=_PLOT)
    bottom = _TOP + _ROW * len(shown)
    rows = "".join(
        text(label, left - 8, y, anchor="end") + _mark(bar, axis, y) + text(said, axis.end + 16, y)
        for bar, label, said, y in zip(shown, labels, texts, _heights(len(shown)), strict=True)
    )
    more = len(bars) - len(shown)
    left_out = f"... and {more:,} more" if more else ""
    body = (
        (upright(axis.at(0.0), (_TOP, bottom), "cxm-zero") if zero else "")
        + rows
        + scale_below(axis, tick, bottom)
        + text(left_out, axis.end + 48, bottom + 12)
    )
    width = axis.end + max(24 + room_of(texts), 56 + room_of([left_out]))
    has_foot = bool(more) or (tick is not None and len(axis.ticks(4, tick)) > 0)
    return document((title, description), (width, bottom + (_FOOT if has_foot else _TOP)), body)


def _heights(count: int) -> list[float]:
    return [_TOP + _ROW * place + _ROW / 2 for place in range(count)]


def _axis(bars: Sequence[Bar], *, zero: bool, left: float, length: float) -> Axis:
    numbers = [n for bar in bars for n in (bar.value, bar.low, bar.high)]
    low, high = axis_of([*numbers, 0.0] if zero else numbers)
    return Axis(low, high, left, left + length)


def _mark(bar: Bar, axis: Axis, y: float, *, width: float = 6.0) -> str:
    if bar.value is None:
        return ""
    ends = [(axis.low if bar.low is None else bar.low), axis.high if bar.high is None else bar.high]
    start, end = ((axis.at(number), y) for number in ends)
    return line(start, end, name="cxm-bar", width=width, opacity=0.35) + dot(
        axis.at(bar.value), y, radius=0.75 * width
    )


def caterpillar(
    title: str,
    description: str,
    bars: Sequence[Bar],
    *,
    tick: Tick = PLAIN,
    middle: float | None = None,
) -> str:
    """SVG of many bars sorted by value: thin rows, and a line where the `middle` is."""
    order = sorted((bar for bar in bars if bar.value is not None), key=_value)
    axis = _axis(order, zero=False, left=12, length=_WIDE)
    row = _ROW if len(order) <= _NAMED else min(_THIN, _TALLEST / len(order))
    bottom = _TOP + row * max(len(order), 1)
    heights = [_TOP + row * (place + 0.5) for place in range(len(order))]
    rows = _hill(order, axis, heights) if len(order) > _MOST_ROWS else _rows(order, axis, heights)
    named = _named(len(order))
    words = [fitted(f"{order[p].label}: {order[p].text}", MOST_LABEL + MOST_TEXT) for p in named]
    told = "".join(
        text(word, axis.end + 16, y)
        for word, y in zip(words, _apart(named, heights, bottom), strict=True)
    )
    line_at = "" if middle is None else upright(axis.at(middle), (_TOP, bottom), "cxm-middle")
    size = (axis.end + 24 + room_of(words), bottom + _FOOT)
    return document(
        (title, description), size, line_at + rows + told + scale_below(axis, tick, bottom)
    )


def _rows(order: Sequence[Bar], axis: Axis, heights: Sequence[float]) -> str:
    width = 6.0 if len(order) <= _NAMED else 2.6
    return "".join(_mark(b, axis, y, width=width) for b, y in zip(order, heights, strict=True))


def _hill(order: Sequence[Bar], axis: Axis, heights: Sequence[float]) -> str:
    """More rows than a page has lines: the intervals as one area, the values as one line."""
    lows = [axis.at(axis.low if bar.low is None else bar.low) for bar in order]
    highs = [axis.at(axis.high if bar.high is None else bar.high) for bar in order]
    there, back = zip(lows, heights, strict=True), zip(highs, heights, strict=True)
    values = zip((axis.at(_value(bar)) for bar in order), heights, strict=True)
    outline = [*there, *reversed(list(back))]
    return area(outline, opacity=0.25) + trace(list(values), name="cxm-line")


def _value(bar: Bar) -> float:
    return bar.value or 0.0


def _named(count: int) -> list[int]:
    """Places of the rows that are named: all of few, the ends of many."""
    if count <= _NAMED:
        return list(range(count))
    fitting = min(5, count * _THIN // (2 * _NAMED) - 1)
    return [*range(fitting), *range(count - fitting, count)]


def _apart(named: Sequence[int], heights: Sequence[float], bottom: float) -> list[float]:
    """Heights of the names: the lowest values from the top on, the highest up to the bottom."""
    if len(named) == len(heights):
        return list(heights)
    half = len(named) // 2
    top = [_TOP + _NAMED * (place + 0.5) for place in range(half)]
    end = [bottom - _NAMED * (half - place - 0.5) for place in range(half)]
    return [*top, *end]
