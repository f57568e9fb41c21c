"""What may be said after a series of looks."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.results import Baseline, TrackVerdict
from cxm_core.stats import Limits

_DIGITS = 2


class Last(NamedTuple):
    """Difference from the baseline after the last look, with its limits; NaN where unknown."""

    value: float
    low: float
    high: float


@frozen(kw_only=True)
class Verdict:
    """Verdict, the look at which it was first right, and the difference after the last look."""

    name: TrackVerdict
    first: int | None
    margin: float | None
    last: Last


def verdict_of(
    limits: Limits,
    value: NDArray[np.float64],
    *,
    against: Baseline | None = None,
    margin: float | None = None,
) -> Verdict:
    """Verdict of the limits after each look, against a baseline or among themselves."""
    if margin is not None and not (margin > 0 and math.isfinite(margin)):
        raise UsageError(f"A margin of {margin!r} is none.", hint="a difference above zero")
    first, last = _first(limits, against), _last(limits, value, against)
    name: TrackVerdict = "KEEP WATCHING"
    if first is not None:
        name = "CHANGED"
    elif margin is not None and value.size and _is_within(limits, margin, against)[-1]:
        name = "SAME WITHIN"
    return Verdict(name=name, first=first, margin=margin, last=last)


def settled_after(
    totals: NDArray[np.int64],
    limits: Limits,
    *,
    against: Baseline | None = None,
    margin: float | None = None,
) -> int | None:
    """First of some numbers of answers to come at which there would be a verdict, about."""
    out = np.zeros(totals.shape, dtype=np.bool_)
    if against is not None:
        out |= _is_out(limits, against)
    if margin is not None:
        out |= _is_within(limits, margin, against)
    if not out.any():
        return None
    more = int(totals[out.argmax()])
    unit = int(10 ** max(math.floor(math.log10(max(more, 1))) - _DIGITS + 1, 0))
    return -(-more // unit) * unit


def _is_out(limits: Limits, against: Baseline) -> NDArray[np.bool_]:
    """Looks that rule out the baseline; one without limits rules out nothing."""
    return np.asarray((limits.low > against.high) | (limits.high < against.low))


def _first(limits: Limits, against: Baseline | None) -> int | None:
    """First look that ruled out "no change"."""
    if against is None:
        out = np.fmax.accumulate(limits.low) > np.fmin.accumulate(limits.high)
    else:
        out = _is_out(limits, against)
    return int(out.argmax()) if out.any() else None


def _last(limits: Limits, value: NDArray[np.float64], against: Baseline | None) -> Last:
    if not value.size:
        return Last(math.nan, math.nan, math.nan)
    ends = (float(value[-1]), float(limits.low[-1]), float(limits.high[-1]))
    if against is None:
        return Last(*ends)
    return Last(ends[0] - against.value, ends[1] - against.high, ends[2] - against.low)


def _is_within(limits: Limits, margin: float, against: Baseline | None) -> NDArray[np.bool_]:
    """Looks at which no difference that matters is left."""
    if against is None:
        return np.asarray((limits.high - limits.low) / 2 <= margin)
    is_above = limits.low - against.high >= -margin
    return np.asarray(is_above & (limits.high - against.low <= margin))
