"""From an address to a store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxm_core.errors import ConfigurationError, MissingExtraError, UsageError
from cxm_core.records import Cell, Note, Reader, RowMapping, Table
from cxm_core.store import Limits, Store, diagnose, open_journal, open_store, rebuild_store

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def clock() -> datetime:
    """Return one and the same instant."""
    return NOW


class TestAddresses:
    """What an address may be."""

    @pytest.mark.parametrize(
        "address", ["postgresql://host/db", "postgres://host/db", "https://host/db", "md:db"]
    )
    def test_a_server_is_not_supported_yet(self, address: str) -> None:
        """An address of PostgreSQL is told to be too early, with the cure."""
        with pytest.raises(ConfigurationError, match=r"cxm\.duckdb"):
            open_store(address, clock=clock)

    @pytest.mark.parametrize("slip", ["memory", ":memory", "Memory:", " memory: "])
    @pytest.mark.parametrize("door", [open_store, open_journal, rebuild_store])
    def test_a_slip_makes_no_file(
        self,
        slip: str,
        door: Callable[..., object],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Memory without its colon is refused at every door, with the word that is meant."""
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ConfigurationError, match="Hint: memory: is"):
            door(slip, clock=clock)
        with pytest.raises(ConfigurationError, match="Hint: memory: is"):
            diagnose(slip)
        assert not list(tmp_path.iterdir())

    def test_memory_is_not_rebuilt(self) -> None:
        """A store in memory has nothing on the disk to rebuild it from."""
        with pytest.raises(UsageError, match="in memory"):
            rebuild_store("memory:", clock=clock)

    def test_a_file_may_be_called_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A path, or a text with a folder in it, is a file whatever its name."""
        pytest.importorskip("duckdb")
        monkeypatch.chdir(tmp_path)
        for place in (Path("memory"), "./memory"):
            open_store(place, clock=clock).close()
        assert (tmp_path / "memory").is_file()

    def test_a_path_may_be_text(self, tmp_path: Path) -> None:
        """A file is opened by its path, as text or as a path."""
        pytest.importorskip("duckdb")
        for path in (tmp_path / "a.duckdb", str(tmp_path / "b.duckdb")):
            store = open_store(path, clock=clock, limits=Limits(memory_limit="500MB", threads=1))
            assert isinstance(store.count("note"), int)
            store.close()
            assert Path(path).is_file()

    def test_each_memory_is_its_own(self) -> None:
        """Two stores in memory know nothing of each other."""
        first, second = (open_store("memory:", clock=clock) for _ in range(2))
        with first.transaction() as transaction:
            transaction.apply([Note(native_id="1", occurred_at=NOW, text="x")], source="app")
        assert (first.count("note"), second.count("note")) == (1, 0)


@pytest.fixture
def without_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python without the duckdb package."""
    monkeypatch.setitem(sys.modules, "duckdb", None)


@pytest.mark.usefixtures("without_duckdb")
class TestWithoutTheExtra:
    """What works where duckdb is not installed, and what says which extra it needs."""

    @pytest.fixture
    def memory(self) -> Store:
        """Open a store in memory."""
        return open_store("memory:", clock=clock)

    def test_a_file_needs_the_extra(self, tmp_path: Path) -> None:
        """A store in a file names the extra and the command that installs it."""
        with pytest.raises(MissingExtraError, match=r"cxm\[duckdb\]"):
            open_store(tmp_path / "a.duckdb", clock=clock)

    def test_memory_needs_no_extra(self, memory: Store) -> None:
        """Records are kept in memory, and read as columns, without it."""
        with memory.transaction() as transaction:
            transaction.apply([Note(native_id="1", occurred_at=NOW, text="x")], source="app")
        assert len(memory.read("note", columns=["text"])) == 1

    def test_reading_a_file_needs_the_extra(self, memory: Store, tmp_path: Path) -> None:
        """A table that is to be loaded names the extra."""
        mapping = RowMapping(
            kind="note",
            cells=tuple(
                (name, Cell(template="x")) for name in ("native_id", "occurred_at", "text")
            ),
        )
        reader = Reader(format="csv", paths=(str(tmp_path / "a.csv"),))
        table = Table(stream="a", reader=reader, mappings=(mapping,))
        with pytest.raises(MissingExtraError), memory.transaction() as transaction:
            transaction.load(table, source="app")


def test_the_door_does_not_load_duckdb() -> None:
    """Importing the store loads no DuckDB; opening a file does."""
    code = "import sys, cxm_core.store; print('duckdb' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
