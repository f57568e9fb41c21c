"""A store's file among processes, crashes and damage."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxm_core.errors import (
    CxmError,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
)
from cxm_core.store import Limits, Store, open_store
from cxm_core.store._driver import connect_file, connect_scratch, run, translated
from cxm_core.testing import CrashAt, TestClock

duckdb = pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PRELUDE = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from cxm_core.records import Note
from cxm_core.store import open_store
path = Path(sys.argv[1])
clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
def add(store, *names):
    with store.transaction() as transaction:
        transaction.apply(
            [Note(native_id=n, occurred_at=clock(), text="x") for n in names], source="app"
        )
        transaction.set_checkpoint("app", "notes", {"last": names[-1]})
"""


def clock() -> datetime:
    """Return one and the same instant."""
    return NOW


def python(code: str, path: Path) -> subprocess.Popen[str]:
    """Run code in another process, with the path of a store."""
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What a process said."""
    with process:
        return process.communicate(timeout=60)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "cxm.duckdb"


@pytest.fixture
def held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the store."""
    process = python(
        "store = open_store(path, clock=clock); print('up', flush=True); input()", path
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    yield process
    ended(process)


class TestProcesses:
    """One process at a time."""

    @pytest.mark.parametrize("read_only", [False, True])
    def test_a_store_that_is_held_says_by_whom(
        self, path: Path, held: subprocess.Popen[str], read_only: bool
    ) -> None:
        """Whoever comes second is told the number of the process that holds the file."""
        with pytest.raises(StoreLocked, match=str(held.pid)) as caught:
            open_store(path, clock=clock, read_only=read_only)
        assert caught.value.context["pid"] == held.pid
        assert "Hint" in str(caught.value)

    def test_a_fork_does_not_share_a_store(self, path: Path) -> None:
        """A forked process that uses its parent's store is told, and harms nothing."""
        code = """
            import warnings; warnings.simplefilter("ignore")
            store = open_store(path, clock=clock)
            add(store, "1")
            child = os.fork()
            if not child:
                try:
                    store.count("note")
                except Exception as error:
                    print(type(error).__name__, "fork" in str(error), flush=True)
                store.close()
                sys.exit()
            os.waitpid(child, 0)
            add(store, "2")
            print(store.count("note"), flush=True)
            store.close()
        """
        assert ended(python(code, path))[0].splitlines() == ["StoreError True", "2"]

    def test_a_fork_amid_a_transaction_does_not_wait(self, path: Path) -> None:
        """A forked process is told at once, also while a thread of its parent was writing."""
        code = """
            import signal, threading, warnings; warnings.simplefilter("ignore")
            store = open_store(path, clock=clock)
            begun, done = threading.Event(), threading.Event()
            def write():
                with store.transaction():
                    begun.set()
                    done.wait()
            writer = threading.Thread(target=write)
            writer.start()
            begun.wait()
            child = os.fork()
            if not child:
                signal.alarm(20)
                try:
                    add(store, "1")
                except Exception as error:
                    print(type(error).__name__, "fork" in str(error), flush=True)
                os._exit(0)
            print(os.waitpid(child, 0)[1], flush=True)
            done.set()
            writer.join()
            store.close()
        """
        assert ended(python(code, path))[0].splitlines() == ["StoreError True", "0"]

    def test_one_process_may_open_a_store_twice(self, path: Path) -> None:
        """Two stores on one file in one process see the same, and write one after the other."""
        first, second = (open_store(path, clock=clock) for _ in range(2))
        with first.transaction() as transaction:
            transaction.set_checkpoint("app", "notes", {"n": 1})
        first.close()
        assert second.checkpoint("app", "notes") == {"n": 1}
        with pytest.raises(StoreError, match="other settings"):
            open_store(path, clock=clock, limits=Limits(threads=1))
        second.close()

    def test_nothing_is_said_at_exit(self, path: Path) -> None:
        """A program that opens, uses and closes a store has an empty standard error."""
        code = "store = open_store(path, clock=clock); add(store, '1'); store.close()"
        assert ended(python(code, path)) == ("", "")


class TestCrash:
    """A process that is killed leaves whole transactions and nothing else."""

    def test_kill_after_commit(self, path: Path) -> None:
        """What was committed is there after the process was killed, and the rest is not."""
        code = """
            store = open_store(path, clock=clock)
            add(store, "1", "2")
            with store.transaction() as transaction:
                transaction.set_checkpoint("app", "notes", {"last": "3"})
                os.kill(os.getpid(), 9)
        """
        process = python(code, path)
        ended(process)
        assert process.returncode == -signal.SIGKILL
        store = open_store(path, clock=clock)
        assert (store.count("note"), store.checkpoint("app", "notes")) == (2, {"last": "2"})
        store.close()

    @pytest.mark.parametrize("number", [1, 2])
    def test_kill_while_a_store_is_made(self, path: Path, number: int) -> None:
        """A store that was half made is made whole by whoever opens it next."""
        with pytest.raises(KeyboardInterrupt):
            open_store(path, clock=clock, faults=CrashAt(number))
        store = open_store(path, clock=clock)
        assert store.count("note") == 0
        store.close()

    def test_a_crash_in_a_transaction_frees_the_file(self, path: Path) -> None:
        """After a crash in a transaction the same process can open the file anew."""
        store = open_store(path, clock=TestClock(), faults=CrashAt(3))
        with pytest.raises(KeyboardInterrupt), store.transaction() as transaction:
            transaction.set_checkpoint("app", "notes", {"n": 1})
        store.close()
        again = open_store(path, clock=clock)
        assert again.checkpoint("app", "notes") is None
        again.close()


class TestDamage:
    """A file that is no store, or no longer one."""

    @pytest.mark.parametrize("content", [b"", b"abc", b"SQLite format 3\x00" + b"\0" * 5000])
    def test_a_file_that_is_no_store(self, path: Path, content: bytes) -> None:
        """A file of another kind is refused and left as it is."""
        path.write_bytes(content)
        with pytest.raises(StoreDamaged, match=r"cxm\.duckdb"):
            open_store(path, clock=clock)
        assert path.read_bytes() == content

    def test_a_database_that_is_no_store(self, path: Path) -> None:
        """A DuckDB database of somebody else is refused and left as it is."""
        with duckdb.connect(str(path)) as con:
            con.execute("CREATE TABLE orders (id INTEGER)").fetchall()
        with pytest.raises(StoreError, match="no store"):
            open_store(path, clock=clock)
        with duckdb.connect(str(path)) as con:
            assert con.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(1,)]

    @pytest.mark.parametrize("damage", ["flip", "cut"])
    def test_a_damaged_file_is_told(self, path: Path, damage: str) -> None:
        """A damaged file is an error of its own class, or is read right; never a wrong number."""
        store = open_store(path, clock=clock)
        with store.transaction() as transaction:
            transaction.set_checkpoint("app", "notes", {"text": "x" * 100_000})
        store.close()
        content = bytearray(path.read_bytes())
        content[4100] ^= 0xFF
        path.write_bytes(content if damage == "flip" else content[: len(content) // 2])
        with pytest.raises(StoreDamaged):
            open_store(path, clock=clock).checkpoint("app", "notes")


class TestRefusals:
    """Errors that a caller can act on."""

    def test_nothing_to_read(self, path: Path) -> None:
        """A store that is to be read only must exist."""
        with pytest.raises(StoreError, match="to read"):
            open_store(path, clock=clock, read_only=True)
        assert not path.exists()

    def test_a_store_to_be_read_only(self, path: Path) -> None:
        """A store that is open to be read is read, and refuses to write."""
        open_store(path, clock=clock).close()
        store = open_store(path, clock=clock, read_only=True)
        assert store.count("note") == 0
        with pytest.raises(StoreError, match="read only"), store.transaction():
            pytest.fail("it was opened")
        store.close()

    @pytest.mark.parametrize("name", ["none/cxm.duckdb", "."])
    def test_a_place_that_cannot_be(self, tmp_path: Path, name: str) -> None:
        """A folder that is missing, or a folder itself, is a clear error."""
        with pytest.raises(CxmError):
            open_store(tmp_path / name, clock=clock)

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("IO Error: Could not write file: No space left on device", StoreFull),
            ("TransactionContext Error: Failed to commit: No space left on device", StoreFull),
            ("Out of Memory Error: failed to allocate data", StoreError),
            ("IO Error: Cannot open file: Permission denied", StoreReadOnly),
            ("IO Error: Cannot open file: Read-only file system", StoreReadOnly),
            ('Failure while replaying WAL file "a.wal": No space left on device', StoreFull),
            ('Failure while replaying WAL file "a.wal": Too many open files', StoreError),
        ],
    )
    def test_errors_of_duckdb_have_a_meaning(self, text: str, error: type[StoreError]) -> None:
        """What the disk or the memory refuses is told in our words."""
        with pytest.raises(error) as caught, translated("a.duckdb"):
            raise duckdb.Error(text)
        assert type(caught.value) is error
        assert "a.duckdb" in str(caught.value)

    def test_a_bug_of_ours_stays_what_it_is(self) -> None:
        """An error that no caller can act on is not dressed up."""
        with pytest.raises(duckdb.BinderException), translated("a.duckdb"):
            raise duckdb.BinderException("no such column")

    def test_a_query_that_needs_too_much_memory(self, tmp_path: Path) -> None:
        """The limit of memory holds, and its error names the cure."""
        con = connect_scratch(Limits(memory_limit="10MB", threads=1), folder=tmp_path)
        with pytest.raises(StoreError, match="memory_limit"), translated("a.duckdb"):
            run(con, "SELECT list(range) FROM range(100000000)")
        con.close()


