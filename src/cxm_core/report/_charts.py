"""Where the dots and bars of a chart stand; the template only draws what is worked out here.

Places across are percentages of the chart or of its plot, so a chart is as wide as its page while
its letters keep their size.
Each chart is laid out twice, for a wide page and for a phone; the style sheet shows one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from attrs import frozen

from ._escape import lines, visible, width

__all__ = ["Axis", "Chart", "Drawn", "Layout", "Mark", "Row", "axis_of", "draw", "layouts_of"]


@frozen(kw_only=True)
class Mark:
    """One row of a chart: a figure with its interval, and its numbers as text.

    `before` is an earlier value of the same figure.
    `extras` are further printed numbers, which `note` says in words where there is no room.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    figure: str
    span: str
    before: float | None = None
    extras: tuple[str, ...] = ()
    note: str = ""


@frozen(kw_only=True)
class Chart:
    """Rows on one axis, before they are drawn.

    `about` tells what the chart shows to whoever does not see it.
    `heads` name the printed numbers, each on a few lines: the figure, then the extras.
    Every row is seen against `reference`, if there is one.
    `factor` leads from the marks' numbers to those on screen, so that ticks are round there.
    """

    title: str
    about: str
    marks: tuple[Mark, ...]
    tick: Callable[[float], str]
    heads: tuple[tuple[str, ...], ...] = ()
    factor: float = 1.0
    reference: float | None = None
    is_from_zero: bool = False


@frozen(kw_only=True)
class Layout:
    """Sizes in pixels, places across in percent of the chart.

    The figure ends at `value`, its interval begins at `span` or follows the figure where that is
    None; `extras` are the right edges of further numbers; `room` is how many letters a label has.
    """

    name: str
    head: int
    row: int
    bar: int
    label: int
    room: int
    plot_left: float
    plot_width: float
    value: float
    span: float | None = None
    extras: tuple[float, ...] = ()
    ticks: int


_WIDE = Layout(
    name="wide", head=6, row=36, bar=18, label=23, room=12, plot_left=19.0, plot_width=43.0,
    value=74.0, span=76.0, ticks=5,
)  # fmt: skip
_LONG = Layout(
    name="wide", head=6, row=40, bar=20, label=25, room=22, plot_left=33.0, plot_width=29.0,
    value=74.0, span=76.0, ticks=4,
)  # fmt: skip
_RICH = Layout(
    name="wide", head=48, row=40, bar=20, label=25, room=24, plot_left=26.0, plot_width=33.0,
    value=67.5, span=69.0, extras=(89.0, 100.0), ticks=4,
)  # fmt: skip
_NARROW = Layout(
    name="narrow", head=4, row=62, bar=38, label=17, room=40, plot_left=4.0, plot_width=44.0,
    value=100.0, ticks=3,
)  # fmt: skip
_RICH_NARROW = Layout(
    name="narrow", head=4, row=86, bar=38, label=17, room=40, plot_left=4.0, plot_width=44.0,
    value=100.0, ticks=3,
)  # fmt: skip


def layouts_of(chart: Chart) -> tuple[Layout, Layout]:
    """Layout for a wide page and for a phone."""
    if chart.heads:
        return _RICH, _RICH_NARROW
    longest = max((width(visible(mark.label)) for mark in chart.marks), default=0)
    return _WIDE if longest <= _WIDE.room else _LONG, _NARROW


@frozen(kw_only=True)
class Axis:
    """Range of a plot, and its ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Place of `value` in percent of the plot, never outside."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)


@frozen(kw_only=True)
class Row:
    """One drawn row; a limit that is not reached runs to the end of the plot."""

    mark: Mark
    top: int
    label: tuple[tuple[int, str], ...]
    value: float | None
    low: float
    high: float
    before: float | None


@frozen(kw_only=True)
class Drawn:
    """A chart in one layout."""

    layout: Layout
    height: int
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    reference: float | None


def draw(chart: Chart) -> tuple[Drawn, ...]:
    """The chart in each of its layouts, the wide one first."""
    return tuple(_draw(chart, layout) for layout in layouts_of(chart))


def _draw(chart: Chart, layout: Layout) -> Drawn:
    axis = axis_of(chart, layout.ticks)
    rows = tuple(_row(mark, axis, layout, place) for place, mark in enumerate(chart.marks))
    return Drawn(
        layout=layout,
        height=layout.head + layout.row * len(rows) + 26,
        rows=rows,
        ticks=tuple((axis.at(tick), chart.tick(tick)) for tick in axis.ticks),
        reference=None if chart.reference is None else axis.at(chart.reference),
    )


def _row(mark: Mark, axis: Axis, layout: Layout, place: int) -> Row:
    top = layout.head + layout.row * place
    is_wide = layout.name == "wide"
    words = lines(visible(mark.label), layout.room, most=2 if is_wide else 1)
    first = layout.label - 8 * (len(words) - 1)
    return Row(
        mark=mark,
        top=top,
        label=tuple((first + 16 * i, word) for i, word in enumerate(words)),
        value=None if mark.value is None else axis.at(mark.value),
        low=0.0 if mark.low is None else axis.at(mark.low),
        high=100.0 if mark.high is None else axis.at(mark.high),
        before=None if mark.before is None else axis.at(mark.before),
    )


def axis_of(chart: Chart, ticks: int) -> Axis:
    """Axis that holds every number of the chart, with about `ticks` round ticks on it."""
    numbers = [
        number * chart.factor
        for mark in chart.marks
        for number in (mark.value, mark.low, mark.high, mark.before)
        if number is not None
    ]
    if chart.reference is not None:
        numbers.append(chart.reference * chart.factor)
    low = 0.0 if chart.is_from_zero else min(numbers, default=0.0)
    high = max([low, *numbers])
    margin = 0.06 * (high - low) or max(abs(high), 1.0) / 2
    low, high = (low if chart.is_from_zero else low - margin), high + margin
    found = tuple(tick / chart.factor for tick in _round_numbers(low, high, ticks))
    return Axis(low=low / chart.factor, high=high / chart.factor, ticks=found)


def _round_numbers(low: float, high: float, about: int) -> tuple[float, ...]:
    """Multiples of 1, 2 or 5 times a power of ten: about `about` of them, and at least two."""
    rough = (high - low) / about
    power: float = 10.0 ** math.floor(math.log10(rough))
    steps = [m * power for m in (10.0, 5.0, 2.0, 1.0, 0.5)]
    found = [_multiples(low, high, step) for step in steps if step < 2.4 * rough]
    return next(ticks for ticks in found if len(ticks) >= 2)


def _multiples(low: float, high: float, step: float) -> tuple[float, ...]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(index * step for index in range(first, last + 1))
