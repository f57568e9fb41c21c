"""From events to cases: sessions, orders, issues, subscriptions, onboardings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cxm_core.columns import CaseRule, Cases, EventColumns, gather_cases
from cxm_core.vocabulary import takes


@takes(keep="several")
def cases(
    events: object,
    *,
    rule: str | CaseRule,
    customer: Any = "customer",
    at: Any = "occurred_at",
    activity: Any = "activity",
    order: Any = None,
    keep: Iterable[str] = (),
    zone: str = "UTC",
) -> Cases:
    """Events gathered into cases: each visit, order, issue, subscription or onboarding as one way.

    Parameters
    ----------
    events : table
        One row an event: any frame, an Arrow stream, a mapping of columns.
    rule : str or CaseRule
        What makes events one case: ``"session"`` or ``"session 45m"`` for a customer's events
        without a longer pause; a column such as ``"order"``, ``"issue"`` or ``"subscription"``
        whose value they share; or `CaseRule.between` for an onboarding.
    customer : column name or sequence
        Text or whole number: whose event it is.
    at : column name or sequence
        When it happened: times with a zone, or wall-clock times of `zone`.
    activity : column name or sequence
        Text or whole number: what happened.
    order : column name or sequence, or None
        Numbers that decide between events of a case with the same time.
    keep : iterable of column names
        Further columns of the events that go along, such as the channel.
    zone : str
        Zone of times that bring none.

    Returns
    -------
    Cases
        A row an event, case after case in the order of time; `each()` has a row a case.

    Raises
    ------
    UsageError
        A column is not there, a time is none, or the rule is unknown.

    Notes
    -----
    The order of arrival decides nothing: events with the same time stand in the order of `order`,
    or else of their activities' names, and the caveat ``equal_stamps`` counts them.
    Times are taken as they are: a clock that goes wrong by hours puts its events elsewhere. No
    caveat tells it, not even of events of two sources: of two activities it is not known which one
    must come first, so that an odd order may be how customers go. `tickets` knows, and tells.

    References
    ----------
    .. [1] van der Aalst, W., Process Mining, 2nd edition, 2016, chapter 5.

    Examples
    --------
    >>> from datetime import datetime
    >>> import cxm_core as cx
    >>> log = {
    ...     "customer": ["a", "a", "a"],
    ...     "activity": ["home", "cart", "home"],
    ...     "occurred_at": [datetime(2026, 1, 1, 9), datetime(2026, 1, 1, 9, 5),
    ...                     datetime(2026, 1, 2, 9)],
    ... }
    >>> cx.cases(log, rule="session").each().column("events").values.tolist()
    [2, 1]
    """
    columns = EventColumns(at=at, activity=activity, customer=customer, order=order, zone=zone)
    return gather_cases(events, columns, rule=rule, keep=keep)
