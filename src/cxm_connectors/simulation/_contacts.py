"""A history of contacts whose matters are known: who came about what, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from attrs import field, frozen

from ._contact_story import SimContact, Teller
from ._contact_truth import ContactTruth
from ._contact_ways import ContactPlan

_UNTIL = datetime(2026, 7, 1, tzinfo=UTC)
_SPAN = timedelta(days=181)
#: Columns of a table of contacts, under the names of our records where they have one.
_COLUMNS = (
    "channel",
    "actor",
    "staff",
    "reason",
    "text",
    "transfers",
    "authentications",
    "is_escalated",
    "wait_s",
    "active_s",
    "handle_s",
    "satisfaction",
    "ease",
)


@frozen(kw_only=True)
class ContactHistory:
    """All contacts of some customers until a day, and what is true of them.

    Parameters
    ----------
    contacts : tuple of SimContact
        In the order of time; those that are still to come are not among them.
    begin, until : datetime
        When it is told from, and until when.
    plan : ContactPlan
        What was planted.
    """

    contacts: tuple[SimContact, ...] = field(repr=False)
    begin: datetime
    until: datetime
    plan: ContactPlan = field(repr=False)

    @property
    def truth(self) -> ContactTruth:
        """What the plan says is true of any matter: parameters, not counts of this history."""
        return ContactTruth(plan=self.plan)

    def columns(self) -> dict[str, list[Any]]:
        """Give the contacts as a table: what a log would hold, and the true `issue`.

        Returns
        -------
        dict of str to list
            `native_id`, `customer`, `issue`, `occurred_at`, `ended_at`, `reply_to`, and the other
            fields of `SimContact` that systems note, under their names.

        Examples
        --------
        >>> from cxm_connectors.simulation import contact_history
        >>> table = contact_history(customers=20, seed=1).columns()
        >>> table["native_id"][0], table["channel"][0], len(set(map(len, table.values())))
        ('c1701', 'phone', 1)
        """
        rows = self.contacts
        named: dict[str, list[Any]] = {
            "native_id": [f"c{row.key}" for row in rows],
            "customer": [f"p{row.customer}" for row in rows],
            "issue": [f"i{row.issue}" for row in rows],
            "occurred_at": [row.at for row in rows],
            "ended_at": [row.ended_at for row in rows],
            "reply_to": [f"c{row.reply_to}" if row.reply_to else None for row in rows],
        }
        return named | {name: [getattr(row, name) for row in rows] for name in _COLUMNS}


def contact_history(
    *,
    customers: int = 400,
    seed: int = 0,
    until: datetime = _UNTIL,
    span: timedelta = _SPAN,
    settled_for: timedelta = timedelta(0),
    plan: ContactPlan | None = None,
) -> ContactHistory:
    """Make up half a year of contacts whose true matters are known, quickly.

    Parameters
    ----------
    customers : int
        How many customers come; each brings 1.8 matters by the usual plan.
    seed : int
        Another seed gives another history.
    until : datetime
        End of the log; what happens later is not in it.
    span : timedelta
        How long before `until` the first matter may begin.
    settled_for : timedelta
        No matter begins that shortly before the end. With sixty days every matter is told to its
        end; with none, the youngest are cut off as in any real log.
    plan : ContactPlan or None
        What is planted; `ContactPlan()` by default.

    Returns
    -------
    ContactHistory
        The same for the same arguments.

    Examples
    --------
    >>> from cxm_connectors.simulation import contact_history
    >>> history = contact_history(customers=300, seed=1)
    >>> len(history.contacts), round(history.truth.first_contact_resolution(), 3)
    (806, 0.676)
    """
    chosen = plan or ContactPlan()
    rng = Random(f"{seed}:contacts")  # noqa: S311  (nothing here is secret)
    last = until - settled_for
    teller = Teller(rng=rng, plan=chosen, begin=until - span, last=last)
    told = (contact for key in range(1, customers + 1) for contact in teller.of_customer(key))
    contacts = sorted((one for one in told if one.at < until), key=lambda one: (one.at, one.key))
    return ContactHistory(contacts=tuple(contacts), begin=until - span, until=until, plan=chosen)
