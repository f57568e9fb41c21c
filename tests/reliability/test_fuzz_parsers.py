"""Bytes and texts of any sort, given to all that reads them: an answer or one of our errors."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cxm_connectors.files import Files, FilesConfig
from cxm_core.errors import ConfigurationError, StoreDamaged, UsageError
from cxm_core.plugins import ReadRequest, Runtime
from cxm_core.program import Program
from cxm_core.records import Problem, Reason, check, parse_text, read_row
from cxm_core.report import Column, Table, from_csv, read_csv, write_csv
from cxm_core.store import open_store
from cxm_core.store.journal._entries import read_entry
from cxm_core.store.journal._frames import encode_frame, scan
from cxm_core.testing import PERSONAL_MARKER
from reliability.fuzz import ODD, TEXTS, Mutator, good_row
from reliability.fuzz_ways import MAPPING

pytest.importorskip("duckdb")

SEED = int(os.environ.get("CXM_SEED", "20261121"))
TURNS = int(os.environ.get("CXM_TURNS", "1500"))
NOW = datetime(2026, 11, 21, tzinfo=UTC)
TYPES: tuple[Any, ...] = ("text", "integer", "number", "boolean", "instant", "date", "json")
FORMATS = ("iso", "%d.%m.%Y", "%m/%d/%Y %H:%M", "%Y-%m-%dT%H:%M:%S%z", "%Y%m%d")


@pytest.fixture
def rng() -> Random:
    """Chance that can be had again."""
    print(f"seed {SEED}")  # noqa: T201  (a failure shows it)
    return Random(SEED)


def refuses(work: Callable[[], object], *errors: type[Exception]) -> str:
    """Answer or refusal in our words, which never repeat what a person said."""
    told = ""
    try:
        work()
    except errors as error:
        told = str(error)
    assert PERSONAL_MARKER not in told
    return "refusal" if told else "answer"


class TestTexts:
    def test_cells(self, rng: Random) -> None:
        """Any text is a value of its type, or has a reason why not."""
        mutator = Mutator(rng)
        seeds = [*TEXTS, "5", "0.25", "true", "2026-11-05T09:00:00+01:00", "05.11.2026", '{"a":1}']
        for _ in range(TURNS * 2):
            text = mutator.line(rng.choice(seeds).encode()).decode("utf-8", "surrogateescape")
            kind = rng.choice(TYPES)
            found = parse_text(kind, text, format=rng.choice(FORMATS), zone="Europe/Berlin")
            assert isinstance(
                found, Reason | str | int | float | datetime | None | type(NOW.date())
            )

    def test_rows(self, rng: Random) -> None:
        """Any row of texts is a record or a problem."""
        mutator = Mutator(rng)
        found = [read_row(MAPPING, mutator.cells(good_row(n, rng))) for n in range(TURNS)]
        problems = [one for one in found if isinstance(one, Problem)]
        assert 0 < len(problems) < len(found)
        assert not [one for one in problems if PERSONAL_MARKER in one.message]

    def test_objects_of_every_kind(self, rng: Random) -> None:
        """Any value in any field of any kind is a record or a problem."""
        for kind in ("customer", "order", "ticket", "consent", "question", "rating_summary"):
            for value in (*ODD, *TEXTS):
                row = {"native_id": "1", "occurred_at": NOW, rng.choice(FIELDS): value}
                assert check(kind, row) is not None


FIELDS = ("native_id", "occurred_at", "customer", "name", "items", "counts", "attributes", "kind")


class TestFiles:
    def test_programs(self, rng: Random, sfo: Path) -> None:
        """A program file of any bytes is a program, or is refused with the place in it."""
        good = next(sfo.glob("*.toml")).read_bytes()
        mutator, path = Mutator(rng), sfo / "nowhere.toml"
        told = set()
        for _ in range(TURNS // 10):
            lines = good.split(b"\n")
            at = rng.randrange(len(lines))
            lines[at] = mutator.line(lines[at] or b"x = 1")
            text = b"\n".join(lines).decode("utf-8", "replace")
            told.add(refuses(lambda text=text: Program.parse(text, path=path), ConfigurationError))
        assert "refusal" in told

    def test_program_bytes(self, rng: Random, tmp_path: Path) -> None:
        """Bytes that are no text at all are refused too."""
        path = tmp_path / "cxm.toml"
        for _ in range(TURNS // 30):
            path.write_bytes(rng.randbytes(rng.randrange(200)))
            refuses(lambda: Program.load(path), ConfigurationError)
        path.write_bytes(b"\xff\xfe[")
        assert refuses(lambda: Program.load(path), ConfigurationError) == "refusal"

    def test_exports(self, rng: Random, tmp_path: Path) -> None:
        """A table whose file was changed is read, or refused."""
        columns = (
            Column(name="n", type="integer", values=(1, None)),
            Column(name="said", type="text", values=(PERSONAL_MARKER, '=1+"1"')),
            Column(name="at", type="instant", values=(NOW, None)),
        )
        data = Table(name="t", columns=columns)
        path = write_csv(data, tmp_path / "t.csv")
        good, mutator, told = path.read_bytes().split(b"\n"), Mutator(rng), set()
        for _ in range(TURNS // 3):
            at = rng.randrange(len(good))
            path.write_bytes(b"\n".join([*good[:at], mutator.line(good[at]), *good[at + 1 :]]))
            told.add(refuses(lambda: read_csv(path, types=data.types), UsageError))
            text = path.read_bytes().decode("utf-8", "replace")
            told.add(refuses(lambda text=text: from_csv(text, types=data.types), UsageError))
        assert told == {"answer", "refusal"}

    def test_journals(self, rng: Random) -> None:
        """Any bytes are frames and gaps that cover them all, and no changed frame is believed."""
        payloads = [rng.randbytes(rng.randrange(300)) for _ in range(5)]
        good, mutator = b"".join(map(encode_frame, payloads)), Mutator(rng)
        for _ in range(TURNS // 2):
            data = mutator.line(good)
            found = scan(data)
            covered = sum(place.end - place.start for place in found.places)
            assert covered == found.size == len(data)
            assert all(bytes(frame.payload) in payloads for frame in found.frames)

    def test_journal_entries(self, rng: Random) -> None:
        """A payload of any JSON, or of none, is an entry or is not, and never an error."""
        good = {
            "writer": "0" * 16, "number": 1, "after": 0, "part": 0, "is_last": True,
            "at": NOW.isoformat(), "source": "app:own", "records": [["note", {"native_id": "1"}]],
        }  # fmt: skip
        mutator = Mutator(rng)
        assert read_entry(json.dumps(good).encode()) is not None
        found = [read_entry(mutator.json_line(good)) for _ in range(TURNS)]
        assert None in found


STATES: tuple[Any, ...] = (
    {"files": [1]},
    {"files": {"a.csv": {"sha256": 1, "bytes": "x", "mapping": []}}},
    {"files": {"a.csv": {"sha256": "x", "bytes": True, "mapping": None}}},
    {"files": {"../../etc/passwd": {"sha256": "x", "bytes": 1, "mapping": "x"}}},
    {"files": {"a.csv": None}, "questions": {"__reduce__": ["os.system", "true"]}},
    {"py/object": "os.system"},
)
TEXTS_OF_STATES = (
    "", "null", "[]", "1", '"x"', "{", "cos\nsystem\n(S'true'\ntR.", "!!python/object:os.system",
    '{"a":' * 100_000, "\x80\x04\x95", "NaN",
)  # fmt: skip


class TestStates:
    @pytest.mark.parametrize("state", STATES)
    def test_a_hostile_state_is_no_memory(self, state: Any, tmp_path: Path) -> None:
        """A state of another form makes the files be served again, as if it were not there."""
        (tmp_path / "a.csv").write_bytes(b"ID,AT,SCORE\n1,2026-11-05,5\n")
        config = FilesConfig.model_validate(
            {
                "files": ["a.csv"],
                "row": {"id": "ID", "occurred_at": {"column": "AT", "zone": "UTC"}},
                "questions": [{"id": "score", "column": "SCORE", "scale": "1-5"}],
            }
        )
        connector = Files(config, Runtime(clock=lambda: NOW, root=tmp_path))
        again, fresh = (
            [type(one) for one in connector.read("rows", given, ReadRequest())]
            for given in (state, None)
        )
        assert again == fresh

    @pytest.mark.parametrize("text", TEXTS_OF_STATES)
    @pytest.mark.parametrize("column", ["state", "receipt"])
    def test_a_hostile_text_is_refused(self, text: str, column: str, tmp_path: Path) -> None:
        """What is no JSON object where the store keeps one is damage, and nothing is run."""
        store = open_store(tmp_path / "a.duckdb", clock=lambda: NOW)
        with store.transaction() as transaction:
            con = transaction._con
            if column == "state":
                sql = "INSERT INTO cxm_checkpoint VALUES ('a:b', 'rows', $1, now()::TIMESTAMP)"
            else:
                sql = "INSERT INTO cxm_receipt VALUES (1, 'a:b', 'rows', NULL, true, $1)"
            con.execute(sql, [text])
        asked = store.receipts if column == "receipt" else lambda: store.checkpoint("a:b", "rows")
        with pytest.raises(StoreDamaged, match="cannot be read"):
            asked()
        store.close()
