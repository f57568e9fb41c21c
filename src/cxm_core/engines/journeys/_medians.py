"""Medians of groups: of a few values at once, or of many that never lie side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Blocks: TypeAlias = Callable[[], Iterable[tuple[NDArray[Any], Ints]]]

# Classes of whole numbers from nought up: two for each power of two.
_CLASSES = 130
_SHIFT, _FIRST = np.int64(51), (1023 << 1) - 1
# Groups whose counts by class still fit into the processor's cache, or nearly.
_MOST = 1 << 15


def medians(codes: NDArray[Any], values: NDArray[Any], size: int) -> NDArray[np.float64]:
    """Median of the values of each code; not a number where there are none."""
    ends = np.cumsum(np.bincount(codes, minlength=size))
    starts = np.append(0, ends[:-1])
    # Small codes are sorted by their digits, which takes one pass each.
    kind = np.uint16 if size <= 1 << 16 else np.int64
    ordered = values[np.argsort(codes.astype(kind), kind="stable")]
    found = np.full(size, np.nan)
    for code in np.flatnonzero(ends > starts).tolist():
        found[code] = np.median(ordered[starts[code] : ends[code]])
    return found


def medians_of_blocks(blocks: Blocks, size: int) -> NDArray[np.float64]:
    """The same of whole numbers from nought up, of which there are too many to hold.

    One look counts them by class, which tells the class of each median; a second one picks only
    the values of these classes.
    """
    if size > _MOST:
        codes, values = (np.concatenate(part) for part in zip(*blocks(), strict=True))
        return medians(codes, values, size)
    counts = np.zeros(size * _CLASSES, np.int64)
    for codes, values in blocks():
        counts += np.bincount(_cells(codes, values), minlength=counts.size)
    table = counts.reshape(size, _CLASSES)
    ends = np.cumsum(table, axis=1)
    middle = np.stack([(ends[:, -1] - 1) // 2, ends[:, -1] // 2], axis=1)
    first, last = (_class_of(ends, rank) for rank in middle.T)
    is_wanted = np.zeros((size, _CLASSES), np.bool_)
    for which in (first, last):
        is_wanted[np.arange(size), which] = ends[:, -1] > 0
    picked = [_picked(is_wanted.ravel(), *block) for block in blocks()]
    codes, values = (np.concatenate(part) for part in zip(*picked, strict=True))
    below = (ends - table)[np.arange(size), first]
    return _at_ranks(codes, values, middle - below[:, None])


def _cells(codes: NDArray[Any], values: Ints) -> Ints:
    """Number of each value's group and class."""
    bits: Ints = values.astype(np.float64).view(np.int64)
    bits >>= _SHIFT
    bits -= _FIRST
    np.maximum(bits, 0, out=bits)
    bits += codes * np.int64(_CLASSES)
    return bits


def _class_of(ends: Ints, ranks: Ints) -> Ints:
    """Class in which the value of each rank lies."""
    below: Ints = (ends <= ranks[:, None]).sum(axis=1)
    return np.minimum(below, _CLASSES - 1)


def _picked(
    is_wanted: NDArray[np.bool_], codes: NDArray[Any], values: Ints
) -> tuple[NDArray[Any], Ints]:
    which = np.flatnonzero(is_wanted[_cells(codes, values)])
    return codes[which], values[which]


def _at_ranks(codes: NDArray[Any], values: Ints, ranks: Ints) -> NDArray[np.float64]:
    """Mean of the two values at these ranks of each code."""
    size = len(ranks)
    ordered = values[np.argsort(codes.astype(np.uint16), kind="stable")]
    ends = np.cumsum(np.bincount(codes, minlength=size))
    starts = np.append(0, ends[:-1])
    found = np.full(size, np.nan)
    for code in np.flatnonzero(ends > starts).tolist():
        own = np.partition(ordered[starts[code] : ends[code]], ranks[code])
        found[code] = own[ranks[code]].mean()
    return found
