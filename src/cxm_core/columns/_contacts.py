"""Contacts of customers as codes and instants, in one order whatever order they arrived in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats import Label

from ._ingress import Frame, open_data
from ._objects import Column, Mask, locked
from ._values import instants, sorted_axis

Codes = NDArray[np.int64]

_OUT = "out"


@frozen(kw_only=True, eq=False)
class Contacts:
    """Contacts that can be counted, by customer and then by time.

    Rows with equal stamps stand in the order of channel and native id, so that the order in which
    they arrived changes nothing.

    Parameters
    ----------
    at : int64 array (rows,)
        Microseconds since 1970, UTC.
    codes : mapping of str to int64 array (rows,)
        For each column that says something about a contact, such as ``customer`` or ``reason``,
        the place of its label among the sorted ones; -1 for none.
    labels : mapping of str to tuple
        Sorted labels of each of them.
    order : int64 array (rows,)
        Place of each row in the data.
    names : mapping of str to str
        Column of the data behind each part.
    rows : int
        Rows of the data.
    exclusions : tuple of (str, int)
        Rows that are no contact which can be counted, by reason.
    frame : Frame
        The data.
    """

    at: Codes = field(converter=locked)
    codes: Mapping[str, Codes]
    labels: Mapping[str, tuple[Label, ...]]
    order: Codes = field(converter=locked)
    names: Mapping[str, str]
    rows: int
    exclusions: tuple[tuple[str, int], ...]
    frame: Frame

    def __len__(self) -> int:
        return self.at.size

    def answered(self) -> tuple[Codes, Codes]:
        """Each row that names what it answers, and the row of that."""
        if not {"reply_to", "native_id"} <= self.codes.keys():
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        place = {label: code for code, label in enumerate(self.labels["native_id"])}
        named = [place.get(label, -1) for label in self.labels["reply_to"]]
        row_of = np.full(len(place) + 1, -1, np.int64)
        row_of[self.codes["native_id"]] = np.arange(len(self))
        row_of[-1] = -1  # where a missing id has left its row
        target = row_of[np.array([*named, -1], np.int64)[self.codes["reply_to"]]]
        rows = np.flatnonzero(target >= 0)
        return rows, target[rows]

    def column(self, name: str, what: str = "the contacts") -> Column:
        """Any column of the data, in the order of the contacts; `what` says what it is for."""
        column = self.frame.select({name: what}).column(name, what)
        return evolve(
            column, values=column.values[self.order], is_missing=column.is_missing[self.order]
        )


def read_contacts(
    data: object, names: Mapping[str, str | None], *, until_us: int | None = None
) -> Contacts:
    """Contacts of a table, with what is said about each.

    Parameters
    ----------
    data : table
        Any frame, an Arrow stream, a mapping of columns, or a list of mappings.
    names : mapping of str to str or None
        Column of each part: ``customer``, ``at`` and ``channel``, and of others such as
        ``reason``, ``issue``, ``reply_to``, ``native_id``; None for those that are not there.
    until_us : int or None
        End of the log in microseconds since 1970; later rows are left out and counted.

    Returns
    -------
    Contacts
        Rows without a customer or a time are left out and counted, as are what went out
        (``direction`` is ``out``) and what was told before under the same `native_id`.

    Raises
    ------
    UsageError
        The data is no table, a column is not named or not there, or its times are none.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> monday = [datetime(2026, 1, 5, tzinfo=UTC)] * 2
    >>> told = {"who": ["a", None], "when": monday, "via": ["chat", "chat"]}
    >>> read_contacts(told, {"customer": "who", "at": "when", "channel": "via"}).exclusions
    (('no customer', 1),)
    """
    known = _names(names)
    frame = _table(data, known)
    at, is_timeless = instants(frame.column(known["at"], "at="), "UTC", "at=")
    stamps = at.astype("datetime64[us]").astype(np.int64)
    parts = {part: _coded(frame, name, part) for part, name in known.items() if part != "at"}
    codes = {part: ranks for part, (ranks, _) in parts.items()}
    labels = {part: words for part, (_, words) in parts.items()}
    is_late = np.zeros(stamps.size, bool) if until_us is None else stamps >= until_us
    keep, exclusions = _kept(codes, labels, {"no time": is_timeless, "after the end": is_late})
    order = _ordered(np.flatnonzero(keep), codes, stamps)
    order, repeats = _once(order, codes.get("native_id"))
    told = (*exclusions, ("told before", repeats))
    return Contacts(
        at=stamps[order],
        codes={part: locked(ranks[order]) for part, ranks in codes.items()},
        labels=labels,
        order=order,
        names=known,
        rows=stamps.size,
        exclusions=tuple((reason, n) for reason, n in told if n),
        frame=frame,
    )


def _names(names: Mapping[str, str | None]) -> dict[str, str]:
    """Column of each part that has one."""
    known = {part: name for part, name in names.items() if name is not None}
    for part in ("customer", "at", "channel"):
        if part not in known:
            raise UsageError(
                f"No column is named for {part}=, and contacts without one mean nothing.",
                hint=f"{part}='...', the name of that column",
            )
    for part, name in known.items():
        if not isinstance(name, str):
            raise UsageError(
                f"{part}= is of the type {type(name).__name__}, and a column's name is needed.",
                hint=f"put the values into the contacts, as in {{'{part}': [...]}}",
            )
    return known


def _table(data: object, known: Mapping[str, str]) -> Frame:
    frame = open_data(data, "the contacts")
    if isinstance(frame, Column):
        raise UsageError(
            "The contacts are one column, and a table is needed.",
            hint="a frame, or {'customer': [...], 'occurred_at': [...], 'channel': [...]}",
        )
    wanted = dict.fromkeys(frame.names, "the contacts")
    return frame.select(wanted | {name: f"{part}=" for part, name in known.items()})


def _ordered(rows: Codes, codes: Mapping[str, Codes], stamps: Codes) -> Codes:
    """Rows by customer, time and channel; what is equal so far, by what else is said of it."""
    last = [codes[part] for part in sorted(codes) if part not in ("customer", "channel")]
    keys = (*last, codes["channel"], stamps, codes["customer"])
    return rows[np.lexsort(tuple(key[rows] for key in keys))]


def _coded(frame: Frame, name: str, part: str) -> tuple[Codes, tuple[Label, ...]]:
    """Rank of each label among the sorted ones, and those."""
    axis = sorted_axis(frame.column(name, f"{part}="), part)
    return axis.codes.astype(np.int64, copy=False), axis.labels


def _kept(
    codes: Mapping[str, Codes], labels: Mapping[str, tuple[Label, ...]], gone: Mapping[str, Mask]
) -> tuple[Mask, list[tuple[str, int]]]:
    """Rows that count, and why the others do not."""
    told = {**gone, "no customer": codes["customer"] < 0, "went out": _is_out(codes, labels)}
    keep, reasons = np.ones(codes["customer"].size, bool), []
    for reason, which in told.items():
        reasons.append((reason, int((which & keep).sum())))
        keep &= ~which
    return keep, reasons


def _is_out(codes: Mapping[str, Codes], labels: Mapping[str, tuple[Label, ...]]) -> Mask:
    if "direction" not in codes:
        return np.zeros(codes["customer"].size, bool)
    words = labels["direction"]
    at: Codes = codes["direction"]
    return at == words.index(_OUT) if _OUT in words else np.zeros(at.size, bool)


def _once(order: Codes, native: Codes | None) -> tuple[Codes, int]:
    """The first row of each native id, in the order given, and how many were told again."""
    if native is None:
        return order, 0
    ids = native[order]
    first = np.zeros(order.size, bool)
    first[np.unique(ids, return_index=True)[1]] = True
    keep = first | (ids < 0)
    return order[keep], int((~keep).sum())
