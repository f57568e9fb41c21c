"""Places of groups in an order, with the doubt about each place."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.stats._quantiles import upper_tail
from cxm_core.stats._sums import Floats, Ints, read_only

from ._pooling import spaced

# Draws are put in order in blocks of about this many numbers.
_BLOCK = 1 << 20


@frozen(kw_only=True, eq=False)
class Ranks:
    """Place of each group, from 1 for the largest value; arrays have one entry a group.

    Parameters
    ----------
    place : float64 array
        Mean place over the draws; not a number for a group without a value.
    low, high : int64 array
        First and last place that are compatible with the data; 0 for a group without a value.
    first, last : float64 array
        Chance of the largest and of the smallest value.
    """

    place: Floats = field(converter=read_only)
    low: Ints = field(converter=read_only)
    high: Ints = field(converter=read_only)
    first: Floats = field(converter=read_only)
    last: Floats = field(converter=read_only)


def rank_groups(
    value: ArrayLike,
    standard_error: ArrayLike,
    *,
    rng: np.random.Generator,
    confidence_level: float = 0.95,
    n_resamples: int = 4000,
) -> Ranks:
    """Places that groups may hold, from draws of what is believed of each.

    Parameters
    ----------
    value, standard_error : array of floats (groups,)
        What is believed of each group: best after pooling, or else the smallest groups come first
        and last by chance alone.
    rng : numpy.random.Generator
        Where the draws come from.
    confidence_level : float in (0, 1)
        Chance that a group's true place lies between its limits.
    n_resamples : int
        Draws of all groups.

    Returns
    -------
    Ranks
        Mean places, their limits, and the chances of being first and last.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1.

    References
    ----------
    .. [1] Goldstein & Spiegelhalter 1996, J. R. Stat. Soc. A 159:385-443, section 3.
    .. [2] Laird & Louis 1989, J. Educ. Stat. 14:29-46, for mean places.

    Examples
    --------
    >>> import numpy as np
    >>> found = rank_groups([5.0, 40.0, 6.0], [2.0, 2.0, 2.0], rng=np.random.default_rng(1))
    >>> found.low.tolist(), found.high.tolist()
    ([2, 1, 2], [3, 1, 3])
    """
    tail = 1.0 - upper_tail(confidence_level)
    y, error = np.broadcast_arrays(
        np.asarray(value, np.float64), np.asarray(standard_error, np.float64)
    )
    at = np.isfinite(y) & np.isfinite(error)
    places = _places(y[at], error[at], rng, n_resamples)
    # A limit is the outermost place that leaves no more than `tail` of the draws beyond it.
    beyond = int(tail * n_resamples)
    ends = np.partition(places, (beyond, n_resamples - 1 - beyond), axis=1)
    return Ranks(
        place=spaced(places.mean(axis=1), at),
        low=_counted(ends[:, beyond], at),
        high=_counted(ends[:, n_resamples - 1 - beyond], at),
        first=spaced((places == 1).mean(axis=1), at),
        last=spaced((places == len(places)).mean(axis=1), at),
    )


def _places(y: Floats, error: Floats, rng: np.random.Generator, draws: int) -> NDArray[np.int32]:
    """Place of every group in every draw, a row a group."""
    places = np.empty((y.size, draws), dtype=np.int32)
    step = max(_BLOCK // max(y.size, 1), 1)
    numbers = np.arange(1, y.size + 1, dtype=np.int32)[None, :]
    for start in range(0, draws, step):
        drawn = y + error * rng.standard_normal((min(step, draws - start), y.size))
        order = np.argsort(-drawn, axis=1)
        block = np.empty(order.shape, dtype=np.int32)
        np.put_along_axis(block, order, numbers, axis=1)
        places[:, start : start + step] = block.T
    return places


def _counted(values: NDArray[Any], known: NDArray[np.bool_]) -> Ints:
    found = np.zeros(known.shape, dtype=np.int64)
    found[known] = values
    return found
