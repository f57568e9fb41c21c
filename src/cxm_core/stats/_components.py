"""Which rows hang together: connected components of pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError

from ._sums import Ints


def components(left: ArrayLike, right: ArrayLike, size: int) -> Ints:
    """Number of the component of every row, where pairs of rows belong together.

    Parameters
    ----------
    left, right : arrays of integers (pairs,)
        The two rows of each pair, from 0; the order of pairs does not matter.
    size : int
        How many rows there are; a row in no pair is a component of its own.

    Returns
    -------
    int64 array (size,)
        Components are numbered from 0 in the order of their first row.

    Raises
    ------
    UsageError
        A pair names a row that is not there.

    Examples
    --------
    >>> components([0, 3], [2, 4], 5).tolist()
    [0, 1, 0, 2, 2]
    """
    from scipy.sparse import coo_array  # noqa: PLC0415  (SciPy loads on first use)
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    one, two = (np.asarray(part, dtype=np.int64) for part in (left, right))
    ends = np.concatenate([one, two])
    if ends.size and not 0 <= ends.min() <= ends.max() < size:
        raise UsageError(f"{np.count_nonzero((ends < 0) | (ends >= size)):,} rows are not there.")
    # Weak components of floats: what SciPy takes without making a copy of the graph.
    graph = coo_array((np.ones(one.size), (one, two)), shape=(size, size)).tocsr()
    _, found = connected_components(graph, directed=True, connection="weak")
    _, first, place = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(first.size, np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    numbered: Ints = rank[place]
    numbered.flags.writeable = False
    return numbered
