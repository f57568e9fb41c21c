"""Rows of files that are broken: the good ones are kept, the others named."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_core.store.tables._mending import Layout, Stray, first_row, mend

Rows = list[list[str]]


def mended(
    folder: Path, content: bytes, *, columns: int | None = 2, quote: str = '"', longest: int = 1000
) -> tuple[dict[int, list[str]], list[Stray]]:
    """Good rows by number, and strays, of a file without a header."""
    source, target = folder / "in.csv", folder / "out.jsonl"
    source.write_bytes(content)
    target.unlink(missing_ok=True)
    layout = Layout(columns=columns, delimiter=",", quote=quote, longest=longest)
    strays = list(mend(source, target, layout))
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    return {line.pop("row"): list(line.values()) for line in lines}, strays


class TestByHand:
    """What becomes of each kind of damage."""

    @pytest.mark.parametrize(
        ("content", "rows", "strays"),
        [
            (b"a,b\nc,d\n", {1: ["a", "b"], 2: ["c", "d"]}, []),
            (b"a,b\rc,d\r\n\n \ne,f", {1: ["a", "b"], 2: ["c", "d"], 3: ["e", "f"]}, []),
            (b'a,"b\nc"\n', {1: ["a", "b\nc"]}, []),
            (b'a, "b""c" \n', {1: ["a", 'b"c']}, []),
            (b'a,b"c\n', {1: ["a", 'b"c']}, []),
            (b"a,\n,\n", {1: ["a", ""], 2: ["", ""]}, []),
            (b'a,"b\nc,d\n', {2: ["c", "d"]}, [(1, "A quote never closes.")]),
            (
                b'a,"b\nc,"d"\n',
                {2: ["c", "d"]},
                [(1, "Text stands behind a closing quote.")],
            ),
            (b'a,"b"c\nd,e\n', {2: ["d", "e"]}, [(1, "Text stands behind a closing quote.")]),
            (b"a\nb,c\n", {2: ["b", "c"]}, [(1, "The row has 1 cells where 2 are expected.")]),
            (b"a,b,c\nd,e\n", {2: ["d", "e"]}, [(1, "The row has 3 cells where 2 are expected.")]),
            (
                b"a,\xff\nb,c\n",
                {2: ["b", "c"]},
                [(1, "Bytes in it are no text in the declared encoding.")],
            ),
            (b"a," + b"x" * 2000 + b"\nb,c\n", {2: ["b", "c"]}, [(1, "The row is too long.")]),
        ],
    )
    def test_rows_and_strays(
        self,
        tmp_path: Path,
        content: bytes,
        rows: dict[int, list[str]],
        strays: list[tuple[int, str]],
    ) -> None:
        """Each row has its number, and what is none has its number and its reason."""
        found, odd = mended(tmp_path, content)
        assert found == rows
        assert [(stray.row, stray.message) for stray in odd] == strays

    def test_a_quoted_cell_that_never_ends_costs_one_row(self, tmp_path: Path) -> None:
        """Not even a quote that is open for longer than a row may be takes the rest along."""
        content = b'a,"open\n' + b"".join(b"%d,x\n" % n for n in range(1000))
        found, odd = mended(tmp_path, content)
        assert (len(found), len(odd)) == (1000, 1)

    def test_a_row_may_be_as_long_as_the_limit(self, tmp_path: Path) -> None:
        """The limit holds for rows of several lines too."""
        inside = b'a,"' + b"x\n" * 300 + b'"\nb,c\n'
        found, odd = mended(tmp_path, inside)
        assert (len(found), odd) == (2, [])

    def test_what_is_kept_of_a_stray_is_short_and_clean(self, tmp_path: Path) -> None:
        """The beginning of a stray is text, whatever its bytes are."""
        _, (stray,) = mended(tmp_path, b"\xff\x00" + b"y" * 50_000 + b"\n", longest=10)
        assert len(stray.text) < 5_000
        assert stray.text.encode()

    def test_the_first_row_is_the_first_that_is_not_blank(self, tmp_path: Path) -> None:
        """A header is found behind a mark and blank lines; a file of nothing has none."""
        path = tmp_path / "a.csv"
        layout = Layout(columns=None, delimiter=",", quote='"', longest=100)
        path.write_bytes(b'\xef\xbb\xbf\n\n"a\nb",c\n1,2\n')
        assert first_row(path, layout) == ["a\nb", "c"]
        path.write_bytes(b" \n")
        assert first_row(path, layout) is None


class TestByLaw:
    """Whatever the csv module writes is read back."""

    @settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        rows=st.lists(
            st.lists(st.text('ab",\n\r é\x00'), min_size=2, max_size=2).filter(
                lambda row: "".join(row).strip()
            ),
            max_size=6,
        ),
        end=st.sampled_from(["\n", "\r\n"]),
    )
    def test_round_trip(self, tmp_path: Path, rows: Rows, end: str) -> None:
        """Cells come back as they were, with their quotes, delimiters and line ends."""
        text = io.StringIO()
        csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
        found, strays = mended(tmp_path, text.getvalue().encode(), longest=100_000)
        assert (list(found.values()), strays) == (rows, [])
