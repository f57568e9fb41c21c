"""CSV that no spreadsheet runs and that reads back to the very same table."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.report import Column, Table, from_csv, read_csv, to_csv, write_csv

FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x")',
    '"=1',
    "'=1",
    "''=1",
    "-5.2",
    "+49 30 123",
    "@maria",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    "\ufe66 1",
    " =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\x0b=1+1",
    "\u2003=1+1",
    "\u2028=1+1",
    "\u200e=1+1",
    "\u2060=1+1",
    "a;=1+1",
    'a","=1+1',
    "a\n-1",
    "a\t@x",
    "a|+1",
)
SIGNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
#: White space, and what has no width; the signs among it begin a formula themselves.
UNSEEN = " \x00\x0b\x0c\x1c\x85\u00a0\u00ad\u2003\u200b\u200e\u2028\u2060\u3000\ufeff"
MARKER = "Zq9marker"

_CELLS = {
    "text": st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
    | st.text("'=+-@,;|\t\r\n\" a\uff1d\u00a0", max_size=8)
    | st.sampled_from(FORMULAS),
    "integer": st.integers(),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "instant": st.datetimes(timezones=st.just(UTC)),
}


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Any table: any types, any names, missing cells anywhere."""
    types = draw(st.lists(st.sampled_from(sorted(_CELLS)), min_size=1, max_size=4))
    names = st.lists(_CELLS["text"], min_size=len(types), max_size=len(types), unique=True)
    count = draw(st.integers(0, 4))
    columns = [
        Column(
            name=name,
            type=kind,
            values=draw(
                st.lists(st.none() | _CELLS[kind], min_size=count, max_size=count).map(tuple)
            ),
        )
        for name, kind in zip(draw(names), types, strict=True)
    ]
    return Table(name="t", columns=columns)


def said(*cells: str | None) -> Table:
    """Table with one column of text."""
    return Table(name="t", columns=[Column(name="said", type="text", values=cells)])


@given(tables())
def test_what_was_written_reads_back(table: Table) -> None:
    """Reading is the exact inverse of writing."""
    assert from_csv(to_csv(table), types=table.types, name="t") == table


@given(tables())
def test_the_standard_reader_sees_the_same_rows(table: Table) -> None:
    """The file is RFC 4180: the standard library finds as many rows and cells."""
    rows = list(csv.reader(io.StringIO(to_csv(table), newline="")))
    assert len(rows) == len(table) + 1
    assert {len(row) for row in rows} == {len(table.columns)}


@given(st.lists(_CELLS["text"], min_size=1, max_size=4))
def test_no_text_cell_begins_like_a_formula(cells: list[str]) -> None:
    """Whatever a text cell holds, a spreadsheet takes it for text."""
    rows = list(csv.reader(io.StringIO(to_csv(said(*cells)), newline="")))[1:]
    assert len(rows) == len(cells)
    for (cell,) in rows:
        assert cell.lstrip(UNSEEN)[:1] not in set(SIGNS)


@given(st.lists(_CELLS["text"], min_size=1, max_size=4))
def test_no_other_separator_makes_a_formula(cells: list[str]) -> None:
    """A reader with another separator, or without quotes, meets no formula either."""
    pieces = re.split(r'[,;|\t\r\n"]', to_csv(said(*cells)))
    assert not [piece for piece in pieces if piece[:1] in set(SIGNS) and piece]


@pytest.mark.parametrize("formula", FORMULAS)
def test_each_formula_of_the_pack_comes_back(formula: str, tmp_path: Path) -> None:
    """Every known formula survives the way through a file."""
    table = said(formula, None, "")
    assert read_csv(write_csv(table, tmp_path / "t.csv"), types=table.types) == table


def test_the_rule_by_hand() -> None:
    """One apostrophe before a formula, one more where there was one; nothing elsewhere."""
    cells = ("=1", "'=1", "'quoted'", "fine", "2-1", "a;=1", "")
    written = [row[0] for row in csv.reader(io.StringIO(to_csv(said(*cells)), newline=""))]
    assert written[1:] == ["'=1", "''=1", "''quoted'", "fine", "2-1", "a;'=1", "'"]


