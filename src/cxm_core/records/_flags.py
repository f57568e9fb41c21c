"""What is kept although something about it is odd, so that somebody should be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from ._describe import describe
from ._envelope import Record
from ._kinds import record_class
from ._text import REPLACEMENT

# Clocks of two machines differ by as much without anything being wrong.
SKEW = timedelta(minutes=5)
AHEAD = "recorded_at: later than now"


def unreadable_flag(column: str) -> str:
    """Flag of a text in which U+FFFD stands for something that no text can keep.

    Parameters
    ----------
    column : str
        Name of the column.

    Returns
    -------
    str
        As receipts count it.

    Examples
    --------
    >>> unreadable_flag("verbatim")
    'verbatim: characters that no text can keep'
    """
    return f"{column}: characters that no text can keep"


@lru_cache(maxsize=64)
def prose_columns(kind: str) -> tuple[str, ...]:
    """Columns of free text.

    Parameters
    ----------
    kind : str
        Kind of record.

    Returns
    -------
    tuple of str
        In the order of the description.

    Examples
    --------
    >>> prose_columns("note")[:1]
    ('text',)
    """
    return tuple(one.name for one in describe(record_class(kind)).fields if one.is_prose)


def flags_of(kind: str, values: Mapping[str, object], *, now: datetime) -> Iterator[str]:
    r"""What is odd about a record that is kept.

    Parameters
    ----------
    kind : str
        Kind of record.
    values : mapping
        Its fields, or its row.
    now : datetime
        Aware.

    Returns
    -------
    iterator of str
        One for each free text with U+FFFD in it, and for a stamp of change that lies more than five
        minutes ahead: until that moment, what the source says later looks older.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> text, now = "a\N{REPLACEMENT CHARACTER}b", datetime(2026, 11, 21, tzinfo=UTC)
    >>> list(flags_of("note", {"text": text}, now=now))
    ['text: characters that no text can keep']
    """
    for name in prose_columns(kind):
        text = values.get(name)
        if isinstance(text, str) and not text.isascii() and REPLACEMENT in text:
            yield unreadable_flag(name)
    stamp = values.get("recorded_at")
    if isinstance(stamp, datetime) and stamp > now + SKEW:
        yield AHEAD


def page_flags(records: Sequence[Record], *, now: datetime) -> Iterator[str]:
    r"""What is odd about the records of a page, of which most say nothing odd.

    Parameters
    ----------
    records : sequence of Record
        Of any kinds.
    now : datetime
        Aware.

    Returns
    -------
    iterator of str
        `flags_of` each of them, one record after the other.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.records import Note
    >>> note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="a\x07b")
    >>> list(page_flags([note], now=datetime(2026, 11, 21, tzinfo=UTC)))
    ['text: characters that no text can keep']
    """
    latest = now + SKEW
    for record in records:
        values, stamp = record.__dict__, record.recorded_at
        is_odd = stamp is not None and stamp > latest
        for name in prose_columns(record.record_kind):
            text = values[name]
            is_odd = is_odd or (text is not None and not text.isascii())
        if is_odd:
            yield from flags_of(record.record_kind, values, now=now)
