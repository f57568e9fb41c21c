"""From a record to its row: plain values under the names of the description."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from hashlib import md5
from typing import Any

from attrs import frozen
from pydantic import PlainSerializer
from pydantic_core import to_jsonable_python

from ._compounds import COMPOUNDS
from ._describe import Annotation, opened
from ._description import Plain
from ._envelope import NOT_CONTENT, Record
from ._types import Shape
from ._writing import compact_json, texts_json

_Split = Callable[[Any], tuple[Any, ...]]
# Identifiers refuse control characters, free text has another in place of each, JSON spells them.
CONTENT_SEPARATOR = "\x1f"
_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


@frozen
class _Plan:
    """How a record goes into its row: all columns empty, fields as they are, fields to convert."""

    empty: dict[str, Plain]
    plain: tuple[str, ...]
    converted: tuple[tuple[str, tuple[str, ...], _Split], ...]


@lru_cache(maxsize=64)
def _plan(cls: type[Record]) -> _Plan:
    steps = [(name, *_step(name, opened(info))) for name, info in cls.model_fields.items()]
    return _Plan(
        dict.fromkeys(name for _, names, _ in steps for name in names),
        tuple(name for name, _, split in steps if split is None),
        tuple((name, names, split) for name, names, split in steps if split is not None),
    )


def _step(name: str, annotation: Annotation) -> tuple[tuple[str, ...], _Split | None]:
    compound = COMPOUNDS.get(annotation.bare)
    if compound is not None:
        return compound.names(name), compound.split
    if annotation.mark(Shape) is not None:
        serializer = annotation.mark(PlainSerializer)
        to_json: Any = serializer.func if serializer else to_jsonable_python
        return (name,), lambda value: (texts_json(to_json(value)) if value else None,)
    if isinstance(annotation.bare, type) and issubclass(annotation.bare, Enum):
        return (name,), lambda member: (member.value,)
    return (name,), None


def to_row(record: Record) -> dict[str, Plain]:
    """Row of a record: one plain value for each column that `describe` names.

    Parameters
    ----------
    record : Record
        Of any kind.

    Returns
    -------
    dict of str to str, int, float, bool, datetime, date or None
        Times are aware, in UTC; lists and mappings are canonical JSON, and None where empty.

    Examples
    --------
    >>> from cxm_core.records import Response, Score, to_row
    >>> at = "2026-11-05T09:00Z"
    >>> row = to_row(Response(native_id="1", occurred_at=at, score=Score(9, "0-10")))
    >>> row["score_value"], row["score_scale"], row["customer"]
    (9, '0-10', None)
    """
    plan, values = _plan(type(record)), record.__dict__
    row = plan.empty.copy()
    for name in plan.plain:
        row[name] = values[name]
    for name, names, split in plan.converted:
        value = values[name]
        if value is not None:
            row.update(zip(names, split(value), strict=True))
    return row


def to_columns(records: Sequence[Record]) -> dict[str, Sequence[Plain]]:
    """Columns of many records: what `to_row` says of each, at a fraction of its cost.

    Parameters
    ----------
    records : sequence of Record
        At least one, all of one class.

    Returns
    -------
    dict of str to sequence
        Cells of each column in the order of the records. A column in which none of them says
        anything is left out.

    Examples
    --------
    >>> from cxm_core.records import Note, to_columns
    >>> at = "2026-11-05T09:00Z"
    >>> notes = [Note(native_id=id, occurred_at=at, text="Broken door") for id in "12"]
    >>> to_columns(notes)["native_id"], "stream" in to_columns(notes)
    (['1', '2'], False)
    """
    plan, values = _plan(type(records[0])), [record.__dict__ for record in records]
    columns: dict[str, Sequence[Plain]] = {}
    for name in plan.plain:
        columns[name] = [one[name] for one in values]
    for name, names, split in plan.converted:
        nothing = (None,) * len(names)
        cells = (one[name] for one in values)
        parts = [nothing if cell is None else split(cell) for cell in cells]
        columns.update(zip(names, zip(*parts, strict=True), strict=True))
    return {name: cells for name, cells in columns.items() if _says_anything(cells)}


def _says_anything(cells: Sequence[Plain]) -> bool:
    return cells[0] is not None or any(cell is not None for cell in cells)


def content_hash(record: Record) -> str:
    """Fingerprint of what a record says, apart from who delivered it and when.

    Parameters
    ----------
    record : Record
        Of any kind.

    Returns
    -------
    str
        `row_hash` of its row.

    Examples
    --------
    >>> from cxm_core.records import Note, content_hash
    >>> note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Broken door")
    >>> content_hash(note) == content_hash(note.stamped(source="app"))
    True
    """
    return row_hash(to_row(record))


def raw_hash(row: object) -> str:
    """Fingerprint of a row as a source served it.

    Parameters
    ----------
    row : object
        Anything that JSON can say.

    Returns
    -------
    str
        The MD5 of its JSON without spaces, keys in the order in which they came, characters as
        they are; 32 hexadecimal digits.

    Examples
    --------
    >>> raw_hash({"id": 1, "name": "é"})
    '60cba4d5e0da2751d97358d5b87f777f'
    """
    return md5(compact_json(row), usedforsecurity=False).hexdigest()


def row_hash(row: Mapping[str, Plain]) -> str:
    """Fingerprint of a row: `content_hash` of its record.

    Parameters
    ----------
    row : mapping
        As `to_row` gives it.

    Returns
    -------
    str
        The MD5 of `content_text`, 32 hexadecimal digits. It tells versions of a record apart and
        protects nothing; at half the cost of SHA-256 it is what the loading of millions can bear.

    Examples
    --------
    >>> from cxm_core.records import Note, content_hash, row_hash, to_row
    >>> note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Broken door")
    >>> row_hash(to_row(note)) == content_hash(note)
    True
    """
    return md5(content_text(row).encode(), usedforsecurity=False).hexdigest()


def row_hashes(columns: Mapping[str, Sequence[Plain]]) -> list[str]:
    """Fingerprints of many rows that lie in columns.

    Parameters
    ----------
    columns : mapping of str to sequence
        As `to_columns` gives them; at least one that is content.

    Returns
    -------
    list of str
        `row_hash` of each row.

    Examples
    --------
    >>> from cxm_core.records import Note, content_hash, row_hashes, to_columns
    >>> note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Broken door")
    >>> row_hashes(to_columns([note])) == [content_hash(note)]
    True
    """
    pieces = [_tagged(tag, columns[name]) for name, tag in _content_columns(tuple(columns))]
    texts = map("".join, zip(*pieces, strict=True))
    return [md5(text.encode(), usedforsecurity=False).hexdigest() for text in texts]


def _tagged(tag: str, cells: Sequence[Plain]) -> Iterable[str]:
    """What a column adds to the text of each row."""
    types = set(map(type, cells))
    if types == {str}:
        return map(tag.__add__, cells)  # type: ignore[arg-type]  # texts all of them
    if types in ({int}, {bool}):
        # Few numbers, each of them often.
        known = {cell: tag + _content(cell) for cell in set(cells)}
        return map(known.__getitem__, cells)
    return ("" if cell is None else tag + _content(cell) for cell in cells)


def content_text(row: Mapping[str, Plain]) -> str:
    r"""Text of all that a row says, in a form that SQL can write too, and quickly.

    Parameters
    ----------
    row : mapping
        As `to_row` gives it.

    Returns
    -------
    str
        The columns that hold a value, by name, without `NOT_CONTENT`, each behind a control
        character that no value has. Each is the tag of its name and its value: text as it
        is, a number as its `%.16e`, a time as microseconds since 1970, a truth value as
        `true` or `false`. What a new column says changes the text only where it holds something.

    Examples
    --------
    >>> content_text({"weight": 0.5, "native_id": "1", "source": "acme"}).split("\x1f")
    ['', 'png1', 'ftq5.0000000000000000e-01']
    """
    return "".join(
        [
            tag + (value if type(value) is str else _content(value))
            for name, tag in _content_columns(tuple(row))
            if (value := row[name]) is not None
        ]
    )


@lru_cache(maxsize=256)
def _content_columns(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Columns that count as content, in their order, each with what stands before its value."""
    return tuple(
        (name, CONTENT_SEPARATOR + column_tag(name))
        for name in sorted(names)
        if name not in NOT_CONTENT
    )


@lru_cache(maxsize=512)
def column_tag(name: str) -> str:
    """Three characters that stand for the name of a column wherever many bytes would be dear.

    Parameters
    ----------
    name : str
        Name of a column.

    Returns
    -------
    str
        Always the same for a name, and no other column of a record has it.

    Examples
    --------
    >>> column_tag("native_id")
    'png'
    """
    return urlsafe_b64encode(md5(name.encode(), usedforsecurity=False).digest())[:3].decode()


def _content(value: Plain) -> str:
    if type(value) is int:
        return str(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Adding zero takes the sign from a negative zero.
        return f"{value + 0.0:.16e}"
    if isinstance(value, datetime):
        return str((value - _EPOCH) // _TICK)
    return value.isoformat() if isinstance(value, date) else str(value)
