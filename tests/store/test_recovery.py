"""From a file as a crash left it to an open store."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxm_core.errors import StoreDamaged, StoreError, StoreLocked, StoreReadOnly
from cxm_core.records import Note
from cxm_core.store import Store, open_store
from cxm_core.store._driver import translated
from cxm_core.store._mark import mark_path, read_mark
from cxm_core.store._recovery import free_name, log_path, logs_aside
from cxm_core.testing import CrashAt

duckdb = pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
STAMP = "20261121T090000Z"
ASIDE = f"cxm.duckdb.wal.damaged-{STAMP}"
# Eight transactions, of which the last five are in the log only.
IN_FILE, IN_ALL = 3, 8
CRASHED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from cxm_core.records import Note
from cxm_core.store import open_store
clock = lambda: datetime(2026, 11, 21, 9, tzinfo=UTC)
def add(store, number):
    with store.transaction() as transaction:
        note = Note(native_id=str(number), occurred_at=clock(), text="x" * 500)
        transaction.apply([note], source="app")
        transaction.set_checkpoint("app", "notes", {"n": number})
for part in (range(3), range(3, 8)):
    store = open_store(Path(sys.argv[1]), clock=clock)
    for number in part:
        add(store, number)
    if part[0] == 0:
        store.close()
os._exit(0)
"""


def clock() -> datetime:
    """Return one and the same instant."""
    return NOW


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a store whose process was killed."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "cxm.duckdb"
    subprocess.run([sys.executable, "-c", CRASHED, str(path)], check=True)
    assert log_path(path).stat().st_size > 5 * 500
    return folder


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """A copy of that store."""
    shutil.copytree(template, tmp_path / "copy")
    return tmp_path / "copy" / "cxm.duckdb"


@pytest.fixture
def opened(path: Path) -> Iterator[Store]:
    """The store as it opens."""
    store = open_store(path, clock=clock)
    yield store
    store.close()


def flip(path: Path, place: int) -> None:
    """Turn a byte over."""
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)


def events(path: Path) -> list[tuple[str, str]]:
    """What the closed store notes of itself."""
    with duckdb.connect(str(path), read_only=True) as con:
        rows: list[tuple[str, str]] = con.execute("SELECT event, detail FROM cxm_event").fetchall()
    return rows


