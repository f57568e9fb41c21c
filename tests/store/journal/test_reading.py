"""Reading the journal: all writers in the order of time, and what a live writer does is no harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cxm_core.records import Note
from cxm_core.store import (
    Journal,
    JournalBatch,
    JournalFlaw,
    journal_folder,
    open_journal,
    read_journal,
)
from cxm_core.store.journal import _reading as _journal_reading
from cxm_core.store.journal._reading import Mark, read_on, unread_streams
from cxm_core.store.journal._segments import SegmentName, is_held, segments_in

START = datetime(2026, 11, 1, tzinfo=UTC)
SOURCE = "app:own"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Return the present instant."""
        return self.now

    def set(self, hours: int) -> None:
        """Set it to this many hours after the start."""
        self.now = START + timedelta(hours=hours)


@pytest.fixture
def clock() -> Clock:
    """Clock of all journals."""
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """File of a store, which need not be there."""
    return tmp_path / "cxm.duckdb"


@pytest.fixture
def opened(path: Path, clock: Clock) -> Iterator[Callable[[], Journal]]:
    """Open journals, each closed in the end."""
    journals: list[Journal] = []

    def opener() -> Journal:
        journals.append(open_journal(path, clock=clock))
        return journals[-1]

    yield opener
    for journal in journals:
        journal.close()


def note(native_id: object) -> Note:
    """A note."""
    return Note(native_id=str(native_id), occurred_at=START, text="Cold hall")


def ids(path: Path) -> list[str]:
    """Native ids in the order of reading; a flaw as its reason."""
    found = list[str]()
    for one in read_journal(path):
        if isinstance(one, JournalFlaw):
            found.append(one.reason)
        else:
            found += [str(row.cells["native_id"]) for row in one.rows]
    return found


def segment_of(path: Path) -> Path:
    """The only segment there is."""
    (found,) = journal_folder(path).iterdir()
    return found


