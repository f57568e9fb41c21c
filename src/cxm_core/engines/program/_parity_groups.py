"""Groups in each of which channels are held against one of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cxm_core.columns import read_crossed
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Estimate
from cxm_core.stats import Label

from ._issue_facts import Facts

Group = tuple[Label, ...]
#: Figure of each group, of which the last label is the channel.
Sides = dict[Group, Estimate]


def sides_of(found: Breakdown) -> Sides:
    """Channels with a name of which something is known."""
    told = ((group, found[group]) for group in found.labels if group[-1] is not None)
    return {keyed(group): one for group, one in told if one.n}


def keyed(group: Group) -> Group:
    """A group with its channel as text."""
    return (*group[:-1], str(group[-1]))


def axes_of(by: str | Iterable[str] | None, channel: str) -> tuple[str, ...]:
    """Columns that make the groups, the channel last."""
    groups = (by,) if isinstance(by, str) else tuple(() if by is None else by)
    if channel in groups:
        raise UsageError(
            f"The channels are compared, so that {channel!r} makes no groups.",
            hint="by='reason', or what else tells matters apart",
        )
    return (*groups, channel)


def alone(facts: Facts, axes: tuple[str, ...], reference: str) -> tuple[tuple[str, int], ...]:
    """Issues of groups in which there is nothing to compare."""
    (found,) = read_crossed(facts.table, [axes], what="the issues")
    sizes = np.bincount(found.codes, minlength=len(found.labels)).tolist()
    channels: dict[Group, set[str]] = {}
    for group in found.labels:
        channels.setdefault(group[:-1], set()).add(str(group[-1]))
    paired = {group for group, own in channels.items() if reference in own and len(own) > 1}
    pairs = zip(found.labels, sizes, strict=True)
    lonely = sum(size for group, size in pairs if group[:-1] not in paired)
    return (("of a group without both channels", lonely),) if lonely else ()


def pairs_of(sides: Sides, reference: str) -> list[Group]:
    """Groups with a channel that is held against the one that all are held against."""
    there = [group for group in sides if group[-1] != reference]
    return sorted((one for one in there if (*one[:-1], reference) in sides), key=_order)


def part_name(measure: str, group: Group) -> str:
    """What the verdict of a measure is called: its group, and the channel."""
    told = ["(missing)" if label is None else str(label) for label in group]
    return ", ".join([*told[:-1], f"{measure}: {told[-1]}"])


def _order(group: Group) -> list[tuple[bool, str]]:
    return [(label is None, str(label)) for label in group]