class TestLog:
    """A log that is damaged, cut, foreign or alone."""

    def test_a_good_log_is_read(self, opened: Store) -> None:
        """After a crash, all that was kept is there, and there is nothing to tell."""
        assert opened.count("note") == IN_ALL
        assert opened.opening.is_clean
        assert str(opened.opening) == "The store is as it was left."

    def test_a_damaged_log_is_set_aside(self, path: Path) -> None:
        """The store goes back to its checkpoint, says what that cost, and keeps the log."""
        log = log_path(path)
        flip(log, log.stat().st_size // 2)
        content = log.read_bytes()
        store = open_store(path, clock=clock)
        opening = store.opening
        assert store.count("note") == IN_FILE
        assert opening.set_aside == (ASIDE,)
        assert opening.lost_transactions == IN_ALL - IN_FILE
        assert [(one.source, one.stream, one.saved_at) for one in opening.streams] == [
            ("app", "notes", NOW)
        ]
        assert "are gone: 5." in str(opening)
        assert "'notes' of 'app' stands where it was at 2026-11-21 09:00:00 UTC" in str(opening)
        store.close()
        assert path.with_name(ASIDE).read_bytes() == content
        assert [event for event, _ in events(path)] == ["log_set_aside"]
        assert ASIDE in events(path)[0][1]

    def test_it_is_told_once(self, path: Path) -> None:
        """The next opening has nothing to tell any more."""
        flip(log_path(path), -9)
        for is_clean in (False, True, True):
            store = open_store(path, clock=clock)
            assert store.opening.is_clean is is_clean
            store.close()
        assert logs_aside(path) == (ASIDE,)

    def test_a_cut_log_is_told_by_the_mark(self, path: Path) -> None:
        """DuckDB says nothing of a log that was cut; the mark knows how much is gone."""
        log = log_path(path)
        os.truncate(log, log.stat().st_size // 2)
        store = open_store(path, clock=clock)
        lost = IN_ALL - store.count("note")
        assert 0 < lost <= IN_ALL - IN_FILE
        assert store.opening.lost_transactions == lost
        assert store.opening.set_aside == (ASIDE,)
        store.close()
        again = open_store(path, clock=clock)
        assert again.opening.is_clean
        again.close()

    def test_a_log_that_duckdb_ignores_is_kept(self, path: Path) -> None:
        """DuckDB reads over a log with a damaged head, and empties it; its bytes are kept."""
        log = log_path(path)
        flip(log, 0)
        content = log.read_bytes()
        store = open_store(path, clock=clock)
        assert store.opening.lost_transactions == IN_ALL - IN_FILE
        store.close()
        assert path.with_name(ASIDE).read_bytes() == content

    def test_without_a_mark_the_number_is_unknown(self, path: Path) -> None:
        """Where the mark is lost, too, the store opens and says that it cannot count."""
        flip(log_path(path), -9)
        mark_path(path).unlink()
        store = open_store(path, clock=clock)
        assert store.opening.lost_transactions is None
        assert "not known" in str(store.opening)
        store.close()

    def test_the_log_of_another_store(self, path: Path, tmp_path: Path) -> None:
        """A log that belongs to another file is set aside, and kept from both."""
        other = tmp_path / "other.duckdb"
        subprocess.run([sys.executable, "-c", CRASHED, str(other)], check=True)
        shutil.copyfile(log_path(other), log_path(path))
        store = open_store(path, clock=clock)
        assert store.count("note") == IN_FILE
        assert store.opening.set_aside == (ASIDE,)
        store.close()

    def test_a_folder_in_the_place_of_the_log(self, path: Path) -> None:
        """Even a folder is set aside."""
        log_path(path).unlink()
        log_path(path).mkdir()
        store = open_store(path, clock=clock)
        assert store.opening.set_aside == (ASIDE,)
        store.close()
        assert path.with_name(ASIDE).is_dir()

    def test_a_log_without_its_file(self, path: Path) -> None:
        """DuckDB would empty a log that has lost its file; it is kept, and a new file made."""
        content = log_path(path).read_bytes()
        path.unlink()
        store = open_store(path, clock=clock)
        assert (store.count("note"), store.opening.set_aside) == (0, (ASIDE,))
        store.close()
        assert path.with_name(ASIDE).read_bytes() == content

    def test_an_old_copy_of_the_file(self, path: Path) -> None:
        """Whoever puts an old copy back is told how far it is behind."""
        old = path.read_bytes()
        open_store(path, clock=clock).close()
        path.write_bytes(old)
        store = open_store(path, clock=clock)
        assert store.opening.lost_transactions == IN_ALL - IN_FILE
        store.close()

    def test_who_only_reads_changes_nothing(self, path: Path) -> None:
        """Whoever opens to read is told of the log, and every file stays as it is."""
        flip(log_path(path), -9)
        before = {one.name: one.read_bytes() for one in path.parent.iterdir() if one.is_file()}
        with pytest.raises(StoreDamaged, match="log") as caught:
            open_store(path, clock=clock, read_only=True)
        assert "to be written" in str(caught.value)
        after = {one.name: one.read_bytes() for one in path.parent.iterdir() if one.is_file()}
        assert before == after

    def test_who_only_reads_is_told_of_a_loss(self, path: Path) -> None:
        """A cut log is told to whoever only reads, too."""
        os.truncate(log_path(path), 0)
        store = open_store(path, clock=clock, read_only=True)
        assert store.opening.lost_transactions == IN_ALL - IN_FILE
        assert store.count("note") == IN_FILE
        store.close()

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_crash_while_the_log_is_set_aside(self, path: Path, number: int) -> None:
        """Whoever opens the store after such a crash tells of it as if there had been none."""
        flip(log_path(path), -9)
        with pytest.raises(KeyboardInterrupt):
            open_store(path, clock=clock, faults=CrashAt(number))
        store = open_store(path, clock=clock)
        assert store.opening.set_aside == (ASIDE,)
        assert store.opening.lost_transactions == IN_ALL - IN_FILE
        store.close()

    def test_two_processes_do_not_mend_at_once(self, path: Path) -> None:
        """While another process sets the log aside, this one is told to wait, and moves nothing."""
        fcntl = pytest.importorskip("fcntl")
        flip(log_path(path), -9)
        with path.with_name("cxm.duckdb.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(StoreLocked, match="after damage"):
                open_store(path, clock=clock)
        assert logs_aside(path) == ()

    def test_names_are_never_used_twice(self, tmp_path: Path) -> None:
        """What is set aside takes no other's name, however often that happens in a second."""
        log = tmp_path / "cxm.duckdb.wal"
        names = []
        for _ in range(3):
            name = free_name(log, NOW)
            name.touch()
            names.append(name.name)
        assert names == [ASIDE, f"{ASIDE}-2", f"{ASIDE}-3"]


class TestMark:
    """How the mark keeps up with the store."""

    def test_counts_every_transaction(self, path: Path) -> None:
        """Each transaction raises the mark by one, and a rolled back one does not."""
        store = open_store(path, clock=clock)
        before = read_mark(path)
        with store.transaction() as transaction:
            transaction.set_checkpoint("app", "notes", {"n": 9})
        with pytest.raises(ZeroDivisionError), store.transaction():
            raise ZeroDivisionError
        after = read_mark(path)
        store.close()
        assert before is not None
        assert after is not None
        assert (after.store_id, after.commits) == (before.store_id, before.commits + 1)

    def test_each_store_has_its_own(self, tmp_path: Path) -> None:
        """The mark of a store that was removed says nothing of the next one."""
        path = tmp_path / "cxm.duckdb"
        for _ in range(2):
            path.unlink(missing_ok=True)
            store = open_store(path, clock=clock)
            assert store.opening.is_clean
            with store.transaction() as transaction:
                transaction.set_checkpoint("app", "notes", {"n": 1})
            store.close()


class TestPlaces:
    """Where a store may be, and where not."""

    def test_a_long_path(self, tmp_path: Path) -> None:
        """A path of more than 300 letters works."""
        folder = tmp_path / ("a" * 100) / ("b" * 100) / ("c" * 100)
        folder.mkdir(parents=True)
        store = open_store(folder / "cxm.duckdb", clock=clock)
        with store.transaction() as transaction:
            transaction.apply([Note(native_id="1", occurred_at=NOW, text="x")], source="app")
        store.close()
        again = open_store(folder / "cxm.duckdb", clock=clock)
        assert again.count("note") == 1
        again.close()

    @pytest.mark.parametrize(
        "name",
        ["none/cxm.duckdb", ".", "n" * 260, "n" * 240, "a\0b.duckdb", "d" * 5000, "loop.duckdb"],
    )
    def test_a_place_that_cannot_be(self, tmp_path: Path, name: str) -> None:
        """A path that no file can have is an error with a cure, and leaves nothing behind."""
        (tmp_path / "loop.duckdb").symlink_to("loop.duckdb")
        with pytest.raises(StoreError, match="Hint: "):
            open_store(tmp_path / name, clock=clock)
        assert [one.name for one in tmp_path.iterdir()] == ["loop.duckdb"]

    @pytest.mark.parametrize("name", [":memory:notes", "~", "a b%41&e.duckdb", "[x]*.duckdb"])
    def test_an_odd_name_is_only_a_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """What DuckDB would take for something else is a file like any other."""
        monkeypatch.chdir(tmp_path)
        store = open_store(name, clock=clock)
        store.close()
        assert (tmp_path / name).is_file()

    def test_a_link_to_a_store(self, path: Path, tmp_path: Path) -> None:
        """A store behind a link is the same store, with its log, its mark and its journal."""
        link = tmp_path / "link.duckdb"
        link.symlink_to(path)
        store = open_store(link, clock=clock)
        assert store.count("note") == IN_ALL
        with store.transaction() as transaction:
            transaction.set_checkpoint("app", "notes", {"n": 9})
        store.close()
        names = sorted(one.name for one in tmp_path.iterdir() if one.is_file())
        assert names == ["link.duckdb"]
        again = open_store(path, clock=clock)
        assert again.opening.is_clean
        assert again.checkpoint("app", "notes") == {"n": 9}
        again.close()

    def test_a_file_of_a_newer_duckdb(self) -> None:
        """A file that this DuckDB is too old for is told so, with the cure."""
        text = "IO Error: Trying to read a database file with version number 99, but we can only"
        with pytest.raises(StoreDamaged, match="newer DuckDB") as caught, translated("a.duckdb"):
            raise duckdb.IOException(text)
        assert "pip install -U duckdb" in str(caught.value)

    def test_words_in_a_path_mean_nothing(self, tmp_path: Path) -> None:
        """A folder whose name reads like an error of DuckDB is only a folder."""
        with pytest.raises(StoreError, match="No such file") as caught:
            open_store(tmp_path / "no space left" / "corrupt.duckdb", clock=clock)
        assert type(caught.value) is StoreError

    def test_a_store_that_may_not_be_written(self, path: Path) -> None:
        """A store that is open to be read refuses a transaction with an error of its own."""
        for place in (path, "memory:"):
            if place == path:
                open_store(path, clock=clock).close()
            store = open_store(place, clock=clock, read_only=True)
            with pytest.raises(StoreReadOnly, match="without read_only"), store.transaction():
                pytest.fail("it was opened")
            store.close()

    def test_a_crash_while_the_file_is_made(self, tmp_path: Path) -> None:
        """There is never a file that is half made: only a whole one, or none."""
        path = tmp_path / "cxm.duckdb"
        code = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from cxm_core.store import open_store
from cxm_core.store._disk import Disk
class Killed(Disk):
    def sync_file(self, path):
        os.kill(os.getpid(), 9)
clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
open_store(Path(sys.argv[1]), clock=clock, disk=Killed())
"""
        done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
        assert done.returncode == -9
        assert not path.exists()
        assert len(list(tmp_path.iterdir())) == 1
        open_store(path, clock=clock).close()
        assert sorted(one.name for one in tmp_path.iterdir()) == ["cxm.duckdb"]
