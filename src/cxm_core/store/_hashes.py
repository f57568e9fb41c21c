"""Ids and fingerprints as SQL: the same that the records make of themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cxm_core.records import FieldDescription, FieldType

from ._sql import quote_ident, quote_text


def identity_sql(kind: str) -> str:
    """SQL: id of the record whose `source` and `native_id` stand beside it."""
    return _hash(" || chr(31) || ".join((quote_text(kind), "source", "native_id")))


def content_sql(columns: Sequence[FieldDescription]) -> str:
    """SQL: fingerprint of the record of which only these columns can hold something."""
    said = sorted(
        (one for one in columns if one.name not in _NOT_CONTENT), key=lambda one: one.name
    )
    return _hash(f"'{{' || concat_ws(',', {', '.join(map(_content, said))}) || '}}'")


_NOT_CONTENT = ("source", "known_at")


def _hash(text: str) -> str:
    return f"left(sha256({text}), 32)"


def _content(column: FieldDescription) -> str:
    return f"{quote_text(json.dumps(column.name) + ':')} || " + _CONTENT[column.type].format(
        quote_ident(column.name)
    )


_CONTENT: Mapping[FieldType, str] = {
    "text": "to_json({})::VARCHAR",
    "json": "to_json({})::VARCHAR",
    "integer": "{}::VARCHAR",
    "boolean": "{}::VARCHAR",
    "number": "'\"' || printf('%.16e', {} + 0.0::DOUBLE) || '\"'",
    "instant": "'\"' || strftime({}, '%Y-%m-%d %H:%M:%S.%f') || '\"'",
    "date": "'\"' || {}::VARCHAR || '\"'",
}
