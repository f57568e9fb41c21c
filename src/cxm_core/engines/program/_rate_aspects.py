"""What shares of tickets and of self-service differ in: coming back, going up, promises, bots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from ._share_aspects import NEVER, Aspect, Aspects, Ints, Log, Mask

_ALONE = ("bot", "self_service")
_GONE = ("merged", "spam", "abandoned")
_OTHER_ENDS = ("ended_at", "closed_at")


def _reopened(log: Log) -> tuple[dict[str, Aspect], Ints, Ints]:
    """Who was settled, when for the first time, and when it was opened again."""
    ended, again = log.at("first_ended_at"), log.at("first_reopened_at")
    below = {
        "state": Aspect(
            words="ever settled", mask=(ended != NEVER) & (again >= ended), is_below=True
        )
    }
    kind = next((name for name in ("end", "status") if log.has(name)), None)
    if kind is not None:
        stays = (again != NEVER) | ~np.isin(log.words(kind), _GONE)
        words = "none that was merged, spam or abandoned and stayed so"
        below["other ends"] = Aspect(words=words, mask=stays, is_below=True)
    return below, ended, again


def _reopened_ever(log: Log) -> Aspects:
    below, _, again = _reopened(log)
    return {**below, "how far": Aspect(words="to the end of the log", mask=again != NEVER)}


def _reopened_within(log: Log) -> Aspects:
    below, ended, again = _reopened(log)
    return {
        **below,
        "window": _over(log, ended, "after the settling over"),
        "how far": Aspect(words="within the window", mask=log.soon(ended, again)),
    }


def _escalated_ever(log: Log) -> Aspects:
    then = log.at("first_escalated_at")
    return {"how far": Aspect(words="to the end of the log", mask=then != NEVER)}


def _escalated_within(log: Log) -> Aspects:
    opened, then = log.at("occurred_at"), log.at("first_escalated_at")
    return {
        "window": _over(log, opened, "after the opening over"),
        "how far": Aspect(words="within the window", mask=log.soon(opened, then)),
    }


def _over(log: Log, start: Ints, words: str) -> Aspect:
    """Rows whose window lies in the log."""
    is_known = start != NEVER
    lasted = log.issues.until_us - np.where(is_known, start, 0)
    return Aspect(words=words, mask=is_known & (lasted >= log.window_us), is_below=True)


def _due(log: Log) -> Aspects:
    """The promise as an instant, and when the ticket was solved or ended otherwise."""
    due, is_promised = log.stamps("due_at")
    solved, is_solved = log.stamps("solved_at")
    gone = np.isin(log.words("status"), _GONE) if log.has("status") else ~is_solved & is_solved
    other = np.where(is_solved, NEVER, log.at(*filter(log.has, _OTHER_ENDS)))
    other = np.where(gone & is_solved, solved, other)
    end = np.where(gone | ~is_solved | (solved >= log.issues.until_us), NEVER, solved)
    is_over = due <= log.issues.until_us
    return {
        "promise": Aspect(words="an instant that is told", mask=is_promised, is_below=True),
        "other ends": Aspect(words="not before the promise", mask=other >= due, is_below=True),
        "time": Aspect(words="run out", mask=is_over, is_below=True),
        "kept": Aspect(words="by the stamps", mask=(end != NEVER) & (end <= due)),
    }


def _recorded(log: Log) -> Aspects:
    column = log.column("made_sla")
    said = np.where(column.is_missing, 0, column.values) > 0
    return {
        "promise": Aspect(words="a mark of the source", mask=~column.is_missing, is_below=True),
        "kept": Aspect(words="by the mark", mask=np.asarray(said, np.bool_)),
    }


def _alone(log: Log, again: Mask | None, words: str) -> Aspects:
    """Issues begun with a bot or in self-service, and what ends their containment."""
    contacts = log.issues.contacts
    first = np.asarray(contacts.column("place").values == 1)
    begun = first & np.isin(log.words("actor"), _ALONE)
    told = {"what is counted": Aspect(words="issues begun alone", mask=begun, is_below=True)}
    if log.has("transfers"):
        told["hand-overs"] = Aspect(words="none", mask=log.least("transfers", 0))
    at = log.at("occurred_at")
    span = 0 if again is None else log.window_us
    over = at + span < log.issues.until_us
    seen = "none" if again is None else "after the opening over"
    told["window"] = Aspect(words=seen, mask=over, is_below=True)
    if again is not None:
        told["coming back"] = Aspect(words=words, mask=~again)
    return told


def _followed(log: Log, counts: Mask) -> Mask:
    """Rows whose issue has a further contact within the window that counts."""
    contacts = log.issues.contacts
    issue, place = (contacts.column(name).values for name in ("issue", "place"))
    at = log.at("occurred_at")
    opened = at[np.flatnonzero(place == 1)][issue]
    is_again = (place > 1) & (at - opened <= log.window_us) & counts
    is_followed: Mask = np.bincount(issue[is_again], minlength=len(log.issues)) > 0
    return np.asarray(is_followed[issue], np.bool_)


def _contained(log: Log) -> Aspects:
    every = np.ones(len(log.issues.contacts), np.bool_)
    return _alone(log, _followed(log, every), "no contact of any kind")


def _without_human(log: Log) -> Aspects:
    human = ~np.isin(log.words("actor"), _ALONE)
    return _alone(log, _followed(log, human), "no contact but with a bot or in self-service")


def _in_session(log: Log) -> Aspects:
    return _alone(log, None, "")


#: Definitions of further shares that can be explained, each against another one of its figure.
RATE_ASPECTS: Mapping[str, Callable[[Log], Aspects]] = MappingProxyType(
    {
        "reopen_rate.ever": _reopened_ever,
        "reopen_rate.within": _reopened_within,
        "escalation_rate.ever": _escalated_ever,
        "escalation_rate.within": _escalated_within,
        "sla_attainment.due": _due,
        "sla_attainment.recorded": _recorded,
        "containment.no_return": _contained,
        "containment.no_human": _without_human,
        "containment.in_session": _in_session,
    }
)
