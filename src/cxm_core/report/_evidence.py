"""What the figures rest on, in a sentence: did every source deliver, and what was set aside."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from cxm_core.results import SyncReceipt

from ._page import QuarantineCount, ReportPage
from ._words import clock, verdict_word

__all__ = [
    "MEANINGS",
    "OUTCOMES",
    "Evidence",
    "evidence",
    "meaning_of",
    "notes",
    "state",
    "unused",
]

#: Fields of a sync receipt that together are what was served, and how they are called.
OUTCOMES = (
    ("applied", "Kept"),
    ("duplicate", "Seen before"),
    ("stale", "Out of date"),
    ("quarantined", "Set aside"),
    ("suppressed", "Erased before"),
)

#: Reason code -> what it means, for a reader who did not write the mapping.
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "missing_field": "A value that every record needs is not there.",
        "wrong_type": "A value is not of its kind, such as words where a number belongs.",
        "out_of_range": "A number lies outside its bounds.",
        "out_of_scale": "A score is not on the scale of its question.",
        "bad_datetime": "A date or time cannot be read in the declared format.",
        "naive_datetime": "A time has no zone, and none was declared.",
        "non_finite": "A number is endless or undefined.",
        "too_large": "A value is longer than its limit.",
        "bad_pattern": "A text does not have its declared form.",
        "unknown_level": "A word is none of those declared.",
        "negative_duration": "Something ends before it begins.",
        "bad_scale": "A scale cannot be read.",
        "bad_encoding": "The bytes are not text in the declared encoding.",
        "bad_row": "A row does not have the cells of its table.",
        "duplicate_key": "A row says the same thing twice.",
        "too_deep": "A row is nested too deep to be read.",
    }
)


@frozen(kw_only=True)
class Evidence:
    """Whether a reader may rely on the data, and why not."""

    is_sound: bool
    heading: str
    sentence: str


def evidence(page: ReportPage) -> Evidence:
    """One sentence about all syncs of the page."""
    syncs = page.completeness
    unsound = sum(not (sync.is_complete and sync.balances) for sync in syncs)
    if unsound:
        sentence = (
            f"{unsound} of {len(syncs)} streams did not deliver everything or do not add up: "
            "the figures may change."
        )
        return Evidence(is_sound=False, heading="Data incomplete.", sentence=sentence)
    untold = sum(sync.verdict == "unknown" for sync in syncs)
    if untold:
        sentence = (
            f"{untold} of {len(syncs)} streams give no sign of whether they delivered everything; "
            "nothing is known to be missing."
        )
        return Evidence(is_sound=False, heading="Completeness not known.", sentence=sentence)
    served = sum(sync.served for sync in syncs)
    aside = sum(count.count for count in page.quarantine)
    streams = "The one stream" if len(syncs) == 1 else f"All {len(syncs)} streams"
    kept = "none is set aside" if not aside else f"{aside:,} are set aside"
    last = f"{served:,} records served" if served else "nothing new"
    sentence = f"{streams} delivered everything: {last} at the last sync; {kept}."
    return Evidence(is_sound=True, heading="Data complete.", sentence=sentence)


def state(sync: SyncReceipt) -> str:
    """Whether a stream came whole, in few words."""
    return verdict_word(sync.verdict) if sync.balances else "does not add up"


def meaning_of(entry: QuarantineCount) -> str:
    """What a reason means: as the page says it, or as everybody does."""
    return entry.meaning or MEANINGS.get(entry.reason, "")


def notes(sync: SyncReceipt, *, zone: str) -> tuple[str, ...]:
    """What else a person should know of a sync, one sentence each."""
    unchanged = ", ".join(sync.unchanged)
    found = (
        # The note of a stream that failed is the reason.
        "" if sync.reason in sync.note else sync.reason,
        sync.note,
        "" if sync.balances else "The counts do not add up to what was served.",
        f"Not read again because unchanged: {unchanged}." if unchanged else "",
        _parts(sync),
        *_extent(sync, zone),
    )
    return tuple(sentence for sentence in found if sentence)


def _parts(sync: SyncReceipt) -> str:
    """What was new of the kept ones, where that is not all of them."""
    parts = {
        "were new": sync.new,
        "were changed": sync.changed,
        "took something away": sync.deleted,
    }
    told = [f"{count:,} {what}" for what, count in parts.items() if count]
    if not told or sync.applied == sync.new:
        return ""
    return f"Of the kept ones, {', '.join(told)}."


def _extent(sync: SyncReceipt, zone: str) -> tuple[str, ...]:
    """What was asked of a stream and how far it reached, one sentence each, or nothing."""
    since, until = (at and clock(at, zone) for at in (sync.since, sync.until))
    window = [f"from {since}" if since else "", f"until before {until}" if until else ""]
    return (
        f"Asked for: {' '.join(filter(None, window))}." if since or until else "",
        f"Pages read: {sync.pages:,}." if sync.pages else "",
        "" if sync.total is None else f"Rows by the source's own count: {sync.total:,}.",
        f"Newest change: {clock(sync.newest, zone)}." if sync.newest else "",
        *(gap for gap in sync.gaps if gap not in sync.reason),
    )


def unused(sync: SyncReceipt) -> str:
    """Fields and words that were served but not declared, and how often each stood there."""
    return ", ".join(f"{name} ({count:,})" for name, count in sync.drift.items())
