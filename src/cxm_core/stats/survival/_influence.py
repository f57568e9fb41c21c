"""Variance of a curve from what each cluster adds to it: the infinitesimal jackknife."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxm_core.stats._sums import Floats, Ints

from ._durations import DurationTally


class Watched(NamedTuple):
    """Over which steps of a curve each cell of a tally was watched; cells never watched are out.

    Attributes
    ----------
    entered, last : int64 arrays (cells,)
        First step of those that it was watched at, and the last.
    ended : int8 array (cells,)
        How it ended at its last step; 0 if it went on beyond.
    weight : float64 array (cells,)
        Weight by which it counts in its cluster.
    cluster : int64 array (cells,)
        Whom it belongs to.
    """

    entered: Ints
    last: Ints
    ended: Ints
    weight: Floats
    cluster: Ints

    @classmethod
    def of(cls, tally: DurationTally, times: Floats) -> Watched:
        """Steps at `times`; rows of one cell that have no cluster count each for itself."""
        entered = np.zeros(tally.times.size, np.int64)
        if tally.entry is not None:
            entered = np.searchsorted(times, tally.entry, side="right")
        last = np.searchsorted(times, tally.times, side="right") - 1
        weight, cluster = _weights(tally)
        kept = (last >= entered) & (weight > 0)
        ended = tally.causes.astype(np.int64)
        return cls(entered[kept], last[kept], ended[kept], weight[kept], cluster[kept])

    def sum_squares(self, influence: Floats) -> float:
        """Sum over clusters of the square of what their cells add."""
        if not self.cluster.size:
            return 0.0
        sums = np.bincount(self.cluster, weights=self.weight * influence)
        return float((sums**2).sum())


def _weights(tally: DurationTally) -> tuple[Floats, Ints]:
    if tally.cluster is not None:
        weight = tally.n if tally.weights is None else tally.weights
        return weight.astype(np.float64), np.unique(tally.cluster, return_inverse=True)[1]
    # The squares of like rows add up, as those of one row of this weight would.
    squares = tally.n if tally.squares is None else tally.squares
    return np.sqrt(squares), np.arange(tally.times.size)


def spread_of(watched: Watched, changes: tuple[Floats, Floats], basis: Floats) -> Floats:
    """Sum over clusters of the square of what they add to each step of a curve.

    What a cluster adds at a step is the product of `basis` there with coefficients of the cluster,
    which change only when one of its cells comes or goes: `changes` are those of each cell.
    """
    steps, parts = basis.shape
    place = np.concatenate([watched.entered, watched.last])
    cluster = np.concatenate([watched.cluster, watched.cluster])
    amount = np.concatenate(changes) * np.tile(watched.weight, 2)[:, None]
    order = np.lexsort((place, cluster))
    after = _within(amount[order], cluster[order])
    before = after - amount[order]
    variance = np.zeros(steps)
    for one in range(parts):
        for two in range(one, parts):
            moved = after[:, one] * after[:, two] - before[:, one] * before[:, two]
            sums = np.cumsum(np.bincount(place[order], weights=moved, minlength=steps))
            variance += (1 + (one != two)) * sums * basis[:, one] * basis[:, two]
    return np.maximum(variance, 0.0)


def _within(amount: Floats, cluster: Ints) -> Floats:
    """Sums up to and with each row, begun anew with each cluster."""
    sums = np.cumsum(amount, axis=0)
    is_first = np.diff(cluster, prepend=-1) != 0
    base = (sums - amount)[is_first]
    return np.asarray(
        sums - np.repeat(base, np.diff(np.flatnonzero(is_first), append=cluster.size), axis=0)
    )
