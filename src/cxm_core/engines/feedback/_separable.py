"""Which changes can be told apart, where some of their mixtures have no value."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TypeAlias

from cxm_core.errors import UsageError

#: Places of changes that are made together.
Group: TypeAlias = tuple[int, ...]


def separable(
    values: Sequence[float | None], count: int
) -> tuple[tuple[Group, ...], tuple[float, ...]]:
    """Changes in groups as small as can be, and the table of values of their sets.

    `values` has one value a set of changes, None where there is none; bit `i` of the place says
    whether change `i` is in the set.
    Two groups at a time are joined, those that leave the fewest sets without a value.
    """
    groups: tuple[Group, ...] = tuple((place,) for place in range(count))
    while (missing := _missing(values, groups)) and len(groups) > 1:
        joined = [_joined(groups, pair) for pair in combinations(groups, 2)]
        groups = min(joined, key=lambda some: _missing(values, some))
    if missing:
        raise UsageError(
            "One of the two numbers has no value when it is measured again.",
            hint="are the answers still there that it was measured from?",
        )
    return groups, tuple(value for value in _table(values, groups) if value is not None)


def _joined(groups: Sequence[Group], pair: tuple[Group, Group]) -> tuple[Group, ...]:
    together = tuple(sorted((*pair[0], *pair[1])))
    return tuple(sorted((*(group for group in groups if group not in pair), together)))


def _missing(values: Sequence[float | None], groups: Sequence[Group]) -> int:
    return sum(value is None for value in _table(values, groups))


def _table(values: Sequence[float | None], groups: Sequence[Group]) -> list[float | None]:
    """Values of the sets of whole groups."""
    masks = [sum(1 << place for place in group) for group in groups]
    sets = range(1 << len(groups))
    return [values[sum(m for i, m in enumerate(masks) if chosen >> i & 1)] for chosen in sets]
