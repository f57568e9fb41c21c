"""Which group each row belongs to, in the order in which every figure tells groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.stats import CodedAxis, Tally

Groups: TypeAlias = tuple[tuple[Any, ...], ...]

# Up to so many possible groups they are counted in a table rather than sorted.
_WIDEST = 1_000_000


def group_places(axes: Sequence[CodedAxis], rows: int) -> tuple[Groups, NDArray[np.int64]]:
    """Groups that some row is in, in the order of every figure, and the place of each row's.

    Parameters
    ----------
    axes : sequence of CodedAxis
        Axes of the rows; those that are groups count.
    rows : int
        How many rows there are.

    Returns
    -------
    tuple of tuples, int64 array (rows,)
        One label an axis for each group, and which of them each row belongs to.

    Examples
    --------
    >>> import numpy as np
    >>> region = CodedAxis(name="region", labels=("N", "S"), codes=np.array([1, 0, 1]))
    >>> groups, places = group_places([region], 3)
    >>> groups, places.tolist()
    ((('N',), ('S',)), [1, 0, 1])
    """
    by = [axis for axis in axes if axis.role == "by"]
    if not by or not rows:
        return () if by else ((),), np.zeros(rows, np.int64)
    shape = [len(axis.labels) + 1 for axis in by]
    keys = np.ravel_multi_index([axis.codes.astype(np.int64) + 1 for axis in by], shape)
    distinct, row = _distinct(keys, int(np.prod(shape)))
    lines = np.stack(np.unravel_index(distinct, shape), axis=1) - 1
    distinct_axes = [evolve(axis, codes=line) for axis, line in zip(by, lines.T, strict=True)]
    groups = _in_order(distinct_axes, len(distinct))
    places = {_key(labels): place for place, labels in enumerate(groups)}
    named = [
        tuple(None if c < 0 else axis.labels[c] for axis, c in zip(by, line, strict=True))
        for line in lines.tolist()
    ]
    return groups, np.array([places[_key(labels)] for labels in named], np.int64)[row]


def _distinct(keys: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keys that some row has, and the place of each row's; nothing is sorted if they are few."""
    if size > _WIDEST:
        found, row = np.unique(keys, return_inverse=True)
        return found, row.ravel()
    found = np.flatnonzero(np.bincount(keys, minlength=size))
    place = np.zeros(size, np.int64)
    place[found] = np.arange(found.size)
    return found, place[keys]


def _in_order(axes: Sequence[CodedAxis], groups: int) -> tuple[tuple[Any, ...], ...]:
    """Groups in the order of every other figure."""
    return Tally.from_codes(
        levels=(0,), level_codes=np.zeros(groups, np.int64), axes=axes, weights=None
    ).groups


def _key(labels: Sequence[Any]) -> tuple[tuple[type, Any], ...]:
    return tuple((type(label), label) for label in labels)
