"""How a blueprint is drawn: lanes as rows, stages as columns, and the lines between the lanes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

from cxm_core.program import LANES, Blueprint, Lane, Link, Place, Step
from cxm_core.results import Estimate

from ._better import Better
from ._blueprint_ways import Box, Grid, label_at, route
from ._map_figures import PlaceFigures, figure_text, figures_at, told_figures, tone_of
from ._map_svg import (
    MARKS,
    Anchor,
    Colour,
    Point,
    arrow,
    box,
    document,
    dot,
    fill,
    group,
    line,
    polygon,
    round_box,
    stroke,
    words,
    wrapped,
)
from ._words import numbers_of

__all__ = ["BlueprintDrawing", "Drawable"]

_GUTTER, _COLUMN, _WIDTH, _GAP = 120.0, 204.0, 148.0, 26.0
_SMALL = 44.0
_ROUND = frozenset({"start", "end", "choice", "parallel"})
#: The lines of a service blueprint, each below the lane that it is named for.
_LINES: Mapping[Lane, str] = {
    "customer": "line of interaction",
    "front_stage": "line of visibility",
    "backstage": "line of internal interaction",
}


class Drawable(Protocol):
    """A blueprint with what was measured on it."""

    @property
    def title(self) -> str:
        """What the picture is called."""

    @property
    def about(self) -> str:
        """The blueprint in words."""

    @property
    def blueprint(self) -> Blueprint:
        """Its lanes become rows."""

    @property
    def figures(self) -> Mapping[str, PlaceFigures]:
        """What was measured, by name of the step or of its touchpoint."""

    @property
    def waits(self) -> Mapping[tuple[str, str], Estimate]:
        """How long it takes from one step to the next."""

    @property
    def feeling(self) -> str:
        """What the feeling is measured by."""

    @property
    def reference(self) -> float | None:
        """Value that the feeling at every step is seen against."""

    @property
    def better(self) -> Better:
        """Which way is good news."""


class BlueprintDrawing:
    """One blueprint while it is drawn."""

    def __init__(self, shown: Drawable) -> None:
        self.shown = shown
        self.at: dict[str, Place] = shown.blueprint.places()
        self.lines = {step.name: self._lines(step) for step in shown.blueprint.steps}
        self.columns = 1 + max(place.column for place in self.at.values())
        self.right = _GUTTER + _COLUMN * self.columns
        self.head = self._head_height()
        self.lanes, self.rows = self._heights()
        self.boxes = {step.name: self._box(step) for step in shown.blueprint.steps}
        self.body: list[str] = []

    # ---- sizes -------------------------------------------------------------------------------

    def _place(self, step: Step) -> PlaceFigures:
        return figures_at(self.shown.figures, step)

    def _lines(self, step: Step) -> list[tuple[str, Colour]]:
        """Lines below a step's title, each with its look."""
        room = _WIDTH - 16
        found: list[tuple[str, Colour]] = []
        found += [(text, "soft") for text in wrapped(step.role or "", room, size=11, most=1)]
        systems = ", ".join(step.systems)
        found += [(text, "soft") for text in wrapped(systems, room, size=11, most=2)]
        policies = f"\u00a7 {'; '.join(step.policies)}" if step.policies else ""
        found += [(text, "soft") for text in wrapped(policies, room, size=11, most=2)]
        for figure, limits in told_figures(self._place(step), self.shown.feeling):
            found += [(text, "ink") for text in wrapped(figure, room, size=11, most=2)]
            found += [(limits, "soft")] if limits else []
        return found

    def _size(self, step: Step) -> float:
        titles = len(self._title(step))
        below = 14.5 * len(self.lines[step.name])
        if step.kind in _ROUND:
            return _SMALL + 6 + 16.5 * titles + below
        return max(16 + 16.5 * titles + below, _SMALL)

    def _title(self, step: Step) -> tuple[str, ...]:
        has_mark = self._place(step).feeling is not None and step.kind not in _ROUND
        room = _WIDTH - (38 if has_mark else 16)
        return wrapped(step.label, room, size=12.5, look="bold")

    def _head_height(self) -> float:
        return 44.0 if self.shown.blueprint.stages else 8.0

    def _heights(self) -> tuple[dict[Lane, tuple[float, float]], dict[tuple[str, int], float]]:
        """Top and bottom of each lane, and the top of each of its levels."""
        tall: dict[tuple[str, int], float] = defaultdict(float)
        for step in self.shown.blueprint.steps:
            place = self.at[step.name]
            key = (place.lane, place.level)
            tall[key] = max(tall[key], self._size(step))
        lanes: dict[Lane, tuple[float, float]] = {}
        rows: dict[tuple[str, int], float] = {}
        y = self.head
        for lane in LANES:
            levels = sorted(level for name, level in tall if name == lane)
            top = y
            for level in levels:
                rows[lane, level] = y
                y += tall[lane, level] + 2 * _GAP
            if levels:
                y = max(y, top + 92)
                lanes[lane] = (top, y)
        return lanes, rows

    def _box(self, step: Step) -> Box:
        place = self.at[step.name]
        left = _GUTTER + _COLUMN * place.column + (_COLUMN - _WIDTH) / 2
        top = self.rows[place.lane, place.level] + _GAP
        if step.kind in _ROUND:
            return Box(left + (_WIDTH - _SMALL) / 2, top, _SMALL, _SMALL)
        return Box(left, top, _WIDTH, self._size(step))

    # ---- the picture -------------------------------------------------------------------------

    def drawn(self) -> str:
        self._stages()
        self._lanes()
        ways = self._ways()
        for step in self.shown.blueprint.steps:
            self.body.append(self._step(step))
        self.body += ways
        bottom = max(bottom for _, bottom in self.lanes.values())
        self.body.append(_legend(self.shown.blueprint, bottom))
        size = (max(self.right, 640) + 4, bottom + 34)
        return document((self.shown.title, self.shown.about), size, self.body)

    def _stages(self) -> None:
        for stage in self.shown.blueprint.stages:
            steps = [step for step in self.shown.blueprint.steps if step.stage == stage.name]
            if not steps:
                continue
            first = min(self.at[step.name].column for step in steps)
            last = max(self.at[step.name].column for step in steps)
            left, width = _GUTTER + _COLUMN * first + 4, _COLUMN * (1 + last - first) - 8
            self.body.append(box((left, 4), (width, 30), fill("band"), radius=4))
            title = wrapped(stage.label, width - 24, size=14, most=1)
            self.body.append(words(title, (left + 12, 24), size=14, look="bold"))

    def _lanes(self) -> None:
        shown = list(self.lanes)
        for lane, (top, bottom) in self.lanes.items():
            title = self.shown.blueprint.actor if lane == "customer" else LANES[lane]
            title = title[:1].upper() + title[1:]
            lines = wrapped(title, _GUTTER - 16, size=13, most=2)
            middle = (top + bottom) / 2 - 8 * (len(lines) - 1) + 4
            self.body.append(words(lines, (4, middle), size=13, look="bold"))
            if lane != shown[-1]:
                self._line(lane, bottom)

    def _line(self, lane: Lane, y: float) -> None:
        """The line below a lane; its name stands in the left gutter, never over a step."""
        name = _LINES.get(lane)
        if name is None:
            self.body.append(line((0, y), (self.right, y), stroke("rule")))
            return
        lines = wrapped(name, _GUTTER - 14, size=11, most=2)
        self.body.append(
            words(lines, (4, y + 4 - 7.2 * (len(lines) - 1)), colour="accent", size=11)
        )
        self.body.append(line((_GUTTER - 6, y), (self.right, y), stroke("accent", 1.4, "7 5")))

    def _ways(self) -> list[str]:
        small = {step.name for step in self.shown.blueprint.steps if step.kind in _ROUND}
        grid = Grid(boxes=self.boxes, rows=self.rows, at=self.at, small=frozenset(small))
        handed = {(link.source, link.target) for link in self.shown.blueprint.hand_offs}
        found = []
        for number, link in enumerate(self.shown.blueprint.links):
            points = route(grid, (link.source, link.target), number)
            is_handed = (link.source, link.target) in handed
            look = stroke("accent" if is_handed else "soft", 1.6 if is_handed else 1.2)
            told = self._way_told(link)
            parts = [arrow(points, look, "accent" if is_handed else "soft")]
            parts.append(self._way_label(link, points))
            found.append(group(parts, told))
        return found

    def _way_told(self, link: Link) -> str:
        labels = {step.name: step.label for step in self.shown.blueprint.steps}
        carried = f"; must know {', '.join(link.carries)}" if link.carries else ""
        return f"{labels[link.source]} \u2192 {labels[link.target]}{carried}"

    def _way_label(self, link: Link, points: Sequence[tuple[float, float]]) -> str:
        wait = self.shown.waits.get((link.source, link.target))
        taken = "" if wait is None else figure_text(wait, numbers_of([wait]))[0]
        lines = [*wrapped(link.label or "", 90, size=11, most=1), *([taken] if taken else [])]
        x, y = label_at(points)
        return words(lines, (x, y - 14.5 * (len(lines) - 1)), size=11, look="label")

    def _step(self, step: Step) -> str:
        here = self.boxes[step.name]
        title = self._title(step)
        parts = [self._shape(step, here)]
        anchor: Anchor
        if step.kind in _ROUND:
            x, y, anchor = here.middle[0], here.bottom + 15, "middle"
        else:
            x, y, anchor = here.x + 8, here.y + 19, "start"
        parts.append(words(title, (x, y), size=12.5, look="bold", anchor=anchor))
        y += 16.5 * len(title) - 1.5
        for text, colour in self.lines[step.name]:
            parts.append(words([text], (x, y), colour=colour, size=11, anchor=anchor))
            y += 14.5
        feeling = self._place(step).feeling
        if feeling is not None:
            tone = tone_of(feeling, self.shown.reference, self.shown.better)
            parts.append(MARKS[tone]((here.right - 12, here.y + 13)))
        return group(parts, _step_told(step))

    def _shape(self, step: Step, here: Box) -> str:
        (x, y), half = here.middle, _SMALL / 2
        if step.kind in {"choice", "parallel"}:
            corners = [(x, y - half), (x + half, y), (x, y + half), (x - half, y)]
            sign = (
                _plus(x, y)
                if step.kind == "parallel"
                else words(["?"], (x, y + 6), size=17, anchor="middle", look="bold")
            )
            return polygon(corners, fill("card")) + polygon(corners, stroke("soft", 1.2)) + sign
        if step.kind in {"start", "end"}:
            width = 1.2 if step.kind == "start" else 3.2
            return dot((x, y), half - 2, fill("card")) + dot(
                (x, y), half - 2, stroke("soft", width)
            )
        size = (here.width, here.height)
        if step.kind == "wait":
            return round_box((here.x, here.y), size, dashes="5 3")
        return round_box((here.x, here.y), size, inner=step.kind == "approval")


