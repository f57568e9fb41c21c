"""How much of one set stands in another, for many pairs of sets at once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from ._sums import Floats, Ints, divide, read_only

# Pairs whose shared items are looked up in one go.
_BLOCK = 1 << 16


@frozen(kw_only=True, eq=False, slots=False)
class Sets:
    """One set of items a row, each item with a weight.

    Parameters
    ----------
    starts : int64 array (rows + 1,)
        Where the items of each row begin, and where the last end.
    items : int64 array
        Items from 0 up, each at most once in a row.
    weights : float64 array
        Weight of each item; above zero.

    Examples
    --------
    >>> import numpy as np
    >>> sets = Sets.of([0, 2, 4], [7, 9, 9, 5])
    >>> sets.overlap([0], [1]).tolist()
    [0.5]
    """

    starts: Ints = field(converter=read_only)
    items: Ints = field(converter=read_only)
    weights: Floats = field(converter=read_only)

    @classmethod
    def of(cls, starts: ArrayLike, items: ArrayLike, *, owners: ArrayLike | None = None) -> Sets:
        """Sets of any integers, weighed by how rare they are.

        Parameters
        ----------
        starts : array of integers (rows + 1,)
            Where the items of each row begin, and where the last end.
        items : array of integers
            Each at most once in a row.
        owners : array of integers (rows,) or None
            Who a row is from, from 0 up; None gives every item the same weight.

        Returns
        -------
        Sets
            An item that d of n owners use weighs the logarithm of (n + 1) / d.
        """
        begins = np.asarray(starts, dtype=np.int64)
        known, codes = np.unique(np.asarray(items), return_inverse=True)
        codes = codes.astype(np.int64)
        weights = np.ones(known.size)
        if owners is not None:
            whose = np.repeat(np.asarray(owners, dtype=np.int64), np.diff(begins))
            n = int(whose.max(initial=-1)) + 1
            pairs = np.unique(codes * max(n, 1) + whose)
            used = np.bincount(pairs // max(n, 1), minlength=known.size)
            weights = np.log((np.unique(whose).size + 1) / np.maximum(used, 1))
        return cls(starts=begins, items=codes, weights=weights)

    def take(self, rows: ArrayLike) -> Sets:
        """The sets of some rows, in another order.

        Parameters
        ----------
        rows : array of integers
            Places of the rows.

        Returns
        -------
        Sets
            With the same weights.
        """
        wanted = np.asarray(rows, dtype=np.int64)
        counts = np.diff(self.starts)[wanted]
        ends = np.cumsum(counts)
        places = np.arange(int(counts.sum())) + np.repeat(
            self.starts[wanted] - ends + counts, counts
        )
        starts = np.concatenate([np.zeros(1, np.int64), ends])
        return Sets(starts=starts, items=self.items[places], weights=self.weights)

    @cached_property
    def sizes(self) -> Floats:
        """Weight of every row's items together."""
        rows = np.repeat(np.arange(self.starts.size - 1), np.diff(self.starts))
        sums = np.bincount(rows, self.weights[self.items], self.starts.size - 1)
        return sums.astype(np.float64)

    def overlap(self, left: ArrayLike, right: ArrayLike) -> Floats:
        """Weight that two rows share, divided by that of the smaller one.

        Parameters
        ----------
        left, right : arrays of integers (pairs,)
            The two rows of each pair.

        Returns
        -------
        float64 array (pairs,)
            From 0 to 1: one if all of the smaller row stands in the other; not a number where one
            of the two is empty.

        References
        ----------
        .. [1] Broder, A., On the resemblance and containment of documents, 1997.
        """
        one, two = (np.asarray(part, dtype=np.int64) for part in (left, right))
        blocks = range(0, one.size, _BLOCK)
        parts = [self._shared(one[i : i + _BLOCK], two[i : i + _BLOCK]) for i in blocks]
        shared = np.concatenate(parts) if parts else np.zeros(0)
        smaller = np.minimum(self.sizes[one], self.sizes[two])
        return np.minimum(divide(shared, smaller), 1.0)

    def _shared(self, left: Ints, right: Ints) -> Floats:
        both: Floats = self._matrix[left].multiply(self._matrix[right]) @ self.weights
        return both

    @cached_property
    def _matrix(self) -> Any:
        from scipy.sparse import csr_array  # noqa: PLC0415  (SciPy loads on first use)

        shape = (self.starts.size - 1, self.weights.size)
        return csr_array((np.ones(self.items.size), self.items, self.starts), shape=shape)
