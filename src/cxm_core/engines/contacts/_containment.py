"""What bots and self-service settle by themselves, with a look at who came back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Unpack, overload

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Estimate

from ._burdens import numbers_in
from ._definitions import definition_of
from ._issues import Issues
from ._looking import Looking, Result, Rows, share, stamps
from ._returns import Asked

Mask = NDArray[np.bool_]

_ALONE = ("bot", "self_service")
_CONTAINMENT = "containment"


@overload
def containment(issues: Issues, *, by: None = ..., **asked: Unpack[Asked]) -> Estimate: ...
@overload
def containment(issues: Issues, *, by: object, **asked: Unpack[Asked]) -> Breakdown: ...
def containment(
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
    """Share of issues begun with a bot or in self-service that stayed there for good.

    Parameters
    ----------
    issues : Issues
        What `cx.issues` made of contacts that have a column ``actor``, with ``human``, ``bot``,
        ``self_service`` or another word; and ``transfers``, if it is known who was handed on.
    by : column names of the issues, sequence, list or mapping
        Groups; ``"actor"`` tells bots from self-service.
    definition : {"no_return", "no_human", "in_session"}
        What counts as contained; `cxm_core.engines.ISSUE_DEFINITIONS` tells each in words.
    window : str, timedelta or None
        How long the customer has to come back; None for the window of the issues.
    since : datetime or None
        Aware; only issues that were opened from here on.
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
        The contacts have no column ``actor``, the definition is unknown, or the window is longer
        than that of the issues.

    Notes
    -----
    A customer who gave up looks contained. The definition ``"in_session"`` is how most bots count
    themselves; the difference to ``"no_return"`` are those who came again.

    References
    ----------
    .. [1] Dixon, M., Toman, N. and DeLisi, R., The Effortless Experience, 2013, chapter 2.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(90)]
    >>> told = {
    ...     "customer": [n // 3 if n % 3 else 1000 + n for n in range(90)],
    ...     "occurred_at": days,
    ...     "channel": ["app"] * 90,
    ...     "actor": ["bot", "bot", "human"] * 30,
    ... }
    >>> found = cx.issues(told)
    >>> cx.containment(found).value, cx.containment(found, definition="in_session").value
    (0.5, 1.0)
    """
    chosen = definition_of(_CONTAINMENT, definition)
    looking = Looking.of(issues, window, since)
    if chosen.name == "in_session":
        looking = evolve(looking, window_us=0)
    looking.check_returns(issues)
    words = _actors(issues)
    first = issues.contacts.column("place").values == 1
    stayed = ~_seen_by_another(issues, words, looking, chosen.name)
    rows = Rows(
        table=issues,
        at=stamps(issues.column("opened_at")),
        is_met=stayed & ~_handed_on(issues),
        is_asked=np.isin(words[first], _ALONE),
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


def _actors(issues: Issues) -> NDArray[np.str_]:
    """Who acted in each contact; an empty word where nobody says."""
    if "actor" not in issues.contacts.names:
        raise UsageError(
            "The contacts have no column 'actor', which says who answered them.",
            hint="'human', 'bot' or 'self_service' for each contact",
        )
    column = issues.contacts.column("actor")
    return np.where(column.is_missing, "", column.values.astype(str))


def _seen_by_another(issues: Issues, words: NDArray[np.str_], looking: Looking, name: str) -> Mask:
    """Issues with a further contact within the window that ends their containment."""
    contacts = issues.contacts
    issue, place = (contacts.column(part).values for part in ("issue", "place"))
    at = stamps(contacts.column("occurred_at"))
    again = (place > 1) & (at - at[np.flatnonzero(place == 1)[issue]] <= looking.window_us)
    if name == "in_session":
        return np.zeros(len(issues), bool)
    counts = again & ~np.isin(words, _ALONE) if name == "no_human" else again
    return np.bincount(issue[counts], minlength=len(issues)) > 0


def _handed_on(issues: Issues) -> Mask:
    """Issues of which the first contact was handed to somebody."""
    if "transfers" not in issues.names:
        return np.zeros(len(issues), bool)
    return np.asarray(numbers_in(issues, "transfers") > 0, np.bool_)
