"""Columns of durations as they are given, made into arrays or refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias, TypedDict, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError
from cxm_core.stats._sums import Floats, Ints

from ._duration_order import Causes, Times

MOST_CAUSES = 127

_Maybe: TypeAlias = ArrayLike | None


class DurationColumns(TypedDict, total=False):
    """What may be known of each duration, beside its length; arrays of its size."""

    event_observed: _Maybe
    entry: _Maybe
    cluster: _Maybe
    weights: _Maybe


class Given(NamedTuple):
    """Columns of one length; None for those that were not given, but for ends, all of them seen."""

    durations: Times
    causes: Causes
    entry: Times | None
    cluster: Ints | None
    weights: Floats | None


def read_durations(durations: ArrayLike, columns: DurationColumns) -> Given:
    """Durations and what is known beside, checked."""
    times = _checked_times(durations)
    return Given(
        times,
        _checked_causes(columns.get("event_observed"), times.size),
        _checked_entry(columns.get("entry"), times),
        _checked_cluster(columns.get("cluster"), times.size),
        _checked_weights(columns.get("weights"), times.size),
    )


def _checked_times(durations: ArrayLike) -> Times:
    found = np.asarray(durations).ravel()
    if found.dtype.kind not in "iuf" and found.size:
        raise UsageError(
            f"The durations are of the kind {found.dtype}, but must be numbers.",
            hint="give seconds, minutes or days as numbers",
        )
    is_whole = found.dtype.kind in "iu"
    times = found.astype(np.int64 if is_whole else np.float64, copy=False)
    # A sum is finite only if each part is; a minimum is negative if one part is.
    if times.size and not (times.min() >= 0 and np.isfinite(times.max())):
        wrong = np.count_nonzero(~((times >= 0) & np.isfinite(times)))
        raise UsageError(
            f"{wrong} of {times.size} durations are negative, missing or without end.",
            hint="leave those rows out, or look which clock they were taken by",
        )
    return cast("Times", times)


def _checked_causes(event_observed: _Maybe, size: int) -> Causes:
    if event_observed is None:
        return np.ones(size, np.int8)
    found = np.asarray(event_observed).ravel()
    check_sizes([found, np.empty(size, np.int8)])
    if found.dtype.kind not in "biu" and found.size:
        raise UsageError(
            f"`event_observed` is of the kind {found.dtype}, but must be true, false or a code.",
            hint="1 for the event, 0 for an end that was not seen, 2 and more for other ends",
        )
    if (
        found.dtype.kind in "iu"
        and found.size
        and not 0 <= found.min() <= found.max() <= MOST_CAUSES
    ):
        raise UsageError(f"A code of `event_observed` lies outside 0 to {MOST_CAUSES}.")
    return found.view(np.int8) if found.dtype == np.bool_ else found.astype(np.int8)


def _checked_entry(entry: _Maybe, times: Times) -> Times | None:
    if entry is None:
        return None
    found = np.asarray(entry).ravel().astype(times.dtype)
    check_sizes([found, times])
    late = np.count_nonzero(~((found < times) | (found <= 0)))
    if late:
        raise UsageError(
            f"{late} of {times.size} rows came under observation when they had already ended.",
            hint="leave out what ended before anybody watched",
        )
    # From the start means before what ends at once.
    return cast("Times", np.where(found > 0, found, -1).astype(times.dtype))


def _checked_cluster(cluster: _Maybe, size: int) -> Ints | None:
    if cluster is None:
        return None
    found = np.asarray(cluster).ravel().astype(np.int64)
    check_sizes([found, np.empty(size, np.int8)])
    return found


def _checked_weights(weights: _Maybe, size: int) -> Floats | None:
    if weights is None:
        return None
    found = np.asarray(weights, np.float64).ravel()
    check_sizes([found, np.empty(size, np.int8)])
    wrong = np.count_nonzero(~((found >= 0) & np.isfinite(found)))
    if wrong:
        raise UsageError(
            f"{wrong} of {size} weights are negative, missing or without end.",
            hint="leave those rows out, or give them the weight zero",
        )
    return found


def check_sizes(arrays: Iterable[NDArray[Any]]) -> None:
    """Refuse columns of different lengths."""
    sizes = sorted({array.size for array in arrays})
    if len(sizes) > 1:
        raise UsageError(
            f"The columns have {sizes[0]} and {sizes[-1]} rows.", hint="give one value a row"
        )
