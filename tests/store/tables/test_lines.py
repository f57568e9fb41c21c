"""Counting rows and reading lines in bounded memory."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_core.store.tables import _lines
from cxm_core.store.tables._lines import KEPT, Line, Survey, lines_of, survey

IN_FOLDER = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Blocks of seven bytes, so that everything stands on a border."""
    monkeypatch.setattr(_lines, "BLOCK", 7)
    return 7


class TestSurvey:
    """Rows and the longest of them."""

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"", Survey(0, 0)),
            (b"\n \n\r\n", Survey(0, 1)),
            (b"a,b\n1,2\n", Survey(2, 3)),
            (b"a,b\n1,2", Survey(2, 3)),
            (b'a\n"x\ny"\nz\n', Survey(3, 5)),
            (b'a\n"x""\n""y"\n', Survey(2, 9)),
            (b'a\n"never\ncloses\n', Survey(2, 14)),
            (b"\n\nabc\n\n\nd\n\n", Survey(2, 3)),
        ],
    )
    def test_by_hand(
        self, tmp_path: Path, small_blocks: int, content: bytes, expected: Survey
    ) -> None:
        """Blank lines are no rows, and a line end within quotes ends none."""
        path = tmp_path / "a.csv"
        path.write_bytes(content)
        found = survey(path, quote='"')
        assert found.rows == expected.rows
        assert abs(found.longest - expected.longest) <= 1  # a CR may count

    def test_without_quotes_every_line_counts(self, tmp_path: Path) -> None:
        """Where nothing quotes, a quote is a letter."""
        path = tmp_path / "a.jsonl"
        path.write_bytes(b'{"a": "\n"}\n')
        assert survey(path, quote="").rows == 2

    @IN_FOLDER
    @given(rows=st.lists(st.lists(st.text('ab",\n é'), min_size=2, max_size=3), max_size=8))
    def test_counts_what_the_csv_module_writes(
        self, tmp_path: Path, small_blocks: int, rows: list[list[str]]
    ) -> None:
        """Every row that is written is counted once, however it is cut into blocks."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        path = tmp_path / "a.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        assert survey(path, quote='"').rows == len(rows)


class TestLinesOf:
    """Lines, each once, none too long."""

    @IN_FOLDER
    @given(content=st.binary(max_size=60).map(lambda b: b.translate(_FEW)))
    def test_nothing_is_lost(self, small_blocks: int, content: bytes) -> None:
        """The lines together are the content, and each ends where Python says."""
        lines = [line.data for line in lines_of(io.BytesIO(content), longest=100)]
        assert lines == content.splitlines(keepends=True)

    def test_a_mark_in_front_is_no_text(self) -> None:
        """The byte order mark is left out, and only in front."""
        content = b"\xef\xbb\xbfa\n\xef\xbb\xbfb"
        lines = list(lines_of(io.BytesIO(content), longest=100))
        assert lines == [Line(b"a\n"), Line(b"\xef\xbb\xbfb")]

    def test_a_line_that_is_too_long_is_cut(self, small_blocks: int) -> None:
        """Of a line over the limit its beginning is left, and the next line is whole."""
        content = b"x" * (KEPT * 3) + b"\nshort\n"
        found = list(lines_of(io.BytesIO(content), longest=10))
        assert found[0].is_cut
        assert 0 < len(found[0].data) <= KEPT
        assert found[1:] == [Line(b"short\n")]

    def test_the_last_line_can_be_too_long(self, small_blocks: int) -> None:
        """Also a line that never ends is cut, once."""
        found = list(lines_of(io.BytesIO(b"a\n" + b"x" * 50), longest=10))
        assert [line.is_cut for line in found] == [False, True]


_FEW = bytes(b"ab\n\r,"[byte % 5] for byte in range(256))
