"""All numbers of all looks: values, intervals for one look and for every look, and evidence."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats import (
    ASYMPTOTIC_START,
    SEQUENCE_METHODS,
    WEIGHTED_SEQUENCES,
    Detection,
    Limits,
    detect_change,
)

from ._against import Against
from ._look_table import Weights
from ._order import Order
from ._watched import Watched

# A thousand times the answers so far, by steps of a tenth: further, nobody can say.
_STEP, _STEPS = 1.1, 72
#: Looks between two false alarms of the detector, on average, unless the caller says otherwise.
RUN_LENGTH = 10_000.0


def sequence_for(order: Order, method: str, *, weights: Weights | None = None) -> str:
    """Method of the interval for every look, checked."""
    is_share = order.engine.family == "share" and weights is None
    known = [name for name in SEQUENCE_METHODS if is_share or name != "bernoulli"]
    if weights is not None:
        known = list(WEIGHTED_SEQUENCES)
    if method == "auto":
        return "bernoulli" if is_share else "betting"
    if method not in known:
        what = order.engine.name if weights is None else f"Weighted {order.engine.name}"
        raise UsageError(
            f"{what} cannot be watched by {method!r}.",
            hint=did_you_mean(str(method), ("auto", *known)),
        )
    return method


def _check_enough(sequence: str, watched: Watched) -> None:
    n = watched.effective_n
    if sequence == "asymptotic" and n < ASYMPTOTIC_START:
        kind = "answers" if watched.shares is None else "effective answers"
        raise UsageError(
            f"{n:,.0f} {kind} are too few for 'asymptotic', which needs {ASYMPTOTIC_START:,}.",
            hint="method='betting' holds from the first answer on",
        )


@frozen(kw_only=True, eq=False)
class Seen:
    """All numbers of all looks, in the metric's unit."""

    sequence: str
    alone: NDArray[np.float64]
    value: NDArray[np.float64]
    limits: Limits
    fixed: Limits
    detection: Detection | None
    run_length: float


def see(
    watched: Watched, sequence: str, against: Against, *, run_length: float = RUN_LENGTH
) -> Seen:
    """Look at everything, by a method and against a baseline."""
    _check_enough(sequence, watched)
    factor = watched.order.engine.factor
    values = factor * watched.values
    limits = _limits(watched, sequence, watched.counts, against.level)
    value, fixed = watched.so_far()
    detection = None
    if against.baseline is not None:
        known = (against.baseline.low, against.baseline.high)
        detection = detect_change(
            watched.counts,
            values,
            known=known,
            average_run_length=run_length,
            weights=watched.shares,
        )
    return Seen(
        sequence=sequence, alone=watched.alone, value=value, limits=limits, fixed=fixed,
        detection=detection, run_length=run_length,
    )  # fmt: skip


def ahead(watched: Watched, sequence: str, level: float) -> tuple[NDArray[np.int64], Limits]:
    """Numbers of answers to come, and the limits after each, if they are as those so far."""
    pooled = watched.counts.sum(axis=0)
    factors = _STEP ** np.arange(1, _STEPS + 1)
    totals = np.rint(pooled * factors[:, None]).astype(np.int64)
    looks = np.diff(totals, axis=0, prepend=pooled[None])
    limits = _limits(watched, sequence, np.concatenate([watched.counts, looks]), level)
    start = len(watched.counts)
    return (totals - pooled).sum(axis=1), Limits(limits.low[start:], limits.high[start:])


def _limits(watched: Watched, sequence: str, counts: NDArray[np.int64], level: float) -> Limits:
    values = watched.order.engine.factor * watched.values
    if watched.shares is None:
        return SEQUENCE_METHODS[sequence](counts, values, confidence_level=level)
    return WEIGHTED_SEQUENCES[sequence](counts, values, watched.shares, confidence_level=level)
