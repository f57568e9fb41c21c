"""Counts of durations and ends: in bins if they are few, by one sort of packed numbers if not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from cxm_core.stats._sums import Ints

Times: TypeAlias = NDArray[np.int64] | NDArray[np.float64]
Causes: TypeAlias = NDArray[np.int8]

BLOCK = 1 << 18


class Counted(NamedTuple):
    """Distinct durations and ends, in order; ends that were not seen come last of equal times.

    Where no two are alike, `n` is one number that stands for all.
    """

    times: Times
    causes: Causes
    n: Ints


def sorted_counts(times: Times, causes: Causes) -> Counted:
    """Count each pair of a duration, not negative, and an end."""
    if not times.size:
        return Counted(times, causes, np.zeros(0, np.int64))
    top = max(int(causes.max()), 1)
    if times.dtype == np.int64:
        bins = (int(times.max()) + 1) * (top + 1)
        if bins <= max(times.size // 4, 4096):
            return _in_bins(times, causes, top, bins)
    return _by_sorting(times, causes, top)


def _codes(causes: Causes, top: int) -> Causes:
    """Codes in the order in which ends count: events from 0 up, and last what was not seen."""
    if top == 1:
        return causes ^ np.int8(1)
    return np.where(causes > 0, causes - np.int8(1), np.int8(top))


def _causes(codes: NDArray[Any], top: int) -> Causes:
    if top == 1:
        return (codes ^ 1).astype(np.int8)
    return np.where(codes < top, codes + 1, 0).astype(np.int8)


def _in_bins(times: Times, causes: Causes, top: int, bins: int) -> Counted:
    counts = np.zeros(bins, np.int64)
    step = max(BLOCK, bins)
    for start in range(0, times.size, step):
        part = slice(start, start + step)
        keys = times[part] * (top + 1)
        keys += _codes(causes[part], top)
        counts += np.bincount(keys, minlength=bins)
    known = np.flatnonzero(counts)
    return Counted(known // (top + 1), _causes(known % (top + 1), top), counts[known])


def _by_sorting(times: Times, causes: Causes, top: int) -> Counted:
    bits = top.bit_length()
    # Numbers that are not negative lie in the order of their bits, of which the first is free.
    raw, least = times.view(np.uint64), np.uint64(0)
    if bits > 1:
        raw = (times + 0).view(np.uint64)
        least = raw.min()
        if int(raw.max() - least) >> (64 - bits):
            return _by_two_keys(times, causes, top)
        raw -= least
    keys = raw << np.uint64(bits)
    keys |= _codes(causes, top).view(np.uint8)
    keys.sort()
    is_new = is_run_start([keys])
    n = np.broadcast_to(np.int64(1), keys.size)
    if not is_new.all():
        starts = np.flatnonzero(is_new)
        keys, n = keys[starts], np.diff(starts, append=keys.size)
    codes = keys.astype(np.uint8) & np.uint8((1 << bits) - 1)
    keys >>= np.uint64(bits)
    if least:
        keys += least
    return Counted(cast("Times", keys.view(times.dtype)), _causes(codes, top), n)


def _by_two_keys(times: Times, causes: Causes, top: int) -> Counted:
    codes = _codes(causes, top)
    order = np.lexsort((codes, times))
    keys = [codes[order], times[order]]
    starts = run_starts(keys)
    first = order[starts]
    return Counted(times[first], causes[first], np.diff(starts, append=times.size))


def run_starts(keys: Sequence[NDArray[Any]]) -> Ints:
    """Where each run of rows begins that are equal in all keys."""
    return np.flatnonzero(is_run_start(keys))


def is_run_start(keys: Sequence[NDArray[Any]]) -> NDArray[np.bool_]:
    """Whether a row differs from the one before in any key."""
    is_new = np.ones(keys[0].size, np.bool_)
    np.not_equal(keys[0][1:], keys[0][:-1], out=is_new[1:])
    for key in keys[1:]:
        is_new[1:] |= key[1:] != key[:-1]
    return is_new
