"""Cox's regression: how much sooner some end than others, whatever the course of time."""

from __future__ import annotations

from typing import NamedTuple, Unpack

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._sums import Floats, Ints, read_only

from ._duration_columns import DurationColumns, Given, check_sizes, read_durations
from ._duration_order import run_starts

_MOST_STEPS = 50
# A step this small, in standard deviations of its column, is the last. Where a column tells without
# a doubt who ends first, steps stay as long as they are.
_NEAR = 1e-7
# They do until nothing is left of the curvature.
_FLAT = 1e-10
# Logarithms of risks beyond this leave the range of numbers, and long before that of sense.
_STEEPEST = 300.0


class Hazards(NamedTuple):
    """What each column does to the speed of ending; the exponential of a slope is a ratio.

    Attributes
    ----------
    slopes, standard_errors : float64 arrays (columns,)
        Logarithm of the ratio for one more of each column.
    covariance : float64 array (columns, columns)
        Of the slopes.
    log_likelihood, log_likelihood_at_zero : float
        With these slopes, and with none.
    is_converged : bool
        False if a column tells without a doubt who ends first, so that its slope has no end, and
        no error.
    """

    slopes: Floats
    standard_errors: Floats
    covariance: Floats
    log_likelihood: float
    log_likelihood_at_zero: float
    is_converged: bool


class _Steps(NamedTuple):
    """Rows in order of time, and each end with its step and its place among those of its step.

    A step is a time at which something ended. `first` is the first row that is watched at it, and
    `coming` the first, in order of entry, that comes later.
    """

    x: Floats
    weights: Floats
    is_event: Ints
    first: Ints
    last: Ints
    order_of_entry: Ints | None
    coming: Ints
    step: Ints
    part: Floats
    mean_weight: Floats


class _Fit(NamedTuple):
    likelihood: float
    slope: Floats
    curve: Floats


def proportional_hazards(
    durations: ArrayLike, covariates: ArrayLike, **columns: Unpack[DurationColumns]
) -> Hazards:
    """How much sooner rows end for one more of each column, other columns alike.

    Parameters
    ----------
    durations : array of int or float (n,)
        Not negative, in any unit.
    covariates : array of floats (n,) or (n, columns)
        What tells rows apart; no column may be constant.
    event_observed : array of bool or int (n,) or None
        True if the end was seen; every way to end is the event.
    entry, weights : arrays (n,) or None
        As for `DurationTally.of`.
    cluster : array of int (n,) or None
        Key of whom each row belongs to; errors then allow for rows of one cluster being alike.

    Returns
    -------
    Hazards
        Ties are Efron's. With clusters or weights, the errors are those of Lin and Wei.

    Raises
    ------
    UsageError
        A column is constant or has numbers missing, nothing ended, or the durations are wrong.

    Notes
    -----
    Assumes that the ratio is the same at all times; curves that cross contradict it.

    References
    ----------
    .. [1] Cox 1972, J. R. Stat. Soc. B 34:187-220.
    .. [2] Efron 1977, J. Am. Stat. Assoc. 72:557-565.
    .. [3] Lin & Wei 1989, J. Am. Stat. Assoc. 84:1074-1078.

    Examples
    --------
    >>> found = proportional_hazards([1, 2, 3, 4, 5, 8], [1, 0, 1, 1, 0, 0])
    >>> round(float(found.slopes[0]), 3)
    1.394
    """
    given = read_durations(durations, columns)
    x = _checked_covariates(covariates, given)
    steps = _steps(given, x)
    start = fit = _fit(steps, np.zeros(x.shape[1]))
    slopes, is_converged = np.zeros(x.shape[1]), False
    for _ in range(_MOST_STEPS):
        step = np.asarray(np.linalg.lstsq(fit.curve, fit.slope, rcond=1e-12)[0], np.float64)
        is_converged = bool(np.abs(step * x.std(axis=0)).max() <= _NEAR)
        if is_converged:
            break
        fit, slopes = _moved(steps, slopes, step, fit.likelihood)
    is_converged &= bool((np.diag(fit.curve) > _FLAT * np.diag(start.curve)).all())
    covariance = _covariance(given, steps, slopes, fit)
    covariance = covariance if is_converged else np.full_like(covariance, np.nan)
    errors = np.sqrt(np.diag(covariance))
    return Hazards(
        read_only(slopes), read_only(errors), read_only(covariance),
        fit.likelihood, start.likelihood, is_converged,
    )  # fmt: skip


def _steps(given: Given, x: Floats) -> _Steps:
    """Order the rows by time, ends before what was not seen to end, as both are watched then."""
    times = given.durations.astype(np.float64)
    order = np.lexsort((given.causes == 0, times))
    weights = np.ones(times.size) if given.weights is None else given.weights
    is_event = (given.causes[order] > 0) & (weights[order] > 0)
    place = np.flatnonzero(is_event)
    starts = run_starts([times[order][place]])
    ties = np.diff(starts, append=place.size)
    step = np.repeat(np.arange(starts.size), ties)
    at = times[order][place[starts]]
    entered, coming = None, np.zeros(at.size, np.int64)
    if given.entry is not None:
        entry = given.entry[order].astype(np.float64)
        entered = np.argsort(entry, kind="stable")
        coming = np.searchsorted(entry[entered], at)
    total = np.add.reduceat(weights[order][place], starts)
    return _Steps(
        x=(x - x.mean(axis=0))[order], weights=weights[order], is_event=place,
        first=np.searchsorted(times[order], at),
        last=np.searchsorted(at, times[order], "right") - 1,
        order_of_entry=entered, coming=coming, step=step,
        part=(np.arange(place.size) - starts[step]) / ties[step], mean_weight=(total / ties)[step],
    )  # fmt: skip


