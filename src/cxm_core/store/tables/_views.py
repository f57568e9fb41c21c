"""Arrow texts that are views, as polars hands them over, made contiguous.

nanoarrow 0.9 passes such an array on without all of its buffers, and DuckDB then reads memory
that is not there: the process ends. So none of them gets that far.
"""

from __future__ import annotations

from typing import Any

import nanoarrow as na
import numpy as np
from numpy.typing import NDArray

_PLAIN = {"vu": na.large_string, "vz": na.large_binary}
_VIEW = 16
_MOST_INLINE = 12
_BLOCK = 1 << 16
Bytes = NDArray[np.uint8]


def without_views(array: Any) -> Any:
    """The same array, in which every text stands in one piece.

    Parameters
    ----------
    array : nanoarrow.c_array.CArray
        A batch of a stream, or a part of one.

    Returns
    -------
    nanoarrow.c_array.CArray
        The array itself where nothing in it is a view.
    """
    if array.dictionary is not None:
        return _looked_up(array) if array.dictionary.schema.format in _PLAIN else array
    if array.schema.format in _PLAIN:
        return _contiguous(array, array.schema.format, *_pieces(array), _validity(array))
    children = [array.child(place) for place in range(array.n_children)]
    plain = [without_views(child) for child in children]
    if all(new is old for new, old in zip(plain, children, strict=True)):
        return array
    return _with_children(array, plain)


def _with_children(array: Any, children: list[Any]) -> Any:
    schema = na.c_schema(array.schema)
    fields = [
        child.schema.modify(name=array.schema.child(place).name)
        for place, child in enumerate(children)
    ]
    return na.c_array_from_buffers(
        schema.modify(children=fields),
        array.length,
        list(array.view().buffers),
        null_count=array.null_count,
        offset=array.offset,
        children=children,
    )


def _pieces(array: Any) -> tuple[NDArray[np.int64], NDArray[np.int64], Bytes]:
    """Where each text starts, how long it is, and the bytes in which it stands."""
    _, views, *data, _ = array.view().buffers
    begin, end = _VIEW * array.offset, _VIEW * (array.offset + array.length)
    heads = np.frombuffer(views, np.uint8)[begin:end]
    fields = heads.view("<i4").reshape(-1, 4).astype(np.int64)
    lengths = np.where(_validity(array), fields[:, 0], 0)
    blobs = [heads, *(np.frombuffer(one, np.uint8) for one in data)]
    bases = np.cumsum([0, *(blob.size for blob in blobs)])
    inline = np.arange(array.length) * _VIEW + 4
    is_inline = lengths <= _MOST_INLINE
    # What stands in the head of a short text is its letters, and no place.
    buffer = np.where(is_inline, 0, fields[:, 2] + 1)
    starts = np.where(is_inline, inline, bases[buffer] + fields[:, 3])
    return starts, lengths, np.concatenate(blobs)


def _validity(array: Any) -> NDArray[np.bool_]:
    bits = np.frombuffer(next(iter(array.view().buffers)), np.uint8)
    if array.null_count == 0 or bits.size == 0:
        return np.ones(array.length, bool)
    flags = np.unpackbits(bits, count=array.offset + array.length, bitorder="little")
    return flags[array.offset :].astype(bool)


def _looked_up(array: Any) -> Any:
    """Array of the texts that the numbers of a dictionary stand for."""
    numbers = _indices(array)
    starts, lengths, blob = _pieces(array.dictionary)
    is_there = _validity(array)
    places = np.where(is_there, numbers, 0)
    is_there &= _validity(array.dictionary)[places]
    format_ = array.dictionary.schema.format
    return _contiguous(
        array, format_, starts[places], np.where(is_there, lengths[places], 0), blob, is_there
    )


def _indices(array: Any) -> NDArray[np.int64]:
    kinds = {"c": "i1", "C": "u1", "s": "i2", "S": "u2", "i": "i4", "I": "u4", "l": "i8", "L": "u8"}
    _, numbers = array.view().buffers
    found = np.frombuffer(memoryview(numbers).cast("B"), f"<{kinds[array.schema.format]}")
    return found[array.offset : array.offset + array.length].astype(np.int64)


def _contiguous(
    array: Any,
    format_: str,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    blob: Bytes,
    is_there: NDArray[np.bool_],
) -> Any:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    text = np.empty(offsets[-1], np.uint8)
    for first in range(0, array.length, _BLOCK):
        rows = slice(first, first + _BLOCK)
        begin, end = offsets[first], offsets[min(first + _BLOCK, array.length)]
        shifts = np.repeat(starts[rows] - offsets[:-1][rows], lengths[rows])
        text[begin:end] = blob[np.arange(begin, end) + shifts]
    bits = np.packbits(is_there, bitorder="little")
    schema = na.c_schema(_PLAIN[format_](nullable=True)).modify(name=array.schema.name)
    return na.c_array_from_buffers(schema, array.length, [bits, offsets, text])
