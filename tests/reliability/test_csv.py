"""CSV-01, CSV-02, CSV-06: what we write runs in no spreadsheet, and no cell of it is lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.records import Note, Record, Ticket
from cxm_core.report import Column, Table, from_csv, read_csv, to_csv, to_tables, write_csv
from cxm_core.workspace import Workspace, read_export
from reliability.hostile_texts import FORMULAS, XSS
from reliability.spreadsheet import bare, opened
from report.sample import page_full_of
from workspace.desks import answer, shop

#: Signs that begin a formula, and what a reader may skip before it looks for one.
SIGNS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b")
SKIPPED = " \x00\x0b\x0c\x1c\x85\u00a0\u00ad\u2003\u200b\u200e\u2028\u2060\u3000\ufeff"
SEPARATORS = ",;|\t"
ANY_CELL = (
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
    | st.text("'=+-@,;|\t\r\n\" a\uff1d\u00a0\x00\ufeff", max_size=9)
    | st.sampled_from([text for text in FORMULAS if text.isprintable()])
)


def without_halves(text: str) -> str:
    """Text as UTF-8 can hold it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def tables() -> Mapping[str, Table]:
    """Every table of a report, with every formula in every text column of every table."""
    pages = [to_tables(page_full_of(text)) for text in FORMULAS]
    return {name: joined([page[name] for page in pages]) for name in pages[0]}


def joined(parts: list[Table]) -> Table:
    """One table of the rows of many."""
    columns = [
        Column(
            name=column.name,
            type=column.type,
            values=[cell for part in parts for cell in part.columns[place].values],
        )
        for place, column in enumerate(parts[0].columns)
    ]
    return Table(name=parts[0].name, columns=columns)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Table, Path]]:
    """Every table of the report, and the file that it was written to."""
    folder = tmp_path_factory.mktemp("csv")
    return {name: (one, write_csv(one, folder / f"{name}.csv")) for name, one in tables().items()}


def text_cells(table: Table, rows: list[list[str]]) -> Iterator[str]:
    """Cells of the text columns, the header among them."""
    places = [at for at, kind in enumerate(table.types.values()) if kind == "text"]
    yield from rows[0]
    for row in rows[1:]:
        yield from (row[at] for at in places)


def read(text: str, separator: str = ",") -> list[list[str]]:
    """Rows as the standard library finds them."""
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def test_csv_01_no_cell_begins_a_formula(written: Mapping[str, tuple[Table, Path]]) -> None:
    """In every text column of every table the first letter that counts is no sign of a formula."""
    for table, path in written.values():
        rows = read(path.read_text("utf-8-sig"))
        begun = [cell for cell in text_cells(table, rows) if cell.lstrip(SKIPPED)[:1] in SIGNS]
        assert [cell for cell in begun if cell] == []


def test_csv_01_libreoffice_finds_no_formula(
    written: Mapping[str, tuple[Table, Path]], tmp_path: Path
) -> None:
    """Opened with formulas switched on: none in our files, many in one that is only quoted."""
    naive = tmp_path / "naive.csv"
    with naive.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([text] for text in FORMULAS)
    ours = tmp_path / "pack.csv"
    write_csv(said(FORMULAS), ours)
    found = opened([naive, ours, *(path for _, path in written.values())], tmp_path)
    assert len(found.pop("naive").formulas) >= 10
    assert {name: one.formulas for name, one in found.items() if one.formulas} == {}
    cells = [row[0] for row in read(ours.read_text("utf-8-sig"))[1:]]
    lost = [cell for cell in map(bare, cells) if cell not in found["pack"].texts]
    assert lost == []


@pytest.mark.slow
@pytest.mark.parametrize("separator", ";|\t")
def test_csv_02_libreoffice_with_another_separator(
    separator: str, written: Mapping[str, tuple[Table, Path]], tmp_path: Path
) -> None:
    """Opened with the separator of another country, no formula appears either."""
    files = [path for _, path in written.values()]
    found = opened(files, tmp_path, separator=separator)
    assert {name: one.formulas for name, one in found.items() if one.formulas} == {}


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("is_quoted", [True, False])
def test_csv_02_no_separator_sets_a_formula_free(
    separator: str, is_quoted: bool, written: Mapping[str, tuple[Table, Path]]
) -> None:
    """Read with any separator, with or without quotes, no piece of text begins a formula."""
    quoting = csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE
    for text in (to_csv(said(FORMULAS)), to_csv(written["quotes"][0])):
        lines = io.StringIO(text, newline="")
        for row in csv.reader(lines, delimiter=separator, quoting=quoting):
            for cell in row:
                piece = cell.lstrip('"')
                assert piece[:1] not in SIGNS or not piece or is_number(piece)


