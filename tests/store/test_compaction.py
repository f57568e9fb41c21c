"""Compaction: the store is the same, smaller, and nothing is left of what was deleted."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from inspect import unwrap
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from cxm_core.errors import StoreError, StoreFull, UsageError
from cxm_core.records import Deletion
from cxm_core.store import FAULT_POINTS, canonical_lines, open_store
from cxm_core.store._compaction import compact_file
from cxm_core.store._disk import Disk
from cxm_core.store._duckdb import DuckDBStore
from cxm_core.store._gate import Gate
from cxm_core.testing import CrashAt, TestClock
from cxm_core.testing._store_kit import entry, note, receipt

duckdb = pytest.importorskip("duckdb")

CANARY = "zaunkoenig-4711"
POINTS = [point for point in FAULT_POINTS if point.startswith("store.compact.")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """File of a store, alone in its folder."""
    return tmp_path / "cxm.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[DuckDBStore]:
    """Store with records, versions, a tombstone, a checkpoint, a receipt and a row set aside."""
    store = opened(path)
    fill(store)
    yield store
    store.close()


def opened(path: Path, **asked: Any) -> DuckDBStore:
    """Open the file of a store."""
    store = open_store(path, **{"clock": TestClock(), **asked})
    assert isinstance(store, DuckDBStore)
    return store


def fill(store: DuckDBStore) -> None:
    """Write a bit of everything."""
    store.pin_source("acme:eu", "account-1")
    clock = unwrap(store._surroundings.clock)
    with store.transaction() as transaction:
        transaction.apply([note(str(n), f"words {n}") for n in range(400)], source="acme:eu")
        transaction.set_checkpoint("acme:eu", "notes", {"after": 400})
        transaction.quarantine([entry("odd", clock())])
        transaction.add_receipt(receipt(0))
    if isinstance(clock, TestClock):
        clock.tick()
    with store.transaction() as transaction:
        transaction.apply([note(str(n), f"newer {n}") for n in range(50)], source="acme:eu")
        transaction.apply([Deletion(kind="note", native_id="399")], source="acme:eu")


def plant(store: DuckDBStore) -> None:
    """Keep a word and delete every row that has it, as an erasure would."""
    noise = (sha256(str(n).encode()).hexdigest() * 20 for n in range(3000))
    gone = [note(f"gone-{n}", CANARY + text) for n, text in enumerate(noise)]
    with store.transaction() as transaction:
        transaction.apply(gone, source="acme:eu")
    with store._session.writing() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("DELETE FROM note WHERE native_id LIKE 'gone-%'")


def everything(store: DuckDBStore) -> dict[str, list[Any]]:
    """Every row of every table, but for the store's own diary."""
    with store._session.cursor() as cursor:
        names = cursor.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        return {name: cursor.table(name).fetchall() for (name,) in names if name != "cxm_event"}


def bytes_in(folder: Path) -> bytes:
    """All bytes of all files in a folder and below it."""
    return b"".join(one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file())


class TestContent:
    """What is in the store afterwards."""

    def test_everything_stays(self, store: DuckDBStore) -> None:
        """Every row of every table is as before, and so are answers as of then."""
        before, then = everything(store), TestClock().now
        old = [one.native_id for one in store.records("note", as_of=then)]
        store.compact()
        assert everything(store) == before
        assert [one.native_id for one in store.records("note", as_of=then)] == old
        assert len(old) == 400
        assert len(before) > 20

    def test_nothing_is_left_of_what_was_deleted(self, path: Path, store: DuckDBStore) -> None:
        """A deleted word is in the file before, and in no byte of the folder afterwards."""
        plant(store)
        store.close()
        assert CANARY.encode() in bytes_in(path.parent)
        again = opened(path)
        done = again.compact()
        again.close()
        assert CANARY.encode() not in bytes_in(path.parent)
        assert done.bytes_after < done.bytes_before
        assert done.bytes_after == path.stat().st_size
        assert not list(path.parent.glob("*.draft-*"))

    def test_it_is_written_down(self, store: DuckDBStore) -> None:
        """The store's diary has the compaction."""
        store.compact()
        with store._session.cursor() as cursor:
            events = cursor.execute("SELECT event FROM cxm_event").fetchall()
        assert ("compacted",) in events

    def test_older_duckdb_can_read_it(self, path: Path, store: DuckDBStore) -> None:
        """The new file has the storage version that the store began with."""
        store.compact()
        store.close()
        with duckdb.connect(str(path), read_only=True) as con:
            ((tags,),) = con.execute(
                "SELECT tags FROM duckdb_databases() WHERE NOT internal"
            ).fetchall()
        assert tags["storage_version"].startswith("v1.5.0")

    def test_permissions_stay(self, path: Path, store: DuckDBStore) -> None:
        """Who may read the file is as before."""
        path.chmod(0o640)
        store.compact()
        assert path.stat().st_mode & 0o777 == 0o640

    def test_damaged_files_are_named(self, path: Path, store: DuckDBStore) -> None:
        """Files that were set aside are kept, and the report says so."""
        aside = path.with_name(path.name + ".wal.damaged-20261121T000000Z")
        aside.write_bytes(b"log")
        done = store.compact()
        assert done.set_aside == (aside.name,)
        assert aside.name in str(done)
        assert aside.exists()

    def test_memory_has_nothing_to_do(self) -> None:
        """A store in memory takes the call."""
        assert open_store("memory:", clock=TestClock()).compact().bytes_after == 0


