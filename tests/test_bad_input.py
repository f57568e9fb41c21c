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


SMALL = "id,date,score,comment\n1,2026-03-02,9,Café\n2,2026-03-02,3,hm\n3,2026-03-03,7,\n"
SMALL_PROGRAM = """
name = "Small"
zone = "UTC"
[[sources]]
name = "files:small"
[sources.config]
files = ["small.csv"]
{more}
[sources.config.row]
id = "{{id}}"
occurred_at = {{ column = "date", format = "%Y-%m-%d", zone = "UTC" }}
[[sources.config.questions]]
id = "recommend"
scale = "0-10"
column = "score"
verbatim = "comment"
"""


class TestOtherOddFiles:
    """The second table of the page, on a file of three answers."""

    @staticmethod
    def outcome(folder: Path, content: bytes, more: str = "") -> tuple[int, list[str], str]:
        """How many answers are kept, reasons of the rows set aside, and what the receipt says."""
        (folder / "small.csv").write_bytes(content)
        (folder / "cxm.toml").write_text(SMALL_PROGRAM.format(more=more), encoding="utf-8")
        with Workspace(folder / "cxm.toml", store="memory:") as workspace:
            (receipt,) = workspace.sync()
            kept = len(list(workspace.store.records("response")))
            return kept, [one.reason for one in workspace.quarantined()], str(receipt)

    @pytest.mark.parametrize(
        "content",
        [
            b"\xef\xbb\xbf" + SMALL.encode(),
            SMALL.replace("\n", "\r\n").encode(),
            SMALL.replace("\n", "\r").encode(),
            SMALL.replace("2,2026", "\n\n2,2026").encode(),
        ],
        ids=["byte-order-mark", "windows-lines", "mac-lines", "blank-lines"],
    )
    def test_read_as_meant(self, tmp_path: Path, content: bytes) -> None:
        """Marks, line ends and blank lines change nothing."""
        assert self.outcome(tmp_path, content)[:2] == (3, [])

    @pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
    def test_declared_encoding(self, tmp_path: Path, encoding: str) -> None:
        """A file is read in the encoding that the program says."""
        content = SMALL.encode(encoding)
        assert self.outcome(tmp_path, content, f'encoding = "{encoding}"')[:2] == (3, [])

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (SMALL.encode("utf-16"), 'encoding = "utf-16"'),
            (SMALL.replace(",", ";").encode(), "delimiter = ';'"),
        ],
        ids=["encoding", "delimiter"],
    )
    def test_undeclared(self, tmp_path: Path, content: bytes, said: str) -> None:
        """An encoding or delimiter that was not declared refuses the file, with the cure."""
        kept, reasons, receipt = self.outcome(tmp_path, content)
        assert (kept, reasons) == (0, [])
        assert said in receipt

    @pytest.mark.parametrize(
        ("old", "new", "kept", "reasons"),
        [
            (",hm", ',"hm', 2, ["bad_row"]),
            ("2,2026", "  ,2026", 2, ["missing_field"]),
            ("3,2026", "1,2026", 2, []),
            (SMALL.partition("\n")[2], "", 0, []),
        ],
        ids=["open-quote", "no-id", "one-id-twice", "header-only"],
    )
    def test_odd_rows(
        self, tmp_path: Path, old: str, new: str, kept: int, reasons: list[str]
    ) -> None:
        """What is wrong with one row concerns no other."""
        found = self.outcome(tmp_path, SMALL.replace(old, new).encode())
        assert found[:2] == (kept, reasons)
        assert ("stale 1," in found[2]) is (old == "3,2026")

    def test_later_of_two_rows_with_one_id(self, tmp_path: Path) -> None:
        """Of two rows with one id and no stamp, the later one is kept."""
        header, *rows = SMALL.replace("3,2026", "1,2026").splitlines()
        scores = []
        for order in (rows, rows[::-1]):
            self.outcome(tmp_path, "\n".join([header, *order, ""]).encode())
            with Workspace(tmp_path / "cxm.toml", store="memory:") as workspace:
                workspace.sync()
                found = {one.native_id: one for one in workspace.store.records("response")}
            scores.append(found["1/recommend"].score.value)  # type: ignore[attr-defined]  # a response
        assert scores == [7, 9]


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
