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


def customer_sql(pairs: Sequence[tuple[str, str]], column: FieldDescription) -> Listed:
    """SQL for the identifiers of a customer, from kinds and texts.

    A text that is too long, or has capitals that only Python knows, is left to the row lane.
    """
    if not pairs:
        return Listed("NULL::VARCHAR", "false")
    items = ", ".join(_identifier(kind, text) for kind, text in pairs)
    found = f"list_sort(list_distinct([{items}]))"
    odd = [
        f"(length({text}) > {column.max_length} OR NOT {matches(text, _alphabet(kind))})"
        for kind, text in pairs
    ]
    value = when((f"len({found}) > 0", f"to_json({found})::VARCHAR"), otherwise="NULL::VARCHAR")
    return Listed(value, f"coalesce({' OR '.join(odd)}, false)")


def _alphabet(kind: str) -> str:
    return _ASCII if kind == "email" else PLAIN_TEXT


def _identifier(kind: str, text: str) -> str:
    bare = f"trim({text}, {quote_text(BLANKS)})"
    value = {"email": f"lower({bare})", "phone": _phone(bare)}.get(kind, bare)
    there = when((matches(text, BLANK_TEXT), "NULL"), otherwise=value)
    return f"{quote_text(kind + ':')} || {there}"


def _phone(bare: str) -> str:
    digits = f"regexp_replace({bare}, {quote_text(PHONE_SEPARATORS)}, '', 'g')"
    number = when((f"starts_with({digits}, '00')", f"'+' || substr({digits}, 3)"), otherwise=digits)
    return when((matches(number, E164), number), otherwise=bare)


def attributes_sql(pairs: Sequence[tuple[str, str]], column: FieldDescription) -> Listed:
    """SQL for attributes, from names and texts; one that shows nothing is left out."""
    if not pairs:
        return Listed("NULL::VARCHAR", "false")
    pieces = ", ".join(_attribute(name, text) for name, text in sorted(pairs))
    there = " OR ".join(f"NOT {matches(text, BLANK_TEXT)}" for _, text in pairs)
    long = " OR ".join(f"length({text}) > {column.max_length}" for _, text in pairs)
    odd = "true" if any(map(_is_odd_key, dict(pairs))) else f"coalesce({long}, false)"
    value = f"'{{' || concat_ws(',', {pieces}) || '}}'"
    return Listed(when((there, value), otherwise="NULL::VARCHAR"), odd)


def _attribute(name: str, text: str) -> str:
    key = quote_text(json.dumps(name, ensure_ascii=False) + ":")
    piece = f"{key} || to_json({cleaned(text)})::VARCHAR"
    return when((f"NOT {matches(text, BLANK_TEXT)}", piece))


def _is_odd_key(name: str) -> bool:
    is_plain = re.fullmatch(PLAIN_TEXT, name) is not None
    return is_blank(name) or not is_plain or len(name) > _LONGEST_KEY
