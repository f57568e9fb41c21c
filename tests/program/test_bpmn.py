"""BPMN: ours comes back equal, others as near as can be, hostile files not at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_core.errors import CxmError, UsageError
from cxm_core.program import Blueprint, read_bpmn, write_bpmn
from maps import RETURNS, WORDS, blueprints

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">'
FOREIGN = f"""<?xml version="1.0"?>
{HEAD}
<collaboration id="c">
  <participant id="p1" name="Customer" processRef="one"/>
  <participant id="p2" name="Claims &amp; Co" processRef="two"/>
  <messageFlow id="m" name="claim" sourceRef="send" targetRef="got"/>
</collaboration>
<process id="one">
  <startEvent id="begin"/>
  <sendTask id="send" name="Send the claim"/>
  <sequenceFlow id="f0" sourceRef="begin" targetRef="send"/>
</process>
<process id="two">
  <laneSet id="ls">
    <lane id="l1" name="Service desk">
      <flowNodeRef>got</flowNodeRef><flowNodeRef>fork</flowNodeRef></lane>
    <lane id="l2" name="Bank"><childLaneSet><lane name="Vault">
      <flowNodeRef> pay </flowNodeRef></lane></childLaneSet></lane>
  </laneSet>
  <startEvent id="got" name="Claim came"><messageEventDefinition/></startEvent>
  <inclusiveGateway id="fork"/>
  <subProcess id="pay" name="Pay"><task id="inner"/>
    <sequenceFlow id="x" sourceRef="inner" targetRef="inner"/></subProcess>
  <boundaryEvent id="late" name="Too late" attachedToRef="pay"/>
  <dataObjectReference id="d"/><textAnnotation id="t"/>
  <sequenceFlow id="f1" sourceRef="got" targetRef="fork"/>
  <sequenceFlow id="f2" name="worth it" sourceRef="fork" targetRef="pay"/>
  <sequenceFlow id="f3" sourceRef="fork" targetRef="nowhere"/>
