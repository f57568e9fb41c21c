"""A gap between two figures, split over the changes that lead from one to the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cxm_core.results import Step
from cxm_core.stats import shapley

from ._separable import separable

_NOT_TOLD = "not told by the receipts"
_SAME = 1e-9


class Change(Protocol):
    """One change: its name, what was before and after, and whether it comes by itself."""

    @property
    def name(self) -> str:
        """What the change is about."""

    @property
    def note(self) -> str:
        """What was before, and what is after."""

    @property
    def is_implied(self) -> bool:
        """Whether it is left out where it changes nothing."""


def split_gap(
    changes: Sequence[Change], values: Sequence[float | None], ends: tuple[float, float]
) -> list[Step]:
    """Shapley's part of each change, and what the measured values do not reproduce.

    Parameters
    ----------
    changes : sequence of changes
        At most eight.
    values : sequence of float or None (2 ** changes,)
        Figure with each set of changes made: bit `i` of the place says whether change `i` is in
        the set. None where a mixture has no figure; its changes then become one step.
    ends : tuple of (float, float)
        The figures between which the gap lies, as they were found elsewhere.

    Returns
    -------
    list of Step
        They add up to the gap between `ends`.

    Raises
    ------
    UsageError
        The values with no change, or with all of them, have none.

    Examples
    --------
    >>> from cxm_core.engines.feedback import ReceiptStep
    >>> one, two = (ReceiptStep(name=n, note="", take=lambda a, b: b) for n in ("x", "y"))
    >>> [(step.name, step.value) for step in split_gap([one, two], [1, 3, 2, 8], (1, 8))]
    [('x', 4.0), ('y', 3.0)]
    """
    groups, table = separable(values, len(changes))
    parts = [
        _together([changes[place] for place in group], part)
        for group, part in zip(groups, shapley(table), strict=True)
        if not _is_idle(changes, group, table, groups)
    ]
    before, after = ends
    lost = (table[0] - before) + (after - table[-1])
    if abs(lost) <= _SAME * max(1.0, abs(before), abs(after)):
        return parts
    note = f"measured again: {table[0]:.6g} before, {table[-1]:.6g} after"
    return [*parts, Step(_NOT_TOLD, lost, note=note)]


def _together(changes: Sequence[Change], size: float) -> Step:
    name = " and ".join(change.name for change in changes)
    return Step(name, size, note="; ".join(change.note for change in changes))


def _is_idle(
    changes: Sequence[Change],
    group: Sequence[int],
    table: Sequence[float],
    groups: Sequence[Sequence[int]],
) -> bool:
    """Whether changes that always differ between two receipts make no difference here."""
    bit = 1 << list(groups).index(group)
    is_null = all(table[chosen] == table[chosen | bit] for chosen in range(len(table)))
    return is_null and all(changes[place].is_implied for place in group)
