"""What every question about journeys reads of an event log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypedDict

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.columns import Column, EventColumns, EventLog, read_events
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Estimate, joined_recipes
from cxm_core.stats import Label

Activity: TypeAlias = str | int
Stages: TypeAlias = Sequence[Activity | Sequence[Activity]] | Mapping[str, Any]

_MICRO = 1e-6
_NUMBERS = ("value", "low", "high", "standard_error", "n", "effective_n")


class EventNames(TypedDict, total=False):
    """Columns of an event log, each a name or a sequence; and the zone of times without one."""

    case: Any
    customer: Any
    at: Any
    activity: Any
    order: Any
    zone: str


def read(
    events: object, names: EventNames, *, by: Any = None, until: datetime | None = None
) -> EventLog:
    """The log up to a moment, with groups of its cases."""
    return read_events(events, EventColumns(by=by, until=until, **names))


def noting_absent(log: EventLog, codes: Iterable[NDArray[np.int64]]) -> EventLog:
    """The log with a caveat that counts the stages of which no event has an activity."""
    absent = sum(not part.size for part in codes)
    if not absent:
        return log
    notes = (*log.cases.notes, ("absent_stages", absent))
    return evolve(log, cases=evolve(log.cases, notes=notes))


def seconds(microseconds: NDArray[Any]) -> NDArray[np.float64]:
    """Microseconds as seconds."""
    return np.asarray(microseconds * _MICRO, np.float64)


def full(values: NDArray[Any]) -> Column:
    """Column in which nothing is missing."""
    return Column(values=values, is_missing=np.zeros(values.size, np.bool_))


def units(log: EventLog) -> NDArray[np.int64] | None:
    """Customer of each case as a number; None if every case has a customer of its own."""
    if log.clusters is None:
        return None
    column = log.cases.column(log.clusters)
    known = np.flatnonzero(~column.is_missing)
    found = _numbers(column.taken(known))
    # A case without a customer is taken for somebody of its own.
    codes = np.arange(len(column)) + found.size
    codes[known] = found
    return None if np.unique(codes).size == codes.size else codes


def _numbers(column: Column) -> NDArray[np.int64]:
    """Number of each value of a column in which nothing is missing."""
    if column.coded is not None:
        return column.coded.codes.astype(np.int64)
    if column.values.dtype != object:
        return np.unique(column.values, return_inverse=True)[1].astype(np.int64)
    places: dict[Any, int] = {}
    found = [places.setdefault(value, len(places)) for value in column.values]
    return np.array(found, np.int64)


def named_stages(stages: Stages) -> dict[str, tuple[Activity, ...]]:
    """Stages by name, each with the activities that count as it."""
    if isinstance(stages, str) or not isinstance(stages, Mapping | Sequence):
        raise UsageError("Stages are several activities, in order.", hint="['cart', 'paid']")
    if isinstance(stages, Mapping):
        given = {str(name): activities(of) for name, of in stages.items()}
    else:
        parts = [activities(of) for of in stages]
        given = {" or ".join(map(str, part)): part for part in parts}
    if len(given) < 2 or len(given) < len(stages) or not all(given.values()):
        raise UsageError(
            f"{len(stages)} stages are given, of which {len(given)} are different; "
            "a funnel needs two at least.",
            hint="give two stages of the same activity different names, as a mapping",
        )
    return given


def activities(of: Activity | Iterable[Activity]) -> tuple[Activity, ...]:
    """One activity or several."""
    if isinstance(of, str | int):
        return (of,)
    if not isinstance(of, Iterable):
        raise UsageError(
            f"An activity is a text, and this is of the type {type(of).__name__}.",
            hint="'paid', or ['paid', 'invoiced'] for either",
        )
    return tuple(of)


def joined(parts: Sequence[Estimate | Breakdown], axis: str, labels: Sequence[Label]) -> Breakdown:
    """Figures that were measured one by one as one result, with an axis more in front."""
    first = parts[0]
    numbers: dict[str, Any] = {
        name: np.concatenate([np.atleast_1d(_number(getattr(part, name))) for part in parts])
        for name in _NUMBERS
    }
    return Breakdown(
        metric=first.metric,
        axes=(axis, *first.axes),
        labels=tuple(
            (label, *rest)
            for label, part in zip(labels, parts, strict=True)
            for rest in (part.labels if isinstance(part, Breakdown) else [()])
        ),
        confidence_level=first.confidence_level,
        method=first.method,
        unit=first.unit,
        group_caveats=tuple(
            caveats
            for part in parts
            for caveats in (part.group_caveats if isinstance(part, Breakdown) else [part.caveats])
        ),
        receipt=first.receipt,
        recipe=joined_recipes([part.recipe for part in parts]),
        **numbers,
    )


def _number(value: Any) -> Any:
    return np.nan if value is None else value
