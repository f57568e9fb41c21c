"""The row lane gives the verdict that the description gives, row by row."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.records import (
    BLANK_TEXT,
    KINDS,
    Counted,
    FieldDescription,
    Ordered,
    Problem,
    Reason,
    Record,
    RecordDescription,
    Response,
    Scaled,
    Score,
    Together,
    Within,
    check,
    describe,
    from_row,
    parse_text,
    to_row,
)
from cxm_core.testing import records, rows
from cxm_core.vocabulary import Scale

AT = "2026-11-05T09:00:00Z"
Verdict = tuple[Reason, str | None]

# --- an interpreter of descriptions in plain Python: no pydantic, nothing from the records ------


class Refused(Exception):  # noqa: N818  (a verdict rather than an error)
    """One column says no."""


def refuse(reason: Reason) -> Any:
    """Leave with a reason."""
    raise Refused(reason)


def verdict(description: RecordDescription, row: Mapping[str, Any]) -> Verdict | None:
    """First problem of a row by its description alone; None for a record."""
    known = {column.name for column in description.fields}
    strange = [name for name, value in row.items() if name not in known and value is not None]
    if strange:
        return Reason.BAD_ROW, strange[0]
    values = {}
    for column in description.fields:
        try:
            values[column.name] = read_column(column, row.get(column.name))
        except Refused as no:
            return no.args[0], column.name
    return next((no for rule in description.rules if (no := broken(rule, values))), None)


def read_column(column: FieldDescription, value: object) -> Any:
    """Value of one column."""
    read = None if value is None else READERS[column.type](column, value)
    if read is None and not column.is_nullable:
        # A default stands for null, but not for a text that shows nothing.
        return column.default if column.default is not None else refuse(Reason.MISSING_FIELD)
    return read


def read_text(column: FieldDescription, value: object) -> str | None:
    """Text: blank, cleaned or checked, then length, pattern, levels."""
    if column.pattern and isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**18 else refuse(Reason.TOO_LARGE)
    if column.pattern and isinstance(value, float) and value % 1 == 0 and abs(value) <= 2**53:
        value = f"{value + 0:.0f}"
    if not isinstance(value, str):
        refuse(Reason.WRONG_TYPE)
    if re.fullmatch(BLANK_TEXT, value):
        return None
    return read_visible(column, value)


def read_visible(column: FieldDescription, value: str) -> str:
    """Text that shows something."""
    if column.is_prose:
        value = "".join("\ufffd" if is_dirty(c) else c for c in value)
    elif any("\ud800" <= c <= "\udfff" for c in value):
        refuse(Reason.BAD_ENCODING)
    if column.max_length is not None and len(value) > column.max_length:
        refuse(Reason.TOO_LARGE)
    if column.pattern and not re.fullmatch(column.pattern, value):
        refuse(Reason.BAD_PATTERN)
    if column.levels and value not in column.levels:
        refuse(Reason.UNKNOWN_LEVEL)
    return value


def is_dirty(character: str) -> bool:
    """Whether prose may not hold the character."""
    code = ord(character)
    return (code < 32 and character not in "\t\n\r") or 127 <= code < 160 or 0xD800 <= code < 0xE000


def in_bounds(column: FieldDescription, value: Any) -> Any:
    """Value between its bounds."""
    low, high = column.minimum, column.maximum
    outside = (low is not None and value < low) or (high is not None and value > high)
    return refuse(Reason.OUT_OF_RANGE) if outside else value


def read_integer(column: FieldDescription, value: object) -> int:
    """Whole number; a truth value is none."""
    return in_bounds(column, value if type(value) is int else refuse(Reason.WRONG_TYPE))


def read_number(column: FieldDescription, value: object) -> float:
    """Finite number; a truth value is none."""
    if type(value) not in (int, float):
        refuse(Reason.WRONG_TYPE)
    try:
        number = float(value)  # type: ignore[arg-type]
    except OverflowError:
        refuse(Reason.WRONG_TYPE)
    return in_bounds(column, number if math.isfinite(number) else refuse(Reason.NON_FINITE))


def read_boolean(column: FieldDescription, value: object) -> bool:
    """Truth value."""
    return value if isinstance(value, bool) else refuse(Reason.WRONG_TYPE)


def read_instant(column: FieldDescription, value: object) -> datetime | None:
    """Aware time, or ISO text."""
    if isinstance(value, str):
        value = parse_text("instant", value)
        return refuse(value) if isinstance(value, Reason) else value and in_bounds(column, value)
    if not isinstance(value, datetime):
        refuse(Reason.WRONG_TYPE)
    if value.tzinfo is None:
        refuse(Reason.NAIVE_DATETIME)
    try:
        return in_bounds(column, value.astimezone(UTC))
    except OverflowError:
        return refuse(Reason.OUT_OF_RANGE)


def read_date(column: FieldDescription, value: object) -> date | None:
    """Day, or ISO text."""
    if isinstance(value, str):
        value = parse_text("date", value)
        return refuse(value) if isinstance(value, Reason) else value and in_bounds(column, value)
    if not isinstance(value, date) or isinstance(value, datetime):
        refuse(Reason.WRONG_TYPE)
    return in_bounds(column, value)


def read_json(column: FieldDescription, value: object) -> Any:
    """List or mapping of the declared shape."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            refuse(Reason.WRONG_TYPE)
    return SHAPES[str(column.shape)](column, value)


