"""Durations of groups as results: a quantile of the curve that counts what is not over yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, frozen

from cxm_core.columns import Waits
from cxm_core.results import Breakdown, Caveat, Curve, Estimate, Panel, Receipt, TimeRecipe
from cxm_core.stats import DurationTally, TimeCurve

from ._groups import Grouped
from ._worth import curve_of, worth_at

Result: TypeAlias = Estimate | Breakdown

_SECONDS, _OPEN_SECONDS = "seconds", "open seconds"
_SMALL_N = 30
_FEW_CLUSTERS = 15
_HALF = 0.5
_ENDS = ("still open", "over", "ended otherwise")
_WEIGHTED = "inverse probability of being seen"
_SURVIVAL, _INCIDENCE = "kaplan_meier", "aalen_johansen"


@frozen(kw_only=True)
class Asked:
    """What a figure about times is called, and what it was told.

    Parameters
    ----------
    metric : str
        Name of the metric.
    confidence_level : float in (0, 1)
        Nominal coverage.
    parameters : tuple of (str, str)
        For the receipt, behind the rule of the table.
    method : str
        Scale of the limits: ``log-log``, ``log`` or ``plain``.
    is_open_time : bool
        Whether only the hours of a calendar count.
    """

    metric: str
    confidence_level: float = 0.95
    parameters: tuple[tuple[str, str], ...] = ()
    method: str = "log-log"
    is_open_time: bool = False

    @property
    def unit(self) -> str:
        """Unit of the figure: a day of open time is no day."""
        return _OPEN_SECONDS if self.is_open_time else _SECONDS


def is_competing(tallies: Iterable[DurationTally]) -> bool:
    """Whether any ended in another way."""
    return any(tally.n_causes > 1 for tally in tallies)


def method_of(parts: Grouped, asked: Asked) -> str:
    """Name of the estimator and of its limits."""
    if parts.is_weighted:
        return f"{_WEIGHTED}, {asked.method}"
    return f"{_INCIDENCE if is_competing(parts.tallies) else _SURVIVAL}, {asked.method}"


def receipt_of(waits: Waits, parts: Grouped, asked: Asked) -> Receipt:
    """How a figure about times came about."""
    table = waits.table
    return Receipt(
        engine=asked.metric,
        method=method_of(parts, asked),
        confidence_level=asked.confidence_level,
        parameters=(*table.parameters, *told_end(waits), *asked.parameters),
        counted="tickets",
        design=["clusters"] if parts.clusters else [],
        steps=(
            *table.steps,
            ("tickets", len(table)),
            ("counted", int(parts.n.sum())),
            *_ends(parts),
        ),
        exclusions=(*table.exclusions, *waits.exclusions),
    )


def told_end(waits: Waits) -> tuple[tuple[str, str], ...]:
    """End of what is known, where the rule of the table does not tell it."""
    told = dict(waits.table.parameters)
    return () if "until" in told else (("until", str(np.datetime64(waits.until, "us"))),)


def _ends(parts: Grouped) -> tuple[tuple[str, int], ...]:
    """How many are over, in which way."""
    counts = parts.ends.sum(axis=0).tolist()
    return tuple((name, count) for name, count in zip(_ENDS, counts, strict=True) if count)


def caveats_of(
    waits: Waits, parts: Grouped, place: int, *, is_reached: bool = True, worth: float = 1.0
) -> tuple[Caveat, ...]:
    """Say what to know of one group's figure, which is `worth` a part of its tickets."""
    tally = parts.tallies[place]
    notes = tuple(Caveat.of(code, count=count) for code, count in waits.table.notes)
    n, still = int(parts.n[place]), int(parts.ends[place, 0])
    if not n:
        return (Caveat.of("nothing_counted"), *notes)
    told = {
        "small_n": n < _SMALL_N,
        "few_clusters": (tally.n_clusters or _FEW_CLUSTERS) < _FEW_CLUSTERS,
        "design_effect": worth < _HALF,
        "still_open": still > 0 and not parts.is_weighted,
        "stood_for": still > 0 and parts.is_weighted,
        "not_reached": not is_reached,
        "one_group_only": bool(parts.axes) and len(parts.labels) == 1,
    }
    counts = {"still_open": still, "stood_for": still}
    found = (Caveat.of(code, count=counts.get(code)) for code, holds in told.items() if holds)
    return (*found, *notes)


def quantile_of(waits: Waits, parts: Grouped, asked: Asked, *, q: float = 0.5) -> Result:
    """Time by which a share `q` of the tickets of each group is over."""
    recipe, worths = time_recipe(parts, asked, q=q)
    value, (low, high) = recipe.times * parts.step, recipe.interval(asked.confidence_level)
    n = parts.n
    reached = np.asarray(np.isfinite([value, low, high]).all(axis=0))
    broken_down = Breakdown(
        metric=asked.metric,
        axes=parts.axes,
        labels=parts.labels,
        value=value,
        low=low,
        high=high,
        confidence_level=asked.confidence_level,
        method=method_of(parts, asked),
        standard_error=np.full(len(n), np.nan),
        n=n,
        effective_n=recipe.n,
        unit=asked.unit,
        group_caveats=tuple(
            caveats_of(waits, parts, place, is_reached=bool(reached[place]), worth=worths[place])
            for place in range(len(n))
        ),
        receipt=receipt_of(waits, parts, asked),
        recipe=recipe,
    )
    return broken_down if parts.axes else broken_down[()]


def time_recipe(parts: Grouped, asked: Asked, *, q: float) -> tuple[TimeRecipe, list[float]]:
    """What the time of each group has its limits from, and what part of its tickets it is worth."""
    recipe = TimeRecipe.of(
        map(curve_of, parts.tallies),
        q=q,
        n=parts.n,
        method=asked.method,
        step=parts.step,
        confidence_level=asked.confidence_level,
    )
    worths = [worth_at(one, at) for one, at in zip(parts.tallies, recipe.times, strict=True)]
    return evolve(recipe, n=parts.n * np.array(worths)), worths


def curves_of(waits: Waits, parts: Grouped, asked: Asked) -> Curve | Panel:
    """Share over time of each group."""
    receipt = receipt_of(waits, parts, asked)
    curves = [
        curve_shape(curve_of(tally), (waits, parts, asked, receipt), place=place)
        for place, tally in enumerate(parts.tallies)
    ]
    if not parts.axes:
        return curves[0]
    named: dict[str, Any] = dict(zip(group_names(parts), curves, strict=True))
    return Panel(metric=asked.metric, parts=named, receipt=receipt)


def group_names(parts: Grouped) -> list[str]:
    """What each group is called; nothing where there is but one."""
    return [", ".join("(missing)" if v is None else str(v) for v in g) for g in parts.labels]


def curve_shape(
    found: TimeCurve, made: tuple[Waits, Grouped, Asked, Receipt], *, place: int = 0
) -> Curve:
    """A curve of one group as a result."""
    waits, parts, asked, receipt = made
    low, high = found.limits(confidence_level=asked.confidence_level, method=asked.method)
    return Curve(
        metric=asked.metric,
        kind=found.kind,
        times=found.times * parts.step,
        value=found.value,
        low=low,
        high=high,
        at_risk=found.at_risk,
        events=found.events,
        until=found.last * parts.step if found.n else 0.0,
        n=found.n,
        confidence_level=asked.confidence_level,
        method=receipt.method,
        unit=asked.unit,
        caveats=caveats_of(waits, parts, place),
        receipt=receipt,
        axes=parts.axes,
        group=parts.labels[place],
    )
