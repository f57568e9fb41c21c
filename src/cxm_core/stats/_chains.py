"""Rows of many groups put in order, group beside group: what follows what, which are alike.

A counting sort puts the groups side by side; everything after it goes through them block by block,
so that the operands of one step stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, cast

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError

from ._chain_words import ChainWords, unlike, word_sums
from ._labels import Codes
from ._sums import Ints, read_only

# Rows of one block: their states, places and keys fit into the cache together.
_BLOCK = 1 << 18
# Equal times are few if they are less than the rows divided by this power of two.
_FEW = 6


@frozen(kw_only=True, eq=False)
class Chains:
    """States of many groups in the order of time, one group after the other.

    Parameters
    ----------
    states : array of integers (rows,)
        Code of each row's state, in order.
    rows : array of integers (rows,)
        Place of each in the data it came from.
    starts : int64 array (chains + 1,)
        Where each chain begins; the last is the number of rows.
    groups : int64 array (chains,)
        Code of the group that each chain is.
    n_states : int
        How many states there are.
    ties : int
        Rows that have the time of the one before in their chain.
    """

    states: Codes = field(converter=read_only)
    rows: Codes = field(converter=read_only)
    starts: Ints = field(converter=read_only)
    groups: Ints = field(converter=read_only)
    n_states: int
    ties: int = 0

    def __len__(self) -> int:
        return self.groups.size

    @property
    def lengths(self) -> Ints:
        """Rows of each chain."""
        return np.diff(self.starts)

    def blocks(self) -> Iterator[Block]:
        """The chains in order, some at a time.

        Yields
        ------
        Block
            Whole chains with about a quarter of a million rows.
        """
        cuts = np.arange(0, self.states.size, _BLOCK)
        edges = np.unique(np.searchsorted(self.starts, cuts))
        bounds = [*edges.tolist(), len(self)]
        for first, last in pairwise(bounds):
            if last > first:
                yield Block(self, first, last)


class Block(NamedTuple):
    """Some neighbouring chains.

    Attributes
    ----------
    chains : Chains
        All of them.
    first, last : int
        The first of these, and the one after the last.
    """

    chains: Chains
    first: int
    last: int

    @property
    def part(self) -> slice:
        """Rows of these chains."""
        return slice(int(self.chains.starts[self.first]), int(self.chains.starts[self.last]))

    @property
    def starts(self) -> Ints:
        """Where each begins, and where the last ends, counted from the first row of the block."""
        found: Ints = self.chains.starts[self.first : self.last + 1] - self.part.start
        return found

    def numbers(self) -> Ints:
        """Number of each row's chain in the block, from 0."""
        starts = self.starts
        return np.repeat(np.arange(starts.size - 1), np.diff(starts))

    def places(self) -> Ints:
        """Place of each row in its chain, from 0."""
        starts = self.starts
        return np.arange(starts[-1]) - np.repeat(starts[:-1], np.diff(starts))


def chains(
    states: ArrayLike,
    groups: ArrayLike,
    *,
    times: ArrayLike | None = None,
    order: ArrayLike | None = None,
    n_states: int | None = None,
) -> Chains:
    """Put the rows of each group in the order of time.

    Parameters
    ----------
    states, groups : arrays of integers (rows,)
        Code of the state that each row is in, and of its group; none is negative.
    times : int64 array (rows,) or None
        Time of each row; None if the rows of each group are in order.
    order : array of integers (rows,) or None
        What decides between rows of one group that have the same time. Rows that are alike in this
        too are put in the order of their states, so that the order of arrival decides nothing.
    n_states : int or None
        How many states there are; None for as many as are met.

    Returns
    -------
    Chains
        Groups without rows are left out.

    Raises
    ------
    UsageError
        A code is negative or too large, or lengths differ.

    Notes
    -----
    The counting sort is SciPy's from coordinates to compressed rows; only chains whose times are
    not in order already are sorted.

    Examples
    --------
    >>> found = chains([0, 1, 0, 2], [1, 0, 0, 1], times=[5, 9, 3, 7])
    >>> found.states.tolist(), found.starts.tolist()
    ([0, 1, 0, 2], [0, 2, 4])
    """
    codes, group = _checked(states, n_states, "states"), _checked(groups, None, "groups")
    at, then = (None if given is None else np.asarray(given) for given in (times, order))
    if any(given is not None and given.shape != codes.shape for given in (group, at, then)):
        raise UsageError("States, groups, times and order of the rows differ in length.")
    size = int(codes.max(initial=-1)) + 1 if n_states is None else n_states
    of_rows, rows, starts = _counting_sort(_narrow(codes, size), group)
    is_there = np.diff(starts) > 0
    found = Chains(
        states=_seen(of_rows),
        rows=_seen(rows),
        starts=np.append(starts[:-1][is_there], codes.size),
        groups=np.flatnonzero(is_there),
        n_states=size,
    )
    late = None if at is None else _not_later(at)
    if at is None or late is None or not late.size:
        return found
    is_odd = _perhaps_odd(found, at, group, late)
    return evolve(found, ties=_put_in_time((of_rows, rows), found, is_odd, at, then))


