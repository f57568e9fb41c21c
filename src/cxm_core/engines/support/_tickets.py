"""From a log of ticket events to one row a ticket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from cxm_core.columns import TicketRule, Tickets, read_tickets
from cxm_core.vocabulary import Zone, takes


class EventColumns(TypedDict, total=False):
    """Names of the columns of the log, where they are others than in our records."""

    ticket: str
    at: str
    event: str
    status: str
    old: str
    new: str
    actor: str
    staff: str
    owner: str
    team: str
    channel: str
    public: str
    opened: str
    order: str
    id: str
    deleted: str
    source: str


@takes(words="mapping?", first="names", last="names", keep="names", escalated_to="names")
def tickets(
    events: object,
    about: object = None,
    *,
    until: datetime | None = None,
    words: Mapping[str, str] | None = None,
    first: Iterable[str] = (),
    last: Iterable[str] = (),
    keep: Iterable[str] = (),
    escalated_to: Iterable[str] = (),
    tz: Zone = "UTC",
    **columns: Unpack[EventColumns],
) -> Tickets:
    """Tickets with their whole life, from any helpdesk's log of what happened to them.

    Parameters
    ----------
    events : table
        One row an event, in any order. It must say which ticket and when; whatever else is there
        of ``event``, ``status``, ``old``, ``new``, ``actor``, ``staff``, ``owner``, ``team``,
        ``channel``, ``is_public``, ``opened_at``, ``order``, ``native_id``, ``is_deleted``
        and ``source`` is used. Those are the fields of our `TicketEvent`.
    about : table or None
        One row a ticket: its id in ``native_id``, its opening in ``occurred_at``. A ticket of
        which the log has no event is taken from its ``solved_at`` and ``closed_at``.
    until : datetime or None
        Where the log is cut, aware: what happened from then on is left out, and what is not over
        by then counts as open. None for the last stamp of the log.
    words : mapping of str to str
        The source's words for our states, such as ``{"Awaiting User Info": "pending"}``. Ours are
        ``new``, ``open``, ``pending``, ``on_hold``, ``solved``, ``closed``, ``merged``, ``spam``
        and ``abandoned``.
    first, last : column names
        Columns of the log that are carried along, with their value at the first or at the last
        event of each ticket.
    keep : column names
        Columns of `about` that are carried along, such as ``channel`` and ``customer``; one that
        tickets have anyway stays theirs.
    escalated_to : names of teams
        Coming to one of them is an escalation, beside events that say so.
    tz : str or tzinfo
        Zone of times that have none.
    **columns : str
        Other names of the log's columns: ``ticket="number", at="sys_updated_at"``.

    Returns
    -------
    Tickets
        One row a ticket, in the order of their ids; it is a table to every other function.
        `spans` has the stretches of each state.

    Raises
    ------
    UsageError
        A column is not there, a stamp is no time, a word means no state, or `about` has a ticket
        more than once or none of the log's.

    Notes
    -----
    Events are put in order by their stamps; equal ones by ``order`` if the log has it, else the
    creation goes first, then what is no status, then the statuses from new to closed. So the order
    of arrival never changes a result.
    Events before the opening count as at the opening. Where ten tickets or more tell of two sources
    by ``source``, and in more than half of them the one has an event before the creation in the
    other, or opens again before the settling in the other, the caveat ``clocks_apart`` counts them.
    A clock that is too late by less than answers take, or that only makes answers late, is not
    told by this; no time is ever put right. A status that nobody knows leaves the one
    before it. What is settled and becomes unsettled again was opened again, be it after its close.
    The second of two closes changes nothing, and neither does an event that stands there twice.
    A ticket closed from pending without a solution was abandoned by the customer; one closed from
    another state without a solution just ended. Each of these is counted, and told as a caveat or
    an exclusion.

    References
    ----------
    .. [1] van der Aalst, W., Process Mining, 2nd edition 2016, section 5.2 (event logs).

    Examples
    --------
    >>> import cxm_core as cx
    >>> log = {
    ...     "ticket": ["A", "A", "A", "B"],
    ...     "occurred_at": ["2026-11-02T09:00", "2026-11-02T12:00", "2026-11-03T09:00",
    ...                     "2026-11-03T08:00"],
    ...     "status": ["new", "pending", "solved", "new"],
    ... }
    >>> from datetime import datetime
    >>> log["occurred_at"] = [datetime.fromisoformat(at) for at in log["occurred_at"]]
    >>> made = cx.tickets(log)
    >>> made.to_frame("polars").select("ticket", "end", "new_s", "pending_s").rows()
    [('A', 'solved', 10800.0, 75600.0), ('B', None, 3600.0, 0.0)]
    """
    rule = TicketRule(
        until=until,
        words=words,
        first=first,
        last=last,
        keep=keep,
        escalated_to=escalated_to,
        tz=tz,
    )
    names = {part: str(name) for part, name in columns.items()}
    return read_tickets(events, about, rule=rule, names=names)
