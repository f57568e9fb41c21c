"""Metrics of issues: contacts from the store, put together, and what customers went through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.columns import Column
from cxm_core.engines import (
    Issues,
    containment,
    effort,
    first_contact_resolution,
    issues,
    misrouted,
    repeat_contact,
)
from cxm_core.program import Metric
from cxm_core.results import Shape

from ._log_groups import Groups
from ._log_inquiry import LogInquiry
from ._logs import contact_log, rows_of

__all__ = ["issues_of", "measure_issues"]

_ENGINES: Mapping[str, Callable[..., Shape]] = MappingProxyType(
    {
        "first_contact_resolution": first_contact_resolution,
        "repeat_contact": repeat_contact,
        "containment": containment,
        "effort": effort,
    }
)
# Columns of a contact that say what it is about; those that no source fills are not there.
_TELLING = ("reason", "text", "issue", "reply_to", "direction")
_WITHIN = "7d"
# Where a customer is looked forward to under another name than in the program.
_WINDOWS = {"effort": "horizon"}


def measure_issues(asked: LogInquiry) -> Shape:
    """One metric of issues."""
    found = issues_of(asked)
    metric = asked.metric
    if metric.engine == "misrouted":
        # The rules of the program are its setting.
        return misrouted(found, asked.program, by=asked.names)
    return _ENGINES[metric.engine](found, by=asked.names, **_options(metric))


def _options(metric: Metric) -> dict[str, Any]:
    window = _WINDOWS.get(metric.engine, "window")
    told = {window: metric.within, "definition": metric.definition}
    return {name: value for name, value in told.items() if value is not None}


def issues_of(asked: LogInquiry) -> Issues:
    """Issues that were opened in the window, with a column for each group."""
    within = asked.metric.threaded_within or _WITHIN
    return asked.made(("issues", within), lambda: _issues_of(asked, within))


def _issues_of(asked: LogInquiry, within: str) -> Issues:
    log = contact_log(asked.view, until=asked.until)
    names: dict[str, Any] = {name: name for name in _TELLING if name in log.names}
    found = issues(log, native_id="native_id", within=within, until=asked.until, **names)
    at = found.column("opened_at")
    keep = asked.within(at) & asked.groups.keeps(found)
    chosen = found if keep.all() else _chosen(found, keep)
    return _labelled(chosen, asked.groups)


def _labelled(found: Issues, groups: Groups) -> Issues:
    """The issues and their contacts with a column for each group."""
    table = groups.labelled(found, found, found.column("opened_at"))
    contacts = found.contacts
    contacts = groups.labelled(contacts, contacts, contacts.column("occurred_at"))
    return evolve(found, columns=table.columns, contacts=contacts)


def _chosen(found: Issues, keep: NDArray[np.bool_]) -> Issues:
    """Some of the issues, numbered anew, and their contacts."""
    number = np.cumsum(keep) - 1
    of_contact = found.contacts.column("issue").values
    rows = np.flatnonzero(keep[of_contact])
    table, contacts = rows_of(found, keep), rows_of(found.contacts, rows)
    columns = {**table.columns, "issue": _whole(np.arange(len(table)))}
    inner = {**contacts.columns, "issue": _whole(number[of_contact[rows]])}
    return evolve(
        found,
        columns=columns,
        contacts=evolve(contacts, columns=inner),
        words=None if found.words is None else found.words.take(rows),
        steps=(*found.steps, ("issues asked for", len(table))),
    )


def _whole(values: NDArray[np.integer]) -> Column:
    return Column(values=values.astype(np.int64), is_missing=np.zeros(values.size, np.bool_))
