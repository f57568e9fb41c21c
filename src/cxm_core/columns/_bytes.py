"""Scores of one byte each, as they lie in memory: looked at block by block, and never copied."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxm_core.stats import Tally
from cxm_core.vocabulary import Scale

# Operands of one step stay in the processor's cache.
BLOCK = 1 << 19
_MOST_EDGES = 3
_LARGEST = 126


def places_in_bytes(data: object, scale: Scale) -> NDArray[np.uint8] | None:
    """Place of each answer on the scale, if the data say just that and nothing else.

    That is an array of single bytes on a scale from nought, with nothing missing or off the scale.
    """
    found = _bytes_of(data, scale)
    if found is None:
        return None
    places = found.view(np.uint8)
    # What is negative becomes a large number here.
    return places if places.max() <= scale.high else None


def tally_of_bytes(data: object, *, scale: Scale, starts: Sequence[int]) -> Tally | None:
    """Tally of an array of single bytes, if so few stretches of levels make that quick.

    Parameters
    ----------
    data : object
        Perhaps an array of answers.
    scale : Scale
        What an answer can be.
    starts : sequence of int
        Places at which the levels begin that count alike, from 0 on.

    Returns
    -------
    Tally or None
        Each stretch counted at its first level; None for data of any other kind.

    Examples
    --------
    >>> import numpy as np
    >>> from cxm_core.vocabulary import Scale
    >>> scores = np.array([10, 9, 6, 0], np.int8)
    >>> tally_of_bytes(scores, scale=Scale.named("0-10"), starts=(0, 7, 9)).n.tolist()
    [[2, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]]
    """
    found = _bytes_of(data, scale)
    if found is None or not 2 <= len(starts) <= 1 + _MOST_EDGES:
        return None
    below = _counts_below(found, starts[1:], scale.high)
    if below is None:
        return None
    counts = [end - start for start, end in pairwise([0, *below, found.size])]
    return Tally.from_counts(levels=scale.levels, level_codes=np.array(starts), n=np.array(counts))


def _bytes_of(data: object, scale: Scale) -> NDArray[Any] | None:
    if type(data) is not np.ndarray or data.ndim != 1 or scale.low != 0 or scale.high > _LARGEST:
        return None
    is_bytes = data.dtype in (np.int8, np.uint8) and data.flags.c_contiguous
    return data if is_bytes and data.size else None


def _counts_below(data: NDArray[Any], edges: Sequence[int], high: int) -> list[int] | None:
    """How many values lie below each edge; None if any is off the scale."""
    # Compares of bytes with a sign are the quicker ones, and what is negative is large without it.
    signed, unsigned = data.view(np.int8), data.view(np.uint8)
    below = [0] * len(edges)
    for first in range(0, data.size, BLOCK):
        part = slice(first, first + BLOCK)
        if unsigned[part].max() > high:
            return None
        for i, edge in enumerate(edges):
            below[i] += int(np.count_nonzero(signed[part] < edge))
    return below
