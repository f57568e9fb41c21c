"""Ways between the steps of a drawn blueprint, through the gaps between its boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from attrs import frozen

from cxm_core.program import Place

from ._map_svg import Point

__all__ = ["Box", "Grid", "label_at", "route"]

Ends: TypeAlias = tuple[str, str]
# Ways that share a gap stand beside each other.
_SIDE, _BESIDE, _SHARED = 12.0, 5.0, 3
# Every way meets a step at this height, so that neighbours are joined by a straight line.
_PORT = 22.0
# Half the width of the widest box: a way turns beside it, whatever stands there.
_HALF = 74.0


class Box(NamedTuple):
    """Where a step is drawn."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Lower side."""
        return self.y + self.height

    @property
    def port(self) -> float:
        """Height at which ways come in and go out at the sides."""
        return self.y + _PORT

    @property
    def middle(self) -> Point:
        """Middle."""
        return self.x + self.width / 2, self.y + self.height / 2


@frozen(kw_only=True)
class Grid:
    """All boxes, and where the gap above each row begins."""

    boxes: Mapping[str, Box]
    rows: Mapping[tuple[str, int], float]
    at: Mapping[str, Place]
    small: frozenset[str]

    def above(self, name: str) -> float:
        """Height of the gap above the row that a step stands in."""
        place = self.at[name]
        return self.rows[place.lane, place.level] + 6

    def sides(self, name: str) -> tuple[float, float]:
        """Where a way may turn, left and right of a step and its words."""
        middle = self.boxes[name].middle[0]
        return middle - _HALF - _SIDE, middle + _HALF + _SIDE


def route(grid: Grid, ends: Ends, number: int) -> list[Point]:
    """Points of the way from one step to another that passes through no box."""
    source, target = ends
    beside = _BESIDE * (number % _SHARED)
    ahead = grid.at[target].column - grid.at[source].column
    if ahead == 0 and source != target:
        return _down(grid, ends, beside)
    if ahead <= 0:
        return _back(grid, ends, beside)
    return _on(grid, ends, beside, is_next=ahead == 1)


def label_at(points: Sequence[Point]) -> Point:
    """Where the words of a way stand: at its second part, or upon its only one."""
    (x1, y1), (x2, y2) = points[:2]
    if len(points) == 2:
        return (x1 + 8, y1 - 5) if y1 == y2 else (x1 + 6, (y1 + y2) / 2)
    x3, y3 = points[2]
    return (x1 + 6, y1 - 6) if x1 == x2 else (max(x2, x3) + 4, (y2 + y3) / 2 + 4)


def _on(grid: Grid, ends: Ends, beside: float, *, is_next: bool) -> list[Point]:
    one, other = (grid.boxes[name] for name in ends)
    start, end = (one.right, one.port), (other.x, other.port)
    last = grid.sides(ends[1])[0] - beside
    if is_next and start[1] == end[1]:
        return [start, end]
    if is_next:
        return [start, (last, start[1]), (last, end[1]), end]
    over, first = grid.above(ends[1]) + beside, grid.sides(ends[0])[1] + beside
    return [start, (first, start[1]), (first, over), (last, over), (last, end[1]), end]


def _down(grid: Grid, ends: Ends, beside: float) -> list[Point]:
    one, other = (grid.boxes[name] for name in ends)
    x, is_down = one.middle[0], other.y > one.y
    if not _is_blocked(grid, ends):
        start = (x, one.bottom if is_down else one.y)
        return [start, (x, other.y if is_down else other.bottom)]
    side = grid.sides(ends[0])[1] + beside
    return [(one.right, one.port), (side, one.port), (side, other.port), (other.right, other.port)]


def _is_blocked(grid: Grid, ends: Ends) -> bool:
    """Whether something stands between two steps of one column: a box, or words below a sign."""
    column = grid.at[ends[0]].column
    first, last = sorted(ends, key=lambda name: grid.boxes[name].y)
    top, bottom = grid.boxes[first].y, grid.boxes[last].y
    between = (n for n, place in grid.at.items() if place.column == column and n not in ends)
    return first in grid.small or any(top < grid.boxes[name].y < bottom for name in between)


def _back(grid: Grid, ends: Ends, beside: float) -> list[Point]:
    one, other = (grid.boxes[name] for name in ends)
    over, down = grid.above(ends[0]) + beside, grid.above(ends[1]) + beside
    side = grid.sides(ends[1])[1] + beside
    x1, x2 = one.middle[0] + 8, other.middle[0] + (30 if one is other else 12)
    if over == down:
        return [(x1, one.y), (x1, over), (x2, over), (x2, other.y)]
    return [(x1, one.y), (x1, over), (side, over), (side, down), (x2, down), (x2, other.y)]
