"""Lucidchart's shape data: lanes, stages, steps and lines of one page."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_core.errors import CxmError, UsageError
from cxm_core.program import read_bpmn, read_lucidchart, write_bpmn

HEAD = (
    "Id,Name,Shape Library,Page ID,Contained By,Group,Line Source,Line Destination,"
    "Source Arrow,Destination Arrow,Status,Text Area 1,Text Area 2,Text Area 3,Comments,"
    "role,systems"
)
# As the product writes it: the document, its pages, then shapes and lines.
EXPORT = f"""{HEAD}
1,Document,,,,,,,,,Draft,Returns,,,,,
2,Page,,,,,,,,,,Returning,,,,,
3,Page,,,,,,,,,,Something else,,,,,
4,Swim Lane,Flowchart Shapes,2,,,,,,,,Customer,Service desk,Back office,,,
5,Container,Containers,2,,,,,,,,Asking,,,,,
6,Terminator,Flowchart Shapes,2,4:1|5,,,,,,,Wrong size,,,,,
7,Process,Flowchart Shapes,2,4:1|5,,,,,,,"Fill in
the form",,,,,shop
8,Decision,Flowchart Shapes,2,4:2,,,,,,,Within 30 days?,,,,agent,desk; ledger
9,Delay,Flowchart Shapes,2,4:3,,,,,,,Parcel comes,,,,,
10,Terminator,Flowchart Shapes,2,4:1,,,,,,,Money is back,,,,,
11,Line,,2,,,6,7,None,Arrow,,,,,,,
12,Line,,2,,,7,8,None,Arrow,,,,,,,
13,Line,,2,,,8,9,None,Arrow,,yes,,,,,
14,Line,,2,,,10,9,Arrow,None,,,,,,,
15,Line,,2,,,8,,None,Arrow,,loose,,,,,
16,MinimalTextBlock,Standard,2,,,,,,,,Legend,,,,,
17,Rectangle,Geometric Shapes,2,,,,,,,,,,,,,
18,Process,Flowchart Shapes,3,,,,,,,,Elsewhere,,,,,
"""


class TestByHand:
    """One small export."""

    def test_lanes_stages_steps_and_links(self) -> None:
        """Swim lanes are lanes by number, containers stages, arrows links in their direction."""
        (blueprint,) = read_lucidchart(EXPORT).blueprints
        assert (blueprint.name, blueprint.title) == ("returning", "Returning")
        assert [(s.name, s.title) for s in blueprint.stages] == [("asking", "Asking")]
        steps = {s.name: (s.lane, s.kind, s.stage, s.role) for s in blueprint.steps}
        assert steps == {
            "wrong_size": ("customer", "start", "asking", "Customer"),
            "fill_in_the_form": ("customer", "task", "asking", "Customer"),
            "within_30_days": ("front_stage", "choice", None, "agent"),
            "parcel_comes": ("backstage", "wait", None, "Back office"),
            "money_is_back": ("customer", "end", None, "Customer"),
        }
        assert blueprint.steps[2].systems == ("desk", "ledger")
        assert [(x.source, x.target, x.label) for x in blueprint.links] == [
            ("wrong_size", "fill_in_the_form", None),
            ("fill_in_the_form", "within_30_days", None),
            ("within_30_days", "parcel_comes", "yes"),
            ("parcel_comes", "money_is_back", None),
        ]

    def test_what_is_left_out_is_counted(self) -> None:
        """Legends, empty shapes, loose lines and other pages are told, not dropped in silence."""
        assert read_lucidchart(EXPORT).left_out == {
            "other page": 1,
            "MinimalTextBlock": 1,
            "Rectangle": 1,
            "line without two steps": 1,
        }

    def test_an_id_that_two_shapes_bear(self) -> None:
        """Lines go to the first of them, and that is told."""
        rows = ["1,Process,,,,,A", "1,Process,,,,,B", "2,Process,,,,,C", "3,Line,,,2,1,"]
        head = "Id,Name,Page ID,Contained By,Line Source,Line Destination,Text Area 1"
        found = read_lucidchart("\n".join([head, *rows]))
        (blueprint,) = found.blueprints
        assert [(link.source, link.target) for link in blueprint.links] == [("c", "a")]
        assert "a line to an id that several shapes bear" in found.assumed

    def test_a_page_may_be_chosen(self) -> None:
        """Another page is read by its title; one that is not there names the nearest."""
        (other,) = read_lucidchart(EXPORT, page="Something else", name="x").blueprints
        assert (other.name, [step.name for step in other.steps]) == ("x", ["elsewhere"])
        assert other.steps[0].lane == "backstage"
        with pytest.raises(UsageError, match="no page 'Returnin'"):
            read_lucidchart(EXPORT, page="Returnin")

    def test_lanes_may_be_told(self) -> None:
        """A lane that the caller names is not guessed."""
        found = read_lucidchart(EXPORT, lanes={"Back office": "support"})
        assert found.blueprints[0].steps[3].lane == "support"
        assert found.assumed == {
            "lane 'Customer'": "customer",
            "lane 'Service desk'": "front_stage",
        }

    def test_arrows_at_both_ends_are_two_links(self) -> None:
        """A line with two heads leads both ways, one with none from its source on."""
        rows = EXPORT.replace("11,Line,,2,,,6,7,None,Arrow", "11,Line,,2,,,6,7,Arrow,Arrow")
        rows = rows.replace("12,Line,,2,,,7,8,None,Arrow", "12,Line,,2,,,7,8,None,None")
        (blueprint,) = read_lucidchart(rows).blueprints
        links = [(x.source, x.target) for x in blueprint.links]
        assert links[:3] == [
            ("wrong_size", "fill_in_the_form"),
            ("fill_in_the_form", "wrong_size"),
            ("fill_in_the_form", "within_30_days"),
        ]

    def test_a_document_may_be_a_shape(self) -> None:
        """The flowchart's sign for a document is a step; the row of the file is none."""
        rows = f"{HEAD}\n1,Document,,,,,,,,,Draft,File,,,,,\n2,Page,,,,,,,,,,P,,,,,\n"
        rows += "3,Document,Flowchart Shapes,2,,,,,,,,Invoice,,,,,\n"
        (blueprint,) = read_lucidchart(rows).blueprints
        assert [step.name for step in blueprint.steps] == ["invoice"]

    def test_goes_on_to_bpmn_and_back(self) -> None:
        """What came from one tool goes to another, and is still the same."""
        (blueprint,) = read_lucidchart(EXPORT).blueprints
        assert read_bpmn(write_bpmn(blueprint)).blueprints == (blueprint,)

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("", "no column 'id'"),
            ("a,b\n1,2", "no column 'id'"),
            (HEAD, "0 steps"),
            (b"\xff\xff\xff", "not UTF-8"),
            ('Id,"' + "x" * 200_000, "no CSV"),
            ("Id\n" * 30_000, "30,000 rows"),
            (EXPORT.replace("role,systems", "role,Name", 1), "more than one column 'name'"),
            (EXPORT.encode("utf-16-le"), "UTF-16 that does not say so"),
        ],
    )
    def test_what_is_no_export_is_refused(self, content: str | bytes, told: str) -> None:
        """Another file is a clear error that repeats none of it."""
        with pytest.raises(UsageError, match=told):
            read_lucidchart(content)


class TestByLaw:
    """What holds for every export."""

    def test_bytes_are_read_as_their_text(self) -> None:
        """UTF-8 with a mark, UTF-16, and semicolons make no difference."""
        plain = read_lucidchart(EXPORT)
        assert read_lucidchart(EXPORT.encode("utf-8-sig")) == plain
        assert read_lucidchart(EXPORT.encode("utf-16")) == plain
        assert read_lucidchart("sep=,\n" + EXPORT) == plain

    @given(
        st.lists(
            st.lists(
                st.sampled_from(["1", "2", "Line", "Page", "a", "2:1|9", ""]),
                min_size=7,
                max_size=7,
            ),
            max_size=8,
        )
    )
    @settings(max_examples=60)
    def test_any_rows_are_read_or_refused(self, rows: list[list[str]]) -> None:
        """Whatever the cells, there is a blueprint or an error of ours."""
        head = "Id,Name,Page ID,Contained By,Line Source,Line Destination,Text Area 1"
        with suppress(CxmError):
            read_lucidchart("\n".join([head, *map(",".join, rows)]))
