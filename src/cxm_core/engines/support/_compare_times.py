"""Whether one group of tickets takes longer than another, and by how much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Unpack

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Waits
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Breakdown, Caveat, Recipe
from cxm_core.stats import (
    DurationTally,
    adjust_p,
    log_rank,
    restricted_mean,
)
from cxm_core.vocabulary import takes

from ._counted import told_length, window_of
from ._gap_recipe import Floats, GapRecipe
from ._groups import Grouped, grouped
from ._resolution import Plain
from ._timed import Order, waits_between
from ._worth import worth_of_mean
from ._wrap import caveats_of, receipt_of, time_recipe

_ENGINE = "compare_times"
_METRICS = ("resolution_time", "first_reply_time")
_USUAL = {"resolution_time": "full", "first_reply_time": "human"}


@frozen(kw_only=True)
class _What:
    """What is compared: a quantile, or the mean up to a longest time."""

    q: float
    longest: timedelta | None
    order: Order


@takes(metric="text", against="name?")
def compare_times(
    tickets: object,
    *,
    by: Any,
    against: object = None,
    metric: str = "resolution_time",
    q: float = 0.5,
    within: str | timedelta | None = None,
    definition: str | None = None,
    **asked: Unpack[Plain],
) -> Breakdown:
    """How much longer tickets of each group take than those of one group, open ones included.

    Parameters
    ----------
    tickets : table
        As for `resolution_time`.
    by : column name or sequence
        The groups, along one axis, such as ``"channel"``.
    against : label or None
        The group that the others are compared with; None for the largest.
    metric : {"resolution_time", "first_reply_time"}
        What is timed.
    q : float in (0, 1)
        Quantile whose difference is told; 0.5 is the median.
    within : str, timedelta or None
        Tell the difference of mean times up to this longest one instead, such as ``"14d"``.
    definition : str or None
        As for the metric; None for ours.
    **asked
        Further keywords of `resolution_time`: `clusters`, `until`, `calendar`, `start`, `end`,
        `tz`, `confidence_level` and `method`.

    Returns
    -------
    Breakdown
        Seconds that each group takes more than the one it is compared with, which `metric` names;
        `n_all` counts the tickets of both. `figures` has the
        ``p_value`` of the log-rank test of the two, and ``p_adjusted`` by Holm's method over all
        groups. The test of all groups at once stands in the receipt.

    Raises
    ------
    UsageError
        There are fewer than two groups or more than one axis, there is no group `against`, or as
        the metric raises.

    Notes
    -----
    The limits of a difference of quantiles come from those of the two (Zou and Donner); a limit is
    missing where one that it rests on is not reached. The test is of the curves as a whole, so that
    it may see what the medians do not, and the other way round. Other ends than the one in question
    stand in its way in the quantiles, and count as over in the test and the mean.

    References
    ----------
    .. [1] Mantel, N., Evaluation of survival data, 1966, Cancer Chemotherapy Reports 50, 163-170.
    .. [2] Zou, G. and Donner, A., Construction of confidence limits about effect measures, 2008,
       Statistics in Medicine 27, 1693-1702.
    .. [3] Holm, S., A simple sequentially rejective multiple test procedure, 1979, Scandinavian
       Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 80
    >>> hours = [*range(1, 41), *range(11, 51)]
    >>> frame = {"channel": ["chat"] * 40 + ["email"] * 40, "occurred_at": opened,
    ...          "solved_at": [at + timedelta(hours=h) for at, h in zip(opened, hours)]}
    >>> cx.compare_times(frame, by="channel", against="chat")["email"].value / 3600
    10.0
    """
    if metric not in _METRICS:
        raise UsageError(f"There is no time {metric!r}.", hint=did_you_mean(metric, _METRICS))
    order = Order.of(metric, _USUAL[metric] if definition is None else definition, by=by, **asked)
    waits = waits_between(tickets, order)
    parts = grouped(waits, by, order.clusters)
    place = _reference(parts, against)
    what = _What(q=q, longest=window_of(within), order=order)
    return _broken_down(waits, parts, place, what)


def _reference(parts: Grouped, against: object) -> int:
    """Place of the group that the others are compared with."""
    if len(parts.axes) != 1 or len(parts.labels) < 2:
        raise UsageError(
            f"{len(parts.labels)} groups along {len(parts.axes)} axes cannot be compared.",
            hint="by='channel', with two labels at least",
        )
    labels = [label for (label,) in parts.labels]
    if against is None:
        return int(np.argmax([tally.total for tally in parts.tallies]))
    if against not in labels:
        raise UsageError(
            f"There is no group {against!r} among {len(labels)}.",
            hint="without against= the largest group is taken, and .groups lists the others",
        )
    return labels.index(against)


def _broken_down(waits: Waits, parts: Grouped, place: int, what: _What) -> Breakdown:
    others = [i for i in range(len(parts.labels)) if i != place]
    base = parts.tallies[place]
    level = what.order.confidence_level
    find = _times if what.longest is None else _means
    value, recipe = find(parts, place, what)
    low, high = recipe.interval(level)
    p = np.array([_p_value(parts.tallies[i], base) for i in others])
    n = [parts.tallies[i].total for i in others]
    reached = np.asarray(np.isfinite([value, low, high]).all(axis=0))
    receipt = receipt_of(waits, parts, evolve(what.order.asked, metric=_ENGINE))
    method = "time difference, log-rank" if what.longest is None else "welch, log-rank"
    told = (
        *receipt.parameters,
        *_told(what),
        ("against", parts.labels[place][0]),
        *_overall(parts),
    )
    return Breakdown(
        metric=f"difference of {what.order.definition.metric} from {_name(parts, place)}",
        axes=parts.axes,
        labels=tuple(parts.labels[i] for i in others),
        value=value,
        low=low,
        high=high,
        confidence_level=level,
        method=method,
        standard_error=np.full(len(n), np.nan),
        n=n,
        effective_n=recipe.sizes(level),
        unit=what.order.asked.unit,
        group_caveats=tuple(
            _caveats(waits, parts, i, is_reached=bool(is_reached), size=size)
            for i, is_reached, size in zip(others, reached, recipe.sizes(level), strict=True)
        ),
        receipt=evolve(receipt, method=method, parameters=told),
        recipe=recipe,
        figures={"p_value": p, "p_adjusted": _adjusted(p)},
        n_all=base.total + sum(n),
    ).with_receipt(**what.order.definition.facts)


def _name(parts: Grouped, place: int) -> str:
    label = parts.labels[place][0]
    return "(missing)" if label is None else str(label)


def _caveats(
    waits: Waits, parts: Grouped, place: int, *, is_reached: bool, size: float
) -> tuple[Caveat, ...]:
    worth = float(size) / max(parts.tallies[place].total, 1)
    own = caveats_of(waits, parts, place, is_reached=is_reached, worth=worth)
    # One group is what the others are compared with.
    return (*own, Caveat.of("one_by_one")) if len(parts.labels) > 2 else own


def _told(what: _What) -> tuple[tuple[str, object], ...]:
    if what.longest is None:
        return (("q", f"{what.q:g}"),)
    return told_length(what.longest, "within")


def _overall(parts: Grouped) -> tuple[tuple[str, object], ...]:
    """The test of all groups at once."""
    test = log_rank(parts.tallies)
    return (("log-rank", f"chi-squared {test.statistic:.4g}, df {test.df}, p {test.p_value:.3g}"),)


def _times(parts: Grouped, place: int, what: _What) -> tuple[Floats, GapRecipe]:
    """Differences of the times by which a share is over."""
    times, _ = time_recipe(parts, what.order.asked, q=what.q)
    recipe = GapRecipe.of(times, base=place)
    return recipe.value, recipe


def _means(parts: Grouped, place: int, what: _What) -> tuple[Floats, Recipe]:
    """Differences of the means up to a longest time."""
    horizon = (what.longest or timedelta()).total_seconds() / parts.step
    means = [restricted_mean(tally, until=horizon) for tally in parts.tallies]
    worths = [worth_of_mean(tally, what.longest, parts.step) for tally in parts.tallies]
    n = parts.n * np.array(worths)
    of_all = {
        "value": np.array([mean.value for mean in means]) * parts.step,
        "standard_error": np.array([mean.standard_error for mean in means]) * parts.step,
        "df": np.array([mean.df for mean in means]),
    }
    inputs = {name: np.delete(numbers, place) for name, numbers in {**of_all, "n": n}.items()}
    base = zip(("other", "other_error", "other_df"), of_all.values(), strict=True)
    inputs |= {name: np.full(len(n) - 1, numbers[place]) for name, numbers in base}
    return inputs["value"] - inputs["other"], Recipe(method="welch", inputs=inputs)


def _p_value(one: DurationTally, base: DurationTally) -> float:
    return log_rank([one, base]).p_value


def _adjusted(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Holm's over the tests that could be made."""
    known = np.isfinite(p)
    found = np.full(p.size, np.nan)
    found[known] = adjust_p(p[known], method="holm")
    return found
