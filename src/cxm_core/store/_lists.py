"""Identifiers and attributes as SQL: the JSON text that the records make of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from cxm_core.records import BLANK_TEXT, PLAIN_TEXT, FieldDescription, is_blank
from cxm_core.vocabulary import BLANKS, E164, PHONE_SEPARATORS

from ._cells import cleaned, matches, when
from ._sql import quote_text

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

    A text that is too long, or has capitals that only Python knows, is left to the row lane.
    """
    if not texts:
        return Listed("NULL::VARCHAR", "false")
    odd = [f"(length({one.text}) > {column.max_length} OR NOT {_is_known(one)})" for one in texts]
    return Listed(_identifiers(texts), f"coalesce({' OR '.join(odd)}, false)")


def _identifiers(texts: Sequence[ListedText]) -> str:
    kinds = [one.name for one in texts]
    if len(set(kinds)) < len(kinds):
        items = ", ".join(map(_identifier, texts))
        found = f"list_sort(list_distinct([{items}]))"
        return when((f"len({found}) > 0", f"to_json({found})::VARCHAR"), otherwise="NULL::VARCHAR")
    # One of each kind is sorted by kind, and none can stand twice.
    ordered = sorted(texts, key=lambda one: one.name + ":")
    pieces = ", ".join(f"to_json({_identifier(one)})::VARCHAR" for one in ordered)
    joined = f"concat_ws(',', {pieces})"
    return f"'[' || nullif({joined}, '') || ']'"


def _is_known(one: ListedText) -> str:
    alphabet = _ASCII if one.name == "email" else PLAIN_TEXT
    return when((one.simple, "true"), otherwise=matches(one.text, alphabet))


def _identifier(one: ListedText) -> str:
    kind, text = one.name, one.text
    bare = when((one.simple, text), otherwise=f"trim({text}, {quote_text(BLANKS)})")
    value = {"email": f"lower({bare})", "phone": _phone(bare)}.get(kind, bare)
    there = when((one.simple, value), (matches(text, BLANK_TEXT), "NULL"), otherwise=value)
    return f"{quote_text(kind + ':')} || {there}"


def _phone(bare: str) -> str:
    digits = f"regexp_replace({bare}, {quote_text(PHONE_SEPARATORS)}, '', 'g')"
    number = when((f"starts_with({digits}, '00')", f"'+' || substr({digits}, 3)"), otherwise=digits)
    return when((matches(number, E164), number), otherwise=bare)


def attributes_sql(texts: Sequence[ListedText], column: FieldDescription) -> Listed:
    """SQL for attributes; one that shows nothing is left out."""
    if not texts:
        return Listed("NULL::VARCHAR", "false")
    pieces = ", ".join(map(_attribute, sorted(texts, key=lambda one: one.name)))
    long = " OR ".join(f"length({one.text}) > {column.max_length}" for one in texts)
    odd = any(_is_odd_key(one.name) for one in texts)
    value = f"'{{' || nullif(concat_ws(',', {pieces}), '') || '}}'"
    return Listed(value, "true" if odd else f"coalesce({long}, false)")


def _attribute(one: ListedText) -> str:
    key = json.dumps(one.name, ensure_ascii=False) + ":"
    escaped = f"{quote_text(key)} || to_json({cleaned(one.text)})::VARCHAR"
    return when(
        (one.simple, f"""{quote_text(key + '"')} || {one.text} || '"'"""),
        (f"NOT {matches(one.text, BLANK_TEXT)}", escaped),
    )


def _is_odd_key(name: str) -> bool:
    is_plain = re.fullmatch(PLAIN_TEXT, name) is not None
    return is_blank(name) or not is_plain or len(name) > _LONGEST_KEY
