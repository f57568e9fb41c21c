"""Looking forward from a contact for a while: who came again, and of whom that is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable
from cxm_core.engines.feedback import Told, share_of
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Caveat, Estimate
from cxm_core.vocabulary import in_utc, parse_duration

from ._definitions import IssueDefinition
from ._issues import Issues
from ._span import microseconds, shown_span, stamp

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Result = Estimate | Breakdown

UNKNOWN = "window not over"
_WHO = "customer"
_NEVER = np.iinfo(np.int64).max


@frozen(kw_only=True)
class Looking:
    """How far is looked forward, and from which contacts.

    Parameters
    ----------
    window_us : int
        How long after each contact, in microseconds; the end is included.
    since_us : int or None
        Nothing that began before is counted, in microseconds since 1970.
    until_us : int
        End of the log.
    """

    window_us: int
    since_us: int | None
    until_us: int

    @classmethod
    def of(
        cls, issues: Issues, window: str | timedelta | None, since: datetime | None = None
    ) -> Looking:
        """Look forward as a call asks; by default as far as contacts were put together."""
        if not isinstance(issues, Issues):
            raise UsageError(
                f"Issues are needed, and this is of the type {type(issues).__name__}.",
                hint="cx.issues(contacts, ...)",
            )
        span = issues.within_us if window is None else microseconds(parse_duration(window))
        start = None if since is None else stamp(in_utc(since))
        return cls(window_us=span, since_us=start, until_us=issues.until_us)

    def check_returns(self, issues: Issues) -> None:
        """Refuse to look further than contacts were put together: no later one is a return."""
        is_inferred = bool(dict(issues.notes).get("threaded"))
        if not is_inferred or self.window_us <= issues.within_us:
            return
        asked, threaded = shown_span(self.window_us), shown_span(issues.within_us)
        raise UsageError(
            f"The window is {asked}, and contacts were put together within {threaded}: one that "
            "came later is an issue of its own, and would not be found.",
            hint=f"cx.issues(contacts, ..., within='{asked}'), or a window of at most {threaded}",
        )

    def is_over(self, at: Ints) -> Mask:
        """Whether the window after each instant lies in the log."""
        return at + self.window_us < self.until_us

    def is_counted(self, at: Ints) -> Mask:
        """Whether what began at each instant is asked for."""
        return np.ones(at.size, bool) if self.since_us is None else at >= self.since_us

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """What the receipt says of it."""
        return (("window", shown_span(self.window_us)),)


@frozen(kw_only=True, eq=False)
class Rows:
    """What a share is of: rows of a table, each with its time, and whether something holds."""

    table: LogTable
    at: Ints
    is_met: Mask
    is_asked: Mask | None = None


def share(rows: Rows, looking: Looking, definition: IssueDefinition, **asked: Any) -> Result:
    """Share of rows for which a definition holds, of those whose window is over."""
    keep = looking.is_counted(rows.at)
    keep = keep if rows.is_asked is None else keep & rows.is_asked
    is_over = looking.is_over(rows.at)
    told = Told(
        metric=definition.metric,
        counted=definition.counts,
        parameters=(("definition", definition.name), *looking.parameters),
    )
    found = share_of(rows.table, rows.is_met, told, is_known=keep & is_over, **quick(asked))
    n_open = int((keep & ~is_over).sum())
    left_out = (("not asked for", int((~keep).sum())), (UNKNOWN, n_open))
    found = found.with_receipt(
        definition=f"{definition.metric}.{definition.name}",
        version=definition.version,
        definition_hash=definition.definition_hash,
        exclusions=(*rows.table.exclusions, *((reason, n) for reason, n in left_out if n)),
    )
    return noted(found, "open_windows", n_open)


def quick(asked: dict[str, Any]) -> dict[str, Any]:
    """The same design, with customers by their number, which is soon told apart."""
    who = asked.get("clusters")
    is_usual = isinstance(who, str) and who == _WHO
    return asked | {"clusters": "customer_number"} if is_usual else asked


def noted(result: Result, code: str, count: int) -> Result:
    """The result with a caveat, if it is about anything."""
    if not count:
        return result
    caveat = Caveat.of(code, count=count)
    if isinstance(result, Estimate):
        return evolve(result, caveats=(*result.caveats, caveat))
    each = tuple((*caveats, caveat) for caveats in result.group_caveats)
    return evolve(result, group_caveats=each)


def stamps(column: Column) -> Ints:
    """Microseconds since 1970 of a column of instants; far in the future where there is none."""
    told: Ints = column.values.astype("datetime64[us]").astype(np.int64)
    return np.where(column.is_missing, _NEVER, told)


def came_within(at: Ints, following: Ints, window_us: int) -> Mask:
    """Whether what follows each instant does so within the window."""
    return np.asarray((following != _NEVER) & (following - at <= window_us), np.bool_)


def next_of_customer(issues: Issues) -> Ints:
    """When the customer of each contact came next, whatever it was about."""
    at = stamps(issues.contacts.column("occurred_at"))
    who = issues.who
    order = np.lexsort([np.arange(at.size), at, who])
    after = np.full(at.size, _NEVER)
    same = who[order[1:]] == who[order[:-1]]
    after[order[:-1][same]] = at[order[1:][same]]
    return after
