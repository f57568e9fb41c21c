"""Lines of JSON as rows of text, under names such as `customer.email`, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from cxm_core.records import MAX_DEPTH

from ._cells import matches, when
from ._lines import BLOCK
from ._scratch import Scratch
from ._sql import json_pointer, quote_text

# Texts that may be JSON numbers with a fraction, and those that Python and DuckDB write alike.
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_PLAIN_NUMBER = r"-?(?:[1-9][0-9]{0,14}\.[0-9]{1,17}|0\.0|0\.0{0,3}[1-9][0-9]{0,17})"
# What is JSON to one of the two and not to the other; within a text it only costs time.
_ODD_LINE = r"(?s).*(?:NaN|Infinity|[0-9][eE][-+]?[0-9]{3}).*"
_ALIKE = bytes.maketrans(b"123456789E+-", b"000000000e00")
_LONGEST_MARK = 8

# Only CASE keeps a function from looking at a line that is no JSON, and failing.
_IS_OBJECT = when(
    ("line[1] = '{'", "json_valid(line)"),
    ("json_valid(line)", "json_type(line) = 'OBJECT'"),
    otherwise="false",
)
# So many brackets need so many bytes; only Python tells which of them are open at once.
_BRACKETS = "2 * strlen(line) - strlen(replace(line, '[', '')) - strlen(replace(line, '{', ''))"
_MAY_BE_DEEP = when(
    (f"strlen(line) > {2 * MAX_DEPTH}", f"{_BRACKETS} > {MAX_DEPTH}"), otherwise="false"
)


def may_be_odd(path: Path) -> bool:
    """Whether a number in the file may not be finite: at the speed of the disk, for all lines."""
    end = b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            data = end + block
            if b"NaN" in data or b"Infinity" in data or b"0e0" in data.translate(_ALIKE):
                return True
            end = data[-_LONGEST_MARK:]
    return False


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
        scratch.run(
            "CREATE OR REPLACE TABLE shapes AS "
            f"SELECT {keys} AS keys, count(*) AS lines FROM {source} GROUP BY ALL"
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


def lines_sql(source: str, shapes: Shapes, *, is_odd: bool) -> str:
    """SQL for rows of text from a table of `row` and `line`: `c0`, `c1` ... for the names."""
    names = shapes.names
    places = [_pointers(name) for name in names]
    pointers = list(dict.fromkeys(pointer for pair in places for pointer in pair)) or ["''"]
    numbers = [[pointers.index(pointer) + 1 for pointer in pair] for pair in places]
    odd = [_MAY_BE_DEEP]
    odd += [matches("line", _ODD_LINE)] if is_odd else []
    odd += _twice(names) if shapes.is_doubled else []
    texts = f"json_extract_string(line, [{', '.join(pointers)}])"
    lists = f"""SELECT row, line, {when(("is_object", texts))} AS texts,
        {when(("is_object", " OR ".join(odd)), otherwise="true")} AS is_odd
        FROM (SELECT row, line, {_IS_OBJECT} AS is_object FROM {source})"""
    cells = "".join(f", {_first(one)} AS c{place}" for place, one in enumerate(numbers))
    taken = f"SELECT row, line, is_odd{cells} FROM ({lists})"
    deferred = " OR ".join(["is_odd", *(_is_odd_cell(f"c{place}") for place in range(len(names)))])
    return (
        f"SELECT row, coalesce({deferred}, false) AS defer, * EXCLUDE (row, is_odd) FROM ({taken})"
    )


def _pointers(name: str) -> list[str]:
    """A key as it is, and the path that its dots make."""
    return list(dict.fromkeys((json_pointer([name]), json_pointer(name.split(".")))))


def _first(numbers: Sequence[int]) -> str:
    found = [f"texts[{number}]" for number in numbers]
    return f"coalesce({', '.join(found)})" if found[1:] else found[0]


def _is_odd_cell(text: str) -> str:
    """SQL: object, list, or a number that Python may write otherwise; or a text that looks so."""
    is_nested = f"{text}[1] IN ('{{', '[')"
    is_number = f"{text} >= '-' AND {text} < ':' AND {matches(text, _NUMBER)}"
    has_fraction = f"contains({text}, '.') OR contains({text}, 'e') OR contains({text}, 'E')"
    return when(
        (f"{text} IS NULL", "false"),
        (is_nested, "true"),
        (f"({has_fraction}) AND {is_number}", f"NOT {matches(text, _PLAIN_NUMBER)}"),
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
