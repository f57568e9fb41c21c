"""Lines of JSON as rows of text, under names such as `customer.email`: in Python and in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cxm_core.records import Problem, Reason, canonical_json, read_json

from ._cells import matches, when
from ._scratch import Scratch
from ._sql import json_pointer

# Texts of JSON numbers that Python and DuckDB write alike.
_PLAIN_NUMBER = r"-?(?:[1-9][0-9]{0,14}\.[0-9]{1,17}|0\.0|0\.0{0,3}[1-9][0-9]{0,17})"
# What is JSON to one of the two and not to the other; within a text it only costs time.
_ODD_LINE = r"(?s).*(?:NaN|Infinity|[0-9][eE][-+]?[0-9]{3}).*"


# Only CASE keeps a function from looking at a line that is no JSON, and failing.
_IS_OBJECT = "CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END"


def flattened(line: str) -> Mapping[str, str | None] | Problem:
    """Row of text that a line of JSON is, or why it is none."""
    value = read_json(line)
    if isinstance(value, Reason):
        return Problem(value, None, "The line is no JSON, or has a key twice.")
    if not isinstance(value, dict):
        return Problem(Reason.BAD_ROW, None, "The line is JSON, but no object.")
    # A key with a dot in it comes before a nested one that is read alike.
    return dict(_leaves("", value)) | {key: _text(item) for key, item in value.items()}


def _leaves(prefix: str, value: object) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, dict):
        pairs: Iterator[tuple[Any, Any]] = iter(value.items())
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


def lines_sql(source: str, names: Sequence[str]) -> str:
    """SQL for rows of text from a table of `row` and `line`: `c0`, `c1` ... for `names`."""
    places = [_pointers(name) for name in names]
    pointers = list(dict.fromkeys(pointer for pair in places for pointer in pair)) or ["''"]
    numbers = [[pointers.index(pointer) + 1 for pointer in pair] for pair in places]
    parsed = f"SELECT row, line, {_IS_OBJECT} AS is_object FROM {source}"
    wanted = ", ".join(pointers)
    lists = f"""SELECT row, line,
        {when(("is_object", f"json_extract_string(line, [{wanted}])"))} AS texts,
        {when(("is_object", f"json_type(line, [{wanted}])"))} AS types,
        {when(("is_object", _is_odd(names)), otherwise="true")} AS is_odd
        FROM ({parsed})"""
    cells = "".join(f", {_first('texts', one)} AS c{place}" for place, one in enumerate(numbers))
    odd = " OR ".join(["is_odd", *map(_is_odd_cell, numbers)])
    return f"SELECT row, coalesce({odd}, true) AS defer, line{cells} FROM ({lists})"


def _pointers(name: str) -> list[str]:
    """A key as it is, and the path that its dots make."""
    return list(dict.fromkeys((json_pointer([name]), json_pointer(name.split(".")))))


def _first(items: str, numbers: Sequence[int]) -> str:
    return "coalesce(" + ", ".join(f"{items}[{number}]" for number in numbers) + ")"


def _is_odd_cell(numbers: Sequence[int]) -> str:
    kind, text = _first("types", numbers), _first("texts", numbers)
    return when(
        (f"{kind} IN ('OBJECT', 'ARRAY')", "true"),
        (f"{kind} = 'DOUBLE'", f"NOT {matches(text, _PLAIN_NUMBER)}"),
        otherwise="false",
    )


def _is_odd(names: Sequence[str]) -> str:
    """SQL: only Python can tell what the line means, as where a key stands twice."""
    paths = {
        tuple(name.split(".")[:depth]) for name in names for depth in range(name.count(".") + 1)
    }
    keys = [f"json_keys(line, {json_pointer(path)})" for path in sorted(paths)]
    twice = [f"coalesce(len({one}) > len(list_distinct({one})), false)" for one in keys]
    return " OR ".join([matches("line", _ODD_LINE), *twice])


def keys_sql(source: str) -> str:
    """SQL for the keys of all lines, and in how many of them each has a value."""
    return f"""SELECT key, count(*) FROM (
        SELECT unnest(json_keys(CASE WHEN {_IS_OBJECT} THEN line END)) AS key FROM {source}
    ) GROUP BY key ORDER BY key"""


def present_names(scratch: Scratch, source: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """Those of the wanted columns that stand in any line."""
    if not wanted:
        return ()
    valid = f"CASE WHEN {_IS_OBJECT} THEN line END"
    counts = ", ".join(
        " + ".join(f"count(json_type({valid}, {pointer}))" for pointer in _pointers(name))
        for name in wanted
    )
    found = scratch.run(f"SELECT {counts} FROM {source}")[0]
    return tuple(name for name, count in zip(wanted, found, strict=True) if count)
