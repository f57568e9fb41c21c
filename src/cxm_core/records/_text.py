"""How the text of a cell becomes a typed value: one definition for Python and for SQL.

Every pattern means the same to Python's `re`, to RE2 (DuckDB) and to Rust's `regex`: no
look-around, no back reference, and characters beyond ASCII stand for themselves.
All of them are for whole texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Any

from cxm_core.vocabulary import Channel, Zone

from ._description import FieldType, Plain, Reason
from ._json import read_json
from ._times import TimeFormat, parse_date, parse_instant

ASCII_SPACES = " \t\n\r\f\v"

# Control characters, blanks and zero-width characters: a text of nothing else shows nothing.
BLANK_TEXT = (
    "[\\x00-\\x20\\x7f-\\xa0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180e"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0]*"
)
CONTROL_CHARACTER = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
REPLACEMENT = "\ufffd"
PLAIN_TEXT = r"[^\x00-\x1f\x7f-\x9f]*"

INTEGER_TEXT = r"(-?[0-9]{1,18})(?:\.0+)?"
LONG_INTEGER_TEXT = r"-?[0-9]{19,}(?:\.0+)?"
NUMBER_TEXT = r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?"
# A number that some program wrote after its last digits were lost; so that it is found in a larger
# text too, no letter, digit or point may stand beside it.
ROUNDED_TEXT = (
    r"(?:.*[^0-9A-Za-z.])?-?(?:[0-9](?:\.[0-9]+)?[eE]\+[0-9]{2,3}|[0-9]{16,}\.0+)"
    r"(?:[^0-9A-Za-z.].*)?"
)
NON_FINITE_TEXT = r"[+-]?(?i:nan|inf|infinity)"
TRUE_TEXT = "(?i:true)"
FALSE_TEXT = "(?i:false)"
LEVEL_SEPARATORS = r"[ \t\n\r\f\v_-]+"
LEVEL_TEXT = r"[ \t\n\r\f\v_A-Za-z0-9-]+"

_BLANK = re.compile(BLANK_TEXT)
_PLAIN = re.compile(PLAIN_TEXT)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_UNCLEAN = re.compile(CONTROL_CHARACTER[:-1] + "\ud800-\udfff]")
_INTEGER = re.compile(INTEGER_TEXT)
_LONG_INTEGER = re.compile(LONG_INTEGER_TEXT)
_NUMBER = re.compile(NUMBER_TEXT)
_ROUNDED = re.compile(ROUNDED_TEXT)
# Above it, two whole numbers may be one float.
LARGEST_EXACT = 2**53
_NON_FINITE = re.compile(NON_FINITE_TEXT)
_LEVEL_SEPARATORS = re.compile(LEVEL_SEPARATORS)
_LEVEL = re.compile(LEVEL_TEXT)


def is_blank(text: str) -> bool:
    r"""Whether nothing in the text is visible.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        True for blanks, control characters and characters without width.

    Examples
    --------
    >>> is_blank(" \u200b"), is_blank("-")
    (True, False)
    """
    # Most texts begin with something that is plain to see.
    return not "!" <= text[:1] <= "~" and _BLANK.fullmatch(text) is not None


def is_plain(text: str) -> bool:
    """Whether the text has no control character, as identifiers must."""
    return (text.isascii() and text.isprintable()) or _PLAIN.fullmatch(text) is not None


def is_rounded(text: str) -> bool:
    """Whether the text holds a number that lost its last digits, so that it tells nobody apart.

    Parameters
    ----------
    text : str
        An id, or what was put together of several.

    Returns
    -------
    bool
        True for a number of one digit before its exponent, or of 16 digits and a fraction of zeros.

    Examples
    --------
    >>> is_rounded("1.23457E+16"), is_rounded("a1e16"), is_rounded("1.0")
    (True, False, False)
    """
    return ("+" in text or ".0" in text) and _ROUNDED.fullmatch(text) is not None


def whole_text(value: float) -> str | None:
    """Digits of a number that is whole, as far as a float keeps them all; None for any other."""
    if not value.is_integer() or abs(value) > LARGEST_EXACT:
        return None
    return str(int(value))


def has_half_character(text: str) -> bool:
    """Whether the text has half a surrogate pair, which no file can keep."""
    return not text.isascii() and _HALF_CHARACTER.search(text) is not None


def clean(text: str) -> str:
    r"""Free text that every store, report and file can bear.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The same with U+FFFD in place of each control character (but tab and line ends) and of each
        half of a surrogate pair.

    Examples
    --------
    >>> ascii(clean("a\x07b\tc"))
    "'a\\ufffdb\\tc'"
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNCLEAN.sub(REPLACEMENT, text)


