"""Limits of all shares of one distribution, which hold together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._limits import Limits

from ._shares import wilson


def goodman(counts: ArrayLike, *, confidence_level: float = 0.95) -> Limits:
    """Limits of the shares of all levels: with the said probability, every one of them holds.

    Parameters
    ----------
    counts : array of floats (..., levels)
        How many chose each level, of at least two levels; levels that nobody chose count too.
    confidence_level : float in (0, 1)
        Nominal coverage of all limits of a row together.

    Returns
    -------
    Limits
        Of the shape of `counts`; not a number where a row is empty.

    Raises
    ------
    UsageError
        There are fewer than two levels, a count is negative, or the level lies outside 0 to 1.

    Notes
    -----
    Wilson's limits, each at a level so high that the misses of all add up to the allowed one.

    References
    ----------
    .. [1] Goodman 1965, Technometrics 7:247-254.

    Examples
    --------
    >>> low, high = goodman([56, 72, 73, 59, 62, 87, 58])
    >>> low.round(3).tolist()
    [0.085, 0.115, 0.116, 0.091, 0.096, 0.143, 0.089]
    """
    chosen = np.asarray(counts, np.float64)
    if chosen.ndim == 0 or chosen.shape[-1] < 2:
        raise UsageError(
            "Limits that hold together need at least two levels.",
            hint="give a count for each level, with a zero for those nobody chose",
        )
    levels = chosen.shape[-1]
    total = np.broadcast_to(chosen.sum(axis=-1, keepdims=True), chosen.shape)
    return wilson(chosen, total, confidence_level=1.0 - (1.0 - confidence_level) / levels)
