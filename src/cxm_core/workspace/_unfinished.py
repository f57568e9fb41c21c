"""What is not over or not complete yet: windows, periods, and the last syncs of sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from attrs import evolve

from cxm_core.results import Breakdown, Caveat, Curve, Estimate, Panel, SourceStatus
from cxm_core.stats import Axis, Label
from cxm_core.vocabulary import Window, parse_period

__all__ = ["flagged", "flagged_curve", "incomplete", "with_caveat"]

Result: TypeAlias = Estimate | Breakdown


def flagged(
    result: Result, *, now: datetime, by: Sequence[Axis] = (), window: Window | None = None
) -> Result:
    """The result, with a caveat on each figure whose window or period ends after `now`."""
    is_open = window is not None and window.end > now
    caveat = Caveat.of("unfinished")
    if isinstance(result, Estimate):
        return with_caveat(result, caveat) if is_open else result
    caveats = [
        (*own, caveat) if is_on else own
        for own, is_on in zip(
            result.group_caveats,
            _open_groups(result.labels, by, now, otherwise=is_open),
            strict=True,
        )
    ]
    return evolve(result, group_caveats=tuple(caveats))


def flagged_curve(
    curve: Curve, *, now: datetime, by: Sequence[Axis] = (), window: Window | None = None
) -> Curve:
    """The curve, with a caveat if its period, or else the window, ends after `now`."""
    is_open = window is not None and window.end > now
    (is_on,) = _open_groups([curve.group], by, now, otherwise=is_open)
    return with_caveat(curve, Caveat.of("unfinished")) if is_on else curve


def _open_groups(
    labels: Sequence[Sequence[Label]], by: Sequence[Axis], now: datetime, *, otherwise: bool
) -> list[bool]:
    """Whether the period of each group is not over; of groups without one, what the window is."""
    periods = {place: axis for place, axis in enumerate(by) if axis.period is not None}
    if not periods:
        return [otherwise] * len(labels)
    return [
        any(_is_open(group[place], axis, now) for place, axis in periods.items())
        for group in labels
    ]


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
