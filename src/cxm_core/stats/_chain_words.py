"""States of chains as words of eight bytes, so that up to eight of them are looked at in one step.

Two chains of one length are alike just where all their words are, whatever the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._labels import Codes
from ._sums import Ints

Bits = NDArray[np.uint64]

_WORD = 8
# Words of one step: they and what is made of them stay in the processor's cache.
_BLOCK = 1 << 16
_STRIDE = 0xD6E8FEB86659FD93
# The first so many bytes of a word.
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(_WORD + 1)], np.uint64)


class WordRows(NamedTuple):
    """Words of some chains.

    Attributes
    ----------
    part : slice
        Which of the chains that were asked for.
    row : int64 array (words,)
        Row at which each word begins.
    place : int64 array (words,)
        Place of each word in its chain.
    mask : uint64 array (words,)
        Bits of each word that belong to its chain.
    starts : int64 array (chains,)
        Where each chain begins among the words.
    """

    part: slice
    row: Ints
    place: Ints
    mask: Bits
    starts: Ints


class ChainWords:
    """Rows of states as words; a chain's last one is filled up with noughts."""

    def __init__(self, states: Codes, starts: Ints) -> None:
        size = states.itemsize
        self.each, self._size = _WORD // size, size
        self.starts, self.ends = starts[:-1], starts[1:]
        data = np.concatenate([states, np.zeros(self.each, states.dtype)])
        self._every: Bits = np.ndarray((states.size + 1,), "<u8", data, strides=(size,))

    def at(self, rows: Ints, mask: Bits) -> Bits:
        """Words that begin at these rows."""
        return self._every[rows] & mask

    def lengths(self, which: Ints) -> Ints:
        """Rows of some chains."""
        found: Ints = self.ends[which] - self.starts[which]
        return found

    def rows(self, which: Ints) -> Iterator[WordRows]:
        """Words of some chains, some chains at a time."""
        for start in range(0, which.size, _BLOCK):
            some = which[start : start + _BLOCK]
            numbers = -(-self.lengths(some) // self.each)
            ends = np.cumsum(numbers)
            edges = np.unique(np.searchsorted(ends, np.arange(0, ends[-1], _BLOCK), side="right"))
            for first, last in pairwise([*edges.tolist(), some.size]):
                part = slice(start + first, start + last)
                yield self._of(part, some[first:last], numbers[first:last])

    def _of(self, part: slice, which: Ints, numbers: Ints) -> WordRows:
        starts = np.cumsum(numbers) - numbers
        place = np.arange(int(numbers.sum())) - np.repeat(starts, numbers)
        done = place * self.each
        left = np.repeat(self.lengths(which), numbers) - done
        mask = _MASKS[np.minimum(left, self.each) * self._size]
        return WordRows(part, np.repeat(self.starts[which], numbers) + done, place, mask, starts)


def word_sums(words: ChainWords, *, seed: int) -> Bits:
    """Sum of a random number of 64 bits for each word and its place, and one for the length."""
    sums = np.empty(words.starts.size, np.uint64)
    stride = np.uint64((_STRIDE + (seed << 1)) % (1 << 64))
    for start in range(0, sums.size, _BLOCK):
        own = np.arange(start, min(start + _BLOCK, sums.size))
        # States of nought at the end look as what fills a word up.
        sums[own] = _mixed(words.lengths(own).astype(np.uint64), ~seed)
        for rows in words.rows(own):
            keys = words.at(rows.row, rows.mask)
            keys += (rows.place + 1).astype(np.uint64) * stride
            sums[own[rows.part]] += np.add.reduceat(_mixed(keys, seed), rows.starts)
    return sums


def unlike(words: ChainWords, which: Ints, other: Ints) -> NDArray[np.bool_]:
    """Which of some chains differ from others."""
    differs: NDArray[np.bool_] = words.lengths(which) != words.lengths(other)
    left = np.flatnonzero(~differs & (which != other))
    shift = words.starts[other[left]] - words.starts[which[left]]
    for rows in words.rows(which[left]):
        numbers = np.diff(rows.starts, append=rows.row.size)
        there = rows.row + np.repeat(shift[rows.part], numbers)
        is_other = words.at(rows.row, rows.mask) != words.at(there, rows.mask)
        differs[left[rows.part]] = np.logical_or.reduceat(is_other, rows.starts)
    return differs


def _mixed(keys: Bits, seed: int) -> Bits:
    """Random bits of a key: the finaliser of splitmix64 (Steele, Lea & Flood 2014)."""
    with np.errstate(over="ignore"):
        bits = (keys + np.uint64((1 + (seed << 40)) % (1 << 64))) * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Bits = bits ^ (bits >> np.uint64(31))
    return mixed
