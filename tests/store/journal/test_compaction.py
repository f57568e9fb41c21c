"""A journal written anew: what is dropped is in no byte of it, and nothing else is missed."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxm_core.errors import StoreError, StoreFull
from cxm_core.records import Note
from cxm_core.store import (
    Journal,
    JournalBatch,
    JournalFlaw,
    JournalRow,
    journal_folder,
    open_journal,
    open_store,
    read_journal,
)
from cxm_core.store.journal._compaction import rewrite_journal
from cxm_core.store.journal._entries import Entry
from cxm_core.store.journal._frames import encode_frame
from cxm_core.store.journal._reading import Mark
from cxm_core.testing import PERSONAL_MARKER, FaultyDisk

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOURCE = "app:own"


def note(native_id: object) -> Note:
    """A note."""
    return Note(native_id=str(native_id), occurred_at=NOW, text=f"{PERSONAL_MARKER} {native_id}.")


def without(*native_ids: object) -> Callable[[JournalRow, Entry], bool]:
    """Keep all but these."""
    gone = {str(one) for one in native_ids}
    return lambda row, _: row.cells["native_id"] not in gone


def nothing(_row: JournalRow, _entry: Entry) -> bool:
    """Keep nothing."""
    return False


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """File of a store, which need not be there."""
    return tmp_path / "cxm.duckdb"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    """A journal to write to."""
    journal = open_journal(path, clock=lambda: NOW)
    yield journal
    journal.close()


def ids(path: Path) -> list[list[str] | str]:
    """Native ids of each batch that has some; a flaw as its reason."""
    found: list[list[str] | str] = []
    for one in read_journal(path):
        if isinstance(one, JournalFlaw):
            found.append(one.reason)
        elif one.rows:
            found.append([str(row.cells["native_id"]) for row in one.rows])
    return found


def marks(journal: Journal, number: int = 1_000) -> dict[str, Mark]:
    """Everything up to this number is folded."""
    return {journal.writer: Mark(number, 1, 0, NOW)}


def content(path: Path) -> bytes:
    """Every byte of the journal."""
    return b"".join(one.read_bytes() for one in sorted(journal_folder(path).iterdir()))


class TestByHand:
    """Few records, some of them dropped."""

    def test_what_is_dropped_is_in_no_byte(self, path: Path, journal: Journal) -> None:
        """Of a batch the others stay, and no batch is missed."""
        journal.append([note(1), note(2)], source=SOURCE)
        journal.append([note(3)], source=SOURCE)
        journal.append([note(4)], source=SOURCE)
        journal.close()
        done = rewrite_journal(journal_folder(path), keep=without(2, 3), marks=marks(journal))
        assert done.dropped == 2
        assert done.bytes_after < done.bytes_before
        assert done.bytes_after == len(content(path))
        assert ids(path) == [["1"], ["4"]]
        for number, is_there in [(1, True), (2, False), (3, False), (4, True)]:
            assert (f"{PERSONAL_MARKER} {number}.".encode() in content(path)) is is_there

    def test_nothing_to_drop_changes_nothing(self, path: Path, journal: Journal) -> None:
        """A segment that stays as it is is not written, however often it is looked at."""
        journal.append([note(1), note(2)], source=SOURCE)
        journal.append([note(3)], source=SOURCE)
        journal.close()
        rewrite_journal(journal_folder(path), keep=without(3), marks=marks(journal))
        before = content(path)
        disk = FaultyDisk()
        done = rewrite_journal(
            journal_folder(path), keep=without(3), marks=marks(journal), disk=disk
        )
        assert (done.dropped, done.bytes_before, done.bytes_after) == (
            0,
            len(before),
            len(before),
        )
        assert (content(path), disk.calls) == (before, [])

    def test_hollow_batches_become_one(self, path: Path, journal: Journal) -> None:
        """Whole batches in a row of which nothing is left take the room of one."""
        for number in range(30):
            journal.append([note(number)], source=SOURCE)
        journal.append([note("last")], source=SOURCE)
        journal.close()
        rewrite_journal(journal_folder(path), keep=without(*range(30)), marks=marks(journal))
        batches = [one for one in read_journal(path) if isinstance(one, JournalBatch)]
        assert [(one.number, len(one.rows)) for one in batches] == [(30, 0), (31, 1)]
        assert ids(path) == [["last"]]

    def test_a_part_of_a_long_batch(self, path: Path, journal: Journal) -> None:
        """Frames of a batch stay, hollow or not, so that the batch is whole."""
        journal.append([note(number) for number in range(2_100)], source=SOURCE)
        journal.close()
        for gone in (range(1_000), range(1_000, 2_000), range(2_000, 2_100)):
            rewrite_journal(journal_folder(path), keep=without(*gone), marks=marks(journal))
            assert all(isinstance(one, JournalBatch) for one in read_journal(path))
        assert ids(path) == []

    def test_what_is_not_folded_stays(self, path: Path, journal: Journal) -> None:
        """Nobody is asked for a record that the store does not hold yet."""
        journal.append([note(1)], source=SOURCE)
        journal.append([note(2)], source=SOURCE)
        journal.close()
        folder = journal_folder(path)
        assert rewrite_journal(folder, keep=nothing, marks=marks(journal, 1)).dropped == 1
        assert rewrite_journal(folder, keep=nothing, marks={}).dropped == 0
        assert ids(path) == [["2"]]

    def test_what_is_being_written_stays(self, path: Path, journal: Journal) -> None:
        """The segment of a live writer is left alone."""
        journal.append([note(1)], source=SOURCE)
        folder = journal_folder(path)
        assert rewrite_journal(folder, keep=nothing, marks=marks(journal)).dropped == 0
        assert ids(path) == [["1"]]
        journal.close()
        assert rewrite_journal(folder, keep=nothing, marks=marks(journal)).dropped == 1

    def test_new_names_stay(self, path: Path, journal: Journal) -> None:
        """A source's new name is no record, and is never dropped."""
        journal.append([note(1)], source=SOURCE)
        journal.rename(SOURCE, "app:new")
        journal.close()
        rewrite_journal(journal_folder(path), keep=nothing, marks=marks(journal))
        names = [one.rename for one in read_journal(path) if isinstance(one, JournalBatch)]
        assert names == [None, (SOURCE, "app:new")]

    def test_a_writer_with_nothing_left_is_gone(self, path: Path, journal: Journal) -> None:
        """Files in which nothing is left are removed; those of other writers stay."""
        other = open_journal(path, clock=lambda: NOW)
        other.append([note("other")], source=SOURCE)
        other.close()
        journal.append([note(1)], source=SOURCE)
        journal.close()
        rewrite_journal(journal_folder(path), keep=without(1), marks=marks(journal))
        (left,) = journal_folder(path).iterdir()
        assert left.name.startswith(other.writer)
        assert ids(path) == [["other"]]

    def test_bytes_that_cannot_be_read_stay(self, path: Path, journal: Journal) -> None:
        """Damage, and frames of a newer library, are kept as they are."""
        journal.append([note(1)], source=SOURCE)
        journal.append([note(2)], source=SOURCE)
        journal.close()
        (segment,) = journal_folder(path).iterdir()
        newer = encode_frame(b"later", version=9)
        data = segment.read_bytes()
        segment.write_bytes(data + b"garbage" + newer + b"end")
        rewrite_journal(journal_folder(path), keep=nothing, marks=marks(journal))
        assert segment.read_bytes().endswith(b"garbage" + newer + b"end")
        assert PERSONAL_MARKER.encode() not in content(path)

    def test_drafts_of_a_killed_run_are_removed(self, path: Path, journal: Journal) -> None:
        """What a killed run left behind is no segment, and goes with the next run."""
        journal.append([note(1)], source=SOURCE)
        journal.close()
        (segment,) = journal_folder(path).iterdir()
        draft = segment.with_name(segment.name + ".draft-0123")
        draft.write_bytes(segment.read_bytes())
        assert ids(path) == [["1"]]
        rewrite_journal(journal_folder(path), keep=without(), marks=marks(journal))
        assert list(journal_folder(path).iterdir()) == [segment]

    def test_no_journal_is_no_work(self, path: Path) -> None:
        """A store without a journal has nothing to write anew."""
        done = rewrite_journal(journal_folder(path), keep=nothing, marks={})
        assert (done.bytes_before, done.bytes_after, done.dropped) == (0, 0, 0)

    @pytest.mark.parametrize("torn", [0.0, 0.5])
    @pytest.mark.parametrize("call", [1, 2, 3, 4])
    def test_a_disk_that_fails(self, path: Path, journal: Journal, call: int, torn: float) -> None:
        """Whatever fails, each segment is the old one or the new one, and no draft is left."""
        journal.append([note(1), note(2)], source=SOURCE)
        journal.close()
        disk = FaultyDisk(fail_at=call, error=errno.ENOSPC, torn=torn)
        folder = journal_folder(path)
        with pytest.raises(StoreFull):
            rewrite_journal(folder, keep=without(1), marks=marks(journal), disk=disk)
        assert ids(path) in ([["1", "2"]], [["2"]])
        assert len(list(folder.iterdir())) == 1

    def test_a_folder_that_cannot_be_read(self, path: Path) -> None:
        """What stands in the way is told as an error of the store."""
        folder = journal_folder(path)
        (folder / "0123456789abcdef-1.cxmj").mkdir(parents=True)
        with pytest.raises(StoreError, match=r"cxm\.duckdb\.journal"):
            rewrite_journal(folder, keep=nothing, marks={})


class TestFolded:
    """The store, after its journal was written anew."""

    def test_the_store_takes_nothing_twice(self, path: Path, journal: Journal) -> None:
        """What the store holds is not folded again, and after one look nothing is news."""
        pytest.importorskip("duckdb")
        for number in range(4):
            journal.append([note(number)], source=SOURCE)
        journal.close()
        store = open_store(path, clock=lambda: NOW)
        store.close()
        rewrite_journal(journal_folder(path), keep=without(1, 2, 3), marks=marks(journal))
        for _ in range(2):
            store = open_store(path, clock=lambda: NOW)
            assert store.count("note") == 4
            assert len(store.receipts()) == 1
            assert store.fold().batches == 0
            store.close()
        for file in path.parent.glob("cxm.duckdb*"):
            if file.is_file():
                file.unlink()
        store = open_store(path, clock=lambda: NOW)
        assert store.count("note") == 1
        store.close()
