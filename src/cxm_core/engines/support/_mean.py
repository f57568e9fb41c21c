"""Mean time until a ticket is over, which many open tickets do not spoil."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Unpack, overload

import numpy as np

from cxm_core.columns import Waits
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Caveat, Estimate, Recipe
from cxm_core.stats import DurationTally, RestrictedMean, restricted_mean

from ._counted import told_length, window_of
from ._groups import Grouped, grouped
from ._resolution import Plain, Timed
from ._timed import Order, waits_between
from ._worth import worth_of_mean
from ._wrap import Result, caveats_of, receipt_of

_METRIC = "resolution_time"
_METHOD = "t"


@overload
def mean_resolution_time(
    tickets: object, *, within: str | timedelta | None = ..., by: None = ..., **asked: Unpack[Timed]
) -> Estimate: ...
@overload
def mean_resolution_time(
    tickets: object, *, within: str | timedelta | None = ..., by: object, **asked: Unpack[Timed]
) -> Breakdown: ...
def mean_resolution_time(
    tickets: object,
    *,
    within: str | timedelta | None = None,
    by: Any = None,
    definition: str = "full",
    **asked: Unpack[Plain],
) -> Result:
    """Mean time until a ticket is over, each counted up to a longest time at most.

    Parameters
    ----------
    tickets : table
        As for `resolution_time`.
    within : str, timedelta or None
        The longest time, such as ``"14d"``: what takes longer counts as that. It is needed for a
        definition that counts open tickets, for nobody knows how long these will take; a vendor's
        does without.
    by : column names, sequence, list or mapping
        Groups.
    definition : str
        As for `resolution_time`; with a vendor's it is the plain mean of what is over, as the
        vendor shows it.
    **asked
        Further keywords of `resolution_time`: `clusters`, `until`, `calendar`, `start`, `end`,
        `tz` and `confidence_level`.

    Returns
    -------
    Estimate or Breakdown
        Seconds; no value where nobody was watched up to `within`.

    Raises
    ------
    UsageError
        `within` is missing where it is needed, or is no length of time; and as `resolution_time`.

    Notes
    -----
    The area under the curve of Kaplan and Meier up to `within`. A ticket that ends in another way
    is over, too. The plain mean of closed tickets leaves the slow ones out, which are still open;
    this one does not.

    References
    ----------
    .. [1] Irwin, J., The standard error of an estimate of expectation of life, 1949, Journal of
       Hygiene 47, 188-189.
    .. [2] Royston, P. and Parmar, M., Restricted mean survival time, 2013, BMC Medical Research
       Methodology 13:152.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 40
    >>> solved = [at + timedelta(hours=i) for i, at in enumerate(opened[:30], start=1)]
    >>> frame = {"occurred_at": opened, "solved_at": solved + [None] * 10}
    >>> end = datetime(2026, 11, 4, 9, tzinfo=UTC)
    >>> round(cx.mean_resolution_time(frame, within="24h", until=end).value / 3600, 3)
    17.1
    """
    order = Order.of(_METRIC, definition, by=by, **asked)
    longest = window_of(within)
    if longest is None and not order.definition.ended_only:
        raise UsageError(
            "A mean that counts open tickets needs the longest time that it counts.",
            hint="within='14d'; or definition='hubspot' for the plain mean of what is closed",
        )
    waits = waits_between(tickets, order)
    found = _means(grouped(waits, by, order.clusters), waits, order, longest)
    return found.with_receipt(**order.definition.facts)


def _means(parts: Grouped, waits: Waits, order: Order, longest: timedelta | None) -> Result:
    means = [_mean(tally, longest, parts.step) for tally in parts.tallies]
    n = [tally.total for tally in parts.tallies]
    worths = [_worth(tally, longest, parts.step) for tally in parts.tallies]
    recipe = Recipe(
        method=_METHOD,
        inputs={
            "value": np.array([mean.value for mean in means]) * parts.step,
            "standard_error": np.array([mean.standard_error for mean in means]) * parts.step,
            "df": np.array([mean.df for mean in means]),
            "n": np.array(n) * np.array(worths),
        },
        constants={"least": np.zeros(1)},
    )
    low, high = recipe.interval(order.confidence_level)
    reached = [bool(np.isfinite(mean.value)) for mean in means]
    receipt = receipt_of(waits, parts, order.asked)
    broken_down = Breakdown(
        metric=f"mean_{_METRIC}",
        axes=parts.axes,
        labels=parts.labels,
        value=recipe.inputs["value"],
        low=low,
        high=high,
        confidence_level=order.confidence_level,
        method=_METHOD,
        standard_error=recipe.inputs["standard_error"],
        n=n,
        effective_n=recipe.inputs["n"],
        unit=order.asked.unit,
        group_caveats=tuple(
            (
                *caveats_of(waits, parts, place, is_reached=reached[place], worth=worths[place]),
                *_other_ends(int(parts.ends[place, 2])),
            )
            for place in range(len(n))
        ),
        receipt=receipt,
        recipe=recipe,
    )
    told = {
        "engine": f"mean_{_METRIC}",
        "method": f"restricted mean, {_METHOD}",
        "parameters": (*receipt.parameters, *told_length(longest, "within")),
    }
    return (broken_down if parts.axes else broken_down[()]).with_receipt(**told)


def _other_ends(count: int) -> tuple[Caveat, ...]:
    """Say that the median waits for a solution where the mean does not."""
    return (Caveat.of("other_ends", count=count),) if count else ()


def _is_nought(tally: DurationTally, longest: timedelta | None) -> bool:
    """Whether there is nothing, or nothing that took any time."""
    return not tally.total or (longest is None and tally.last <= 0)


def _worth(tally: DurationTally, longest: timedelta | None, step: float) -> float:
    return 1.0 if _is_nought(tally, longest) else worth_of_mean(tally, longest, step)


def _mean(tally: DurationTally, longest: timedelta | None, step: float) -> RestrictedMean:
    if _is_nought(tally, longest):
        return RestrictedMean(0.0 if tally.total else np.nan, np.nan, np.inf, np.nan)
    until = None if longest is None else longest.total_seconds() / step
    return restricted_mean(tally, until=until)
