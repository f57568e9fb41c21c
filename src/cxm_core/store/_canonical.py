"""Records as lines of JSON in one form only: equal stores give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from json.encoder import encode_basestring
from typing import Any

from cxm_core.errors import UsageError
from cxm_core.records import FieldType, Plain, Record, canonical_json, from_row

from ._protocol import Store
from ._schema import KEYS, STORED_KINDS, types_of

_KIND = "kind"


def _instant(at: datetime) -> str:
    return f'"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"'


# JSON is kept in its canonical form already.
_WRITERS: Mapping[FieldType, Callable[[Any], str]] = {
    "text": encode_basestring,
    "integer": str,
    "number": lambda value: repr(float(value)),
    "boolean": lambda value: "true" if value else "false",
    "instant": _instant,
    "date": lambda day: f'"{day.isoformat()}"',
    "json": str,
}
_READERS: Mapping[FieldType, Callable[[Any], Plain]] = {
    "instant": datetime.fromisoformat,
    "date": date.fromisoformat,
    "json": canonical_json,
}


def canonical_lines(
    store: Store, *, without: Collection[str] = ("known_at",), kinds: Iterable[str] = STORED_KINDS
) -> Iterator[str]:
    """Every current record as a line of JSON: two stores that hold the same give the same lines.

    Parameters
    ----------
    store : Store
        Any store.
    without : collection of str
        Columns that are left out; by default when the store learnt of the record, which differs
        from run to run.
    kinds : iterable of str
        Kinds of record, in the order of the lines; all if not given.

    Returns
    -------
    iterator of str
        One object a line, without its end: `kind` and each column that holds something, by name.
        Within a kind in the order of the records' ids.

    Raises
    ------
    UsageError
        The store keeps no such kind.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.records import Note
    >>> from cxm_core.store import canonical_lines, open_store
    >>> store = open_store("memory:", clock=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    >>> with store.transaction() as transaction:
    ...     note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Cold hall")
    ...     _ = transaction.apply([note], source="app")
    >>> print(*canonical_lines(store, without=("known_at", "content_hash", "record_id")))
    {"is_deleted":false,"kind":"note","native_id":"1",...,"source":"app","text":"Cold hall"}
    """
    for kind in kinds:
        yield from export_lines(store, kind, without=without)


def export_lines(store: Store, kind: str, *, without: Collection[str] = ()) -> Iterator[str]:
    """Current records of one kind as lines of JSON, in the order of their ids.

    Parameters
    ----------
    store : Store
        Any store.
    kind : str
        Kind of record, such as `response`.
    without : collection of str
        Columns that are left out.

    Returns
    -------
    iterator of str
        As of `canonical_lines`.

    Raises
    ------
    UsageError
        The store keeps no such kind.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.store import export_lines, open_store
    >>> list(export_lines(open_store("memory:", clock=lambda: datetime.now(UTC)), "note"))
    []
    """
    writers = [
        (name, f"{encode_basestring(name)}:", _WRITERS[type_])
        for name, type_ in sorted(types_of(kind).items())
        if name not in without
    ]
    before = [one for one in writers if one[0] < _KIND]
    after = writers[len(before) :]
    own = f'"{_KIND}":{encode_basestring(kind)}'
    for row in store.rows(kind):
        yield "{" + ",".join([*_cells(before, row), own, *_cells(after, row)]) + "}"


def _cells(
    writers: Iterable[tuple[str, str, Callable[[Any], str]]], row: Mapping[str, Plain]
) -> Iterator[str]:
    for name, label, write in writers:
        if (value := row[name]) is not None:
            yield label + write(value)


def records_of_lines(lines: Iterable[str]) -> Iterator[Record]:
    """Records of lines that were exported, each with the source and the time that it had.

    Parameters
    ----------
    lines : iterable of str
        As `canonical_lines` and `Workspace.export` write them; empty lines are passed over.

    Returns
    -------
    iterator of Record
        To be applied to any store.

    Raises
    ------
    UsageError
        A line is no exported record; the message has its number.

    Examples
    --------
    >>> line = '{"kind":"note","native_id":"1","occurred_at":"2026-11-05T09:00:00Z","text":"Cold"}'
    >>> [note.text for note in records_of_lines([line])]
    ['Cold']
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _record(number, line)


def _record(number: int, line: str) -> Record:
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        cells = json.loads(line)
        kind = cells.pop(_KIND)
        types = types_of(kind)
        row = {name: _read(types[name], cell) for name, cell in cells.items() if name not in KEYS}
        return from_row(kind, row)
    # Raised outside, for the causes hold the line itself.
    raise UsageError(f"Line {number} is no exported record.", hint="read what cxm has exported")


def _read(type_: FieldType, cell: Any) -> Plain:
    read = _READERS.get(type_)
    value: Plain = cell if cell is None or read is None else read(cell)
    return value
