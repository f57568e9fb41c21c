"""Through whose hands a ticket went: replies, transfers, escalations, and who acted."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._objects import Mask
from ._ticket_log import Log
from ._ticket_states import Life, Runs, times_at
from ._ticket_words import (
    ACTORS,
    ASSIGNMENT,
    BOT,
    COMMENT,
    CUSTOMER,
    ESCALATION,
    HUMAN,
    NONE,
    SELF_SERVICE,
    SOLVED,
    TRANSFER,
    Codes,
)

#: Who worked on a ticket, by which of human, bot and self-service acted.
HANDLERS = (
    None,
    "human",
    "bot",
    "human and bot",
    "self_service",
    "human and self_service",
    "bot and self_service",
    "human, bot and self_service",
)


def counted(log: Log, life: Life, escalated: Mask) -> dict[str, Codes]:
    """How often what happened to each ticket."""
    parts, runs = log.parts, life.runs
    comments = (parts["event"] == COMMENT) & parts["public"]
    return {
        "events": runs.stops - runs.starts,
        "replies": runs.count(comments & (parts["actor"] == HUMAN)),
        "bot_replies": runs.count(comments & (parts["actor"] == BOT)),
        "customer_comments": runs.count(comments & (parts["actor"] == CUSTOMER)),
        "transfers": runs.count(_moved(parts, runs, TRANSFER, "team")),
        "reassignments": runs.count(_moved(parts, runs, ASSIGNMENT, "owner")),
        "channel_switches": runs.count(_switched(parts, runs)),
        "escalations": runs.count(escalated),
        "reopenings": runs.count(life.is_return),
        "staff": _different(parts["staff"], runs),
    }


def _moved(parts: Any, runs: Runs, event: int, snapshot: str) -> Mask:
    """Rows in which a ticket went from one hand to another; its first hand is no move."""
    is_told = parts["event"] == event
    now = np.where(is_told, parts["new"], parts[snapshot])
    before = np.where(is_told & (parts["old"] >= 0), parts["old"], runs.known_before(now))
    found: Mask = (now >= 0) & (before >= 0) & (now != before)
    return found


def _switched(parts: Any, runs: Runs) -> Mask:
    """Rows whose channel is another than the last one that is known."""
    now = parts["channel"]
    before = runs.known_before(now)
    found: Mask = (now >= 0) & (before >= 0) & (now != before)
    return found


def escalated(log: Log, runs: Runs, teams: Codes) -> Mask:
    """Rows in which a ticket was escalated: by an event, or by coming to one of the teams."""
    parts = log.parts
    found: Mask = parts["event"] == ESCALATION
    if not teams.size:
        return found
    is_told = parts["event"] == TRANSFER
    now = np.where(is_told, parts["new"], parts["team"])
    comes: Mask = np.isin(now, teams) & (runs.known_before(now) != now)
    return np.logical_or(found, comes)


def _different(values: Codes, runs: Runs) -> Codes:
    """How many different known values each run has."""
    known = np.flatnonzero(values >= 0)
    pairs = np.unique(np.stack([runs.of_row[known], values[known]]), axis=1)
    return np.bincount(pairs[0], minlength=runs.starts.size).astype(np.int64)


def first_replies(log: Log, life: Life, actor: int) -> Codes:
    """When the first public comment of one kind of actor came."""
    parts = log.parts
    comments = (parts["event"] == COMMENT) & parts["public"] & (parts["actor"] == actor)
    return times_at(life.at, life.runs.first(comments))


def handlers(log: Log, runs: Runs) -> Codes:
    """Place of each ticket among `HANDLERS`."""
    actor = log.parts["actor"]
    kinds = ((HUMAN, 1), (BOT, 2), (SELF_SERVICE, 4))
    found = sum(weight * (runs.count(actor == kind) > 0) for kind, weight in kinds)
    return np.asarray(found, np.int64)


def actors_at(log: Log, rows: Codes) -> list[str | None]:
    """Who acted in some rows; None for the row -1 and for nobody."""
    actor = log.parts["actor"]
    codes = np.where(rows < 0, NONE, actor[rows]) if actor.size else rows
    return [ACTORS[code] if code >= 0 else None for code in codes.tolist()]


def first_solved(life: Life) -> Codes:
    """When each ticket was solved for the first time."""
    return times_at(life.at, life.runs.first(life.state == SOLVED))


def first_ended(life: Life) -> Codes:
    """When each ticket was settled for the first time, in whatever way."""
    return times_at(life.at, life.runs.first(life.state >= SOLVED))
