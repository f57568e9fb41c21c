"""Answers to one question, each with its groups, weight and design, as equally long arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from attrs.converters import optional
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.results import Weighting
from cxm_core.stats import CLUSTER, STRATUM, CodedAxis, Level, Population, Role, Tally
from cxm_core.vocabulary import Scale

from ._bytes import places_in_bytes
from ._codes import Codes, Missing, coded
from ._ingress import Frame, open_data, read_column
from ._lying import Cells, cells_of
from ._objects import Column, locked
from ._population import population_of
from ._values import checked_weights, coded_axis, numbers

_DESIGN = ("weights", "strata", "clusters", "population")


@frozen(kw_only=True, eq=False)
class Design:
    """How rows are grouped, weighted and drawn; sequences, or column names of the table.

    Rows of sequences are matched by their position, whatever the index of a Series says.

    Parameters
    ----------
    by : sequence, list of sequences, mapping of name to sequence, or column names
        Groups; a row without a label is in a group of its own.
    weights : sequence, column name or Weighting
        Weight of each row; not negative. A weighting brings the margins it was fitted to.
    strata, clusters : sequence or column name
        Design of the sample.
    population : number, mapping of stratum to number, sequence or column name
        Clusters that there were to draw from, or rows if there are no clusters.
    """

    by: Any = None
    weights: Any = None
    strata: Any = None
    clusters: Any = None
    population: Any = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing is said at all."""
        return self.by is None and all(getattr(self, part) is None for part in _DESIGN)


@frozen(kw_only=True, eq=False)
class Answers:
    """Answers to one question as codes and masks.

    Parameters
    ----------
    levels : tuple of int and str
        Levels of the scale, and ``not_applicable`` behind them if a code means that.
    level_codes : integer array (rows,)
        Place of each answer in `levels`; -1 for no answer.
    axes : tuple of CodedAxis
        Groups, then the design.
    weights : float64 array (rows,) or None
        Weights.
    exclusions : tuple of (str, int)
        Rows without an answer, by reason.
    population : number, mapping of stratum to number, or None
        How many there were to draw from.
    weighting : Weighting or None
        What the weights were fitted to, if that is known.
    cells : Cells or None
        How many rows each row stands for, where the rows were counted before they came here.
    """

    levels: tuple[Level, ...]
    level_codes: NDArray[np.integer] = field(converter=locked)
    axes: tuple[CodedAxis, ...]
    weights: NDArray[np.float64] | None = field(converter=optional(locked))
    exclusions: tuple[tuple[str, int], ...]
    population: Population | None = None
    weighting: Weighting | None = None
    cells: Cells | None = None

    def __len__(self) -> int:
        return len(self.level_codes) if self.cells is None else int(self.cells.n.sum())

    def tally(self) -> Tally:
        """Counts of the rows that have a level."""
        if self.cells is not None:
            return self._tally_of(self.cells)
        return Tally.from_codes(
            levels=self.levels,
            level_codes=self.level_codes,
            axes=self.axes,
            weights=self.weights,
        )

    def _tally_of(self, cells: Cells) -> Tally:
        w, w2, *_ = (*cells.sums(self.level_codes >= 0), None, None)
        is_clustered = any(axis.role == "cluster" for axis in self.axes)
        return Tally.from_counts(
            levels=self.levels,
            level_codes=self.level_codes,
            axes=self.axes,
            n=cells.n,
            w=w,
            w2=None if is_clustered else w2,
        )


def read_answers(
    data: object,
    column: str | None = None,
    *,
    scale: Scale,
    missing: Missing = (),
    design: Design | None = None,
) -> Answers:
    """Answers of one column, checked against their scale.

    Parameters
    ----------
    data : sequence or table
        List, array, Series, anything that speaks Arrow; or a table with `column`.
    column : str or None
        Column of the answers; None if `data` is that column.
    scale : Scale
        What an answer can be.
    missing : codes, or mapping of code to reason
        Codes that mean no answer; the reason ``not_applicable`` makes a level of its own.
    design : Design or None
        Groups, weights and design; None for a simple sample.

    Returns
    -------
    Answers
        One row a row of the data.

    Raises
    ------
    UsageError
        A column is not there, lengths differ, a value is off the scale or no number, or a weight
        is missing or negative.

    Examples
    --------
    >>> scale = Scale.named("1-5")
    >>> read_answers([5, 4, None, 6], scale=scale, missing=(6,)).exclusions
    (('missing', 1), ('code 6', 1))
    """
    codes, design = Codes.of(missing), design or Design()
    if column is None and not codes.reasons and design.is_plain:
        places = places_in_bytes(data, scale)
        if places is not None:
            return Answers(
                levels=scale.levels,
                level_codes=places,
                axes=(),
                weights=None,
                exclusions=(),
            )
    cells = cells_of(data, column, {part: getattr(design, part) for part in ("by", *_DESIGN)})
    design = evolve(design, weights=None) if cells else design
    source = _Source.of(cells.frame if cells else data, column, design)
    level_codes, exclusions = coded(source.answers, scale, codes, cells.n if cells else None)
    rows = len(level_codes)
    sample = _design_axes(source, rows)
    strata = next((axis for axis in sample if axis.role == "stratum"), None)
    return Answers(
        levels=(*scale.levels, *codes.words),
        level_codes=level_codes,
        axes=(*_groups(source, rows), *sample),
        weights=None if cells else _weights(source, level_codes),
        cells=cells,
        exclusions=exclusions,
        population=population_of(
            design.population, strata, lambda part: source.column(part, "population", rows)
        ),
        weighting=design.weights if isinstance(design.weights, Weighting) else None,
    )


