"""Steps of a decomposition: mix and rate of every group, each with its interval and a note."""

from __future__ import annotations

from math import fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxm_core.results import Step
from cxm_core.stats import MixRate, t_interval

from ._mix_sides import Terms

Floats = NDArray[np.float64]


class _Part(NamedTuple):
    """One kind of step for every group, in the unit of the metric."""

    word: str
    value: Floats
    error: Floats


def steps_of(terms: Terms, found: MixRate, most: int) -> list[Step]:
    """Steps of mix, then of rate: the groups that move most, then all others together."""
    factor = terms.engine.factor
    parts = (
        _Part("mix", factor * found.mix, factor * found.mix_error),
        _Part("rate", factor * found.rate, factor * found.rate_error),
    )
    moved = np.abs(parts[0].value) + np.abs(parts[1].value)
    first = np.argsort(-moved, kind="stable")[: max(most, 0)]
    own = np.sort(first)
    rest = np.setdiff1d(np.arange(moved.size), first)
    steps = []
    for part in parts:
        steps += [_step(terms, found, part, int(place)) for place in own]
        if rest.size:
            name = f"{part.word}: {rest.size} other groups"
            steps.append(Step(name, fsum(part.value[rest])))
    return steps


def _step(terms: Terms, found: MixRate, part: _Part, place: int) -> Step:
    value, error = part.value[place], part.error[place]
    low, high = t_interval(value, error, found.df, confidence_level=terms.confidence_level)
    label = ", ".join("(missing)" if x is None else str(x) for x in found.groups[place])
    return Step(
        f"{part.word}: {label}", value, float(low), float(high), _note(terms, found, part, place)
    )


def _note(terms: Terms, found: MixRate, part: _Part, place: int) -> str:
    """Share of the group, or its own value, before and after."""
    if part.word == "mix":
        first, last = (f"{100 * share:.1f}%" for share in found.shares[:, place])
        return f"share of answers {first} before, {last} after"
    shown = [_shown(terms, value) for value in found.values[:, place]]
    return f"{terms.name} {shown[0]} before, {shown[1]} after"


def _shown(terms: Terms, value: float) -> str:
    if not np.isfinite(value):
        return "none"
    return (
        f"{100 * value:.1f}%"
        if terms.engine.unit == "share"
        else f"{terms.engine.factor * value:.2f}"
    )
