"""A blueprint as BPMN 2.0, with its drawing, for any modeller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from ._blueprints import LANES, Blueprint, Lane, Link, Step
from ._bpmn_words import SMALL, SPACES, WRITTEN
from ._journeys import Stage
from ._layout import Place
from ._xml import write_xml

_COLUMN, _LEVEL, _HEAD, _TOP = 160, 110, 60, 40
_BOX = (120, 80)


class _Box(NamedTuple):
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


def write_bpmn(blueprint: Blueprint) -> str:
    """Blueprint as a BPMN 2.0 document, which any modeller opens with its drawing.

    Parameters
    ----------
    blueprint : Blueprint
        What to write.

    Returns
    -------
    str
        XML; `read_bpmn` reads it back to an equal blueprint.

    Notes
    -----
    Lanes are lanes, stages are groups, steps are tasks, events and gateways, links are sequence
    flows. What BPMN has no word for stands in extension elements of the namespace
    ``urn:cxm:blueprint:1``, which modellers keep and do not show.
    Characters that XML cannot hold, such as a null, become the replacement sign.

    References
    ----------
    .. [1] Object Management Group, Business Process Model and Notation, version 2.0.2, 2014.

    Examples
    --------
    >>> from cxm_core.program import Blueprint, read_bpmn, write_bpmn
    >>> blueprint = Blueprint(name="call", steps=[{"name": "ring", "lane": "customer"}])
    >>> read_bpmn(write_bpmn(blueprint)).blueprints == (blueprint,)
    True
    """
    root = Element("bpmn:definitions", SPACES)
    root.attrib |= {"id": "definitions", "targetNamespace": SPACES["xmlns:cxm"]}
    pool = SubElement(root, "bpmn:collaboration", id="collaboration")
    process = f"process_{blueprint.name}"
    SubElement(pool, "bpmn:participant", id="pool", name=blueprint.label, processRef=process)
    grouped = [stage for stage in blueprint.stages if _steps_of(blueprint, stage)]
    for stage in grouped:
        category = SubElement(root, "bpmn:category", id=f"category_{stage.name}")
        SubElement(category, "bpmn:categoryValue", id=f"value_{stage.name}", value=stage.label)
    _process(root, blueprint, grouped)
    _drawing(root, blueprint, grouped)
    return write_xml(root)


def _steps_of(blueprint: Blueprint, stage: Stage) -> list[str]:
    return [step.name for step in blueprint.steps if step.stage == stage.name]


def _process(root: Element, blueprint: Blueprint, grouped: Iterable[Stage]) -> None:
    process = SubElement(root, "bpmn:process", id=f"process_{blueprint.name}", isExecutable="false")
    _about(process, blueprint)
    lanes = SubElement(process, "bpmn:laneSet", id="lanes")
    for lane, title in _lanes(blueprint).items():
        shown = SubElement(lanes, "bpmn:lane", id=f"lane_{lane}", name=title)
        for step in blueprint.steps:
            if step.lane == lane:
                SubElement(shown, "bpmn:flowNodeRef").text = f"step_{step.name}"
    ways = _ways(blueprint.links)
    for step in blueprint.steps:
        _step(process, step, ways)
    for number, link in enumerate(blueprint.links):
        _link(process, number, link)
    for stage in grouped:
        group = {"id": f"group_{stage.name}", "categoryValueRef": f"value_{stage.name}"}
        SubElement(process, "bpmn:group", group)


def _about(process: Element, blueprint: Blueprint) -> None:
    kept = SubElement(SubElement(process, "bpmn:extensionElements"), "cxm:blueprint")
    _tell(kept, blueprint, ("name", "title", "journey", "actor", "owner"))
    for stage in blueprint.stages:
        one = SubElement(kept, "cxm:stage")
        _tell(one, stage, ("name", "title", "goal"))
        _list(one, "touchpoint", stage.touchpoints)


def _ways(links: Iterable[Link]) -> Mapping[tuple[str, str], list[str]]:
    """Ids of the links that come in and go out, by step."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for number, link in enumerate(links):
        found[link.target, "incoming"].append(f"link_{number}")
        found[link.source, "outgoing"].append(f"link_{number}")
    return found


def _step(process: Element, step: Step, ways: Mapping[tuple[str, str], list[str]]) -> None:
    node = SubElement(process, f"bpmn:{WRITTEN[step.kind]}", id=f"step_{step.name}")
    node.set("name", step.label)
    kept = SubElement(SubElement(node, "bpmn:extensionElements"), "cxm:step")
    _tell(kept, step, ("name", "title", "lane", "kind", "stage", "touchpoint", "role"))
    _list(kept, "system", step.systems)
    _list(kept, "policy", step.policies)
    for way in ("incoming", "outgoing"):
        for link in ways.get((step.name, way), ()):
            SubElement(node, f"bpmn:{way}").text = link


def _link(process: Element, number: int, link: Link) -> None:
    ends = {"sourceRef": f"step_{link.source}", "targetRef": f"step_{link.target}"}
    flow = SubElement(process, "bpmn:sequenceFlow", {"id": f"link_{number}", **ends})
    if link.label:
        flow.set("name", link.label)
    kept = SubElement(SubElement(flow, "bpmn:extensionElements"), "cxm:link")
    _tell(kept, link, ("label",))
    _list(kept, "field", link.carries)


