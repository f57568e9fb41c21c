"""Which contacts are about one matter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import Contacts
from cxm_core.stats import Sets, components

Ints = NDArray[np.int64]
Pairs = tuple[Ints, Ints]

# A contact is compared with so many of the customer's contacts before it.
LOOK_BACK = 20


@frozen(kw_only=True)
class Threading:
    """Rule by which contacts become issues.

    Parameters
    ----------
    within_us : int
        Contacts further apart than this are never put together by what they are about.
    overlap : float in (0, 1]
        Share of the shorter text's shingles from which two texts say the same.
    """

    within_us: int
    overlap: float


def threads(contacts: Contacts, words: Sets | None, rule: Threading) -> Ints:
    """Number of the issue of every contact."""
    pairs = [_by_id(contacts), _by_answer(contacts), *_inferred(contacts, words, rule)]
    left, right = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    return components(left, right, len(contacts))


def _by_id(contacts: Contacts) -> Pairs:
    """Contacts of one customer with one id of an issue."""
    if "issue" not in contacts.codes:
        return _none()
    return _chained(contacts, [contacts.codes["customer"], contacts.codes["issue"]], None)


def _by_answer(contacts: Contacts) -> Pairs:
    """Contacts and what they answer, be it another customer's; but never two ids of issues."""
    rows, target = contacts.answered()
    ids = contacts.codes.get("issue")
    if ids is None:
        return rows, target
    is_one = (ids[rows] < 0) | (ids[target] < 0) | (ids[rows] == ids[target])
    return rows[is_one], target[is_one]


def _inferred(contacts: Contacts, words: Sets | None, rule: Threading) -> list[Pairs]:
    """Contacts without an id that are about the same, as far as anything says so."""
    who = _without_id(contacts)
    pairs = []
    if "reason" in contacts.codes:
        pairs.append(_chained(contacts, [who, contacts.codes["reason"]], rule.within_us))
    if words is not None:
        pairs.append(_by_words(contacts, who, words, rule))
    if not pairs and not {"issue", "reply_to"} & contacts.codes.keys():
        pairs.append(_chained(contacts, [who], rule.within_us))
    return pairs


def _without_id(contacts: Contacts) -> Ints:
    """The customer of each contact; -1 where an id says what the contact is about."""
    who = contacts.codes["customer"]
    return np.where(contacts.codes["issue"] >= 0, -1, who) if "issue" in contacts.codes else who


def _chained(contacts: Contacts, keys: Sequence[Ints], within_us: int | None) -> Pairs:
    """Each contact and the next one with the same keys, unless too much time lies between."""
    rows = np.flatnonzero(np.all([key >= 0 for key in keys], axis=0))
    # Contacts stand in the order of time within a customer, and the sort keeps that.
    rows = rows[np.lexsort([rows, contacts.at[rows], *(key[rows] for key in reversed(keys))])]
    left, right = rows[:-1], rows[1:]
    same = np.all([key[left] == key[right] for key in keys], axis=0)
    if within_us is not None:
        same &= contacts.at[right] - contacts.at[left] <= within_us
    return left[same], right[same]


def _by_words(contacts: Contacts, who: Ints, words: Sets, rule: Threading) -> Pairs:
    """Contacts whose first words say the same as others of the customer shortly before."""
    rows = np.flatnonzero((who >= 0) & (words.sizes > 0))
    found = [_none()]
    for lag in range(1, LOOK_BACK + 1):
        left, right = rows[:-lag], rows[lag:]
        near = who[left] == who[right]
        near &= contacts.at[right] - contacts.at[left] <= rule.within_us
        if not near.any():
            break
        left, right = left[near], right[near]
        same = words.overlap(left, right) >= rule.overlap
        found.append((left[same], right[same]))
    return tuple(np.concatenate(ends) for ends in zip(*found, strict=True))  # type: ignore[return-value]  # two ends a pair


def _none() -> Pairs:
    return np.zeros(0, np.int64), np.zeros(0, np.int64)
