"""Rows of a tally: counted from codes, and put into their one order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError

from ._labels import CodedAxis, Codes, Label, integer_codes, merge_labels
from ._sums import (
    Cells,
    Floats,
    Ints,
    histogram,
    row_keys,
    scatter,
    scatter_floats,
    sum_runs,
)

# Up to this many cells, a table of every combination is filled directly.
DENSE = 1 << 22
# The square of a larger weight would leave the range of floats.
MAX_WEIGHT = 1e100
# Sums over any part of so many rows fit into 64 bits.
MOST_ROWS = 1 << 62


class Rows(NamedTuple):
    """Counts and sums by labels; in any order, with labels that need not be in use."""

    labels: tuple[tuple[Label, ...], ...]
    codes: Ints
    n: Ints
    w: Floats | None = None
    w2: Floats | None = None

    def keep(self, which: NDArray[np.bool_]) -> Rows:
        """Only the rows `which`."""
        if which.all():
            return self
        return self.replace_each(lambda array: array[which])._replace(codes=self.codes[which])

    def replace_each(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Rows:
        """The same rows with `change` applied to every count and sum."""
        w, w2 = (None if sums is None else change(sums) for sums in (self.w, self.w2))
        return self._replace(n=change(self.n), w=w, w2=w2)


class LevelCodes(NamedTuple):
    """Place of each row's level, and how many levels there are."""

    codes: Codes
    size: int


class Summand(NamedTuple):
    """Numbers to add up, each to a power."""

    values: NDArray[Any]
    power: int = 1


def count_rows(
    axes: Sequence[CodedAxis], levels: LevelCodes, sums: Sequence[Summand | None]
) -> Rows:
    """Rows of the tally of coded rows; `sums` are the counts (ones if None), w and w2."""
    _check_lengths(axes, levels.codes, sums)
    codes, cells = _cells(axes, levels.codes.size)
    at = Cells(cells, levels.codes, (len(codes), levels.size))
    n, w, w2 = (None if column is None else _add_up(at, column) for column in sums)
    if n is None and not axes and levels.codes.dtype.itemsize == 1:
        n = histogram(levels.codes, levels.size)[None, :]
    labels = tuple((*axis.labels, None) for axis in axes)
    return Rows(labels, codes, scatter(at) if n is None else n, w, w2)


def join_rows(parts: Sequence[Rows]) -> Rows:
    """All `parts` as distinct sorted rows on sorted labels; empty rows and labels are gone."""
    full = [part.keep(np.any(part.n, axis=1)) for part in parts]
    merged = [
        merge_labels([(part.labels[i], part.codes[:, i]) for part in full])
        for i in range(len(full[0].labels))
    ]
    labels = tuple(known for known, _ in merged)
    columns = [np.concatenate(codes) for _, codes in merged]
    rows = sum(len(part.n) for part in full)
    keys = row_keys(columns, [len(known) for known in labels], rows)
    if len(full) == 1 and np.all(np.diff(keys) > 0):
        return full[0]._replace(labels=labels, codes=_stack(columns, rows))
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    first = order[starts]
    codes = _stack([column[first] for column in columns], starts.size)

    def gather(place: int) -> NDArray[Any] | None:
        arrays: list[Any] = [part[place] for part in full]
        return None if arrays[0] is None else sum_runs(np.concatenate(arrays)[order], starts)

    n = gather(2)
    return Rows(labels, codes, np.asarray(n), gather(3), gather(4))


def _stack(columns: Sequence[Codes], rows: int) -> Ints:
    if not columns:
        return np.empty((rows, 0), dtype=np.int64)
    return np.stack(columns, axis=1).astype(np.int64, copy=False)


def checked_weights(weights: ArrayLike, level_codes: Codes) -> Floats:
    """Weights as floats, zero where a row has no level, or the error that some are impossible."""
    try:
        array = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError):
        # The error's own text would repeat a cell of the data.
        raise UsageError(
            "The weights are not numbers.", hint="give one number a row, with NaN for a missing one"
        ) from None
    if array.shape != level_codes.shape:
        raise UsageError(
            f"There are {array.size} weights for {level_codes.size} values.",
            hint="give one weight a row",
        )
    if level_codes.size and level_codes.min() < 0:
        array = np.where(level_codes >= 0, array, 0.0)
    wrong = int(array.size - np.count_nonzero((array >= 0) & (array <= MAX_WEIGHT)))
    if wrong:
        raise UsageError(
            f"{wrong} of {array.size} weights are negative, missing, or beyond {MAX_WEIGHT:g}.",
            hint="give every row a weight of zero or more, or leave the row out",
        )
    return array


def checked_counts(n: NDArray[Any]) -> Ints:
    """`n` as integers, or the error that some are negative."""
    counts = integer_codes(n).astype(np.int64)
    if counts.size and counts.min() < 0:
        raise UsageError(f"{np.count_nonzero(counts < 0)} of {counts.size} counts are negative.")
    check_total([counts])
    return counts


def check_total(parts: Sequence[Ints]) -> None:
    """Refuse more rows than can be added up."""
    total = sum(float(n.sum(dtype=np.float64)) for n in parts)
    if total > MOST_ROWS:
        raise UsageError(
            f"{total:.2g} rows are more than a tally can count.",
            hint=f"at most {MOST_ROWS:,}; give counts, and not sums of something else",
        )


def checked_levels(codes: object, n_levels: int) -> LevelCodes:
    """Codes of levels as an array, or the error that some are out of range."""
    array = integer_codes(codes)
    if array.size and array.max() >= n_levels:
        raise UsageError(
            f"Codes of levels run to {array.max()}, but there are {n_levels} levels.",
            hint="a code is the place of the row's level; -1 means that it has none",
        )
    return LevelCodes(array, n_levels)


def _add_up(at: Cells, column: Summand) -> NDArray[Any]:
    if column.values.dtype == np.int64:
        return scatter(at, column.values.__getitem__)
    return scatter_floats(at, column.values, column.power)


def _check_lengths(
    axes: Sequence[CodedAxis], level_codes: Codes, columns: Sequence[Summand | None]
) -> None:
    rows = {axis.name: axis.codes.size for axis in axes}
    rows |= {f"sum {i}": column.values.size for i, column in enumerate(columns) if column}
    wrong = {name: size for name, size in rows.items() if size != level_codes.size}
    if wrong:
        raise UsageError(
            f"There are {level_codes.size} values, but "
            + ", ".join(f"{size} for {name!r}" for name, size in wrong.items())
            + ".",
            hint="give one entry a row everywhere",
        )


def _cells(axes: Sequence[CodedAxis], rows: int) -> tuple[Ints, Codes]:
    """Codes of each cell of a table, and for each row its cell."""
    if not axes:
        return np.empty((1, 0), np.int64), np.broadcast_to(np.zeros(1, np.int32), rows)
    sizes = [len(axis.labels) + 1 for axis in axes]
    columns = [axis.with_missing() for axis in axes]
    keys = row_keys(columns, sizes, rows)
    if prod(sizes) <= max(DENSE, rows) // 4:
        return np.stack(np.unravel_index(np.arange(prod(sizes)), sizes), axis=1), keys
    _, first, cells = np.unique(keys, return_index=True, return_inverse=True)
    return np.stack([column[first] for column in columns], axis=1), cells
