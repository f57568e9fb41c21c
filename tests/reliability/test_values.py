"""Values that no careful program should believe: each fault by all the ways in that it can take."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import UsageError
from cxm_core.program import Program
from cxm_core.records import (
    Note,
    Order,
    Problem,
    Reason,
    Response,
    Score,
    canonical_json,
    check,
    read_row,
)
from cxm_core.store import open_store
from cxm_core.vocabulary import Identifier, Money
from cxm_core.workspace import Workspace
from reliability.fuzz_ways import MAPPING
from reliability.ways_in import (
    FILE_WAYS,
    NOW,
    Outcome,
    config,
    kept_objects,
    line,
    lines,
    served,
    synced,
)

REPLACED = "verbatim: characters that no text can keep"
PROGRAM = """
name = "Values"
zone = "UTC"

[[metrics]]
name = "nps"
engine = "nps"
question = "q"
weighted = true

[report]
headline = ["nps"]
windows = ["2026"]
quotes = { question = "q" }
"""


def workspace(found: Outcome) -> Workspace:
    """What reads the store of a sync."""
    return Workspace(Program.parse(PROGRAM), store=found.store, clock=lambda: NOW)


def refused(**values: Any) -> Reason:
    """Why the row lane makes no response of a flat row."""
    row = {"native_id": "1", "occurred_at": "2026-11-05T09:00Z", **values}
    problem = check("response", row)
    assert isinstance(problem, Problem)
    return problem.reason


def by_row(**texts: str) -> Reason | None:
    """Verdict of the row lane on a row of text."""
    row = {"id": "1", "at": "2026-11-05T09:00:00Z", "score": "9", **texts}
    found = read_row(MAPPING, row)
    return found.reason if isinstance(found, Problem) else None


class TestNumbers:
    """Scores and weights that are none."""

    @pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999"])
    def test_value_01_not_finite_in_json(self, tmp_path: Path, token: str) -> None:
        """A number without end sets its line aside, and no metric hears of it."""
        bad = line().replace("1.5", token).replace('"good"', '"bad"')
        found = lines(tmp_path, bad)
        assert found.reasons == {"non_finite": 1}
        assert [one.weight for one in found.records.values()] == [1.5]
        with workspace(found) as ws:
            measured = ws.measure("nps")
        assert (measured.value, measured.n) == (100.0, 1)

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_value_01_not_finite_in_tables(self, tmp_path: Path, way: str) -> None:
        """In a cell, too, and in a column of floats."""
        odd = [float("nan"), float("inf"), 1.0] if way == "parquet" else ["nan", "-inf", "1e999"]
        found = served(tmp_path, [{"weight": value} for value in [*odd, 2.0]], way)
        if way == "parquet":
            # A NaN of a typed column is a number that is none, as infinity is.
            assert found.reasons == {"non_finite": 2}
            return
        assert found.reasons == {"non_finite": 3}
        assert by_row(weight="nan") is by_row(weight="1e999") is Reason.NON_FINITE

    def test_value_01_not_finite_in_objects(self) -> None:
        """An app cannot make such a record."""
        assert refused(weight=float("nan")) is refused(weight=float("inf")) is Reason.NON_FINITE

    @pytest.mark.parametrize("digits", ["1" + "0" * 30, "9" * 5000])
    @pytest.mark.parametrize("way", ["csv", "jsonl"])
    def test_value_02_huge_integer(self, tmp_path: Path, way: str, digits: str) -> None:
        """A number of thirty or five thousand digits is out of range, at its column."""
        if way == "csv":
            found = served(tmp_path, [{}, {"score": digits}], way)
        else:
            found = lines(tmp_path, line(id="bad").replace('"score": 9', f'"score": {digits}'))
        assert found.reasons == {"out_of_range": 1}
        assert [one.field for one in found.quarantined] == ["score_value"]
        assert len(found.records) == 1
        assert by_row(score=digits) is Reason.OUT_OF_RANGE

    def test_value_02_huge_integer_that_nobody_reads(self, tmp_path: Path) -> None:
        """In a key that no mapping names it does no harm."""
        found = lines(tmp_path, line(id="more").replace("{", '{"z": ' + "9" * 5000 + ", ", 1))
        assert found.reasons == {}
        assert set(found.records) == {"good", "more"}

    def test_value_02_huge_integer_in_objects(self) -> None:
        """An app is told, too."""
        row = {"score_value": 10**30, "score_low": 0, "score_high": 10, "score_scale": "0-10"}
        assert refused(**row) is Reason.OUT_OF_RANGE

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_value_10_truth_value_as_score(self, tmp_path: Path, way: str) -> None:
        """True is not 1."""
        rows = [{"score": True}, {"score": False}]
        found = served(tmp_path, rows, way)
        assert found.reasons == {"wrong_type": 2}
        assert found.records == {}

    def test_value_10_truth_value_as_score_of_an_object(self) -> None:
        """True is no level of a scale, and no weight."""
        with pytest.raises(UsageError, match="whole number"):
            Score(True, "0-10")
        assert refused(weight=True) is Reason.WRONG_TYPE
        assert by_row(score="true") is Reason.WRONG_TYPE

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_value_11_digits_of_other_forms(self, tmp_path: Path, way: str) -> None:
        """Blanks around a number do not count, as declared; no other form is guessed."""
        rows = [{"score": text} for text in (" 7 ", "1_0", "\u0663", "\uff17", "+7", "0x7", "7,0")]
        found = served(tmp_path, rows, way)
        assert found.reasons == {"wrong_type": 6}
        (only,) = found.records.values()
        assert only.score == Score(7, "0-10")
        assert by_row(score="\u0663") is by_row(score="1_0") is Reason.WRONG_TYPE

    def test_value_11_digits_in_objects(self) -> None:
        """A text is never turned into a number."""
        with pytest.raises(UsageError):
            Score("7", "0-10")  # type: ignore[arg-type]  # the wrong type is what is tried
        assert refused(weight="7") is Reason.WRONG_TYPE


class TestJson:
    """Lines that are JSON to somebody."""

    @pytest.mark.parametrize(
        "deep",
        [
            "[" * 100_000,
            '{"id": "bad", "z": ' + "[" * 100_000 + "]" * 100_000 + "}",
            '{"id": "bad", "z": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}",
            line(id="bad")[:-1] + ', "z": ' + "[" * 250 + "]" * 250 + "}",
        ],
        ids=["open", "lists", "objects", "250"],
    )
    def test_value_03_deep_nesting(self, tmp_path: Path, deep: str) -> None:
        """A depth without bottom is set aside, and nothing overflows."""
        found = lines(tmp_path, deep, line(id="after"))
        assert found.reasons == {"too_deep": 1}
        assert set(found.records) == {"good", "after"}

    def test_value_03_many_brackets_are_no_depth(self, tmp_path: Path) -> None:
        """Brackets beside one another, or in a text, are no depth."""
        flat = line(id="flat", z=[[]] * 300)
        words = line(id="words", said="[" * 300 + '"{')
        found = lines(tmp_path, flat, words)
        assert set(found.records) == {"good", "flat", "words"}

    @pytest.mark.parametrize(
        "twice",
        [
            line(id="bad").replace('"score": 9', '"score": 1, "score": 10'),
            line(id="bad").replace('"score": 9', '"score": 9, "score": 9'),
            line(id="bad").replace('"score": 9', '"score" : 1, "sc\\u006fre": 10'),
            line(id="bad").replace('"score": 9', '"z": 1, "score": 9, "z": 2'),
        ],
        ids=["two-values", "one-value", "spelled-otherwise", "unknown-key"],
    )
    def test_value_04_duplicate_key(self, tmp_path: Path, twice: str) -> None:
        """A key that stands twice has no meaning, however it is spelled."""
        found = lines(tmp_path, twice)
        assert found.reasons == {"duplicate_key": 1}
        assert set(found.records) == {"good"}


class TestTexts:
    """Words that not every program can bear."""

    def test_value_05_lone_surrogate(self, tmp_path: Path) -> None:
        """Half a character becomes U+FFFD and is counted; store, report and CSV can write it."""
        found = lines(tmp_path, line(id="half").replace("Fine", "a\\ud800b"))
        assert found.receipt.drift == {REPLACED: 1}
        text = found.records["half"].verbatim
        assert text == "a\ufffdb"
        assert canonical_json(text).encode() == '"a\ufffdb"'.encode()
        with workspace(found) as ws:
            page = ws.report(tmp_path / "report.html", tables=tmp_path / "tables")
            exported = ws.export(tmp_path / "out", format="csv")
        (table,) = (one for one in exported if one.stem == "response")
        assert "a\ufffdb" in page.read_text(encoding="utf-8")
        assert "a\ufffdb" in (tmp_path / "tables" / "quotes.csv").read_text(encoding="utf-8")
        assert "a\ufffdb" in table.read_text(encoding="utf-8")

    def test_value_05_lone_surrogate_in_objects(self) -> None:
        """So it is with records that an app made; in an id, half a character is refused."""
        note = Note(native_id="1", occurred_at=NOW, text="a\ud800b")
        found = kept_objects(open_store("memory:", clock=lambda: NOW), [note])
        (kept,) = found.store.records("note")
        assert isinstance(kept, Note)
        assert kept.text == "a\ufffdb"
        assert refused(native_id="\ud800") is Reason.BAD_ENCODING

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_value_06_control_characters(self, tmp_path: Path, way: str) -> None:
        """NUL and its like become U+FFFD in words, and are counted; the batch goes on."""
        controls = "".join(map(chr, [*range(0x20), 0x7F])).replace("\r", "").replace("\n", "")
        found = served(tmp_path, [{"said": f"a{controls}b"}, *[{}] * 20], way)
        assert found.reasons == {}
        assert found.receipt.drift == {REPLACED: 1}
        kept = found.records["0"].verbatim or ""
        assert "\0" not in kept
        assert kept.count("\ufffd") == len(controls) - 1  # the tab stays
        assert by_row(id="a\0b") is Reason.BAD_PATTERN

    def test_value_07_invalid_utf_8(self, tmp_path: Path) -> None:
        """Bytes that are no character cost their row, and no other."""
        bad = line(id="bad").encode().replace(b"Fine", b"\xff\xfe")
        found = lines(tmp_path, bad, line(id="after"))
        assert found.reasons == {"bad_encoding": 1}
        assert set(found.records) == {"good", "after"}

    def test_value_07_invalid_utf_8_in_csv(self, tmp_path: Path) -> None:
        """So it is in CSV."""
        served(tmp_path, [{}, {"said": "BYTES"}, {}], "csv")
        path = tmp_path / "rows.csv"
        path.write_bytes(path.read_bytes().replace(b"BYTES", b"caf\xe9 \xff\xfe"))
        found = synced(tmp_path, config("rows.csv"))
        assert found.reasons == {"bad_encoding": 1}
        assert set(found.records) == {"0", "2"}

    @pytest.mark.parametrize("way", ["csv", "jsonl"])
    def test_value_08_ten_megabytes(self, tmp_path: Path, way: str) -> None:
        """A cell of 10 MB is set aside; the rows beside it are kept."""
        found = served(tmp_path, [{}, {"said": "x" * 10_000_000}, {}], way)
        assert found.reasons == {"too_large": 1}
        assert set(found.records) == {"0", "2"}
        (entry,) = found.quarantined
        assert len(entry.raw) < 100_000

    def test_value_08_ten_megabytes_in_bounded_memory(self, tmp_path: Path) -> None:
        """Ten such rows take what a few blocks take; that their copies pile up would be seen."""
        grown = [_peak(tmp_path / str(count), count) for count in (1, 10)]
        assert grown[1] - grown[0] < 320 << 10  # KiB; nine rows more are 88 MiB

    def test_value_08_ten_megabytes_in_objects(self) -> None:
        """An app is told."""
        assert refused(verbatim="x" * 10_000_000) is Reason.TOO_LARGE

    @pytest.mark.parametrize("way", FILE_WAYS)
    @pytest.mark.parametrize("text", ["", " ", "\t", "\u200b", "\u200b \u00a0\ufeff"])
    def test_value_15_nothing_to_see(self, tmp_path: Path, way: str, text: str) -> None:
        """Words of which nothing is visible are no comment."""
        found = served(tmp_path, [{"said": text}, {}], way)
        assert found.reasons == {}
        said = [one.verbatim for one in found.records.values()]
        assert sum(one is not None for one in said) == 1

    def test_value_15_nothing_to_see_in_objects(self) -> None:
        """So it is with records that an app made."""
        blank = Response(native_id="1", occurred_at=NOW, verbatim="\u200b\u2060 ")
        assert blank.verbatim is None


def _peak(folder: Path, count: int) -> int:
    """Peak of memory of a process that syncs so many rows of 10 MB."""
    folder.mkdir()
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as stream:
        stream.write(line() + "\n")
        for number in range(count):
            stream.write(line(id=str(number), said="x" * 10_000_000) + "\n")
    script = (
        "import resource, sys; from pathlib import Path; from reliability.ways_in import *\n"
        "found = synced(Path(sys.argv[1]), config('rows.jsonl'))\n"
        "assert found.reasons == {'too_large': int(sys.argv[2])}, found.reasons\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder), str(count)],
        capture_output=True,
        check=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    return int(done.stdout)


class TestPeopleAndMoney:
    """Identifiers that must not merge two people, and amounts that must not be added."""

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_value_19_ways_to_write_an_address(self, tmp_path: Path, way: str) -> None:
        """Capitals and blanks around an address do not count; dots and tags are another address."""
        texts = ["A.B+x@gmail.com", " a.b+X@Gmail.com ", "ab@gmail.com", "a.b@gmail.com"]
        found = served(tmp_path, [{"mail": text} for text in texts], way)
        customers = [found.records[str(number)].customer for number in range(4)]
        assert customers[0] == customers[1] == (Identifier.of("email", "a.b+x@gmail.com"),)
        assert len(set(customers)) == 3

    def test_value_19_ways_to_write_an_address_in_objects(self) -> None:
        """So it is with records that an app made."""
        made = [
            Response(native_id="1", occurred_at=NOW, customer=[("email", text)])
            for text in ("A.B+x@gmail.com", "a.b+x@gmail.com\u200b")
        ]
        assert made[0].customer == made[1].customer

    def test_value_21_money_needs_its_currency(self) -> None:
        """An amount without a currency is none, and no sum knows two currencies."""
        values = {"native_id": "1", "occurred_at": "2026-11-05T09:00Z", "total_minor": 1000}
        problem = check("order", values)
        assert isinstance(problem, Problem)
        assert (problem.reason, problem.field) == (Reason.MISSING_FIELD, "total_currency")
        with pytest.raises((TypeError, UsageError)):
            Money(1000, "EUR") + Money(1000, "USD")  # type: ignore[operator]  # never added
        with pytest.raises(UsageError):
            Order(native_id="1", occurred_at=NOW, total={"amount_minor": 10, "currency": ""})

    def test_value_21_money_in_a_file(self, tmp_path: Path) -> None:
        """A row whose amount has no currency is set aside; the others are kept apart."""
        rows = [
            {"id": "1", "at": "2026-11-05T09:00Z", "total": 1000, "currency": "EUR"},
            {"id": "2", "at": "2026-11-05T09:00Z", "total": 1000, "currency": "USD"},
            {"id": "3", "at": "2026-11-05T09:00Z", "total": 1000, "currency": None},
        ]
        (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
        fields = {"total_minor": "total", "total_currency": "currency"}
        found = synced(
            tmp_path,
            {
                "files": ["rows.jsonl"],
                "row": {"id": "id", "occurred_at": "at"},
                "records": [{"kind": "order", "fields": fields}],
            },
        )
        assert found.reasons == {"missing_field": 1}
        kept = [one for one in found.store.records("order") if isinstance(one, Order)]
        assert {one.total for one in kept} == {Money(1000, "EUR"), Money(1000, "USD")}
