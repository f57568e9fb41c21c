"""One synthetic company: the true history of which each simulated vendor holds a part."""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import frozen

from ._facts import Facts
from ._history import write_history
from ._truth import Measure, Truth, truth


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
    tickets : tuple of SimTicket
        What customers asked, on both desks.
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

    def truth(
        self,
        measure: Measure,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        segment: str | None = None,
    ) -> Truth:
        """Tell what is true of everybody who could be asked, whether they answered or not.

        Parameters
        ----------
        measure : {"nps", "csat", "ces"}
            Recommendation of all customers, satisfaction with all solved tickets of the support
            desk, or effort over all delivered orders.
        start, end : datetime or None
            Window in which they could be asked, start included, end not; all of the history.
        segment : str or None
            Only customers of this segment.

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
        """
        first = datetime.min.replace(tzinfo=UTC)
        return truth(self, measure, (start or first, end or self.now), segment)
