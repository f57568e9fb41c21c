"""The two sides of a decomposition: answers to be counted, or breakdowns that are measured."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import Design, Missing
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Receipt, Recipe
from cxm_core.stats import Moments

from ._engine import Engine, engine_named
from ._order import Order
from ._tally import count, group_axes

# Weights, strata and clusters as they may be told.
_DESIGN = ("weights", "strata", "clusters")
_NAMES = ("before", "after")

Floats = NDArray[np.float64]


@frozen(kw_only=True)
class Terms:
    """What is decomposed, and how it is told."""

    engine: Engine
    name: str
    confidence_level: float
    parameters: tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class Side:
    """One side: its moments, its axes, and who is in it and who is not."""

    moments: Moments
    axes: tuple[str, ...]
    rows: int
    exclusions: tuple[tuple[str, int], ...] = ()


@frozen(kw_only=True)
class Given:
    """Where the answers of both sides are, as the caller told it."""

    column: str | None
    by: Any
    design: dict[str, Any]
    missing: Missing

    def side(self, data: object, place: int, order: Order) -> Side:
        """One side, counted."""
        unknown = sorted(set(self.design).difference(_DESIGN))
        if unknown:
            raise UsageError(f"design= has no part {unknown[0]!r}.", hint=", ".join(_DESIGN))
        named = self.column is not None or hasattr(data, "roll_up")
        parts = {"by": self.by, **self.design}
        given = {name: part if named else _half(part, name, place) for name, part in parts.items()}
        counted = count(
            data,
            self.column,
            scale=order.scale,
            missing=self.missing,
            design=Design(**given),
        )
        axes = group_axes(counted.tally)
        if not axes:
            raise UsageError(f"{_NAMES[place]} has no groups to split by.", hint="by= names them")
        return Side(
            moments=Moments.of(counted.tally, *order.coefficients(counted.tally.levels)),
            axes=axes,
            rows=counted.rows or 0,
            exclusions=counted.exclusions,
        )


def _half(part: Any, name: str, place: int) -> Any:
    """What is meant for one of the two sides."""
    if not isinstance(part, tuple | list) or len(part) != 2 or isinstance(part[0], str | int):
        raise UsageError(
            f"{name}= must be a pair for two sequences: one for before, one for after.",
            hint=f"{name}=(labels_before, labels_after), or tables with column= and a column name",
        )
    return part[place]


def measured_terms(before: Breakdown, after: Breakdown, confidence_level: float) -> Terms:
    """What two breakdowns measure, after a look whether it is the same."""
    for what in ("metric", "unit", "axes"):
        one, other = getattr(before, what), getattr(after, what)
        if one != other:
            raise UsageError(f"The sides differ in their {what}: {one!r} before, {other!r} after.")
    if before.receipt.parameters != after.receipt.parameters:
        raise UsageError(
            f"The sides of {before.metric} differ in their definition.",
            hint="measure both on one scale, with the same levels",
        )
    return Terms(
        engine=engine_named(before.receipt.engine),
        name=before.metric,
        confidence_level=confidence_level,
        parameters=before.receipt.parameters,
    )


def measured_side(side: Breakdown) -> Side:
    """A breakdown of a simple sample, back in sums of its groups."""
    # A group in which nobody answered has no part in any change.
    kept = np.flatnonzero(side.n)
    first, second = (means[kept] for means in _means(side))
    n = side.n[kept].astype(np.float64)
    sums = np.stack([first * n, n], axis=1)
    squares = np.stack([second * n, first * n, first * n, n], axis=1)
    places = np.arange(kept.size, dtype=np.int64)
    moments = Moments(
        groups=tuple(side.labels[place] for place in kept),
        sums=sums,
        n=side.n[kept],
        group=places,
        stratum=np.zeros_like(places),
        unit=places,
        parts=sums,
        squares=squares.reshape(-1, 2, 2),
        per_stratum=side.n.sum(keepdims=True),
        is_plain=True,
        are_clusters=False,
    )
    rows = dict(side.receipt.steps).get("rows", int(side.n.sum()))
    return Side(moments=moments, axes=side.axes, rows=rows, exclusions=side.receipt.exclusions)


def _means(side: Breakdown) -> tuple[Floats, Floats]:
    """Mean of what each answer counts, and of its square, in every group."""
    recipe = side.recipe if isinstance(side.recipe, Recipe) else None
    given = {} if recipe is None or _is_designed(side.receipt) else recipe.inputs
    if "plus" in given:
        return given["plus"] - given["minus"], given["plus"] + given["minus"]
    if "share" in given:
        return given["share"], given["share"]
    if "level_shares" in given and recipe is not None:
        values = recipe.constants["levels"]
        return given["level_shares"] @ values, given["level_shares"] @ values**2
    raise UsageError(
        "This breakdown does not keep what its groups add up from.",
        hint="give the answers, with metric=, by= and design=",
    )


def _is_designed(receipt: Receipt) -> bool:
    return bool(receipt.design)