def read_identifiers(column: FieldDescription, value: object) -> list[object]:
    """Texts of kind and value."""
    items = list(value.items()) if isinstance(value, dict) else value
    for kind, text in map(kind_and_value, items if isinstance(items, list) else [None]):
        if text is None or (isinstance(text, str) and re.fullmatch(BLANK_TEXT, text)):
            continue
        if kind not in ("email", "phone", "account", "device", "external"):
            refuse(Reason.UNKNOWN_LEVEL)
        if not isinstance(text, str):
            refuse(Reason.WRONG_TYPE)
        if len(text) > column.max_length:
            refuse(Reason.TOO_LARGE)
        if re.search(r"[\x00-\x1f\x7f-\x9f]", text):
            refuse(Reason.BAD_PATTERN)
    return items


def kind_and_value(item: object) -> tuple[object, object]:
    """Both halves of an identifier."""
    if isinstance(item, str):
        kind, _, text = item.partition(":")
        return kind, text
    pair = item if isinstance(item, (list, tuple)) and len(item) == 2 else refuse(Reason.WRONG_TYPE)
    whole = isinstance(pair[1], int) and not isinstance(pair[1], bool)
    return pair[0], str(pair[1]) if whole else pair[1]


def read_attributes(column: FieldDescription, value: object) -> Mapping[str, object]:
    """Plain values by name."""
    if not isinstance(value, dict):
        refuse(Reason.WRONG_TYPE)
    for name, item in value.items():
        if not isinstance(name, str):
            refuse(Reason.WRONG_TYPE)
        if re.fullmatch(BLANK_TEXT, name) or re.search(r"[\x00-\x1f\x7f-\x9f]", name):
            refuse(Reason.BAD_PATTERN)
        if isinstance(item, (list, dict)):
            refuse(Reason.WRONG_TYPE)
        if isinstance(item, str) and len(item) > column.max_length:
            refuse(Reason.TOO_LARGE)
        if isinstance(item, int) and abs(item) >= 10**18:
            refuse(Reason.OUT_OF_RANGE)
    return value


