"""Numbers of any size, such as seconds or counts, each with its groups, weight and design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats import CodedAxis, Population

from ._answers import Design, _design_axes, _groups, _Source, _wanted, _weights
from ._codes import Codes, Missing, _equal
from ._ingress import open_data
from ._objects import Column
from ._places import Groups, group_places
from ._population import population_of
from ._values import numbers

Floats = NDArray[np.float64]


@frozen(kw_only=True, eq=False)
class Measures:
    """One number or two a row, checked, with what the rows were drawn by.

    Parameters
    ----------
    values : tuple of float64 arrays (rows,)
        The numbers; rows in which one is missing are left out.
    axes : tuple of CodedAxis
        Groups, then the design.
    weights : float64 array (rows,) or None
        Weights.
    population : number, mapping of stratum to number, or None
        How many there were to draw from.
    rows : int
        Rows of the data, those with missing numbers included.
    exclusions : tuple of (str, int)
        Rows that were left out, by reason.
    silent : tuple of tuples
        Groups of the rows that were left out; some of them have other rows.
    """

    values: tuple[Floats, ...]
    axes: tuple[CodedAxis, ...]
    weights: Floats | None
    population: Population | None
    rows: int
    exclusions: tuple[tuple[str, int], ...]
    silent: Groups = ()


def read_measures(
    data: object,
    column: str | None = None,
    *,
    second: object = None,
    missing: Missing = (),
    design: Design | None = None,
) -> Measures:
    """Numbers of one column or of two, with groups, weights and design.

    Parameters
    ----------
    data : sequence or table
        List, array, Series, anything that speaks Arrow; or a table with `column`.
    column : str or None
        Column of the numbers; None if `data` is that column.
    second : sequence, column name or None
        Another number of each row.
    missing : codes, or mapping of code to reason
        Numbers that mean none.
    design : Design or None
        Groups, weights and design; None for a simple sample.

    Returns
    -------
    Measures
        The rows in which every number is there.

    Raises
    ------
    UsageError
        A column is not there, lengths differ, a value is no number or endless, or a weight is
        missing or negative.

    Examples
    --------
    >>> read_measures([5.0, None, 7.5]).values[0].tolist()
    [5.0, 7.5]
    """
    source = _source(data, column, second, design or Design())
    columns = [source.answers]
    rows = len(source.answers)
    if second is not None:
        columns.append(source.column(second, "denominator", rows))
    codes = Codes.of(missing)
    parts = [_numbers(part, codes) for part in columns]
    reasons = {reason: 0 for _, told in parts for reason in told}
    keep = np.ones(rows, dtype=bool)
    for _, told in parts:
        for reason, which in told.items():
            reasons[reason] += int((which & keep).sum())
            keep &= ~which
    axes = (*_groups(source, rows), *_design_axes(source, rows))
    strata = next((axis for axis in axes if axis.role == "stratum"), None)
    weights = _weights(source, np.where(keep, 0, -1))
    population = source.design.population
    return Measures(
        values=tuple(values[keep] for values, _ in parts),
        axes=tuple(_kept(axis, keep) for axis in axes),
        weights=None if weights is None else weights[keep],
        population=population_of(
            population, strata, lambda part: source.column(part, "population", rows)
        ),
        rows=rows,
        exclusions=tuple((reason, n) for reason, n in reasons.items() if n),
        silent=_silent(axes, ~keep),
    )


def _silent(axes: Sequence[CodedAxis], lost: NDArray[np.bool_]) -> Groups:
    """Groups of the rows that are left out."""
    by = [_kept(axis, lost) for axis in axes if axis.role == "by"]
    return group_places(by, int(lost.sum()))[0] if by else ()


def _source(data: object, column: str | None, second: object, design: Design) -> _Source:
    opened = open_data(data, "the numbers")
    if isinstance(opened, Column) or column is None or not isinstance(second, str):
        return _Source.of(data, column, design)
    frame = opened.select(_wanted(column, design) | {second: "the denominator"})
    return _Source(frame.column(column, "the numerator"), frame, design)


def _numbers(column: Column, codes: Codes) -> tuple[Floats, dict[str, Any]]:
    """The numbers, and which rows have none, by reason."""
    values, is_missing = numbers(column, "the numbers")
    told = {"missing": is_missing}
    for code, reason in codes.reasons.items():
        told[reason] = told.get(reason, False) | (_equal(values, code) & ~is_missing)
    known = np.isfinite(values) | is_missing
    if not known.all():
        raise UsageError(
            f"{np.count_nonzero(~known):,} of {values.size:,} numbers are endless.",
            hint="leave such rows out, or name their code in missing=",
        )
    return values, told


def _kept(axis: CodedAxis, keep: NDArray[np.bool_]) -> CodedAxis:
    return CodedAxis(name=axis.name, labels=axis.labels, codes=axis.codes[keep], role=axis.role)
