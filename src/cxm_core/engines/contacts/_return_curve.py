"""When customers come again, seen to the end of the log and not only where the window is over."""

from __future__ import annotations

import numpy as np

from cxm_core.results import Caveat, Curve, Receipt, check_level
from cxm_core.stats import DurationTally, kaplan_meier

from ._issues import Issues
from ._looking import Looking, stamps

_METHOD = "log-log"
_SECOND = 1e6
_SMALL_N = 30


def return_curve(issues: Issues, *, confidence_level: float = 0.95) -> Curve:
    """Share of issues for which the customer has come again, by the time since the first contact.

    Parameters
    ----------
    issues : Issues
        What `cx.issues` made of contacts.
    confidence_level : float in (0, 1)
        Nominal coverage at each time.

    Returns
    -------
    Curve
        Grows with the time since the first contact, in seconds; ``curve.at(7 * 86400)`` is the
        share within seven days.

    Raises
    ------
    UsageError
        This is not what `cx.issues` gives, or the level is not in (0, 1).

    Notes
    -----
    Kaplan and Meier's estimate: an issue counts for as long as the log tells of it, so that no
    young issue has to be left out. `first_contact_resolution` is one less this share at the window,
    and takes fewer issues. Issues of one customer go together in the error.

    References
    ----------
    .. [1] Kaplan, E. and Meier, P., Nonparametric estimation from incomplete observations, 1958,
       Journal of the American Statistical Association 53, 457-481.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(90)]
    >>> who = [n // 3 if n % 3 else 1000 + n for n in range(90)]
    >>> told = {"customer": who, "occurred_at": days, "channel": ["chat"] * 90}
    >>> cx.return_curve(cx.issues(told)).at(86_400).value
    0.5
    """
    check_level(confidence_level)
    looking = Looking.of(issues, None)
    opened, second = (stamps(issues.column(name)) for name in ("opened_at", "returned_at"))
    came = ~issues.column("returned_at").is_missing
    lasted = np.where(came, second, looking.until_us) - opened
    first = issues.contacts.column("place").values == 1
    tally = DurationTally.of(lasted, event_observed=came, cluster=issues.who[first])
    found = kaplan_meier(tally)
    low, high = found.limits(confidence_level=confidence_level, method=_METHOD)
    return Curve(
        metric="return_curve",
        kind="incidence",
        times=found.times / _SECOND,
        value=1.0 - found.value,
        low=1.0 - high,
        high=1.0 - low,
        at_risk=found.at_risk,
        events=found.events,
        until=float(lasted.max(initial=0)) / _SECOND,
        n=len(issues),
        confidence_level=confidence_level,
        method=_METHOD,
        unit="seconds",
        caveats=_caveats(issues),
        receipt=Receipt(
            engine="return_curve",
            method=_METHOD,
            confidence_level=confidence_level,
            parameters=issues.parameters,
            design=("clusters",),
            steps=(*issues.steps, ("issues", len(issues)), ("came again", int(came.sum()))),
            exclusions=issues.exclusions,
            counted="issues",
        ),
    )


def _caveats(issues: Issues) -> tuple[Caveat, ...]:
    told = {
        "nothing_counted": not len(issues),
        "small_n": 0 < len(issues) < _SMALL_N,
    }
    said = [Caveat.of(code) for code, holds in told.items() if holds]
    return (*said, *(Caveat.of(code, count=count) for code, count in issues.notes))