def _watched(steps: _Steps, values: Floats) -> tuple[Floats, Floats]:
    """Sums of `values` over those watched when each end came, less Efron's part of its ties."""
    blank = np.zeros((1, values.shape[1]))
    sums = np.concatenate([np.cumsum(values[::-1], axis=0)[::-1], blank])[steps.first]
    if steps.order_of_entry is not None:
        late = np.cumsum(values[steps.order_of_entry][::-1], axis=0)[::-1]
        sums = sums - np.concatenate([late, blank])[steps.coming]
    starts = run_starts([steps.step])
    tied = np.add.reduceat(values[steps.is_event], starts, axis=0)
    return sums[steps.step] - steps.part[:, None] * tied[steps.step], sums


def _fit(steps: _Steps, slopes: Floats) -> _Fit:
    """Efron's partial likelihood, its slope and its curvature."""
    n, p = steps.x.shape
    risk = steps.weights * np.exp(steps.x @ slopes)
    squares = (steps.x[:, :, None] * steps.x[:, None, :]).reshape(n, p * p)
    values = risk[:, None] * np.column_stack([np.ones(n), steps.x, squares])
    sums, _ = _watched(steps, values)
    total, w = sums[:, 0], steps.mean_weight
    mean = sums[:, 1 : p + 1] / total[:, None]
    second = (sums[:, p + 1 :] / total[:, None]).reshape(-1, p, p)
    spread = second - mean[:, :, None] * mean[:, None, :]
    at = steps.is_event
    own = (steps.weights[at, None] * steps.x[at]).sum(axis=0)
    likelihood = float(own @ slopes - w @ np.log(total))
    return _Fit(likelihood, own - w @ mean, np.tensordot(w, spread, axes=1))


def _moved(steps: _Steps, slopes: Floats, step: Floats, likelihood: float) -> tuple[_Fit, Floats]:
    """The fit after a step, halved until it does not make things worse."""
    for _ in range(30):
        if np.abs(steps.x @ (slopes + step)).max() < _STEEPEST:
            after = _fit(steps, slopes + step)
            if after.likelihood >= likelihood - 1e-12 * abs(likelihood):
                return after, slopes + step
        step = step / 2.0
    return _fit(steps, slopes), slopes


def _covariance(given: Given, steps: _Steps, slopes: Floats, fit: _Fit) -> Floats:
    inverse = np.asarray(np.linalg.pinv(fit.curve, hermitian=True), np.float64)
    if given.cluster is None and given.weights is None:
        return inverse
    order = np.lexsort((given.causes == 0, given.durations.astype(np.float64)))
    entered = None if given.entry is None else given.entry[order].astype(np.float64)
    residuals = _residuals(steps, slopes, entered, given.durations[order]) * steps.weights[:, None]
    stretch = 1.0
    if given.cluster is not None:
        code = np.unique(given.cluster[order], return_inverse=True)[1]
        residuals = np.array([np.bincount(code, weights=column) for column in residuals.T]).T
        stretch = len(residuals) / max(len(residuals) - 1, 1)
    pushed = residuals @ inverse
    return np.asarray(stretch * pushed.T @ pushed)


def _residuals(steps: _Steps, slopes: Floats, entry: Floats | None, times: Floats | Ints) -> Floats:
    """What each row adds to the slope of the likelihood: its end, less what was due to it."""
    p = steps.x.shape[1]
    risk = np.exp(steps.x @ slopes)
    values = (steps.weights * risk)[:, None] * np.column_stack([np.ones(risk.size), steps.x])
    sums, _ = _watched(steps, values)
    mean = sums[:, 1:] / sums[:, :1]
    due = (steps.mean_weight / sums[:, 0])[:, None] * np.column_stack([np.ones(len(mean)), mean])
    starts = run_starts([steps.step])
    whole = np.pad(np.cumsum(np.add.reduceat(due, starts), axis=0), ((1, 0), (0, 0)))
    spared = np.add.reduceat(due * steps.part[:, None], starts)
    at_end = whole[steps.last + 1]
    if entry is not None:
        moments = times[steps.is_event][starts].astype(np.float64)
        at_end = at_end - whole[np.searchsorted(moments, entry, "right")]
    at_end[steps.is_event] -= spared[steps.step]
    expected = steps.x * at_end[:, :1] - at_end[:, 1:]
    found = -risk[:, None] * expected
    centre = np.add.reduceat(mean, starts) / np.bincount(steps.step)[:, None]
    found[steps.is_event] += steps.x[steps.is_event] - centre[steps.step]
    return np.asarray(found.reshape(-1, p))


def _checked_covariates(covariates: ArrayLike, given: Given) -> Floats:
    x = np.asarray(covariates, np.float64)
    x = x[:, None] if x.ndim == 1 else x
    check_sizes([x[:, 0], given.durations])
    if not np.isfinite(x).all():
        raise UsageError(
            f"{np.count_nonzero(~np.isfinite(x).all(axis=1))} of {len(x)} rows have a column that "
            "is no number.",
            hint="leave those rows out",
        )
    if not given.causes.any():
        raise UsageError("Nothing ended, so nothing can end sooner.", hint="watch for longer")
    if (x.min(axis=0) == x.max(axis=0)).any():
        raise UsageError("A column is the same in all rows.", hint="leave that column out")
    return x
