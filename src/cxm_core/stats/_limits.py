"""Limits of an interval, found for many groups at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError

from ._sums import Floats

# Operands of one step stay in the processor's cache.
BLOCK = 1 << 13


class Limits(NamedTuple):
    """Lower and upper limit of each group; not a number where the group has no interval.

    Attributes
    ----------
    low, high : float64 arrays
        In the unit of the estimate.
    """

    low: Floats
    high: Floats


def find_limits(
    compute: Callable[..., tuple[Floats, Floats]], *operands: ArrayLike, block: int = BLOCK
) -> Limits:
    """Limits that `compute` finds for `operands` of any common shape, block by block."""
    given = np.broadcast_arrays(*(np.asarray(o, dtype=np.float64) for o in operands))
    flat = [array.ravel() for array in given]
    limits = np.empty((2, given[0].size))
    with np.errstate(all="ignore"):
        for start in range(0, given[0].size, block):
            part = [array[start : start + block] for array in flat]
            found = np.array(compute(*part))
            limits[:, start : start + block] = np.where(np.isnan(sum(part)), np.nan, found)
    limits.flags.writeable = False
    return Limits(limits[0].reshape(given[0].shape), limits[1].reshape(given[0].shape))


def check_part(x: Floats, n: Floats, name: str) -> Floats:
    """`x` within 0 and `n`; what rounding left beside an end is put there, more is an error."""
    beyond = (x < -1e-9 * n) | (x > n * (1 + 1e-9))
    if beyond.any():
        raise UsageError(
            f"{np.count_nonzero(beyond)} of {x.size} numbers of {name} are below zero or above n.",
            hint="give counts and n on one scale: a share times the effective n is such a count",
        )
    near = 1e-12 * n
    return np.where(x <= near, 0.0, np.where(x >= n - near, n, x))
