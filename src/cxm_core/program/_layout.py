"""Where the steps of a blueprint stand: columns from left to right, and levels inside a lane."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple, TypeAlias

Ends: TypeAlias = tuple[str, str]


class Place(NamedTuple):
    """Where a step is drawn: its column, its lane, and its level among those of one cell."""

    column: int
    lane: str
    level: int


class Spot(NamedTuple):
    """What the layout needs to know of a step."""

    name: str
    lane: str
    stage: str | None


def places(spots: Sequence[Spot], links: Iterable[Ends], stages: Sequence[str]) -> dict[str, Place]:
    """Place of every step: stage by stage, each to the right of what leads to it."""
    links = list(links)
    stage_of = _stages(spots, links, stages)
    columns: dict[str, int] = {}
    first = 0
    for number in sorted(set(stage_of.values())):
        inside = [spot.name for spot in spots if stage_of[spot.name] == number]
        ranks = _ranks(inside, links)
        columns |= {name: first + rank for name, rank in ranks.items()}
        first += 1 + max(ranks.values())
    return _levelled(spots, columns)


def _stages(spots: Sequence[Spot], links: Sequence[Ends], stages: Sequence[str]) -> dict[str, int]:
    """Number of each step's stage; one without a stage goes where what leads to it is."""
    numbers = {name: number for number, name in enumerate(stages)}
    found: dict[str, int] = {}
    before = _before(links)
    for spot in spots:
        if spot.stage is not None:
            found[spot.name] = numbers[spot.stage]
    for spot in spots:
        if spot.name not in found:
            found[spot.name] = max((found.get(name, 0) for name in before[spot.name]), default=0)
    return found


def _before(links: Iterable[Ends]) -> Mapping[str, list[str]]:
    before: dict[str, list[str]] = defaultdict(list)
    for source, target in links:
        before[target].append(source)
    return before


def _ranks(names: Sequence[str], links: Iterable[Ends]) -> dict[str, int]:
    """Longest way to each step; a circle is cut where its first step stands."""
    order = {name: number for number, name in enumerate(names)}
    inside = [(a, b) for a, b in links if a in order and b in order and a != b]
    waits = {name: len(before) for name, before in _before(inside).items()}
    after = _before((b, a) for a, b in inside)
    ready = [number for name, number in order.items() if not waits.get(name)]
    heapify(ready)
    ranks: dict[str, int] = {}
    rank = dict.fromkeys(names, 0)
    rest = iter(names)
    while len(ranks) < len(names):
        name = names[heappop(ready)] if ready else next(n for n in rest if n not in ranks)
        if name in ranks:
            continue
        ranks[name] = rank[name]
        for target in after[name]:
            waits[target] -= 1
            rank[target] = max(rank[target], rank[name] + 1)
            if not waits[target] and target not in ranks:
                heappush(ready, order[target])
    return ranks


def _levelled(spots: Iterable[Spot], columns: Mapping[str, int]) -> dict[str, Place]:
    taken: dict[tuple[int, str], int] = defaultdict(int)
    found = {}
    for spot in spots:
        cell = (columns[spot.name], spot.lane)
        found[spot.name] = Place(*cell, taken[cell])
        taken[cell] += 1
    return found
