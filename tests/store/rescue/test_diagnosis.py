"""Looking at a store without changing anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from cxm_core.errors import UsageError
from cxm_core.records import Note
from cxm_core.store import Diagnosis, Store, diagnose, open_store
from cxm_core.store._recovery import log_path
from cxm_core.sync import add

duckdb = pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ROWS = 6_000
MAKE = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_diagnosis import make
kept = make(Path(sys.argv[1]))
os._exit(0)
"""


def clock() -> datetime:
    """Return one and the same instant."""
    return NOW


def make(path: Path) -> Store:
    """Make a store with rows in the file, and others in its log; it is still open."""
    rng = Random("rows")
    for part in range(2):
        store = open_store(path, clock=clock)
        numbers = range(part * ROWS, ROWS + part * 10)
        notes = [
            Note(native_id=str(n), occurred_at=NOW, text=rng.randbytes(100).hex()) for n in numbers
        ]
        with store.transaction() as transaction:
            transaction.apply(notes, source="files:notes")
            transaction.set_checkpoint("files:notes", "notes", {"part": part})
        add(store, [Note(native_id=str(part), occurred_at=NOW, text="x")], source="app:own")
        if part == 0:
            store.close()
    return store


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a store whose process was killed."""
    folder = tmp_path_factory.mktemp("template")
    command = [sys.executable, "-c", MAKE, str(folder / "cxm.duckdb"), str(Path(__file__).parent)]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """A copy of that store."""
    shutil.copytree(template, tmp_path / "copy")
    return tmp_path / "copy" / "cxm.duckdb"


def looked_at(path: Path) -> Diagnosis:
    """What a look shows, which changes no byte and leaves nothing behind."""

    def state() -> dict[str, bytes]:
        files = [one for one in path.parent.rglob("*") if one.is_file()]
        return {str(one): one.read_bytes() for one in files}

    before = state()
    found = diagnose(path)
    assert state() == before
    return found


def flip(path: Path, *places: int) -> None:
    """Turn bytes over."""
    content = bytearray(path.read_bytes())
    for place in places:
        content[place] ^= 0xFF
    path.write_bytes(content)


def test_a_sound_store(path: Path) -> None:
    """A store that a killed process left is sound: its log can be read."""
    found = looked_at(path)
    assert found.is_sound
    assert found.lost_transactions == 0
    rows = {table.name: (table.rows, table.readable) for table in found.tables}
    assert rows["note"] == (ROWS + 12, ROWS + 12)
    assert "is sound" in str(found)


def test_a_damaged_log(path: Path) -> None:
    """A log that cannot be read costs what it held, and the streams go back to the checkpoint."""
    flip(log_path(path), log_path(path).stat().st_size // 2)
    found = looked_at(path)
    assert not found.is_sound
    assert "log" in found.problems[0]
    assert found.lost_transactions == 2
    assert [(one.source, one.stream) for one in found.streams if one.source == "files:notes"]
    rows = {table.name: table.readable for table in found.tables}
    assert rows["note"] == ROWS + 1
    assert "Transactions that go back: 2." in str(found)
    assert "Records in the journal alone: 1." in str(found)
    assert path.exists()


def test_a_cut_log(path: Path) -> None:
    """A log that was cut is told by the mark."""
    os.truncate(log_path(path), 40)
    found = looked_at(path)
    assert found.lost_transactions == 2
    assert "Its log was cut" in found.problems[0]


def test_a_damaged_block(path: Path) -> None:
    """A block that cannot be read is told with the rows that it takes away."""
    open_store(path, clock=clock).close()
    size = path.stat().st_size
    flip(path, *(range(12_288 + 5_000, size, 262_144)))
    found = looked_at(path)
    assert not found.is_sound
    damaged = {table.name for table in found.tables if not table.is_whole}
    assert not found.tables or "note" in damaged
    assert any("cxm store rebuild" in cure for cure in found.cures)


def test_one_damaged_block_of_many(tmp_path: Path) -> None:
    """Rows beside a damaged block can still be read, and are counted."""
    path = tmp_path / "cxm.duckdb"
    rng = Random("more rows")
    store = open_store(path, clock=clock)
    for part in range(3):
        notes = [
            Note(native_id=f"{part}-{n}", occurred_at=NOW, text=rng.randbytes(300).hex())
            for n in range(2_500)
        ]
        with store.transaction() as transaction:
            transaction.apply(notes, source="files:notes")
    store.close()
    content = path.read_bytes()
    counts = set()
    for start in range(12_288, len(content), 262_144):
        damaged = bytearray(content)
        damaged[start + 9_000] ^= 1
        path.write_bytes(damaged)
        found = diagnose(path)
        counts |= {table.readable for table in found.tables if table.name == "note"}
    assert counts - {0, 7_500}, "no block holds only a part of the rows"


def test_a_file_that_is_none(path: Path) -> None:
    """A file of another kind, or one cut short, is told with the way back."""
    for content in (b"", b"a letter", path.read_bytes()[:20_000]):
        path.write_bytes(content)
        found = looked_at(path)
        assert not found.is_sound
        assert any("cxm store rebuild" in cure for cure in found.cures)
        assert not any("set aside" in cure for cure in found.cures), "its log may be whole"


def test_a_damaged_journal(path: Path) -> None:
    """A journal whose end cannot be read is told, though the store holds what it held."""
    segments = sorted(path.with_name("cxm.duckdb.journal").glob("*.cxmj"))
    flip(segments[0], 30)
    found = looked_at(path)
    assert any(problem.startswith("Journal: ") for problem in found.problems)


def test_no_store(tmp_path: Path) -> None:
    """Where there is no store yet, nothing is wrong."""
    found = looked_at(tmp_path / "cxm.duckdb")
    assert (found.is_sound, found.is_there) == (True, False)
    assert str(found) == "There is no store 'cxm.duckdb' yet."


def test_a_log_without_its_file(path: Path) -> None:
    """A log that is left alone is told."""
    path.unlink()
    found = looked_at(path)
    assert "missing" in found.problems[0]


def test_a_journal_alone(path: Path) -> None:
    """What only the journal holds is told, though nothing is wrong."""
    path.unlink()
    log_path(path).unlink()
    found = looked_at(path)
    assert (found.is_sound, found.is_there) == (True, False)
    assert found.costs[0].startswith("Records in the journal alone: ")
    assert str(found).endswith(found.costs[0])


def test_a_store_in_use(path: Path) -> None:
    """A store that this process has open is not looked at: that would let go of its lock."""
    store = open_store(path, clock=clock)
    with pytest.raises(UsageError, match="open in this process"):
        diagnose(path)
    with pytest.raises(UsageError, match="memory"):
        diagnose("memory:")
    store.close()
    assert diagnose(path).is_sound


def test_a_store_in_use_elsewhere(path: Path) -> None:
    """A store that another process holds is told, with its number."""
    code = """
import sys
from datetime import UTC, datetime
from cxm_core.store import open_store
store = open_store(sys.argv[1], clock=lambda: datetime(2026, 11, 21, tzinfo=UTC))
print("up", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "up\n"
        found = diagnose(path)
        assert any(f"Process {other.pid} holds" in problem for problem in found.problems)
        other.communicate()