def is_number(cell: str) -> bool:
    """Whether a cell is a number of a column of numbers."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Every kind of record with formulas in every field that takes words, exported as CSV."""
    folder = tmp_path_factory.mktemp("export")
    texts = [text for text in FORMULAS if text.strip() and text.isprintable()]
    with Workspace(shop(), store="memory:") as workspace:
        workspace.add(one for at, text in enumerate(texts) for one in people(at, text))
        files = workspace.export(folder, format="csv")
    return {path.stem: path for path in files}


def people(at: int, text: str) -> Iterator[Record]:
    """Records that are full of a text."""
    said = answer(at, 9, verbatim=text, attributes={"said": text}, customer=[("external", text)])
    known = {"native_id": f"n{at}", "occurred_at": "2026-03-02T10:00Z"}
    yield said
    yield Note(**known, text=text)
    yield Ticket(**known, subject=text)


def test_csv_01_an_export_begins_no_formula(exported: Mapping[str, Path]) -> None:
    """No cell of what the workspace exports begins one, in any column of any kind."""
    assert set(exported) == {"response", "note", "ticket"}
    for path in exported.values():
        for row in read(path.read_text("utf-8-sig")):
            for cell in row:
                assert not cell or cell.lstrip(SKIPPED)[:1] not in SIGNS or is_number(cell)


def test_csv_01_libreoffice_finds_no_formula_in_an_export(
    exported: Mapping[str, Path], tmp_path: Path
) -> None:
    """Opened with formulas switched on, what the workspace exports has none."""
    found = opened(list(exported.values()), tmp_path)
    assert {name: one.formulas for name, one in found.items() if one.formulas} == {}
    assert len(found["note"].texts) > len(FORMULAS) / 2


def test_csv_06_an_export_is_imported_exactly(exported: Mapping[str, Path]) -> None:
    """import(export(x)) is x, record by record, on to a second export of the same bytes."""
    with Workspace(shop(), store="memory:") as workspace:
        records = [one for path in exported.values() for one in read_export(path)]
        assert len(records) > len(FORMULAS)
        workspace.add(records)
        again = workspace.export(exported["note"].parent / "again", format="csv")
    for path in again:
        assert path.read_bytes() == exported[path.stem].read_bytes()


def said(cells: tuple[str, ...]) -> Table:
    """Table of one column of text."""
    return Table(name="said", columns=[Column(name="said", type="text", values=cells)])


def test_csv_06_separators_in_text_make_no_rows(
    written: Mapping[str, tuple[Table, Path]],
) -> None:
    """The standard library finds as many rows and cells as there are, whatever a text holds."""
    for table, path in written.values():
        rows = read(path.read_text("utf-8-sig"))
        assert len(rows) == len(table) + 1
        assert {len(row) for row in rows} == {len(table.columns)}


def test_csv_06_every_table_reads_back(written: Mapping[str, tuple[Table, Path]]) -> None:
    """What was exported is imported as the very same table, cell by cell."""
    for name, (table, path) in written.items():
        assert read_csv(path, types=table.types) == table, name


def test_csv_06_the_packs_read_back() -> None:
    """Every hostile text of every pack survives a round trip, but for what UTF-8 cannot hold."""
    table = said((*FORMULAS, *XSS))
    back = from_csv(to_csv(table), types=table.types).columns[0].values
    assert back == tuple(map(without_halves, table.columns[0].values))  # type: ignore[arg-type]  # all are texts


@given(st.lists(st.none() | ANY_CELL, max_size=6))
def test_csv_06_any_text_reads_back(cells: list[str | None]) -> None:
    """import(export(x)) is x, a missing cell and an empty one told apart."""
    table = said(tuple(cells))  # type: ignore[arg-type]  # a cell may be missing
    assert from_csv(to_csv(table), types=table.types, name="said") == table


@given(st.lists(st.none() | ANY_CELL, min_size=1, max_size=6))
def test_csv_06_writing_twice_and_reading_twice(cells: list[str | None]) -> None:
    """A file that is exported, imported and exported again does not grow marks."""
    table = said(tuple(cells))  # type: ignore[arg-type]  # a cell may be missing
    text = to_csv(table)
    assert to_csv(from_csv(text, types=table.types, name="said")) == text