@frozen
class _Source:
    """The table, if there is one, and where each part comes from."""

    answers: Column
    frame: Frame | None
    design: Design

    @classmethod
    def of(cls, data: object, column: str | None, design: Design) -> _Source:
        opened = data if isinstance(data, Frame) else open_data(data, "the answers")
        if isinstance(opened, Column):
            if column is not None:
                raise UsageError(
                    f"The column {column!r} is named, but the data is one column already.",
                    hint="leave the name out, or give the whole table",
                )
            return cls(opened, None, design)
        if column is None:
            raise UsageError(
                "The data is a table, and no column is named.",
                hint="name it behind the table, as in nps(df, 'score')",
            )
        frame = opened.select(_wanted(column, design))
        return cls(frame.column(column, "the answers"), frame, design)

    def column(self, part: object, what: str, rows: int) -> Column:
        """One part of the design, as long as the answers."""
        if isinstance(part, str):
            if self.frame is None:
                raise UsageError(
                    f"{what}={part!r} names a column, but the data is no table.",
                    hint=f"{what}=df[{part!r}], or give the table and the answers' column",
                )
            return self.frame.column(part, f"{what}=")
        found = read_column(part, f"{what}=")
        if len(found) != rows:
            raise UsageError(
                f"{what}= has the length {len(found):,}, and the answers have the length {rows:,}.",
                hint="both need one value a row; filter them together",
            )
        return found


def _wanted(column: str, design: Design) -> dict[str, str]:
    """Columns of the table that the call names, and what for."""
    groups = design.by.values() if isinstance(design.by, Mapping) else design.by
    many = [groups] if isinstance(groups, str) or not isinstance(groups, Iterable) else groups
    named = [(part, "by=") for part in many] if not hasattr(many, "dtype") else []
    named += [(getattr(design, part), f"{part}=") for part in _DESIGN]
    return {column: "the answers"} | {x: what for x, what in named if isinstance(x, str)}


def _groups(source: _Source, rows: int) -> list[CodedAxis]:
    names: dict[str, None] = {}
    axes = []
    for given, part in _parts(source.design.by, has_frame=source.frame is not None):
        column = source.column(part, "by", rows)
        name = _free(given or column.name or "group", names)
        names[name] = None
        axes.append(coded_axis(column, name))
    return axes


def _parts(by: Any, *, has_frame: bool) -> list[tuple[str | None, Any]]:
    """Each axis of `by`, with the name that the caller gave it."""
    if by is None or (isinstance(by, list | tuple) and not by):
        return []
    if isinstance(by, Mapping):
        return [(str(name), part) for name, part in by.items()]
    if isinstance(by, list | tuple):
        if all(_is_column(part) for part in by):
            return [(None, part) for part in by]
        if has_frame and all(isinstance(part, str) or _is_column(part) for part in by):
            return [(None, part) for part in by]
    return [(None, by)]


def _is_column(part: object) -> bool:
    """Whether an element of a list is a sequence of its own rather than a label."""
    return not isinstance(part, str | bytes) and (
        hasattr(part, "__len__") or hasattr(part, "__arrow_c_array__")
    )


def _free(name: str, taken: Mapping[str, None]) -> str:
    """Name of an axis: no other one's, and none that is kept for the design."""
    name = name.lstrip("@") or "group"
    if name not in taken:
        return name
    return next(new for i in range(2, len(taken) + 3) if (new := f"{name}_{i}") not in taken)


def _design_axes(source: _Source, rows: int) -> list[CodedAxis]:
    parts: tuple[tuple[str, str, Role], ...] = (
        ("strata", STRATUM, "stratum"),
        ("clusters", CLUSTER, "cluster"),
    )
    axes = [
        coded_axis(source.column(part, what, rows), name, role=role)
        for what, name, role in parts
        if (part := getattr(source.design, what)) is not None
    ]
    weights = source.design.weights
    return [*axes, *weights.axes] if isinstance(weights, Weighting) else axes


def _weights(source: _Source, level_codes: NDArray[np.integer]) -> NDArray[np.float64] | None:
    if source.design.weights is None:
        return None
    given = source.design.weights
    part = given.weights if isinstance(given, Weighting) else given
    column = source.column(part, "weights", len(level_codes))
    weights, is_missing = numbers(column, "weights=")
    return checked_weights(weights, is_missing, level_codes >= 0)
