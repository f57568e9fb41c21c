"""Parts of a column as Arrow's buffers hold them: values, gaps, and the bytes of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nanoarrow as na
import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from ._objects import Mask
from ._texts import Texts

_VIEW = 16  # bytes of a view: its length, then its bytes, or which buffer has them and where
_INLINE = 12


class _Held:
    """Numbers in memory that an owner lets go of with its last reference."""

    def __init__(self, numbers: NDArray[Any], owner: object) -> None:
        self.__array_interface__ = numbers.__array_interface__
        self.kept = numbers, owner


@frozen(kw_only=True, eq=False)
class Part:
    """One chunk of a column.

    Parameters
    ----------
    array : nanoarrow array
        The chunk.
    owner : nanoarrow array
        The chunk of the whole table, which keeps the buffers alive.
    view : nanoarrow view
        The same, with typed buffers.
    first, length : int
        Rows of the buffers that are the chunk's.
    is_lost : boolean array or None
        Rows of a table that are missing altogether.
    """

    array: Any
    owner: Any
    view: Any
    first: int
    length: int
    is_lost: Mask | None = None

    @classmethod
    def of(cls, array: Any) -> Part:
        """A whole chunk."""
        view = array.view()
        return cls(array=array, owner=array, view=view, first=view.offset, length=view.length)

    def __len__(self) -> int:
        return self.length

    @property
    def rows(self) -> slice:
        """Rows of the buffers."""
        return slice(self.first, self.first + self.length)

    def child(self, place: int) -> Part:
        """A column of a table."""
        view = self.view.child(place)
        return evolve(
            self,
            array=self.array.child(place),
            view=view,
            first=self.first + view.offset,
            is_lost=self.is_missing if self.is_missing.any() else None,
        )

    def dictionary(self) -> Part:
        """Values that the codes stand for."""
        view = self.view.dictionary
        return evolve(
            self,
            array=self.array.dictionary,
            view=view,
            first=view.offset,
            length=view.length,
            is_lost=None,
        )

    def buffer(self, place: int) -> NDArray[Any]:
        """One of the buffers, which is not copied and lives as long as the array does."""
        return np.asarray(_Held(np.asarray(self.view.buffer(place)), self.owner))

    def bits(self, place: int) -> Mask:
        """A buffer with a bit a row."""
        last = self.first + self.length
        bits = np.unpackbits(self.buffer(place).view(np.uint8), count=last, bitorder="little")
        return bits[self.first :].view(np.bool_)

    @property
    def is_missing(self) -> Mask:
        """Rows without a value."""
        has_bits = self.buffer(0).size and self.view.null_count != 0
        gone = ~self.bits(0) if has_bits else np.zeros(self.length, np.bool_)
        return gone if self.is_lost is None else gone | self.is_lost

    @property
    def values(self) -> NDArray[Any]:
        """Numbers of the rows."""
        return self.buffer(1)[self.rows]

    def objects(self) -> list[Any]:
        """The rows as Python has them."""
        every = na.Array(self.array).to_pylist()
        rows = every[self.first - self.view.offset :][: self.length]
        lost = np.zeros(self.length, np.bool_) if self.is_lost is None else self.is_lost
        return [None if gone else row for row, gone in zip(rows, lost.tolist(), strict=True)]


def joined(parts: Sequence[NDArray[Any]], kind: Any = np.int64) -> NDArray[Any]:
    """Parts behind each other; a single one is not copied."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def texts_of(parts: Sequence[Part], *, is_view: bool) -> Texts:
    """Texts of all parts over one run of bytes."""
    read = [(_views if is_view else _runs)(part) for part in parts]
    shifts = np.cumsum([0, *(data.size for data, _, _ in read)])
    starts = [first + shift for (_, first, _), shift in zip(read, shifts, strict=False)]
    return Texts(
        joined([data for data, _, _ in read], np.uint8),
        joined(starts),
        joined([lengths for _, _, lengths in read]),
    )


_Run = tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]


def _runs(part: Part) -> _Run:
    """Bytes side by side, and where each text begins."""
    if not part.length:
        return np.zeros(0, np.uint8), np.zeros(0, np.int64), np.zeros(0, np.int64)
    ends = part.buffer(1)[part.first : part.first + part.length + 1].astype(np.int64)
    data = part.buffer(2).view(np.uint8)[ends[0] : ends[-1]]
    return data, ends[:-1] - ends[0], np.diff(ends)


def _views(part: Part) -> _Run:
    """Short texts stand in their view, long ones in further buffers."""
    views = part.buffer(1)[part.rows].view(np.uint8).reshape(-1, _VIEW)
    words = np.ascontiguousarray(views).view("<i4")
    lengths = np.where(part.is_missing, 0, words[:, 0]).astype(np.int64)
    more = [part.buffer(place).view(np.uint8) for place in range(2, part.view.n_buffers - 1)]
    bases = np.cumsum([views.size, *(data.size for data in more)])
    starts = np.arange(part.length) * _VIEW + 4
    is_long = lengths > _INLINE
    starts[is_long] = bases[words[is_long, 2]] + words[is_long, 3]
    return np.concatenate([views.ravel(), *more]), starts, lengths
