"""A drawn blueprint: lanes, lines, steps and ways, none of which runs through a box."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given, settings

import cxm_core as cx
from cxm_core.program import Blueprint
from cxm_core.program._xml import local, read_xml
from cxm_core.report import BlueprintMap, PlaceFigures
from cxm_core.report._blueprint_drawing import BlueprintDrawing
from cxm_core.report._blueprint_ways import Box, Grid, route
from maps import RETURNS, WORDS, blueprints

DRAWN = BlueprintMap(
    blueprint=RETURNS,
    figures={"form": PlaceFigures(feeling=cx.nps([0] * 90 + [10] * 10), volume=5)},
    waits={("check", "no"): cx.ratio([30.0, 60.0] * 40, [1, 1] * 40, unit="seconds")},
    reference=0.0,
)


NEXT = (
    'Declined (no, 45.0 seconds, 41.6 to 48.4\u202fs); At the "post" & <b> (yes); '
    "Fill in the form (incomplete)"
)


def texts(svg: str) -> str:
    """All words of a picture, in order."""
    return " ".join("".join(one.itertext()) for one in read_xml(svg).iter() if local(one) == "text")


def grid_of(blueprint: Blueprint) -> Grid:
    """Boxes of a drawn blueprint."""
    drawing = BlueprintDrawing(BlueprintMap(blueprint=blueprint))
    small = {s.name for s in blueprint.steps if s.kind in {"start", "end", "choice", "parallel"}}
    return Grid(boxes=drawing.boxes, rows=drawing.rows, at=drawing.at, small=frozenset(small))


class TestByHand:
    """One blueprint."""

    def test_lanes_lines_and_steps(self) -> None:
        """All lanes, the three lines between them, steps, roles, systems and policies are there."""
        shown = texts(DRAWN.svg())
        for part in ("Evidence", "Customer", "Front stage", "Backstage", "Support"):
            assert part in shown
        assert "line of interaction" in shown
        assert "line of visibility" in shown
        assert "line of internal" in shown
        for part in ("Fill in the form", "Within 30 days?", "agent", "shop", "ledger, bank"):
            assert part in shown
        assert "\u00a7 30 days, unopened" in shown
        assert "yes" in shown

    def test_figures_stand_on_it(self) -> None:
        """What was measured at a touchpoint stands at its step, what a way takes at the way."""
        svg = DRAWN.svg()
        assert "Feeling \u221280.0 points" in texts(svg)
        assert "45.0 seconds" in texts(svg)
        assert 'class="map-bad"' in svg

    def test_line_labels_stand_in_the_gutter(self) -> None:
        """The name of a line is never over a step."""
        lines = re.findall(r'<text x="([\d.]+)"[^>]*>line of', DRAWN.svg())
        assert len(lines) == 3
        assert all(float(x) < 20 for x in lines)

    def test_employees_have_a_lane_of_their_own_name(self) -> None:
        """The customer's lane is called after whoever is served."""
        steps = [{"name": "a", "lane": "customer"}]
        svg = BlueprintMap(blueprint=Blueprint(name="b", actor="nurse", steps=steps)).svg()
        assert "Nurse" in texts(svg)

    def test_table_has_every_step(self) -> None:
        """The same as data, one row a step."""
        table = DRAWN.table()
        assert len(table) == len(RETURNS.steps)
        assert table.rows[3] == (
            *("Front stage", "Ask", "Within 30 days?", "choice", "agent", ""),
            "30 days, unopened",
            NEXT,
            "",
        )
        assert table.rows[2][-1].startswith("Volume 5; Feeling \u221280.0 points (\u2212")

    def test_neighbours_are_joined_by_a_straight_line(self) -> None:
        """Two steps side by side have one line between them."""
        assert len(route(grid_of(RETURNS), ("check", "no"), 0)) == 2


def crosses(box: Box, one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether an upright or level line runs through the inside of a box."""
    (x1, x2), (y1, y2) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    return x1 < box.right - 1 and x2 > box.x + 1 and y1 < box.bottom - 1 and y2 > box.y + 1


class TestByLaw:
    """What holds for every blueprint."""

    @given(blueprints())
    @settings(max_examples=60)
    def test_ways_run_between_boxes(self, blueprint: Blueprint) -> None:
        """No way runs through a step that it does not join, and all its parts are straight."""
        grid = grid_of(blueprint)
        for number, link in enumerate(blueprint.links):
            points = route(grid, (link.source, link.target), number)
            others = {n: b for n, b in grid.boxes.items() if n not in (link.source, link.target)}
            for one, other in pairwise(points):
                assert one[0] == other[0] or one[1] == other[1]
                assert not [n for n, b in others.items() if crosses(b, one, other)]

    @given(blueprints())
    @settings(max_examples=40)
    def test_boxes_do_not_overlap(self, blueprint: Blueprint) -> None:
        """Every step has room of its own, inside the picture."""
        boxes = list(grid_of(blueprint).boxes.values())
        for place, box in enumerate(boxes):
            for other in boxes[:place]:
                assert not crosses(box, (other.x, other.y), (other.right, other.bottom))

    @given(blueprints(), WORDS)
    @settings(max_examples=30)
    def test_titles_stay_text(self, blueprint: Blueprint, title: str) -> None:
        """Whatever the titles, the picture is whole and nothing in it runs."""
        figures = {blueprint.steps[0].name: PlaceFigures(more={title: cx.nps([9, 3])})}
        svg = BlueprintMap(blueprint=blueprint, figures=figures).svg()
        read_xml(svg)
        assert "<script" not in svg
        assert not re.search(r"<[^>]* (on\w+|href|style|id)=", svg)
