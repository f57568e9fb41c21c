"""Change detection with a stated time to the first false alarm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._sums import Floats, read_only

from ._sequences import STAKES, Looks, looks_of


class Detection(NamedTuple):
    """What a detector saw.

    Attributes
    ----------
    evidence : float64 array (looks,)
        Evidence for a change at each look; an alarm where it reaches the average run length.
    alarm : int or None
        Place of the first look with an alarm.
    since : int or None
        Place of the look from which on the rows most likely come from elsewhere.
    direction : {-1, 0, 1}
        Whether rows then lie below or above; 0 without an alarm.
    """

    evidence: Floats
    alarm: int | None
    since: int | None
    direction: int


def detect_change(
    counts: ArrayLike,
    levels: Sequence[float] | Floats,
    *,
    known: tuple[float, float],
    average_run_length: float = 1_000.0,
    weights: ArrayLike | None = None,
) -> Detection:
    """First look at which the mean has left what is known of it, with few false alarms.

    Parameters
    ----------
    counts : array of integers (looks, levels)
        Counts that came with each look, in the order of the looks.
    levels : sequence of floats
        Value of each level; the least and the greatest bound the mean.
    known : (float, float)
        Least and greatest value that the mean has without a change; equal if it is known exactly.
    average_run_length : float, at least 1
        Looks that pass on average before a false alarm, at least.
    weights : array of floats (levels,) or None
        Share of the greatest possible weight that a row of each level has; levels may repeat.

    Returns
    -------
    Detection
        Evidence at every look, and the first alarm.

    Raises
    ------
    UsageError
        Counts do not fit the levels, or `known` or `average_run_length` is out of range.

    Notes
    -----
    A detector of the Shiryaev-Roberts kind out of e-values [1]_: at each look a new bet against
    "no change" starts, and all of them are added up. Without a change their sum grows by one a
    look on average, so the mean time until it reaches L is at least L, whatever the distribution.
    The bets are those of `betting_sequence`, upwards against the greatest and downwards against
    the least known value.

    References
    ----------
    .. [1] Shin, Ramdas & Rinaldo 2024, New Engl. J. Stat. Data Sci. 2:229-260, section 2.

    Examples
    --------
    >>> calm, worse = [[10, 90]] * 20, [[25, 75]] * 5
    >>> found = detect_change(calm + worse, [0, 1], known=(0.88, 0.92))
    >>> found.alarm, found.since, found.direction
    (21, 20, -1)
    """
    looks = looks_of(counts, levels, weights)
    if not average_run_length >= 1:
        raise UsageError(f"An average run length of {average_run_length} looks is none.")
    growth = np.stack(
        [
            _growth(looks, _inner(looks, known[1])),
            _growth(looks.mirrored, 1 - _inner(looks, known[0])),
        ]
    )
    total = growth.cumsum(axis=1)
    before = total - growth
    # Every bet that starts at a look is worth what was won since then.
    sums = total + np.logaddexp.accumulate(-before, axis=1)
    evidence = _log_mean(sums, axis=(0, 2))
    reached = np.flatnonzero(evidence >= np.log(average_run_length))
    shown = read_only(np.exp(np.minimum(evidence, 700.0)))
    if not reached.size:
        return Detection(shown, None, None, 0)
    alarm = int(reached[0])
    side, _, stake = np.unravel_index(int(sums[:, alarm].argmax()), (2, 1, STAKES.size))
    since = int(before[side, : alarm + 1, stake].argmin())
    return Detection(shown, alarm, since, 1 if side == 0 else -1)


def _inner(looks: Looks, known: float) -> float:
    """A known mean on 0 to 1, beside an end if it is the end: there a bet has no odds."""
    trial = (known - looks.low) / looks.span
    if not -1e-9 <= trial <= 1 + 1e-9:
        raise UsageError(
            f"A mean of {known} is beyond the levels.", hint="known=(low, high) of the levels"
        )
    return float(np.clip(trial, 1e-9, 1 - 1e-9))


def _growth(looks: Looks, trial: float) -> Floats:
    """Logarithm of what each stake (looks, stakes) makes of one unit at each look."""
    stakes = STAKES * looks.weights[:, None]
    factor = 1.0 - stakes + stakes * (looks.values / trial)[:, None]
    return np.asarray(looks.counts @ np.log(np.maximum(factor, 1e-300)))


def _log_mean(logs: Floats, axis: tuple[int, ...]) -> Floats:
    top = logs.max(axis=axis, keepdims=True)
    return np.asarray(np.log(np.exp(logs - top).mean(axis=axis)) + top.squeeze(axis))
