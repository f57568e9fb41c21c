"""Rules in which two definitions of one figure differ, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, frozen

from cxm_core.columns import Ends
from cxm_core.engines.support import TicketDefinition

from ._share_aspects import Aspect, Aspects

#: Makes one rule of a definition that of another one.
Change: TypeAlias = Callable[[TicketDefinition], TicketDefinition]

_ANY = "any"
_ONE_BY_ONE = {"what is counted": "tickets"}
_SWITCHES = (
    ("ended_only", ("what is not over", "left out", "counted as long as it has lasted")),
    ("in_minutes", ("whole minutes", "yes", "no")),
)
#: Parts of the ends between which a time runs, by what they are about.
_PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "from": ("start",),
        "until": ("end",),
        "what stands for the end": ("also",),
        "other ends": ("others", "status"),
    }
)


@frozen(kw_only=True)
class Rule:
    """One rule in which two definitions differ."""

    name: str
    note: str
    is_implied: bool = True


def share_rules(first: Aspects, last: Aspects) -> list[Rule]:
    """Rules in which two shares differ."""
    names = [name for name in {**first, **last} if not _alike(first.get(name), last.get(name))]
    return [Rule(name=name, note=_told(name, first.get(name), last.get(name))) for name in names]


def _alike(one: Aspect | None, other: Aspect | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one.mask, other.mask)) and one.words == other.words


def _told(name: str, before: Aspect | None, after: Aspect | None) -> str:
    any_ = _ONE_BY_ONE.get(name, _ANY)
    words = (any_ if side is None else side.words for side in (before, after))
    return _change(*words)


def mixed_share(first: Aspects, last: Aspects, changed: set[str]) -> float | None:
    """The share with some aspects of the last definition and the others of the first."""
    mixed = [(last if name in changed else first).get(name) for name in {**first, **last}]
    rules = [aspect for aspect in mixed if aspect is not None]
    size = next(iter({**first, **last}.values())).mask.size
    below = np.ones(size, np.bool_)
    for rule in rules:
        below &= rule.mask if rule.is_below else True
    held = below.copy()
    for rule in rules:
        held &= rule.mask
    return int(held.sum()) / int(below.sum()) if below.any() else None


def time_changes(first: TicketDefinition, last: TicketDefinition) -> list[tuple[Rule, Change]]:
    """Rules in which two times differ, each with what makes it that of the last one."""
    return [*_switched(first, last), *_ends_changed(first, last)]


def _switched(first: TicketDefinition, last: TicketDefinition) -> Iterator[tuple[Rule, Change]]:
    for name, (about, yes, no) in _SWITCHES:
        sides = [getattr(side, name) for side in (first, last)]
        if sides[0] != sides[1]:
            told = [yes if side else no for side in sides]
            yield Rule(name=about, note=_change(*told)), _setter(name, sides[1])


def _ends_changed(first: TicketDefinition, last: TicketDefinition) -> Iterator[tuple[Rule, Change]]:
    for about, parts in _PARTS.items():
        one, other = (
            [getattr(side.ends or Ends(), part) for part in parts] for side in (first, last)
        )
        if one != other:
            told = ("; ".join(map(_shown, values)) for values in (one, other))
            setter = _ends_setter(dict(zip(parts, other, strict=True)))
            yield Rule(name=about, note=_change(*told)), setter


def _change(before: str, after: str) -> str:
    return f"{before} before, {after} after"


def _setter(name: str, value: Any) -> Change:
    return lambda definition: evolve(definition, **{name: value})


def _ends_setter(parts: dict[str, Any]) -> Change:
    return lambda definition: evolve(definition, ends=evolve(definition.ends or Ends(), **parts))


def _shown(value: object) -> str:
    return (", ".join(value) if isinstance(value, tuple) else str(value)) or "none"