def _seen(array: Codes) -> Codes:
    """The array through a view that cannot write to it."""
    view = array.view()
    view.flags.writeable = False
    return view


def _checked(codes: ArrayLike, size: int | None, what: str) -> Codes:
    array: Codes = np.asarray(codes)
    if not array.size:
        return array.astype(np.int64)
    high = int(array.max())
    low = 0 if array.dtype.kind == "u" else array.min()
    if array.dtype.kind not in "iu" or low < 0 or (size is not None and high >= size):
        raise UsageError(f"Codes of {what} are whole numbers from 0 up to how many there are.")
    return array


def _narrow(codes: Codes, size: int) -> Codes:
    kind = np.uint8 if size <= 1 << 8 else np.uint16 if size <= 1 << 16 else np.int32
    return codes.astype(kind, copy=False)


def _counting_sort(states: Codes, groups: Codes) -> tuple[Codes, Codes, Ints]:
    """States and rows of group after group, and where each group begins."""
    from scipy.sparse import csr_array  # noqa: PLC0415  (SciPy loads on first use)

    n = states.size
    kind = np.int32 if n < 1 << 31 else np.int64
    places = cast("Codes", np.arange(n, dtype=kind))
    if not n:
        return states.copy(), places, np.zeros(1, np.int64)
    # A state of 0 is kept: the conversion drops nothing, and no place stands in a row twice.
    size = int(groups.max()) + 1
    table = csr_array((states, (groups.astype(kind, copy=False), places)), shape=(size, n))
    return table.data, table.indices, table.indptr.astype(np.int64)


def _put_in_time(
    own: tuple[Codes, Codes],
    found: Chains,
    is_odd: NDArray[np.bool_],
    times: NDArray[Any],
    order: NDArray[Any] | None,
) -> int:
    """Sort in place those chains that are not in order, and count the ties."""
    ties = 0
    for block in found.blocks():
        part = block.part
        if not is_odd[block.first : block.last].any():
            continue
        at = times[found.rows[part]]
        if not _out_of_order(at, block.starts).any():
            continue
        places, known = _sorted(block, at, order)
        for array in own:
            array[part] = array[part][places]
        ties += known
    return ties


def _not_later(times: NDArray[Any]) -> Ints:
    """Rows that are not later than the row before them in the data."""
    found = [np.zeros(0, np.int64)]
    for start in range(0, times.size - 1, _BLOCK):
        part = times[start : start + _BLOCK + 1]
        found.append(np.flatnonzero(part[1:] <= part[:-1]) + start + 1)
    return np.concatenate(found)


def _perhaps_odd(
    found: Chains, times: NDArray[Any], groups: Codes, late: Ints
) -> NDArray[np.bool_]:
    """Chains that may be out of order; in data that never go back, those with two equal times."""
    if (times[late] < times[late - 1]).any():
        return np.ones(len(found), np.bool_)
    is_odd = np.zeros(len(found), np.bool_)
    is_few = late.size < times.size >> _FEW
    met = _twice_at_once(times, groups, late) if is_few else groups[late]
    is_odd[np.searchsorted(found.groups, met)] = True
    return is_odd


def _twice_at_once(times: NDArray[Any], groups: Codes, late: Ints) -> Codes:
    """Groups with two rows of one time, of data that never go back."""
    rows = np.unique(np.concatenate([late - 1, late]))
    rows = rows[np.lexsort((groups[rows], times[rows]))]
    is_same = (times[rows][1:] == times[rows][:-1]) & (groups[rows][1:] == groups[rows][:-1])
    found: Codes = groups[rows[1:][is_same]]
    return found


def _out_of_order(stamps: NDArray[Any], starts: Ints) -> NDArray[np.bool_]:
    """Rows that are not later than the row before them in their chain."""
    late = np.zeros(stamps.size, np.bool_)
    late[1:] = stamps[1:] <= stamps[:-1]
    late[starts[:-1]] = False
    return late


def _sorted(block: Block, stamps: NDArray[Any], order: NDArray[Any] | None) -> tuple[Ints, int]:
    """New order of a block's rows, in which only its unordered chains change, and its ties."""
    starts = block.starts
    chain = block.numbers()
    is_bad = np.zeros(starts.size - 1, np.bool_)
    is_bad[chain[_out_of_order(stamps, starts)]] = True
    at = np.flatnonzero(is_bad[chain])
    rows = block.chains.rows[block.part][at]
    keys = [block.chains.states[block.part][at], stamps[at], chain[at]]
    if order is not None:
        keys.insert(1, order[rows])
    places = np.arange(stamps.size)
    places[at] = at[np.lexsort(keys)]
    return places, int(_out_of_order(stamps[places], starts).sum())


