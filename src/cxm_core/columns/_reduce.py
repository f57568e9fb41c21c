"""Run a tally's spec on a table: what a store does as a query, done on arrays."""

from __future__ import annotations

from datetime import UTC
from typing import cast

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats import Axis, CodedAxis, Filter, Label, Role, Tally, TallySpec
from cxm_core.vocabulary import PeriodUnit

from ._ingress import Frame, open_data
from ._objects import Column, Mask
from ._periods import period_column
from ._values import checked_weights, coded_axis, instants, numbers


def reduce_frame(spec: TallySpec, data: object) -> Tally:
    """Count the rows of a table as a spec says.

    Parameters
    ----------
    spec : TallySpec
        Which rows to count, on which levels, in which groups.
    data : table
        Any frame, an Arrow stream, a mapping of columns or a list of mappings, with the spec's
        columns; instants without a zone are UTC.

    Returns
    -------
    Tally
        Equal to the one that a store makes of the same rows.

    Raises
    ------
    UsageError
        A column is not there, a value is none of the spec's levels, or a weight is missing.

    Examples
    --------
    >>> from cxm_core.stats import TallySpec
    >>> spec = TallySpec(kind="response", value="score", levels=(0, 1))
    >>> reduce_frame(spec, {"score": [1, 1, None, 0]}).n.tolist()
    [[1, 2]]
    """
    opened = open_data(data, "the tally")
    if isinstance(opened, Column):
        raise UsageError("A spec is run on a table, and the data is one column.")
    frame = opened.select(dict.fromkeys(spec.columns, "the tally"))
    rows = len(frame.column(spec.value, "the tally"))
    level_codes = _level_codes(spec, frame, _kept(spec.where, frame, rows))
    return Tally.from_codes(
        levels=spec.levels,
        level_codes=level_codes,
        axes=[_axis(axis, frame, role) for axis, role in zip(spec.axes, spec.roles, strict=True)],
        weights=_weights(spec, frame, level_codes >= 0),
    )


def _level_codes(spec: TallySpec, frame: Frame, keep: Mask) -> NDArray[np.int64]:
    """Place of each kept row among the levels; -1 for none."""
    values, is_missing = numbers(frame.column(spec.value, "the tally"), spec.value)
    places: dict[Label, int] = {level: place for place, level in enumerate(spec.levels)}
    known, inverse = np.unique(np.where(is_missing, np.nan, values), return_inverse=True)
    codes = np.array([places.get(v, -1) for v in known.tolist()], dtype=np.int64)[inverse]
    lost = int(((codes < 0) & ~is_missing & keep).sum())
    if lost:
        raise UsageError(
            f"{lost:,} rows have a {spec.value} that is none of the {len(spec.levels)} levels.",
            hint="the spec's levels are those of another scale",
        )
    if spec.category is not None:
        words = coded_axis(frame.column(spec.category, "the tally"), spec.category)
        of_word = np.array([*(places.get(w, -1) for w in words.labels), -1], dtype=np.int64)
        codes = np.where(is_missing, of_word[words.codes], codes)
    return np.where(keep, codes, -1)


def _kept(filters: tuple[Filter, ...], frame: Frame, rows: int) -> Mask:
    keep = np.ones(rows, dtype=bool)
    for one in filters:
        axis = coded_axis(frame.column(one.column, "the tally"), one.column)
        wanted = {(type(value), value) for value in one.values}
        # A row without a label has the code -1, which picks the last place.
        chosen = [(type(label), label) in wanted for label in (*axis.labels, None)]
        keep &= np.array(chosen, dtype=bool)[axis.codes]
    return keep


def _axis(axis: Axis, frame: Frame, role: Role) -> CodedAxis:
    column = frame.column(axis.column, "the tally")
    if axis.period is not None and axis.zone is not None:
        column = _labelled(column, axis, axis.zone)
    return coded_axis(column, axis.name, role=role)


def _labelled(column: Column, axis: Axis, zone: str) -> Column:
    at, is_missing = instants(column, UTC, axis.column)
    utc = evolve(column, values=at, is_missing=is_missing, is_utc=True)
    return period_column(utc, cast("PeriodUnit", axis.period), zone, what=axis.column)


def _weights(spec: TallySpec, frame: Frame, is_answer: Mask) -> NDArray[np.float64] | None:
    if spec.weight is None:
        return None
    weights, is_missing = numbers(frame.column(spec.weight, "the tally"), spec.weight)
    return checked_weights(weights, is_missing, is_answer)
