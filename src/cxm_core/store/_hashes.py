"""Ids and fingerprints as SQL: the same that the records make of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from cxm_core.records import (
    CONTENT_SEPARATOR,
    NOT_CONTENT,
    FieldDescription,
    FieldType,
    column_tag,
)

from ._sql import quote_ident, quote_text


def identity_sql(kind: str) -> str:
    """SQL: id of the record whose `source` and `native_id` stand beside it."""
    text = " || chr(31) || ".join((quote_text(kind), "source", "native_id"))
    return f"left(sha256({text}), 32)"


class Spelled(NamedTuple):
    """What a column adds to the text of a fingerprint in every row in which it stands."""

    text: str
    # SQL; a column that stands in every row has none.
    stands: str = ""


def content_sql(
    columns: Sequence[FieldDescription], *, constants: Mapping[str, Spelled] = MappingProxyType({})
) -> str:
    """SQL: fingerprint of the record of which only these columns can hold something.

    What is the same in many rows is spelled out once for all of them: in `constants`.
    """
    said = sorted((one for one in columns if one.name not in NOT_CONTENT), key=lambda one: one.name)
    parts = [part for one in said for part in _parts(one, constants.get(one.name))]
    return f"md5(concat({', '.join(_joined(parts))}))"


def _parts(column: FieldDescription, known: Spelled | None) -> Iterator[Spelled | str]:
    """What a column adds: known texts, and SQL for its value, which adds nothing if it is null."""
    if known is not None:
        yield known
        return
    name = quote_ident(column.name)
    yield Spelled(
        CONTENT_SEPARATOR + column_tag(column.name),
        f"{name} IS NOT NULL" if column.is_nullable else "",
    )
    yield _CONTENT[column.type].format(name)


def _joined(parts: Iterable[Spelled | str]) -> Iterator[str]:
    """SQL for the arguments of one function, which copies a long value but once."""
    for stands, group in groupby(parts, key=lambda one: getattr(one, "stands", None)):
        if stands is None:
            yield from map(str, group)
            continue
        known = quote_text("".join(one.text for one in group if isinstance(one, Spelled)))
        yield f"CASE WHEN {stands} THEN {known} END" if stands else known


_CONTENT: Mapping[FieldType, str] = {
    "text": "{}",
    "json": "{}",
    "integer": "{}::VARCHAR",
    "boolean": "{}::VARCHAR",
    "number": "printf('%.16e', {} + 0.0::DOUBLE)",
    "instant": "epoch_us({})::VARCHAR",
    "date": "{}::VARCHAR",
}
