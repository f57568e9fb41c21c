"""Ids and fingerprints as SQL: the same that the records make of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cxm_core.records import CONTENT_SEPARATOR, FieldDescription, FieldType, column_tag

from ._sql import quote_ident, quote_text


def identity_sql(kind: str) -> str:
    """SQL: id of the record whose `source` and `native_id` stand beside it."""
    text = " || chr(31) || ".join((quote_text(kind), "source", "native_id"))
    return f"left(sha256({text}), 32)"


def content_sql(columns: Sequence[FieldDescription]) -> str:
    """SQL: fingerprint of the record of which only these columns can hold something."""
    said = sorted(
        (one for one in columns if one.name not in _NOT_CONTENT), key=lambda one: one.name
    )
    return f"md5(concat({', '.join(map(_content, said))}))"


_NOT_CONTENT = ("source", "known_at")


def _content(column: FieldDescription) -> str:
    name = quote_ident(column.name)
    # Joined by one function, which leaves out what is null, a long value is copied but once.
    tag = quote_text(CONTENT_SEPARATOR + column_tag(column.name))
    return f"CASE WHEN {name} IS NOT NULL THEN {tag} END, {_CONTENT[column.type].format(name)}"


_CONTENT: Mapping[FieldType, str] = {
    "text": "{}",
    "json": "{}",
    "integer": "{}::VARCHAR",
    "boolean": "{}::VARCHAR",
    "number": "printf('%.16e', {} + 0.0::DOUBLE)",
    "instant": "epoch_us({})::VARCHAR",
    "date": "{}::VARCHAR",
}
