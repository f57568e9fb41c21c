"""Limits of the difference of two estimates that do not depend on each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ._limits import Limits, find_limits
from ._sums import Floats


def mover(
    a: tuple[ArrayLike, ArrayLike, ArrayLike], b: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> Limits:
    """Limits of a minus b, from the limits of each: the method of variance estimates recovery.

    Keeps what is good in the two intervals: skewed where they are, never out of range where they
    are not by much, and right for weighted groups, since it needs nothing but the limits.

    Parameters
    ----------
    a, b : tuple of value, low, high
        Estimates with their limits, all at one level of confidence; arrays of a common shape.

    Returns
    -------
    Limits
        Of `a` - `b`, at the same level; not a number where one of them has no limits.

    References
    ----------
    .. [1] Newcombe 1998, Stat. Med. 17:873-890, method 10, for two shares.
    .. [2] Zou & Donner 2008, Stat. Med. 27:1693-1702, in general.

    Examples
    --------
    >>> from cxm_core.stats import wilson
    >>> low, high = mover((5 / 56, *wilson(5, 56)), (0.0, *wilson(0, 29)))
    >>> round(float(low), 4), round(float(high), 4)
    (-0.0381, 0.1926)
    """
    return find_limits(_limits, *a, *b)


def _limits(
    a: Floats, a_low: Floats, a_high: Floats, b: Floats, b_low: Floats, b_high: Floats
) -> tuple[Floats, Floats]:
    below = np.hypot(np.maximum(a - a_low, 0.0), np.maximum(b_high - b, 0.0))
    above = np.hypot(np.maximum(a_high - a, 0.0), np.maximum(b - b_low, 0.0))
    return a - b - below, a - b + above
