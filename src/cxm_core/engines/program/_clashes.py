"""Messages that fall into what was open of the customers who got them."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import LogTable, read_crossed
from cxm_core.errors import UsageError

from ._rows import microseconds

Ints = NDArray[np.int64]


@frozen(kw_only=True)
class Names:
    """Columns of both tables, what is a complaint, and the end of both logs."""

    customer: str
    at: str
    campaign: str
    opened: str
    solved: str
    reasons: frozenset[str] | None
    end: np.int64


@frozen
class Clash:
    """Which messages lie in an open complaint, and which complaints hold a message."""

    is_inside: NDArray[np.bool_]
    is_hit: NDArray[np.bool_]

    @classmethod
    def of(cls, sent: LogTable, open_: LogTable, names: Names) -> Clash:
        """Hold each message against the complaints of who got it."""
        who_sent, who_open = _same_people(sent, open_, names.customer)
        sent_at, start = microseconds(sent, names.at), microseconds(open_, names.opened)
        is_done = ~open_.column(names.solved).is_missing
        solved = np.minimum(microseconds(open_, names.solved), names.end)
        stop = np.where(is_done, solved, names.end)
        # Ranks in place of stamps, so that customer and time fit into one number.
        ranks = np.unique(np.concatenate([sent_at, start, stop]), return_inverse=True)[1]
        at_rank, start_rank, stop_rank = np.split(ranks, np.cumsum([len(sent), len(open_)]))
        span = ranks.size + 1
        message = who_sent * span + at_rank
        return cls._of_keys(message, who_open * span + start_rank, who_open * span + stop_rank)

    @classmethod
    def _of_keys(cls, message: Ints, start: Ints, stop: Ints) -> Clash:
        order = np.argsort(start, kind="stable")
        latest = np.maximum.accumulate(stop[order]) if order.size else stop
        place = np.searchsorted(start[order], message, side="right") - 1
        is_inside = (place >= 0) & (np.append(latest, -1)[place] > message)
        messages = np.sort(message)
        first, last = (np.searchsorted(messages, ends) for ends in (start, stop))
        return cls(is_inside, last > first)


def _same_people(sent: LogTable, open_: LogTable, customer: str) -> tuple[Ints, Ints]:
    """Codes of customers that mean the same in both tables."""
    first, second = (read_crossed(t, [(customer,)], what="the customers")[0] for t in (sent, open_))
    codes: dict[Any, int] = {}
    coded = [
        np.array([codes.setdefault(label, len(codes)) for label in part.labels], np.int64)
        for part in (first, second)
    ]
    if not set(first.labels) & set(second.labels) and len(sent) and len(open_):
        kinds = [{type(label[0]).__name__ for label in part.labels} for part in (first, second)]
        if kinds[0] != kinds[1]:
            raise UsageError(
                f"Customers are {', '.join(sorted(kinds[0]))} in the one table and "
                f"{', '.join(sorted(kinds[1]))} in the other, so none is in both.",
                hint="read both columns as text",
            )
    return coded[0][first.codes], coded[1][second.codes]
