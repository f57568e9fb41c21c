"""When customers come again, seen to the end of the log and not only where the window is over."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, Design, LogTable, group_places, read_measures
from cxm_core.results import Caveat, Curve, Panel, Receipt, check_level
from cxm_core.stats import DurationTally, kaplan_meier

from ._issues import Issues
from ._looking import Looking, stamps

_METRIC = "return_curve"
_METHOD = "log-log"
_CAME = "@came_again"
_SECOND = 1e6
_SMALL_N = 30


@overload
def return_curve(issues: Issues, *, by: None = ..., confidence_level: float = ...) -> Curve: ...
@overload
def return_curve(issues: Issues, *, by: object, confidence_level: float = ...) -> Panel: ...
def return_curve(
    issues: Issues, *, by: Any = None, confidence_level: float = 0.95
) -> Curve | Panel:
    """Share of issues for which the customer has come again, by the time since the first contact.

    Parameters
    ----------
    issues : Issues
        What `cx.issues` made of contacts.
    by : column names, sequence, list or mapping
        Groups, such as ``"channel"``, which is that of the first contact.
    confidence_level : float in (0, 1)
        Nominal coverage at each time.

    Returns
    -------
    Curve or Panel
        Grows with the time since the first contact, in seconds; ``curve.at(7 * 86400)`` is the
        share within seven days. A Panel with a Curve for each group.

    Raises
    ------
    UsageError
        This is not what `cx.issues` gives, there is no such column, or the level is not in (0, 1).

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
    seen = _Seen.of(issues, by)
    receipt = _receipt(issues, int(seen.came.sum()), confidence_level)
    curves = [seen.curve(place, receipt) for place in range(len(seen.groups))]
    if not seen.axes:
        return curves[0]
    names = [
        ", ".join("(missing)" if label is None else str(label) for label in group)
        for group in seen.groups
    ]
    parts: dict[str, Any] = dict(zip(names, curves, strict=True))
    return Panel(metric=_METRIC, parts=parts, receipt=receipt)


@frozen(kw_only=True, eq=False)
class _Seen:
    """How long each issue was seen, until the customer came again or the log ended."""

    lasted: NDArray[np.int64]
    came: NDArray[np.bool_]
    who: NDArray[np.int64]
    places: NDArray[np.int64]
    axes: tuple[str, ...]
    groups: tuple[tuple[Any, ...], ...]
    notes: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, issues: Issues, by: Any) -> _Seen:
        until = Looking.of(issues, None).until_us
        opened, second = (stamps(issues.column(name)) for name in ("opened_at", "returned_at"))
        came = ~issues.column("returned_at").is_missing
        column = Column(values=came.astype(np.int64), is_missing=np.zeros(came.size, np.bool_))
        table = LogTable(columns={**issues.columns, _CAME: column})
        axes = read_measures(table, _CAME, design=Design(by=by)).axes
        groups, places = group_places(axes, len(issues))
        return cls(
            lasted=np.where(came, second, until) - opened,
            came=came,
            who=issues.who[issues.contacts.column("place").values == 1],
            places=places,
            axes=tuple(axis.name for axis in axes),
            groups=groups,
            notes=issues.notes,
        )

    def curve(self, place: int, receipt: Receipt) -> Curve:
        """Share of a group that came again, time after time."""
        here = self.places == place
        lasted = self.lasted[here]
        tally = DurationTally.of(lasted, event_observed=self.came[here], cluster=self.who[here])
        found = kaplan_meier(tally)
        level = receipt.confidence_level
        low, high = found.limits(confidence_level=level, method=_METHOD)
        return Curve(
            metric=_METRIC,
            kind="incidence",
            times=found.times / _SECOND,
            value=1.0 - found.value,
            low=1.0 - high,
            high=1.0 - low,
            at_risk=found.at_risk,
            events=found.events,
            until=float(lasted.max(initial=0)) / _SECOND,
            n=lasted.size,
            confidence_level=level,
            method=_METHOD,
            unit="seconds",
            caveats=_caveats(lasted.size, self.notes),
            receipt=receipt,
            axes=self.axes,
            group=self.groups[place],
        )


def _receipt(issues: Issues, came: int, confidence_level: float) -> Receipt:
    return Receipt(
        engine=_METRIC,
        method=_METHOD,
        confidence_level=confidence_level,
        parameters=issues.parameters,
        design=("clusters",),
        steps=(*issues.steps, ("issues", len(issues)), ("came again", came)),
        exclusions=issues.exclusions,
        counted="issues",
    )


def _caveats(n: int, notes: tuple[tuple[str, int], ...]) -> tuple[Caveat, ...]:
    told = {"nothing_counted": not n, "small_n": 0 < n < _SMALL_N}
    said = [Caveat.of(code) for code, holds in told.items() if holds]
    return (*said, *(Caveat.of(code, count=count) for code, count in notes))
