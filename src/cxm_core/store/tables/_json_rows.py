"""One line of JSON as a row of text, under names such as `customer.email`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any, TypeAlias

from cxm_core.records import Problem, Reason, flat_texts, parse_json, read_json, value_text

TextRow: TypeAlias = Mapping[str, str | None]
ReadLine: TypeAlias = Callable[[str], TextRow | Problem]
_MESSAGES = {
    Reason.BAD_ROW: "The line is JSON, but no object.",
    Reason.DUPLICATE_KEY: "The line has a key twice.",
    Reason.TOO_DEEP: "The line is nested too deep.",
    Reason.NON_FINITE: "The line has a number that is not finite.",
}
# Python does not write a longer integer, so its digits stay as they are.
_MOST_DIGITS = 4_000
_NOTHING = object()


def flattened(line: str) -> TextRow | Problem:
    """Row of text that a line of JSON is, or why it is none."""
    # Digits without end are a matter of the column in which they stand.
    value = read_json(line, parse_int=_integer)
    if isinstance(value, Reason):
        return _problem(value)
    return flat_texts(value) if isinstance(value, dict) else _problem(Reason.BAD_ROW)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < _MOST_DIGITS else digits


def _problem(reason: Reason) -> Problem:
    return Problem(reason, None, _MESSAGES.get(reason, "The line is no JSON."))


class _OddError(ValueError):
    """The long way has to read this line."""


class _Wanted:
    """Columns that are looked for: keys of a line, and paths that lead into it."""

    def __init__(self, names: Iterable[str]) -> None:
        unique = dict.fromkeys(names)
        self.keys = tuple(name for name in unique if "." not in name)
        self.paths = tuple(_path(name) for name in unique if "." in name)
        # A name of several dots may be found at many places, if keys have dots too.
        self.is_deep = any(rest for *_, rest in self.paths)

    def texts(self, row: dict[str, Any]) -> TextRow:
        """The row with their texts; what nobody wants stays as it is, for nobody looks at it."""
        for name, outer, key, rest in self.paths:
            item = row.get(outer)
            if name in row:
                # A key with a dot in it comes before a nested one that is read alike.
                item = row[name]
            elif type(item) is dict and not rest:
                item = item.get(key, _NOTHING)
            else:
                item = _inside(item, (key, *rest))
            if item is not _NOTHING:
                row[name] = item if type(item) is str else _text(item)
        for name in self.keys:
            item = row.get(name)
            if item is not None and type(item) is not str:
                row[name] = _text(item)
        return row


def _path(name: str) -> tuple[str, str, str, list[str]]:
    """A name, and the keys that lead to what it names."""
    outer, key, *rest = name.split(".")
    return name, outer, key, rest


def line_reader(names: Iterable[str]) -> ReadLine:
    """What reads lines as `flattened` does, at speed; only the wanted columns need be there.

    Parameters
    ----------
    names : iterable of str
        Columns that are wanted.
    """
    wanted = _Wanted(names)

    def read(line: str) -> TextRow | Problem:
        try:
            row = parse_json(line)
            _check_meaning(line, row)
            if wanted.is_deep and _has_dotted_key(row):
                return flattened(line)
            return wanted.texts(row)
        except ValueError:
            return flattened(line)

    return read


def _check_meaning(line: str, row: Any) -> None:
    """Leave to the long way what is no object, or has a key twice."""
    if type(row) is not dict:
        raise _OddError
    # A backslash pairs with the sign behind it, so what is left are the quotes around the words.
    bare = line.replace("\\\\", "").replace('\\"', "") if "\\" in line else line
    # Each key and each text stands between two quotes, so one too many is a key that stands twice.
    if bare.count('"') != 2 * _count_words(row):
        raise _OddError


def _count_words(row: dict[str, Any]) -> int:
    """Keys and texts of an object and of all in it."""
    words = 0
    found: list[Any] = [row]
    for part in found:
        items = part
        if type(part) is dict:
            words += len(part)
            items = part.values()
        for item in items:
            kind = type(item)
            if kind is str:
                words += 1
            elif kind is dict or kind is list:
                found.append(item)
            elif kind is float and not isfinite(item):
                raise _OddError
    return words


def _has_dotted_key(value: Any) -> bool:
    is_object = type(value) is dict
    if not is_object and type(value) is not list:
        return False
    is_dotted = is_object and any("." in key for key in value)
    return is_dotted or any(map(_has_dotted_key, value.values() if is_object else value))


def _inside(value: Any, path: Iterable[str]) -> Any:
    for key in path:
        if type(value) is dict:
            value = value.get(key, _NOTHING)
        else:
            value = _at(value, key) if type(value) is list else _NOTHING
    return value


def _at(items: list[Any], key: str) -> Any:
    """Item of a list by its place, which has no second spelling."""
    is_place = key.isascii() and key.isdecimal() and (key[0] != "0" or key == "0")
    return items[int(key)] if is_place and int(key) < len(items) else _NOTHING


def _text(value: Any) -> str | None:
    """Text of a value that is none itself."""
    text = str(value) if type(value) is int else value_text(value)
    # Within an object the long way does not write digits without end as a number.
    if text is not None and len(text) >= _MOST_DIGITS:
        raise _OddError
    return text
