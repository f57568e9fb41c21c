"""Writing the journal: what was acknowledged is there, and what was not is not."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import (
    ConfigurationError,
    StoreError,
    StoreFull,
    StoreReadOnly,
    UsageError,
)
from cxm_core.records import Note
from cxm_core.store import (
    Disk,
    Journal,
    JournalBatch,
    JournalFlaw,
    journal_folder,
    open_journal,
    read_journal,
)
from cxm_core.store.journal import _journal
from cxm_core.testing import PERSONAL_MARKER, CrashAt, FaultyDisk

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOURCE = "app:own"
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")


def clock() -> datetime:
    """Stand still."""
    return NOW


def note(number: int, text: str = "Cold hall") -> Note:
    """One of many notes."""
    return Note(native_id=str(number), occurred_at=NOW, text=text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """File of a store, which need not be there."""
    return tmp_path / "cxm.duckdb"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[..., Journal]]:
    """Open journals, each closed in the end."""
    journals: list[Journal] = []

    def opener(**values: Any) -> Journal:
        journals.append(open_journal(path, clock=clock, **values))
        return journals[-1]

    yield opener
    for journal in journals:
        journal.close()


def ids(path: Path) -> list[list[str]]:
    """Native ids of each batch; a flaw fails the test."""
    return [[str(row.cells["native_id"]) for row in batch.rows] for batch in batches(path)]


def batches(path: Path) -> list[JournalBatch]:
    """Every batch; a flaw fails the test."""
    found = list(read_journal(path))
    assert [one for one in found if isinstance(one, JournalFlaw)] == []
    return [one for one in found if isinstance(one, JournalBatch)]


def files(path: Path) -> list[str]:
    """Names of the segments."""
    return sorted(one.name for one in journal_folder(path).iterdir())


class TestByHand:
    """One thing at a time."""

    def test_a_batch_comes_back(self, path: Path, opened: Callable[..., Journal]) -> None:
        """What was appended is read again, with source and moment filled in."""
        position = opened().append([note(1), note(2)], source=SOURCE)
        (batch,) = batches(path)
        assert (batch.writer, batch.number, batch.at) == (position.writer, 1, NOW)
        assert (batch.source, batch.start, batch.end) == (SOURCE, position.start, position.end)
        stamped = [note(1).stamped(source=SOURCE, known_at=NOW), note(2).stamped(source=SOURCE)]
        assert [row.record() for row in batch.rows] == [
            stamped[0],
            stamped[1].stamped(known_at=NOW),
        ]

    def test_what_is_stamped_stays_so(self, path: Path, opened: Callable[..., Journal]) -> None:
        """A source and a moment that a record has already are kept."""
        before = NOW - timedelta(days=9)
        record = note(1).stamped(source="shop:a", known_at=before)
        opened().append([record], source=SOURCE)
        assert batches(path)[0].rows[0].record() == record

    def test_numbers_run(self, path: Path, opened: Callable[..., Journal]) -> None:
        """The frames of a writer are numbered from 1; a position has the last one of its batch."""
        journal = opened()
        assert journal.append([note(1)], source=SOURCE).number == 1
        assert journal.append([note(n) for n in range(2_001)], source=SOURCE).number == 4
        assert journal.rename("app:a", "app:b").number == 5
        assert [len(batch.rows) for batch in batches(path)] == [1, 2_001, 0]
        assert batches(path)[2].rename == ("app:a", "app:b")

    def test_no_batch_no_folder(self, path: Path, opened: Callable[..., Journal]) -> None:
        """An empty batch is a mistake, and nothing is made for it."""
        with pytest.raises(UsageError, match="no records"):
            opened().append([], source=SOURCE)
        assert not journal_folder(path).exists()

    def test_a_batch_that_fails_on_the_way_leaves_nothing(
        self, path: Path, opened: Callable[..., Journal]
    ) -> None:
        """An error of the caller's own iterable comes through, before a byte is written."""

        def failing() -> Iterator[Note]:
            yield note(1)
            raise LookupError

        with pytest.raises(LookupError):
            opened().append(failing(), source=SOURCE)
        assert not journal_folder(path).exists()

    def test_a_source_needs_a_name(self, opened: Callable[..., Journal]) -> None:
        """What no record can carry as its source is refused."""
        with pytest.raises(ConfigurationError, match="cannot be called"):
            opened().append([note(1)], source="No Name")

    def test_a_moment_has_a_zone(self, opened: Callable[..., Journal]) -> None:
        """An instant that could be anywhere is refused."""
        with pytest.raises(UsageError, match="no time zone"):
            opened().rename("app:a", "app:b", at=NOW.replace(tzinfo=None))

    @pytest.mark.skipif(os.name == "nt", reason="the system has other rights")
    def test_only_the_owner_reads_it(self, path: Path, opened: Callable[..., Journal]) -> None:
        """Folder and files are closed to everyone else."""
        opened().append([note(1)], source=SOURCE)
        folder = journal_folder(path)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert [stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()] == [0o600]

    def test_names_and_messages_hold_nothing_personal(
        self, path: Path, opened: Callable[..., Journal]
    ) -> None:
        """No word of a record is in a file name, a repr or the message of an error."""
        journal = opened(disk=FaultyDisk(fail_at=1))
        with pytest.raises(StoreFull) as caught:
            journal.append([note(1, PERSONAL_MARKER)], source=SOURCE)
        position = journal.append([note(1, PERSONAL_MARKER)], source=SOURCE)
        said = [str(caught.value), repr(caught.value), repr(position), repr(batches(path))]
        assert PERSONAL_MARKER not in "".join([*said, *files(path)])

    def test_a_segment_rolls(
        self, path: Path, opened: Callable[..., Journal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A segment that is long enough is left for the next one; a batch is never cut in two."""
        assert _journal.ROLL_AT == 64 << 20
        monkeypatch.setattr(_journal, "ROLL_AT", 1_000)
        journal = opened()
        positions = [journal.append([note(n)], source=SOURCE) for n in range(9)]
        assert ids(path) == [[str(n)] for n in range(9)]
        assert [one.segment for one in positions] == sorted(one.segment for one in positions)
        assert 1 < positions[-1].segment < 9
        assert len(files(path)) == positions[-1].segment

    def test_closed_is_closed(self, opened: Callable[..., Journal]) -> None:
        """A closed journal takes nothing; closing again does nothing."""
        journal = opened()
        journal.close()
        journal.close()
        with pytest.raises(StoreError, match="is closed"):
            journal.append([note(1)], source=SOURCE)

    def test_memory_has_none(self) -> None:
        """A store in memory has no journal."""
        with pytest.raises(UsageError, match="no journal"):
            open_journal("memory:", clock=clock)

    def test_a_link_to_a_store_is_the_store(
        self, path: Path, opened: Callable[..., Journal]
    ) -> None:
        """Whoever names a store by a link writes to the same journal."""
        path.touch()
        link = path.with_name("link.duckdb")
        link.symlink_to(path)
        opened().append([note(1)], source=SOURCE)
        assert journal_folder(link) == journal_folder(path)
        assert ids(link) == [["1"]]


class TestWithdraw:
    """A batch that the store could not keep."""

    def test_a_withdrawn_batch_is_gone(self, path: Path, opened: Callable[..., Journal]) -> None:
        """It is not read any more, its number is not used again, and what follows is whole."""
        journal = opened()
        journal.append([note(1)], source=SOURCE)
        journal.withdraw(journal.append([note(2)], source=SOURCE))
        assert journal.append([note(3)], source=SOURCE).number == 3
        assert ids(path) == [["1"], ["3"]]

    def test_nothing_is_written_where_it_stood(self, opened: Callable[..., Journal]) -> None:
        """A store may know the file up to there, so another segment is begun."""
        journal = opened()
        withdrawn = journal.append([note(1)], source=SOURCE)
        journal.withdraw(withdrawn)
        assert journal.append([note(2)], source=SOURCE).segment == withdrawn.segment + 1

    def test_only_the_last_one(self, path: Path, opened: Callable[..., Journal]) -> None:
        """An earlier batch, one of another journal, or the same one again stays as it is."""
        journal, other = opened(), opened()
        first = journal.append([note(1)], source=SOURCE)
        last = journal.append([note(2)], source=SOURCE)
        foreign = other.append([note(3)], source=SOURCE)
        for position in (first, foreign):
            with pytest.raises(UsageError, match="Only the last batch"):
                journal.withdraw(position)
        journal.withdraw(last)
        with pytest.raises(UsageError, match="Only the last batch"):
            journal.withdraw(last)
        assert sorted(ids(path)) == [["1"], ["3"]]

    def test_a_disk_that_cannot_cut(self, path: Path, opened: Callable[..., Journal]) -> None:
        """If the disk fails, the error says that the batch stays."""
        disk = FaultyDisk()
        journal = opened(disk=disk)
        position = journal.append([note(1)], source=SOURCE)
        disk.fail_at = len(disk.calls) + 1
        with pytest.raises(StoreError, match="could not take a batch out again") as caught:
            journal.withdraw(position)
        assert "when it opens next" in str(caught.value.hint)
        assert ids(path) == [["1"]]
        journal.append([note(2)], source=SOURCE)
        assert ids(path) == [["1"], ["2"]]


class TestDisk:
    """A disk that does not do as it is told."""

    @pytest.mark.parametrize("torn", [0.0, 0.3, 0.99])
    def test_full_in_the_middle(
        self, path: Path, opened: Callable[..., Journal], torn: float
    ) -> None:
        """A torn frame is cut off again, the error is typed, and a later batch is kept."""
        disk = FaultyDisk(torn=torn)
        journal = opened(disk=disk)
        first = journal.append([note(1)], source=SOURCE)
        disk.fail_at = len(disk.calls) + 2
        with pytest.raises(StoreFull, match="kept nothing of this batch"):
            journal.append([note(n) for n in range(2_500)], source=SOURCE)
        assert ids(path) == [["1"]]
        second = journal.append([note(2)], source=SOURCE)
        assert (second.segment, second.start) == (first.segment, first.end)
        assert ids(path) == [["1"], ["2"]]

    def test_full_again_and_again(self, path: Path, opened: Callable[..., Journal]) -> None:
        """Trying on a full disk leaves no heap of files behind."""
        journal = opened(disk=FaultyDisk(fail_at=1, stays_broken=True))
        for number in range(5):
            with pytest.raises(StoreFull):
                journal.append([note(number)], source=SOURCE)
        assert len(files(path)) <= 5

    def test_what_could_not_be_made_to_stay(
        self, path: Path, opened: Callable[..., Journal]
    ) -> None:
        """After a failed sync the batch counts as not written, and the file is not trusted."""
        disk = FaultyDisk(error=errno.EIO)
        journal = opened(disk=disk)
        first = journal.append([note(1)], source=SOURCE)
        disk.fail_at = len(disk.calls) + 2
        with pytest.raises(StoreError, match="Input/output error") as caught:
            journal.append([note(2)], source=SOURCE)
        assert not isinstance(caught.value, StoreFull)
        assert ids(path) == [["1"]]
        assert journal.append([note(3)], source=SOURCE).segment == first.segment + 1
        assert ids(path) == [["1"], ["3"]]

    def test_neither_written_nor_cut(self, path: Path, opened: Callable[..., Journal]) -> None:
        """A torn frame that cannot be cut off is told as unfinished, and costs nothing else."""
        disk = FaultyDisk(torn=0.5)
        journal = opened(disk=disk)
        journal.append([note(1)], source=SOURCE)
        disk.fail_at, disk.stays_broken = len(disk.calls) + 1, True
        with pytest.raises(StoreFull):
            journal.append([note(2)], source=SOURCE)
        disk.fail_at = 0
        journal.append([note(3)], source=SOURCE)
        found = list(read_journal(path))
        reasons = [one.reason for one in found if isinstance(one, JournalFlaw)]
        assert reasons == ["unfinished"]
        texts = [
            row.cells["native_id"]
            for one in found
            if isinstance(one, JournalBatch)
            for row in one.rows
        ]
        assert texts == ["1", "3"]

    def test_short_writes(
        self, path: Path, opened: Callable[..., Journal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A system that takes a few bytes at a time gets all of them."""
        write = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
        opened().append([note(1), note(2)], source=SOURCE)
        monkeypatch.undo()
        assert ids(path) == [["1", "2"]]

    @pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EPERM])
    def test_a_folder_that_is_read_only(
        self, opened: Callable[..., Journal], code: int, path: Path
    ) -> None:
        """The error says that it is the folder, and what to do."""

        class Closed(Disk):
            def open_to_append(self, path: Path) -> int:
                raise OSError(code, os.strerror(code))

        with pytest.raises(StoreReadOnly, match="read only") as caught:
            opened(disk=Closed()).append([note(1)], source=SOURCE)
        assert "let this user write there" in str(caught.value.hint)
        assert ids(path) == []

    def test_a_folder_that_is_a_file(self, path: Path, opened: Callable[..., Journal]) -> None:
        """What stands in the way is named."""
        journal_folder(path).touch()
        with pytest.raises(StoreError, match=r"cxm\.duckdb\.journal"):
            opened().append([note(1)], source=SOURCE)

    def test_a_file_that_was_removed(self, path: Path, opened: Callable[..., Journal]) -> None:
        """Nothing is written to a file that nobody would find."""
        journal = opened()
        journal.append([note(1)], source=SOURCE)
        (segment,) = journal_folder(path).iterdir()
        segment.unlink()
        journal.append([note(2)], source=SOURCE)
        found = [one for one in read_journal(path) if isinstance(one, JournalBatch)]
        assert [one.number for one in found] == [2]

    def test_a_file_that_someone_cut(self, path: Path, opened: Callable[..., Journal]) -> None:
        """A file whose length is another than ours is left alone."""
        journal = opened()
        first = journal.append([note(1)], source=SOURCE)
        (segment,) = journal_folder(path).iterdir()
        os.truncate(segment, 10)
        assert journal.append([note(2)], source=SOURCE).segment == first.segment + 1

    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_fault_points(self, path: Path, opened: Callable[..., Journal], number: int) -> None:
        """Whatever breaks a batch off, it is there whole or not at all; the next one is kept."""
        faults = CrashAt(number)
        journal = opened(faults=faults)
        with pytest.raises(KeyboardInterrupt):
            journal.append([note(1)], source=SOURCE)
        assert ids(path) == []
        journal.append([note(2)], source=SOURCE)
        assert ids(path) == [["2"]]
        assert faults.reached[-3:] == [
            "journal.before_write",
            "journal.after_write",
            "journal.after_sync",
        ]

    def test_new_names_are_made_to_stay(self, path: Path, opened: Callable[..., Journal]) -> None:
        """With a segment's first batch its folder is synced too, and the folder's own name."""
        synced: list[Path] = []

        class Noting(Disk):
            def sync_folder(self, folder: Path) -> None:
                synced.append(folder)
                super().sync_folder(folder)

        journal = opened(disk=Noting())
        journal.append([note(1)], source=SOURCE)
        journal.append([note(2)], source=SOURCE)
        assert synced == [journal_folder(path), path.parent]


