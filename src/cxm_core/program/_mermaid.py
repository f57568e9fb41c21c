"""Maps and blueprints as Mermaid text, for wikis and pages that draw it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ._blueprints import LANES, Blueprint, Step, StepKind
from ._journeys import Journey, Touchpoint

_SHAPES: Final[Mapping[StepKind, tuple[str, str]]] = {
    "task": ("[", "]"),
    "approval": ("[[", "]]"),
    "wait": (">", "]"),
    "start": ("([", "])"),
    "end": ("([", "])"),
    "choice": ("{", "}"),
    "parallel": ("{{", "}}"),
}
# Whatever could end a quoted text, or be taken for markup.
_SIGNS: Final = re.compile(r'["#<>&;`\\]')
# A map's lines end their parts with these.
_MARKS: Final = str.maketrans({":": "\uff1a", ";": "\uff1b", "#": "\uff03", ",": "\uff0c"})


def write_mermaid(drawing: Journey | Blueprint, touchpoints: Iterable[Touchpoint] = ()) -> str:
    """Journey or blueprint as Mermaid text.

    Parameters
    ----------
    drawing : Journey or Blueprint
        What to write: a user-journey diagram, or a flowchart with a box around each lane.
    touchpoints : iterable of Touchpoint
        Touchpoints of a journey, for their titles and feelings.

    Returns
    -------
    str
        Text that Mermaid draws.

    Notes
    -----
    Mermaid's journey has a score from 1 to 5 and actors, and no lanes: feelings from -2 to 2
    become 1 to 5, and a touchpoint without one stands at 3.

    Examples
    --------
    >>> from cxm_core.program import Journey, Touchpoint, write_mermaid
    >>> journey = Journey(name="buy", stages=[{"name": "choose", "touchpoints": ["shop"]}])
    >>> print(write_mermaid(journey, [Touchpoint(name="shop", title="In the shop", feeling=1)]))
    journey
        title buy
        section choose
            In the shop: 4: customer
    <BLANKLINE>
    """
    if isinstance(drawing, Journey):
        lines = _journey(drawing, {one.name: one for one in touchpoints})
    else:
        lines = _flowchart(drawing)
    return "\n".join(lines) + "\n"


def _journey(journey: Journey, known: Mapping[str, Touchpoint]) -> Iterator[str]:
    yield "journey"
    yield f"    title {_line(journey.label)}"
    for stage in journey.stages:
        yield f"    section {_line(stage.label)}"
        for name in stage.touchpoints:
            one = known.get(name)
            feeling = 0 if one is None or one.feeling is None else one.feeling
            title = _line(name if one is None else one.label)
            yield f"        {title}: {feeling + 3}: {_line(journey.actor)}"


def _line(text: str) -> str:
    return " ".join(text.split()).translate(_MARKS) or "-"


def _flowchart(blueprint: Blueprint) -> Iterator[str]:
    yield "flowchart LR"
    for lane, title in LANES.items():
        inside = [step for step in blueprint.steps if step.lane == lane]
        if inside:
            yield f'    subgraph lane_{lane}["{title}"]'
            yield from (f"        {_node(step)}" for step in inside)
            yield "    end"
    for link in blueprint.links:
        label = f'|"{_quoted(link.label)}"|' if link.label else ""
        yield f"    step_{link.source} -->{label} step_{link.target}"


def _node(step: Step) -> str:
    opening, closing = _SHAPES[step.kind]
    return f'step_{step.name}{opening}"{_quoted(step.label)}"{closing}'


def _quoted(text: str) -> str:
    return _SIGNS.sub(lambda sign: f"#{ord(sign[0])};", " ".join(text.split()))
