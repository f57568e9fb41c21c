"""Lines that one machine wrote: proved by one look, and read as if they had been taken apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_core.store._driver import Limits
from cxm_core.store.tables._json_lines import KEYS_SQL
from cxm_core.store.tables._json_rows import flattened
from cxm_core.store.tables._json_table import parse_lines
from cxm_core.store.tables._scratch import Scratch
from cxm_core.store.tables._templates import common_template, template_of

pytest.importorskip("duckdb")

LINE = '{"id": "r1", "by": {"mail": "a@example.com"}, "n": 7, "ok": true, "said": "good, quick"}'
WANTED = ("id", "by.mail", "n", "said")


@pytest.fixture(scope="module")
def scratch() -> Iterator[Scratch]:
    """Scratch for all examples."""
    with Scratch.opened(Limits(threads=1)) as scratch:
        yield scratch


def put(scratch: Scratch, lines: list[str]) -> None:
    """Make the table of lines."""
    scratch.run("DROP VIEW IF EXISTS raw")
    scratch.run("CREATE OR REPLACE TABLE lines (row BIGINT, line VARCHAR)")
    rows = "SELECT unnest(range(1, len($lines) + 1)), unnest($lines::VARCHAR[])"
    scratch.run(f"INSERT INTO lines {rows}", lines=lines)


def regular(scratch: Scratch, lines: list[str], *, by: str = LINE) -> list[bool]:
    """Which lines are regular by the template of a line."""
    template = template_of(by)
    assert template is not None
    put(scratch, lines)
    query = template.regular_sql("lines")
    sql = f"SELECT is_regular FROM ({query}) ORDER BY row"  # noqa: S608  (our own)
    return [is_regular for (is_regular,) in scratch.run(sql)]


class TestByHand:
    """What a template takes for regular, and what it does not."""

    @pytest.mark.parametrize(
        "line",
        [
            LINE,
            LINE.replace("7", "-12"),
            LINE.replace("7", "1.5"),
            LINE.replace("7", "false").replace("true", "0"),
            LINE.replace("7", "null").replace('"r1"', "null"),
            LINE.replace("good", "gut, schön"),
            LINE.replace("r1", ""),
        ],
    )
    def test_lines_that_differ_in_their_values(self, scratch: Scratch, line: str) -> None:
        """Only values differ: numbers, truth values, texts of any letters, nulls."""
        assert regular(scratch, [line]) == [True]

    @pytest.mark.parametrize(
        "line",
        [
            LINE[:-1],
            LINE + " ",
            LINE.replace(": 7", ":  7"),
            LINE.replace('"r1"', "5"),
            LINE.replace("7", '"7"'),
            LINE.replace("7", "7.0e0"),
            LINE.replace("7", "1.50"),
            LINE.replace("7", "-0"),
            LINE.replace("7", "1e3"),
            LINE.replace("7", "NaN"),
            LINE.replace("7", "1e999"),
            LINE.replace("7", "[7]"),
            LINE.replace("quick", "\\u0071uick"),
            LINE.replace("quick", "a\\nb"),
            LINE.replace("quick", '\\"quick\\"'),
            LINE.replace('"n": 7', '"n": 7, "n": 7'),
            LINE.replace('"n": 7', '"m": 7'),
            LINE.replace('"n": 7', '"n": 7, "m": 7'),
            LINE.replace('"n": 7, ', ""),
            LINE.replace('"r1"', '{"a": 1}'),
            "7",
            "",
        ],
    )
    def test_lines_that_differ_in_more(self, scratch: Scratch, line: str) -> None:
        """Another key, one twice, one less, a space, an escape, a number written otherwise."""
        assert regular(scratch, [line]) == [False]

    @pytest.mark.parametrize(
        "line",
        ["", "7", "[1]", "{}", '{"a": [1]}', '{"a": null}', '{"a": 1, "a": 2}', '{"\\u0061": 1}'],
    )
    def test_lines_without_a_template(self, line: str) -> None:
        """A list, a null, a key twice or spelled oddly, or nothing at all makes none."""
        assert template_of(line) is None

    def test_the_most_usual_is_chosen(self) -> None:
        """Of several templates that of most lines counts; no line, no template."""
        other = '{"id": "r1"}'
        chosen = common_template([other, LINE, LINE.replace("7", "8")])
        assert chosen == template_of(LINE)
        assert common_template(["", "x"]) is None

    def test_what_is_wanted_must_be_one_value(self) -> None:
        """An object is no value, and two ways to spell a column are one too many."""
        template = template_of(LINE)
        assert template is not None
        assert template.serves(WANTED)
        assert not template.serves(["by"])
        twofold = template_of('{"a": {"b": 1}, "a.b": 2}')
        assert twofold is not None
        assert not twofold.serves(["x"])


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=True)
    | st.text(max_size=6)
    | st.sampled_from(["", " x", "x ", "true", "1", "[1]", '{"a": 1}', "\x7f", "é"])
)
ROWS = st.fixed_dictionaries(
    {"id": VALUES, "by": st.fixed_dictionaries({"mail": VALUES}), "n": VALUES, "said": VALUES},
    optional={"x": VALUES, "id.y": VALUES},
)
WAYS: tuple[dict[str, Any], ...] = (
    {},
    {"ensure_ascii": False},
    {"separators": (",", ":")},
    {"sort_keys": True},
)


class TestByLaw:
    """A glance at a line says what a look at each of its parts says."""

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(ROWS, st.sampled_from(WAYS)), min_size=1, max_size=8))
    def test_texts_are_those_of_python(
        self, scratch: Scratch, tmp_path: Path, rows: list[tuple[dict[str, Any], dict[str, Any]]]
    ) -> None:
        """Among regular lines, any line is left to Python or has Python's texts, and is counted."""
        usual = {"id": "r1", "by": {"mail": "a"}, "n": 1, "said": "good"}
        lines = [json.dumps(usual)] * 10 + [json.dumps(row, **way) for row, way in rows]
        put(scratch, lines)
        path = tmp_path / "lines"
        path.write_text("\n".join(lines), encoding="utf-8")
        names = parse_lines(scratch, path, WANTED)
        assert names == WANTED
        found = scratch.run("FROM raw ORDER BY row")
        assert [row[0] for row in found] == list(range(1, 1 + len(lines)))
        assert [row[1] for row in found[:10]] == [False] * 10
        for line, (_, defer, is_clean, *texts) in zip(lines, found, strict=True):
            if not defer:
                expected = flattened(line)
                assert isinstance(expected, dict)
                assert texts == [expected.get(name) for name in names]
            if is_clean:
                assert all(" " <= letter <= "~" and letter not in '"\\' for text in texts
                           for letter in text or "")  # fmt: skip

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(ROWS, min_size=1, max_size=8))
    def test_keys_are_counted(
        self, scratch: Scratch, tmp_path: Path, rows: list[dict[str, Any]]
    ) -> None:
        """Every key on top of a line is counted, whichever way the line was read."""
        usual = {"id": "r1", "by": {"mail": "a"}, "n": 1, "said": "good"}
        told = [*[usual] * 10, *rows]
        lines = [json.dumps(row) for row in told]
        put(scratch, lines)
        path = tmp_path / "lines"
        path.write_text("\n".join(lines), encoding="utf-8")
        parse_lines(scratch, path, WANTED)
        expected = {key: sum(key in row for row in told) for row in told for key in row}
        assert dict(scratch.run(KEYS_SQL)) == expected