def in_child(work: Callable[[], object]) -> int:
    """Run in a process of its own; tell its id."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def exit_code(pid: int) -> int:
    """Wait for a child."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class TestTogether:
    """Threads, processes, forks."""

    def test_threads_share_a_journal(self, path: Path, opened: Callable[..., Journal]) -> None:
        """Batches of many threads stand one behind the other, each whole."""
        journal = opened()

        def append(number: int) -> int:
            return journal.append([note(number), note(number)], source=SOURCE).number

        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(append, range(60)))
        assert sorted(numbers) == list(range(1, 61))
        assert sorted(ids(path)) == sorted([str(n), str(n)] for n in range(60))

    @needs_fork
    def test_processes_do_not_meet(self, path: Path) -> None:
        """Two processes append at the same time, each to files of its own."""

        def append_from(first: int) -> None:
            journal = open_journal(path, clock=clock)
            for number in range(first, first + 20):
                journal.append([note(number)], source=SOURCE)

        children = [in_child(partial(append_from, first)) for first in (0, 20)]
        assert [exit_code(child) for child in children] == [0, 0]
        assert sorted(int(one[0]) for one in ids(path)) == list(range(40))
        assert len({name.partition("-")[0] for name in files(path)}) == 2

    @needs_fork
    def test_a_fork_is_a_new_writer(self, path: Path, opened: Callable[..., Journal]) -> None:
        """A child writes to files of its own, and the parent goes on as before."""
        journal = opened()
        journal.append([note(1)], source=SOURCE)
        writer = journal.writer
        assert exit_code(in_child(lambda: journal.append([note(2)], source=SOURCE))) == 0
        journal.append([note(3)], source=SOURCE)
        assert journal.writer == writer
        assert sorted(ids(path)) == [["1"], ["2"], ["3"]]
        assert len(files(path)) == 2

    @needs_fork
    def test_a_fork_while_another_thread_writes(
        self, path: Path, opened: Callable[..., Journal]
    ) -> None:
        """A child never waits for a thread that only its parent has."""
        journal = opened()
        with ThreadPoolExecutor(1) as pool, journal._lock:
            waiting = pool.submit(journal.append, [note(1)], source=SOURCE)
            child = in_child(lambda: journal.append([note(2)], source=SOURCE))
            assert exit_code(child) == 0
        assert waiting.result().number == 1
        assert sorted(ids(path)) == [["1"], ["2"]]
