"""How large the population was that a sample was drawn from, in whichever form it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats import CodedAxis, Label, Population

from ._objects import Column, is_number
from ._values import numbers


def population_of(
    given: object,
    strata: CodedAxis | None,
    read: Callable[[object], Column],
) -> Population | None:
    """Size of the population, or of each stratum; a column says it in every row."""
    if given is None:
        return None
    if is_known(given):
        return checked_population(given)
    sizes, is_missing = numbers(read(given), "population=")
    codes = np.zeros(len(sizes), np.int64) if strata is None else strata.codes
    places = [_one_size(sizes[~is_missing & (codes == place)]) for place in _in_use(codes)]
    if strata is None:
        return places[0] if places else None
    labels: tuple[Label, ...] = (*strata.labels, None)
    named = zip(_in_use(codes), places, strict=True)
    return {labels[place]: size for place, size in named}


def is_known(given: object) -> bool:
    """Whether the size is a number or a mapping, and no column."""
    return isinstance(given, Real | Mapping)


def checked_population(given: Any) -> Population:
    """A number above zero, or one for each stratum."""
    sizes = given.values() if isinstance(given, Mapping) else [given]
    wrong = sum(not _is_size(size) for size in sizes)
    if wrong:
        raise UsageError(
            f"{wrong} of {len(sizes)} sizes in population= are not above zero.",
            hint="how many there were to draw from: one number, or {stratum: number}",
        )
    if isinstance(given, Mapping):
        return {label: float(size) for label, size in given.items()}
    return float(given)


def _is_size(size: Any) -> bool:
    return is_number(type(size)) and 0 < float(size) < np.inf


def _in_use(codes: NDArray[Any]) -> list[int]:
    return [int(code) for code in np.unique(codes)]


def _one_size(sizes: NDArray[np.float64]) -> float:
    known = np.unique(sizes)
    if len(known) != 1 or not _is_size(float(known[0])):
        raise UsageError(
            f"The column of population= has {len(known)} different sizes where one is needed.",
            hint="every row of a stratum has the size of that stratum",
        )
    return float(known[0])
