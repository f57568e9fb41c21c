"""What shares of tickets and issues differ in: who is below the line, and what is a yes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import Column
from cxm_core.engines.contacts import Issues
from cxm_core.errors import UsageError

Mask: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]

#: An instant that is not in the log.
NEVER = np.iinfo(np.int64).max
_FIFTEEN = 15 * 60_000_000
_SETTLED = ("solved", "closed")


@frozen(kw_only=True)
class Aspect:
    """One way in which a definition picks rows, in words and as a mask.

    Parameters
    ----------
    words : str
        What it says.
    mask : boolean array (tickets,)
        Rows for which it holds.
    is_below : bool
        Whether it decides who is below the line, rather than what is a yes.
    """

    words: str
    mask: Mask
    is_below: bool = False


@frozen(kw_only=True)
class Log:
    """Tickets in their issues, each a contact, with what definitions read of them.

    Parameters
    ----------
    issues : Issues
        Made of a table of tickets.
    window_us : int
        How far is looked forward.
    """

    issues: Issues
    window_us: int

    def column(self, name: str) -> Column:
        """Column of the tickets."""
        contacts = self.issues.contacts
        if name not in contacts.names:
            raise UsageError(
                f"The issues have no column {name!r} of their tickets.",
                hint="make them of tickets: cx.issues(cx.tickets(...), at='occurred_at', ...)",
            )
        return contacts.column(name)

    def at(self, *names: str) -> Ints:
        """First known instant in microseconds since 1970; endless where none is in the log."""
        found = np.full(len(self.issues.contacts), NEVER)
        for name in names:
            told, is_there = self.stamps(name)
            found = np.where((found == NEVER) & is_there, told, found)
        return np.where(found >= self.issues.until_us, NEVER, found)

    def has(self, name: str) -> bool:
        """Whether the tickets have a column."""
        return name in self.issues.contacts.names

    def words(self, name: str) -> NDArray[Any]:
        """Words of a column in small letters; an empty one where there is none."""
        column = self.column(name)
        told = np.where(column.is_missing, "", column.values.astype(object)).astype(str)
        return np.char.lower(told)

    def stamps(self, name: str) -> tuple[Ints, Mask]:
        """Instants of a column, be they behind the end of the log, and where there is one."""
        column = self.column(name)
        if column.values.dtype.kind != "M":
            raise UsageError(f"The column {name!r} of the tickets holds no times.")
        told = column.values.astype("datetime64[us]").astype(np.int64)
        return np.where(column.is_missing, 0, told), ~column.is_missing

    def least(self, name: str, most: float) -> Mask:
        """Tickets with at most so much of something; none where nobody says."""
        column = self.column(name)
        return np.asarray(np.where(column.is_missing, 0, column.values) <= most, np.bool_)

    def soon(self, start: Ints, then: Ints) -> Mask:
        """Whether something came within the window."""
        return np.asarray((then != NEVER) & (then - start <= self.window_us))

    def next_of(self, *parts: NDArray[np.int64]) -> Ints:
        """When the next contact came that agrees in some codes."""
        at = self.at("occurred_at")
        order = np.lexsort([np.arange(at.size), at, *parts])
        same = np.all([part[order[1:]] == part[order[:-1]] for part in parts], axis=0)
        following = np.full(at.size, NEVER)
        following[order[:-1][same]] = at[order[1:][same]]
        return following


Aspects: TypeAlias = Mapping[str, Aspect]


def _zendesk(log: Log) -> Aspects:
    status = log.column("status").values.tolist()
    done = np.array([str(word).casefold() in _SETTLED for word in status], np.bool_)
    return {
        "state": Aspect(words="solved or closed", mask=done, is_below=True),
        "replies": Aspect(words="fewer than two", mask=log.least("replies", 1)),
    }


def _zammad(log: Log) -> Aspects:
    opened, closed = log.at("occurred_at"), log.at("closed_at", "solved_at")
    done = closed != NEVER
    return {
        "state": Aspect(words="closed", mask=done, is_below=True),
        "speed": Aspect(words="under 15 minutes", mask=done & (closed - opened < _FIFTEEN)),
    }


def _one_reply(log: Log) -> Aspects:
    solved, again = log.at("first_solved_at"), log.at("first_reopened_at")
    done = solved != NEVER
    over = done & (log.issues.until_us - np.where(done, solved, 0) >= log.window_us)
    return {
        "state": Aspect(words="ever solved", mask=done, is_below=True),
        "window": Aspect(words="after the solution over", mask=over, is_below=True),
        "replies": Aspect(words="fewer than two", mask=log.least("replies", 1)),
        "hand-overs": Aspect(words="none", mask=log.least("transfers", 0)),
        "opened again": Aspect(words="not within the window", mask=~log.soon(solved, again)),
    }


def _resolved(log: Log, words: str, following: Ints) -> dict[str, Aspect]:
    at = log.at("occurred_at")
    first = np.asarray(log.issues.contacts.column("place").values == 1)
    over = at + log.window_us < log.issues.until_us
    return {
        "what is counted": Aspect(words="issues", mask=first, is_below=True),
        "window": Aspect(words="after the opening over", mask=over, is_below=True),
        "coming back": Aspect(words=words, mask=~log.soon(at, following)),
    }


def _no_return(log: Log) -> Aspects:
    return _resolved(log, "no contact about the issue", log.at("next_at"))


def _same_channel(log: Log) -> Aspects:
    contacts = log.issues.contacts
    channel = np.unique(contacts.column("channel").values.astype(str), return_inverse=True)[1]
    following = log.next_of(channel.astype(np.int64), contacts.column("issue").values)
    return _resolved(log, "no contact about the issue on its channel", following)


def _any_reason(log: Log) -> Aspects:
    return _resolved(log, "no contact at all", log.next_of(log.issues.who))


def _no_transfer(log: Log) -> Aspects:
    kept = Aspect(words="none", mask=log.least("transfers", 0))
    return {**_no_return(log), "hand-overs": kept}


#: Definitions of shares that can be explained against each other.
ASPECTS: Mapping[str, Callable[[Log], Aspects]] = MappingProxyType(
    {
        "one_touch.one_reply": _one_reply,
        "one_touch.zendesk": _zendesk,
        "one_touch.zammad": _zammad,
        "first_contact_resolution.no_return": _no_return,
        "first_contact_resolution.same_channel": _same_channel,
        "first_contact_resolution.no_transfer": _no_transfer,
        "first_contact_resolution.any_reason": _any_reason,
    }
)
