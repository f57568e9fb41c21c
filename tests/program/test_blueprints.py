"""Blueprints: what they refuse, what is a hand-off, and where their steps stand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.program import Blueprint, Program, Stage
from maps import BUY, RETURNS, blueprints

STEPS = [{"name": "a", "lane": "customer"}, {"name": "b", "lane": "front_stage"}]


def program(blueprint: dict[str, Any]) -> Program:
    """A program with one journey and one blueprint."""
    return Program(
        name="Shop",
        zone="UTC",
        touchpoints=[{"name": "shop"}],
        journeys=[{"name": "buy", "stages": [{"name": "all", "touchpoints": ["shop"]}]}],
        blueprints=[{"name": "b", **blueprint}],
    )


class TestByHand:
    """Small blueprints, drawn on paper."""

    def test_a_hand_off_changes_lane_or_role(self) -> None:
        """Work that stays in its lane and with its role is not handed over."""
        handed = [(link.source, link.target) for link in RETURNS.hand_offs]
        assert ("form", "check") in handed
        assert ("start", "form") not in handed
        assert ("check", "no") in handed  # from the agent to nobody
        assert ("arrive", "split") not in handed

    def test_places(self) -> None:
        """Stages follow each other, and each step stands right of what leads to it."""
        at = RETURNS.places()
        columns = {name: place.column for name, place in at.items()}
        assert [columns[name] for name in ("start", "form", "check", "no")] == [0, 1, 2, 3]
        assert columns["post"] == 4
        assert columns["split"] < columns["pay"] == columns["stock"] < columns["done"]
        assert at["label"] == (0, "evidence", 0)

    def test_stages_may_be_those_of_the_journey(self) -> None:
        """A blueprint without stages takes its journey's, and checks its steps against them."""
        steps = [{"name": "a", "lane": "customer", "stage": "all", "touchpoint": "shop"}]
        found = program({"journey": "buy", "steps": steps}).blueprint("b")
        assert [stage.name for stage in found.stages] == ["all"]
        assert RETURNS.over(BUY) is RETURNS
        assert Blueprint(name="x", steps=STEPS).over(None).stages == ()

    def test_a_circle_has_places(self) -> None:
        """A circle is cut where its first step stands."""
        links = [{"source": "a", "target": "b"}, {"source": "b", "target": "a"}]
        at = Blueprint(name="x", steps=STEPS, links=links).places()
        assert (at["a"].column, at["b"].column) == (0, 1)

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"journey": "by"}, "names 'by'"),
            ({"steps": [{"name": "a", "lane": "customer", "touchpoint": "shp"}]}, "names 'shp'"),
            (
                {"journey": "buy", "steps": [{"name": "a", "lane": "customer", "stage": "none"}]},
                "names 'none'",
            ),
        ],
    )
    def test_a_program_refuses_what_points_to_nothing(
        self, wrong: dict[str, Any], told: str
    ) -> None:
        """Journey, touchpoint and stage of a blueprint must be defined."""
        with pytest.raises(ConfigurationError, match=told):
            program({"steps": STEPS, **wrong})

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"steps": [*STEPS, STEPS[0]]}, "steps has a twice"),
            ({"stages": [{"name": "s"}, {"name": "s"}]}, "stages has s twice"),
            ({"links": [{"source": "a", "target": "c"}]}, "links names 'c'"),
            ({"steps": [{"name": "a", "lane": "customer", "stage": "s"}]}, "stage 's'"),
            ({"steps": [{"name": "a", "lane": "stage"}]}, "none of the words"),
            ({"steps": []}, "steps"),
        ],
    )
    def test_refuses_what_contradicts_itself(self, wrong: dict[str, Any], told: str) -> None:
        """Names are unique, links join steps, stages are defined, lanes are known."""
        with pytest.raises(ConfigurationError, match=told):
            Blueprint(**{"name": "x", "steps": STEPS, **wrong})

    def test_a_program_knows_its_blueprints(self) -> None:
        """Asking for a blueprint that is not there names the nearest."""
        with pytest.raises(UsageError, match="no blueprint 'c'"):
            program({"steps": STEPS}).blueprint("c")


class TestByLaw:
    """What holds for every blueprint."""

    @given(blueprints())
    def test_no_two_steps_stand_in_one_place(self, blueprint: Blueprint) -> None:
        """Column, lane and level are a place of one's own."""
        at = blueprint.places()
        assert set(at) == {step.name for step in blueprint.steps}
        assert len(set(at.values())) == len(at)

    @given(blueprints())
    def test_stages_stand_side_by_side(self, blueprint: Blueprint) -> None:
        """No column holds steps that name two stages."""
        at = blueprint.places()
        for column in {place.column for place in at.values()}:
            named = {s.stage for s in blueprint.steps if s.stage and at[s.name].column == column}
            assert len(named) <= 1

    @given(blueprints())
    def test_columns_have_no_gaps(self, blueprint: Blueprint) -> None:
        """Columns are counted from nought without a gap."""
        columns = {place.column for place in blueprint.places().values()}
        assert columns == set(range(len(columns)))

    def test_stages_of_both_are_one_class(self) -> None:
        """A journey's stage serves a blueprint as it is."""
        assert isinstance(RETURNS.stages[0], Stage)
