"""Clocks of two systems that are apart: effects in one that stand before their cause in another.

Two kinds of events are known to come in one order: a ticket's creation before anything that happens
to it, and its first settling before it is opened again. Nothing is put right here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ._objects import Mask
from ._ticket_log import Log
from ._ticket_words import CREATED, REOPENING, SOLVED, Codes

# So many tickets at least have to tell of two sources, and more than half of them the wrong way.
_FEWEST = 10


def clocks_apart(log: Log) -> int:
    """Tickets in which an effect stands before its cause, where most of two sources do so."""
    parts, size = log.parts, len(log.tickets)
    is_created, is_back = (parts["event"] == kind for kind in (CREATED, REOPENING))
    is_odd = np.zeros(size, np.bool_)
    for causes, effects in ((is_created, ~is_created), (parts["state"] >= SOLVED, is_back)):
        is_odd |= _before_cause(log, causes, effects, size)
    return int(is_odd.sum())


def _before_cause(log: Log, causes: Mask, effects: Mask, size: int) -> Mask:
    """Tickets whose first effect is too early, of the pairs of sources of which most are."""
    ticket, at, source = (log.parts[name] for name in ("ticket", "at", "source"))
    cause = _firsts(log, causes & (source >= 0))
    row_of = np.full(size, -1)
    row_of[ticket[cause]] = cause
    known = row_of[ticket]
    effect = _firsts(log, effects & (source >= 0) & (known >= 0) & (source != source[known]))
    cause = known[effect]
    is_early = at[effect] < at[cause]
    n_sources = int(source.max(initial=0)) + 1
    pair = source[cause] * n_sources + source[effect]
    n, early = (np.bincount(pair, weights, n_sources**2) for weights in (None, is_early))
    is_shifted = (n >= _FEWEST) & (2 * early > n)
    found = np.zeros(size, np.bool_)
    found[ticket[effect[is_early & is_shifted[pair]]]] = True
    return found


def _firsts(log: Log, which: Mask) -> Codes:
    """First of some rows of each ticket."""
    rows: NDArray[np.int64] = np.flatnonzero(which)
    ticket, at = log.parts["ticket"][rows], log.parts["at"][rows]
    order = np.lexsort([rows, at, ticket])
    is_first = np.diff(ticket[order], prepend=-1) != 0
    firsts: Codes = rows[order[is_first]]
    return firsts
