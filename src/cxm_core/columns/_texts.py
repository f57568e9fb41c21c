"""Texts as their bytes lie in memory: numbered, compared and sorted without an object a row."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Words = NDArray[np.uint64]

_WORD = 8
# Rows of one step: their words and their table stay in the processor's cache.
_BLOCK = 1 << 18
# Texts up to this length are sorted by their words, longer ones as Python sorts them.
_SHORT = 128
_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
# The first so many bytes of a word, and no more.
_MASKS = np.array([2**64 - 2 ** (64 - 8 * n) for n in range(_WORD + 1)], np.uint64)


def _padded(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A word can be read from any byte on."""
    return np.concatenate([data, np.zeros(_WORD, np.uint8)])


@frozen(eq=False, repr=False)
class Texts:
    """Texts in UTF-8, each from a place on in one run of bytes.

    Parameters
    ----------
    data : uint8 array
        The bytes.
    starts, lengths : int64 arrays (rows,)
        Where each text begins, and how many bytes it has.
    """

    _data: NDArray[np.uint8] = field(converter=_padded)
    starts: Rows
    lengths: Rows

    def __len__(self) -> int:
        return self.starts.size

    def bytes(self, row: int) -> bytes:
        """Bytes of one of them."""
        first = int(self.starts[row])
        return self._data[first : first + int(self.lengths[row])].tobytes()

    @cached_property
    def strings(self) -> NDArray[Any]:
        """The texts as Python has them."""
        data = memoryview(self._data.data)
        found = np.empty(len(self), object)
        ends = (self.starts + self.lengths).tolist()
        found[:] = [
            str(data[start:end], "utf-8")
            for start, end in zip(self.starts.tolist(), ends, strict=True)
        ]
        return found

    def taken(self, rows: Rows) -> Texts:
        """Some of them, with no bytes but their own."""
        lengths = self.lengths[rows]
        ends = np.cumsum(lengths)
        starts = ends - lengths
        own = np.repeat(self.starts[rows] - starts, lengths) + np.arange(int(lengths.sum()))
        return Texts(self._data[own], starts, lengths)

    @property
    def longest(self) -> int:
        """Bytes of the longest."""
        return int(self.lengths.max(initial=0))

    def keys(self, part: Any = slice(None)) -> list[Words]:
        """Numbers that are the same for the same texts, and sort as they do: words, then length."""
        starts, lengths = self.starts[part], self.lengths[part]
        longest = int(lengths.max(initial=0))
        words = [self._word(starts, lengths, first) for first in range(0, longest, _WORD)]
        return [*words, lengths.astype(np.uint64)]

    def _word(self, starts: Rows, lengths: Rows, first: int) -> Words:
        """Eight bytes of each from byte `first` on."""
        size = self._data.size - _WORD + 1
        every = np.ndarray((size,), ">u8", self._data, strides=(1,))
        at = starts if not first else np.minimum(starts + first, size - 1)
        words: Words = every[at].astype(np.uint64)
        if first + _WORD > lengths.min(initial=first + _WORD):
            words &= _MASKS[np.clip(lengths - first, 0, _WORD)]
        return words

    def order(self) -> Rows:
        """Rows in the order of the texts, which for UTF-8 is the order of their bytes."""
        if self.longest > _SHORT:
            return np.argsort(self.strings, kind="stable")
        return np.lexsort(self.keys()[::-1])


def numbered(texts: Texts) -> tuple[NDArray[np.int32], Rows]:
    """Number of each row's text, and the first row that has each; in the order of appearance."""
    if texts.longest > _SHORT:
        return _by_dict(texts.strings)
    codes, firsts, met = np.empty(len(texts), np.int32), [], []
    known = 0
    for start in range(0, len(texts), _BLOCK):
        part = slice(start, start + _BLOCK)
        keys = texts.keys(part)
        codes[part], first = _by_table(keys)
        codes[part] += known
        known += first.size
        firsts.append(first + start)
        met.append([key[first] for key in keys])
    if len(met) < 2:
        return codes, firsts[0] if firsts else np.zeros(0, np.int64)
    places, found = _by_table(_joined(met))
    return places[codes], np.concatenate(firsts)[found]


