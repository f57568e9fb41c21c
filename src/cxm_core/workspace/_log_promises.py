"""Promises to customers, held against the issues of a store."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from cxm_core.engines import promise
from cxm_core.errors import UsageError
from cxm_core.program import Metric, Program, Promise
from cxm_core.results import Panel, show_values

from ._log_inquiry import LogInquiry
from ._log_issues import issues_of
from ._log_measure import received

__all__ = ["PROMISED", "measure_promise", "promise_named"]

#: Stands for a metric where a promise is asked for.
PROMISED = Metric(name="promised", engine="effort")


def promise_named(program: Program, name: str) -> Promise | None:
    """The promise that a name means; None for a metric, which goes first."""
    if any(metric.name == name for metric in program.metrics):
        return None
    return next((one for one in program.promises if one.name == name), None)


def measure_promise(asked: LogInquiry, promised: Promise) -> Panel:
    """Share of issues for which each part was kept, and what is left of the room for misses."""
    if asked.names:
        raise UsageError(
            f"{promised.name} is a promise, and is told for all it was made to.",
            hint="where={...} takes one group at a time",
        )
    known = {one.name: one for one in asked.program.calendars}
    calendar = known.get(promised.calendar or "")
    told: dict[str, Any] = {"window": asked.window} if asked.window else {}
    # When an issue was opened is the engine's business, for a promise has a window of its own.
    found = promise(
        promised,
        issues_of(evolve(asked, window=None)),
        now=asked.until,
        zone=asked.program.zone,
        calendar=None if calendar is None else calendar.business(asked.program.zone),
        **told,
    )
    filters = [(one.column, show_values(one.values)) for one in asked.groups.where]
    return received(found, filters=filters, as_of=asked.as_of, measured_at=asked.now)
