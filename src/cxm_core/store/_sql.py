"""Names and values in SQL, each made in one place, so that no text can become a command."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from cxm_core.errors import UsageError

# The longest name of an attribute, and what stands before it.
_LONGEST_NAME = 1_024
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")


def quote_ident(name: str) -> str:
    """SQL identifier of any name; quotes in it are doubled."""
    if not name or "\x00" in name or len(name) > _LONGEST_NAME or _HALF_A_PAIR.search(name):
        raise UsageError(
            f"A name of {len(name)} characters cannot be the name of a column.",
            hint=f"1 to {_LONGEST_NAME} characters that UTF-8 has, none of them NUL",
        )
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """SQL literal of any text that UTF-8 has."""
    if _HALF_A_PAIR.search(text):
        # Python's own error would hold the whole statement, values and all.
        raise UsageError("A text has half of a surrogate pair, which no store can hold.")
    # The parser of DuckDB 1.5 ends a statement at NUL, so NUL is spelled.
    parts = ["'" + part.replace("'", "''") + "'" for part in text.split("\x00")]
    return parts[0] if len(parts) == 1 else "(" + " || chr(0) || ".join(parts) + ")"


def quote_instant(at: datetime) -> str:
    """SQL literal of an instant, as the store keeps it: UTC, without a zone."""
    return f"TIMESTAMP '{stored_instant(at):%Y-%m-%d %H:%M:%S.%f}'"


def stored_instant(at: datetime) -> datetime:
    """Instant as it is stored: in UTC, without a zone."""
    if at.utcoffset() is None:
        raise UsageError("An instant has no time zone.", hint="datetime(..., tzinfo=UTC)")
    return at.astimezone(UTC).replace(tzinfo=None)


def name_list(names: Iterable[str], *, of: str | None = None) -> str:
    """Quoted names with commas between; `of` is the table they belong to."""
    prefix = f"{of}." if of else ""
    return ", ".join(prefix + quote_ident(name) for name in names)


def json_pointer(keys: Sequence[str]) -> str:
    """SQL literal of the pointer to a value within a JSON text, for any keys."""
    return quote_text("".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys))
