"""Rebuilding: what can be read stays, the journal and the sources give back the rest."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import StoreDamaged, StoreError, StoreLocked, StoreReadOnly
from cxm_core.records import Deletion, Record
from cxm_core.store import Rebuild, Store, canonical_lines, open_store, rebuild_store
from cxm_core.testing import CrashAt, TestClock
from cxm_core.testing._store_kit import entry, note, receipt

pytest.importorskip("duckdb")

WORDS = "secret words of a customer"
POINTS = ["store.rebuild.before_replace", "store.rebuild.after_replace"]
PULLED: list[Record] = [
    note(str(n), WORDS + sha256(str(n).encode()).hexdigest() * 8) for n in range(2_500)
]
OWN: list[Record] = [note(f"own-{n}", f"{WORDS} {n}") for n in range(40)]
EDITED: list[Record] = [note("own-1", "edited"), Deletion(kind="note", native_id="own-2")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """File of a store that is closed: pulled records, some of the app's own, and all the rest."""
    path = tmp_path / "cxm.duckdb"
    store = open_store(path, clock=TestClock())
    pull(store)
    keep(store, OWN)
    keep(store, EDITED)
    with store.transaction() as transaction:
        transaction.quarantine([entry(WORDS, TestClock().now)])
    store.close()
    return path


def keep(store: Store, records: list[Record]) -> None:
    """Keep records that nobody could send again."""
    with store.transaction() as transaction:
        transaction.keep(records, source="app:own")


def pull(store: Store) -> None:
    """Read a source from its beginning, as a sync does whose checkpoint is not there."""
    if store.checkpoint("acme:eu", "notes") is None:
        store.pin_source("acme:eu", "account-1")
        with store.transaction() as transaction:
            transaction.apply(PULLED, source="acme:eu")
            transaction.set_checkpoint("acme:eu", "notes", {"after": len(PULLED)})
            transaction.add_receipt(receipt(0))


def lines(path: Path, **asked: Any) -> list[str]:
    """Everything that the store holds."""
    store = open_store(path, clock=TestClock(), **asked)
    found = list(canonical_lines(store))
    store.close()
    return found


def rebuilt(path: Path, **asked: Any) -> Rebuild:
    """Rebuild a store."""
    return rebuild_store(path, **{"clock": TestClock(), **asked})


def pulled_again(path: Path) -> list[str]:
    """Sync the new store, look whether it is sound, and read it."""
    store = open_store(path, clock=TestClock())
    pull(store)
    assert store.verify().findings == ()
    found = list(canonical_lines(store))
    store.close()
    return found


class TestByHand:
    """One store, damaged in one way."""

    def test_whole_file(self, path: Path) -> None:
        """Nothing is lost of a store that is not damaged; only the checkpoints are forgotten."""
        before = lines(path)
        done = rebuilt(path)
        assert (done.is_readable, done.lost) == (True, 0)
        assert lines(path) == before
        store = open_store(path, clock=TestClock())
        assert store.checkpoint("acme:eu", "notes") is None
        assert len(store.quarantined()) == 1
        assert {one.name: one.account for one in store.sources()}["acme:eu"] == "account-1"
        assert len(store.receipts(source="acme:eu")) == 1
        assert store.verify().findings == ()
        store.close()
        assert pulled_again(path) == before

    def test_history_stays(self, path: Path) -> None:
        """What was known then is known after a rebuild, and no version stands twice."""
        store = open_store(path, clock=(clock := TestClock()))
        then = clock.now
        clock.tick()
        keep(store, [note("own-3", "a day later")])
        before = [one.native_id for one in store.records("note", as_of=then)]
        texts = [one.text for one in store.records("note", as_of=then)]  # type: ignore[attr-defined]
        store.close()
        rebuilt(path)
        again = open_store(path, clock=clock)
        found = list(again.records("note", as_of=then))
        again.close()
        assert [one.native_id for one in found] == before
        assert [one.text for one in found] == texts  # type: ignore[attr-defined]

    @pytest.mark.parametrize("content", [b"", b"no store any more", os.urandom(300_000)])
    def test_nothing_can_be_read(self, path: Path, content: bytes) -> None:
        """The journal gives back the app's own records, and a sync the others."""
        before = lines(path)
        path.write_bytes(content)
        done = rebuilt(path)
        assert (done.is_readable, done.rows) == (False, 0)
        assert done.folded.batches == 2
        assert "Nothing of the old file can be read." in str(done)
        assert sum("own-" in line for line in lines(path)) == len(OWN) - 1
        assert pulled_again(path) == before

    def test_damaged_file_is_kept(self, path: Path) -> None:
        """The old bytes stand beside the new file, under a name that says when."""
        path.write_bytes(b"what is left of it")
        done = rebuilt(path)
        assert done.set_aside == ("cxm.duckdb.damaged-20261101T000000Z",)
        assert (path.parent / done.set_aside[0]).read_bytes() == b"what is left of it"
        path.write_bytes(b"again")
        assert rebuilt(path).set_aside == ("cxm.duckdb.damaged-20261101T000000Z-2",)
        assert not list(path.parent.glob("*.draft-*"))

    def test_log_is_set_aside(self, path: Path) -> None:
        """A log that cannot be read does not lie beside the new file."""
        before = lines(path)
        log = path.with_name(path.name + ".wal")
        log.write_bytes(os.urandom(5_000))
        done = rebuilt(path)
        assert done.is_readable
        assert f"{log.name}.damaged-20261101T000000Z" in done.set_aside
        assert not log.exists()
        assert lines(path) == before

    def test_no_file_at_all(self, path: Path) -> None:
        """Where the file is gone, the journal makes a new one."""
        before = lines(path)
        path.unlink()
        assert rebuilt(path).set_aside == ()
        assert pulled_again(path) == before

    def test_no_words_in_the_report(self, path: Path) -> None:
        """The report speaks of tables and counts."""
        assert WORDS not in str(rebuilt(path))

    def test_row_that_is_not_what_its_key_says(self, path: Path) -> None:
        """A row whose content does not fit its fingerprint is not taken over."""
        before = lines(path)
        store = open_store(path, clock=TestClock())
        with store._session.writing() as cursor:  # type: ignore[attr-defined]
            cursor.execute("UPDATE note SET text = 'forged' WHERE native_id = '7'")
        store.close()
        assert [one.lost for one in rebuilt(path).tables if one.table == "note"] == [1]
        assert pulled_again(path) == before


