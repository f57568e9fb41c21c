"""Hypothesis strategies for records: every kind, drawn from its description.

A new record, or a new column of one, is drawn without a change here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from cxm_core.records import (
    FIRST_INSTANT,
    LAST_INSTANT,
    PLAIN_TEXT,
    Cell,
    Counted,
    FieldDescription,
    Ordered,
    Record,
    RecordDescription,
    RowMapping,
    Scaled,
    Together,
    Within,
    clean,
    describe,
    from_row,
    record_class,
    to_row,
)
from cxm_core.vocabulary import Scale

from ._vocabulary import PERSONAL_MARKER, identifiers, money, scales

Row = dict[str, Any]

_PLAIN = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
_FREE = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_INSTANTS = st.datetimes(
    FIRST_INSTANT.replace(tzinfo=None), LAST_INSTANT.replace(tzinfo=None), timezones=st.just(UTC)
)
_DATES = st.dates(date(1900, 1, 1), date(2200, 12, 31))


def records(kind: str) -> st.SearchStrategy[Record]:
    """Valid records of one kind; free text and identifiers carry `PERSONAL_MARKER`.

    Parameters
    ----------
    kind : str
        Such as `response`.

    Returns
    -------
    SearchStrategy
        Of the record class of that kind; some have a source, some not.

    Raises
    ------
    UsageError
        There is no such kind.
    """
    return _drawn_rows(kind).map(lambda row: from_row(kind, row))


def rows(kind: str) -> st.SearchStrategy[Row]:
    """Rows of valid records of one kind, as `to_row` gives them.

    Parameters
    ----------
    kind : str
        Such as `response`.

    Returns
    -------
    SearchStrategy
        Of dictionaries with a value for each column.

    Raises
    ------
    UsageError
        There is no such kind.
    """
    return records(kind).map(to_row)


def source_rows(kind: str) -> st.SearchStrategy[tuple[RowMapping, dict[str, str | None]]]:
    """Rows of text as a source may serve them, good and bad, with the mapping to read them.

    Parameters
    ----------
    kind : str
        Such as `response`.

    Returns
    -------
    SearchStrategy
        Of pairs of mapping and row. Each column of the record that is no list has a column of its
        own name; times are ISO, and local ones are in Berlin. Both lanes must give one verdict.

    Raises
    ------
    UsageError
        There is no such kind.
    """
    description = describe(record_class(kind))
    columns = [column for column in description.fields if column.type != "json"]
    cells = {
        column.name: Cell(template=f"{{{column.name}}}", zone="Europe/Berlin") for column in columns
    }
    mapping = RowMapping(kind=kind, cells=cells)
    good = rows(kind).map(lambda row: {column.name: _text(row[column.name]) for column in columns})
    bad = st.fixed_dictionaries({}, optional={column.name: _odd_text(column) for column in columns})
    few = bad.map(lambda odd: dict(sorted(odd.items())[:3]))
    both = st.tuples(good, st.just({}) | few).map(lambda pair: pair[0] | pair[1])
    return both.map(lambda row: (mapping, row))


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, (date, datetime)) else repr(value)


_ODD_TEXTS: Mapping[str, tuple[str, ...]] = {
    "text": ("x" * 1001, "x" * 513, "a\tb", "a\x00b", "a\u0085b", "\u200b", " a ", "é\u2028\ufffd"),
    "integer": ("7.0", " 7 ", "7.5", "1_000", "1e3", "+7", "-7", "\u0663", "9" * 18, "9" * 19),
    "number": ("1e999", "-0.5", ".5", "5.", "nan", "Infinity", "1,5", "0x10", "1e-400", "9" * 400),
    "boolean": ("TRUE", "False", "1", "0", "yes", "t", "truefalse"),
    "instant": (
        "2026-11-05",
        "2026-11-05T09:30",
        "2026-11-05 09:30:15.123456789Z",
        "2026-11-05T09:30+0100",
        "2026-11-05T09:30+25:00",
        "2025-10-26T02:30:00",
        "2025-03-30T02:30:00",
        "2026-02-30T00:00Z",
        "2026-11-05T24:00:00Z",
        "0001-01-01T00:00Z",
        "10000-01-01T00:00Z",
        "-0005-01-01T00:00Z",
        "1900-01-01T00:00+05:00",
        "2200-12-31T23:59:59-05:00",
        "1700000000",
        "05/11/2026",
    ),
    "date": ("2026-11-05", "2026-02-30", "2026-11-05T00:00", "20261105", "2300-01-01"),
}
_ANY_TEXTS = ("", " ", "\u200b", "\x00", "NULL", "-", "nan", "0", "1", "5", "99", "=1+1", "<b>")


def _odd_text(column: FieldDescription) -> st.SearchStrategy[str | None]:
    words = [word.upper().replace("_", " ") for word in column.levels]
    return st.sampled_from([None, *_ANY_TEXTS, *_ODD_TEXTS[column.type], *words])


@lru_cache(maxsize=64)
def _drawn_rows(kind: str) -> st.SearchStrategy[Row]:
    description = describe(record_class(kind))
    columns = {column.name: _cell(column) for column in description.fields}

    @st.composite
    def row(draw: st.DrawFn) -> Row:
        drawn: Row = draw(st.fixed_dictionaries(columns))
        return _obeying(drawn, description, draw)

    return row()


def _cell(column: FieldDescription) -> st.SearchStrategy[Any]:
    values = _values(column)
    return st.none() | values if column.is_nullable or column.default is not None else values


def _values(column: FieldDescription) -> st.SearchStrategy[Any]:
    if column.levels:
        return st.sampled_from(column.levels)
    if column.shape is not None:
        return _SHAPES[column.shape].map(lambda value: json.dumps(value, ensure_ascii=False))
    return _TYPES[column.type](column)


def _texts(column: FieldDescription) -> st.SearchStrategy[str]:
    if column.pattern is None:
        return _FREE.map(lambda text: clean(f"{PERSONAL_MARKER} {text}"))
    if PLAIN_TEXT in column.pattern:
        # An id that shows nothing is null.
        return _PLAIN.map(lambda text: f"{text}0")
    return st.from_regex(re.compile(column.pattern, re.ASCII), fullmatch=True).filter(
        lambda text: len(text) <= (column.max_length or len(text))
    )


def _numbers(column: FieldDescription) -> st.SearchStrategy[float]:
    return st.floats(
        column.minimum,  # type: ignore[arg-type]  # a number has numbers for bounds
        column.maximum,  # type: ignore[arg-type]
        allow_nan=False,
        allow_infinity=False,
    )


def _integers(column: FieldDescription) -> st.SearchStrategy[int]:
    return st.integers(column.minimum, column.maximum)  # type: ignore[arg-type]  # integers


_TYPES: Mapping[str, Callable[[FieldDescription], st.SearchStrategy[Any]]] = {
    "text": _texts,
    "integer": _integers,
    "number": _numbers,
    "boolean": lambda _: st.booleans(),
    "instant": lambda _: _INSTANTS,
    "date": lambda _: _DATES,
}

_PERSONAL = _FREE.map(lambda text: f"{PERSONAL_MARKER} {text}")
_ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "product": _PLAIN.map(lambda text: f"{text}0"),
        "name": _PERSONAL,
        "quantity": st.floats(0, 1e9),
        "price": money().map(
            lambda price: {"amount_minor": price.amount_minor, "currency": price.currency}
        ),
    },
)
_ATTRIBUTES = st.dictionaries(
    _PLAIN.map(lambda text: f"{text}0"),
    _PERSONAL | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.booleans() | st.none(),
    max_size=4,
)
_SHAPES: Mapping[str, st.SearchStrategy[Any]] = {
    "identifiers": st.lists(
        identifiers().map(lambda one: one.text).filter(lambda text: clean(text) == text), max_size=3
    ).map(lambda texts: [text for text in texts if not set(text) & set("\t\n\r")]),
    "attributes": _ATTRIBUTES,
    "texts": st.lists(_PERSONAL, max_size=4),
    "items": st.lists(_ITEMS, max_size=3),
    "counts": st.just([]),
}


def _obeying(row: Row, description: RecordDescription, draw: st.DrawFn) -> Row:
    for rule in description.rules:
        row = row | _REPAIRS[type(rule)](rule, row, draw)
    return row


def _together(rule: Together, row: Row, _draw: st.DrawFn) -> Row:
    lacking = any(row[name] is None for name in rule.fields)
    return dict.fromkeys(rule.fields) if lacking else {}


def _scaled(rule: Scaled, _row: Row, draw: st.DrawFn) -> Row:
    scale = draw(st.none() | scales())
    ends = {rule.low: scale.low if scale else None, rule.high: scale.high if scale else None}
    known = {name: end for name, end in ends.items() if name is not None}
    return {rule.code: scale.code if scale else None} | known


def _within(rule: Within, row: Row, draw: st.DrawFn) -> Row:
    if row[rule.low] is None:
        return {rule.value: None}
    return {rule.value: draw(st.integers(row[rule.low], row[rule.high]))}


def _ordered(rule: Ordered, row: Row, _draw: st.DrawFn) -> Row:
    first, second = row[rule.first], row[rule.second]
    if first is None or second is None or first <= second:
        return {}
    return {rule.first: second, rule.second: first}


def _counted(rule: Counted, row: Row, draw: st.DrawFn) -> Row:
    levels = Scale.parse(row[rule.scale]).levels if row[rule.scale] else range(1, 6)
    some = st.dictionaries(st.sampled_from(levels), st.integers(0, 10**9), max_size=5)
    return {rule.counts: json.dumps(sorted(draw(some).items()))}


_REPAIRS: Mapping[type, Callable[[Any, Row, st.DrawFn], Row]] = {
    Together: _together,
    Scaled: _scaled,
    Within: _within,
    Ordered: _ordered,
    Counted: _counted,
}