</process>
</definitions>"""


class TestByHand:
    """Small files, checked by eye."""

    def test_ours_comes_back_equal(self) -> None:
        """What BPMN cannot say stands beside it, and comes back too."""
        found = read_bpmn(write_bpmn(RETURNS))
        assert found.blueprints == (RETURNS,)
        assert not found.left_out
        assert not found.assumed

    def test_another_name_may_be_given(self) -> None:
        """A name that the caller gives wins over that of the file."""
        assert read_bpmn(write_bpmn(RETURNS), name="other").blueprints[0].name == "other"

    def test_a_foreign_file(self) -> None:
        """Pools and lanes become lanes and roles, messages links; what is left out is counted."""
        found = read_bpmn(FOREIGN, lanes={"Bank": "support"})
        (blueprint,) = found.blueprints
        steps = {s.name: (s.lane, s.kind, s.role) for s in blueprint.steps}
        assert steps == {
            "begin": ("customer", "start", "Customer"),
            "send_the_claim": ("customer", "task", "Customer"),
            "claim_came": ("front_stage", "start", "Service desk"),
            "fork": ("front_stage", "choice", "Service desk"),
            "pay": ("support", "task", "Vault"),
            "too_late": ("backstage", "wait", "Claims & Co"),
        }
        assert [(x.source, x.target, x.label) for x in blueprint.links] == [
            ("begin", "send_the_claim", None),
            ("claim_came", "fork", None),
            ("fork", "pay", "worth it"),
            ("send_the_claim", "claim_came", "claim"),
            ("pay", "too_late", None),
        ]
        assert found.left_out == {
            "dataObjectReference": 1,
            "textAnnotation": 1,
            "task in a subProcess": 1,
            "sequenceFlow to what is left out": 2,
        }
        assert found.assumed["inclusiveGateway"] == "choice"
        assert found.assumed["lane 'Claims & Co'"] == "backstage"
        assert "lane 'Vault'" not in found.assumed

    def test_ids_that_are_none(self) -> None:
        """Flows go to the first step of an id, and that is told; a step without one gets none."""
        steps = '<task id="a" name="A"/><task id="a" name="B"/><task name="C"/><task name="D"/>'
        flows = (
            '<sequenceFlow sourceRef="a" targetRef="a"/><sequenceFlow sourceRef="" targetRef=""/>'
        )
        space = "http://www.omg.org/spec/BPMN/20100524/MODEL"
        found = read_bpmn(
            f'<definitions xmlns="{space}"><process>{steps}{flows}</process></definitions>'
        )
        (blueprint,) = found.blueprints
        assert [(link.source, link.target) for link in blueprint.links] == [("a", "a")]
        assert "a flow to an id that several steps bear" in found.assumed
        assert found.left_out == {"sequenceFlow to what is left out": 1}

    def test_the_end_of_a_long_name(self) -> None:
        """Of a name of more than a thousand letters the end is left out, and counted."""
        space = "http://www.omg.org/spec/BPMN/20100524/MODEL"
        task = f'<task id="a" name="{"x" * 1001}"/>'
        found = read_bpmn(f'<definitions xmlns="{space}"><process>{task}</process></definitions>')
        assert found.left_out == {"end of a text of more than 1,000 letters": 1}

    def test_names_that_clash_are_told_apart(self) -> None:
        """Two tasks of one title have two names, and a title without a letter has one, too."""
        tasks = '<task id="a" name="Pay"/><task id="b" name="Pay"/><task id="c" name="1&#x4e00;"/>'
        found = read_bpmn(f"{HEAD}<process id='p'>{tasks}</process></definitions>")
        steps = found.blueprints[0].steps
        assert [step.name for step in steps] == ["pay", "pay_2", "step_1"]
        assert [step.title for step in steps] == ["Pay", "Pay", "1\u4e00"]

    def test_what_xml_cannot_hold_is_replaced(self) -> None:
        """A null in a title becomes the replacement sign."""
        blueprint = Blueprint(name="b", steps=[{"name": "a", "lane": "customer", "title": "x\0y"}])
        (read,) = read_bpmn(write_bpmn(blueprint)).blueprints
        assert read.steps[0].title == "x\ufffdy"

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("", "not XML"),
            ("no xml", "not XML"),
            ("<a></b>", "Line 1 is not XML"),
            ("<definitions/>", "no BPMN"),
            (f"{HEAD}</definitions>", "no step"),
            (f"{HEAD}<process id='p'/></definitions>", "no step"),
            (b'<?xml version="1.0" encoding="klingon"?><a/>', "XML"),
            (b"\xff\xfe\x00", "not XML"),
            ("<a>" * 101 + "</a>" * 101, "nested deeper"),
        ],
    )
    def test_what_is_no_bpmn_is_refused(self, content: str | bytes, told: str) -> None:
        """A file of something else is a clear error."""
        with pytest.raises(UsageError, match=told):
            read_bpmn(content)

    def test_ours_with_a_mistake_is_refused(self) -> None:
        """A file that was changed so that it makes no blueprint is an error, not a guess."""
        text = write_bpmn(RETURNS).replace('lane="support"', 'lane="attic"')
        with pytest.raises(UsageError, match="makes no blueprint"):
            read_bpmn(text)

    def test_lanes_must_be_known(self) -> None:
        """A lane that is none is refused, with the nearest."""
        with pytest.raises(UsageError, match="no lane 'backstge'"):
            read_bpmn(FOREIGN, lanes={"Bank": "backstge"})  # type: ignore[dict-item]  # wrong on purpose

    def test_a_large_one_is_quick(self) -> None:
        """Two thousand steps and their links are written and read in order."""
        steps = [{"name": f"s{n}", "lane": "backstage"} for n in range(2000)]
        links = [{"source": f"s{n}", "target": f"s{n + 1}"} for n in range(1999)]
        blueprint = Blueprint(name="long", steps=steps, links=links)
        assert read_bpmn(write_bpmn(blueprint)).blueprints == (blueprint,)


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<definitions>&c;</definitions>"""
ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
REMOTE = '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>'


