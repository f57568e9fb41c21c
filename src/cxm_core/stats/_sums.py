"""Grouped counts and sums: a scatter in blocks for rows, runs for what is already counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._labels import Codes

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

BLOCK = 1 << 18
# So few rows are added one by one sooner than a sparse matrix is set up.
FEW = 1 << 10


def row_keys(columns: Sequence[Codes], sizes: Sequence[int], rows: int) -> Codes:
    """One integer a row, equal for equal rows, that sorts as the rows of `columns` do."""
    if len(columns) == 1:
        return columns[0]
    keys = np.zeros(rows, dtype=np.int64)
    span = 1
    for column, size in zip(columns, sizes, strict=True):
        if span * size >= 2**62:
            keys = np.unique(keys, return_inverse=True)[1].astype(np.int64)
            span = int(keys.max(initial=0)) + 1
        keys *= size
        keys += column
        span *= size
    return keys


def histogram(levels: Codes, size: int) -> Ints:
    """Count of each of the one-byte codes 0 to `size` - 1; negative codes are left out."""
    codes = np.ascontiguousarray(levels).view(np.uint8)
    # Two codes at a time: half as many steps for the counter.
    even = codes[: codes.size // 2 * 2].view(np.uint16)
    pairs = np.zeros(1 << 16, dtype=np.int64)
    for start in range(0, even.size, BLOCK):
        pairs += np.bincount(even[start : start + BLOCK], minlength=1 << 16)
    table = pairs.reshape(256, 256)
    counts = table.sum(axis=0) + table.sum(axis=1)
    counts += np.bincount(codes[even.size * 2 :], minlength=256)
    return np.pad(counts, (0, max(size - 256, 0)))[:size]


class Cells(NamedTuple):
    """Where each row belongs in a table of that shape: cell and level, which is -1 for none."""

    cells: Codes
    levels: Codes
    shape: tuple[int, int]


def scatter(at: Cells, take: Callable[[slice], NDArray[Any]] | None = None) -> NDArray[Any]:
    """Sum of what `take` gives (of ones without it) in each cell and level.

    SciPy's sparse-to-dense conversion is a compiled scatter; blocks keep its operands in cache.
    """
    kind = np.dtype(np.int64) if take is None else take(slice(0)).dtype
    sums: NDArray[Any] = np.zeros(at.shape, dtype=kind)
    # A block is never smaller than the table, so that clearing tables stays cheap.
    step = max(BLOCK, sums.size)
    ones = np.ones(min(step, at.levels.size), dtype=kind)
    for start in range(0, at.levels.size, step):
        part = slice(start, start + step)
        level, cell = at.levels[part], at.cells[part]
        data = ones[: level.size] if take is None else take(part)
        if level.min() < 0:
            known = level >= 0
            level, cell, data = level[known], cell[known], data[known]
        _add(sums, data, (cell, level))
    return sums


def _add(sums: NDArray[Any], data: NDArray[Any], places: tuple[Codes, Codes]) -> None:
    if data.size <= FEW:
        np.add.at(sums, places, data)
        return
    from scipy.sparse import coo_array  # noqa: PLC0415  (SciPy loads on first use)

    sums += coo_array((data, places), shape=sums.shape).toarray()


def scatter_floats(at: Cells, values: Floats, power: int) -> Floats:
    """Sum of `values` ** `power` in each cell and level, the same in any order of the rows."""
    quantum = _quantum(float(values.max(initial=0.0)) ** power, values.size)

    def upper(part: slice) -> Floats:
        return _upper(values[part] ** power, quantum)

    def rest(part: slice) -> Floats:
        return values[part] ** power - upper(part)

    return np.asarray(scatter(at, upper) + scatter(at, rest))


def sum_runs(values: NDArray[Any], starts: Ints) -> NDArray[Any]:
    """Sum of each run of rows that begins at one of `starts`, the same in any order within it."""
    if not starts.size:
        return values[:0].copy()
    if np.issubdtype(values.dtype, np.integer):
        return np.asarray(np.add.reduceat(values, starts, axis=0))
    quantum = _quantum(float(np.abs(values).max(initial=0.0)), len(values))
    upper = _upper(values, quantum)
    sums = np.add.reduceat(upper, starts, axis=0) + np.add.reduceat(values - upper, starts, axis=0)
    return np.asarray(sums)


def _quantum(largest: float, count: int) -> float:
    """Power of two of which multiples up to `largest` * `count` add up without rounding."""
    exponent = int(np.frexp(largest * max(count, 1))[1])
    return 2.0 ** max(exponent - 52, -1000)


def _upper(values: Floats, quantum: float) -> Floats:
    """The values cut to multiples of `quantum`; what is cut off is too small to round by."""
    return np.asarray(np.rint(values / quantum) * quantum)


def divide(above: NDArray[Any], below: NDArray[Any]) -> Floats:
    """Quotient; not a number where `below` is zero."""
    known = below != 0
    return np.asarray(np.where(known, above / np.where(known, below, 1.0), np.nan))


def read_only(array: Any) -> Any:
    """The array, not to be written to: a copy of its own unless it is locked already."""
    if array is not None and array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def lock(*arrays: NDArray[Any] | None) -> None:
    """Keep arrays that nobody else holds from being written to, so that they need no copy."""
    for array in arrays:
        if array is not None:
            array.flags.writeable = False
