"""Text of a cell: which value it is, the same for Python and for SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.records import (
    BLANK_TEXT,
    CONTROL_CHARACTER,
    FALSE_TEXT,
    INTEGER_TEXT,
    LEVEL_SEPARATORS,
    LEVEL_TEXT,
    LONG_INTEGER_TEXT,
    NON_FINITE_TEXT,
    NUMBER_TEXT,
    PLAIN_TEXT,
    TRUE_TEXT,
    FieldType,
    Reason,
    TimeFormat,
    clean,
    is_blank,
    level_words,
    parse_text,
    read_json,
    read_level,
)
from cxm_core.vocabulary import Channel

PATTERNS = {
    "blank": BLANK_TEXT,
    "control": CONTROL_CHARACTER,
    "false": FALSE_TEXT,
    "integer": INTEGER_TEXT,
    "separators": LEVEL_SEPARATORS,
    "level": LEVEL_TEXT,
    "long": LONG_INTEGER_TEXT,
    "non_finite": NON_FINITE_TEXT,
    "number": NUMBER_TEXT,
    "plain": PLAIN_TEXT,
    "true": TRUE_TEXT,
    "iso": TimeFormat.of("iso").pattern,
    "local": TimeFormat.of("%d.%m.%Y %H:%M").pattern,
}


class TestByHand:
    """Texts whose value can be told by reading them."""

    @pytest.mark.parametrize(
        ("kind", "text", "expected"),
        [
            ("integer", "9", 9),
            ("integer", " 9.0\t", 9),
            ("integer", "-0", 0),
            ("integer", "9" * 18, 10**18 - 1),
            ("integer", "9" * 19, Reason.OUT_OF_RANGE),
            ("integer", "9" * 5_000, Reason.OUT_OF_RANGE),
            ("integer", "9.5", Reason.WRONG_TYPE),
            ("integer", "1_000", Reason.WRONG_TYPE),
            ("integer", "+9", Reason.WRONG_TYPE),
            ("integer", "1e3", Reason.WRONG_TYPE),
            ("integer", "\u0663", Reason.WRONG_TYPE),
            ("integer", "\u00a09", Reason.WRONG_TYPE),
            ("integer", "NaN", Reason.NON_FINITE),
            ("integer", "true", Reason.WRONG_TYPE),
            ("number", "0.25", 0.25),
            ("number", ".5", 0.5),
            ("number", "5.", 5.0),
            ("number", "-1E-3", -0.001),
            ("number", "1e999", Reason.NON_FINITE),
            ("number", "-Infinity", Reason.NON_FINITE),
            ("number", "nan", Reason.NON_FINITE),
            ("number", "1,5", Reason.WRONG_TYPE),
            ("number", "0x10", Reason.WRONG_TYPE),
            ("boolean", "TRUE", True),
            ("boolean", " false", False),
            ("boolean", "1", Reason.WRONG_TYPE),
            ("boolean", "yes", Reason.WRONG_TYPE),
            ("text", "  two words ", "two words"),
            ("text", "a\x00b", "a\x00b"),
            ("json", ' {"a":1} ', '{"a":1}'),
            ("json", "{a:1}", Reason.WRONG_TYPE),
        ],
    )
    def test_values(self, kind: FieldType, text: str, expected: object) -> None:
        """A text has one value of a type, or the reason why it has none."""
        value = parse_text(kind, text)
        assert value == expected
        assert type(value) is type(expected)

    @pytest.mark.parametrize("kind", ["text", "integer", "number", "boolean", "instant", "json"])
    @pytest.mark.parametrize("text", [None, "", " \t\r\n", "\u200b\ufeff", "\x00\u2060"])
    def test_nothing_visible(self, kind: FieldType, text: str | None) -> None:
        """A text that shows nothing is null, whatever was expected."""
        assert parse_text(kind, text) is None

    def test_clean(self) -> None:
        """Control characters and half surrogates are replaced one by one; line ends stay."""
        assert clean("a\x00b\x85c\ud800d\te\r\nf") == "a\ufffdb\ufffdc\ufffdd\te\r\nf"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("E-Mail", "email"),
            ("in store", "in_store"),
            ("Call_Center", "call_centre"),
            ("threads", "other"),
            ("\u0441hat", "other"),
            ("\u212aiosk", "other"),
        ],
    )
    def test_channels(self, text: str, expected: str) -> None:
        """A channel's word is read whatever its capitals and hyphens; one not known is other."""
        assert read_level(text, tuple(Channel)) == expected

    def test_closed_levels(self) -> None:
        """Where there is no level other, a strange word is refused."""
        assert read_level("OUT", ("in", "out")) == "out"
        assert read_level("up", ("in", "out")) is Reason.UNKNOWN_LEVEL

    def test_levels_agree_with_channels(self) -> None:
        """Words of channels mean the same here and in the vocabulary."""
        for word, level in level_words(tuple(Channel)).items():
            assert Channel.parse(word) == level

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('{"a":[1,2.5,null,true]}', {"a": [1, 2.5, None, True]}),
            ("NaN", Reason.NON_FINITE),
            ("[Infinity]", Reason.NON_FINITE),
            ("[1e999]", Reason.NON_FINITE),
            ('{"a":1,"a":2}', Reason.DUPLICATE_KEY),
            ("[" * 100_000, Reason.TOO_DEEP),
            ("9" * 5_000, Reason.OUT_OF_RANGE),
            ("", Reason.WRONG_TYPE),
        ],
    )
    def test_json(self, text: str, expected: object) -> None:
        """JSON is read strictly: finite numbers, distinct keys, a bottom."""
        assert read_json(text) == expected


