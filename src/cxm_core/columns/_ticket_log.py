"""A log of ticket events in order: ticket by ticket, each event with its state and its actor.

Order is by stamp; of equal stamps by the log's own order, if it has one, and else by the ticket's
life: its creation, what is no status, then the statuses from new to closed. What is left is put in
the order of its content, so that the order of arrival never changes a result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats import Label
from cxm_core.vocabulary import Zone

from ._objects import Column, Mask
from ._ticket_names import EventNames, columns_of
from ._ticket_words import (
    ACTORS,
    CREATED,
    EVENTS,
    HUMAN,
    MERGE,
    MERGED,
    NEW,
    NONE,
    OPEN,
    REOPENING,
    SOLVED,
    STATES,
    UNKNOWN,
    Codes,
    joint_codes,
    word_codes,
)
from ._values import instants, numbers

Parts = Mapping[str, NDArray[Any]]

#: Stands for a moment that nobody knows.
NO_TIME = np.iinfo(np.int64).min


@frozen(kw_only=True, eq=False)
class Log:
    """Rows of a log before they are put in order.

    Parameters
    ----------
    tickets : tuple of labels
        Ids of the tickets, in an order of their own.
    hands : tuple of labels
        What the codes of teams, owners and channels stand for.
    parts : mapping of str to array (rows,)
        Codes and stamps of each row: ``ticket``, ``at`` (microseconds), ``state``, ``before``,
        ``event``, ``actor``, ``staff``, ``owner``, ``old_owner``, ``new``, ``team``,
        ``channel``, ``public``, ``opened``, ``order``, ``id``, ``source``, ``row``.
    exclusions : tuple of (str, int)
        Rows of the log that are not in it, by reason.
    unknown : int
        Rows whose status nobody knows.
    """

    tickets: tuple[Label, ...]
    hands: tuple[Label, ...] = ()
    parts: Parts
    exclusions: tuple[tuple[str, int], ...]
    unknown: int

    def only(self, which: NDArray[Any]) -> Log:
        """The rows of a mask, or in an order."""
        return evolve(self, parts={name: values[which] for name, values in self.parts.items()})


def read_log(
    events: object,
    named: Mapping[str, str],
    *,
    words: Mapping[str, str],
    carried: Iterable[str] = (),
    tz: Zone = "UTC",
) -> tuple[Log, dict[str, Column]]:
    """Rows of a log that say which ticket and when; and the columns that are carried along."""
    names, given = EventNames.of(named)
    columns, kept = columns_of(events, names, given, carried=carried)
    rows = len(columns["ticket"])
    _check_lengths([*columns.values(), *kept.values()], rows)
    tickets, (ticket,) = joint_codes([columns["ticket"]], rows)
    hands, coded = _coded(columns, rows, words)
    parts = coded | {
        "ticket": ticket,
        "at": stamps(columns["at"], tz, "the times of the events"),
        "opened": _stamps_or_none(columns.get("opened"), tz, rows),
        "row": np.arange(rows),
    }
    parts |= {f"carried {name}": joint_codes([column], rows)[1][0] for name, column in kept.items()}
    keep, exclusions = _kept(parts, columns.get("deleted"))
    state = parts["state"][keep]
    unknown = int((state == UNKNOWN).sum())
    parts["state"] = np.where(parts["state"] == UNKNOWN, NONE, parts["state"])
    log = Log(tickets=tickets, hands=hands, parts=parts, exclusions=exclusions, unknown=unknown)
    return log.only(keep), kept


def _check_lengths(columns: list[Column], rows: int) -> None:
    if any(len(column) != rows for column in columns):
        raise UsageError("The columns of the ticket events differ in length.")


def stamps(column: Column, tz: Zone, what: str) -> Codes:
    """Instants as microseconds since 1970; `NO_TIME` where there is none."""
    at, is_missing = instants(column, tz, what)
    return np.where(is_missing, NO_TIME, at.astype("datetime64[us]").astype(np.int64))


def _stamps_or_none(column: Column | None, tz: Zone, rows: int) -> Codes:
    if column is None:
        return np.full(rows, NO_TIME, np.int64)
    return stamps(column, tz, "the openings")


def _coded(
    columns: Mapping[str, Column], rows: int, words: Mapping[str, str]
) -> tuple[tuple[Label, ...], dict[str, Any]]:
    event = word_codes(columns.get("event"), EVENTS, rows)
    handed = [columns.get(part) for part in ("old", "new", "owner", "team", "channel")]
    hands, (old, new, owner, team, channel) = joint_codes(handed, rows)
    staff = joint_codes([columns.get("staff")], rows)[1][0]
    actor = word_codes(columns.get("actor"), ACTORS, rows)
    return hands, {
        "event": event,
        "state": _states(event, word_codes(columns.get("status"), STATES, rows, words)),
        "before": word_codes(columns.get("old"), STATES, rows, words),
        "actor": np.where((actor < 0) & (staff >= 0), HUMAN, actor),
        "staff": staff,
        "old": old,
        "new": new,
        "owner": owner,
        "team": team,
        "channel": channel,
        "public": _truths(columns.get("public"), rows),
        "order": _ordered(columns.get("order"), rows),
        "id": joint_codes([columns.get("id")], rows)[1][0],
        "source": joint_codes([columns.get("source")], rows)[1][0],
    }


def _states(event: Codes, status: Codes) -> Codes:
    """State after each event: the one that is told, or the one that the event means."""
    meant = ((CREATED, NEW), (REOPENING, OPEN), (MERGE, MERGED))
    state = status.copy()
    for kind, means in meant:
        state[(event == kind) & (status < 0)] = means
    return state


def _truths(column: Column | None, rows: int) -> Mask:
    """Whether the customer can see it; yes where nobody says."""
    if column is None:
        return np.ones(rows, np.bool_)
    return column.is_missing | np.array([bool(v) for v in column.values.tolist()], np.bool_)


def _ordered(column: Column | None, rows: int) -> NDArray[np.float64]:
    if column is None:
        return np.zeros(rows)
    return np.nan_to_num(numbers(column, "order=")[0], nan=-np.inf)


def _kept(
    parts: Mapping[str, Any], deleted: Column | None
) -> tuple[Mask, tuple[tuple[str, int], ...]]:
    """Rows that count, and why others do not."""
    keep = np.ones(len(parts["ticket"]), np.bool_)
    why: dict[str, int] = {}
    gone = np.zeros(keep.size, np.bool_)
    if deleted is not None:
        gone = ~deleted.is_missing & np.array([bool(v) for v in deleted.values.tolist()], np.bool_)
    for reason, out in (
        ("deleted", gone),
        ("no ticket", parts["ticket"] < 0),
        ("no time", parts["at"] == NO_TIME),
    ):
        why[reason] = int((out & keep).sum())
        keep &= ~out
    return keep, tuple((reason, count) for reason, count in why.items() if count)


def in_order(log: Log) -> tuple[Log, int]:
    """The log ticket by ticket, and how many events stood there more than once."""
    parts = log.parts
    carried = [values for name, values in parts.items() if name.startswith("carried ")]
    content = [parts[name] for name in ("new", "staff", "actor", "state", "event", "id")]
    keys = (*carried, *content, _rank(parts), parts["order"], parts["at"], parts["ticket"])
    ordered = log.only(np.lexsort(keys))
    ids = ordered.parts["id"]
    named = np.flatnonzero(ids >= 0)
    firsts = named[np.unique(ids[named], return_index=True)[1]]
    keep = ids < 0
    keep[firsts] = True
    return ordered.only(keep), int((~keep).sum())


def _rank(parts: Parts) -> Codes:
    """Place among events of one stamp, by the life of a ticket."""
    state, event = parts["state"], parts["event"]
    rank = np.where(state >= 0, 2 * state + 2, 1)
    rank = np.where(event == REOPENING, 2 * SOLVED + 3, rank)
    return np.where(event == CREATED, 0, rank)
