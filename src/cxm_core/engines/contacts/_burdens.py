"""What a customer went through in each issue, counted from its contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import LogTable
from cxm_core.errors import UsageError

from ._issues import Issues
from ._looking import Looking, stamps
from ._threads import LOOK_BACK

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Columns of the contacts that are added up over an issue, and what their sum is called.
_SUMS: Final = {"transfers": "transfers", "wait_s": "wait", "active_s": "active"}
_STAFF: Final = "handle_s"
_PROOFS: Final = "authentications"


@frozen(kw_only=True)
class _Within:
    """Contacts of each issue that lie within the horizon."""

    issues: Issues
    keep: Mask
    number: Ints

    @classmethod
    def of(cls, issues: Issues, looking: Looking) -> _Within:
        contacts = issues.contacts
        number, place = (contacts.column(name).values for name in ("issue", "place"))
        at = stamps(contacts.column("occurred_at"))
        first = np.flatnonzero(place == 1)[number]
        return cls(issues=issues, keep=at - at[first] <= looking.window_us, number=number)

    def count(self, which: Mask) -> Floats:
        """How many contacts of each issue are such."""
        rows = self.number[which & self.keep]
        return np.bincount(rows, minlength=len(self.issues)).astype(np.float64)

    def add_up(self, name: str) -> Floats:
        """Sum of a column; not a number where a contact of the issue does not say."""
        column = self.issues.contacts.column(name)
        values = numbers_in(self.issues.contacts, name)
        sums = np.bincount(self.number[self.keep], values[self.keep], minlength=len(self.issues))
        return np.where(self.count(column.is_missing) > 0, np.nan, sums)


def burdens(issues: Issues, looking: Looking, told_again: float) -> Mapping[str, Floats]:
    """Each burden's number for every issue, within the horizon; only those that are recorded."""
    within = _Within.of(issues, looking)
    names = issues.contacts.names
    found = {
        "contacts": within.count(np.ones(within.keep.size, bool)),
        "switches": within.count(switched(issues)),
    }
    found |= {told: within.add_up(name) for name, told in _SUMS.items() if name in names}
    if _PROOFS in names:
        found["re_authentications"] = np.maximum(within.add_up(_PROOFS) - 1.0, 0.0)
    if issues.words is not None:
        again = within.count(_told_again(issues, told_again))
        unknown = within.count(issues.words.sizes == 0) > 0
        found["re_explanations"] = np.where(unknown, np.nan, again)
    if _STAFF in names:
        found["handling"] = within.add_up(_STAFF)
    return found


def switched(issues: Issues) -> Mask:
    """Contacts on another channel than the one before in the same issue."""
    contacts = issues.contacts
    channel, place = contacts.column("channel"), contacts.column("place").values
    known = ~channel.is_missing
    found = np.zeros(place.size, bool)
    found[1:] = np.asarray(channel.values[1:] != channel.values[:-1], bool)
    found[1:] &= known[1:] & known[:-1] & (place[1:] > 1)
    return found


def _told_again(issues: Issues, overlap: float) -> Mask:
    """Contacts whose first words say what an earlier contact of the issue said."""
    words, number = issues.words, issues.contacts.column("issue").values
    found = np.zeros(number.size, bool)
    for lag in range(1, LOOK_BACK + 1):
        later = np.flatnonzero(number[lag:] == number[:-lag]) + lag
        if words is None or not later.size:
            break
        found[later] |= words.overlap(later - lag, later) >= overlap
    return found


def numbers_in(table: LogTable, name: str) -> Floats:
    """Numbers of a column, zero where there is none."""
    column = table.column(name)
    if column.values.dtype.kind not in "iufb" and not column.is_missing.all():
        raise UsageError(
            f"The column {name!r} of the contacts holds no numbers.",
            hint="counts, or seconds for a name that ends in _s",
        )
    if column.is_missing.all():
        return np.zeros(len(column))
    return np.where(column.is_missing, 0.0, column.values.astype(np.float64))