def parse_text(
    type: FieldType,  # noqa: A002  (the word of FieldDescription)
    text: str | None,
    *,
    format: str = "iso",  # noqa: A002  (the word of Cell)
    zone: Zone | None = None,
) -> Plain | Reason:
    """Typed value of a cell's text, or why it has none.

    Parameters
    ----------
    type : str
        Type of the column, as in `FieldDescription`.
    text : str or None
        The cell; ASCII spaces around it do not count, and a text that shows nothing is null.
    format : str
        How a time is written, as `TimeFormat` has it.
    zone : str, tzinfo or None
        Where the clock of a time without an offset hangs; without it such a time is refused.

    Returns
    -------
    str, int, float, bool, datetime, date, None or Reason
        The value; a time in UTC. JSON stays text once it has proved to be JSON.

    Raises
    ------
    ConfigurationError
        The format is none.

    Examples
    --------
    >>> parse_text("integer", " 9.0 "), parse_text("integer", "9.5")
    (9, <Reason.WRONG_TYPE: 'wrong_type'>)
    >>> parse_text("instant", "05.11.2026", format="%d.%m.%Y", zone="UTC").isoformat()
    '2026-11-05T00:00:00+00:00'
    """
    if text is None or is_blank(text):
        return None
    bare = text.strip(ASCII_SPACES)
    if type == "instant":
        return parse_instant(bare, TimeFormat.of(format), zone)
    if type == "date":
        return parse_date(bare, TimeFormat.of(format))
    value: Plain | Reason = _PARSERS[type](bare)
    return value


def _parse_integer(text: str) -> int | Reason:
    match = _INTEGER.fullmatch(text)
    if match:
        return int(match[1])
    if _LONG_INTEGER.fullmatch(text):
        return Reason.OUT_OF_RANGE
    return Reason.NON_FINITE if _NON_FINITE.fullmatch(text) else Reason.WRONG_TYPE


def _parse_number(text: str) -> float | Reason:
    if not _NUMBER.fullmatch(text):
        return Reason.NON_FINITE if _NON_FINITE.fullmatch(text) else Reason.WRONG_TYPE
    value = float(text)
    return value if isfinite(value) else Reason.NON_FINITE


def _parse_boolean(text: str) -> bool | Reason:
    return {"true": True, "false": False}.get(text.lower(), Reason.WRONG_TYPE)


def _parse_json(text: str) -> str | Reason:
    value = read_json(text)
    return value if isinstance(value, Reason) else text


_PARSERS: Mapping[str, Any] = {
    "text": str,
    "integer": _parse_integer,
    "number": _parse_number,
    "boolean": _parse_boolean,
    "json": _parse_json,
}


@lru_cache(maxsize=64)
def level_words(levels: tuple[str, ...]) -> Mapping[str, str]:
    """Squeezed words, each with the level it stands for; SQL uses the same table."""
    words = {_squeezed(level): level for level in levels}
    if Channel.CALL_CENTRE in levels:
        words["callcenter"] = Channel.CALL_CENTRE.value
    return words


def read_level(text: str, levels: tuple[str, ...]) -> str | Reason:
    """Level that a cell's word stands for.

    Parameters
    ----------
    text : str
        The word; capitals, blanks, hyphens and underscores do not matter.
    levels : tuple of str
        As `FieldDescription` has them.

    Returns
    -------
    str or Reason
        The level. A word that none answers to is `other` where there is such a level, and
        `unknown_level` where not.

    Examples
    --------
    >>> read_level("In-Store", ("in_store", "other")), read_level("pigeon", ("in_store", "other"))
    ('in_store', 'other')
    """
    word = level_words(levels).get(_squeezed(text)) if _LEVEL.fullmatch(text) else None
    return word or ("other" if "other" in levels else Reason.UNKNOWN_LEVEL)


def _squeezed(word: str) -> str:
    return _LEVEL_SEPARATORS.sub("", word).lower()
