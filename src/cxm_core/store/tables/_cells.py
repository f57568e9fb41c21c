"""From the text of a source's cells to typed values, as SQL.

Every pattern comes from the records, so that SQL reads a text as Python does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from cxm_core.records import (
    ASCII_SPACES,
    BLANK_TEXT,
    CONTROL_CHARACTER,
    FALSE_TEXT,
    INTEGER_TEXT,
    LEVEL_SEPARATORS,
    LEVEL_TEXT,
    LONG_INTEGER_TEXT,
    NON_FINITE_TEXT,
    NUMBER_TEXT,
    REPLACEMENT,
    ROUNDED_TEXT,
    TRUE_TEXT,
    Cell,
    FieldDescription,
    Reason,
    level_words,
    parse_text,
    read_level,
)
from cxm_core.store._sql import quote_text

# SQL for the text of a column of the source; None where the source has no such column.
Resolve = Callable[[str], str | None]
NO_TEXT = "NULL::VARCHAR"
_DELETE = "chr(127)"


class Typed(NamedTuple):
    """SQL for a typed value, and for the reason why there is none."""

    value: str
    reason: str


def matches(text: str, pattern: str) -> str:
    """SQL: the whole text matches."""
    return f"regexp_full_match({text}, {quote_text(pattern)})"


def when(*cases: tuple[str, str], otherwise: str = "NULL") -> str:
    """SQL: the value of the first case that holds; a case that never holds is left out."""
    live = [(condition, value) for condition, value in cases if condition != "false"]
    sure = next((n for n, (condition, _) in enumerate(live) if condition == "true"), None)
    if sure is not None:
        otherwise, live = live[sure][1], live[:sure]
    if not live:
        return otherwise
    branches = " ".join(f"WHEN {condition} THEN {value}" for condition, value in live)
    return f"CASE {branches} ELSE {otherwise} END"


def shown(text: str) -> str:
    """SQL: text without spaces around it, null if it shows nothing."""
    spaces = quote_text(ASCII_SPACES)
    return when(
        (is_trimmed(text), text),
        (matches(text, BLANK_TEXT), "NULL"),
        otherwise=f"trim({text}, {spaces})",
    )


def is_trimmed(text: str) -> str:
    """SQL: begins with a visible character of ASCII, and ends with nothing to take away."""
    # Texts are compared by their bytes, so one comparison looks at the first of them.
    return f"{text} >= '!' AND {text} < {_DELETE} AND {text}[-1] >= '!'"


def is_simple(text: str) -> str:
    """SQL: text that no rule changes or refuses but for its length: visible ASCII without quotes.

    It costs a tenth of the patterns, which are left to decide the others.
    """
    escaped = f"strlen(to_json({text})) > strlen({text}) + 2"
    return when(
        (f"{text} IS NULL OR NOT ({is_trimmed(text)})", "false"),
        (f"strlen({text}) > length({text}) OR contains({text}, {_DELETE}) OR {escaped}", "false"),
        otherwise="true",
    )


def cell_text(cell: Cell, resolve: Resolve) -> str:
    """SQL: text of a cell before it is typed; null where one of its columns shows nothing."""
    pieces = [_piece(is_column, text, resolve) for is_column, text in cell.parts]
    return NO_TEXT if NO_TEXT in pieces else " || ".join(pieces) or "''"


def _piece(is_column: bool, text: str, resolve: Resolve) -> str:  # noqa: FBT001  (as Cell has it)
    if not is_column:
        return quote_text(text)
    column = resolve(text)
    return NO_TEXT if column is None else shown(column)


def missing_word(cell: Cell, text: str, column: FieldDescription | None) -> str:
    """SQL: word of the missing code that a text is; null if it is none."""
    exact = [
        (f"{text} IS NULL" if code == "" else f"{text} = {quote_text(code)}", quote_text(word))
        for code, word in cell.missing
    ]
    return when(*exact, *_whole_codes(cell, text, column), otherwise=NO_TEXT)


def _whole_codes(
    cell: Cell, text: str, column: FieldDescription | None
) -> Iterable[tuple[str, str]]:
    """Codes of a number, however the number is written."""
    if column is None or column.type not in ("integer", "number"):
        return
    for code, word in cell.missing:
        number = parse_text("integer", code)
        if isinstance(number, int):
            yield f"{_whole(text)} = {number}", quote_text(word)


def _whole(text: str) -> str:
    digits = f"regexp_extract({text}, {quote_text(f'^(?:{INTEGER_TEXT})$')}, 1)"
    return f"TRY_CAST({digits} AS BIGINT)"


def typed(column: FieldDescription, text: str, *, simple: str) -> Typed:
    """SQL for a value of any type but a time, from a text without spaces around it."""
    if column.levels:
        return _level(column.levels, text)
    if column.is_prose:
        return Typed(when((simple, text), otherwise=cleaned(text)), "NULL")
    if column.pattern:
        return Typed(text, when((is_rounded(text), reason(Reason.BAD_PATTERN))))
    return _TYPED[column.type](text)


def is_rounded(text: str) -> str:
    """SQL: a number in the text has lost its last digits."""
    may_be = f"contains({text}, '+') OR contains({text}, '.0')"
    return when((may_be, matches(text, ROUNDED_TEXT)), otherwise="false")


def reason(of: Reason) -> str:
    """SQL literal of a reason."""
    return quote_text(of.value)


def _level(levels: tuple[str, ...], text: str) -> Typed:
    word = f"lower(regexp_replace({text}, {quote_text(LEVEL_SEPARATORS)}, '', 'g'))"
    known = [
        (f"{word} = {quote_text(squeezed)}", quote_text(level))
        for squeezed, level in level_words(levels).items()
    ]
    plain = ", ".join(quote_text(level) for level in levels if read_level(level, levels) == level)
    found = when(
        (f"{text} IN ({plain})", text),
        (matches(text, LEVEL_TEXT), when(*known)),
        otherwise=NO_TEXT,
    )
    if "other" in levels:
        return Typed(
            when((f"{text} IS NULL", "NULL"), otherwise=f"coalesce({found}, 'other')"), "NULL"
        )
    is_unknown = f"{text} IS NOT NULL AND {found} IS NULL"
    return Typed(found, when((is_unknown, reason(Reason.UNKNOWN_LEVEL))))


def _text(text: str) -> Typed:
    return Typed(text, "NULL")


def cleaned(text: str) -> str:
    """SQL: free text with U+FFFD for each control character."""
    return f"regexp_replace({text}, {quote_text(CONTROL_CHARACTER)}, '{REPLACEMENT}', 'g')"


def _integer(text: str) -> Typed:
    value = _whole(text)
    bad = (matches(text, LONG_INTEGER_TEXT), reason(Reason.OUT_OF_RANGE))
    return Typed(
        value, when((f"{text} IS NULL OR {value} IS NOT NULL", "NULL"), bad, *_no_number(text))
    )


def _no_number(text: str) -> tuple[tuple[str, str], ...]:
    return (
        (matches(text, NON_FINITE_TEXT), reason(Reason.NON_FINITE)),
        ("true", reason(Reason.WRONG_TYPE)),
    )


def _number(text: str) -> Typed:
    value = when((matches(text, NUMBER_TEXT), f"TRY_CAST({text} AS DOUBLE)"))
    bad = (matches(text, NUMBER_TEXT), reason(Reason.NON_FINITE))
    return Typed(
        when((f"isfinite({value})", value)),
        when((f"{text} IS NULL OR isfinite({value})", "NULL"), bad, *_no_number(text)),
    )


def _boolean(text: str) -> Typed:
    words = ((matches(text, TRUE_TEXT), "true"), (matches(text, FALSE_TEXT), "false"))
    known = " OR ".join(condition for condition, _ in words)
    return Typed(
        when(*words, otherwise="NULL::BOOLEAN"),
        when((f"{text} IS NULL OR {known}", "NULL"), otherwise=reason(Reason.WRONG_TYPE)),
    )


_TYPED: dict[str, Callable[[str], Typed]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}
