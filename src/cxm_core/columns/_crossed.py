"""Groups of a table that several columns make together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats import Label

from ._ingress import open_data
from ._objects import Column
from ._values import coded_axis

Labels: TypeAlias = tuple[Label, ...]


@frozen(kw_only=True, eq=False)
class Crossed:
    """One or several columns of a table as groups.

    Parameters
    ----------
    columns : tuple of str
        The columns.
    labels : tuple of tuples
        The groups that some row is in: one label for each column, None for a missing one.
    codes : int64 array (rows,)
        Place of each row's group in `labels`.
    """

    columns: tuple[str, ...]
    labels: tuple[Labels, ...]
    codes: NDArray[np.int64]


def read_crossed(data: object, wanted: Sequence[tuple[str, ...]], *, what: str) -> list[Crossed]:
    """Groups that the columns of a table make.

    Parameters
    ----------
    data : table
        Any frame, an Arrow stream, a mapping of columns, or a list of mappings.
    wanted : sequence of tuples of str
        Columns that make one kind of groups each.
    what : str
        What the table is, for errors.

    Returns
    -------
    list of Crossed
        One for each of `wanted`.

    Raises
    ------
    UsageError
        The data is no table, a column is not there, or columns differ in length.

    Examples
    --------
    >>> table = {"region": ["N", "S", "N"], "plan": [1, 1, 2]}
    >>> read_crossed(table, [("region", "plan")], what="the sample")[0].labels
    (('N', 1), ('N', 2), ('S', 1))
    """
    opened = open_data(data, what)
    if isinstance(opened, Column):
        raise UsageError(
            f"{what.capitalize()} is one column, and a table is needed.",
            hint="a frame, or {'region': [...], 'age': [...]}",
        )
    frame = opened.select({name: what for names in wanted for name in names})
    return [_crossed(names, [frame.column(name, what) for name in names]) for names in wanted]


def _crossed(names: tuple[str, ...], columns: Sequence[Column]) -> Crossed:
    rows = {len(column) for column in columns}
    if len(rows) != 1:
        raise UsageError(f"The columns {', '.join(names)} differ in length.")
    axes = [coded_axis(column, name) for name, column in zip(names, columns, strict=True)]
    known = [(*axis.labels, None) for axis in axes]
    shape = tuple(map(len, known))
    keys = np.ravel_multi_index([axis.with_missing() for axis in axes], shape)
    distinct, codes = np.unique(keys, return_inverse=True)
    places = zip(*np.unravel_index(distinct, shape), strict=True)
    labels = tuple(tuple(known[i][place] for i, place in enumerate(row)) for row in places)
    return Crossed(columns=names, labels=labels, codes=codes.astype(np.int64))
