"""What a log says of each ticket's life: its states with their lengths, its ends and returns."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ._objects import Mask
from ._ticket_log import NO_TIME, Log
from ._ticket_words import (
    ABANDONED,
    CLOSED,
    CREATED,
    MERGED,
    NEW,
    PENDING,
    REOPENING,
    SOLVED,
    SPAM,
    Codes,
)

#: How a ticket ended, in the order of what goes first where several hold.
ENDS = ("merged", "spam", "abandoned", "solved", "closed")
_NOWHERE = -1


@frozen(kw_only=True, eq=False)
class Runs:
    """Rows that belong to one ticket each, side by side.

    Parameters
    ----------
    starts, stops : int64 arrays (tickets,)
        First row of each ticket, and the row behind its last.
    """

    starts: Codes
    stops: Codes

    @classmethod
    def of(cls, ticket: Codes) -> Runs:
        """Runs of one ticket's rows."""
        starts = np.flatnonzero(np.diff(ticket, prepend=-1) != 0)
        return cls(starts=starts, stops=np.append(starts, ticket.size)[1:])

    @property
    def of_row(self) -> Codes:
        """Which run each row is in."""
        return np.repeat(np.arange(self.starts.size), self.stops - self.starts)

    def first(self, which: Mask) -> Codes:
        """First row of each run in a mask; -1 for none."""
        rows = np.where(which, np.arange(which.size), which.size)
        if not self.starts.size:
            return self.starts
        found = np.minimum.reduceat(rows, self.starts)
        return np.where(found == which.size, _NOWHERE, found)

    def last(self, which: Mask) -> Codes:
        """Last row of each run in a mask; -1 for none."""
        rows = np.where(which, np.arange(which.size), _NOWHERE)
        return np.maximum.reduceat(rows, self.starts) if self.starts.size else self.starts

    def count(self, which: Mask) -> Codes:
        """How many rows of each run are in a mask."""
        sums = np.concatenate([[0], np.cumsum(which)])
        found: Codes = sums[self.stops] - sums[self.starts]
        return found

    def known_before(self, values: Codes) -> Codes:
        """Last known value of the rows before each row of its run; -1 for none."""
        known = self.carried(values)
        shifted = np.concatenate([[_NOWHERE], known[:-1]])
        shifted[self.starts] = _NOWHERE
        return shifted

    def carried(self, values: Codes) -> Codes:
        """Last known value up to each row of its run; -1 for none."""
        rows = np.arange(values.size)
        last = np.maximum.accumulate(np.where(values >= 0, rows, _NOWHERE))
        is_own = last >= np.repeat(self.starts, self.stops - self.starts)
        return np.where(is_own & (last >= 0), values[last], _NOWHERE)


def times_at(at: Codes, rows: Codes) -> Codes:
    """Stamps of rows; none for the row -1."""
    if not at.size:
        return np.full(rows.size, NO_TIME, np.int64)
    return np.where(rows < 0, NO_TIME, at[rows])