class TestClosedWorld:
    """No text that becomes SQL reaches a file, an extension or a variable."""

    ATTEMPTS = (
        "FROM read_csv('/etc/passwd')",
        "FROM read_text('/etc/passwd')",
        "FROM glob('/*')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.duckdb'",
        "INSTALL excel",
        "LOAD excel",
        "SET enable_external_access = true",
        "SET threads = 1",
        "FROM private_frame",
    )

    @pytest.mark.parametrize("attempt", ATTEMPTS)
    def test_a_store_is_closed(self, path: Path, tmp_path: Path, attempt: str) -> None:
        """A store's connection reads and writes its own file and no other."""
        private_frame = [1]
        con = connect_file(path, Limits(), read_only=False)
        with pytest.raises(duckdb.Error):
            run(con, attempt.format(folder=tmp_path))
        con.close()
        assert private_frame == [1]
        assert not (tmp_path / "out.csv").exists()

    @pytest.mark.parametrize("attempt", ATTEMPTS)
    def test_a_scratch_is_closed_but_for_its_folder(self, tmp_path: Path, attempt: str) -> None:
        """A scratch reads its folder and the files it was given, and no other."""
        own, given, other = tmp_path / "own", tmp_path / "given.csv", tmp_path / "other.csv"
        own.mkdir()
        for file in (own / "a.csv", given, other):
            file.write_text("a\n1\n")
        con = connect_scratch(Limits(), folder=own, paths=[given])
        for file in (own / "a.csv", given):
            assert run(con, f"FROM read_csv('{file}')") == [(1,)]
        with pytest.raises(duckdb.Error):
            run(con, f"FROM read_csv('{other}')")
        with pytest.raises(duckdb.Error):
            run(con, attempt.format(folder=tmp_path))
        con.close()

    def test_a_file_opens_in_the_older_duckdb(self, path: Path) -> None:
        """A store is written in the format of DuckDB 1.5, which is still in use."""
        open_store(path, clock=clock).close()
        with duckdb.connect(str(path)) as con:
            tags = con.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchall()
        assert tags[0][0]["storage_version"].startswith("v1.5")


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """Open an empty store."""
    store = open_store(path, clock=clock)
    yield store
    store.close()


def test_a_read_outlives_the_store(store: Store) -> None:
    """Columns that were read stay, whatever becomes of the store."""
    table = store.read("note")
    store.close()
    assert (len(table), table.columns[0]) == (0, "record_id")
