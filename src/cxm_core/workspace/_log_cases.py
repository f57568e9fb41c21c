"""Cases from the touches of a store, and the touchpoint at which each event happened."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import evolve

from cxm_core.columns import Column, LogTable
from cxm_core.engines import cases
from cxm_core.program import Program

from ._log_groups import path_of, refuse_unseen
from ._log_inquiry import LogInquiry
from ._logs import event_log, rows_of

__all__ = ["cases_of", "placed", "placed_words"]

_RULE = "customer"
_KEPT = ("channel", "touchpoint", "journey")


def cases_of(asked: LogInquiry) -> LogTable:
    """Events of the cases that began in the window, with a column for each group."""
    rule, along = asked.metric.rule or _RULE, _along(asked)
    key = ("cases", asked.metric.journey, rule, *along)
    return asked.made(key, lambda: _cases_of(asked, rule))


def _along(asked: LogInquiry) -> dict[str, str]:
    """Columns or attributes that the metric reads of events, under its own words."""
    words = (asked.metric.outcome, asked.metric.system)
    return {word: path_of("journeys", word) for word in words if word}


def _cases_of(asked: LogInquiry, rule: str) -> LogTable:
    along = _along(asked)
    events = event_log(evolve(asked.view, more=(*asked.view.more, *along.values())))
    refuse_unseen(events, along.values())
    own = {word: events.column(path) for word, path in along.items()}
    events = evolve(events, columns={**events.columns, **own})
    if asked.metric.journey:
        journey = events.column("journey").values
        events = rows_of(events, np.asarray(journey == asked.metric.journey, np.bool_))
    events = asked.groups.labelled(events, events, events.column("occurred_at"))
    events = asked.groups.selected(events)
    names = (*asked.groups.names, *along, *_KEPT)
    keep = [name for name in names if name in events.names]
    found = cases(events, rule=rule, keep=dict.fromkeys(keep))
    return _begun(found, asked)


def _begun(found: LogTable, asked: LogInquiry) -> LogTable:
    """Events of the cases whose first one lies in the window."""
    if asked.window is None or not len(found):
        return found
    first = found.column("position").values == 1
    case = np.cumsum(first) - 1
    return rows_of(found, asked.within(found.column("occurred_at"))[first][case])


def placed_words(program: Program) -> Mapping[str, str]:
    """Touchpoint of each activity that one touchpoint declares, and no other."""
    found: dict[str, list[str]] = {}
    for place in program.touchpoints:
        for word in {place.name, *place.activities}:
            found.setdefault(word, []).append(place.name)
    return {word: places[0] for word, places in found.items() if len(places) == 1}


def placed(found: LogTable, program: Program) -> LogTable:
    """The same events, each named after its touchpoint where it has one."""
    words = placed_words(program)
    place, activity = found.column("touchpoint"), found.column("activity")
    told = zip(
        place.values.tolist(), place.is_missing.tolist(), activity.values.tolist(), strict=True
    )
    names = [words.get(act, act) if gone else own for own, gone, act in told]
    values = np.empty(len(names), object)
    values[:] = names
    return evolve(found, columns={**found.columns, "activity": _as(values, activity)})


def _as(values: np.ndarray, column: Column) -> Column:
    return evolve(column, values=values)
