"""What a map declares: its places in order, the words of a log that mean them, and the ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import EventLog
from cxm_core.errors import UsageError
from cxm_core.program import Blueprint, Journey, Step, Touchpoint

from ._declarations import all_of

Ints = NDArray[np.int64]

# Steps that a log can show; where a way begins, ends or forks, nothing happens.
_SHOWN = frozenset({"task", "approval", "wait"})


@frozen(kw_only=True)
class Declared:
    """Places of a map in order, what a log calls them, and the ways that are drawn."""

    names: tuple[str, ...]
    labels: tuple[str, ...]
    words: dict[str, int]
    ways: frozenset[tuple[int, int]]
    approvals: frozenset[int]
    waits: frozenset[int]


def declared(
    journey: Journey, touchpoints: Iterable[Touchpoint], blueprint: Blueprint | None
) -> Declared:
    """What a journey declares, and a blueprint beside it; refused where there is nothing."""
    known = {one.name: one for one in all_of(Touchpoint, touchpoints, "touchpoints")}
    steps = tuple(_shown(blueprint))
    names = tuple(dict.fromkeys([*journey.touchpoints, *(_place(step) for step in steps)]))
    if not names:
        raise UsageError("The journey has no touchpoint.", hint="name touchpoints in its stages")
    number = {name: place for place, name in enumerate(names)}
    titles = {step.name: step.label for step in steps} | {n: t.label for n, t in known.items()}
    told = [(name, word) for name in names for word in _words(known.get(name), name)]
    told += [(_place(step), step.name) for step in steps]
    return Declared(
        names=names,
        labels=tuple(titles.get(name, name) for name in names),
        words=_unambiguous(told, number),
        ways=frozenset(_ways(blueprint, number)),
        approvals=frozenset(number[_place(s)] for s in steps if s.kind == "approval"),
        waits=frozenset(number[_place(s)] for s in steps if s.kind in {"approval", "wait"}),
    )


def _shown(blueprint: Blueprint | None) -> Iterator[Step]:
    for step in blueprint.steps if blueprint is not None else ():
        if step.kind in _SHOWN and step.lane != "evidence":
            yield step


def _place(step: Step) -> str:
    return step.touchpoint or step.name


def _words(touchpoint: Touchpoint | None, name: str) -> tuple[str, ...]:
    return (name, *(touchpoint.activities if touchpoint else ()))


def _unambiguous(told: Iterable[tuple[str, str]], number: dict[str, int]) -> dict[str, int]:
    words: dict[str, int] = {}
    for name, word in told:
        if words.setdefault(word, number[name]) != number[name]:
            raise UsageError(
                f"The activity {word!r} stands at two touchpoints.",
                hint="an activity of the log happens at one place of the map",
            )
    return words


def _ways(blueprint: Blueprint | None, number: dict[str, int]) -> Iterator[tuple[int, int]]:
    if blueprint is None:
        return
    place = {step.name: number.get(_place(step)) for step in blueprint.steps}
    after: dict[str, list[str]] = {}
    for link in blueprint.links:
        after.setdefault(link.source, []).append(link.target)
    shown = {name: start for name, start in place.items() if start is not None}
    for name, start in shown.items():
        for end in _next_shown(name, after, place):
            yield start, end


def _next_shown(
    name: str, after: dict[str, list[str]], place: dict[str, int | None]
) -> Iterator[int]:
    """Places that a way leads to; through what no log shows it leads on."""
    seen: set[str] = set()
    rest = list(after.get(name, ()))
    while rest:
        one = rest.pop()
        if one in seen:
            continue
        seen.add(one)
        here = place[one]
        if here is None:
            rest += after.get(one, ())
        else:
            yield here


def places_of(log: EventLog, words: dict[str, int]) -> Ints:
    """Place of each event on the map; -1 where the map has none."""
    of_activity = np.array([words.get(str(label), -1) for label in log.activities], np.int64)
    found: Ints = of_activity[log.chains.states] if of_activity.size else of_activity
    return found
