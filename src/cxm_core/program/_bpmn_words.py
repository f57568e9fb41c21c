"""The words of BPMN 2.0 that a blueprint is written in, and those that are read as such.

Object Management Group, Business Process Model and Notation, version 2.0.2, 2014, chapter 10.
"""

from __future__ import annotations

from typing import Final

from ._blueprints import StepKind

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPACES: Final = {
    "xmlns:bpmn": BPMN,
    "xmlns:bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "xmlns:dc": "http://www.omg.org/spec/DD/20100524/DC",
    "xmlns:di": "http://www.omg.org/spec/DD/20100524/DI",
    "xmlns:cxm": "urn:cxm:blueprint:1",
}
OURS: Final = "{urn:cxm:blueprint:1}"

#: How each kind of step is written.
WRITTEN: Final[dict[StepKind, str]] = {
    "task": "task",
    "approval": "userTask",
    "wait": "intermediateCatchEvent",
    "start": "startEvent",
    "end": "endEvent",
    "choice": "exclusiveGateway",
    "parallel": "parallelGateway",
}
#: How each word is read; what a blueprint has no kind for is taken for the nearest.
READ: Final[dict[str, StepKind]] = {
    "task": "task",
    "userTask": "task",
    "manualTask": "task",
    "serviceTask": "task",
    "scriptTask": "task",
    "businessRuleTask": "task",
    "sendTask": "task",
    "receiveTask": "wait",
    "callActivity": "task",
    "subProcess": "task",
    "adHocSubProcess": "task",
    "transaction": "task",
    "startEvent": "start",
    "endEvent": "end",
    "intermediateCatchEvent": "wait",
    "intermediateThrowEvent": "task",
    "boundaryEvent": "wait",
    "exclusiveGateway": "choice",
    "eventBasedGateway": "choice",
    "inclusiveGateway": "choice",
    "complexGateway": "choice",
    "parallelGateway": "parallel",
}
#: Words whose kind says all that they mean.
PLAIN: Final = frozenset({"task", "startEvent", "endEvent", "exclusiveGateway", "parallelGateway"})
#: Size in pixels of what is drawn round or as a diamond; all else is a box.
SMALL: Final[dict[StepKind, int]] = {
    "start": 36,
    "end": 36,
    "wait": 36,
    "choice": 50,
    "parallel": 50,
}
