"""One number of a log that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column
from cxm_core.errors import UsageError
from cxm_core.program import Metric, Program
from cxm_core.store import Store
from cxm_core.vocabulary import BusinessCalendar, Window

from ._log_groups import Groups
from ._logs import View

__all__ = ["LogInquiry"]

Made = TypeVar("Made")


@frozen(kw_only=True)
class LogInquiry:
    """One number of a log that is wanted.

    Parameters
    ----------
    program : Program
        Calendars, journeys and the zone.
    store : Store
        Where the records are.
    metric : Metric
        Its definition.
    groups : Groups
        Groups and selection.
    now : datetime
        The present instant.
    window : Window or None
        When a ticket, issue or case began; None for all there is.
    as_of : datetime or None
        State of knowledge; None for the newest.
    by : tuple of str or None
        Those of the groups that this number is told by; None for all of them.
    memo : dict
        What was made of the log already, for several numbers of one log.
    """

    program: Program
    store: Store
    metric: Metric
    groups: Groups
    now: datetime
    window: Window | None = None
    as_of: datetime | None = None
    by: tuple[str, ...] | None = None
    memo: dict[object, Any] = field(factory=dict, eq=False, repr=False)

    @property
    def names(self) -> list[str] | None:
        """Names of the groups, for an engine's `by`; None for one figure."""
        return (self.groups.names if self.by is None else [*self.by]) or None

    def refuse_groups(self) -> None:
        """Refuse groups for what has an order, parts or groups of its own."""
        if self.names:
            raise UsageError(
                f"{self.metric.engine} is told as a whole, or by groups of its own, and by nothing "
                "else.",
                hint="where={...} takes one group at a time",
            )

    def made(self, what: object, make: Callable[[], Made]) -> Made:
        """What was made of this part of the log before, or is made now."""
        key = (what, self.window, self.as_of, self.groups.key)
        if key not in self.memo:
            self.memo[key] = make()
        found: Made = self.memo[key]
        return found

    @property
    def until(self) -> datetime:
        """Where the log ends: what has not happened by then is not over."""
        return self.as_of or self.now

    @property
    def view(self) -> View:
        """What of the store is looked at."""
        return View(
            store=self.store, window=self.window, as_of=self.as_of, more=self.groups.columns
        )

    @property
    def calendar(self) -> BusinessCalendar | None:
        """Open hours in which time is counted."""
        name = self.metric.calendar
        found = next((one for one in self.program.calendars if one.name == name), None)
        return None if found is None else found.business(self.program.zone)

    def within(self, at: Column) -> NDArray[np.bool_]:
        """Rows that began in the window."""
        if self.window is None:
            return np.ones(len(at), np.bool_)
        start, end = (_stamp(edge) for edge in (self.window.start, self.window.end))
        return (at.values >= start) & (at.values < end) & ~at.is_missing


def _stamp(at: datetime) -> np.datetime64:
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")