class TestHostile:
    """Files that were made to do harm."""

    @pytest.mark.parametrize("content", [BOMB, ENTITY, REMOTE, PARAMETER, BOMB.encode("utf-16")])
    def test_file_08_entities_are_refused(self, content: str | bytes) -> None:
        """Neither bombs nor entities from files or hosts: no document type is read at all."""
        with pytest.raises(UsageError, match="declares a document type"):
            read_bpmn(content)

    def test_file_08_a_large_file_is_refused(self) -> None:
        """More bytes, or more elements, than a drawing has are refused before they are kept."""
        with pytest.raises(UsageError, match="more than 20,000,000"):
            read_bpmn("<a>" + " " * 20_000_001 + "</a>")
        with pytest.raises(UsageError, match="more than 200,000"):
            read_bpmn("<a>" + "<b/>" * 200_001 + "</a>")

    def test_errors_repeat_nothing_of_the_file(self) -> None:
        """What stands in the file is in no message."""
        with pytest.raises(UsageError) as caught:
            read_bpmn("<a>Secret words</b>")
        assert "Secret" not in str(caught.value)

    @given(st.binary(max_size=200) | st.text(max_size=200))
    @settings(max_examples=60)
    def test_anything_is_read_or_refused(self, content: str | bytes) -> None:
        """Whatever the bytes, there is a blueprint or an error of ours."""
        with suppress(CxmError):
            read_bpmn(content)

    @given(WORDS)
    def test_titles_stay_titles(self, title: str) -> None:
        """Markup in a title is a title again when the file is read."""
        step = {"name": "a", "lane": "customer", "title": title}
        blueprint = Blueprint(name="b", steps=[step])
        assert read_bpmn(write_bpmn(blueprint)).blueprints[0].steps[0].title == title


class TestByLaw:
    """What holds for every blueprint."""

    @given(blueprints())
    def test_round_trip(self, blueprint: Blueprint) -> None:
        """Written and read again, a blueprint is equal, and nothing was guessed."""
        found = read_bpmn(write_bpmn(blueprint))
        assert found.blueprints == (blueprint,)
        assert not found.left_out
        assert not found.assumed

    @given(blueprints())
    @settings(max_examples=25)
    def test_written_twice_alike(self, blueprint: Blueprint) -> None:
        """The same blueprint always makes the same file."""
        assert write_bpmn(blueprint) == write_bpmn(blueprint)


@pytest.fixture(scope="module")
def moddle() -> str:
    """Folder in which bpmn-moddle is installed, as `nox -s bpmn` does it."""
    folder = os.environ.get("CXM_BPMN_MODDLE", "")
    if not shutil.which("node"):
        pytest.skip("node is not installed, which runs bpmn-moddle")
    if not (Path(folder) / "node_modules" / "bpmn-moddle").is_dir():
        pytest.skip("bpmn-moddle is not installed; `nox -s bpmn` installs it")
    return folder


def seen_by_moddle(moddle: str, text: str, tmp_path: Path) -> Any:
    """What bpmn-moddle finds in a file."""
    path = tmp_path / "drawn.bpmn"
    path.write_text(text, encoding="utf-8")
    script = Path(__file__).parent / "bpmn_moddle.mjs"
    done = subprocess.run(
        ["node", str(script), moddle, str(path)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


class TestByReference:
    """An independent reader, bpmn-moddle, finds all that we wrote."""

    def test_finds_everything(self, moddle: str, tmp_path: Path) -> None:
        """Every task, event, gateway, flow, lane and shape is there, without a warning."""
        seen = seen_by_moddle(moddle, write_bpmn(RETURNS), tmp_path)
        assert seen["warnings"] == []
        nodes = {name: (kind, title) for kind, name, title in seen["nodes"]}
        assert set(nodes) == {f"step_{step.name}" for step in RETURNS.steps}
        assert {name: title for name, (_, title) in nodes.items()} == {
            f"step_{step.name}": step.label for step in RETURNS.steps
        }
        assert nodes["step_check"][0] == "bpmn:ExclusiveGateway"
        assert nodes["step_split"][0] == "bpmn:ParallelGateway"
        assert nodes["step_pay"][0] == "bpmn:UserTask"
        assert [tuple(flow) for flow in seen["flows"]] == [
            (f"step_{link.source}", f"step_{link.target}", link.label) for link in RETURNS.links
        ]
        assert seen["lanes"]["Support"] == ["step_pay"]
        drawn = set(seen["drawn"])
        assert drawn >= {f"step_{step.name}" for step in RETURNS.steps}
        assert drawn >= {f"link_{number}" for number in range(len(RETURNS.links))}
        assert None not in drawn
