"""Groups without a number that counts: they stand in the result, with no value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import asdict, evolve
from numpy.typing import NDArray

from cxm_core.columns import Measures, group_places
from cxm_core.stats import RatioEstimate, SumRatio

from ._silent import Groups, _in_order, _key, _spread

# What no rows have no size of; all other figures have none at all.
_UNKNOWN = {"value", "standard_error", "above", "below"} | {
    f"spread_{which}" for which in ("above", "below", "both")
}


def all_groups(found: Groups, measures: Measures) -> Groups:
    """Groups that were found, those of rows without weight, and those of rows without a number."""
    weightless: Groups = group_places(measures.axes, measures.values[0].size)[0]
    known = {_key(group): group for group in (*found, *weightless, *measures.silent)}
    axes = [axis.name for axis in measures.axes if axis.role == "by"]
    return _in_order(list(known.values()), axes) if axes and known else found


def places_in(groups: Groups, some: Groups) -> NDArray[np.int64]:
    """Place of each of some groups among all."""
    known = {_key(group): place for place, group in enumerate(groups)}
    return np.array([known.get(_key(group), -1) for group in some], np.int64)


def with_unmeasured(found: SumRatio, groups: Groups) -> SumRatio:
    """The figures with a line of nothing for each group that is not there yet."""
    if len(groups) == len(found.groups):
        return found
    places = places_in(found.groups, groups)
    arrays: dict[str, Any] = {
        name: _spread(values, places, np.nan if name in _UNKNOWN else 0)
        for name, values in asdict(found, recurse=False).items()
        if isinstance(values, np.ndarray)
    }
    return evolve(found, groups=groups, **arrays)


def without_figure(measures: Measures, group: Sequence[Any]) -> str:
    """Why a group has none: its rows bear no weight, or no number."""
    rows = measures.values[0].size
    weightless: Groups = group_places(measures.axes, rows)[0] if rows else ()
    return "no_weight" if _key(group) in set(map(_key, weightless)) else "no_answers"


def odd_units(found: RatioEstimate | SumRatio, place: int, measures: Measures) -> dict[str, int]:
    """Rows of a group that have no cluster, and its strata of a single one, by their caveats."""
    has_strata = any(axis.role == "stratum" for axis in measures.axes)
    return {
        "unclustered": int(found.unclustered[place]),
        "lonely_strata": int(found.lonely_strata[place]) if has_strata else 0,
    }
