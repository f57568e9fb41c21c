"""The synthetic company's tickets, all that happened to them, and what customers thought of it."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen


@frozen(kw_only=True)
class SimTicketEvent:
    """One thing that happened to a ticket.

    Events of one ticket with the same instant and actor are one update, as one person saves it.

    Parameters
    ----------
    key : int
        Counts from 1 over all tickets, in the order of time.
    at : datetime
        When.
    kind : {"created", "comment", "status", "assignment", "priority", "merge"}
        What.
    actor : {"customer", "staff", "bot"}
        Who acted.
    staff : int or None
        Key of the member of staff who acted.
    old, new : str or None
        Before and after: a status or a priority in our words, the key of a member of staff
        (assignment), the key of the ticket that goes on (merge, `new` only).
    text : str
        What was written; empty where nothing was.
    is_public : bool
        The customer can see it.
    channel : str
        How a comment came.
    """

    key: int
    at: datetime
    kind: str
    actor: str = "staff"
    staff: int | None = None
    old: str | None = None
    new: str | None = None
    text: str = field(default="", repr=False)
    is_public: bool = True
    channel: str = "email"


@frozen(kw_only=True)
class SimTicket:
    """A support ticket; how it stands follows from its events.

    Parameters
    ----------
    key : int
        Counts from 1.
    customer : int
        Key of who asked.
    opened_at : datetime
        When.
    subject, text : str
        What was asked first; the event `created` carries no text of its own.
    desk : {"support", "sales"}
        Where it is worked on: the one system or the other.
    account : int or None
        Key of the account it is about.
    order : int or None
        Key of the order it is about.
    reason, channel, priority : str
        Why and how the customer came, and how urgent it was at first.
    tags : tuple of str
        Marks on it.
    events : tuple of SimTicketEvent
        Everything that happened, in order; the first is `created`.
    transfers, authentications : int
        How often it was handed on, and how often the customer had to say who it is, in all.
    active_s : int or None
        Seconds of the customer's own time; None where nobody notes it.
    satisfaction : int
        What the customer truly thinks of it, from 1 to 5, whether asked or not.
    issue : int
        Truth: key of the matter that it is part of, which no desk knows.
    replies_at, solves_at, settles_at : datetime or None
        Truth: when staff reply for the first time, and when it is solved for the first time and
        for the last, though that be still to come; None where another ticket goes on.
    deleted_at : datetime or None
        When it was removed.
    """

    key: int
    customer: int
    opened_at: datetime
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    desk: str = "support"
    account: int | None = None
    order: int | None = None
    reason: str = "other"
    channel: str = "email"
    priority: str = "normal"
    tags: tuple[str, ...] = ()
    events: tuple[SimTicketEvent, ...] = ()
    transfers: int = 0
    authentications: int = 0
    active_s: int | None = None
    satisfaction: int = 4
    issue: int = 0
    replies_at: datetime | None = None
    solves_at: datetime | None = None
    settles_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def status(self) -> str:
        """Status now, in our words; `merged` where another ticket goes on."""
        return "merged" if self.merged_into else self._last("status") or "new"

    @property
    def owner(self) -> int | None:
        """Key of the member of staff who has it now."""
        owner = self._last("assignment")
        return int(owner) if owner else None

    @property
    def merged_into(self) -> int | None:
        """Key of the ticket that goes on in its place."""
        target = self._last("merge")
        return int(target) if target else None

    @property
    def changed_at(self) -> datetime:
        """When anything happened to it last."""
        last = self.events[-1].at if self.events else self.opened_at
        return max(last, self.deleted_at or last)

    @property
    def solved_at(self) -> datetime | None:
        """When it was solved last; None while it is not."""
        if self.status not in ("solved", "closed"):
            return None
        stamps = (e.at for e in self.events if e.kind == "status" and e.new == "solved")
        return max(stamps, default=None)

    def _last(self, kind: str) -> str | None:
        return next((e.new for e in reversed(self.events) if e.kind == kind), None)


@frozen(kw_only=True)
class SimRating:
    """A customer was asked how a ticket was handled, and perhaps answered.

    Parameters
    ----------
    key : int
        Counts from 1.
    ticket, customer : int
        Keys of both.
    staff : int or None
        Key of who had solved it.
    offered_at : datetime
        When it was asked.
    answered_at : datetime or None
        When it was answered; None for never.
    score : int or None
        From 1 to 5; a vendor that knows only good and bad takes 4 and 5 as good.
    comment : str
        The customer's words; empty for none.
    reason : str or None
        The reason that an unhappy customer chose.
    """

    key: int
    ticket: int
    customer: int
    offered_at: datetime
    staff: int | None = None
    answered_at: datetime | None = None
    score: int | None = None
    comment: str = field(default="", repr=False)
    reason: str | None = None
