"""Contacts in the order of their issues, and one row for each issue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxm_core.columns import Column, Contacts, LogTable
from cxm_core.errors import UsageError

Ints = NDArray[np.int64]

_CONSUMED = ("customer", "at", "channel")
#: Columns of the contacts that an issue tells in other words.
_OF_CONTACTS = (
    *("issue", "customer", "occurred_at", "channel", "place", "next_at"),
    "customer_number",
)
_OF_ISSUES = (
    *("issue", "customer", "opened_at", "last_at", "channel"),
    *("contacts", "switches", "returned_at", "customer_number"),
)


def contact_table(read: Contacts, number: Ints, order: Ints) -> LogTable:
    """All contacts by issue and time, with everything that the data say of them."""
    issue, at = number[order], read.at[order]
    is_last = np.ones(issue.size, bool)
    is_last[:-1] = issue[1:] != issue[:-1]
    first = np.searchsorted(issue, issue)
    following = np.append(at[1:], at[-1:])
    columns = {
        "issue": _column(issue),
        "customer": _labels(read, "customer", order),
        "occurred_at": _times(at),
        "channel": _labels(read, "channel", order),
        "place": _column(np.arange(issue.size) - first + 1),
        "next_at": _times(following, is_missing=is_last),
        "customer_number": _column(read.codes["customer"][order]),
    }
    return LogTable(columns=columns | _others(read, order))


def issue_columns(contacts: LogTable, *, hidden: Collection[str]) -> Mapping[str, Column]:
    """One row an issue: what was counted, and what the first contact says."""
    place = contacts.column("place").values
    first = np.flatnonzero(place == 1)
    last = np.append(first[1:], place.size) - 1 if first.size else first
    at, following = contacts.column("occurred_at"), contacts.column("next_at")
    columns = {
        "issue": _column(np.arange(first.size)),
        "customer": _taken(contacts.column("customer"), first),
        "opened_at": _taken(at, first),
        "last_at": _taken(at, last),
        "channel": _taken(contacts.column("channel"), first),
        "contacts": _column(last - first + 1),
        "switches": _column(_switches(contacts, first)),
        "returned_at": _taken(following, first),
        "customer_number": _taken(contacts.column("customer_number"), first),
    }
    names = [name for name in contacts.names if name not in (*_OF_CONTACTS, *hidden)]
    others = {_free(name, _OF_ISSUES): _taken(contacts.column(name), first) for name in names}
    return columns | others


def _switches(contacts: LogTable, first: Ints) -> Ints:
    """How often the channel of a contact differs from that of the one before."""
    issue, channel = contacts.column("issue").values, contacts.column("channel")
    known = ~channel.is_missing
    differs = np.zeros(issue.size, bool)
    both = known[1:] & known[:-1] & (issue[1:] == issue[:-1])
    differs[1:] = both & np.asarray(channel.values[1:] != channel.values[:-1], bool)
    return np.bincount(issue[differs], minlength=first.size)


def _others(read: Contacts, order: Ints) -> dict[str, Column]:
    """Every further column that holds one value a row."""
    consumed = {read.names[part] for part in _CONSUMED}
    found = {}
    for name in read.frame.names:
        if name not in consumed and (column := _single(read, name)) is not None:
            found[_free(name, _OF_CONTACTS)] = _taken(column, order)
    return found


def _single(read: Contacts, name: str) -> Column | None:
    try:
        return read.column(name)
    except UsageError:  # lists in a row are nothing that a figure is broken down by
        return None


def _free(name: str, taken: Collection[str]) -> str:
    return f"{name}_told" if name in taken else name


def _labels(read: Contacts, part: str, order: Ints) -> Column:
    codes, labels = read.codes[part][order], read.labels[part]
    is_whole = bool(labels) and all(type(label) is int for label in labels)
    values = np.array([*labels, 0]) if is_whole else np.array([*labels, None], object)
    return Column(values=values[codes], is_missing=codes < 0)


def _column(values: NDArray[Any]) -> Column:
    return Column(values=values, is_missing=np.zeros(values.size, bool))


def _times(stamps: Ints, *, is_missing: NDArray[np.bool_] | None = None) -> Column:
    gone = np.zeros(stamps.size, bool) if is_missing is None else is_missing
    return Column(values=stamps.view("datetime64[us]"), is_missing=gone, is_utc=True)


def _taken(column: Column, rows: Ints) -> Column:
    return Column(
        values=column.values[rows], is_missing=column.is_missing[rows], is_utc=column.is_utc
    )
