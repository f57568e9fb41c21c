"""One line of JSON as a row of text, under names such as `customer.email`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from typing import Any, TypeAlias

from cxm_core.records import Problem, Reason, canonical_json, parse_json, read_json

TextRow: TypeAlias = Mapping[str, str | None]
_MESSAGES = {
    Reason.BAD_ROW: "The line is JSON, but no object.",
    Reason.DUPLICATE_KEY: "The line has a key twice.",
    Reason.TOO_DEEP: "The line is nested too deep.",
    Reason.NON_FINITE: "The line has a number that is not finite.",
}
# Python does not write a longer integer, so its digits stay as they are.
_MOST_DIGITS = 4_000


def flattened(line: str) -> TextRow | Problem:
    """Row of text that a line of JSON is, or why it is none."""
    # Digits without end are a matter of the column in which they stand.
    value = read_json(line, parse_int=_integer)
    if isinstance(value, Reason):
        return _problem(value)
    if not isinstance(value, dict):
        return _problem(Reason.BAD_ROW)
    # A key with a dot in it comes before a nested one that is read alike.
    return dict(_leaves("", value)) | {key: _text(item) for key, item in value.items()}


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < _MOST_DIGITS else digits


def _problem(reason: Reason) -> Problem:
    return Problem(reason, None, _MESSAGES.get(reason, "The line is no JSON."))


def _leaves(prefix: str, value: object) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, dict):
        pairs: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        return
    for key, item in pairs:
        yield f"{prefix}{key}", _text(item)
        yield from _leaves(f"{prefix}{key}.", item)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else canonical_json(value)


class _OddError(ValueError):
    """The long way has to read this line."""


def line_reader(names: Iterable[str]) -> Callable[[str], TextRow | Problem]:
    """What reads lines as `flattened` does, at speed; only the wanted columns need be there.

    Parameters
    ----------
    names : iterable of str
        Columns that are wanted.
    """
    wanted = frozenset(names)
    # A name of several dots may be found at many places; there the long way looks.
    if any(name.count(".") > 1 for name in wanted):
        return flattened
    inner = _inner_names(wanted)

    def read(line: str) -> TextRow | Problem:
        try:
            row = parse_json(line)
            return _texts(line, row, wanted, inner)
        except ValueError:
            return flattened(line)

    return read


_Inner: TypeAlias = Mapping[str, Mapping[str, str]]
_NONE: Mapping[str, str] = {}


def _inner_names(wanted: Iterable[str]) -> _Inner:
    """Names of one dot, by what stands before it and then by what stands behind."""
    inner: dict[str, dict[str, str]] = {}
    for name in wanted:
        outer, dot, key = name.partition(".")
        if dot:
            inner.setdefault(outer, {})[key] = name
    return inner


def _texts(line: str, row: Any, wanted: frozenset[str], inner: _Inner) -> TextRow:
    """Texts on top of a line, and the wanted ones of one floor below."""
    if type(row) is not dict:
        raise _OddError
    words, found = len(row), dict[str, str | None]()
    for key, item in row.items():
        kind = type(item)
        if kind is str:
            words += 1
        elif kind is dict or kind is list:
            # What nobody wants may stay as it is; nobody looks at it.
            if key in wanted:
                raise _OddError
            words += _count_words(item, inner.get(key, _NONE), found)
        elif item is not None:
            row[key] = _scalar(item)
    _check_quotes(line, words)
    for name, text in found.items():
        # A key with a dot in it comes before a nested one that is read alike.
        row.setdefault(name, text)
    return row


def _check_quotes(line: str, words: int) -> None:
    # Each key and each text stands between two quotes, so one too many is a key that stands twice.
    if "\\" in line or line.count('"') != 2 * words:
        raise _OddError


def _count_words(value: Any, names: Mapping[str, str], found: dict[str, str | None]) -> int:
    """Keys and texts of an object or a list and of all in it; what `names` want is found."""
    if type(value) is list:
        if names:
            raise _OddError
        return _count_words(dict(enumerate(value)), names, found) - len(value)
    words = len(value)
    for key, item in value.items():
        kind = type(item)
        if kind is str:
            words += 1
            text = item
        elif kind is dict or kind is list:
            words += _count_words(item, _NONE, found)
            text = canonical_json(item) if key in names else None
        else:
            text = _scalar(item)
        if key in names:
            found[names[key]] = text
    return words


def _scalar(item: object) -> str | None:
    if type(item) is int:
        return str(item)
    if type(item) is float and not isfinite(item):
        raise _OddError
    return _text(item)
