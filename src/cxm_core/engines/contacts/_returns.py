"""Whether one contact was enough, and how many lead to another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Breakdown, Estimate

from ._burdens import numbers_in
from ._definitions import definition_of
from ._issues import Issues
from ._looking import Looking, Result, Rows, came_within, next_of_customer, share, stamps

Mask = NDArray[np.bool_]
_FCR, _REPEAT = "first_contact_resolution", "repeat_contact"
# Definition that does not ask what the next contact is about.
_ANY = "any_reason"


class Asked(TypedDict, total=False):
    """Keywords that the shares of issues have besides `by`."""

    definition: str
    window: str | timedelta | None
    since: datetime | None
    clusters: Any
    confidence_level: float
    method: str


@overload
def first_contact_resolution(
    issues: Issues, *, by: None = ..., **asked: Unpack[Asked]
) -> Estimate: ...
@overload
def first_contact_resolution(
    issues: Issues, *, by: object, **asked: Unpack[Asked]
) -> Breakdown: ...
def first_contact_resolution(
    issues: Issues,
    *,
    by: Any = None,
    definition: str = "no_return",
    window: str | timedelta | None = None,
    since: datetime | None = None,
    clusters: Any = "customer",
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Share of issues after whose first contact the customer did not have to come again.

    Parameters
    ----------
    issues : Issues
        What `cx.issues` made of contacts.
    by : column names of the issues, sequence, list or mapping
        Groups; ``"channel"`` is the channel of the first contact.
    definition : {"no_return", "same_channel", "no_transfer", "any_reason"}
        What counts as solved at once; `cxm_core.engines.ISSUE_DEFINITIONS` tells each in words.
    window : str, timedelta or None
        How long after the first contact is looked forward: at most as long as contacts were put
        together within, unless ids or ``"any_reason"`` decide; None for the window of the issues.
    since : datetime or None
        Aware; only issues that were opened from here on. Give the start of the log plus the window,
        if what looks like a first contact may have been a second one.
    clusters : column name, sequence or None
        Issues that go together; those of one customer by default.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Interval of a share, as in `csat`.

    Returns
    -------
    Estimate or Breakdown
        Share from 0 to 1; a Breakdown if there are groups.

    Raises
    ------
    UsageError
        A column is not there, the definition is unknown, it needs the column ``transfers``, or the
        window is longer than that of the issues.

    Notes
    -----
    Only issues whose window is over count, whether or not the customer has come again already: to
    count the early returns of young issues, and not their later ones, would tell less than is true.
    Which contacts are one issue is taken as told; `sensitivity` shows what other windows would
    give, and `threading_quality` what the rule gets wrong where the truth is known.

    References
    ----------
    .. [1] Dixon, M., Toman, N. and DeLisi, R., The Effortless Experience, 2013, chapter 3.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(90)]
    >>> who = [n // 3 if n % 3 else 1000 + n for n in range(90)]
    >>> told = {"customer": who, "occurred_at": days, "channel": ["chat"] * 90}
    >>> cx.first_contact_resolution(cx.issues(told))
    Estimate(first_contact_resolution 50.0%, 95% interval 37.0% to 63.0%, n=56 [threaded] \
[open_windows])
    """
    chosen = definition_of(_FCR, definition)
    looking = Looking.of(issues, window, since)
    if chosen.name != _ANY:
        looking.check_returns(issues)
    rows = Rows(
        table=issues,
        at=stamps(issues.column("opened_at")),
        is_met=_SOLVED[chosen.name](issues, looking),
    )
    return share(
        rows,
        looking,
        chosen,
        by=by,
        clusters=clusters,
        confidence_level=confidence_level,
        method=method,
    )


