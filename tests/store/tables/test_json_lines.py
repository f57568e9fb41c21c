"""Lines of JSON: Python and SQL make the same text of them, or SQL leaves them to Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_core.records import Problem, Reason
from cxm_core.store._driver import Limits
from cxm_core.store.tables._json_lines import Shapes, lines_sql, may_be_loose
from cxm_core.store.tables._json_rows import flattened, line_reader
from cxm_core.store.tables._lines import BLOCK
from cxm_core.store.tables._scratch import Scratch

pytest.importorskip("duckdb")

NAMES = ("a", "b.c", "b", "d.0", "e.f.g")


@pytest.fixture(scope="module")
def scratch() -> Iterator[Scratch]:
    """Scratch for all examples."""
    with Scratch.opened(Limits(threads=1)) as scratch:
        yield scratch


def by_sql(scratch: Scratch, lines: list[str]) -> list[tuple[bool, dict[str, Any]]]:
    """What SQL makes of lines: whether it leaves one to Python, and the texts."""
    scratch.run("CREATE OR REPLACE TABLE lines (row BIGINT, line VARCHAR)")
    for number, line in enumerate(lines):
        scratch.run("INSERT INTO lines VALUES ($n, $line)", n=number, line=line)
    shapes = Shapes(NAMES, Shapes.of(scratch, "lines", NAMES).is_doubled)
    sql, cells = (
        lines_sql("lines", shapes, may_be_loose=True),
        ", ".join(f"c{n}" for n in range(len(NAMES))),
    )
    found = scratch.con.sql(sql).order("row").project(f"defer, {cells}").fetchall()
    return [(row[0], dict(zip(NAMES, row[1:], strict=True))) for row in found]


class TestByHand:
    """Texts of values."""

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ('{"a": 1}', {"a": "1"}),
            ('{"a": 1.50}', {"a": "1.5"}),
            ('{"a": 1e2}', {"a": "100"}),
            ('{"a": -0}', {"a": "0"}),
            ('{"a": ' + "9" * 5000 + "}", {"a": "9" * 5000}),
            ('{"a": true, "b": null}', {"a": "true", "b": None}),
            ('{"a": "x\\u00e9"}', {"a": "xé"}),
            ('{"b": {"c": "x"}}', {"b": '{"c":"x"}', "b.c": "x"}),
            (
                '{"d": [1, {"e": 2}]}',
                {"d": '[1,{"e":2}]', "d.0": "1", "d.1": '{"e":2}', "d.1.e": "2"},
            ),
            ('{"b.c": 1, "b": {"c": 2}}', {"b.c": "1", "b": '{"c":2}'}),
        ],
    )  # fmt: skip
    def test_texts(self, line: str, expected: dict[str, str | None]) -> None:
        """A value is the text that stands for it, under the path that leads to it."""
        assert flattened(line) == expected

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("", Reason.WRONG_TYPE),
            ("[1]", Reason.BAD_ROW),
            ("7", Reason.BAD_ROW),
            ('{"a": 1, "a": 2}', Reason.DUPLICATE_KEY),
            ('{"a": NaN}', Reason.NON_FINITE),
            ('{"a": 1e999}', Reason.NON_FINITE),
            ("[" * 100_000, Reason.TOO_DEEP),
            ('{"a": 1' + "[" * 201, Reason.TOO_DEEP),
        ],
    )
    def test_what_is_no_row(self, line: str, reason: Reason) -> None:
        """What is no object, or not one that has one meaning, has its reason."""
        found = flattened(line)
        assert isinstance(found, Problem)
        assert (found.reason, found.field) == (reason, None)

    def test_which_columns_there_are(self, scratch: Scratch) -> None:
        """A column is there if any line has it, be it null."""
        by_sql(scratch, ["{", '{"a": null}', '{"b": {"c": 1}}'])
        assert Shapes.of(scratch, "lines", NAMES).names == ("a", "b.c", "b")
        assert Shapes.of(scratch, "lines", ()).names == ()

    @pytest.mark.parametrize(
        ("lines", "is_doubled"),
        [
            (['{"a": 1, "a": 2}', '{"a": 1}'], True),
            (['{"b": {"c": 1, "c": 2}}'], True),
            (['{"a": 1, "b": {"a": 2}}', '{"a": 1}', "{"], False),
        ],
    )
    def test_a_key_that_stands_twice(
        self, scratch: Scratch, lines: list[str], is_doubled: bool
    ) -> None:
        """One line that has a key twice is found among all of them."""
        by_sql(scratch, lines)
        assert Shapes.of(scratch, "lines", NAMES).is_doubled is is_doubled

    @pytest.mark.parametrize(
        ("text", "is_odd"),
        [
            ('{"a": NaN}', True),
            ('{"a": [1,-inf]}', True),
            ('{"a": 1, }', True),
            ('{"a": [1,]}', True),
            ('{"a": "finance or information"}', False),
            ('{"a": 1e999}', True),
            ('{"a": 7e-400}', True),
            ('{"a": 7E+400}', True),
            ('{"a": 1.5, "b": "see you at 5pm, east gate"}', False),
        ],
    )
    def test_numbers_without_end_are_seen(self, tmp_path: Path, text: str, is_odd: bool) -> None:
        """Wherever in the file it stands, also where two blocks meet."""
        for size in (0, BLOCK - 8, BLOCK - 4, 2 * BLOCK - 5):
            path = tmp_path / "lines"
            path.write_text("x" * size + text)
            assert may_be_loose(path) is is_odd


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["NaN", "1e999", "\ud800", 1e16, 1e-5, 0.0001, -0.0, 10**30, 1.5, 100.0])
)
KEYS = ["c", "f", "g", "x"]


def values(keys: list[str]) -> st.SearchStrategy[Any]:
    """Values of JSON, with these keys in their objects."""
    return st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(keys), inner, max_size=3)
        ),
        max_leaves=4,
    )


VALUES = values(KEYS)
# Keys that one path can reach in several ways, and texts with what JSON escapes.
TRICKY = values([*KEYS, "c.f", "f.g", "0", "", '"', "\\"]) | st.text('"\\:,{}\n\u00e9a', max_size=8)


class TestByLaw:
    """Two lanes, one text."""

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        objects=st.lists(
            st.dictionaries(st.sampled_from(["a", "b", "d", "e", "b.c", "z"]), VALUES, max_size=4),
            max_size=8,
        ),
        junk=st.lists(st.text('{}[]":,a1 ', max_size=8), max_size=4),
    )
    def test_sql_and_python_read_alike(
        self, scratch: Scratch, objects: list[dict[str, Any]], junk: list[str]
    ) -> None:
        """Whatever SQL does not leave to Python, it reads as Python does."""
        lines = [json.dumps(one) for one in objects] + junk
        for line, (is_left, found) in zip(lines, by_sql(scratch, lines), strict=True):
            expected = flattened(line)
            if is_left:
                continue
            assert not isinstance(expected, Problem), line
            assert found == {name: expected.get(name) for name in NAMES}, line

    def test_plain_lines_are_not_left_to_python(self, scratch: Scratch) -> None:
        """What vendors usually send is read by SQL."""
        lines = [
            '{"a": "x", "b.c": 12.25, "z": [1, 2]}',
            '{"a": 7, "e": {"f": {"g": true}}}',
            '{"a": "it\'s \\"so\\"", "b": null}',
            "{}",
        ]
        assert not any(is_left for is_left, _ in by_sql(scratch, lines))


class TestLineReader:
    """The fast way through a line: never another text than the long way's."""

    @given(
        objects=st.lists(
            st.dictionaries(
                st.sampled_from(["a", "b", "d", "e", "b.c", "e.f", "e.f.g", "z"]),
                VALUES | TRICKY,
                max_size=4,
            ),
            max_size=4,
        ),
        junk=st.lists(st.text('{}[]":,a1 \\', max_size=12), max_size=4),
        spaced=st.booleans(),
        is_ascii=st.booleans(),
    )
    def test_reads_as_flattened_does(
        self, objects: list[dict[str, Any]], junk: list[str], spaced: bool, is_ascii: bool
    ) -> None:
        """Each wanted text is the same, and each refusal too."""
        separators = (" ,\t", " : ") if spaced else (",", ":")
        texts = [json.dumps(one, separators=separators, ensure_ascii=is_ascii) for one in objects]
        # A line comes from UTF-8, which holds no half of a character but an escaped one.
        lines = [text.encode("utf-8", "replace").decode() for text in (*texts, *junk)]
        for wanted in ([], ["a", "b.c", "d"], ["b", "b.c", "e.f"], ["d.0", "d.00", "d.1.c"], NAMES):
            read = line_reader(wanted)
            for line in lines:
                found, expected = read(line), flattened(line)
                if isinstance(expected, Problem):
                    assert found == expected, line
                    continue
                assert not isinstance(found, Problem), line
                kept = [
                    {name: one[name] for name in wanted if name in one} for one in (found, expected)
                ]
                assert kept[0] == kept[1], line

    @pytest.mark.parametrize(
        "line",
        [
            '{"a": 1, "a": 2}',
            '{"a" : "x", "\\u0061": "y"}',
            '{"z": {"c": 1, "c": 2}}',
            '{"a": "\\":", "a": 1}',
            '{"b": [{"c": 1, "c": 2}]}',
            '{"z": "\\\\", "a": "\\\\\\"", "a": 1}',
        ],
    )
    def test_a_key_that_stands_twice(self, line: str) -> None:
        """A key is found twice at whatever depth, and however it is spelled."""
        found = line_reader(["a", "b.c"])(line)
        assert isinstance(found, Problem)
        assert found.reason is Reason.DUPLICATE_KEY

    @pytest.mark.parametrize(
        "line",
        [
            '{"a": "it\'s \\"so\\"\\n", "b": {"c": "\\u00e9\\\\"}}',
            '{"b": {"c": [1, {"x": 2.5}]}, "d": [1, 2]}',
            '{"e": {"f": {"g": "deep"}}}',
        ],
    )
    def test_ordinary_lines_go_the_fast_way(
        self, line: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Texts with escapes, nested values and deep paths do not cost the long way."""
        expected = flattened(line)
        assert not isinstance(expected, Problem)
        monkeypatch.setattr("cxm_core.store.tables._json_rows.flattened", pytest.fail)
        found = line_reader(NAMES)(line)
        assert not isinstance(found, Problem)
        assert {name: found[name] for name in NAMES if name in found} == {
            name: expected[name] for name in NAMES if name in expected
        }

    @pytest.mark.parametrize("digits", [3_999, 4_000, 4_200, 5_000])
    @pytest.mark.parametrize("line", ['{"a": %s}', '{"b": {"c": -%s}}', '{"b": {"c": [%s]}}'])
    def test_digits_without_end(self, line: str, digits: int) -> None:
        """An integer of any length has the text that the long way gives it."""
        text = line % ("7" * digits)
        found, expected = line_reader(NAMES)(text), flattened(text)
        assert not isinstance(found, Problem)
        assert not isinstance(expected, Problem)
        assert all(found.get(name) == expected.get(name) for name in NAMES)