@frozen(kw_only=True, eq=False)
class Life:
    """The states of tickets over time.

    Parameters
    ----------
    runs : Runs
        Rows of each ticket.
    at, state : int64 arrays (rows,)
        When each event happened, not before the opening, and the state after it.
    opened : int64 array (tickets,)
        When each ticket was opened.
    first : int64 array (tickets,)
        State of each ticket at its opening.
    early, late : int
        Tickets with events before their opening; and those that went on after they were closed.
    """

    runs: Runs
    at: Codes
    state: Codes
    opened: Codes
    first: Codes
    early: int
    late: int

    @classmethod
    def of(cls, log: Log) -> Life:
        """States of the tickets of an ordered log."""
        parts, runs = log.parts, Runs.of(log.parts["ticket"])
        opened = _opened(parts, runs)
        early = parts["at"] < opened[runs.of_row]
        at = np.maximum(parts["at"], opened[runs.of_row])
        first = _first_states(parts, runs)
        known = runs.carried(_told_states(parts, runs))
        state = np.where(known < 0, first[runs.of_row], known)
        life = cls(
            runs=runs,
            at=at,
            state=state,
            opened=opened,
            first=first,
            early=int((runs.count(early) > 0).sum()),
            late=0,
        )
        return life._with_late()

    def _with_late(self) -> Life:
        was_closed = self.before == CLOSED
        late = int((self.runs.count(was_closed & (self.state < SOLVED)) > 0).sum())
        values = {name: getattr(self, name) for name in ("runs", "at", "state", "opened", "first")}
        return Life(**values, early=self.early, late=late)

    @property
    def before(self) -> Codes:
        """State before each row."""
        shifted = np.concatenate([[NEW], self.state[:-1]])
        shifted[self.runs.starts] = self.first
        return shifted

    @property
    def is_return(self) -> Mask:
        """Rows that opened again what was settled."""
        found: Mask = (self.state < SOLVED) & (self.before >= SOLVED)
        return found

    def ends(self) -> dict[str, Codes]:
        """How each ticket stands at the end: rows of its last settling, and the kind of end."""
        runs, state = self.runs, self.state
        last = runs.last(np.ones(state.size, np.bool_))
        is_settled = state[last] >= SOLVED if last.size else np.zeros(0, np.bool_)
        begin = np.maximum(runs.last(state < SOLVED) + 1, runs.starts)
        in_end = np.arange(state.size) >= begin[runs.of_row]
        rows = {
            name: runs.first(in_end & (state == code))
            for name, code in (("solved", SOLVED), ("closed", CLOSED), ("merged", MERGED))
        }
        kinds = self._kinds(rows, begin, last)
        return {
            **{name: np.where(is_settled, found, _NOWHERE) for name, found in rows.items()},
            "begin": np.where(is_settled, begin, _NOWHERE),
            "kind": np.where(is_settled, kinds, _NOWHERE),
        }

    def _kinds(self, rows: dict[str, Codes], begin: Codes, last: Codes) -> Codes:
        """Place of each end among `ENDS`, for those that are settled."""
        if not last.size:
            return last
        is_left = self.before[np.minimum(begin, self.state.size - 1)] == PENDING
        final = self.state[last]
        chosen = [
            rows["merged"] >= 0,
            final == SPAM,
            final == ABANDONED,
            rows["solved"] >= 0,
            is_left,
        ]
        return np.select(chosen, [0, 1, 2, 3, 2], default=4)


def _opened(parts: Any, runs: Runs) -> Codes:
    """Opening of each ticket: the one that is told, or its creation, or its first event."""
    at, told = parts["at"], parts["opened"]
    created = times_at(at, runs.first(parts["event"] == CREATED))
    begin = at[runs.starts]
    given = times_at(told, runs.first(told != NO_TIME))
    return np.where(given != NO_TIME, given, np.where(created != NO_TIME, created, begin))


def _told_states(parts: Any, runs: Runs) -> Codes:
    """State that each row tells; a creation behind what has a state already tells none."""
    told: Codes = parts["state"]
    is_late = parts["event"] == CREATED
    is_late[runs.starts] = False
    # By clocks that disagree: to take it at its word would open again what was solved before.
    return (
        np.where(is_late & (runs.known_before(told) >= 0), _NOWHERE, told)
        if is_late.any()
        else told
    )


def _first_states(parts: Any, runs: Runs) -> Codes:
    """State of each ticket before its first known one: what stood there, or new."""
    told = runs.first(parts["state"] >= 0)
    if not parts["state"].size:
        return told
    is_change = (parts["event"][told] != CREATED) & (told >= 0)
    was = np.where(is_change, parts["before"][told], NEW)
    is_back = is_change & (parts["event"][told] == REOPENING) & (was < 0)
    return np.where(is_back, SOLVED, np.where(was >= 0, was, NEW))


def spans_of(life: Life, until: int) -> dict[str, NDArray[Any]]:
    """Stretches of one state each: ticket, state, start and end, in microseconds."""
    runs = life.runs
    ticket = np.insert(runs.of_row, runs.starts, np.arange(runs.starts.size))
    state = np.insert(life.state, runs.starts, life.first)
    start = np.insert(life.at, runs.starts, life.opened)
    is_first = np.diff(ticket, prepend=-1) != 0
    is_change = is_first | (np.diff(state, prepend=_NOWHERE) != 0)
    ticket, state, start = ticket[is_change], state[is_change], start[is_change]
    is_last = np.diff(ticket, append=-1) != 0
    end = np.where(is_last, np.maximum(until, start), np.append(start[1:], until))
    keep = (end > start) & (state < CLOSED)
    found = {"ticket": ticket, "state": state, "start": start, "end": end}
    return {name: values[keep] for name, values in found.items()}