@overload
def repeat_contact(issues: Issues, *, by: None = ..., **asked: Unpack[Asked]) -> Estimate: ...
@overload
def repeat_contact(issues: Issues, *, by: object, **asked: Unpack[Asked]) -> Breakdown: ...
def repeat_contact(
    issues: Issues,
    *,
    by: Any = None,
    definition: str = "contacts",
    window: str | timedelta | None = None,
    since: datetime | None = None,
    clusters: Any = "customer",
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Share of contacts after which the customer came again about the same issue.

    Parameters
    ----------
    issues : Issues
        What `cx.issues` made of contacts.
    by : column names, sequence, list or mapping
        Groups: columns of the contacts, or of the issues for the definition ``"issues"``.
    definition : {"contacts", "issues", "any_reason"}
        What is counted; `cxm_core.engines.ISSUE_DEFINITIONS` tells each in words.
    window : str, timedelta or None
        How long after each contact is looked forward: at most as long as contacts were put
        together within, unless ids or ``"any_reason"`` decide; None for the window of the issues.
    since : datetime or None
        Aware; only what began from here on.
    clusters : column name, sequence or None
        What goes together; contacts of one customer by default.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Interval of a share, as in `csat`.

    Returns
    -------
    Estimate or Breakdown
        Share from 0 to 1; a Breakdown if there are groups.

    Raises
    ------
    UsageError
        A column is not there, the definition is unknown, or the window is longer than that of the
        issues.

    Notes
    -----
    Only contacts whose window is over count, as in `first_contact_resolution`.

    References
    ----------
    .. [1] Dixon, M., Toman, N. and DeLisi, R., The Effortless Experience, 2013, chapter 3.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(90)]
    >>> who = [n // 3 if n % 3 else 1000 + n for n in range(90)]
    >>> told = {"customer": who, "occurred_at": days, "channel": ["chat"] * 90}
    >>> cx.repeat_contact(cx.issues(told), definition="issues").value
    0.5
    """
    chosen = definition_of(_REPEAT, definition)
    looking = Looking.of(issues, window, since)
    if chosen.name != _ANY:
        looking.check_returns(issues)
    is_issue = chosen.counts == "issues"
    table = issues if is_issue else issues.as_contacts()
    at = stamps(table.column("opened_at" if is_issue else "occurred_at"))
    following = {
        "contacts": lambda: stamps(table.column("next_at")),
        "issues": lambda: stamps(table.column("returned_at")),
        "any_reason": lambda: next_of_customer(issues),
    }[chosen.name]()
    rows = Rows(table=table, at=at, is_met=came_within(at, following, looking.window_us))
    return share(
        rows,
        looking,
        chosen,
        by=by,
        clusters=clusters,
        confidence_level=confidence_level,
        method=method,
    )


def _no_return(issues: Issues, looking: Looking) -> Mask:
    opened, second = (stamps(issues.column(name)) for name in ("opened_at", "returned_at"))
    return ~came_within(opened, second, looking.window_us)


def _same_channel(issues: Issues, looking: Looking) -> Mask:
    contacts = issues.contacts
    issue, place = (contacts.column(name).values for name in ("issue", "place"))
    at, channel = stamps(contacts.column("occurred_at")), contacts.column("channel").values
    first = np.flatnonzero(place == 1)[issue]
    again = (place > 1) & np.asarray(channel == channel[first], bool)
    again &= at - at[first] <= looking.window_us
    return np.asarray(np.bincount(issue[again], minlength=len(issues)) == 0, np.bool_)


def _no_transfer(issues: Issues, looking: Looking) -> Mask:
    if "transfers" not in issues.names:
        raise UsageError(
            "The contacts have no column 'transfers', and definition='no_transfer' needs it.",
            hint=did_you_mean("transfers", issues.names),
        )
    return np.asarray(
        _no_return(issues, looking) & (numbers_in(issues, "transfers") == 0), np.bool_
    )


def _any_reason(issues: Issues, looking: Looking) -> Mask:
    first = issues.contacts.column("place").values == 1
    opened = stamps(issues.column("opened_at"))
    return ~came_within(opened, next_of_customer(issues)[first], looking.window_us)


_SOLVED = {
    "no_return": _no_return,
    "same_channel": _same_channel,
    "no_transfer": _no_transfer,
    "any_reason": _any_reason,
}
