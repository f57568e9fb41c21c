"""How a journey is drawn: rows from top to bottom, each as tall as its longest cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from cxm_core.program import Journey, Touchpoint
from cxm_core.results import Estimate

from ._better import Better
from ._charts import Axis, Chart, Mark, axis_of
from ._map_figures import PlaceFigures, figure_text, numbers_by_row, tone_of
from ._map_svg import (
    MARKS,
    Point,
    box,
    document,
    dot,
    fill,
    line,
    polygon,
    room_of,
    stroke,
    triangle,
    way,
    words,
    wrapped,
)
from ._words import numbers_of

__all__ = ["Drawable", "JourneyDrawing"]

_GUTTER, _PAD, _PLOT = 118.0, 10.0, 116.0
_PAGE, _NARROWEST, _WIDEST = 950.0, 166.0, 250.0
_MOST_LINES = 6
_TOUCHED = "\u2013"
T = TypeVar("T")


class Drawable(Protocol):
    """A journey with what was measured on it."""

    @property
    def title(self) -> str:
        """What the picture is called."""

    @property
    def about(self) -> str:
        """The map in words."""

    @property
    def journey(self) -> Journey:
        """Its stages become columns."""

    @property
    def touchpoints(self) -> tuple[Touchpoint, ...]:
        """Touchpoints that are looked up."""

    @property
    def figures(self) -> Mapping[str, PlaceFigures]:
        """What was measured, by name of the touchpoint."""

    @property
    def feeling(self) -> str:
        """What the curve shows."""

    @property
    def reference(self) -> float | None:
        """Value that every touchpoint is seen against."""

    @property
    def better(self) -> Better:
        """Which way is good news."""


class JourneyDrawing:
    """One map while it is drawn: rows from top to bottom."""

    def __init__(self, shown: Drawable) -> None:
        self.shown = shown
        known = {one.name: one for one in shown.touchpoints}
        self.stages = [(stage, stage.touchpoints or ("",)) for stage in shown.journey.stages]
        names = [name for _, inside in self.stages for name in inside]
        self.places = [_place(known, name) for name in names]
        self.figures = [shown.figures.get(name, PlaceFigures()) for name in names]
        self.width = min(max((_PAGE - _GUTTER) / len(names), _NARROWEST), _WIDEST)
        self.y = 0.0
        self.body: list[str] = []

    @property
    def right(self) -> float:
        return _GUTTER + self.width * len(self.places)

    def left(self, column: int) -> float:
        return _GUTTER + self.width * column

    def drawn(self) -> str:
        self._head()
        self._curve()
        self._volume()
        for title, show in numbers_by_row(self.figures).items():
            found = [place.more.get(title) for place in self.figures]
            cells = [() if one is None else figure_text(one, show) for one in found]
            self._row(title, [(cell, "figure") for cell in cells])
        self._said()
        self._planned()
        self._legend()
        about = (self.shown.title, self.shown.about)
        return document(about, (self.right + 1, self.y + 4), self.body)

    # ---- the head ----------------------------------------------------------------------------

    def _head(self) -> None:
        column, tallest = 0, 0
        bands = []
        for stage, inside in self.stages:
            room = self.width * len(inside) - 24
            title = wrapped(stage.label, room, size=14, most=2)
            goal = wrapped(stage.goal or "", room, most=2)
            bands.append((column, len(inside), title, goal))
            tallest = max(tallest, 19 * len(title) + 16 * len(goal) + 14)
            column += len(inside)
        for column, count, title, goal in bands:
            at = (self.left(column) + 2, self.y + 2)
            self.body.append(_band(at, (self.width * count - 4, tallest)))
            self.body.append(words(title, (at[0] + 10, self.y + 21), size=14, look="bold"))
            below = self.y + 21 + 19 * len(title)
            self.body.append(words(goal, (at[0] + 10, below), colour="soft"))
        self.body.append(
            words(
                wrapped(self.shown.journey.actor, _GUTTER - 16, size=13, most=2),
                (4, self.y + 21),
                size=13,
                look="bold",
            )
        )
        self.y += tallest + 8
        cells = [wrapped(p.label, self.width - 2 * _PAD, size=13) if p else () for p in self.places]
        self._row("Touchpoint", [(cell, "title") for cell in cells], is_ruled=False)
        ways = [[", ".join(map(_spoken, place.channels))] if place else () for place in self.places]
        self._texts("Channels", ways)

    # ---- the curve ---------------------------------------------------------------------------

    def _curve(self) -> None:
        estimates = [place.feeling for place in self.figures]
        measured = [one for one in estimates if one is not None]
        if measured:
            self._measured(estimates)
        elif any(place and place.feeling is not None for place in self.places):
            self._thought()

    def _measured(self, estimates: Sequence[Estimate | None]) -> None:
        shown = self.shown
        show = numbers_of([one for one in estimates if one is not None])
        marks = [_mark(one) for one in estimates if one is not None]
        chart = Chart(
            title="", about="", marks=tuple(marks), tick=show.tick, factor=show.factor,
            reference=shown.reference,
        )  # fmt: skip
        axis = axis_of(chart, 3)
        top = self._plot(axis, show.tick, shown.feeling)
        for run in _runs([None if e is None or e.value is None else e for e in estimates]):
            self.body.append(self._band_of(run, axis, top))
            points = [self._at(column, axis.at(e.value or 0.0), top) for column, e in run]
            self.body.append(way(points, stroke("accent", 2)))
        for column, one in enumerate(estimates):
            if one is not None and one.value is not None:
                tone = tone_of(one, shown.reference, shown.better)
                self.body.append(MARKS[tone](self._at(column, axis.at(one.value), top)))
        cells = [figure_text(one, show) if one is not None else () for one in estimates]
        self._row("", [(cell, "figure") for cell in cells], is_ruled=False)

    def _plot(self, axis: Axis, tick: Callable[[float], str], title: str) -> float:
        self._rule()
        top = self.y + 12
        self.body.append(
            words(wrapped(title, _GUTTER - 56, size=12, most=4), (4, top + 10), look="bold")
        )
        for value in axis.ticks:
            y = top + _PLOT * (1 - axis.at(value) / 100)
            self.body.append(line((_GUTTER, y), (self.right, y), stroke("rule")))
            self.body.append(
                words([tick(value)], (_GUTTER - 8, y + 4), colour="soft", size=11, anchor="end")
            )
        if self.shown.reference is not None and title == self.shown.feeling:
            y = top + _PLOT * (1 - axis.at(self.shown.reference) / 100)
            self.body.append(line((_GUTTER, y), (self.right, y), stroke("soft", 1.2, "4 3")))
        self.y = top + _PLOT
        return top

    def _at(self, column: int, share: float, top: float) -> Point:
        return self.left(column) + self.width / 2, top + _PLOT * (1 - share / 100)

    def _band_of(self, run: Sequence[tuple[int, Estimate]], axis: Axis, top: float) -> str:
        lows = [(c, 0.0 if e.low is None else axis.at(e.low)) for c, e in run]
        highs = [(c, 100.0 if e.high is None else axis.at(e.high)) for c, e in run]
        there = [self._at(c, share, top) for c, share in highs]
        back = [self._at(c, share, top) for c, share in reversed(lows)]
        bars = "".join(
            line(self._at(c, low, top), self._at(c, high, top), stroke("span", 3))
            for (c, low), (_, high) in zip(lows, highs, strict=True)
        )
        opacity = ' fill-opacity="0.25"'
        return polygon([*there, *back], fill("span") + opacity) + bars

    def _thought(self) -> None:
        axis = Axis(low=-2.4, high=2.4, ticks=(-2.0, 0.0, 2.0))
        top = self._plot(axis, _whole, "Thought to feel")
        felt = [None if p is None else p.feeling for p in self.places]
        for run in _runs(felt):
            points = [self._at(column, axis.at(value), top) for column, value in run]
            self.body.append(way(points, stroke("soft", 1.5, "5 4")))
            self.body += [dot(p, 5, fill("card")) + dot(p, 5, stroke("soft", 1.5)) for p in points]
        self.y += 10

    # ---- rows --------------------------------------------------------------------------------

    def _volume(self) -> None:
        volumes = [place.volume for place in self.figures]
        values = [_size(volume) for volume in volumes]
        largest = max((value for value in values if value is not None), default=0.0)
        if largest <= 0:
            return
        self._rule()
        self.body.append(words(["Volume"], (4, self.y + 20), look="bold"))
        room = self.width - 2 * _PAD
        for column, value in enumerate(values):
            at = (self.left(column) + _PAD, self.y + 10)
            if value is not None:
                self.body.append(box(at, (room, 12), fill("band"), radius=2))
                self.body.append(box(at, (room * value / largest, 12), fill("span"), radius=2))
        self.y += 22
        estimates = [volume for volume in volumes if isinstance(volume, Estimate)]
        show = numbers_of(estimates)
        cells = [figure_text(v, show) if isinstance(v, Estimate) else (_count(v),) for v in volumes]
        self._row("", [(cell, "figure") for cell in cells], is_ruled=False)

    def _said(self) -> None:
        self._texts("Said most", [[place.theme] for place in self.figures])
        room = self.width - 2 * _PAD
        cells = [
            wrapped(f"\u201c{p.quote}\u201d", room, most=5) if p.quote else () for p in self.figures
        ]
        self._row("In their words", [(cell, "quote") for cell in cells])

    def _planned(self) -> None:
        rows: tuple[tuple[str, Callable[[Touchpoint], Iterable[str]]], ...] = (
            ("Goal", lambda one: [one.goal or ""]),
            ("Emotions", lambda one: one.emotions),
            ("They ask", lambda one: one.asks),
            ("Systems", lambda one: one.systems),
            ("Owner", lambda one: [one.owner or ""]),
        )
        for title, told in rows:
            self._texts(title, [told(place) if place else () for place in self.places])

    def _texts(self, title: str, texts: Iterable[Iterable[str]]) -> None:
        """A row of texts; each of several in one cell begins a line."""
        room = self.width - 2 * _PAD
        cells = [[line for one in several for line in wrapped(one, room)] for several in texts]
        self._row(title, [(cell[:_MOST_LINES], "") for cell in cells])

    def _row(
        self, title: str, cells: Sequence[tuple[Sequence[str], str]], *, is_ruled: bool = True
    ) -> None:
        """A row of lines under a title; nothing where no cell has any."""
        if not any(lines for lines, _ in cells):
            return
        if is_ruled:
            self._rule()
        self.body.append(words(wrapped(title, _GUTTER - 12), (4, self.y + 18), look="bold"))
        tallest = max(len(wrapped(title, _GUTTER - 12)), *(len(lines) for lines, _ in cells))
        for column, (lines, look) in enumerate(cells):
            at = (self.left(column) + _PAD, self.y + 18)
            self.body.append(_cell(lines, at, look))
        self.y += 16 * tallest + 14

    def _rule(self) -> None:
        self.body.append(line((0, self.y), (self.right, self.y), stroke("rule")))

    def _legend(self) -> None:
        if all(place.feeling is None for place in self.figures):
            return
        self._rule()
        x, y = 10.0, self.y + 18
        above, below = ("above", "below") if self.shown.better == "higher" else ("below", "above")
        told = [("band", "confidence interval")]
        if self.shown.reference is not None:
            told = [
                ("good", f"clearly {above} the broken line"),
                ("bad", f"clearly {below} it"),
                ("unclear", "no clear difference"),
                *told,
            ]
        for tone, text in told:
            self.body.append(_key(tone, (x, y - 4)) + words([text], (x + 14, y), colour="soft"))
            x += room_of(text, 12) + 40
        self.y += 28


def _place(known: Mapping[str, Touchpoint], name: str) -> Touchpoint | None:
    """Touchpoint of a column; a stage without one has an empty column."""
    return known.get(name) or (Touchpoint(name=name) if name else None)


def _whole(value: float) -> str:
    return f"{value:+.0f}".replace("-", "\u2212") if value else "0"


def _key(tone: str, at: Point) -> str:
    if tone == "good":
        return triangle(at, "good")
    if tone == "bad":
        return triangle(at, "bad")
    if tone == "unclear":
        return dot(at, 5, fill("accent"))
    return line((at[0], at[1] - 7), (at[0], at[1] + 7), stroke("span", 3))


def _band(at: Point, size: Point) -> str:
    """A stage: a band that points on to the next."""
    (x, y), (width, height) = at, size
    tip = (x + width + 6, y + height / 2)
    corners = [(x, y), (x + width - 4, y), tip, (x + width - 4, y + height), (x, y + height)]
    return polygon(corners, fill("band"))


def _cell(lines: Sequence[str], at: Point, look: str) -> str:
    if look == "title":
        return words(lines, at, size=13, look="bold")
    if look == "figure":
        below = (at[0], at[1] + 16)
        first = words(lines[:1], at, size=13, look="bold")
        return first + words(lines[1:], below, colour="soft", size=11.5)
    return words(lines, at, look=look)


def _mark(estimate: Estimate) -> Mark:
    return Mark(
        label="", value=estimate.value, low=estimate.low, high=estimate.high, figure="", span=""
    )


def _runs(values: Sequence[T | None]) -> Iterator[list[tuple[int, T]]]:
    """Neighbours with a value, with their columns."""
    run: list[tuple[int, T]] = []
    for column, value in enumerate([*values, None]):
        if value is not None:
            run.append((column, value))
        elif run:
            yield run
            run = []


def _size(volume: Estimate | int | None) -> float | None:
    return volume.value if isinstance(volume, Estimate) else volume


def _count(volume: Estimate | int | None) -> str:
    return f"{volume:,}" if isinstance(volume, int) else _TOUCHED


def _spoken(channel: str) -> str:
    return str(channel).replace("_", " ")
