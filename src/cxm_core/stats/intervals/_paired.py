"""Tests of answers that come in pairs: the same person, before and after."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats._sums import Floats

_HALVES = {"mid_p": 0.5, "exact": 1.0}


def mcnemar(
    gained: ArrayLike, lost: ArrayLike, *, method: Literal["mid_p", "exact"] = "mid_p"
) -> Floats:
    """How often so lopsided a change of mind comes about by chance, for pairs of yes and no.

    Parameters
    ----------
    gained, lost : array of floats
        Pairs that changed from no to yes, and from yes to no; the others say nothing.
    method : {"mid_p", "exact"}
        The exact binomial test counts what was seen in full and is careful; mid-P counts half of
        it, and keeps its level on average.

    Returns
    -------
    float64 array
        Two-sided p-values; 1 where nobody changed.

    Raises
    ------
    UsageError
        A count is negative, or there is no such method.

    References
    ----------
    .. [1] Fagerland, Lydersen & Laake 2013, BMC Med. Res. Methodol. 13:91.

    Examples
    --------
    >>> round(float(mcnemar(6, 16)), 5)
    0.03469
    """
    from scipy.special import bdtr  # noqa: PLC0415  (SciPy loads on first use)

    if method not in _HALVES:
        raise UsageError(
            f"There is no method {method!r} for pairs.", hint=did_you_mean(str(method), _HALVES)
        )
    one, two = (np.asarray(count, np.float64) for count in (gained, lost))
    if (one < 0).any() or (two < 0).any():
        raise UsageError("A number of pairs is negative.", hint="count the pairs that changed")
    fewer, changed = np.minimum(one, two), one + two
    up_to = bdtr(fewer, changed.astype(np.int64), 0.5)
    before = np.where(fewer >= 1, bdtr(np.maximum(fewer - 1, 0), changed.astype(np.int64), 0.5), 0)
    tail = 2.0 * (before + _HALVES[method] * (up_to - before))
    return np.asarray(np.where(one == two, 1.0, np.minimum(tail, 1.0)))
