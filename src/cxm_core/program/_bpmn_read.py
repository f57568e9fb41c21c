"""BPMN 2.0 as blueprints: ours come back equal, others as near as a blueprint can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from cxm_core.errors import ConfigurationError, UsageError

from ._blueprints import MOST_STEPS, Blueprint, Lane
from ._bpmn_words import BPMN, OURS, PLAIN, READ
from ._map_import import MapImport, Names, check_lanes, cut_in, lane_of, name_of, words
from ._xml import local, read_xml

_B = "{" + BPMN + "}"
# Told by other parts of the file, or by the drawing.
_SILENT = {
    "extensionElements",
    "documentation",
    "laneSet",
    "sequenceFlow",
    "group",
    "ioSpecification",
}


def read_bpmn(
    content: str | bytes, *, name: str | None = None, lanes: Mapping[str, Lane] | None = None
) -> MapImport:
    """Blueprint of a BPMN 2.0 document, from any modeller.

    Parameters
    ----------
    content : str or bytes
        XML.
    name : str or None
        Name of the blueprint; by default that of the pool or the process.
    lanes : mapping of str to str or None
        Lane of the blueprint for the title of a lane or pool, such as ``{"Bank": "support"}``;
        what is not named is guessed from its title, and told in `assumed`.

    Returns
    -------
    MapImport
        With one blueprint; all pools stand on it, and messages between them are links.

    Raises
    ------
    UsageError
        The document is no BPMN, has no step, declares a document type, or is too large.

    Notes
    -----
    Inclusive and event-based gateways are read as choices, sub-processes as one task.
    What stands inside a sub-process, and data, notes and the like, are left out and counted.

    References
    ----------
    .. [1] Object Management Group, Business Process Model and Notation, version 2.0.2, 2014.

    Examples
    --------
    >>> from cxm_core.program import read_bpmn
    >>> found = read_bpmn('''<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
    ...   <process id="p"><startEvent id="a"/><userTask id="b" name="Check the claim"/>
    ...     <sequenceFlow id="c" sourceRef="a" targetRef="b"/></process></definitions>''')
    >>> [step.name for step in found.blueprints[0].steps], dict(found.assumed)
    (['a', 'check_the_claim'], {'no lane': 'backstage', 'userTask': 'task'})
    """
    root = read_xml(content)
    if root.tag != f"{_B}definitions":
        raise UsageError("The XML is no BPMN 2.0.", hint="its first element is `definitions`")
    return _Reading(root, check_lanes(lanes)).imported(name)


class _Reading:
    """One document while it is read."""

    def __init__(self, root: Element, lanes: Mapping[str, Lane]) -> None:
        self.root = root
        self.given = lanes
        self.left_out: Counter[str] = Counter()
        self.assumed: dict[str, str] = {}
        self.names = Names("step")
        self.of_id: dict[str, str] = {}

    def imported(self, name: str | None) -> MapImport:
        processes = self.root.findall(f"{_B}process")
        steps = [step for process in processes for step in self._steps(process)]
        if not steps:
            raise UsageError("The BPMN has no step.", hint="it may hold a choreography only")
        if len(steps) > MOST_STEPS:
            raise UsageError(f"The BPMN has {len(steps):,} steps, more than {MOST_STEPS:,}.")
        about = self._about(processes, name)
        try:
            blueprint = Blueprint(**about, steps=steps, links=list(self._links()))
        except ConfigurationError as error:
            raise UsageError(f"The BPMN makes no blueprint: {error.message}") from None
        cut = cut_in(node.get("name", "") for node in self.root.iter())
        return MapImport(
            blueprints=(blueprint,), left_out=dict(self.left_out) | cut, assumed=self.assumed
        )

    def _about(self, processes: list[Element], name: str | None) -> dict[str, Any]:
        for process in processes:
            kept = process.find(f"{_B}extensionElements/{OURS}blueprint")
            if kept is not None:
                stages = [_told(one, touchpoints="touchpoint") for one in kept.iter(f"{OURS}stage")]
                return {**kept.attrib, "stages": stages} | ({"name": name} if name else {})
        called = [words(one.get("name")) for one in (*self._pools(), *processes)]
        title = next((one for one in called if one), None)
        return {"name": name or name_of(title or "", "blueprint"), "title": title}

    def _pools(self) -> list[Element]:
        return self.root.findall(f"{_B}collaboration/{_B}participant")

    def _steps(self, process: Element) -> Iterator[dict[str, Any]]:
        pool = next((p for p in self._pools() if p.get("processRef") == process.get("id")), None)
        title = words(pool.get("name")) if pool is not None else words(process.get("name"))
        titles = _lane_titles(process)
        for node in process:
            word = local(node)
            if word in READ:
                yield self._step(node, [*titles.get(node.get("id", ""), ()), title or ""])
            elif word not in _SILENT:
                self.left_out[word] += 1

    def _step(self, node: Element, titles: list[str]) -> dict[str, Any]:
        kept = node.find(f"{_B}extensionElements/{OURS}step")
        if kept is not None and "name" in kept.attrib:
            step = _told(kept, systems="system", policies="policy")
            step["name"] = self.names.kept(step["name"])
        else:
            step = self._guessed(node, titles)
            step["name"] = self.names.of(step["name"])
        if (identity := node.get("id")) in self.of_id:
            self.assumed["a flow to an id that several steps bear"] = "one to the first of them"
        if identity:
            self.of_id.setdefault(identity, step["name"])
        return step

    def _guessed(self, node: Element, titles: list[str]) -> dict[str, Any]:
        word, title = local(node), words(node.get("name"))
        if word not in PLAIN:
            self.assumed[word] = READ[word]
        for inner in node.iter():
            if inner is not node and local(inner) in READ:
                self.left_out[f"{local(inner)} in a {word}"] += 1
        name = name_of(title or node.get("id") or "", "step")
        found = {"name": name, "lane": self._lane(titles), "kind": READ[word]}
        role = words(titles[0])
        return found | ({"title": title} if title else {}) | ({"role": role} if role else {})

    def _lane(self, titles: list[str]) -> Lane:
        lane = lane_of(titles, self.given)
        named = [title for title in titles if title]
        if not any(title in self.given for title in named):
            key = f"lane {named[0]!r}" if named else "no lane"
            self.assumed[key] = lane or "backstage"
        return lane or "backstage"

    def _links(self) -> Iterator[dict[str, Any]]:
        for flow in self.root.iter(f"{_B}sequenceFlow"):
            yield from self._link(flow)
        for message in self.root.iterfind(f"{_B}collaboration/{_B}messageFlow"):
            yield from self._link(message)
        for event in self.root.iter(f"{_B}boundaryEvent"):
            host = self.of_id.get(event.get("attachedToRef", ""))
            if host and event.get("id") in self.of_id:
                yield {"source": host, "target": self.of_id[event.get("id", "")]}

    def _link(self, flow: Element) -> Iterator[dict[str, Any]]:
        ends = [self.of_id.get(flow.get(key, "")) for key in ("sourceRef", "targetRef")]
        if None in ends:
            self.left_out[f"{local(flow)} to what is left out"] += 1
            return
        found: dict[str, Any] = {"source": ends[0], "target": ends[1]}
        kept = flow.find(f"{_B}extensionElements/{OURS}link")
        if kept is not None:
            found |= _told(kept, carries="field")
        elif label := words(flow.get("name")):
            found["label"] = label
        yield found


def _told(kept: Element, **lists: str) -> dict[str, Any]:
    """What our own extension element says: attributes, and lists of values."""
    found: dict[str, Any] = dict(kept.attrib)
    for key, word in lists.items():
        found[key] = [one.get("value", "") for one in kept.findall(f"{OURS}{word}")]
    return found


def _lane_titles(process: Element) -> dict[str, list[str]]:
    """Titles of the lanes that each node stands in, the innermost first."""
    found: dict[str, list[str]] = {}
    for lanes in process.findall(f"{_B}laneSet"):
        _collect(lanes, (), found)
    return found


def _collect(lanes: Element, outer: tuple[str, ...], found: dict[str, list[str]]) -> None:
    for lane in lanes.findall(f"{_B}lane"):
        titles = (words(lane.get("name")) or "", *outer)
        for node in lane.findall(f"{_B}flowNodeRef"):
            found[(node.text or "").strip()] = [title for title in titles if title]
        for inner in lane.findall(f"{_B}childLaneSet"):
            _collect(inner, titles, found)
