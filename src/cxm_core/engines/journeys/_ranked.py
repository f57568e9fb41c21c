"""Figures of touchpoints in an order, with the doubt about every place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Caveat, Ranking, Receipt, Recipe
from cxm_core.stats import Label, hierarchical, rank_groups

_METHOD = "posterior draws"
_DRAWS = 4_000
_SEED = 0
_FEWEST, _FEW = 3, 5

Floats = NDArray[np.float64]


@frozen(kw_only=True, eq=False)
class Measured:
    """A figure of each touchpoint with its error.

    Parameters
    ----------
    metric, unit : str
        What it is.
    axis : str
        What the groups are.
    labels : tuple of labels
        The groups.
    value, standard_error : float64 arrays (groups,)
        As measured; not a number where there is none.
    n : int64 array (groups,)
        Of how many rows.
    n_all : int
        How many rows there are in all; one may be in several groups.
    figures : mapping of str to float64 array (groups,)
        What else is told of each.
    """

    metric: str
    unit: str
    axis: str
    labels: tuple[Label, ...]
    value: Floats
    standard_error: Floats
    n: NDArray[np.int64]
    n_all: int
    figures: Mapping[str, Floats]


def ranked(found: Measured, receipt: Receipt, caveats: tuple[Caveat, ...] = ()) -> Ranking:
    """The touchpoints drawn towards their common value, and the places that each may hold."""
    known = np.isfinite(found.value) & (found.standard_error > 0)
    if known.sum() < _FEWEST:
        raise UsageError(
            f"{int(known.sum())} of {known.size} touchpoints have a figure with an error, and an "
            f"order needs {_FEWEST}.",
            hint="a longer log, or fewer kinds of touchpoints",
        )
    level = receipt.confidence_level
    value, error = _shrunk(found, known)
    places = rank_groups(
        value,
        error,
        rng=np.random.default_rng(_SEED),
        confidence_level=level,
        n_resamples=_DRAWS,
    )
    said = (*caveats, *((Caveat.of("few_groups"),) if known.sum() < _FEW else ()))
    told = evolve(
        receipt,
        method=_METHOD,
        parameters=(*receipt.parameters, ("draws", str(_DRAWS))),
        seed=_SEED,
    )
    ranking = Ranking(
        groups_pooled=_pooled(found, value, error, told),
        place=places.place,
        first_place=places.low,
        last_place=places.high,
        chance_first=places.first,
        chance_last=places.last,
        confidence_level=level,
        method=_METHOD,
        caveats=said,
        receipt=told,
    )
    if ranking.order is not None:
        return ranking
    return evolve(ranking, caveats=(*said, Caveat.of("unrankable")))


def check_rankable(touchpoints: int) -> None:
    """Refuse a log with fewer kinds of touchpoints than an order needs."""
    if touchpoints < _FEWEST:
        kinds = "kind" if touchpoints == 1 else "kinds"
        raise UsageError(
            f"The log has {touchpoints} {kinds} of touchpoints, and an order needs {_FEWEST}.",
            hint="events of more activities; one alone is neither harder nor easier than others",
        )


def _shrunk(found: Measured, known: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """What is believed of each touchpoint, and its error."""
    value, error = np.full(known.size, np.nan), np.full(known.size, np.nan)
    shrunk = hierarchical(found.value[known], found.standard_error[known] ** 2)
    value[known], error[known] = shrunk.value, shrunk.standard_error
    return value, error


def _pooled(found: Measured, value: Floats, error: Floats, receipt: Receipt) -> Breakdown:
    n = found.n.astype(np.float64)
    kept = {"value": value, "standard_error": error, "df": np.full(value.size, np.inf), "n": n}
    recipe = Recipe(method="t", inputs=kept)
    low, high = recipe.interval(receipt.confidence_level)
    nothing = (Caveat.of("no_spread"),)
    return Breakdown(
        metric=found.metric,
        axes=(found.axis,),
        labels=tuple((label,) for label in found.labels),
        value=value,
        low=low,
        high=high,
        confidence_level=receipt.confidence_level,
        method="pooled, hierarchical",
        standard_error=error,
        n=found.n,
        n_all=found.n_all,
        effective_n=n,
        unit=found.unit,
        group_caveats=tuple(() if has else nothing for has in np.isfinite(value)),
        receipt=receipt,
        recipe=recipe,
        figures={"measured": found.value, **found.figures},
    )
