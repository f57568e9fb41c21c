"""Confidence sequences for weighted rows: limits of a weighted mean that hold at every look.

Rows come as counts of each look over cells: a cell is one value with one weight, and the weight is
a share of the greatest that any row can ever have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.stats._limits import Limits
from cxm_core.stats._sums import Floats, divide
from cxm_core.stats.sampling import kish

from ._boundaries import miss_rate, normal_mixture_bound
from ._sequences import ASYMPTOTIC_START, STAKES, Looks, looks_of

# A root nearer to an end than this is at the end.
_END = 1e-12


def weighted_betting_sequence(
    counts: ArrayLike,
    levels: Sequence[float] | Floats,
    weights: ArrayLike,
    *,
    confidence_level: float = 0.95,
) -> Limits:
    """Limits of a weighted mean after every look, by betting against each value it might have.

    Parameters
    ----------
    counts : array of integers (looks, cells)
        Counts that came with each look.
    levels : sequence of floats (cells,)
        Value of each cell; the least and the greatest bound the mean.
    weights : array of floats (cells,)
        Weight of each cell's rows as a share, from 0 to 1, of the greatest that any row can have.
    confidence_level : float in (0, 1)
        Chance that no look ever misses.

    Returns
    -------
    Limits
        One pair a look; the whole range before the first row.

    Raises
    ------
    UsageError
        Counts do not fit the levels, a weight lies outside 0 to 1, or so does the level.

    Notes
    -----
    The bets of `betting_sequence`, each made smaller by the weight of its row: against the mean m,
    a row of value x and weight w multiplies a stake s by 1 + s w (x / m - 1). That is never
    negative, and fair if the weighted gaps w (x - m) have mean zero, whatever weights and values
    have to do with each other. So the greatest weight has to be known before the first look, and
    the weight of a row when the row comes; then it holds for any distribution, at every look.
    With weights of one, limits are those of `betting_sequence`. The time taken grows with looks
    times cells.

    References
    ----------
    .. [1] Waudby-Smith & Ramdas 2024, J. R. Stat. Soc. B 86:1-27, section 4.
    .. [2] Orabona & Jun 2024, IEEE Trans. Inf. Theory 70:436-455.

    Examples
    --------
    >>> low, high = weighted_betting_sequence([[10, 90], [10, 90]], [0, 1], [1.0, 0.5])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.62, 0.68], [0.94, 0.92])
    """
    looks = looks_of(counts, levels, weights)
    enough = float(np.log(2 / miss_rate(confidence_level)))
    low, mirrored = (_lowest(side, enough) for side in (looks, looks.mirrored))
    return looks.limits(low, 1.0 - mirrored)


def _lowest(looks: Looks, enough: float) -> Floats:
    """Lowest mean after each look that bets on higher rows have not ruled out."""
    found = np.zeros(len(looks.counts))
    for place, counts in enumerate(looks.counts.cumsum(axis=0)):
        seen = (counts > 0) & (looks.weights > 0)
        if seen.any():
            cells = counts[seen], looks.values[seen], looks.weights[seen]
            found[place] = _root(*cells, enough)
    return found


def _root(counts: np.ndarray, values: Floats, weights: Floats, enough: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415  (SciPy loads on first use)

    stakes = STAKES * weights[:, None]

    def excess(trial: float) -> float:
        growth = 1.0 - stakes + stakes * (values / trial)[:, None]
        # Ruin is told by a number that adds up, as without weights.
        grown = counts @ np.log(np.maximum(growth, 1e-300))
        return float(np.logaddexp.reduce(grown) - np.log(STAKES.size) - enough)

    mean = float(np.average(values, weights=counts * weights))
    if mean <= _END or excess(_END) <= 0:
        return 0.0
    # At the mean itself no bet has won, for the weighted gaps add up to nothing.
    return float(brentq(excess, _END, mean, xtol=1e-12))


def weighted_asymptotic_sequence(
    counts: ArrayLike,
    levels: Sequence[float] | Floats,
    weights: ArrayLike,
    *,
    confidence_level: float = 0.95,
    start: int = ASYMPTOTIC_START,
) -> Limits:
    """Limits of a weighted mean after every look that hold at every look in the long run.

    Parameters
    ----------
    counts : array of integers (looks, cells)
        Counts that came with each look.
    levels : sequence of floats (cells,)
        Value of each cell.
    weights : array of floats (cells,)
        Weight of each cell's rows as a share, from 0 to 1, of the greatest that any row can have.
    confidence_level : float in (0, 1)
        Chance that no look from `start` on ever misses, as `start` grows.
    start : int
        Effective number of rows before which there are no limits; tightest at twice as many.

    Returns
    -------
    Limits
        One pair a look; not a number before `start`.

    Raises
    ------
    UsageError
        Counts do not fit the levels, a weight lies outside 0 to 1, or so does the level.

    Notes
    -----
    The bound of `asymptotic_sequence` on the linearised weighted mean: its variance so far stands
    for the true one, and its time is Kish's effective number of rows.

    References
    ----------
    .. [1] Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024, Ann. Stat. 52:2613-2640, theorem 2.2.

    Examples
    --------
    >>> low, high = weighted_asymptotic_sequence([[90, 810]], [0, 1], [1.0, 0.5])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.768], [0.868])
    """
    looks = looks_of(counts, levels, weights)
    table = looks.counts.cumsum(axis=0) * looks.weights
    total, squares = table.sum(axis=1), (table * looks.weights).sum(axis=1)
    mean = divide(table @ looks.values, total)
    gaps = (table * looks.weights * (looks.values - mean[:, None]) ** 2).sum(axis=1)
    n = kish(total, squares)
    bound = normal_mixture_bound(n, best_at=2 * start, confidence_level=confidence_level)
    # The error of the mean, on the scale on which one effective row has a variance of its own.
    half = np.where(n >= start, np.sqrt(divide(gaps, total**2) * n) * divide(bound, n), np.nan)
    return looks.limits(mean - half, mean + half)


#: Sequences for weighted rows, by the name of the method.
WEIGHTED_SEQUENCES: Mapping[str, Callable[..., Limits]] = {
    "betting": weighted_betting_sequence,
    "asymptotic": weighted_asymptotic_sequence,
}
