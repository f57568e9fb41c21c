"""A result on the axes of a plotting library that the user has."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from cxm_core.errors import UsageError

from ._show import axis_of
from ._svg import Bar
from ._svg_line import Course
from ._svg_waterfall import Fall
from ._ticks import PLAIN, Tick

_MOST_TICKS = 8


def new_axes() -> Any:
    """Fresh axes of matplotlib."""
    try:
        pyplot = import_module("matplotlib.pyplot")
    except ImportError as error:
        raise UsageError(
            "plot() needs matplotlib, which is not installed.",
            hint="pip install matplotlib, or use svg(), which needs nothing",
        ) from error
    return pyplot.subplots()[1]


def label_times(
    axes: Any, ends: tuple[float, float], tick: Tick = PLAIN, name: str = "time"
) -> None:
    """Round numbers below an axis of time, in the unit in which it is read; else its name alone."""
    if tick.word:
        at = tick.between(*ends, _MOST_TICKS - 2)
        axes.set_xticks(list(at), [tick(number) for number in at])
    axes.set_xlabel(f"{name}, {tick.word}" if tick.word and tick.word != name else name)


def draw(axes: Any, bars: Sequence[Bar], title: str, tick: Tick | None = None) -> Any:
    """Rows from top to bottom: a dot for the value, a line for the interval."""
    for row, bar in enumerate(bars):
        if bar.value is not None:
            low = bar.value if bar.low is None else bar.low
            high = bar.value if bar.high is None else bar.high
            axes.plot([low, high], [row, row], color="0.6", linewidth=4, solid_capstyle="round")
            axes.plot([bar.value], [row], "o", color="C0")
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axes.set_ylim(len(bars) - 0.5, -0.5)
    ends = axis_of([end for bar in bars for end in (bar.value, bar.low, bar.high)])
    label_times(axes, ends, tick or PLAIN, title)
    return axes


def draw_waterfall(axes: Any, falls: Sequence[Fall], title: str) -> Any:
    """Rows from top to bottom: a bar for each step, hanging where the one before it ended."""
    for row, fall in enumerate(falls):
        if fall.is_step:
            color = "C0" if fall.end >= fall.start else "C1"
            axes.barh(row, fall.end - fall.start, left=fall.start, height=0.6, color=color)
        else:
            axes.plot([fall.start], [row], "d", color="0.2")
    for row, fall in enumerate(falls[:-1]):
        axes.plot([fall.end, fall.end], [row, row + 1], color="0.6", linewidth=1)
    low, high = axis_of([end for fall in falls for end in (fall.start, fall.end)])
    margin = 0.05 * (high - low) or 1.0
    axes.set_xlim(low - margin, high + margin)  # a bar would end at the frame by itself
    axes.set_yticks(range(len(falls)), [fall.label for fall in falls])
    axes.set_ylim(len(falls) - 0.5, -0.5)
    axes.set_xlabel(title)
    return axes


def draw_line(axes: Any, course: Course, title: str) -> Any:
    """Points from left to right with their bands; a ring around each that stands out."""
    nothing = float("nan")
    places = list(range(len(course.points)))
    for low, high, alpha in (("outer_low", "outer_high", 0.12), ("low", "high", 0.25)):
        limits = [
            [nothing if (n := getattr(p, end)) is None else n for p in course.points]
            for end in (low, high)
        ]
        axes.fill_between(places, *limits, alpha=alpha, color="C0", linewidth=0)
    values = [nothing if p.value is None else p.value for p in course.points]
    axes.plot(places, values, "o-", color="C0", markersize=3)
    flagged = [place for place in places if course.points[place].flagged]
    axes.plot(flagged, [values[p] for p in flagged], "o", color="C3", fillstyle="none")
    for level in course.levels:
        axes.axhline(level.value, color="0.4", linestyle="--" if level.is_dashed else "-")
    named = places[:: -(-len(places) // _MOST_TICKS) or 1]
    axes.set_xticks(named, [course.points[place].label for place in named])
    axes.set_ylabel(title)
    return axes
