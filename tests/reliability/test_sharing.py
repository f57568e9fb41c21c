"""One store among processes, threads and forks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxm_core.errors import StoreLocked
from cxm_core.records import Note
from cxm_core.store import Store, open_store
from cxm_core.sync import add

pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
THREADS = 8
ROWS = int(os.environ.get("CXM_ROWS", "4000"))
OPENING = """
import sys, time
from datetime import UTC, datetime
from cxm_core.store import open_store
clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
"""


def clock() -> datetime:
    """Return one and the same instant."""
    return NOW


def python(code: str, path: Path) -> subprocess.Popen[str]:
    """Run code in another process, with the path of a store."""
    return subprocess.Popen(
        [sys.executable, "-c", OPENING + code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "cxm.duckdb"


@pytest.fixture
def held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the store."""
    code = "store = open_store(sys.argv[1], clock=clock); print('up', flush=True); input()"
    with python(code, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process
        process.communicate("\n", timeout=60)


class TestProcesses:
    """Two processes on one file."""

    @pytest.mark.parametrize("read_only", [False, True])
    def test_conc_01_the_second_is_told_at_once(
        self, path: Path, held: subprocess.Popen[str], *, read_only: bool
    ) -> None:
        """The second process is told within a second who holds the store."""
        start = time.process_time(), time.monotonic()
        with pytest.raises(StoreLocked, match=f"Process {held.pid} ") as caught:
            open_store(path, clock=clock, read_only=read_only)
        used = time.process_time() - start[0]
        waited = time.monotonic() - start[1]
        # Nothing waits for the other; on a busy machine only the clock on the wall goes on.
        assert used < 1
        assert waited < 1 or used < 0.2
        assert caught.value.context["pid"] == held.pid

    def test_conc_01_a_second_opening_keeps_the_lock(self, path: Path) -> None:
        """A process that opens its store again, or closes one of two, still keeps others out."""
        first = open_store(path, clock=clock)
        second = open_store(path, clock=clock)
        code = """
from cxm_core.errors import StoreLocked
try:
    open_store(sys.argv[1], clock=clock)
except StoreLocked:
    print("locked")
"""
        with python(code, path) as process:
            assert process.communicate(timeout=60)[0] == "locked\n"
        second.close()
        with python(code, path) as process:
            assert process.communicate(timeout=60)[0] == "locked\n"
        first.close()


def ingest(store: Store, thread: int, rows: int) -> int:
    """Add records in batches, a part of them in every thread the same; how many were new."""
    applied = 0
    for start in range(0, rows, 250):
        notes = [
            Note(native_id=f"{thread}-{n}", occurred_at=NOW, text="x")
            for n in range(start, min(start + 250, rows))
        ]
        shared = Note(native_id=f"shared-{start}", occurred_at=NOW, text="x")
        applied += add(store, [*notes, shared], source="app:own", clock=clock).applied
    return applied


class TestThreads:
    """Eight threads on one store."""

    def check(self, store: Store, rows: int) -> None:
        """Every record is applied once, and every call says what became of its own."""
        with ThreadPoolExecutor(THREADS) as pool:
            each = [pool.submit(ingest, store, n, rows // THREADS) for n in range(THREADS)]
            applied = sum(one.result() for one in each)
        shared = len(range(0, rows // THREADS, 250))
        assert applied == store.count("note") == rows // THREADS * THREADS + shared
        receipts = store.receipts(source="app:own")
        assert sum(one.applied for one in receipts) == applied
        assert len(receipts) == THREADS * shared

    @pytest.mark.parametrize("address", ["file", "memory:"])
    def test_conc_05_eight_threads_add_at_once(self, path: Path, address: str) -> None:
        """Nothing is lost or doubled, and no thread sees an error."""
        store = open_store(path if address == "file" else address, clock=clock)
        self.check(store, ROWS)
        store.close()

    @pytest.mark.slow
    def test_conc_05_a_hundred_thousand_records(self, path: Path) -> None:
        """The same at full size."""
        store = open_store(path, clock=clock)
        self.check(store, 100_000)
        store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system knows no fork")
class TestFork:
    """A process that is forked while a store is open."""

    CODE = """
import os, signal, threading, warnings
from cxm_core.records import Note
from cxm_core.store import open_journal
warnings.simplefilter("ignore")
store = open_store(sys.argv[1], clock=clock)
begun, done = threading.Event(), threading.Event()
def write():
    with store.transaction() as transaction:
        note = Note(native_id="1", occurred_at=clock(), text="x")
        transaction.apply([note], source="app")
        begun.set()
        done.wait()
writer = threading.Thread(target=write)
writer.start()
begun.wait()
child = os.fork()
if not child:
    signal.alarm(20)
    def attempt(call):
        try:
            call()
            print("no error", flush=True)
        except Exception as error:
            print(type(error).__name__, "fork" in str(error), "Hint" in str(error), flush=True)
    def begin():
        with store.transaction():
            pass
    attempt(begin)
    attempt(lambda: store.count("note"))
    attempt(lambda: store.read("note"))
    attempt(lambda: list(store.records("note")))
    store.close()
    os._exit(0)
print(os.waitpid(child, 0)[1], flush=True)
done.set()
writer.join()
print(store.count("note"), flush=True)
store.close()
"""

    @pytest.mark.parametrize("address", ["cxm.duckdb", "memory:"])
    def test_conc_06_a_forked_child_is_refused(self, tmp_path: Path, address: str) -> None:
        """A forked child is told at once, also amid a write of its parent, and harms nothing."""
        place = Path(address) if address == "memory:" else tmp_path / address
        with python(self.CODE, place) as process:
            said = process.communicate(timeout=60)[0].splitlines()
        assert said == ["StoreError True True"] * 4 + ["0", "1"]
