"""From contacts to issues: all contacts of a customer about one matter are one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Contacts, LogTable, read_contacts, shingles
from cxm_core.errors import UsageError
from cxm_core.stats import Sets
from cxm_core.vocabulary import in_utc, parse_duration, takes

from ._span import microseconds, shown_span, stamp
from ._table import contact_table, issue_columns
from ._threads import LOOK_BACK, Threading, threads

Ints = NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1)
_INFERRED = ("reason", "text")


@frozen(kw_only=True, eq=False, repr=False)
class Issues(LogTable):
    """Issues of customers, a row each, and the contacts that each is made of.

    `columns` are ``issue`` (a number), ``customer``, ``opened_at``, ``last_at``, ``channel`` (of
    the first contact), ``contacts`` and ``switches`` (how many), ``returned_at`` (the second
    contact, if there was one), ``customer_number`` (from 0 up), and what the first contact says in
    the other columns of the data.

    Parameters
    ----------
    contacts : LogTable
        The contacts by issue and time, with ``issue``, ``customer``, ``occurred_at``, ``channel``,
        ``place`` (from 1), ``next_at``, ``customer_number``, and the other columns of the data; one
        with a name of ours has ``_told`` behind it.
    within_us : int
        Window of the rule, in microseconds.
    until_us : int
        End of the log, in microseconds since 1970.
    words : Sets or None
        Shingles of each contact's first words, in the order of `contacts`.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime
    >>> days = [datetime(2026, 1, day, tzinfo=UTC) for day in (5, 6, 20)]
    >>> told = {"customer": ["ann"] * 3, "occurred_at": days, "channel": ["chat", "phone", "chat"]}
    >>> found = cx.issues(told)
    >>> len(found), found.column("contacts").values.tolist()
    (2, [2, 1])
    """

    contacts: LogTable
    within_us: int
    until_us: int
    words: Sets | None = None

    @property
    def who(self) -> Ints:
        """Number of the customer of each contact, from 0 up."""
        number: Ints = self.contacts.column("customer_number").values
        return number

    def as_contacts(self) -> LogTable:
        """The contacts, with the rule and the exclusions of the issues for a receipt.

        Returns
        -------
        LogTable
            One row a contact.
        """
        return evolve(
            self.contacts,
            steps=self.steps[:1],
            exclusions=self.exclusions,
            parameters=self.parameters,
            notes=self.notes,
        )


@takes(overlap="number", text="name?")
def issues(
    contacts: object,
    *,
    customer: str = "customer",
    at: str = "occurred_at",
    channel: str = "channel",
    reason: str | None = None,
    text: str | None = None,
    issue: str | None = None,
    reply_to: str | None = None,
    native_id: str | None = None,
    direction: str | None = None,
    within: str | timedelta = "7d",
    overlap: float = 0.5,
    until: datetime | None = None,
) -> Issues:
    """Contacts of a customer about one matter, put together into issues.

    Parameters
    ----------
    contacts : table
        One row a contact: any frame, an Arrow stream, or a mapping of columns.
    customer : str
        Column of the customer; rows without one are left out and counted.
    at : str
        Column of the time of the contact: instants, or times in UTC.
    channel : str
        Column of the channel.
    reason, text : str or None
        Columns of why the customer came, and of the customer's own first words.
    issue : str or None
        Column of an id that says what the contact is about; where there is one, it decides alone.
    reply_to, native_id : str or None
        Columns of the contact that this one answers, and of the contact's own id, by which a
        contact that is told twice counts once.
    direction : str or None
        Column that says ``out`` where it was not the customer who came; those are left out.
    within : str or timedelta
        Contacts further apart are never put together by what they are about.
    overlap : float in (0, 1]
        Share of the shorter text from which two texts say the same.
    until : datetime or None
        Aware; where the log ends. None for just after its last contact.

    Returns
    -------
    Issues
        One row an issue, in the order in which they were opened.

    Raises
    ------
    UsageError
        A column is not there, its values are no times, or a setting is out of range.

    Notes
    -----
    Two contacts of a customer belong together if they bear the same id of an issue; and any two do
    if one answers the other, be it another person's, unless they bear different ids.
    Contacts without an id also do if the same customer came for the same reason within the window,
    or said much the same within it; what belongs together is followed from contact to contact. With
    no column but the customer, all contacts within the window of the one before are one issue.
    Texts are compared by hashed runs of nine letters, of which rare ones weigh more, with the
    customer's last 20 contacts.
    Equal stamps stand in the order of the channel's name, so the order of arrival changes nothing.
    A clock that is hours off moves a contact by hours: with windows of days few issues change.

    References
    ----------
    .. [1] Broder, A., On the resemblance and containment of documents, 1997, Proceedings of
       Compression and Complexity of Sequences, 21-29.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime
    >>> told = {
    ...     "customer": ["ann", "ann", "bob"],
    ...     "occurred_at": [datetime(2026, 1, day, tzinfo=UTC) for day in (5, 7, 7)],
    ...     "channel": ["chat", "phone", "chat"],
    ...     "reason": ["billing", "billing", "billing"],
    ... }
    >>> cx.issues(told, reason="reason").column("contacts").values.tolist()
    [2, 1]
    """
    if not 0 < overlap <= 1:
        raise UsageError(f"overlap={overlap!r} is no share.", hint="overlap=0.5")
    names = {
        "customer": customer,
        "at": at,
        "channel": channel,
        "reason": reason,
        "issue": issue,
        "reply_to": reply_to,
        "native_id": native_id,
        "direction": direction,
    }
    until_us = None if until is None else stamp(in_utc(until))
    read = read_contacts(contacts, names, until_us=until_us)
    rule = Threading(within_us=microseconds(parse_duration(within)), overlap=float(overlap))
    words = None if text is None else _words(read, text)
    number = _numbered(threads(read, words, rule), read.at)
    order = np.lexsort([np.arange(number.size), read.at, number])
    table = contact_table(read, number, order)
    return Issues(
        columns=issue_columns(table, hidden=() if text is None else (text,)),
        contacts=table,
        within_us=rule.within_us,
        until_us=int(read.at.max(initial=-1)) + 1 if until_us is None else until_us,
        words=None if words is None else words.take(order),
        steps=(("rows", read.rows), ("contacts", len(read))),
        exclusions=read.exclusions,
        parameters=_parameters({**names, "text": text}, rule),
        notes=_notes(read),
    )


def _words(read: Contacts, text: str) -> Sets:
    found = shingles(read.column(text, "text="))
    return Sets.of(found.starts, found.hashes, owners=read.codes["customer"])


def _numbered(component: Ints, at: Ints) -> Ints:
    """Number of each contact's issue, in the order in which they were opened."""
    n = int(component.max(initial=-1)) + 1
    opened = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(opened, component, at)
    rank = np.empty(n, np.int64)
    rank[np.lexsort([np.arange(n), opened])] = np.arange(n)
    return rank[component]


def _parameters(names: Mapping[str, str | None], rule: Threading) -> tuple[tuple[str, str], ...]:
    by = [part for part in ("issue", "reply_to", *_INFERRED) if names[part] is not None]
    told = [("threaded by", ", ".join(by) or "customer"), ("within", shown_span(rule.within_us))]
    if "text" in by:
        told += [("overlap", f"{rule.overlap:g}"), ("contacts looked back", str(LOOK_BACK))]
    return tuple(told)


def _notes(read: Contacts) -> tuple[tuple[str, int], ...]:
    """What the threading leaves in doubt."""
    ids = read.codes.get("issue")
    unsure = len(read) if ids is None else int((ids < 0).sum())
    return (("threaded", unsure),) if unsure else ()
