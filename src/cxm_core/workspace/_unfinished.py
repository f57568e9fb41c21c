"""What is not over or not complete yet: windows, periods, and the last syncs of sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from attrs import evolve

from cxm_core.results import Breakdown, Caveat, Estimate, Panel, SourceStatus
from cxm_core.stats import Axis, Label
from cxm_core.vocabulary import Window, parse_period

__all__ = ["flagged", "incomplete", "with_caveat"]

Result: TypeAlias = Estimate | Breakdown


def flagged(
    result: Result, *, now: datetime, by: Sequence[Axis] = (), window: Window | None = None
) -> Result:
    """The result, with a caveat on each figure whose window or period ends after `now`."""
    is_open = window is not None and window.end > now
    caveat = Caveat.of("unfinished")
    if isinstance(result, Estimate):
        return with_caveat(result, caveat) if is_open else result
    periods = {place: axis for place, axis in enumerate(by) if axis.period is not None}
    open_groups = [
        any(_is_open(group[place], axis, now) for place, axis in periods.items())
        if periods
        else is_open
        for group in result.labels
    ]
    caveats = [
        (*own, caveat) if is_on else own
        for own, is_on in zip(result.group_caveats, open_groups, strict=True)
    ]
    return evolve(result, group_caveats=tuple(caveats))


def incomplete(result: Any, sources: Iterable[SourceStatus]) -> Any:
    """The result, with a caveat where the last sync of some stream left something out."""
    partial = sum(one.verdict == "partial" for one in sources)
    return with_caveat(result, Caveat.of("incomplete", count=partial)) if partial else result


def with_caveat(result: Any, caveat: Caveat) -> Any:
    """The result, with one more caveat on each figure; of other shapes, on the whole."""
    if isinstance(result, Breakdown):
        told = tuple((*own, caveat) for own in result.group_caveats)
        return evolve(result, group_caveats=told)
    place = "own_caveats" if isinstance(result, Panel) else "caveats"
    return evolve(result, **{place: (*getattr(result, place), caveat)})


def _is_open(label: Label, axis: Axis, now: datetime) -> bool:
    return isinstance(label, str) and parse_period(label, zone=axis.zone or "UTC").end > now