class TestCrashes:
    """Whatever happens at a bad moment, there is one file, whole."""

    @pytest.mark.parametrize("point", POINTS)
    def test_crash_at_a_point(self, path: Path, store: DuckDBStore, point: str) -> None:
        """A crash leaves a store that goes on in the same process, and leaves no draft."""
        lines = list(canonical_lines(store))
        store.close()
        faults = CrashAt()
        faults.number = 10**9
        broken = opened(path, faults=faults)
        faults.number = len(faults.reached) + 1 + POINTS.index(point)
        with pytest.raises(KeyboardInterrupt, match=point):
            broken.compact()
        assert list(canonical_lines(broken)) == lines
        with broken.transaction() as transaction:
            transaction.apply([note("later")], source="acme:eu")
        broken.close()
        assert not list(path.parent.glob("*.draft-*"))
        again = opened(path)
        assert again.count("note") == len([one for one in lines if '"kind":"note"' in one]) + 1
        again.close()

    @pytest.mark.parametrize("point", POINTS)
    def test_kill_at_a_point(self, path: Path, store: DuckDBStore, point: str) -> None:
        """After a kill the file opens with all its records, no old log, and no draft is left."""
        lines = list(canonical_lines(store))
        plant(store)
        store.close()
        done = subprocess.run([sys.executable, "-c", KILLED, str(path), point], check=False)
        assert done.returncode == -signal.SIGKILL
        log = path.with_name(path.name + ".wal")
        assert not log.exists() or not log.stat().st_size
        again = opened(path)
        assert list(canonical_lines(again)) == lines
        again.close()
        assert not list(path.parent.glob("*.draft-*"))

    def test_points_are_all_reached(self, path: Path) -> None:
        """The named points are those that a compaction passes."""
        faults = CrashAt()
        store = opened(path, faults=faults)
        faults.reached.clear()
        store.compact()
        assert [one for one in faults.reached if one.startswith("store.compact.")] == POINTS
        store.close()


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from cxm_core.store import open_store
class Kill:
    def reach(self, point):
        if point == sys.argv[2]:
            os.kill(os.getpid(), signal.SIGKILL)
open_store(sys.argv[1], clock=lambda: datetime(2026, 11, 2, tzinfo=UTC), faults=Kill()).compact()
"""


class FullDisk(Disk):
    """No room at the moment of the exchange."""

    def replace(self, draft: Path, target: Path) -> None:
        """Fail as a full disk does."""
        raise OSError(errno.ENOSPC, "No space left on device")


class TestRoom:
    """A disk without room."""

    def test_too_little_room_is_seen_before(
        self, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With less room than the store needs, nothing is begun."""
        usage = shutil.disk_usage("/")
        monkeypatch.setattr(
            "cxm_core.store._compaction.disk_usage", lambda _: usage._replace(free=4096)
        )
        lines = list(canonical_lines(store))
        with pytest.raises(StoreFull, match="not enough room"):
            store.compact()
        assert list(canonical_lines(store)) == lines
        fill(store)

    def test_full_at_the_exchange(self, path: Path, store: DuckDBStore) -> None:
        """A disk that is full at the last step leaves the old file, and no draft."""
        store.close()
        full = opened(path, disk=FullDisk())
        lines = list(canonical_lines(full))
        with pytest.raises(StoreFull):
            full.compact()
        assert list(canonical_lines(full)) == lines
        assert not list(path.parent.glob("*.draft-*"))
        full.close()

    @pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
    def test_full_while_copying(self, path: Path, store: DuckDBStore) -> None:
        """A file that may not grow ends the compaction as StoreFull, and the store stays."""
        plant(store)
        lines = list(canonical_lines(store))
        store.close()
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, str(path)], check=False, capture_output=True, text=True
        )
        assert done.stdout.strip() == "StoreFull", done.stderr
        again = opened(path)
        assert list(canonical_lines(again)) == lines
        again.close()