def read_texts(column: FieldDescription, value: object) -> list[str]:
    """List of texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        refuse(Reason.WRONG_TYPE)
    too_long = any(len(text) > column.max_length for text in value)
    return refuse(Reason.TOO_LARGE) if too_long else value


def read_counts(column: FieldDescription, value: object) -> list[list[int]]:
    """Pairs of level and count; an object without a key holds none."""
    if value == {}:
        return []
    if not isinstance(value, list):
        refuse(Reason.WRONG_TYPE)
    for pair in value:
        whole = isinstance(pair, list) and len(pair) == 2 and all(type(n) is int for n in pair)
        if not whole:
            refuse(Reason.WRONG_TYPE)
        if pair[1] < 0:
            refuse(Reason.OUT_OF_RANGE)
    return value


def read_items(column: FieldDescription, value: object) -> list[object]:
    """List of tables; what is in them is not told by the description."""
    well = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    return value if well else refuse(Reason.WRONG_TYPE)


READERS = {
    "text": read_text,
    "integer": read_integer,
    "number": read_number,
    "boolean": read_boolean,
    "instant": read_instant,
    "date": read_date,
    "json": read_json,
}
SHAPES = {
    "identifiers": read_identifiers,
    "attributes": read_attributes,
    "texts": read_texts,
    "counts": read_counts,
    "items": read_items,
}


def scale_of(code: str) -> Scale | None:
    """Scale of a code."""
    try:
        return Scale.parse(code)
    except UsageError:
        return None


def broken(rule: object, values: Mapping[str, Any]) -> Verdict | None:
    """What a rule says of a row."""
    if isinstance(rule, Together):
        empty = [name for name in rule.fields if values[name] is None]
        some = 0 < len(empty) < len(rule.fields)
        return (Reason.MISSING_FIELD, empty[0]) if some else None
    if isinstance(rule, Scaled):
        code = values[rule.code]
        scale = None if code is None else scale_of(code)
        ends = (values.get(rule.low), values.get(rule.high))
        wrong = scale is None or any(
            end not in (None, own) for end, own in zip(ends, (scale.low, scale.high), strict=True)
        )
        return (Reason.BAD_SCALE, rule.code) if code is not None and wrong else None
    if isinstance(rule, Within):
        value, low, high = values[rule.value], values[rule.low], values[rule.high]
        known = None not in (value, low, high)
        return (Reason.OUT_OF_SCALE, rule.value) if known and not low <= value <= high else None
    if isinstance(rule, Ordered):
        first, second = values[rule.first], values[rule.second]
        known = None not in (first, second)
        return (Reason.NEGATIVE_DURATION, rule.second) if known and second < first else None
    assert isinstance(rule, Counted)
    counts, code = values[rule.counts] or [], values[rule.scale]
    off = code is not None and any(not scale_of(code).contains(level) for level, _ in counts)
    return (Reason.OUT_OF_SCALE, rule.counts) if off else None


# --- rows that went wrong ------------------------------------------------------------------------

ODD_VALUES: tuple[Any, ...] = (
    *("", " ", "\u200b", "x", "x" * 513, "x" * 1_001, "x" * 10_001, "a\x00b", "a\tb", "a\ud800b"),
    *("0-10", "1-5", "1-5 top=7", "no scale", "EUR", "eur", "web", "Web", "other", "human", "open"),
    *(True, False, 0, 1, -1, 5, 11, 10**17, 10**18, -(10**18), 10**400, 0.0, -0.5, 1.5, 2.0),
    *(math.nan, math.inf, -math.inf, b"x", Decimal(1), (), ("a",), object),
    *(datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    *(datetime(1899, 12, 31, tzinfo=UTC), date(2026, 1, 1), date(1899, 1, 1), date(2201, 1, 1)),
    *("2026-01-01", "2026-01-01T00:00", "2026-02-30", "2026-01-01T00:00Z", "1899-01-01T00:00Z"),
)
ODD_JSON: tuple[Any, ...] = (
    *("", "[]", "{}", "5", "no json", "[1]", '["x"]', "[[1,2]]", "[[1,-2]]", "[[1]]", "[[99,1]]"),
    *('["email:a@b.c"]', '["fax:1"]', '["email:"]', '["email:a\\u0007b"]', '{"a":1}', '{"":1}'),
    *('{"a":[1]}', '{"a\\u0000":1}', '{"a":1000000000000000000}', True, 5, 1.5, [], {}, "[true]"),
    json.dumps(["external:" + "x" * 513]),
    json.dumps(["x" * 1_001]),
)


def odd_value(column: FieldDescription) -> st.SearchStrategy[Any]:
    """Value that may not belong in a column."""
    if column.type == "json":
        # An empty text is no JSON.
        return st.none() | st.sampled_from(ODD_JSON)
    return st.none() | st.sampled_from(ODD_VALUES)


@st.composite
def mutated_rows(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Rows with up to three odd values, and sometimes a strange column."""
    row = dict(draw(rows(kind)))
    columns = describe(KINDS[kind]).fields
    for column in draw(st.lists(st.sampled_from(columns), min_size=1, max_size=3)):
        row[column.name] = draw(odd_value(column))
    strange = draw(st.sampled_from(({}, {}, {}, {"stranger": 1}, {"stranger": None})))
    return row | strange