def _legend(blueprint: Blueprint, top: float) -> str:
    """What the lines and boxes mean, of those that are drawn."""
    y, x, parts = top + 18, 8.0, [line((4, top), (640, top), stroke("rule"))]
    kinds = {step.kind for step in blueprint.steps}
    keys = {
        "hand-off": bool(blueprint.hand_offs),
        "approval": "approval" in kinds,
        "waiting": "wait" in kinds,
        "policy": any(step.policies for step in blueprint.steps),
    }
    for name in (name for name, is_drawn in keys.items() if is_drawn):
        parts += [_key(name, (x, y)), words([name], (x + 36, y), colour="soft")]
        x += 120
    return "".join(parts)


def _key(name: str, at: Point) -> str:
    x, y = at
    if name == "hand-off":
        return arrow([(x, y - 4), (x + 28, y - 4)], stroke("accent", 1.6), "accent")
    if name == "policy":
        return words(["\u00a7"], (x + 20, y), colour="soft")
    dashes = "5 3" if name == "waiting" else ""
    return round_box((x, y - 13), (28, 18), inner=name == "approval", dashes=dashes)


def _plus(x: float, y: float) -> str:
    look = stroke("ink", 2.4)
    return line((x - 9, y), (x + 9, y), look) + line((x, y - 9), (x, y + 9), look)


def _step_told(step: Step) -> str:
    """What a pointer on a step shows, in full."""
    parts = [step.label, "" if step.kind == "task" else step.kind, step.role or ""]
    parts += [f"systems: {', '.join(step.systems)}"] if step.systems else []
    parts += [f"policies: {'; '.join(step.policies)}"] if step.policies else []
    return " \u00b7 ".join(part for part in parts if part)
