"""Finite populations: what is left of a variance when much of the population was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from cxm_core.errors import UsageError
from cxm_core.stats._labels import Label, label_key
from cxm_core.stats._sums import Floats, Ints
from cxm_core.stats._tally import Tally

Population: TypeAlias = float | Mapping[Label, float]


def shares_left(tally: Tally, per_stratum: Ints, population: Population | None) -> Floats:
    """Share of each stratum's population that was not drawn; one where nobody knows its size.

    Parameters
    ----------
    tally : Tally
        Whose strata are meant.
    per_stratum : int64 array (strata,)
        Units that were drawn in each stratum.
    population : number, mapping of stratum to number, or None
        Units that there were to draw from.

    Returns
    -------
    float64 array (strata,)
        From 0, where all were drawn, to 1.

    Raises
    ------
    UsageError
        A stratum has no size, or one that is smaller than what was drawn of it.

    References
    ----------
    .. [1] Cochran 1977, Sampling Techniques, section 2.6.
    """
    if population is None:
        return np.ones(len(per_stratum))
    sizes = _sizes(tally, per_stratum, population)
    wrong = (per_stratum > 0) & ~((sizes >= per_stratum) & (sizes < np.inf))
    if wrong.any():
        raise UsageError(
            f"{np.count_nonzero(wrong)} of {len(per_stratum)} populations are smaller than what "
            f"was drawn of them ({int(per_stratum[wrong].sum()):,} units).",
            hint="population= counts the units to draw from: clusters if there are any, or answers",
        )
    return np.where(per_stratum > 0, 1.0 - per_stratum / np.maximum(sizes, 1.0), 1.0)


def _sizes(tally: Tally, per_stratum: Ints, population: Population) -> Floats:
    labels = _strata(tally)
    if not isinstance(population, Mapping):
        if len(labels) > 1:
            raise UsageError(
                f"The population is one number, and the sample has {len(labels)} strata.",
                hint="population={stratum: size, ...}",
            )
        return np.full(len(per_stratum), float(population))
    if "stratum" not in tally.roles:
        raise UsageError(
            "The population has a size for each stratum, and the sample has no strata.",
            hint="strata=, or one number",
        )
    known = {label_key(label): float(size) for label, size in population.items()}
    sizes = np.array([known.get(label_key(label), np.nan) for label in labels])[: len(per_stratum)]
    lost = np.count_nonzero(np.isnan(sizes) & (per_stratum > 0))
    if lost:
        raise UsageError(
            f"{lost} of {len(labels)} strata have no size in the population.",
            hint="population= needs every stratum that has answers",
        )
    return sizes


def _strata(tally: Tally) -> tuple[Label, ...]:
    if "stratum" not in tally.roles:
        return ()
    return tally.labels[tally.roles.index("stratum")]
