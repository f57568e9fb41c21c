"""One synthetic company: the true history of which each simulated vendor holds a part."""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import frozen

from cxm_core.errors import UsageError

from ._contacts import ContactHistory
from ._facts import Facts
from ._history import write_history
from ._tables import Table, tables_of
from ._truth import Asked, Measure, Truth, truth


@frozen(kw_only=True, slots=False)
class Company(Facts):
    """The true history of a company that does not exist; nothing in it is anybody's data.

    Each simulated vendor holds a part of it under ids of its own. A small one may be written by
    hand; `Company.made` gives one of any size, and the same one for the same arguments.

    Parameters
    ----------
    name : str
        What it is called.
    now : datetime
        Until when its history is told; no stamp is later.
    staff : tuple of SimStaff
        Who works there.
    accounts : tuple of SimAccount
        Organisations that buy.
    customers : tuple of SimCustomer
        People that it serves, each with what they truly think.
    orders, deals : tuple of SimOrder, tuple of SimDeal
        What was sold, and what may be.
    plan : ContactPlan or None
        How customers come back; None for a company written by hand.
    matters : tuple of SimMatter
        What customers truly wanted, with every contact that it takes.
    tickets : tuple of SimTicket
        What they asked, on both desks; one for each contact so far.
    messages : tuple of SimMessage
        Promotional messages, sent without a look at what is open.
    ratings : tuple of SimRating
        What they said of the tickets when asked.
    forms : tuple of SimForm
        Questionnaires, of both tools.
    invitations : tuple of SimInvitation
        Who was asked to fill them in.
    submissions : tuple of SimSubmission
        What came back.

    Examples
    --------
    >>> from cxm_connectors.simulation import Company
    >>> company = Company.made(customers=50, seed=1)
    >>> len(company.customers), company == Company.made(customers=50, seed=1)
    (50, True)
    """

    @classmethod
    def made(cls, *, customers: int = 400, seed: int = 0, now: datetime | None = None) -> Company:
        """Make up a company and half a year of its history.

        Parameters
        ----------
        customers : int
            How many it serves; each brings about ten records over all vendors.
        seed : int
            Another seed gives another company.
        now : datetime or None
            Until when its history is told; the beginning of July 2026 by default.

        Returns
        -------
        Company
            The same for the same arguments.
        """
        return write_history(cls(now=now) if now else cls(), customers=customers, seed=seed)

    @property
    def contacts(self) -> ContactHistory:
        """Every contact so far, with the matter that it truly is about.

        Returns
        -------
        ContactHistory
            Its `truth` is that of the plan, of which this history is one draw.

        Raises
        ------
        UsageError
            The company was written by hand, without a plan.
        """
        if self.plan is None:
            raise UsageError("A company written by hand has no plan of contacts.")
        told = (one for matter in self.matters for one in matter.contacts if one.at < self.now)
        ordered = tuple(sorted(told, key=lambda one: (one.at, one.key)))
        begin = min((one.at for one in ordered), default=self.now)
        return ContactHistory(contacts=ordered, begin=begin, until=self.now, plan=self.plan)

    def tables(self) -> dict[str, Table]:
        """Give its logs as plain columns, under the names of our records.

        Returns
        -------
        dict of str to dict of str to list
            ``tickets`` with their true `issue`, ``ticket_events`` and ``messages``; tickets that
            were removed are in none of them.

        Examples
        --------
        >>> from cxm_connectors.simulation import Company
        >>> tables = Company.made(customers=50, seed=1).tables()
        >>> len(tables["tickets"]["native_id"]) > 40, tables["ticket_events"]["event"][0]
        (True, 'created')
        """
        return tables_of(self)

    def truth(
        self,
        measure: Measure,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        segment: str | None = None,
        desk: str | None = None,
        channel: str | None = None,
    ) -> Truth:
        """Tell what is true of everybody who could be asked, whether they answered or not.

        Parameters
        ----------
        measure : str
            ``"nps"``, recommendation of all customers; ``"csat"``, satisfaction with all solved
            tickets of the support desk; ``"ces"``, effort over all delivered orders.
            Of true matters: ``"first_contact_resolution"``, share after whose first contact the
            customer does not come again for seven days; ``"contacts"``, ``"switches"``,
            ``"transfers"`` and ``"re_explanations"``, how many a matter takes to its end;
            ``"misrouted"``, share that began where a matter of its kind does not belong.
            Of contacts: ``"repeat_contact"``, share that is followed by another within seven days.
            Of tickets: ``"reopen_rate"`` of those that are solved; ``"first_reply_time"`` and
            ``"resolution_time"``, the time by which half of all are answered by staff, and solved
            for good; one that another took in never is.
            Of promotional messages: ``"promotions_in_complaints"``, share that came while a ticket
            about a delivery, a defect or a bill was not solved for good.
        start, end : datetime or None
            Window in which they could be asked, or in which the matter, contact or ticket began;
            start included, end not; all of the history.
        segment : str or None
            Only customers of this segment.
        desk : {"support", "sales"} or None
            Only matters and tickets of this desk; ``"nps"`` and ``"ces"`` know no desks.
        channel : str or None
            Only matters that began on this channel, and tickets that came by it.

        Returns
        -------
        Truth
            Value and number of opinions.

        Raises
        ------
        UsageError
            Nobody could be asked.

        Examples
        --------
        >>> from cxm_connectors.simulation import Company
        >>> company = Company.made(customers=300)
        >>> company.truth("nps").n
        295
        >>> round(company.truth("first_contact_resolution").value, 2)
        0.69
        """
        first = datetime.min.replace(tzinfo=UTC)
        span = (start or first, end or self.now)
        asked = Asked(span=span, segment=segment, desk=desk, channel=channel)
        return truth(self, measure, asked)
