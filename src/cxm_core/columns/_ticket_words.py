"""Words of a ticket log as small numbers: statuses, events, actors, and whatever else repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats import Label

from ._objects import Column
from ._values import coded_axis, sorted_axis

Codes = NDArray[np.int64]

#: States of a ticket, in the order of its life; from the fourth on it is settled.
STATES = (
    "new",
    "open",
    "pending",
    "on_hold",
    "solved",
    "closed",
    "merged",
    "spam",
    "abandoned",
)
NEW, OPEN, PENDING, ON_HOLD, SOLVED, CLOSED, MERGED, SPAM, ABANDONED = range(len(STATES))

EVENTS = (
    "created",
    "status",
    "assignment",
    "comment",
    "transfer",
    "escalation",
    "priority",
    "channel",
    "merge",
    "reopening",
    "satisfaction",
)
CREATED, STATUS, ASSIGNMENT, COMMENT, TRANSFER, ESCALATION = range(6)
CHANNEL, MERGE, REOPENING = 7, 8, 9

ACTORS = ("human", "bot", "self_service", "customer")
HUMAN, BOT, SELF_SERVICE, CUSTOMER = range(len(ACTORS))

#: No word stands there; or one that nobody knows.
NONE, UNKNOWN = -1, -2


def word_codes(
    column: Column | None, words: Sequence[str], rows: int, more: Mapping[str, str] | None = None
) -> Codes:
    """Place of each row's word; `more` says which other words mean one of them."""
    if column is None:
        return np.full(rows, NONE, np.int64)
    places = {word: place for place, word in enumerate(words)}
    places |= {_plain(own): places[word] for own, word in (more or {}).items()}
    axis = coded_axis(column, "word")
    of_label = [places.get(_plain(label), UNKNOWN) for label in axis.labels]
    return np.array([*of_label, NONE], np.int64)[axis.codes]


def checked_words(words: Mapping[str, str] | None) -> Mapping[str, str]:
    """Words of a source and the state that each means."""
    for word in (words or {}).values():
        if word not in STATES:
            raise UsageError(
                f"A ticket has no state {word!r}.", hint=did_you_mean(str(word), STATES)
            )
    return dict(words or {})


def _plain(label: Label) -> str:
    return str(label).strip().casefold().replace(" ", "_").replace("-", "_")


def joint_codes(
    columns: Sequence[Column | None], rows: int
) -> tuple[tuple[Label, ...], list[Codes]]:
    """Labels of several columns together, in an order of their own, and each one's codes."""
    if len(columns) == 1 and columns[0] is not None:
        only = sorted_axis(columns[0], "part")
        return only.labels, [only.codes.astype(np.int64, copy=False)]
    axes = [None if column is None else coded_axis(column, "part") for column in columns]
    found = {(type(v).__name__, v) for axis in axes if axis is not None for v in axis.labels}
    labels = sorted(found, key=_order)
    places = {label: place for place, label in enumerate(labels)}
    codes = []
    for axis in axes:
        own = () if axis is None else axis.labels
        of_label = np.array([*(places[type(v).__name__, v] for v in own), NONE], np.int64)
        codes.append(np.full(rows, NONE, np.int64) if axis is None else of_label[axis.codes])
    return tuple(label for _, label in labels), codes


def _order(labelled: tuple[str, Label]) -> tuple[str, float, str]:
    kind, label = labelled
    return kind, float(label) if isinstance(label, int | float) else 0.0, str(label)
