"""Counts of each look over levels, or over levels with the weights that answers have."""

from __future__ import annotations

from math import inf, nan
from typing import Any, NamedTuple

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.results import Label, Weighting
from cxm_core.stats import Tally

# So many counts, most of them nought, fill a quarter of a gigabyte.
_MOST_COUNTS = 1 << 25


@frozen
class Weights:
    """Weights of answers that are watched, and the greatest that any answer can have."""

    given: Any
    most: float

    @classmethod
    def of(cls, weights: object, max_weight: float | None) -> Weights | None:
        """Check what was said of weights."""
        if weights is None and max_weight is None:
            return None
        if isinstance(weights, Weighting):
            raise UsageError(
                "A weighting was fitted to all answers at once, and each look may know only those "
                "that had come.",
                hint="give weights that an answer has when it comes, such as the weight of its "
                "stratum",
            )
        if weights is None or max_weight is None:
            raise UsageError(
                "weights= and max_weight= go together.",
                hint="max_weight= is the greatest weight that an answer can ever have, known "
                "before the first look",
            )
        if not 0 < max_weight < inf:
            raise UsageError(f"max_weight={max_weight!r} must be a number above zero.")
        return cls(weights, float(max_weight))


class LookTable(NamedTuple):
    """Counts of each look over cells: levels, or levels of one weight.

    Attributes
    ----------
    labels : list of labels (looks,)
        Times.
    counts : int64 array (looks, cells)
        Answers.
    places : int64 array (cells,)
        Place of each cell's level.
    shares : float64 array (cells,) or None
        Weight of each cell as a share of the greatest; None without weights.
    """

    labels: list[Label]
    counts: NDArray[np.int64]
    places: NDArray[np.int64]
    shares: NDArray[np.float64] | None


def look_table(tally: Tally, used: NDArray[np.int64], weights: Weights | None) -> LookTable:
    """Counts of the used levels, by the times and the weights that the tally's groups are."""
    groups, place = tally.group_rows()
    if weights is not None:
        return _weighted(tally.n[:, used], groups, place, weights.most)
    counts = np.zeros((len(groups), used.size), dtype=np.int64)
    np.add.at(counts, place, tally.n[:, used])
    return LookTable([group[0] for group in groups], counts, np.arange(used.size), None)


def _weighted(
    n: NDArray[np.int64],
    groups: tuple[tuple[Label, ...], ...],
    place: NDArray[np.int64],
    most: float,
) -> LookTable:
    labels = list(dict.fromkeys(group[0] for group in groups))
    order = {label: i for i, label in enumerate(labels)}
    row, level = np.nonzero(n)
    look = np.array([order[group[0]] for group in groups], dtype=np.int64)[place[row]]
    weight = np.array([_number(group[1]) for group in groups], dtype=np.float64)[place[row]]
    _check(weight, n[row, level], most)
    # One empty cell of each level tells how far the levels reach.
    levels = np.arange(n.shape[1])
    pairs = np.stack([np.append(weight, np.full(levels.size, most)), np.append(level, levels)])
    (weights, places), cell = np.unique(pairs, axis=1, return_inverse=True)
    _check_size(len(labels) * weights.size)
    counts = np.zeros((len(labels), weights.size), dtype=np.int64)
    np.add.at(counts, (look, cell.ravel()[: row.size]), n[row, level])
    return LookTable(labels, counts, places.astype(np.int64), weights / most)


def _number(label: Label) -> float:
    """A weight that has been a label; what is none is not a number."""
    try:
        return nan if label is None or isinstance(label, bool) else float(label)
    except ValueError:
        return nan


def _check(weight: NDArray[np.float64], n: NDArray[np.int64], most: float) -> None:
    wrong = {
        "no weight that is a number": ~np.isfinite(weight),
        "a weight below zero": weight < 0,
        f"a weight above max_weight={most:g}": np.isfinite(weight) & (weight > most),
    }
    for what, which in wrong.items():
        if which.any():
            raise UsageError(
                f"{int(n[which].sum()):,} of {int(n.sum()):,} answers have {what}.",
                hint="one weight an answer, from 0 to the greatest that any can have",
            )


def _check_size(size: int) -> None:
    if size > _MOST_COUNTS:
        raise UsageError(
            f"Looks times distinct weights are {size:,}, and at most {_MOST_COUNTS:,} can be "
            "watched.",
            hint="take weeks for looks, or weights of which many are equal",
        )