def _joined(parts: list[list[Words]]) -> list[Words]:
    """Keys of several blocks, of which some have shorter texts than others."""
    most = max(map(len, parts))
    none = [[np.zeros(part[0].size, np.uint64)] * (most - len(part)) for part in parts]
    wide = [[*part[:-1], *more, part[-1]] for part, more in zip(parts, none, strict=True)]
    return [np.concatenate(key) for key in zip(*wide, strict=True)]


def _by_dict(strings: NDArray[Any]) -> tuple[NDArray[np.int32], Rows]:
    rows = strings.tolist()
    places = {text: place for place, text in enumerate(dict.fromkeys(rows))}
    codes = np.fromiter(map(places.__getitem__, rows), np.int32, len(rows))
    return codes, np.unique(codes, return_index=True)[1]


def _by_table(keys: list[Words]) -> tuple[NDArray[np.int32], Rows]:
    """The same by a table of hashes; rows that share a place in it are compared themselves."""
    size = keys[0].size
    first_of, left = np.empty(size, np.int64), np.arange(size)
    seed = np.uint64(0)
    while left.size:
        here = keys if left.size == size else [key[left] for key in keys]
        bits = max(int(left.size).bit_length() + 1, 8)
        slots = (_hashes(here, seed) >> np.uint64(64 - bits)).view(np.int64)
        table = np.empty(1 << bits, np.int32)
        table[slots[::-1]] = left[::-1]  # of several the last that is written stays: the first
        first = table[slots]
        is_same = np.logical_and.reduce(
            [key[first] == own for key, own in zip(keys, here, strict=True)]
        )
        first_of[left[is_same]] = first[is_same]
        left = left[~is_same]
        seed += np.uint64(1)
    is_first = first_of == np.arange(size)
    number = (np.cumsum(is_first) - 1).astype(np.int32)
    return number[first_of], np.flatnonzero(is_first)


def _hashes(keys: list[Words], seed: np.uint64) -> Words:
    """A number of 64 bits of each, equal for equal texts."""
    found = keys[-1] ^ seed
    for key in keys[:-1]:
        found = (found ^ key) * _ODD
        found ^= found >> np.uint64(32)
    return found * _MIX


@frozen(eq=False, repr=False)
class Coded:
    """Texts of a column, each told once.

    Parameters
    ----------
    codes : integer array (rows,)
        Which of the texts each row has; -1 for none.
    texts : Texts
        Texts, no two of them alike.
    """

    codes: NDArray[np.integer[Any]]
    texts: Texts

    @classmethod
    def of(cls, texts: Texts, is_missing: NDArray[np.bool_]) -> Coded:
        """Texts of rows, coded."""
        known = np.flatnonzero(~is_missing)
        if known.size == is_missing.size:
            found, first = numbered(texts)
            return cls(found, texts.taken(first))
        texts = texts.taken(known)
        found, first = numbered(texts)
        codes = np.full(is_missing.size, -1, np.int32)
        codes[known] = found
        return cls(codes, texts.taken(first))

    def taken(self, rows: Any) -> Coded:
        """Those of some rows."""
        return Coded(self.codes[rows], self.texts)

    def objects(self) -> NDArray[Any]:
        """A Python text a row, None where there is none."""
        told = np.empty(len(self.texts) + 1, object)
        told[:-1] = self.texts.strings
        return np.asarray(told[self.codes])

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """Place of each text in the order of all; -1 behind them, for none."""
        ranks = np.empty(len(self.texts) + 1, np.int64)
        ranks[self.texts.order()] = np.arange(len(self.texts))
        ranks[-1] = -1
        return ranks

    def met(self) -> Coded:
        """The same without texts that no row has."""
        is_met = np.bincount(self.codes + 1, minlength=len(self.texts) + 1)[1:] > 0
        if is_met.all():
            return self
        places = np.append(np.cumsum(is_met) - 1, -1)
        return Coded(places[self.codes], self.texts.taken(np.flatnonzero(is_met)))