def follow_counts(found: Chains, weights: ArrayLike | None = None) -> NDArray[Any]:
    """How often each state comes right after each other one.

    Parameters
    ----------
    found : Chains
        States in order.
    weights : array of floats (rows,) or None
        What each row adds to the pair that it ends, in the order of the chains; None for one.

    Returns
    -------
    array (states, states)
        Row: the state before; column: the one after. Counts are int64, sums float64.

    Examples
    --------
    >>> follow_counts(chains([0, 1, 0, 1], [0, 0, 0, 1])).tolist()
    [[0, 1], [1, 0]]
    """
    k = found.n_states
    sums = np.zeros(k * k, np.int64 if weights is None else np.float64)
    given = None if weights is None else np.asarray(weights, np.float64)
    for block in found.blocks():
        states = found.states[block.part]
        keys = states[:-1].astype(np.int32) * np.int32(k)
        keys += states[1:]
        add = None if given is None else given[block.part][1:]
        sums += np.bincount(keys, add, sums.size).astype(sums.dtype, copy=False)
        # The last of a chain and the first of the next one are no pair.
        borders = block.starts[1:-1] - 1
        less = None if add is None else add[borders]
        sums -= np.bincount(keys[borders], less, sums.size).astype(sums.dtype, copy=False)
    return sums.reshape(k, k)


class DistinctChains(NamedTuple):
    """Distinct chains.

    Attributes
    ----------
    codes : int64 array (chains,)
        Which way each chain is; the most frequent is 0.
    n : int64 array (ways,)
        How many chains are that way.
    examples : int64 array (ways,)
        One chain that is that way.
    """

    codes: Ints
    n: Ints
    examples: Ints


def distinct_chains(
    found: Chains, *, is_exact: bool = True, most: int | None = None
) -> DistinctChains:
    """Which chains are the same from the first row to the last.

    Parameters
    ----------
    found : Chains
        States in order.
    is_exact : bool
        Compare each chain with the first of its way, and tell those apart that only their 64-bit
        sums took for the same. Without it two ways are confused with the chance of one in 10**19
        for each pair of them.
    most : int or None
        How many ways are wanted in order; the others stand behind them in any. None for all.

    Returns
    -------
    DistinctChains
        The most frequent first; of equally frequent ones the shorter, then by their first states.

    Notes
    -----
    A way is known by the sum of one random number of 64 bits for each place and the states there.

    Examples
    --------
    >>> found = distinct_chains(chains([0, 1, 0, 1, 1, 0], [0, 0, 1, 1, 2, 2]))
    >>> found.codes.tolist(), found.n.tolist()
    ([0, 0, 1], [2, 1])
    """
    codes, first, n = _alike(_sums(found, seed=0))
    if is_exact:
        codes, first, n = _told_apart(found, codes, first, n)
    ranks = _ranks(found, first, n, most)
    places = np.empty_like(ranks)
    places[ranks] = np.arange(ranks.size)
    return DistinctChains(places[codes], n[ranks], first[ranks])


def _sums(found: Chains, *, seed: int) -> NDArray[np.uint64]:
    return word_sums(ChainWords(found.states, found.starts), seed=seed)


