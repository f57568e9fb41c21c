"""Rows of a log's table: which stay, and the times in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.columns import LogTable, read_crossed
from cxm_core.vocabulary import in_utc

Ints = NDArray[np.int64]


def kept(table: LogTable, which: NDArray[np.bool_], reason: str) -> LogTable:
    """Rows of a table; those that go are counted under a reason."""
    gone = int(which.size - np.count_nonzero(which))
    if not gone:
        return table
    columns = {
        name: evolve(column, values=column.values[which], is_missing=column.is_missing[which])
        for name, column in table.columns.items()
    }
    return evolve(table, columns=columns, exclusions=(*table.exclusions, (reason, gone)))


def noted(table: LogTable, code: str, count: int) -> LogTable:
    """The table with one more caveat for every figure of it, if it is about any row."""
    return evolve(table, notes=(*table.notes, (code, count))) if count else table


def where(table: LogTable, name: str, words: Collection[str]) -> NDArray[np.bool_]:
    """Rows whose label in a column is one of some words."""
    (found,) = read_crossed(table, [(name,)], what=name)
    told = [label for (label,) in found.labels]
    is_one = np.array([label is not None and str(label) in words for label in told], np.bool_)
    return is_one[found.codes]


def microseconds(table: LogTable, name: str) -> Ints:
    """Instants of a column since 1970; the smallest number where one is missing."""
    return table.column(name).values.astype("datetime64[us]").astype(np.int64)


def stamp(at: datetime) -> np.int64:
    """An instant as microseconds since 1970; refused where it has no zone."""
    utc = in_utc(at)
    return np.int64(np.datetime64(utc.astimezone(UTC).replace(tzinfo=None), "us").astype(np.int64))
