"""From a record to its row: plain values under the names of the description."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from typing import Any

from attrs import frozen
from pydantic import PlainSerializer
from pydantic_core import to_jsonable_python

from ._compounds import COMPOUNDS
from ._describe import Annotation, opened
from ._description import Plain
from ._envelope import Record
from ._types import Shape

_Split = Callable[[Any], tuple[Any, ...]]
_NOT_CONTENT = ("source", "known_at")
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


@frozen
class _Plan:
    """How a record goes into its row: all columns empty, fields as they are, fields to convert."""

    empty: Mapping[str, Plain]
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
        return (name,), lambda value: (canonical_json(to_json(value)) if value else None,)
    if isinstance(annotation.bare, type) and issubclass(annotation.bare, Enum):
        return (name,), lambda member: (member.value,)
    return (name,), None


def canonical_json(value: object) -> str:
    """JSON in the one form that the library keeps.

    Parameters
    ----------
    value : object
        Anything that JSON can say.

    Returns
    -------
    str
        Sorted keys, no spaces, characters as they are.

    Raises
    ------
    ValueError
        The value holds a number that is not finite.

    Examples
    --------
    >>> canonical_json({"b": "é", "a": [1, None]})
    '{"a":[1,null],"b":"é"}'
    """
    return _JSON.encode(value)


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
    plan, row = _plan(type(record)), dict[str, Plain]()
    row.update(plan.empty)
    for name in plan.plain:
        row[name] = getattr(record, name)
    for name, names, split in plan.converted:
        value = getattr(record, name)
        if value is not None:
            row.update(zip(names, split(value), strict=True))
    return row


def content_hash(record: Record) -> str:
    """Fingerprint of what a record says, apart from who delivered it and when.

    Parameters
    ----------
    record : Record
        Of any kind.

    Returns
    -------
    str
        First 32 hexadecimal digits of the SHA-256 of `content_text` of its row.

    Examples
    --------
    >>> from cxm_core.records import Note, content_hash
    >>> note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Broken door")
    >>> content_hash(note) == content_hash(note.stamped(source="app"))
    True
    """
    return sha256(content_text(to_row(record)).encode()).hexdigest()[:32]


def content_text(row: Mapping[str, Plain]) -> str:
    """Canonical JSON of a row, in a form that SQL can write too.

    Parameters
    ----------
    row : mapping
        As `to_row` gives it.

    Returns
    -------
    str
        One object of the columns that hold a value, by name, without `source` and `known_at`.
        Text and JSON text are JSON strings; integers and truth values stand bare; a number is the
        string of its `%.16e`; a time is the string `YYYY-MM-DD HH:MM:SS.ffffff` in UTC.

    Examples
    --------
    >>> content_text({"weight": 0.5, "native_id": "1", "source": "acme"})
    '{"native_id":"1","weight":"5.0000000000000000e-01"}'
    """
    content = {
        name: _content(value)
        for name, value in row.items()
        if value is not None and name not in _NOT_CONTENT
    }
    return canonical_json(content)


def _content(value: Plain) -> Plain:
    if isinstance(value, float):
        # Adding zero takes the sign from a negative zero.
        return f"{value + 0.0:.16e}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value
