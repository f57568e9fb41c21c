"""Shares of the same cases for which several things hold, as one result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxm_core.columns import LogTable
from cxm_core.engines.feedback import Told, share_of
from cxm_core.results import Breakdown, Estimate, joined_recipes

Ints = NDArray[np.int64]

_NUMBERS = ("value", "low", "high", "standard_error", "n", "effective_n")


def shares(
    cases: LogTable,
    met: Sequence[tuple[str, Ints]],
    told: Told,
    *,
    axis: str = "touchpoint",
    **asked: Any,
) -> Breakdown:
    """Share of all cases for each label; each comes with the numbers of its cases."""
    parts = [_share(cases, numbers, told, asked) for _, numbers in met]
    first, recipe = parts[0], joined_recipes([part.recipe for part in parts])
    numbers: dict[str, Any] = {name: [getattr(part, name) for part in parts] for name in _NUMBERS}
    return Breakdown(
        metric=first.metric,
        axes=(axis,),
        labels=tuple((label,) for label, _ in met),
        confidence_level=first.confidence_level,
        method=first.method,
        unit=first.unit,
        group_caveats=tuple(part.caveats for part in parts),
        receipt=first.receipt,
        recipe=recipe,
        n_all=first.n,
        **numbers,
    )


def _share(cases: LogTable, numbers: Ints, told: Told, asked: Mapping[str, Any]) -> Estimate:
    is_met = np.zeros(len(cases), np.bool_)
    is_met[numbers] = True
    found = share_of(cases, is_met, told, **asked)
    if not isinstance(found, Estimate):
        raise TypeError("one figure was asked for")
    return found


def cases_by(codes: Ints, cases: Ints, wanted: Sequence[int]) -> Iterator[Ints]:
    """Numbers of the cases that have each of some codes."""
    ranks = np.argsort(codes, kind="stable")
    ordered = codes[ranks]
    for code in wanted:
        first, last = np.searchsorted(ordered, [code, code + 1])
        yield np.unique(cases[ranks[first:last]])


def most_met(codes: Ints, most: int) -> list[int]:
    """Codes that occur, the most frequent first; among equals the smaller one."""
    found, n = np.unique(codes, return_counts=True)
    chosen: list[int] = found[np.lexsort((found, -n))][:most].tolist()
    return chosen
