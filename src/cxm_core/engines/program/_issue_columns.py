"""Columns that issues get from their contacts: when they were over, when a human came."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable, Wanted, read_log
from cxm_core.engines.contacts import Issues, Looking, burdens
from cxm_core.errors import UsageError

Ints = NDArray[np.int64]

#: Column behind each word of a promise.
NAMES = MappingProxyType(
    {
        "customer": "customer",
        "opened": "opened_at",
        "channel": "channel",
        "reason": "reason",
        "solved": "solved_at",
        "replied": "first_replied_at",
        "waited": "wait_s",
        "human": "steps_to_human",
        "contacts": "contacts",
        "transfers": "transfers",
        "switches": "switches",
        "reexplanations": "re_explanations",
        "csat": "score",
    }
)
_ENDED, _ACTOR = "ended_at", "actor"
_AGAIN = "re_explanations"
# The same that `effort` takes by itself.
_OVERLAP = 0.5
_ENDLESS = int(np.iinfo(np.int64).max)


def check_column(table: LogTable, name: str, word: str) -> None:
    if name not in table.names:
        raise UsageError(
            f"The issues have no column {name!r}, which {word!r} needs.",
            hint=f"columns={{{word!r}: ...}} names another one",
        )


def _last(issues: Issues) -> Ints:
    """Place of the last contact of each issue."""
    first = np.flatnonzero(issues.contacts.column("place").values == 1)
    return np.append(first[1:], len(issues.contacts)) - 1 if first.size else first


def ends_in(issues: Issues, name: str) -> str | None:
    """Column of the contacts that says when they were over; None if there is none."""
    columns = (_ENDED, name) if name == NAMES["solved"] else (name,)
    return next((one for one in columns if one in issues.contacts.names), None)


def _solved(issues: Issues, name: str) -> Column:
    """When the last contact ended; when it began, where nobody says how long it took."""
    last, ended_at = _last(issues), ends_in(issues, name)
    began = issues.contacts.column("occurred_at")
    values, gone = began.values[last], began.is_missing[last]
    if ended_at is None:
        return Column(values=values, is_missing=gone, is_utc=True)
    times = Wanted(needed={ended_at: "solved"}, times=(ended_at,))
    ended = read_log(issues.contacts, times, what="the contacts").column(ended_at)
    is_open = ended.is_missing[last]
    values = np.where(is_open, values, ended.values[last])
    # A contact has an end even if it is not told; a solution that is not told is none.
    return Column(values=values, is_missing=gone if ended_at == _ENDED else is_open, is_utc=True)


def _summed(issues: Issues, name: str) -> Column:
    """Sum over the contacts of an issue; missing where one of them does not say."""
    check_column(issues.contacts, name, name)
    column, issue = issues.contacts.column(name), issues.contacts.column("issue").values
    known = ~column.is_missing
    amounts = np.where(known, column.values, 0).astype(np.float64)
    totals = np.bincount(issue, amounts, minlength=len(issues))
    lost = np.bincount(issue[~known], minlength=len(issues)) > 0
    return Column(values=totals, is_missing=lost)


def _latest(issues: Issues, name: str) -> Column:
    """What the last contact says that says anything."""
    check_column(issues.contacts, name, name)
    column, issue = issues.contacts.column(name), issues.contacts.column("issue").values
    rows = np.flatnonzero(~column.is_missing)
    place = np.full(len(issues), -1)
    np.maximum.at(place, issue[rows], rows)
    return Column(values=column.values[place], is_missing=place < 0)


def _human(issues: Issues, name: str) -> Column:
    """Contacts before the first one that a human took; missing where none did."""
    check_column(issues.contacts, _ACTOR, name)
    actor, place = issues.contacts.column(_ACTOR), issues.contacts.column("place").values
    is_human = ~actor.is_missing & np.asarray(actor.values == "human", bool)
    issue = issues.contacts.column("issue").values[is_human]
    steps = np.full(len(issues), np.iinfo(np.int64).max)
    np.minimum.at(steps, issue, place[is_human] - 1)
    none = steps == np.iinfo(np.int64).max
    return Column(values=np.where(none, 0, steps), is_missing=none)


def _told_again(issues: Issues, name: str) -> Column:
    """How often the customer explained again, over all contacts of an issue."""
    whole = Looking(window_us=_ENDLESS, since_us=None, until_us=issues.until_us)
    found = burdens(issues, whole, _OVERLAP).get(_AGAIN)
    if found is None:
        check_column(issues, name, "reexplanations")
        return issues.column(name)
    return Column(values=found, is_missing=np.isnan(found))


MADE = {
    "reexplanations": _told_again,
    "solved": _solved,
    "human": _human,
    "csat": _latest,
    "waited": _summed,
    "transfers": _summed,
}
