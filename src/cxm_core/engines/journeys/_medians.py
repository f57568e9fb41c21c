"""Medians of groups: of a few values at once, or of many that never lie side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]


class Values(Protocol):
    """Whole numbers of which some are got at a time: an array, or what makes them."""

    def __getitem__(self, places: Any, /) -> Any: ...


Blocks: TypeAlias = Callable[[], Iterable[tuple[NDArray[Any], Values]]]

# Classes of whole numbers from nought up: two for each power of two.
_CLASSES = 130
_SHIFT, _FIRST = np.int32(22), np.int32(127 << 1)
# Groups whose counts by class still fit into memory.
_MOST = 1 << 15
# So few groups are picked one after the other.
_FEW = 32


def medians(codes: NDArray[Any], values: NDArray[Any], size: int) -> NDArray[np.float64]:
    """Median of the values of each code; not a number where there are none."""
    if size == 1:
        return np.array([np.median(values) if values.size else np.nan], np.float64)
    if size <= _FEW:
        own = (values[codes == code] for code in range(size))
        each = (np.median(part, overwrite_input=True) if part.size else np.nan for part in own)
        return np.fromiter(each, np.float64, size)
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
    the values of these classes. What has the code `size` belongs to none.
    """
    if size > _MOST:
        codes, values = _joined([(codes, values[:]) for codes, values in blocks()])
        return medians(codes, values, size + 1)[:size]
    table, classes = _by_class(blocks, size)
    ends = np.cumsum(table, axis=1)
    middle = np.stack([(ends[:, -1] - 1) // 2, ends[:, -1] // 2], axis=1)
    first, last = (_class_of(ends, rank) for rank in middle.T)
    is_wanted = np.zeros((size + 1, _CLASSES), np.bool_)
    for which in (first, last):
        is_wanted[np.arange(size), which] = ends[:, -1] > 0
    told = zip(blocks(), classes, strict=True)
    codes, values = _joined([_picked(is_wanted.ravel(), *block, own) for block, own in told])
    below = (ends - table)[np.arange(size), first]
    return _at_ranks(codes, values, middle - below[:, None])


def _joined(parts: list[tuple[NDArray[Any], Ints]]) -> tuple[NDArray[Any], Ints]:
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    codes, values = (np.concatenate(part) for part in zip(*(parts or [none]), strict=True))
    return codes, values


def _by_class(blocks: Blocks, size: int) -> tuple[Ints, list[NDArray[np.uint8]]]:
    """How many values of each group are in each class, and the class of each value."""
    counts = np.zeros((size + 1) * _CLASSES, np.int64)
    classes = []
    for codes, values in blocks():
        own = _classes(values[:])
        counts += np.bincount(_cells(codes, own), minlength=counts.size)
        classes.append(own)
    return counts.reshape(size + 1, _CLASSES)[:size], classes


def _classes(values: Ints) -> NDArray[np.uint8]:
    """Class of each value: rounding puts no number into a class behind that of a larger one."""
    bits = np.maximum(values, 0).astype(np.float32).view(np.int32)
    bits >>= _SHIFT
    bits -= _FIRST
    return np.maximum(bits, 0, out=bits).astype(np.uint8)


def _cells(codes: NDArray[Any], classes: NDArray[np.uint8]) -> Ints:
    """Number of each value's group and class."""
    cells: Ints = codes * np.int64(_CLASSES)
    cells += classes
    return cells


def _class_of(ends: Ints, ranks: Ints) -> Ints:
    """Class in which the value of each rank lies."""
    below: Ints = (ends <= ranks[:, None]).sum(axis=1)
    return np.minimum(below, _CLASSES - 1)


def _picked(
    is_wanted: NDArray[np.bool_], codes: NDArray[Any], values: Values, classes: NDArray[np.uint8]
) -> tuple[NDArray[Any], Ints]:
    which = np.flatnonzero(is_wanted[_cells(codes, classes)])
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