def told(outcome: Record | Problem) -> Verdict | None:
    """Verdict that `check` gave."""
    return (outcome.reason, outcome.field) if isinstance(outcome, Problem) else None


class TestByLaw:
    """What holds for every kind of record."""

    @pytest.mark.parametrize("kind", KINDS)
    def test_mutated_rows_get_one_verdict(self, kind: str) -> None:
        """Whatever a row holds, the check says what its description says, column and reason."""

        @given(mutated_rows(kind))
        def law(row: dict[str, Any]) -> None:
            assert told(check(kind, row)) == verdict(describe(KINDS[kind]), row)

        law()

    @pytest.mark.parametrize("kind", KINDS)
    def test_rows_come_back(self, kind: str) -> None:
        """A record is equal to the one made of its row, and the description lets it pass."""

        @settings(max_examples=30)
        @given(records(kind))
        def law(record: Record) -> None:
            row = to_row(record)
            assert from_row(kind, row) == record
            assert to_row(from_row(kind, row)) == row
            assert verdict(describe(KINDS[kind]), row) is None

        law()

    @given(mutated_rows("response"))
    def test_no_value_is_repeated(self, row: dict[str, Any]) -> None:
        """No message repeats what stood in a cell."""
        outcome = check("response", row)
        if isinstance(outcome, Problem):
            texts = [value for value in row.values() if isinstance(value, str) and len(value) > 9]
            assert not [text for text in texts if text in outcome.message]


def problem_of(**values: object) -> Verdict | None:
    """Verdict on a response that is well but for some values."""
    return told(check("response", {"native_id": "1", "occurred_at": AT} | values))


SCORED = {"score_value": 9, "score_low": 0, "score_high": 10, "score_scale": "0-10"}


