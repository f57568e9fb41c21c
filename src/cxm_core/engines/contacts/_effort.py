"""The repeat-it-again tax: what customers go through until a matter is settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.results import Panel, Receipt, check_level
from cxm_core.vocabulary import Money, minor_digits, takes

from ._burdens import burdens
from ._issues import Issues
from ._looking import Looking
from ._means import Mean, mean_of
from ._span import shown_span

Floats = NDArray[np.float64]

_HOUR: Final = 3_600.0
_UNITS: Final = {"wait": "seconds", "active": "seconds", "handling": "seconds"}


@frozen(kw_only=True)
class EffortCosts:
    """What an hour is worth, to both sides.

    Parameters
    ----------
    customer_hour : Money or None
        Value of an hour of a customer's own time; None leaves the customers' side out.
    staff_hour : Money or None
        Cost of an hour of the staff's work; None leaves the own side out.

    Examples
    --------
    >>> EffortCosts(staff_hour=Money(4500, "EUR")).customer_hour is None
    True
    """

    customer_hour: Money | None = None
    staff_hour: Money | None = None


@takes(told_again="number", costs=EffortCosts | None)
def effort(
    issues: Issues,
    *,
    by: Any = None,
    horizon: str | timedelta = "28d",
    since: datetime | None = None,
    told_again: float = 0.5,
    costs: EffortCosts | None = None,
    clusters: Any = "customer",
    confidence_level: float = 0.95,
) -> Panel:
    """What customers went through for one issue, over all its contacts and channels.

    Parameters
    ----------
    issues : Issues
        What `cx.issues` made of contacts. Of these columns of the contacts those count that are
        there: ``transfers`` and ``authentications`` (how often the customer was handed on, and had
        to say who it is), ``wait_s`` and ``active_s`` (seconds that the customer waited, and was
        busy), ``handle_s`` (seconds of the staff's work).
    by : column names of the issues, sequence, list or mapping
        Groups.
    horizon : str or timedelta
        Contacts count that come within this time after the first one.
    since : datetime or None
        Aware; only issues that were opened from here on.
    told_again : float in (0, 1]
        Share of the shorter text from which a contact's first words tell again what an earlier
        contact of the issue has told; needs issues that were made with `text`.
    costs : EffortCosts or None
        What an hour is worth; None for no money.
    clusters : column name, sequence or None
        Issues that go together; those of one customer by default.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval.

    Returns
    -------
    Panel
        Means per issue, each an Estimate or a Breakdown: ``contacts``, ``switches`` of the channel,
        and, where they are recorded, ``transfers``, ``re_authentications``, ``re_explanations``,
        ``wait``, ``active`` and ``handling`` (seconds), ``customer_cost`` and ``own_cost``.

    Raises
    ------
    UsageError
        A setting is out of range, or a column that should hold numbers does not.

    Notes
    -----
    There is no index that adds them up: nobody knows how many transfers a repeat is worth. Where
    customers answered how easy it was, `effort_map` learns it from them.
    An issue counts in a figure if its horizon is over and every contact of it records the figure;
    the receipt counts the others. Time that no source records is not guessed.

    References
    ----------
    .. [1] Dixon, M., Freeman, K. and Toman, N., Stop Trying to Delight Your Customers, 2010,
       Harvard Business Review 88(7).

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> told = {
    ...     "customer": [n // 3 if n % 3 else 1000 + n for n in range(90)],
    ...     "occurred_at": [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(n) for n in range(90)],
    ...     "channel": ["chat", "chat", "phone"] * 30,
    ...     "wait_s": [60, 60, 600] * 30,
    ... }
    >>> panel = cx.effort(cx.issues(told))
    >>> panel["contacts"].value, panel["switches"].value, panel["wait"].unit
    (1.5, 0.5, 'seconds')
    """
    check_level(confidence_level)
    if not 0 < told_again <= 1:
        raise UsageError(f"told_again={told_again!r} is no share.", hint="told_again=0.5")
    looking = Looking.of(issues, horizon, since)
    found = burdens(issues, looking, told_again)
    rule = [("horizon", shown_span(looking.window_us)), ("told again", f"{told_again:g}")]
    table = evolve(issues, parameters=(*issues.parameters, *rule[: 1 + _has_words(issues)]))
    means = [Mean(metric=name, values=values, unit=_unit(name)) for name, values in found.items()]
    asked = {"by": by, "clusters": clusters, "confidence_level": confidence_level}
    parts: dict[str, Any] = {
        mean.metric: mean_of(table, mean, looking, **asked)
        for mean in [*means, *_money(found, costs or EffortCosts())]
    }
    return Panel(metric="effort", parts=parts, receipt=_receipt(parts))


def _unit(name: str) -> str:
    return _UNITS.get(name, f"{name.replace('_', '-')} per issue")


def _has_words(issues: Issues) -> bool:
    return issues.words is not None


def _receipt(parts: Mapping[str, Any]) -> Receipt:
    """Receipt of the contacts, which every issue records."""
    receipt: Receipt = parts["contacts"].receipt
    return evolve(receipt, engine="effort")


def _money(found: Mapping[str, Floats], costs: EffortCosts) -> list[Mean]:
    """Cost of an issue to both sides, where the time and its price are known."""
    times = [found[name] for name in ("wait", "active") if name in found]
    sides = {
        "customer_cost": (costs.customer_hour, np.sum(times, axis=0) if times else None),
        "own_cost": (costs.staff_hour, found.get("handling")),
    }
    return [
        Mean(metric=name, values=seconds / _HOUR * _major(price), unit=price.currency)
        for name, (price, seconds) in sides.items()
        if price is not None and seconds is not None
    ]


def _major(price: Money) -> float:
    """An amount in the currency's usual unit."""
    return float(price.amount_minor / 10 ** minor_digits(price.currency))
