"""Lines of JSON as rows of text, under names such as `customer.email`, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.records import MAX_DEPTH
from cxm_core.store._sql import json_pointer, quote_text

from ._cells import matches, when
from ._lines import blocks_of
from ._scratch import Scratch

# Texts that may be JSON numbers with a fraction, and those that Python and DuckDB write alike.
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
PLAIN_NUMBER = r"0\.0|-?(?:[1-9][0-9]{0,14}\.[0-9]{1,17}|0\.0{0,3}[1-9][0-9]{0,17})"
# What is JSON to DuckDB and not to Python: numbers without end, words for numbers, a comma before
# an end. Within a text it only costs time.
_LOOSE_LINE = r"(?i)[0-9]e[-+]?[0-9]{3}|[:,\[][ \t\r]*-?(?:nan|inf)|,[ \t\r]*[}\]]"
_LOWER, _ZERO, _TEN = np.array([0x20, 0x30, 10], np.uint8)
_WORDS = tuple(np.frombuffer(word, np.uint8) for word in (b"nan", b"inf"))
_SPACES, _BEFORE_WORD, _BEFORE_END, _IN_NUMBER = (
    np.frombuffer(known, np.uint8) for known in (b" \t\r", b":,[- \t\r", b", \t\r", b"0123456789+-")
)
_LONGEST_MARK = 5

# Only CASE keeps a function from looking at a line that is no JSON, and failing.
_IS_OBJECT = when(
    ("line[1] = '{'", "json_valid(line)"),
    ("json_valid(line)", "json_type(line) = 'OBJECT'"),
    otherwise="false",
)
# In such a line, every text is visible ASCII: JSON itself has no control character.
IS_CLEAN = (
    "strlen(line) = length(line) AND NOT contains(line, '\\') AND NOT contains(line, chr(127))"
)
CLEAN = "is_clean"
# So many brackets need so many bytes; only Python tells which of them are open at once.
_BRACKETS = "2 * strlen(line) - strlen(replace(line, '[', '')) - strlen(replace(line, '{', ''))"
_MAY_BE_DEEP = when(
    (f"strlen(line) > {2 * MAX_DEPTH}", f"{_BRACKETS} > {MAX_DEPTH}"), otherwise="false"
)


def may_be_loose(path: Path) -> bool:
    """Whether a line may be JSON to DuckDB alone: at the speed of the disk, for all lines."""
    blocks = blocks_of(path, carried=_LONGEST_MARK)
    return any(_is_loose(np.frombuffer(block, np.uint8)) for block in blocks)


def _is_loose(data: NDArray[np.uint8]) -> bool:
    lower = data | _LOWER
    # Either bracket that ends, in one look: the two differ by the bit that makes small letters.
    ends = np.flatnonzero(lower[1:] == ord("}"))
    return (
        _has_exponent(data, lower)
        or any(_has_word(data, lower, word) for word in _WORDS)
        or bool(np.isin(data[ends], _BEFORE_END).any())
    )


def _has_exponent(data: NDArray[np.uint8], lower: NDArray[np.uint8]) -> bool:
    """Whether anywhere an E stands behind a digit, and before a digit or a sign."""
    behind_digit = (lower[1:-1] == ord("e")) & (data[:-2] - _ZERO < _TEN)
    places = np.flatnonzero(behind_digit) + 2
    return bool(np.isin(data[places], _IN_NUMBER).any())


def _has_word(data: NDArray[np.uint8], lower: NDArray[np.uint8], word: NDArray[np.uint8]) -> bool:
    """Whether a word for a number stands where a value may stand."""
    first, second, third = word
    is_word = (lower[2:-2] == first) & (lower[3:-1] == second) & (lower[4:] == third)
    before, space = data[1:-3][is_word], data[:-4][is_word]
    behind = np.where(np.isin(before, _SPACES), space, before)
    return bool(np.isin(behind, _BEFORE_WORD).any())


@frozen
class Shapes:
    """Which keys the lines have, found once for each way to have them, in the table `shapes`.

    Attributes
    ----------
    names : tuple of str
        Wanted columns that stand in any line.
    is_doubled : bool
        Whether any line has a key twice where a wanted column may be.
    """

    names: tuple[str, ...]
    is_doubled: bool

    @classmethod
    def of(cls, scratch: Scratch, source: str, wanted: Sequence[str]) -> Shapes:
        """Look through a table of `line`."""
        paths = _paths(wanted)
        pointers = ", ".join(map(json_pointer, paths))
        keys = when((_IS_OBJECT, f"json_keys(line, [{pointers}])"))
        # Told apart by a number: a list costs more to compare than to make.
        scratch.run(
            "CREATE OR REPLACE TABLE shapes AS "
            "SELECT any_value(keys) AS keys, count(*) AS lines "
            f"FROM (SELECT {keys} AS keys FROM {source}) GROUP BY hash(keys)"
        )
        doubled = "len(list_filter(keys, lambda k: len(k) > len(list_distinct(k)))) > 0"
        found = [f"coalesce(bool_or({_stands(name, paths)}), false)" for name in wanted]
        asked = ", ".join([f"coalesce(bool_or({doubled}), false)", *found])
        ((is_doubled, *are_there),) = scratch.run(f"SELECT {asked} FROM shapes")
        names = [name for name, is_there in zip(wanted, are_there, strict=True) if is_there]
        return cls(tuple(names), is_doubled)


def _paths(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Paths of all objects in which one of these columns may be, the line itself first."""
    found = {
        tuple(name.split(".")[:depth]) for name in names for depth in range(name.count(".") + 1)
    }
    return sorted(found | {()})