LIMITED = """
import resource, signal, sys
from datetime import UTC, datetime
from cxm_core.errors import CxmError
from cxm_core.store import open_store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = open_store(sys.argv[1], clock=lambda: datetime(2026, 11, 2, tzinfo=UTC))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    store.compact()
except CxmError as error:
    print(type(error).__name__)
    assert store.count("note") > 0
"""


class TestCompany:
    """Others use the store at the same time."""

    def test_other_threads_read_on(self, store: DuckDBStore) -> None:
        """Threads that read and write all the while see whole answers, and nothing is lost."""
        stop, found = Event(), {399}

        def read() -> None:
            while not stop.is_set():
                found.add(min(len(list(store.records("note"))), 399))

        def write() -> None:
            for number in range(20):
                with store.transaction() as transaction:
                    transaction.apply([note(f"more-{number}")], source="acme:eu")

        readers, writer = [Thread(target=read), Thread(target=read)], Thread(target=write)
        for thread in (*readers, writer):
            thread.start()
        for _ in range(3):
            store.compact()
        writer.join()
        stop.set()
        for thread in readers:
            thread.join()
        assert found == {399}
        assert store.count("note") == 399 + 20

    def test_half_read_records_of_this_thread(self, store: DuckDBStore) -> None:
        """A thread that is in the middle of reading is told so, and may go on reading."""
        with store.transaction() as transaction:
            transaction.apply([note(f"x-{n}") for n in range(2_000)], source="acme:eu")
        half = store.records("note")
        next(half)
        with pytest.raises(UsageError, match="still reads"):
            store.compact()
        assert len(list(half)) == 2_398
        assert store.compact().bytes_after

    def test_readers_that_do_not_end(self, store: DuckDBStore) -> None:
        """Patience has an end, and then the store is as it was."""
        held, release = Event(), Event()

        def hold() -> None:
            with store._session.cursor():
                held.set()
                release.wait()

        thread = Thread(target=hold)
        thread.start()
        held.wait()
        with pytest.raises(StoreError, match="did not finish"):
            compact_file(store._session, store._surroundings, patience_s=0.01)
        release.set()
        thread.join()
        assert store.count("note") == 399

    def test_inside_a_transaction(self, store: DuckDBStore) -> None:
        """A transaction that is open is refused, not cut off."""
        with store.transaction() as transaction:
            transaction.apply([note("kept")], source="acme:eu")
            with pytest.raises(UsageError):
                store.compact()
        assert store.count("note") == 400

    def test_two_stores_of_one_process(self, path: Path, store: DuckDBStore) -> None:
        """Another store on the same file sees the new file, and its writes stay."""
        other = opened(path)
        store.compact()
        with other.transaction() as transaction:
            transaction.apply([note("from the other")], source="acme:eu")
        assert store.count("note") == 400
        other.close()
        store.close()
        again = opened(path)
        assert again.count("note") == 400
        again.close()

    def test_other_process_stays_locked_out(self, path: Path, store: DuckDBStore) -> None:
        """After the exchange the new file is held as the old one was."""
        store.compact()
        assert store.count("note") == 399
        done = subprocess.run(
            [sys.executable, "-c", LOCKED, str(path)], check=False, capture_output=True, text=True
        )
        assert done.stdout.strip() == f"StoreLocked {os.getpid()}", done.stderr

    def test_read_only(self, path: Path, store: DuckDBStore) -> None:
        """A store that is open to be read is not written anew."""
        store.close()
        reader = opened(path, read_only=True)
        with pytest.raises(StoreError, match="read only"):
            reader.compact()
        reader.close()


LOCKED = """
import sys
from datetime import UTC, datetime
from cxm_core.errors import StoreLocked
from cxm_core.store import open_store
try:
    open_store(sys.argv[1], clock=lambda: datetime(2026, 11, 2, tzinfo=UTC))
except StoreLocked as error:
    print(type(error).__name__, error.context["pid"])
"""


class TestGate:
    """Many at a time, or one alone."""

    def test_nested_use_passes_while_another_waits(self) -> None:
        """A thread that is inside may enter again, so that it can end."""
        gate, order = Gate(), list[str]()
        inside, waiting = Event(), Event()

        def alone() -> None:
            inside.wait()
            waiting.set()
            with gate.alone(30):
                order.append("alone")

        thread = Thread(target=alone)
        thread.start()
        with gate.shared():
            inside.set()
            waiting.wait()
            with gate.shared():
                order.append("shared")
        thread.join()
        assert order == ["shared", "alone"]

    def test_share_may_end_in_another_thread(self) -> None:
        """A reading that ends elsewhere frees the one who began it."""
        gate = Gate()
        share = gate.shared()
        thread = Thread(target=share.__enter__)
        thread.start()
        thread.join()
        share.__exit__(None, None, None)
        with gate.alone(0.01):
            assert True
