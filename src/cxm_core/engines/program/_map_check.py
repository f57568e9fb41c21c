"""A map held against a log: what nobody declared, what nobody does, and where people turn back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypedDict, Unpack

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, EventColumns, EventLog, LogTable, read_events
from cxm_core.engines.feedback import Told, ratio
from cxm_core.program import Blueprint, Journey, Touchpoint
from cxm_core.results import Breakdown, Caveat, Estimate, Panel, Shape, check_level
from cxm_core.vocabulary import takes

from ._map_words import Declared, declared, places_of
from ._side_by_side import cases_by, most_met, shares

Ints = NDArray[np.int64]

#: Undeclared activities and loops that are measured: the most frequent ones.
MOST = 20
_MICRO = 1e-6


class _Names(TypedDict, total=False):
    case: Any
    customer: Any
    at: Any
    activity: Any
    order: Any
    zone: str


@takes(journey=Journey, blueprint=Blueprint | None)
def map_check(
    events: object,
    journey: Journey,
    *,
    touchpoints: Iterable[Touchpoint] = (),
    blueprint: Blueprint | None = None,
    system: Any = None,
    until: datetime | None = None,
    confidence_level: float = 0.95,
    **names: Unpack[_Names],
) -> Panel:
    """How far a journey map is what people do: its coverage, steps nobody takes, ways nobody drew.

    Parameters
    ----------
    events : table
        One row an event with its case, time and activity, such as what `cases` gives.
    journey : Journey
        The map.
    touchpoints : iterable of Touchpoint
        Touchpoints of the program: their `activities` are what the log calls them. An activity
        that is named as a touchpoint needs none.
    blueprint : Blueprint or None
        Its steps are declared too, and so are its links, whichever way they lead.
    system : column name, sequence or None
        Tool in which each event happened, for journeys of the own people.
    until : datetime or None
        End of what is looked at; None for the whole log.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval.
    **names : column names
        `case`, `customer`, `at`, `activity` and `order` as in `cases`; `zone` of times without one.

    Returns
    -------
    Panel
        ``coverage``, share of events at a declared touchpoint; ``whole cases``, share of cases
        that happen at declared touchpoints only; ``declared``, share of cases that meet each
        touchpoint, where nobody is nought with an upper limit; ``undeclared``, share of cases with
        each activity that no touchpoint declares; ``loops``, share of cases that go from a
        touchpoint back to an earlier one with no link drawn. With a system, ``tool switches`` per
        case; with a blueprint, ``approvals`` per case, and ``waiting``, seconds per case before
        approvals and waits. What does not occur has no part.

    Raises
    ------
    UsageError
        The journey has no touchpoint, an activity stands at two, or a column is not there.

    Notes
    -----
    Loops are looked for among declared touchpoints only, as if the other events were not there.
    The same touchpoint twice in a row is no loop.
    Of undeclared activities and of loops the 20 most frequent are measured.
    Cases of one customer are a cluster.

    References
    ----------
    .. [1] van der Aalst, W., Process Mining, 2nd edition, 2016, chapter 8.

    Examples
    --------
    >>> from datetime import datetime
    >>> import cxm_core as cx
    >>> from cxm_core.program import Journey
    >>> stages = [{"name": "all", "touchpoints": ["cart", "gift", "pay"]}]
    >>> journey = Journey(name="buy", stages=stages)
    >>> log = {"case": [1, 1, 1, 2, 2], "activity": ["cart", "chat", "pay", "cart", "pay"],
    ...        "occurred_at": [datetime(2026, 1, 1, hour) for hour in range(9, 14)]}
    >>> found = cx.map_check(log, journey)
    >>> found["coverage"].value, found["declared"]["gift"].value, found["undeclared"]["chat"].value
    (0.8, 0.0, 0.5)
    """
    check_level(confidence_level)
    plan = declared(journey, touchpoints, blueprint)
    by = None if system is None else {"system": system}
    log = read_events(events, EventColumns(by=by, until=until, **names))
    looked = _Looked(plan=plan, log=log, place=places_of(log, plan.words), level=confidence_level)
    parts: dict[str, Any] = dict(looked.parts())
    return Panel(
        metric=f"{journey.name}: map against log",
        parts=parts,
        own_caveats=looked.caveats(),
        receipt=parts["coverage"].receipt,
    )


@frozen(kw_only=True, eq=False)
class _Looked:
    """One log beside one map."""

    plan: Declared
    log: EventLog
    place: Ints
    level: float

    @property
    def case(self) -> Ints:
        """Number of each event's case."""
        return np.repeat(np.arange(len(self.log.chains)), self.log.chains.lengths)

    @property
    def asked(self) -> dict[str, Any]:
        return {"clusters": self.log.clusters, "confidence_level": self.level}

    def parts(self) -> Iterator[tuple[str, Shape]]:
        yield "coverage", self.coverage()
        on_map = self.place >= 0
        whole = np.flatnonzero(self._per_case(~on_map) == 0)
        yield "whole cases", self._shares("whole cases", "on", [("the map", whole)])["the map"]
        met = cases_by(self.place, self.case, range(len(self.plan.names)))
        yield "declared", self._shares("met", "touchpoint", zip(self.plan.names, met, strict=True))
        codes = np.where(on_map, -1, self.log.chains.states.astype(np.int64))
        yield from self._found("undeclared", "activity", codes, self.log.activities, self.case)
        yield from self._loops(on_map)
        yield from self._work()

    def coverage(self) -> Estimate:
        """Share of events at a declared touchpoint."""
        n = self.log.chains.lengths.astype(np.float64)
        return self._mean("coverage", self._per_case(self.place >= 0), "share", below=n)

    def _loops(self, on_map: NDArray[np.bool_]) -> Iterator[tuple[str, Shape]]:
        place, case, size = self.place[on_map], self.case[on_map], len(self.plan.names)
        before, after = place[:-1], place[1:]
        drawn = np.array([a * size + b for a, b in self.plan.ways], np.int64)
        keys = before * size + after
        is_loop = (case[1:] == case[:-1]) & (after < before) & ~np.isin(keys, drawn)
        names = self.plan.names
        labels = [f"{one} > {other}" for one in names for other in names]
        yield from self._found("loops", "loop", np.where(is_loop, keys, -1), labels, case[1:])

    def _found(
        self, name: str, axis: str, codes: Ints, labels: Any, case: Ints
    ) -> Iterator[tuple[str, Shape]]:
        """Share of cases for each of the most frequent codes; nothing where there is none."""
        wanted = most_met(codes[codes >= 0], MOST)
        if wanted:
            found = cases_by(codes, case, wanted)
            met = zip((str(labels[code]) for code in wanted), found, strict=True)
            yield name, self._shares(name, axis, met)

    def _shares(self, metric: str, axis: str, met: Iterable[tuple[str, Ints]]) -> Breakdown:
        told = Told(metric=metric, counted="cases")
        return shares(self.log.cases, list(met), told, axis=axis, **self.asked)

    def _work(self) -> Iterator[tuple[str, Shape]]:
        """What the own people meet: tools, approvals, waiting."""
        if "system" in self.log.axes:
            yield "tool switches", self._mean("tool switches", self._switches(), "per case")
        if self.plan.approvals:
            counts = self._per_case(np.isin(self.place, list(self.plan.approvals)))
            yield "approvals", self._mean("approvals", counts, "per case")
        if self.plan.waits:
            waited = np.where(np.isin(self.place, list(self.plan.waits)), self.log.waits, 0)
            yield "waiting", self._mean("waiting", self._per_case(waited * _MICRO), "seconds")

    def _switches(self) -> NDArray[np.float64]:
        column, case = self.log.column("system"), self.case
        is_told = ~column.is_missing
        values, case = column.values[is_told], case[is_told]
        switched = (values[1:] != values[:-1]) & (case[1:] == case[:-1])
        return self._counted(case[1:][switched])

    def _per_case(self, values: NDArray[Any]) -> NDArray[np.float64]:
        return self._counted(self.case, values.astype(np.float64))

    def _counted(self, case: Ints, weights: Any = None) -> NDArray[np.float64]:
        found = np.bincount(case, weights=weights, minlength=len(self.log.chains))
        return np.asarray(found, np.float64)

    def _mean(
        self, metric: str, values: NDArray[Any], unit: str, *, below: NDArray[Any] | None = None
    ) -> Estimate:
        ones = np.ones(len(self.log.chains)) if below is None else below
        columns = {"above": _full(values), "below": _full(ones)}
        whole = LogTable(columns={**self.log.cases.columns, **columns})
        found: Estimate = ratio(whole, ("above", "below"), unit=unit, **self.asked)
        cases = self.log.cases
        receipt = evolve(
            found.receipt,
            engine="map_check",
            counted="cases",
            parameters=(*cases.parameters, ("touchpoints declared", str(len(self.plan.names)))),
            steps=cases.steps,
            exclusions=cases.exclusions,
        )
        return evolve(found, metric=metric, receipt=receipt)

    def caveats(self) -> tuple[Caveat, ...]:
        """What the map and the log do not have in common."""
        n_idle = len(self.plan.names) - np.unique(self.place[self.place >= 0]).size
        n_strange = np.unique(self.log.chains.states[self.place < 0]).size
        idle = (Caveat.of("idle_touchpoints", count=n_idle),) if n_idle else ()
        strange = (Caveat.of("off_the_map", count=n_strange),) if n_strange else ()
        return (*idle, *strange)


def _full(values: NDArray[Any]) -> Column:
    return Column(values=values, is_missing=np.zeros(values.size, np.bool_))