class TestByHand:
    """Few batches of few writers."""

    def test_no_journal_is_an_empty_one(self, path: Path) -> None:
        """A store that nobody added to has nothing in its journal."""
        assert ids(path) == []
        journal_folder(path).mkdir()
        assert ids(path) == []

    def test_other_files_are_left_alone(self, path: Path, opened: Callable[[], Journal]) -> None:
        """Only names that a writer gives are read."""
        opened().append([note(1)], source=SOURCE)
        data = segment_of(path).read_bytes()
        for name in ("notes.txt", "0123456789abcdef-0.cxmj", "0123-1.cxmj", "x.cxmj.draft-1"):
            (journal_folder(path) / name).write_bytes(data)
        assert ids(path) == ["1"]

    def test_names_of_segments(self) -> None:
        """A name tells writer and number, and nothing else is one."""
        name = SegmentName("0123456789abcdef", 12)
        assert SegmentName.of(name.file) == name
        for file in ("0123456789ABCDEF-1.cxmj", "0123456789abcdef-01.cxmj", "a-1.cxmj", ""):
            assert SegmentName.of(file) is None

    def test_segments_are_in_order_of_number(self, path: Path) -> None:
        """The tenth segment comes after the ninth."""
        folder = journal_folder(path)
        folder.mkdir()
        names = [SegmentName("0" * 16, number) for number in (10, 9, 1)]
        for name in names:
            (folder / name.file).write_bytes(b"x" * name.number)
        assert segments_in(folder) == {name: name.number for name in reversed(names)}
        assert list(segments_in(folder)) == names[::-1]

    def test_writers_are_merged_by_time(
        self, path: Path, opened: Callable[[], Journal], clock: Clock
    ) -> None:
        """Whoever wrote it, the earlier batch comes first."""
        one, other = opened(), opened()
        for hour, journal in enumerate([one, other, other, one, other, one]):
            clock.set(hour)
            journal.append([note(hour)], source=SOURCE)
        assert ids(path) == ["0", "1", "2", "3", "4", "5"]

    def test_a_writer_keeps_its_order(
        self, path: Path, opened: Callable[[], Journal], clock: Clock
    ) -> None:
        """Batches of one writer stay in order, even if its clock was set back."""
        one, other = opened(), opened()
        for hour, journal in [(5, one), (3, one), (4, other), (6, other), (7, one)]:
            clock.set(hour)
            journal.append([note(hour)], source=SOURCE)
        assert ids(path) == ["4", "5", "3", "6", "7"]

    def test_at_one_instant_records_come_before_a_new_name(
        self, path: Path, opened: Callable[[], Journal]
    ) -> None:
        """What was added under the old name is there when it changes."""
        for _ in range(5):
            opened().append([note(1)], source="app:old")
            opened().rename("app:old", "app:new")
        found = [one.rename for one in read_journal(path) if isinstance(one, JournalBatch)]
        assert found == [None] * 5 + [("app:old", "app:new")] * 5

    def test_few_files_are_in_memory_at_once(
        self,
        path: Path,
        opened: Callable[[], Journal],
        clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A writer's file is read when its first batch is due, not before."""
        for hour in range(20):
            clock.set(hour)
            opened().append([note(hour)], source=SOURCE)
        read: list[str] = []
        whole = _journal_reading._bytes_from

        def noting(path: Path, offset: int) -> tuple[int, bytes]:
            read.append(path.name)
            return whole(path, offset)

        monkeypatch.setattr(_journal_reading, "_bytes_from", noting)
        reading = read_journal(path)
        next(reading)
        assert len(read) <= 2
        assert len(list(reading)) == 19

    def test_a_copy_of_a_segment_is_read_once(
        self, path: Path, opened: Callable[[], Journal]
    ) -> None:
        """A segment that is there twice, under whatever name, gives its batches once."""
        journal = opened()
        for number in range(3):
            journal.append([note(number)], source=SOURCE)
        original = segment_of(path)
        for name in (SegmentName(journal.writer, 7), SegmentName("0" * 16, 1)):
            (journal_folder(path) / name.file).write_bytes(original.read_bytes())
        assert ids(path) == ["0", "1", "2"]

    def test_a_segment_under_another_name_is_read(
        self, path: Path, opened: Callable[[], Journal]
    ) -> None:
        """The frames say who wrote them, not the name of the file."""
        opened().append([note(1)], source=SOURCE)
        segment_of(path).rename(journal_folder(path) / SegmentName("0" * 16, 3).file)
        assert ids(path) == ["1"]

    def test_a_file_that_cannot_be_read_is_told(
        self, path: Path, opened: Callable[[], Journal]
    ) -> None:
        """A segment that the machine does not hand out is damage, and others are read."""
        opened().append([note(1)], source=SOURCE)
        (journal_folder(path) / SegmentName("0" * 16, 1).file).mkdir()
        assert sorted(ids(path)) == ["1", "damaged"]

    def test_a_file_that_went_away_is_none(self, path: Path, opened: Callable[[], Journal]) -> None:
        """A segment that is removed while others are read is passed over."""
        opened().append([note(1)], source=SOURCE)
        streams = unread_streams(journal_folder(path), {})
        segment_of(path).unlink()
        assert list(read_on(journal_folder(path), streams, {})) == []


class TestLive:
    """Reading while someone writes."""

    def test_the_torn_end_of_a_live_writer_is_no_damage(
        self, path: Path, opened: Callable[[], Journal]
    ) -> None:
        """What a process is just writing is not told; once it is dead, it is."""
        journal = opened()
        journal.append([note(1)], source=SOURCE)
        segment = segment_of(path)
        with segment.open("ab") as stream:
            stream.write(segment.read_bytes()[:40])
        assert is_held(segment)
        assert ids(path) == ["1"]
        journal.close()
        assert not is_held(segment)
        assert ids(path) == ["1", "unfinished"]

    def test_damage_in_the_middle_is_told_at_once(
        self, path: Path, opened: Callable[[], Journal]
    ) -> None:
        """What was written over is damage, also while the writer lives."""
        journal = opened()
        journal.append([note(1)], source=SOURCE)
        edge = journal.append([note(2)], source=SOURCE).end
        segment = segment_of(path)
        data = segment.read_bytes()
        segment.write_bytes(data[: edge - 5] + b"?????" + data)
        assert ids(path)[:2] == ["1", "damaged"]

    def test_a_segment_that_was_left_is_not_live(
        self, path: Path, opened: Callable[[], Journal]
    ) -> None:
        """Only the newest segment of a writer may end in the middle of a frame."""
        journal = opened()
        journal.append([note(1)], source=SOURCE)
        first = segment_of(path)
        first.write_bytes(first.read_bytes() + b"\xffcx")
        journal.append([note(2)], source=SOURCE)
        assert ids(path) == ["1", "unfinished", "2"]

    def test_nothing_is_held_that_is_not_there(self, path: Path) -> None:
        """A file that is not there is nobody's."""
        assert not is_held(path)

    def test_without_locks_nobody_seems_to_write(
        self, path: Path, opened: Callable[[], Journal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On a system that cannot tell who writes, batches are read all the same."""
        monkeypatch.setattr("cxm_core.store.journal._segments._LOCKS", None)
        opened().append([note(1)], source=SOURCE)
        assert not is_held(segment_of(path))
        assert ids(path) == ["1"]


class TestMarks:
    """Reading on from what is known."""

    def test_only_what_is_new_is_read(self, path: Path, opened: Callable[[], Journal]) -> None:
        """From a mark on, only what was written since is handed out."""
        journal, folder = opened(), journal_folder(path)
        first = journal.append([note(1)], source=SOURCE)
        marks = {first.writer: Mark(first.number, first.segment, first.end, first.at)}
        assert unread_streams(folder, marks) == []
        journal.append([note(2)], source=SOURCE)
        streams = unread_streams(folder, marks)
        found = list(read_on(folder, streams, marks))
        assert [one.number for one in found if isinstance(one, JournalBatch)] == [2]
        assert [(one.start, one.segment) for one in found] == [
            (first.end, SegmentName(first.writer, 1).file)
        ]

    def test_a_file_that_became_shorter_is_read_from_its_start(
        self, path: Path, opened: Callable[[], Journal]
    ) -> None:
        """Where a mark points beyond the end, nothing is missed and nothing read twice."""
        journal, folder = opened(), journal_folder(path)
        journal.append([note(1)], source=SOURCE)
        second = journal.append([note(2)], source=SOURCE)
        marks = {second.writer: Mark(1, 1, second.end + 100, second.at)}
        found = list(read_on(folder, unread_streams(folder, marks), marks))
        assert [one.number for one in found if isinstance(one, JournalBatch)] == [2]

    def test_an_empty_file_is_no_news(self, path: Path, opened: Callable[[], Journal]) -> None:
        """A segment in which nothing stands yet is not read."""
        opened()
        folder = journal_folder(path)
        folder.mkdir()
        (folder / SegmentName("0" * 16, 1).file).touch()
        assert unread_streams(folder, {}) == []
