"""Rows that were set aside: why, in which form, how often; each once, however often served."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from attrs import evolve, frozen
from attrs import field as attribute

from cxm_core.records import Problem

RAW_LIMIT = 4096
_SEPARATOR = "\x1f"
# Half a character: JSON can spell it, UTF-8 cannot hold it.
_HALF = re.compile("[\ud800-\udfff]")
_JSON = json.JSONEncoder(ensure_ascii=False, default=str)


@frozen(kw_only=True)
class QuarantineEntry:
    """A row that is no record, set aside until its mapping or its source is mended.

    Attributes
    ----------
    entry_id : str
        The same whenever the source serves the same row again.
    fingerprint : str
        What was served, whatever the source is called.
    kind : str
        Kind of record that it should have become.
    source, stream : str
        Where it came from.
    reason : str
        Code under which it is counted.
    field : str or None
        Column of the record at which it fails.
    position : str
        Where it stood when it was last seen, such as `answers.csv:17`.
    message : str
        One sentence, without any of the customer's words.
    raw : str
        The row as JSON: an object of its columns, or a text if it could not be taken apart. A
        line of JSON is the object that it was served as.
    is_cut : bool
        Whether `raw` is not the whole row, which was too long to keep.
    record_id : str or None
        Id of the record that it should have become, if that much can be read.
    first_seen_at, last_seen_at : datetime
        Aware, UTC.
    seen : int
        How often it was served.
    """

    entry_id: str
    fingerprint: str
    kind: str
    source: str
    stream: str
    reason: str
    field: str | None
    position: str
    message: str
    raw: str = attribute(repr=False)
    is_cut: bool
    record_id: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    seen: int = 1

    @property
    def row(self) -> Mapping[str, object] | None:
        """The row by column, as it was served; None if it is cut or could not be taken apart."""
        value = None if self.is_cut else json.loads(self.raw)
        return value if isinstance(value, dict) else None

    def seen_again(self, later: QuarantineEntry) -> QuarantineEntry:
        """Return this entry after the same row was served once more."""
        return evolve(later, first_seen_at=self.first_seen_at, seen=self.seen + later.seen)


@frozen(kw_only=True)
class Origin:
    """Where rows come from while they are read.

    Attributes
    ----------
    kind, source, stream : str
        What they should become, and who serves them.
    name : str
        File or page, for the position of a row.
    mapping : str
        Which of several mappings of one row is meant.
    """

    kind: str
    source: str
    stream: str
    name: str
    mapping: str = ""


def quarantine_entry(
    origin: Origin,
    problem: Problem,
    raw: Mapping[str, object] | str = "",
    *,
    position: int | None = None,
    record_id: str | None = None,
    now: datetime,
) -> QuarantineEntry:
    """Entry for a row that is no record.

    Parameters
    ----------
    origin : Origin
        Where the row came from.
    problem : Problem
        Why it is no record.
    raw : mapping or str
        The row as it was served, or its text if it could not be taken apart.
    position : int or None
        Number of the row in its file or page.
    record_id : str or None
        Id of the record that it should have become.
    now : datetime
        Aware.

    Returns
    -------
    QuarantineEntry
        Its id depends on what was served, not on where it stood.

    Examples
    --------
    >>> from datetime import UTC
    >>> from cxm_core.records import Reason
    >>> origin = Origin(kind="note", source="files:a", stream="notes", name="notes.csv")
    >>> problem = Problem(Reason.MISSING_FIELD, "text", "text is missing.")
    >>> now = datetime(2026, 11, 21, tzinfo=UTC)
    >>> quarantine_entry(origin, problem, {"id": "7"}, position=8, now=now).position
    'notes.csv:8'
    """
    return entry_of(origin, problem, json_of(raw), position=position, record_id=record_id, now=now)


def json_of(raw: Mapping[str, object] | str) -> str:
    """JSON of a row as it was served, or of its text."""
    return _JSON.encode(raw)


def entry_of(
    origin: Origin,
    problem: Problem,
    text: str = '""',
    *,
    position: int | None = None,
    record_id: str | None = None,
    now: datetime,
) -> QuarantineEntry:
    """Entry for a row that is JSON already, as `quarantine_entry` makes it."""
    text = text if text.isascii() else _HALF.sub(_escaped, text)
    fingerprint = digest(origin.kind, origin.stream, origin.mapping, text)
    bounded = text if len(text) <= RAW_LIMIT else _cut(text)
    return QuarantineEntry(
        entry_id=digest(origin.source, fingerprint),
        fingerprint=fingerprint,
        kind=origin.kind,
        source=origin.source,
        stream=origin.stream,
        reason=problem.reason.value,
        field=problem.field,
        position=_position(origin.name, position),
        message=problem.message,
        raw=bounded,
        is_cut=bounded is not text,
        record_id=record_id,
        first_seen_at=now,
        last_seen_at=now,
    )


def _escaped(half: re.Match[str]) -> str:
    return f"\\u{ord(half[0]):04x}"


def _cut(text: str) -> str:
    """JSON text of a beginning of `text`; its quotes take two characters each."""
    cut = json.dumps(text[:RAW_LIMIT], ensure_ascii=False)
    return cut if len(cut) <= RAW_LIMIT else _cut(text[: min(len(text), RAW_LIMIT) * 3 // 4])


def _position(name: str, number: int | None) -> str:
    """Place of a row on one line, whatever the file is called."""
    shown = name
    if not name.isprintable():
        shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if number is None else f"{shown}:{number}"


def digest(*parts: str) -> str:
    """Digest of parts, whatever they hold; SQL makes the same of parts that are plain."""
    return sha256(_SEPARATOR.join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def renamed(entry: QuarantineEntry, source: str) -> QuarantineEntry:
    """Return the entry under another name of its source."""
    return evolve(
        entry,
        entry_id=digest(source, entry.fingerprint),
        source=source,
        # Its record will be known by the new name, which only the next sync can tell.
        record_id=None,
    )
