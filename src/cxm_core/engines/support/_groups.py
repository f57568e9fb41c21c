"""Rows of a table of tickets in their groups, with what ties them together."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import (
    Column,
    Design,
    LogTable,
    Measures,
    Waits,
    group_places,
    read_measures,
)
from cxm_core.stats import DurationTally, kaplan_meier

_WHAT, _HOW = "@took", "@ended"
_SECOND = 1_000_000
_ROUNDING = 1e-9
# Codes of this kind are put in order without comparing them.
_SHORT = np.int16
_NOBODY = np.iinfo(np.int64).min


@frozen(kw_only=True, eq=False)
class Grouped:
    """Durations of every group.

    Parameters
    ----------
    axes : tuple of str
        What the groups are made of.
    labels : tuple of tuples
        One label an axis for each group.
    tallies : tuple of DurationTally
        Durations of each group, in steps of `step`.
    step : float
        Seconds of one step.
    ends : int64 array (groups, 3)
        Tickets of each group that are open, over, and ended in another way.
    clusters : bool
        Whether the rows are tied together.
    is_weighted : bool
        Whether tickets that are over stand for open ones of their age.
    """

    axes: tuple[str, ...]
    labels: tuple[tuple[Any, ...], ...]
    tallies: tuple[DurationTally, ...]
    step: float
    ends: NDArray[np.int64]
    clusters: bool
    is_weighted: bool = False

    @property
    def n(self) -> NDArray[np.int64]:
        """Tickets of each group."""
        found: NDArray[np.int64] = self.ends.sum(axis=1)
        return found


def grouped(waits: Waits, by: Any, clusters: Any) -> Grouped:
    """Durations of the tickets that are known, group by group."""
    measures = _measures(waits, by, clusters)
    micros, causes = (part.astype(np.int64) for part in measures.values)
    labels, codes = group_places(measures.axes, measures.values[0].size)
    step = max(int(np.gcd.reduce(micros)), 1) if micros.size else 1
    tied = [axis.codes for axis in measures.axes if axis.role == "cluster"]
    is_short = len(labels) <= np.iinfo(_SHORT).max
    tallies = DurationTally.of_groups(
        codes.astype(_SHORT) if is_short else codes,
        len(labels),
        micros // step,
        event_observed=causes.astype(np.int8),
        cluster=_tied(tied[0]) if tied else None,
    )
    return Grouped(
        axes=tuple(axis.name for axis in measures.axes if axis.role == "by"),
        labels=labels,
        tallies=tallies,
        step=step / _SECOND,
        ends=_ends(codes, causes, len(labels)),
        clusters=bool(tied),
    )


def _ends(codes: NDArray[np.int64], causes: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """How many of each group are open, over, and ended otherwise."""
    kinds = np.minimum(causes, 2)
    return np.bincount(codes * 3 + kinds, minlength=groups * 3).reshape(groups, 3).astype(np.int64)


def stood_for(waits: Waits, by: Any, clusters: Any) -> Grouped:
    """Durations of those that are over, each of which stands for open ones of its age, too.

    The weight is one over the chance to be seen until then (Zhao and Tsiatis 1997), in each group.
    """
    plain = grouped(waits, by, clusters)
    if waits.lasted is None or not plain.ends[:, 0].any():
        return plain
    rows = np.flatnonzero(waits.is_known)
    measures = _measures(waits, by, clusters)
    _, codes = group_places(measures.axes, rows.size)
    tied = [_tied(axis.codes) for axis in measures.axes if axis.role == "cluster"]
    micros, lasted = (part[rows] for part in (waits.micros, waits.lasted))
    keys = tied[0] if tied else -1 - np.arange(rows.size)
    is_over = waits.causes[rows] > 0
    tallies = []
    for group in range(len(plain.labels)):
        here = codes == group
        part = (micros[here], lasted[here], is_over[here], keys[here])
        tallies.append(_weighted(part, has_clusters=bool(tied)))
    return evolve(plain, tallies=tuple(tallies), step=1 / _SECOND, is_weighted=True)


def _weighted(part: tuple[Any, Any, Any, Any], *, has_clusters: bool) -> DurationTally:
    """Tally of what is over, weighted; what nobody stands for lasts longer than all of it."""
    micros, lasted, is_over, keys = part
    seen = kaplan_meier(DurationTally.of(lasted, event_observed=~is_over))
    step = np.searchsorted(seen.times, lasted[is_over], side="left")
    weights = 1.0 / np.append(1.0, seen.value)[step]
    rest = max(float(micros.size - weights.sum()), 0.0)
    lacking = int(rest > _ROUNDING * max(micros.size, 1))
    longest = micros[is_over].max(initial=0) + 1
    return DurationTally.of(
        np.append(micros[is_over], np.full(lacking, longest)),
        event_observed=np.append(np.ones(weights.size, np.int8), np.zeros(lacking, np.int8)),
        weights=np.append(weights, np.full(lacking, rest)),
        cluster=np.append(keys[is_over], np.full(lacking, _NOBODY)) if has_clusters else None,
    )


def _measures(waits: Waits, by: Any, clusters: Any) -> Measures:
    """The known durations, each with how it ended, its groups and its cluster."""
    gone = ~waits.is_known
    columns = {
        _WHAT: Column(values=waits.micros, is_missing=gone),
        _HOW: Column(values=waits.causes.astype(np.int64), is_missing=gone),
    }
    table = LogTable(columns={**waits.table.columns, **columns})
    return read_measures(table, _WHAT, second=_HOW, design=Design(by=by, clusters=clusters))


def _tied(codes: NDArray[np.integer]) -> NDArray[np.int64]:
    """Keys of clusters; a row without one is a cluster of its own."""
    return np.where(codes >= 0, codes, -1 - np.arange(codes.size)).astype(np.int64)