class TestByLaw:
    """What holds for every text."""

    @given(st.text())
    def test_clean_once(self, text: str) -> None:
        """Cleaning twice is cleaning once, keeps the length, and shows what was visible."""
        assert clean(clean(text)) == clean(text)
        assert len(clean(text)) == len(text)
        assert clean(text).encode().decode() == clean(text)

    @given(st.integers(-(10**18) + 1, 10**18 - 1))
    def test_integers(self, number: int) -> None:
        """Every integer of up to 18 digits comes back from its text."""
        assert parse_text("integer", str(number)) == number

    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_numbers(self, number: float) -> None:
        """Every finite number comes back from its text, to the bit."""
        assert parse_text("number", repr(number)) == number

    @given(st.text(max_size=20), st.sampled_from(["integer", "number", "boolean", "text", "json"]))
    def test_total(self, text: str, kind: FieldType) -> None:
        """Any text has a value, is null, or has a reason; nothing is raised."""
        value = parse_text(kind, text)
        assert (value is None) == is_blank(text) or kind == "json"


def hostile_texts() -> Iterator[str]:
    """Texts at which patterns could differ."""
    yield from ("", " ", "9", "9.0", "9" * 18, "9" * 19, "-9", ".5", "5.", "1e5", "NaN", "-inf")
    yield from ("true", "TRUE", "false", "truefalse", "E-Mail", "in store", "a\nb", "a\n", "\na")
    yield from ("a\x07", "a\x85", "a\xa0", "\u200b", "\u2028", "\ufeff", "é", "\U0001f600", "İ")
    yield from ("2026-11-05T09:30Z", "2026-11-05", "05.11.2026 09:30", "5.1.2026 9:30", "\x1f")
    yield from ("\u00ad", "\u3000", "\u180e", "\u2060", "\u034f", "\u2800", "x\u200b", "\u017f")


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_mean_the_same_in_sql(name: str) -> None:
    """Python and DuckDB (RE2) find the same texts to match, and the same parts in them."""
    duckdb = pytest.importorskip("duckdb", reason="the duckdb extra is not installed")
    pattern = PATTERNS[name]
    groups = range(1, re.compile(pattern).groups + 1)
    with duckdb.connect() as connection:
        for text in hostile_texts():
            match = re.fullmatch(pattern, text)
            parts = [(match[group] or "") if match else None for group in groups]
            picks = [f"CASE WHEN m THEN regexp_extract(t, p, {group}) END" for group in groups]
            query = (
                f"SELECT {', '.join(['m', *picks])} "  # noqa: S608  (numbers only)
                "FROM (SELECT $1 AS t, $2 AS p, regexp_full_match($1, $2) AS m)"
            )
            found = connection.execute(query, [text, pattern]).fetchall()
            assert found == [(match is not None, *parts)], ascii(text)