def _alike(*keys: NDArray[np.uint64]) -> tuple[Ints, Ints, Ints]:
    """Number of each row's keys, the first row that has each, and how many have."""
    # One key needs no stable sort, which would take five times as long: the least is found below.
    order = np.argsort(keys[0]) if len(keys) < 2 else np.lexsort(keys)
    is_new = np.zeros(order.size, np.bool_)
    is_new[:1] = True
    for key in keys:
        for start in range(0, order.size, _BLOCK):
            ranked = key[order[start : start + _BLOCK + 1]]
            is_new[start + 1 : start + ranked.size] |= ranked[1:] != ranked[:-1]
    starts = np.flatnonzero(is_new)
    first = np.minimum.reduceat(order, starts) if starts.size else starts
    codes = np.empty(order.size, np.int64)
    for start in range(0, order.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        before = np.searchsorted(starts, start, side="right") - 1 - int(is_new[start])
        codes[order[part]] = np.cumsum(is_new[part]) + before
    return codes, first, np.diff(starts, append=order.size)


def _ranks(found: Chains, first: Ints, n: Ints, most: int | None) -> Ints:
    """Ways in order: as many as are wanted, then the others."""
    lengths = found.lengths[first]
    keys = (n.max(initial=0) - n) * (lengths.max(initial=0) + 1) + lengths
    if most is None or not 0 < most < keys.size:
        return np.lexsort((_beginnings(found, first), keys))
    is_near = keys <= np.partition(keys, most - 1)[most - 1]
    near = np.flatnonzero(is_near)
    near = near[np.lexsort((_beginnings(found, first[near]), keys[near]))]
    return np.concatenate([near, np.flatnonzero(~is_near)])


def _beginnings(found: Chains, which: Ints) -> NDArray[np.uint64]:
    """First states of some chains as one number, as many as fit into 64 bits."""
    width = found.states.itemsize
    starts, ends = found.starts[which], found.starts[which + 1]
    keys = np.zeros(which.size, np.uint64)
    for place in range(8 // width):
        rows = starts + place
        is_there = rows < ends
        state = found.states[np.where(is_there, rows, 0)] if which.size else found.states
        keys = (keys << np.uint64(8 * width)) | np.where(is_there, state, 0).astype(np.uint64)
    return keys


def _told_apart(found: Chains, codes: Ints, first: Ints, n: Ints) -> tuple[Ints, Ints, Ints]:
    """Split what one sum confused, until every chain is as the first of its way."""
    seed = 1
    while _differ(found, codes, first):
        codes, first, n = _alike(codes.astype(np.uint64), _sums(found, seed=seed))
        seed += 1
    return codes, first, n


def _differ(found: Chains, codes: Ints, first: Ints) -> bool:
    """Whether any chain differs from the first of its way."""
    words = ChainWords(found.states, found.starts)
    ends = [*range(0, len(found), _BLOCK), len(found)]
    parts = (np.arange(start, end) for start, end in pairwise(ends))
    return any(unlike(words, part, first[codes[part]]).any() for part in parts)


def stages_reached(found: Chains, stages: Sequence[ArrayLike], *, is_ordered: bool = True) -> Codes:
    """Row at which each chain reaches each stage for the first time.

    Parameters
    ----------
    found : Chains
        States in order.
    stages : sequence of arrays of integers
        States that count as each stage.
    is_ordered : bool
        Whether a stage has to come after the one before it, and cannot be reached without it.

    Returns
    -------
    array of integers (chains, stages)
        Place among the rows of the chains; -1 for a stage that was not reached.

    Examples
    --------
    >>> stages_reached(chains([0, 1, 1, 0], [0, 0, 1, 1]), [[0], [1]]).tolist()
    [[0, 1], [3, -1]]
    """
    wanted = [np.asarray(codes, found.states.dtype) for codes in stages]
    kind = np.int32 if found.states.size < 1 << 31 else np.int64
    at: Codes = np.full((len(stages), len(found)), -1, kind)
    for block in found.blocks():
        states, starts = found.states[block.part], block.starts
        chain, after = np.arange(starts.size - 1), starts[:-1]
        for place, codes in enumerate(wanted):
            rows = _next_rows(states, codes, after)
            is_there = rows < starts[chain + 1]
            met, rows = chain[is_there], rows[is_there]
            at[place, met + block.first] = rows + block.part.start
            if is_ordered:
                # What was not reached bars all that comes after it.
                chain, after = met, rows + 1
    return at.T


def _next_rows(states: Codes, codes: Codes, after: Ints) -> Ints:
    """Next row of a block, from each of some on, that counts; behind the last if there is none."""
    is_hit = np.zeros(states.size, np.bool_)
    for code in codes:
        is_hit |= states == code
    before = np.zeros(states.size + 1, np.int32)
    np.cumsum(is_hit, out=before[1:])
    return np.append(np.flatnonzero(is_hit), states.size)[before[after]]


class StateCounts(NamedTuple):
    """How often each chain is in each state that it is in at all.

    Attributes
    ----------
    chain, state : int64 arrays (pairs,)
        Place of the chain among all, and the state; each pair once, sorted.
    n : int64 array (pairs,)
        Rows of the chain in that state.
    """

    chain: Ints
    state: Ints
    n: Ints


def state_counts(found: Chains) -> StateCounts:
    """How often each chain is in each state.

    Parameters
    ----------
    found : Chains
        States in order.

    Returns
    -------
    StateCounts
        One entry for each chain and state that occur together.

    Examples
    --------
    >>> state_counts(chains([0, 1, 0, 1], [0, 0, 0, 1])).n.tolist()
    [2, 1, 1]
    """
    k = max(found.n_states, 1)
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for block in found.blocks():
        keys = (block.numbers() + block.first) * k
        keys += found.states[block.part]
        pairs, n = np.unique(keys, return_counts=True)
        parts.append((pairs, n))
    keys, n = (np.concatenate(part) for part in zip(*parts, strict=True))
    return StateCounts(keys // k, keys % k, n)
