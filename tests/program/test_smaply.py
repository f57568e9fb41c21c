"""Smaply's table of a map: stages, steps, lanes, and what nobody sees."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_core.errors import CxmError, UsageError
from cxm_core.program import MapImport, Program, read_smaply, write_toml
from cxm_core.vocabulary import Channel

EXPORT = """Journey map,Buying shoes,,
Persona,Tess,,
Stages,Before,,After
Steps,Search the shop,Order,Unpack
Emotional journey,+1,\u22122,angry; tired
Channels,Web,"Web
Phone, Kiosk",
Goals,Find the size,,
Questions,"Will it fit?
Is it in stock?",,
Systems,,Shop; Ledger,
Owner,Head of shop,,
Storyboard,a drawing,,
Backstage,,Reserve the pair,
Support processes,,Charge the card,
Physical evidence,,,The box
"""


class TestByHand:
    """One small map."""

    def test_stages_and_steps(self) -> None:
        """A stage reaches to the right until the next begins; steps are touchpoints."""
        found = read_smaply(EXPORT)
        (journey,) = found.journeys
        assert (journey.name, journey.title, journey.actor) == (
            "buying_shoes",
            "Buying shoes",
            "Tess",
        )
        assert [(stage.title, stage.touchpoints) for stage in journey.stages] == [
            ("Before", ("search_the_shop", "order")),
            ("After", ("unpack",)),
        ]

    def test_lanes(self) -> None:
        """Feelings, channels, goals, questions, systems and owners go where they belong."""
        search, order, unpack = read_smaply(EXPORT).touchpoints
        assert (search.feeling, order.feeling, unpack.feeling) == (1, -2, None)
        assert unpack.emotions == ("angry", "tired")
        assert order.channels == (Channel.WEB, Channel.PHONE, Channel.OTHER)
        assert (search.goal, search.owner) == ("Find the size", "Head of shop")
        assert search.asks == ("Will it fit?", "Is it in stock?")
        assert order.systems == ("Shop", "Ledger")
        assert search.notes == ("Storyboard: a drawing",)
        assert unpack.notes == ()

    def test_lanes_that_nobody_sees_make_a_blueprint(self) -> None:
        """Backstage and support stand under their step, and what leads to what is assumed."""
        found = read_smaply(EXPORT)
        (blueprint,) = found.blueprints
        assert {s.name: (s.lane, s.stage) for s in blueprint.steps} == {
            "search_the_shop": ("customer", "before"),
            "order": ("customer", "before"),
            "reserve_the_pair": ("backstage", "before"),
            "charge_the_card": ("support", "before"),
            "the_box": ("evidence", "after"),
            "unpack": ("customer", "after"),
        }
        assert [(x.source, x.target) for x in blueprint.links] == [
            ("order", "reserve_the_pair"),
            ("reserve_the_pair", "charge_the_card"),
            ("search_the_shop", "order"),
            ("order", "unpack"),
        ]
        assert found.assumed == {
            "channel 'Kiosk'": "other",
            "links": "from step to step, and down each column",
        }

    def test_a_map_on_its_side(self) -> None:
        """One row a step is read as one column a step."""
        rows = [line.split(",") for line in ["Stages,A,B", "Steps,x,y", "Emotions,1,2"]]
        turned = "\n".join(",".join(cells) for cells in zip(*rows, strict=True))
        assert read_smaply(turned) == read_smaply("\n".join(map(",".join, rows)))

    def test_nothing_is_lost_in_silence(self) -> None:
        """Cells beneath no step, second titles and the ends of long texts are counted."""
        rows = ["Map,One,Two,One", "Persona,Ann,Bob,", "Steps,Search,,Unpack"]
        rows += [f"Goals,{'x' * 3000},lost,", "Ideas,,lost,kept"]
        found = read_smaply("\n".join(rows))
        assert found.left_out == {
            "cell without a step": 2,
            "further title": 1,
            "further actor": 1,
            "end of a text of more than 1,000 letters": 1,
        }
        assert len(found.touchpoints[0].goal or "") == 1000

    @pytest.mark.parametrize("start", ["", "sep=;\r\n", "Map;One, two, three, four and, five;;\n"])
    def test_semicolons(self, start: str) -> None:
        """Excel writes semicolons in some countries, and may say so; a title may have commas."""
        rows = ["Stages;Before;;After", "Steps;Search;Order;Unpack", "Channels;Web;Web|Phone;"]
        found = read_smaply(start + "\r\n".join(rows))
        (journey,) = found.journeys
        told = [(stage.name, stage.touchpoints) for stage in journey.stages]
        assert told == [("before", ("search", "order")), ("after", ("unpack",))]

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf_16_without_a_mark(self, encoding: str) -> None:
        """What is UTF-16 and does not say so is told for what it may be."""
        with pytest.raises(UsageError, match="UTF-16 that does not say so"):
            read_smaply(EXPORT.encode(encoding))

    def test_steps_before_the_first_stage(self) -> None:
        """They get a stage of their own, and that is told."""
        found = read_smaply("Stages,,Later\nSteps,x,y")
        assert [stage.touchpoints for stage in found.journeys[0].stages] == [("x",), ("y",)]
        assert found.assumed == {"steps before the first stage": "a stage of their own"}

    def test_a_map_without_stages(self) -> None:
        """All steps stand in one stage."""
        (journey,) = read_smaply("Steps,x,y", name="mine").journeys
        assert (journey.name, journey.touchpoints) == ("mine", ("x", "y"))

    def test_goes_into_a_program(self) -> None:
        """What was read, written as TOML, is a program's map."""
        found = read_smaply(EXPORT)
        program = Program.parse('name = "Shop"\nzone = "UTC"\n' + write_toml(found))
        assert program.journeys == found.journeys
        assert program.touchpoints == found.touchpoints
        assert program.blueprints == found.blueprints

    @pytest.mark.parametrize("content", ["", "a,b", "Stages,x", "Steps,,"])
    def test_what_is_no_map_is_refused(self, content: str) -> None:
        """A table without steps is a clear error."""
        with pytest.raises(UsageError, match="no row of steps"):
            read_smaply(content)


CELLS = st.sampled_from(["Stages", "Steps", "Channels", "x", "x", "", "Backstage", "Persona", "3"])


class TestByLaw:
    """What holds for every table."""

    @given(st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=6))
    @settings(max_examples=80)
    def test_any_table_is_read_or_refused(self, rows: list[list[str]]) -> None:
        """Whatever the cells, there is a map that a program takes, or an error of ours."""
        with suppress(CxmError):
            found = read_smaply("\n".join(map(",".join, rows)))
            Program.parse('name = "x"\nzone = "UTC"\n' + write_toml(found))
            assert isinstance(found, MapImport)