class TestDamage:
    """Blocks of the file that are not as they were written."""

    def test_any_block(self, path: Path) -> None:
        """Whichever block is spoilt: no error, never a wrong row, and all is back after a sync."""
        before, whole, kept = lines(path), path.read_bytes(), path.with_name("whole")
        kept.write_bytes(whole)
        rng, lost = random.Random(11), 0
        for start in range(4_096, len(whole), 524_288):
            spoilt = bytearray(whole)
            for _ in range(40):
                spoilt[min(start + rng.randrange(262_144), len(whole) - 1)] ^= 0xFF
            path.write_bytes(bytes(spoilt))
            done = rebuilt(path)
            lost += done.lost != 0
            assert set(lines(path)) <= set(before)
            assert pulled_again(path) == before
        assert lost >= 1


def test_a_disk_that_is_read_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be written, the error is the same as of every other call."""

    def refuse(self: Path, *_args: object, **_named: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    before = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        with pytest.raises(StoreReadOnly):
            rebuilt(path)
    assert path.read_bytes() == before


class TestCompany:
    """Others hold the file, or the process is killed."""

    def test_open_in_this_process(self, path: Path) -> None:
        """A store that is open here is refused, and stays as it is."""
        store = open_store(path, clock=TestClock())
        with pytest.raises(StoreError, match="open in this process"):
            rebuilt(path)
        assert store.count("note") > 0
        store.close()

    def test_open_in_another_process(self, path: Path) -> None:
        """A store that another process holds is refused, and the process is named."""
        with subprocess.Popen(
            [sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdout is not None
            other.stdout.readline()
            with pytest.raises(StoreLocked) as caught:
                rebuilt(path)
            assert caught.value.context["pid"] == other.pid
            other.communicate()
        assert sorted(one.name for one in path.parent.glob("*.damaged-*")) == []

    @pytest.mark.parametrize(
        "point", ["store.rebuild.before_replace", "store.rebuild.after_replace"]
    )
    def test_crash_at_a_point(self, path: Path, point: str) -> None:
        """After a crash there is the old file or the new one, and another rebuild ends it."""
        before = lines(path)
        path.write_bytes(b"garbage")
        faults = CrashAt()
        rebuilt_points = _points(path, faults)
        path.write_bytes(b"garbage")
        faults.reached.clear()
        faults.number = rebuilt_points.index(point) + 1
        with pytest.raises(KeyboardInterrupt, match=point):
            rebuilt(path, faults=faults)
        if point.endswith("before_replace"):
            with pytest.raises(StoreDamaged):
                lines(path)
            rebuilt(path)
        assert pulled_again(path) == before
        assert not list(path.parent.glob("*.draft-*"))


def _points(path: Path, faults: CrashAt) -> list[str]:
    rebuilt(path, faults=faults)
    return list(faults.reached)


HOLDS = """
import sys
from datetime import UTC, datetime
from cxm_core.store import open_store
store = open_store(sys.argv[1], clock=lambda: datetime(2026, 11, 2, tzinfo=UTC))
print("held", flush=True)
sys.stdin.read()
"""