def test_numbers_stay_numbers() -> None:
    """A negative number is no formula: it is written bare and read as a number by others."""
    column = Column(name="change", type="number", values=(-8.858635, None, 1e-300))
    text = to_csv(Table(name="t", columns=[column]))
    assert text.splitlines()[1] == "-8.858635"
    assert pd.read_csv(io.StringIO(text))["change"].dtype == "float64"


def test_missing_and_empty_are_two_things() -> None:
    """A missing text is an empty cell, an empty text is an apostrophe."""
    table = said(None, "")
    assert to_csv(table).splitlines()[1:] == ['""', '"\'"']
    assert from_csv(to_csv(table), types=table.types).rows == ((None,), ("",))


def test_the_file_says_that_it_is_utf8(tmp_path: Path) -> None:
    """Spreadsheets need the byte order mark to show an umlaut."""
    path = write_csv(said("Käse"), tmp_path / "t.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert pd.read_csv(path)["said"].tolist() == ["Käse"]


def test_a_cell_may_be_longer_than_the_standard_reader_allows() -> None:
    """A text of 200,000 letters comes back whole."""
    table = said("long " * 40_000)
    assert from_csv(to_csv(table), types=table.types, name="t") == table


def test_half_a_surrogate_pair_becomes_the_replacement_sign(tmp_path: Path) -> None:
    """What UTF-8 cannot hold does not stop the file from being written."""
    path = write_csv(said("a\ud800b"), tmp_path / "t.csv")
    assert read_csv(path, types={"said": "text"}).rows == (("a\ufffdb",),)


def test_an_edited_file_still_reads() -> None:
    """A spreadsheet that drops needless quotes and writes bare line feeds is understood."""
    text = "said,n\n'=1,3\nfine,\n"
    assert from_csv(text, types={"said": "text", "n": "integer"}).rows == (
        ("=1", 3),
        ("fine", None),
    )


@pytest.mark.parametrize(
    "text",
    [
        f'"other"\r\n"{MARKER}"\r\n',
        f'"said"\r\n"{MARKER}","{MARKER}"\r\n',
        f'"said"\r\n"{MARKER}',
        "",
    ],
)
def test_a_file_that_is_not_the_table_is_refused(text: str) -> None:
    """A wrong header, a ragged row, an open quote, an empty file: one error, without the words."""
    with pytest.raises(UsageError) as caught:
        from_csv(text, types={"said": "text"})
    assert MARKER not in str(caught.value)


@pytest.mark.parametrize("kind", ["integer", "number", "boolean", "instant"])
def test_a_cell_of_another_type_is_refused_without_its_words(kind: str) -> None:
    """The error names the column and the type, never the cell, not even in its causes."""
    with pytest.raises(UsageError, match=f"column 'n' is not {kind}") as caught:
        from_csv(f"n\r\n{MARKER}\r\n", types={"n": kind})
    assert MARKER not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_file_in_another_encoding_is_refused_without_its_bytes(tmp_path: Path) -> None:
    """Python's own error holds the whole file, so neither it nor a chain to it comes out."""
    path = tmp_path / "t.csv"
    path.write_bytes(f"said\r\nKäse {MARKER}\r\n".encode("cp1252"))
    with pytest.raises(UsageError, match=r"'t\.csv' is not UTF-8 text") as caught:
        read_csv(path, types={"said": "text"})
    assert MARKER not in repr(caught.value)
    assert caught.value.__context__ is None


def test_an_open_quote_fails_at_once() -> None:
    """A file that is one open quote of a million letters costs no more than reading it."""
    with pytest.raises(UsageError, match="not closed"):
        from_csv('"said"\r\n"' + 'a""' * 400_000, types={"said": "text"})


def test_bytes_do_not_depend_on_the_zone_of_an_instant() -> None:
    """Instants are written in UTC."""
    at = datetime.fromisoformat("2018-05-03T12:00:00-07:00")
    table = Table(name="t", columns=[Column(name="at", type="instant", values=(at,))])
    assert to_csv(table).splitlines()[1] == '"2018-05-03T19:00:00+00:00"'