def _stands(name: str, paths: Sequence[tuple[str, ...]]) -> str:
    """SQL: a line has the key, or the path that its dots make; lists are not looked into."""
    *above, last = name.split(".")
    if any(part.isdigit() for part in (*above, last)) and above:
        return f"list_contains(keys[1], {quote_text(above[0])})"
    place = paths.index(tuple(above)) + 1
    nested = f"list_contains(keys[{place}], {quote_text(last)})"
    return f"list_contains(keys[1], {quote_text(name)}) OR {nested}"


def lines_sql(source: str, shapes: Shapes, *, may_be_loose: bool) -> str:
    """SQL for rows of text from a table of `row` and `line`: `c0`, `c1` ... for the names."""
    names = shapes.names
    places = [_pointers(name) for name in names]
    pointers = list(dict.fromkeys(pointer for pair in places for pointer in pair)) or ["''"]
    numbers = [[pointers.index(pointer) + 1 for pointer in pair] for pair in places]
    odd = [_MAY_BE_DEEP]
    odd += [f"regexp_matches(line, {quote_text(_LOOSE_LINE)})"] if may_be_loose else []
    odd += _twice(names) if shapes.is_doubled else []
    texts = f"json_extract_string(line, [{', '.join(pointers)}])"
    lists = f"""SELECT row, line, {IS_CLEAN} AS {CLEAN}, {when(("is_object", texts))} AS texts,
        {when(("is_object", " OR ".join(odd)), otherwise="true")} AS is_odd
        FROM (SELECT row, line, {_IS_OBJECT} AS is_object FROM {source})"""
    cells = "".join(f", {_first(pointers, one)} AS c{place}" for place, one in enumerate(numbers))
    taken = f"SELECT row, {CLEAN}, is_odd{cells} FROM ({lists})"
    deferred = " OR ".join(["is_odd", *(_is_odd_cell(f"c{place}") for place in range(len(names)))])
    return (
        f"SELECT row, coalesce({deferred}, false) AS defer, * EXCLUDE (row, is_odd) FROM ({taken})"
    )


def _pointers(name: str) -> list[str]:
    """A key as it is, and the path that its dots make."""
    return list(dict.fromkeys((json_pointer([name]), json_pointer(name.split(".")))))


def whole_digits(text: str, is_number: str) -> str:
    """SQL: text of a value, without the fraction of a whole number."""
    may_be = f"ends_with({text}, '.0') AND {matches(text, PLAIN_NUMBER)}"
    cut = when((is_number, f"left({text}, -2)"), otherwise=text)
    return when((may_be, cut), otherwise=text)


def _first(pointers: Sequence[str], numbers: Sequence[int]) -> str:
    found = [
        whole_digits(f"texts[{number}]", f"json_type(line, {pointers[number - 1]}) = 'DOUBLE'")
        for number in numbers
    ]
    return f"coalesce({', '.join(found)})" if found[1:] else found[0]


def _is_odd_cell(text: str) -> str:
    """SQL: object, list, or a number that Python may write otherwise; or a text that looks so."""
    # By the first byte: most begin with a letter, and need no closer look.
    is_word = f"({text} >= ':' AND {text} < '[') OR ({text} >= '\\' AND {text} < '{{')"
    is_nested = f"{text}[1] IN ('{{', '[')"
    is_number = f"{text} >= '-' AND {text} < ':' AND {matches(text, _NUMBER)}"
    has_fraction = f"contains({text}, '.') OR contains({text}, 'e') OR contains({text}, 'E')"
    return when(
        (f"{text} IS NULL OR {is_word}", "false"),
        (is_nested, "true"),
        (f"({has_fraction}) AND {is_number}", f"NOT {matches(text, PLAIN_NUMBER)}"),
        otherwise="false",
    )


def _twice(names: Sequence[str]) -> list[str]:
    """SQL: only Python can tell what the line means, where a key stands twice."""
    keys = [f"json_keys(line, {json_pointer(path)})" for path in _paths(names)]
    return [f"coalesce(len({one}) > len(list_distinct({one})), false)" for one in keys]


KEYS_SQL = """
SELECT key, sum(lines)::BIGINT FROM (SELECT unnest(keys[1]) AS key, lines FROM shapes)
GROUP BY key ORDER BY key
"""
