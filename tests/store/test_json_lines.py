"""Lines of JSON: Python and SQL make the same text of them, or SQL leaves them to Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_core.records import Problem, Reason
from cxm_core.store._driver import Limits
from cxm_core.store._json_lines import flattened, lines_sql, present_names
from cxm_core.store._scratch import Scratch

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
    sql, cells = lines_sql("lines", NAMES), ", ".join(f"c{n}" for n in range(len(NAMES)))
    found = scratch.con.sql(sql).order("row").project(f"defer, {cells}").fetchall()
    return [(row[0], dict(zip(NAMES, row[1:], strict=True))) for row in found]


class TestByHand:
    """Texts of values."""

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ('{"a": 1}', {"a": "1"}),
            ('{"a": 1.50}', {"a": "1.5"}),
            ('{"a": 1e2}', {"a": "100.0"}),
            ('{"a": -0}', {"a": "0"}),
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
            ('{"a": 1, "a": 2}', Reason.BAD_ROW),
            ('{"a": NaN}', Reason.NON_FINITE),
            ('{"a": 1e999}', Reason.NON_FINITE),
            ("[" * 100_000, Reason.BAD_ROW),
            ('{"a": ' + "9" * 5000 + "}", Reason.WRONG_TYPE),
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
        assert present_names(scratch, "lines", NAMES) == ("a", "b.c", "b")
        assert present_names(scratch, "lines", ()) == ()


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["NaN", "1e999", "\ud800", 1e16, 1e-5, 0.0001, -0.0, 10**30, 1.5, 100.0])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["c", "f", "g", "x"]), inner, max_size=3)
    ),
    max_leaves=4,
)


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
