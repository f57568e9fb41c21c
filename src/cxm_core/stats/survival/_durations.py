"""Exact counts of durations: how many ended, in which way, after how long."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple, Unpack

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError
from cxm_core.stats._sums import Floats, Ints, lock, read_only, sum_runs

from ._duration_columns import DurationColumns, check_sizes, read_durations
from ._duration_order import Causes, Times, run_starts, sorted_counts

_same = cmp_using(eq=np.array_equal)


@frozen(kw_only=True, repr=False)
class DurationTally:
    """Count of each distinct duration and end: all that a survival curve needs.

    Counts are integers, so tallies of parts add up to the tally of the whole to the bit, in any
    order. Make one with `of`, or one for each group with `of_groups`.

    Parameters
    ----------
    times : int64 or float64 array (cells,)
        Durations, in order, in whatever unit they were given.
    causes : int8 array (cells,)
        How each ended: 0 if its end was not seen, 1 for the event, 2 and more for other ends.
    n : int64 array (cells,)
        Rows of each cell.
    entry : array (cells,) or None
        When each came under observation; below zero for those watched from the start.
    cluster : int64 array (cells,) or None
        Key of whom they belong to; one key must mean the same in all parts that are merged.
    weights, squares : float64 arrays (cells,) or None
        Sums of weights and of their squares.
    """

    times: Times = field(eq=_same, converter=read_only)
    causes: Causes = field(eq=_same, converter=read_only)
    n: Ints = field(eq=_same, converter=read_only)
    entry: Times | None = field(default=None, eq=_same, converter=read_only)
    cluster: Ints | None = field(default=None, eq=_same, converter=read_only)
    weights: Floats | None = field(default=None, eq=_same, converter=read_only)
    squares: Floats | None = field(default=None, eq=_same, converter=read_only)

    @classmethod
    def of(cls, durations: ArrayLike, **columns: Unpack[DurationColumns]) -> DurationTally:
        """Count durations.

        Parameters
        ----------
        durations : array of int or float (n,)
            Not negative, in any unit. Whole numbers are counted without sorting if they span few
            values.
        event_observed : array of bool or int (n,) or None
            True or 1 if the end was seen, 0 if not; 2 and more for other ways to end. None if all
            were seen.
        entry : array (n,) or None
            Duration at which each row came under observation, if not from the start.
        cluster : array of int (n,) or None
            Key of whom each row belongs to.
        weights : array of floats (n,) or None
            Not negative.

        Returns
        -------
        DurationTally
            The same in any order of the rows.

        Raises
        ------
        UsageError
            A duration is negative or missing, an entry is not before its duration, an end is no
            code from 0 to 127, or the arrays differ in size.

        Examples
        --------
        >>> tally = DurationTally.of([3, 5, 5, 8], event_observed=[True, True, False, True])
        >>> tally.times.tolist(), tally.causes.tolist()
        ([3, 5, 5, 8], [1, 1, 0, 1])
        """
        times, causes, entry, cluster, weights = read_durations(durations, columns)
        if entry is None and cluster is None and weights is None:
            counted = sorted_counts(times, causes)
            lock(*counted)
            return cls(**counted._asdict())
        n = np.ones(times.size, np.int64)
        squares = None if weights is None else weights**2
        return _joined(_Rows(times, causes, n, entry, cluster, weights, squares))

    @classmethod
    def of_groups(
        cls,
        group: ArrayLike,
        n_groups: int,
        durations: ArrayLike,
        **columns: Unpack[DurationColumns],
    ) -> tuple[DurationTally, ...]:
        """Count durations of each group.

        Parameters
        ----------
        group : array of int (n,)
            Code of each row's group, from 0 up; rows with a negative code are left out.
        n_groups : int
            How many groups there are, be they empty or not.
        durations : array (n,)
            As for `of`, with the same other columns.

        Returns
        -------
        tuple of DurationTally
            One for each group.

        Raises
        ------
        UsageError
            As `of` does.

        Examples
        --------
        >>> north, south = DurationTally.of_groups([0, 1, 0], 2, [3, 5, 8])
        >>> north.times.tolist(), south.total
        ([3, 8], 1)
        """
        codes = np.asarray(group)
        order = np.argsort(codes, kind="stable")
        edges = np.searchsorted(codes[order], np.arange(n_groups + 1))
        known = {name: array for name, array in columns.items() if array is not None}
        given = {name: np.asarray(array) for name, array in (known | {"d": durations}).items()}
        check_sizes([codes, *given.values()])
        parts = (order[start:end] for start, end in pairwise(edges))
        return tuple(cls._of_part(given, part) for part in parts)

    @classmethod
    def _of_part(cls, given: dict[str, NDArray[Any]], part: Ints) -> DurationTally:
        cut: dict[str, Any] = {name: array[part] for name, array in given.items()}
        return cls.of(cut.pop("d"), **cut)

    @property
    def total(self) -> int:
        """Rows that were counted."""
        return int(self.n.sum())

    @property
    def n_causes(self) -> int:
        """Highest code of an end that was seen."""
        return int(self.causes.max(initial=0))

    @property
    def n_clusters(self) -> int | None:
        """Distinct clusters; None if rows stand for themselves."""
        return None if self.cluster is None else int(np.unique(self.cluster).size)

    @property
    def last(self) -> float:
        """Longest duration; not a number if there is none."""
        return float(self.times[-1]) if self.times.size else np.nan

    def ending(self, cause: int | None = None) -> DurationTally:
        """Tally in which only one way to end is an event, and all others end the watch.

        Parameters
        ----------
        cause : int or None
            Code of that end; None makes all ends that were seen one event.

        Returns
        -------
        DurationTally
            With causes 0 and 1.

        Examples
        --------
        >>> DurationTally.of([3, 5, 8], event_observed=[1, 2, 0]).ending(2).causes.tolist()
        [0, 1, 0]
        """
        is_event = self.causes > 0 if cause is None else self.causes == cause
        return _joined(_rows(self)._replace(causes=is_event.astype(np.int8)))

    def untied(self) -> DurationTally:
        """Tally of the same rows, each of which stands for itself.

        Returns
        -------
        DurationTally
            Without clusters.

        Examples
        --------
        >>> DurationTally.of([3, 5, 5], cluster=[7, 7, 8]).untied().n.tolist()
        [1, 2]
        """
        return self if self.cluster is None else _joined(_rows(self)._replace(cluster=None))

    def __add__(self, other: DurationTally) -> DurationTally:
        return merge_durations([self, other])

    def __repr__(self) -> str:
        ended = int(self.n[self.causes > 0].sum())
        return f"DurationTally(n={self.total}, ended={ended}, cells={self.times.size})"


def merge_durations(tallies: Iterable[DurationTally]) -> DurationTally:
    """Tally of the rows of all `tallies`, in any order the same.

    Parameters
    ----------
    tallies : iterable of DurationTally
        At least one; alike in having entries, clusters and weights.

    Returns
    -------
    DurationTally
        Its counts are the sums of theirs.

    Raises
    ------
    UsageError
        There is none, or only some have entries, clusters or weights.

    Examples
    --------
    >>> merge_durations([DurationTally.of([3, 5]), DurationTally.of([5])]).n.tolist()
    [1, 2]
    """
    known = [_rows(tally) for tally in tallies]
    if not known:
        raise UsageError("There is no tally to merge.", hint="give at least one")
    columns = [_stacked(parts) for parts in zip(*known, strict=True)]
    return _joined(_Rows(*columns))


class _Rows(NamedTuple):
    times: Times
    causes: Causes
    n: Ints
    entry: Times | None
    cluster: Ints | None
    weights: Floats | None
    squares: Floats | None


def _rows(tally: DurationTally) -> _Rows:
    return _Rows(*(getattr(tally, name) for name in _Rows._fields))


def _stacked(parts: tuple[Any, ...]) -> Any:
    known = [part for part in parts if part is not None]
    if not known:
        return None
    if len(known) < len(parts):
        raise UsageError(
            "Only some of the tallies have entries, clusters or weights.",
            hint="count all parts with the same columns",
        )
    return np.concatenate(known)


def _joined(rows: _Rows) -> DurationTally:
    """Tally of the rows, in order, with equal ones counted together."""
    # What is not an event comes last among equal times: it was still there when they ended.
    ends = rows.causes.view(np.uint8) - np.uint8(1)
    keys = [key for key in (rows.cluster, rows.entry, ends, rows.times) if key is not None]
    order = np.lexsort(keys)
    starts = run_starts([key[order] for key in keys])
    first = order[starts]
    kept = {
        name: None if column is None else column[first]
        for name, column in rows._asdict().items()
        if name in ("times", "causes", "entry", "cluster")
    }
    sums = {
        name: None if column is None else sum_runs(column[order], starts)
        for name, column in rows._asdict().items()
        if name not in kept
    }
    columns: dict[str, Any] = kept | sums
    lock(*columns.values())
    return DurationTally(**columns)
