"""Ten dirty copies of the airport survey: what the page on bad input says is what happens."""

from __future__ import annotations

import csv
import gzip
import io
import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from cxm_core.cli import main
from cxm_core.records import Reason
from cxm_core.workspace import Workspace

PAGE = Path(__file__).resolve().parent.parent / "docs" / "how-to" / "bad-input.md"
ROW = re.compile(
    r"^\| `(?P<name>[\w-]+)` \| .* "
    r"\| (?:none|(?P<count>\d+) `(?P<reason>\w+)`) \| (?P<code>\d) \|$",
    re.MULTILINE,
)
TOLD = {row["name"]: row for row in ROW.finditer(PAGE.read_text(encoding="utf-8"))}
ROWS = 200

Rows = list[list[str]]


def spoiled(spoil: Callable[[Rows], object]) -> Callable[[Rows], bytes]:
    """Maker of a file in which some cells or rows were changed."""

    def make(rows: Rows) -> bytes:
        spoil(rows)
        return as_csv(rows)

    return make


def as_csv(rows: Rows) -> bytes:
    """Rows as the text of a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def put(rows: Rows, at: int, column: str, cell: str) -> None:
    """Change one cell; row 0 is the header."""
    rows[at][rows[0].index(column)] = cell


def foreign_word(rows: Rows) -> bytes:
    """One cell in another encoding than the rest of the file."""
    put(rows, 3, "Q15A", "CAFE CLOSED")
    return as_csv(rows).replace(b"CAFE CLOSED", "CAFÉ CLOSED".encode("cp1252"))


def shuffle(rows: Rows) -> None:
    """Put the columns into another order, in every row alike."""
    order = list(range(len(rows[0])))
    random.Random(7).shuffle(order)
    rows[:] = [[row[place] for place in order] for row in rows]


def drop_column(rows: Rows) -> None:
    """Take one column out, header and all."""
    place = rows[0].index("NETPRO")
    for row in rows:
        del row[place]


def make_ragged(rows: Rows) -> None:
    """Cut one row short, and give another one two cells too many."""
    del rows[5][40:]
    rows[6] += ["one", "more"]


def undeclared_code(rows: Rows) -> None:
    """Write 99 for no answer, which no program declares."""
    for at in range(1, 8):
        put(rows, at, "NETPRO", "99")


def two_date_orders(rows: Rows) -> None:
    """Write dates that can be read with the day or with the month first."""
    for at in range(1, len(rows)):
        put(rows, at, "INTDATE", f"{1 + at % 12:02}/{1 + at % 7:02}/2018")


MAKERS: dict[str, Callable[[Rows], bytes]] = {
    "wrong-encoding": foreign_word,
    "shuffled-columns": spoiled(shuffle),
    "missing-column": spoiled(drop_column),
    "duplicated-rows": spoiled(lambda rows: rows.extend(rows[1:21])),
    "ragged-rows": spoiled(make_ragged),
    "wrong-missing-code": spoiled(undeclared_code),
    "empty": lambda _: b"",
    "binary": lambda _: random.Random(7).randbytes(20_000),
    "two-date-orders": spoiled(two_date_orders),
    "row-of-50-mb": spoiled(lambda rows: put(rows, 9, "Q15A", "x" * 50_000_000)),
}


@pytest.fixture
def rows(sfo: Path) -> Rows:
    """Header and first answers of the survey of 2018."""
    with gzip.open(sfo / "sfo_2018.csv.gz", "rt", encoding="utf-8", newline="") as text:
        return [row for row, _ in zip(csv.reader(text), range(ROWS + 1), strict=False)]


@pytest.fixture
def desk(tmp_path: Path, sfo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with the example's program, made to read one file `answers.csv`."""
    program = (sfo / "cxm.toml").read_text(encoding="utf-8")
    files = 'files = [{ path = "answers.csv", values = { wave = "2018" } }]'
    (tmp_path / "cxm.toml").write_text(
        re.sub(r"^files = \[.*?^\]", files, program, count=1, flags=re.MULTILINE | re.DOTALL),
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sync(monkeypatch: pytest.MonkeyPatch) -> int:
    """Exit code of `cxm sync` in the current folder."""
    monkeypatch.setattr(sys, "argv", ["cxm", "sync"])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def write(desk: Path, name: str, rows: Rows) -> None:
    """Put the dirty file where the program looks for it."""
    (desk / "answers.csv").write_bytes(MAKERS[name](rows))
    if name == "two-date-orders":
        program = (desk / "cxm.toml").read_text(encoding="utf-8")
        undeclared = re.sub(r"^occurred_at = .*$", 'occurred_at = "INTDATE"', program, flags=re.M)
        (desk / "cxm.toml").write_text(undeclared, encoding="utf-8")


class TestTenDirtyFiles:
    """The table of the page holds."""

    @pytest.mark.parametrize("name", MAKERS)
    def test_comes_to_what_the_page_says(
        self, name: str, desk: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Exit code, reason code and number of rows set aside are as told."""
        write(desk, name, rows)
        told = TOLD[name]
        assert sync(monkeypatch) == int(told["code"])
        with Workspace("cxm.toml", read_only=True) as workspace:
            found = Counter(entry.reason for entry in workspace.quarantined())
        assert found == ({told["reason"]: int(told["count"])} if told["reason"] else {})

    def test_message_shows_both_readings_of_a_date(
        self,
        desk: Path,
        rows: Rows,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """A date that can be read in two ways is refused with both, in words and as formats."""
        write(desk, "two-date-orders", rows)
        sync(monkeypatch)
        said = capsys.readouterr().err
        assert "day first" in said
        assert "month first" in said
        assert "%d/%m/%Y" in said
        assert "%m/%d/%Y" in said

    def test_every_receipt_balances(
        self,
        desk: Path,
        rows: Rows,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Duplicated rows are served twice and kept once, and the receipt says so."""
        write(desk, "duplicated-rows", rows)
        sync(monkeypatch)
        with Workspace("cxm.toml", read_only=True) as workspace:
            (receipt,) = workspace.store.receipts()
        assert receipt.duplicate > 0
        assert receipt.served == receipt.applied + receipt.duplicate


class TestPage:
    """The page is whole."""

    def test_tells_of_ten_files(self) -> None:
        """Every dirty file that is made has its row, and no row is without a file."""
        assert set(TOLD) == set(MAKERS)
        assert len(TOLD) == 10

    def test_tells_every_reason(self) -> None:
        """Every reason code is explained."""
        text = PAGE.read_text(encoding="utf-8").split("## Reason codes")[1]
        listed = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
        assert sorted(listed) == sorted(reason.value for reason in Reason)
