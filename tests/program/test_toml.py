"""TOML: what is written is read back equal."""

from __future__ import annotations

from hypothesis import given

from cxm_core.program import Blueprint, MapImport, Program, Touchpoint, write_toml
from maps import BUY, RETURNS, TOUCHPOINTS, blueprints

HEAD = 'name = "Shop"\nzone = "UTC"\n\n'


class TestByHand:
    """One map."""

    def test_a_map_goes_there_and_back(self) -> None:
        """Touchpoints, journeys and blueprints of a program file are those that were written."""
        form = Touchpoint(name="form", title='"A" \\ b\x7f\ttab', channels=["web"], asks=["Why?"])
        touchpoints = (*TOUCHPOINTS, form)
        whole = MapImport(touchpoints=touchpoints, journeys=(BUY,), blueprints=(RETURNS,))
        program = Program.parse(HEAD + write_toml(whole))
        assert program.touchpoints == touchpoints
        assert program.journeys == (BUY,)
        assert program.blueprints == (RETURNS,)

    def test_defaults_are_left_out(self) -> None:
        """What has its default is not written."""
        assert write_toml(MapImport(touchpoints=(Touchpoint(name="a"),))) == (
            '[[touchpoints]]\nname = "a"\n'
        )


class TestByLaw:
    """What holds for every blueprint."""

    @given(blueprints())
    def test_round_trip(self, blueprint: Blueprint) -> None:
        """Written and read again, a blueprint is equal."""
        text = write_toml(MapImport(blueprints=(blueprint,)))
        assert Program.parse(HEAD + text).blueprints == (blueprint,)
