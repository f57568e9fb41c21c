"""Columns of a table as numbers: one as it is, or several side by side for a regression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cxm_core.errors import UsageError

from ._ingress import Frame, open_data, read_column
from ._objects import Column
from ._values import coded_axis, numbers

# More groups than this are names rather than groups.
_MOST_GROUPS = 50


def read_numbers(data: object, part: object, *, what: str) -> NDArray[np.float64]:
    """One column of numbers: of a table by its name, or a sequence of its own.

    Parameters
    ----------
    data : table
        Where a name is looked up.
    part : str or sequence
        Name of a column, or the numbers themselves.
    what : str
        What the column is for, for errors.

    Returns
    -------
    float64 array (rows,)
        Not a number where one is missing.

    Raises
    ------
    UsageError
        There is no such column, or its values are no numbers.

    Examples
    --------
    >>> read_numbers({"spend": [10, None]}, "spend", what="the sample").tolist()
    [10.0, nan]
    """
    if not isinstance(part, str):
        return numbers(read_column(part, what), what)[0]
    return numbers(_table(data, [part], what).column(part, what), part)[0]


def read_features(
    data: object, names: Sequence[str], *, what: str
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Columns of a table for a regression: numbers in standard units, groups as zeros and ones.

    Parameters
    ----------
    data : table
        Any frame, an Arrow stream, a mapping of columns, or a list of mappings.
    names : sequence of str
        The columns.
    what : str
        What the table is, for errors.

    Returns
    -------
    tuple of float64 array (rows, features) and tuple of str
        The features, and of which column each is. A missing number is the mean, and a feature of
        its own says that it is missing; of the groups, the largest is the one to compare with.

    Raises
    ------
    UsageError
        No column is named, there is no such column, or it has more groups than can be told apart.

    Examples
    --------
    >>> table = {"plan": ["a", "b", "a"], "spend": [1.0, 2.0, 3.0]}
    >>> features, of = read_features(table, ["plan", "spend"], what="the sample")
    >>> of, features.shape
    (('plan', 'spend'), (3, 2))
    """
    if not names:
        raise UsageError(f"No column is named for {what}.", hint="one at least: ['plan']")
    frame = _table(data, names, what)
    blocks = [_features(frame.column(name, what), name) for name in names]
    of = [name for name, block in zip(names, blocks, strict=True) for _ in range(block.shape[1])]
    return np.concatenate(blocks, axis=1), tuple(of)


def _table(data: object, names: Sequence[str], what: str) -> Frame:
    opened = open_data(data, what)
    if isinstance(opened, Column):
        raise UsageError(
            f"A column is named, and {what} is no table.", hint="a frame, or {'name': [...], ...}"
        )
    return opened.select(dict.fromkeys(names, what))


def _features(column: Column, name: str) -> NDArray[np.float64]:
    if column.values.dtype.kind in "iuf":
        return _standard(*numbers(column, name))
    axis = coded_axis(column, name)
    codes = axis.with_missing()
    counts = np.bincount(codes)
    if len(counts) > _MOST_GROUPS:
        raise UsageError(
            f"The column {name!r} has {len(counts)} different labels, which are no groups.",
            hint=f"at most {_MOST_GROUPS}, such as a tariff or a region",
        )
    others = [code for code in np.flatnonzero(counts) if code != counts.argmax()]
    return np.asarray(codes[:, None] == np.array(others, np.int64), np.float64)


def _standard(values: NDArray[np.float64], is_missing: NDArray[np.bool_]) -> NDArray[np.float64]:
    known = values[~is_missing]
    mean = known.mean() if known.size else 0.0
    spread = known.std() if known.size else 0.0
    filled = np.where(is_missing, mean, values)
    columns = [(filled - mean) / spread] if spread > 0 else []
    columns += [is_missing.astype(np.float64)] if 0 < is_missing.sum() < len(values) else []
    return np.stack(columns, axis=1) if columns else np.empty((len(values), 0))
