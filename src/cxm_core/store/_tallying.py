"""From a specification of what to count to a tally: as a GROUP BY, or row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxm_core.errors import UsageError
from cxm_core.records import Plain
from cxm_core.stats import Axis, CodedAxis, Tally, TallySpec
from cxm_core.vocabulary import Period, Window, period_of

from ._driver import run
from ._selection import Row, Selection, alias_of, cell_of, column_type
from ._sql import stored_instant

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Group(NamedTuple):
    """Rows of one group and level: labels of the axes, the level, and sums over the rows."""

    labels: tuple[Any, ...]
    value: int | None
    word: str | None
    n: int
    w: float | None
    w2: float | None
    unweighted: int


def selection_of(spec: TallySpec, *, window: Window | None, as_of: datetime | None) -> Selection:
    """Records that a specification counts; an error names a column that it cannot use."""
    _check_type(spec, spec.value, "integer")
    if spec.weight is not None:
        _check_type(spec, spec.weight, "number")
    for axis in spec.axes:
        _check_axis(spec, axis)
    where = {one.column: one.values for one in spec.where}
    return Selection.of(spec.kind, window=window, as_of=as_of, where=where)


def _check_type(spec: TallySpec, name: str, wanted: str) -> None:
    found = column_type(spec.kind, name)
    if found != wanted:
        raise UsageError(f"{name!r} of a {spec.kind} is {found}, where {wanted} is needed.")


_CURES = {"instant": "times are grouped by a period, such as every='week'"}


def _check_axis(spec: TallySpec, axis: Axis) -> None:
    found = column_type(spec.kind, axis.column)
    if (found == "instant") != (axis.period is not None) or found in ("number", "json", "date"):
        hint = _CURES.get(found, "group by a text, a whole number, or an attribute")
        raise UsageError(
            f"A {spec.kind} cannot be grouped by its {axis.column!r}, which is {found}.", hint=hint
        )


def groups_by_sql(
    cursor: DuckDBPyConnection, spec: TallySpec, selection: Selection
) -> Iterator[Group]:
    """Groups of the records that a specification counts, by one query (and one for each period)."""
    source, values = selection.from_sql(*spec.columns)
    periods = _PeriodTables(cursor, source, values)
    labels = [periods.label(axis) for axis in spec.axes]
    weight = "NULL::DOUBLE" if spec.weight is None else alias_of(spec.weight)
    word = "NULL::VARCHAR" if spec.category is None else alias_of(spec.category)
    cells = [*labels, alias_of(spec.value), word]
    sums = f"count(*), sum({weight}), sum({weight} * {weight}), count(*) - count({weight})"
    sql = (
        f"WITH base AS ({source}){periods.tables} SELECT {', '.join(cells)}, {sums} "
        f"FROM base{periods.joins} GROUP BY {', '.join(map(str, range(1, len(cells) + 1)))}"
    )
    k = len(labels)
    for row in run(cursor, sql, **values, **periods.values):
        yield Group(row[:k], *row[k:])


class _PeriodTables:
    """Calendar periods as small tables: they come from Python, whose zones are newer than DuckDB's.

    (Permanent summer time in Vancouver is in one and not in the other, for example.)
    """

    def __init__(
        self, cursor: DuckDBPyConnection, source: str, parameters: Mapping[str, object]
    ) -> None:
        self.cursor, self.source, self.parameters = cursor, source, parameters
        self.tables = self.joins = ""
        self.values: dict[str, object] = {}
        self.count = 0

    def label(self, axis: Axis) -> str:
        """SQL for the label of an axis."""
        if axis.period is None:
            return f"base.{alias_of(axis.column)}"
        name, column = f"period{self.count}", alias_of(axis.column)
        self.count += 1
        spans = list(self._spans(axis, column))
        self.values[f"{name}_start"] = [stored_instant(span.start) for span in spans]
        self.values[f"{name}_label"] = [span.label for span in spans]
        self.tables += (
            f", {name} AS (SELECT unnest(${name}_start::TIMESTAMP[]) AS start, "
            f"unnest(${name}_label::VARCHAR[]) AS label)"
        )
        self.joins += f" ASOF LEFT JOIN {name} ON base.{column} >= {name}.start"
        return f"{name}.label"

    def _spans(self, axis: Axis, column: str) -> Iterator[Period]:
        sql = f"SELECT min({column}), max({column}) FROM ({self.source})"
        first, last = run(self.cursor, sql, **self.parameters)[0]
        at = None if first is None else first.replace(tzinfo=UTC)
        while at is not None and at <= last.replace(tzinfo=UTC):
            span = period_of(at, axis.period, zone=axis.zone)  # type: ignore[arg-type]  # checked
            yield span
            at = span.end


def groups_by_row(spec: TallySpec, rows: Iterable[Row]) -> Iterator[Group]:
    """Each row as a group of its own."""
    for row in rows:
        weight: Any = None if spec.weight is None else cell_of(row, spec.weight)
        yield Group(
            labels=tuple(_label(axis, cell_of(row, axis.column)) for axis in spec.axes),
            value=cell_of(row, spec.value),  # type: ignore[arg-type]  # an integer column
            word=None if spec.category is None else cell_of(row, spec.category),  # type: ignore[arg-type]  # a text column
            n=1,
            w=weight,
            w2=None if weight is None else weight * weight,
            unweighted=int(weight is None),
        )


def _label(axis: Axis, value: Plain) -> Plain:
    if axis.period is None or not isinstance(value, datetime):
        return value
    return period_of(value, axis.period, zone=axis.zone).label  # type: ignore[arg-type]  # checked


def tally_of(spec: TallySpec, groups: Iterable[Group]) -> Tally:
    """Tally of groups, in whatever order they come."""
    found = list(groups)
    codes = [_level_code(spec, group) for group in found]
    _check_levels(spec, [group for group, code in zip(found, codes, strict=True) if code is None])
    kept = [(group, code) for group, code in zip(found, codes, strict=True) if (code or 0) >= 0]
    _check_weights(spec, [group for group, _ in kept])
    axes = [
        CodedAxis.of(axis.name, [group.labels[place] for group, _ in kept], role=role)
        for place, (axis, role) in enumerate(zip(spec.axes, spec.roles, strict=True))
    ]
    is_weighted = spec.weight is not None
    return Tally.from_counts(
        levels=spec.levels,
        level_codes=np.array([code for _, code in kept], dtype=np.int64),
        axes=axes,
        n=np.array([group.n for group, _ in kept], dtype=np.int64),
        w=_sums([group.w for group, _ in kept]) if is_weighted else None,
        w2=_sums([g.w2 for g, _ in kept]) if is_weighted and "cluster" not in spec.roles else None,
    )


def _sums(values: Sequence[float | None]) -> Any:
    return np.array(values, dtype=np.float64)


def _level_code(spec: TallySpec, group: Group) -> int | None:
    """Place of a group's level; -1 if it has none, None if its value is no level."""
    level = group.word if group.value is None else group.value
    if level in spec.levels:
        return spec.levels.index(level)
    return -1 if group.value is None else None


def _check_levels(spec: TallySpec, off: Sequence[Group]) -> None:
    if off:
        values = sorted({group.value for group in off if group.value is not None})
        raise UsageError(
            f"{sum(group.n for group in off)} of the records have a {spec.value!r} that is no "
            f"level: {', '.join(map(str, values[:5]))}.",
            hint="filter by question or scale, or measure on the scale that was asked",
        )


def _check_weights(spec: TallySpec, kept: Sequence[Group]) -> None:
    unweighted = sum(group.unweighted for group in kept) if spec.weight is not None else 0
    if unweighted:
        raise UsageError(
            f"{unweighted} of {sum(group.n for group in kept)} records have no {spec.weight!r}.",
            hint="give every record a weight, or measure without weights",
        )
