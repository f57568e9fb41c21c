"""How customers found it: answers at touchpoints, and how each case ended."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable
from cxm_core.errors import UsageError

from ._log_cases import cases_of
from ._log_feedback import Heard, heard_by
from ._log_inquiry import LogInquiry

__all__ = ["answered", "outcomes"]

_YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def answered(asked: LogInquiry, found: LogTable) -> LogTable | None:
    """Answers of the window about touchpoints, bad ones as 0; None where there are none."""
    heard = _in_reach(asked, heard_by(asked), found)
    heard = heard.only(~heard.table.column("touchpoint").is_missing)
    if not len(heard.table):
        return None
    return evolve(heard.table, columns={**heard.table.columns, "score": _whole(~heard.is_bad)})


def _in_reach(asked: LogInquiry, heard: Heard, found: LogTable) -> Heard:
    """Answers of the window and of the journey; of those customers whose events were chosen."""
    at = heard.table.column("occurred_at")
    which = asked.within(at)
    if asked.metric.journey:
        journey = heard.table.column("journey")
        which &= journey.is_missing | (journey.values == asked.metric.journey)
    if asked.groups.where:
        people = set(found.column("customer").values.tolist())
        own = heard.table.column("customer").values.tolist()
        which &= np.fromiter((one in people for one in own), bool, len(own))
    return heard.only(which.astype(np.bool_))


def outcomes(asked: LogInquiry, found: LogTable) -> Mapping[Any, bool | None]:
    """Whether it is true of each case: what a column says at its start, or what was answered."""
    if asked.metric.outcome:
        return _told(found, asked.metric.outcome)
    heard = heard_by(asked)
    is_so = heard.is_bad if asked.metric.engine == "moments_that_matter" else heard.is_good
    known = _answered_cases(asked, heard, is_so)
    return {case: known.get(case) for case in found.column("case").values.tolist()}


def _told(found: LogTable, name: str) -> Mapping[Any, bool | None]:
    first = found.column("position").values == 1
    cases, column = found.column("case").values[first].tolist(), found.column(name)
    words = column.values[first].tolist()
    gone = column.is_missing[first].tolist()
    told = [
        None if g else _YES.get(str(word).casefold()) for word, g in zip(words, gone, strict=True)
    ]
    odd = sum(value is None and not g for value, g in zip(told, gone, strict=True))
    if odd:
        raise UsageError(
            f"{odd:,} of {len(told):,} cases have a {name!r} that is neither yes nor no.",
            hint="true or false, yes or no, 1 or 0",
        )
    return dict(zip(cases, told, strict=True))


def _answered_cases(
    asked: LogInquiry, heard: Heard, is_so: NDArray[np.bool_]
) -> dict[Any, bool | None]:
    """Last answer about each case: the last case of its customer that had begun by then."""
    # A later case takes its own answers, also where it lies outside the window.
    begun = _begun(cases_of(evolve(asked, window=None)))
    table = heard.table
    owners, at = table.column("customer").values.tolist(), table.column("occurred_at").values
    found: dict[Any, bool | None] = {}
    for row in np.argsort(at, kind="stable").tolist():
        starts, names = begun.get(owners[row], ([], []))
        place = bisect_right(starts, at[row]) - 1
        if place >= 0:
            found[names[place]] = bool(is_so[row])
    return found


def _begun(cases: LogTable) -> dict[Any, tuple[list[Any], list[Any]]]:
    """Starts and names of the cases of each customer, in the order of time."""
    first = np.flatnonzero(cases.column("position").values == 1)
    at = cases.column("occurred_at").values[first]
    owners, names = (cases.column(name).values[first] for name in ("customer", "case"))
    found: dict[Any, tuple[list[Any], list[Any]]] = {}
    for row in np.argsort(at, kind="stable").tolist():
        starts, own = found.setdefault(owners[row], ([], []))
        starts.append(at[row])
        own.append(names[row])
    return found


def _whole(values: NDArray[np.bool_]) -> Column:
    return Column(values=values.astype(np.int64), is_missing=np.zeros(values.size, np.bool_))
