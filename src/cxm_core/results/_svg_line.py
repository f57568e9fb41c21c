"""Line chart over time: numbers with their bands, a baseline, limits, and what stands out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from attrs import field, frozen

from ._plain import as_tuple
from ._show import axis_of
from ._svg_marks import (
    CHAR,
    MOST_LABEL,
    Axis,
    area,
    columns,
    document,
    dot,
    fitted,
    line,
    ring,
    room_of,
    spread,
    text,
)
from ._ticks import PLAIN, Tick

_TOP = 14
_HEIGHT = 200
_FOOT = 30
_WIDTH = 520
_GAP = 16.0
_DOTS = 60
_FEW = 12


@frozen(kw_only=True)
class Point:
    """One number on the way: its interval, and a wider one that holds at every look.

    A point that is `flagged` gets a ring; one without a value leaves a gap in the line.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    outer_low: float | None = None
    outer_high: float | None = None
    flagged: bool = False


@frozen(kw_only=True)
class Level:
    """A number that all points are seen against: a baseline, or the limit of a chart."""

    value: float
    text: str
    is_dashed: bool = True


@frozen(kw_only=True)
class Course:
    """What a line chart shows."""

    points: tuple[Point, ...] = field(converter=as_tuple)
    levels: tuple[Level, ...] = field(default=(), converter=as_tuple)


def line_picture(title: str, description: str, course: Course, *, tick: Tick = PLAIN) -> str:
    """SVG of points from left to right; bands lie behind, names of levels stand at the right."""
    y_axis = _y_axis(course)
    ticks = [(n, tick(n)) for n in y_axis.ticks(4, tick)]
    left = 14 + room_of([word for _, word in ticks], least=3)
    places = _places(len(course.points), left)
    right = left + _WIDTH
    names = [fitted(level.text, MOST_LABEL) for level in course.levels]
    width = right + 22 + room_of(names)
    body = "".join(
        (
            *(_tick(y_axis.at(n), word, left, right) for n, word in ticks),
            _bands(course.points, places, y_axis),
            *(_level(level, y_axis, left, right) for level in course.levels),
            _way(course.points, places, y_axis),
            *_named(names, course.levels, y_axis, right + 10),
            _feet(course.points, places, width),
        )
    )
    return document((title, description), (width, _TOP + _HEIGHT + _FOOT), body)


def _y_axis(course: Course) -> Axis:
    numbers = [
        n
        for p in course.points
        for n in (p.value, p.low, p.high, p.outer_low, p.outer_high)
        if n is not None
    ]
    low, high = axis_of([*numbers, *(level.value for level in course.levels)])
    margin = 0.04 * (high - low) or max(abs(high), 1.0) / 20
    return Axis(low - margin, high + margin, _TOP + _HEIGHT, _TOP)


def _places(count: int, left: float) -> list[float]:
    step = _WIDTH / max(count, 1)
    return [left + step * (place + 0.5) for place in range(count)]


def _tick(y: float, word: str, left: float, right: float) -> str:
    return text(word, left - 8, y, anchor="end", faint=True) + line(
        (left, y), (right, y), name="cxm-grid", opacity=0.12
    )


def _bands(points: Sequence[Point], places: Sequence[float], axis: Axis) -> str:
    """The wide band, then the narrow one upon it; a point without limits leaves a gap."""
    wide = [(p.outer_low, p.outer_high) for p in points]
    narrow = [(p.low, p.high) for p in points]
    return _band(wide, places, axis, 0.1) + _band(narrow, places, axis, 0.22)


def _band(
    limits: Sequence[tuple[float | None, float | None]],
    places: Sequence[float],
    axis: Axis,
    opacity: float,
) -> str:
    runs: list[list[tuple[float, float, float]]] = [[]]
    for x, (low, high) in zip(places, limits, strict=True):
        if low is None or high is None:
            runs.append([])
        else:
            runs[-1].append((x, axis.at(low), axis.at(high)))
    half = min(8.0, (places[1] - places[0]) / 3) if len(places) > 1 else 8.0
    return "".join(area(_outline(run, half), opacity=opacity) for run in runs if run)


def _outline(run: Sequence[tuple[float, float, float]], half: float) -> list[tuple[float, float]]:
    """Corners of a band; a point that stands alone gets a small width."""
    first, last = run[0], run[-1]
    there = [
        (first[0] - half, first[2]),
        *((x, top) for x, _, top in run),
        (last[0] + half, last[2]),
    ]
    back = [(last[0] + half, last[1]), *((x, low) for x, low, _ in reversed(run))]
    return [*there, *back, (first[0] - half, first[1])]


def _level(level: Level, axis: Axis, left: float, right: float) -> str:
    y = axis.at(level.value)
    dashes = "4 3" if level.is_dashed else ""
    return line((left, y), (right, y), name="cxm-level", opacity=0.6, dashes=dashes)


def _way(points: Sequence[Point], places: Sequence[float], axis: Axis) -> str:
    """Lines between neighbours, then dots where there is room for them, then the rings."""
    ends = [
        None if p.value is None else (x, axis.at(p.value))
        for p, x in zip(points, places, strict=True)
    ]
    drawn = [line(a, b, name="cxm-line", width=1.6) for a, b in pairwise(ends) if a and b]
    is_sparse = len(points) <= _DOTS
    alone = [_is_alone(ends, place) for place in range(len(ends))]
    dots = [
        dot(*e, radius=3.2) for e, one in zip(ends, alone, strict=True) if e and (is_sparse or one)
    ]
    flagged = [e for e, p in zip(ends, points, strict=True) if e and p.flagged]
    rings = [ring(*e, radius=8.0 if len(flagged) <= _FEW else 3.5) for e in flagged]
    return "".join([*drawn, *dots, *rings])


def _is_alone(ends: Sequence[object], place: int) -> bool:
    before = ends[place - 1] if place else None
    after = ends[place + 1] if place + 1 < len(ends) else None
    return before is None and after is None


def _named(names: Sequence[str], levels: Sequence[Level], axis: Axis, x: float) -> list[str]:
    heights = [axis.at(level.value) for level in levels]
    moved = spread(heights, _GAP, (_TOP, _TOP + _HEIGHT))
    return [text(name, x, y, faint=True) for name, y in zip(names, moved, strict=True)]


def _feet(points: Sequence[Point], places: Sequence[float], width: float) -> str:
    """Labels under the points: as many as stand beside each other without touching."""
    y, end, parts = _TOP + _HEIGHT + 14, -math.inf, list[str]()
    for point, x in zip(points, places, strict=True):
        label = fitted(point.label, 16)
        half = CHAR * (columns(label) + 2) / 2
        middle = min(max(x, half), width - half)
        if middle - half >= end:
            parts.append(text(label, middle, y, anchor="middle", faint=True))
            end = middle + half
    return "".join(parts)