class TestByHand:
    """Rows whose verdict can be told by reading them."""

    def test_record_of_a_row(self) -> None:
        """A flat row becomes the record with its score on its scale."""
        record = check("response", {"native_id": "1", "occurred_at": AT, "verbatim": "ok"} | SCORED)
        assert record == Response(
            native_id="1", occurred_at=AT, verbatim="ok", score=Score(9, Scale.named("0-10"))
        )

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"native_id": None}, (Reason.MISSING_FIELD, "native_id")),
            ({"native_id": " "}, (Reason.MISSING_FIELD, "native_id")),
            ({"native_id": "a\x1fb"}, (Reason.BAD_PATTERN, "native_id")),
            ({"native_id": "x" * 513}, (Reason.TOO_LARGE, "native_id")),
            ({"native_id": "a\ud800"}, (Reason.BAD_ENCODING, "native_id")),
            ({"native_id": True}, (Reason.WRONG_TYPE, "native_id")),
            ({"occurred_at": 1_700_000_000}, (Reason.WRONG_TYPE, "occurred_at")),
            ({"occurred_at": "2026-01-01T00:00"}, (Reason.NAIVE_DATETIME, "occurred_at")),
            ({"occurred_at": "2026-02-30T00:00Z"}, (Reason.BAD_DATETIME, "occurred_at")),
            ({"occurred_at": "10000-01-01T00:00Z"}, (Reason.OUT_OF_RANGE, "occurred_at")),
            ({"weight": math.nan}, (Reason.NON_FINITE, "weight")),
            ({"weight": -1.0}, (Reason.OUT_OF_RANGE, "weight")),
            ({"weight": True}, (Reason.WRONG_TYPE, "weight")),
            ({"channel": "threads"}, (Reason.UNKNOWN_LEVEL, "channel")),
            (SCORED | {"score_value": 11}, (Reason.OUT_OF_SCALE, "score_value")),
            (SCORED | {"score_value": True}, (Reason.WRONG_TYPE, "score_value")),
            (SCORED | {"score_value": 10**30}, (Reason.OUT_OF_RANGE, "score_value")),
            (SCORED | {"score_value": None}, (Reason.MISSING_FIELD, "score_value")),
            (SCORED | {"score_scale": None}, (Reason.MISSING_FIELD, "score_scale")),
            (SCORED | {"score_scale": "0-12"}, (Reason.BAD_SCALE, "score_scale")),
            (SCORED | {"score_scale": "ten"}, (Reason.BAD_SCALE, "score_scale")),
            ({"verbatim": "x" * 1_000_001}, (Reason.TOO_LARGE, "verbatim")),
            ({"verbatim": "a\x00\ud800b"}, None),
            ({"customer": '["fax:1"]'}, (Reason.UNKNOWN_LEVEL, "customer")),
            ({"attributes": '{"a":NaN}'}, (Reason.NON_FINITE, "attributes")),
            ({"attributes": '{"a":1e999}'}, (Reason.NON_FINITE, "attributes")),
            ({"attributes": '{"a":1,"a":2}'}, (Reason.DUPLICATE_KEY, "attributes")),
            ({"attributes": "[" * 100_000}, (Reason.TOO_DEEP, "attributes")),
            ({"attributes": '{"a":' + "9" * 5_000 + "}"}, (Reason.OUT_OF_RANGE, "attributes")),
            ({"stranger": "x"}, (Reason.BAD_ROW, "stranger")),
            ({"is_deleted": None}, None),
            ({"is_deleted": "true"}, (Reason.WRONG_TYPE, "is_deleted")),
        ],
    )
    def test_reasons(self, values: dict[str, object], expected: Verdict | None) -> None:
        """Each thing that can be wrong has its reason code and names its column."""
        assert problem_of(**values) == expected

    def test_first_column_wins(self) -> None:
        """Of two wrong columns the one described first is told, and columns come before rules."""
        assert problem_of(weight=-1.0, channel="threads") == (Reason.OUT_OF_RANGE, "weight")
        assert problem_of(**SCORED | {"score_value": 11}, channel="threads") == (
            Reason.UNKNOWN_LEVEL,
            "channel",
        )

    def test_own_rules_follow(self) -> None:
        """A reply before its review is a negative duration."""
        review = {"native_id": "1", "occurred_at": AT, "replied_at": "2026-11-05T08:59:59Z"}
        assert told(check("review", review)) == (Reason.NEGATIVE_DURATION, "replied_at")

    def test_from_row_refuses(self) -> None:
        """A row that is no record is an error that carries the reason."""
        with pytest.raises(UsageError, match="native_id is missing") as caught:
            from_row("note", {"text": "x", "occurred_at": AT})
        assert caught.value.context == {
            "kind": "note",
            "reason": "missing_field",
            "field": "native_id",
        }

    def test_unknown_kind(self) -> None:
        """A kind that does not exist is told with the nearest one."""
        with pytest.raises(UsageError, match="did you mean 'response'"):
            check("respons", {})

    def test_the_argument_stays(self) -> None:
        """The row that is checked is not changed."""
        row: dict[str, Any] = {"native_id": 1, "occurred_at": AT, "attributes": '{"b":1}'}
        before = dict(row)
        check("response", row)
        assert row == before
