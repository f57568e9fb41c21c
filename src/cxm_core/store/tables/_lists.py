"""Identifiers and attributes as SQL: the JSON text that the records make of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from cxm_core.records import BLANK_TEXT, PLAIN_TEXT, FieldDescription, is_blank
from cxm_core.store._sql import quote_text
from cxm_core.vocabulary import BLANKS, E164, PHONE_SEPARATORS

from ._cells import cleaned, is_rounded, matches, when

_LONGEST_KEY = 1000
_ASCII = r"[\x20-\x7e]*"


class Listed(NamedTuple):
    """SQL for a JSON text, and for whether the row lane has to make it."""

    value: str
    defer: str


class ListedText(NamedTuple):
    """An identifier or attribute on its way: its name, SQL for its text, whether it is simple."""

    name: str
    text: str
    simple: str


def customer_sql(texts: Sequence[ListedText], column: FieldDescription) -> Listed:
    """SQL for the identifiers of a customer.

    A text that is too long, a rounded number, or one with capitals that only Python knows, is left
    to the row lane.
    """
    if not texts:
        return Listed("NULL::VARCHAR", "false")
    odd = [
        f"(length({one.text}) > {column.max_length} OR NOT {_is_known(one)} "
        f"OR {is_rounded(one.text)})"
        for one in texts
    ]
    return Listed(_identifiers(texts), f"coalesce({' OR '.join(odd)}, false)")


def _identifiers(texts: Sequence[ListedText]) -> str:
    kinds = [one.name for one in texts]
    if len(set(kinds)) < len(kinds):
        items = ", ".join(map(_identifier, texts))
        found = f"list_sort(list_distinct([{items}]))"
        return when((f"len({found}) > 0", f"to_json({found})::VARCHAR"), otherwise="NULL::VARCHAR")
    # One of each kind is sorted by kind, and none can stand twice.
    ordered = sorted(texts, key=lambda one: one.name + ":")
    if all(one.simple == "true" for one in texts):
        return _simply_joined([(f'"{one.name}:', _known(one)) for one in ordered], "[]")
    pieces = ", ".join(f"to_json({_identifier(one)})::VARCHAR" for one in ordered)
    joined = f"concat_ws(',', {pieces})"
    return f"'[' || nullif({joined}, '') || ']'"


def _simply_joined(items: Sequence[tuple[str, str]], ends: str) -> str:
    """SQL: JSON of texts that need no escape, each with what stands before it."""
    first, last = ends[0], ends[1]
    end = quote_text('"' + last)
    there = " AND ".join(f"({text}) IS NOT NULL" for _, text in items)
    none = " AND ".join(f"({text}) IS NULL" for _, text in items)
    starts = [first, *['",'] * (len(items) - 1)]
    pieces = [
        f"{quote_text(start + before)}, {text}"
        for start, (before, text) in zip(starts, items, strict=True)
    ]
    some = ", ".join(f"{quote_text(before)} || {text} || '\"'" for before, text in items)
    return when(
        (there, f"concat({', '.join(pieces)}, {end})"),
        # Rows that are no rows have nothing; the last case costs more than both others.
        (none, "NULL"),
        otherwise=f"'{first}' || nullif(concat_ws(',', {some}), '') || '{last}'",
    )


def _is_known(one: ListedText) -> str:
    alphabet = _ASCII if one.name == "email" else PLAIN_TEXT
    return when((one.simple, "true"), otherwise=matches(one.text, alphabet))


def _identifier(one: ListedText) -> str:
    value = _known(one)
    there = when((one.simple, value), (matches(one.text, BLANK_TEXT), "NULL"), otherwise=value)
    return f"{quote_text(one.name + ':')} || {there}"


def _known(one: ListedText) -> str:
    """SQL: identifier in the form by which it is known."""
    bare = when((one.simple, one.text), otherwise=f"trim({one.text}, {quote_text(BLANKS)})")
    return {"email": f"lower({bare})", "phone": _phone(bare)}.get(one.name, bare)


def _phone(bare: str) -> str:
    digits = f"regexp_replace({bare}, {quote_text(PHONE_SEPARATORS)}, '', 'g')"
    number = when((f"starts_with({digits}, '00')", f"'+' || substr({digits}, 3)"), otherwise=digits)
    return when((matches(number, E164), number), otherwise=bare)


def attributes_sql(texts: Sequence[ListedText], column: FieldDescription) -> Listed:
    """SQL for attributes; one that shows nothing is left out."""
    if not texts:
        return Listed("NULL::VARCHAR", "false")
    ordered = sorted(texts, key=lambda one: one.name)
    pieces = ", ".join(map(_attribute, ordered))
    long = " OR ".join(f"length({one.text}) > {column.max_length}" for one in texts)
    odd = any(_is_odd_key(one.name) for one in texts)
    value = f"'{{' || nullif(concat_ws(',', {pieces}), '') || '}}'"
    if all(one.simple == "true" for one in texts):
        value = _simply_joined([(f'{_key(one.name)}"', one.text) for one in ordered], "{}")
    return Listed(value, "true" if odd else f"coalesce({long}, false)")


def _attribute(one: ListedText) -> str:
    key = _key(one.name)
    escaped = f"{quote_text(key)} || to_json({cleaned(one.text)})::VARCHAR"
    return when(
        (one.simple, f"""{quote_text(key + '"')} || {one.text} || '"'"""),
        (f"NOT {matches(one.text, BLANK_TEXT)}", escaped),
    )


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False) + ":"


def _is_odd_key(name: str) -> bool:
    is_plain = re.fullmatch(PLAIN_TEXT, name) is not None
    return is_blank(name) or not is_plain or len(name) > _LONGEST_KEY
