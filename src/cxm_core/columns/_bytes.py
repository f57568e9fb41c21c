"""Scores of one byte each, as they lie in memory: looked at block by block, and never copied."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cxm_core.vocabulary import Scale

# Operands of one step stay in the processor's cache.
BLOCK = 1 << 19
_MOST_EDGES = 3


def places_in_bytes(data: object, scale: Scale) -> NDArray[np.uint8] | None:
    """Place of each answer on the scale, if the data say just that and nothing else.

    That is an array of single bytes on a scale from nought, with nothing missing or off the scale.
    """
    if type(data) is not np.ndarray or data.ndim != 1 or scale.low != 0 or scale.high > 126:
        return None
    if data.dtype not in (np.int8, np.uint8) or not data.size or not data.flags.c_contiguous:
        return None
    places = data.view(np.uint8)
    # What is negative becomes a large number here.
    return places if places.max() <= scale.high else None


def counts_between(places: NDArray[np.integer], starts: Sequence[int]) -> list[int] | None:
    """How many places lie in each stretch that begins at one of `starts`; the first is nought.

    Only where so few stretches make it cheaper than to count each place, and of single bytes.
    """
    edges = starts[1:]
    if places.dtype != np.uint8 or not 0 < len(edges) <= _MOST_EDGES:
        return None
    below = [0] * len(edges)
    is_below = np.empty(min(BLOCK, places.size), dtype=np.bool_)
    for first in range(0, places.size, BLOCK):
        block = places[first : first + BLOCK]
        out = is_below[: block.size]
        for i, edge in enumerate(edges):
            below[i] += int(np.count_nonzero(np.less(block, edge, out=out)))
    ends = [0, *below, places.size]
    return [end - start for start, end in pairwise(ends)]