def _tell(element: Element, part: object, keys: Iterable[str]) -> None:
    for key in keys:
        value = getattr(part, key)
        if value is not None:
            element.set(key, str(value))


def _list(element: Element, word: str, values: Iterable[str]) -> None:
    for value in values:
        SubElement(element, f"cxm:{word}", value=value)


def _lanes(blueprint: Blueprint) -> dict[Lane, str]:
    used = {step.lane for step in blueprint.steps}
    return {lane: title for lane, title in LANES.items() if lane in used}


# ---- the drawing ----------------------------------------------------------------------------


def _drawing(root: Element, blueprint: Blueprint, grouped: Iterable[Stage]) -> None:
    diagram = SubElement(root, "bpmndi:BPMNDiagram", id="diagram")
    plane = SubElement(diagram, "bpmndi:BPMNPlane", id="plane", bpmnElement="collaboration")
    at = blueprint.places()
    lanes = _lane_boxes(blueprint, at)
    boxes = {step.name: _box(step, at[step.name], lanes) for step in blueprint.steps}
    height = sum(box.height for box in lanes.values())
    _shape(plane, "pool", _Box(_TOP, _TOP, _width(at) + _HEAD // 2, height), isHorizontal="true")
    for lane, box in lanes.items():
        _shape(plane, f"lane_{lane}", box, isHorizontal="true")
    for stage in grouped:
        inside = [boxes[name] for name in _steps_of(blueprint, stage)]
        _shape(plane, f"group_{stage.name}", _around(inside))
    for name, box in boxes.items():
        _shape(plane, f"step_{name}", box)
    for number, link in enumerate(blueprint.links):
        _edge(plane, number, (boxes[link.source], boxes[link.target]))


def _width(at: Mapping[str, Place]) -> int:
    return _HEAD + _COLUMN * (1 + max(place.column for place in at.values()))


def _lane_boxes(blueprint: Blueprint, at: Mapping[str, Place]) -> dict[Lane, _Box]:
    found, y = {}, _TOP
    for lane in _lanes(blueprint):
        levels = 1 + max(place.level for place in at.values() if place.lane == lane)
        found[lane] = _Box(_TOP + _HEAD // 2, y, _width(at), _LEVEL * levels)
        y += _LEVEL * levels
    return found


def _box(step: Step, place: Place, lanes: Mapping[Lane, _Box]) -> _Box:
    width, height = (SMALL[step.kind],) * 2 if step.kind in SMALL else _BOX
    middle = _TOP + _HEAD + _COLUMN * place.column + _COLUMN // 2
    level = lanes[step.lane].y + _LEVEL * place.level + _LEVEL // 2
    return _Box(middle - width // 2, level - height // 2, width, height)


def _around(boxes: Iterable[_Box]) -> _Box:
    boxes = list(boxes)
    left, top = min(box.x for box in boxes) - 10, min(box.y for box in boxes) - 10
    right = max(box.x + box.width for box in boxes) + 10
    return _Box(left, top, right - left, max(box.y + box.height for box in boxes) + 10 - top)


def _shape(plane: Element, name: str, box: _Box, **more: str) -> None:
    shape = SubElement(plane, "bpmndi:BPMNShape", {"id": f"{name}_di", "bpmnElement": name, **more})
    SubElement(shape, "dc:Bounds", {key: str(value) for key, value in box._asdict().items()})


def _edge(plane: Element, number: int, ends: tuple[_Box, _Box]) -> None:
    name = f"link_{number}"
    edge = SubElement(plane, "bpmndi:BPMNEdge", id=f"{name}_di", bpmnElement=name)
    for x, y in _way(*ends):
        SubElement(edge, "di:waypoint", x=str(x), y=str(y))


def _way(source: _Box, target: _Box) -> list[tuple[int, int]]:
    """To the right from side to side, in one column straight, and back over the top."""
    (x1, y1), (x2, y2) = source.middle, target.middle
    if x2 > x1:
        return _on(source, target)
    if x1 == x2 and y1 != y2:
        is_down = y2 > y1
        start = (x1, source.y + source.height if is_down else source.y)
        return [start, (x2, target.y if is_down else target.y + target.height)]
    over = min(source.y, target.y) - 12
    return [(x1, source.y), (x1, over), (x2, over), (x2, target.y)]


def _on(source: _Box, target: _Box) -> list[tuple[int, int]]:
    """To a column on the right; past what stands between, through the gap above the target."""
    (x1, y1), (x2, y2) = source.middle, target.middle
    start, end, half = (source.x + source.width, y1), (target.x, y2), _COLUMN // 2
    is_next = x2 - x1 == _COLUMN
    if is_next and y1 == y2:
        return [start, end]
    turn = x2 - half
    if is_next:
        return [start, (turn, y1), (turn, y2), end]
    over = y2 - _LEVEL // 2 + 7
    return [start, (x1 + half, y1), (x1 + half, over), (turn, over), (turn, y2), end]
