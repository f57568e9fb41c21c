"""Folding: what is in the journal comes into the store once, as if it had come in directly."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import StoreError, StoreFull
from cxm_core.records import Deletion, Note, Record, to_row
from cxm_core.store import (
    FoldReport,
    Journal,
    JournalFlaw,
    Store,
    canonical_lines,
    journal_folder,
    open_journal,
    open_store,
    read_journal,
)
from cxm_core.store.journal._entries import Entry, JournalRow
from cxm_core.store.journal._frames import encode_frame
from cxm_core.store.journal._segments import SegmentName
from cxm_core.sync import add
from cxm_core.testing import CrashAt, FaultyDisk

pytest.importorskip("duckdb")

START = datetime(2026, 11, 1, tzinfo=UTC)
SOURCE = "app:own"
Opener = Callable[..., Store]


class Clock:
    """A clock that goes on by a minute with each look, unless it is set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Return the next minute."""
        self.now += timedelta(minutes=1)
        return self.now

    def back(self, days: int) -> None:
        """Set it back."""
        self.now -= timedelta(days=days)


@pytest.fixture
def clock() -> Clock:
    """Clock of stores and journals."""
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """File of a store, which is made when it is opened."""
    return tmp_path / "cxm.duckdb"


@pytest.fixture
def opened(path: Path, clock: Clock) -> Iterator[Opener]:
    """Open stores, each closed in the end."""
    stores: list[Store] = []

    def opener(**values: Any) -> Store:
        stores.append(open_store(path, clock=clock, **values))
        return stores[-1]

    yield opener
    for store in stores:
        store.close()


@pytest.fixture
def journal(path: Path, clock: Clock) -> Iterator[Journal]:
    """Journal of the store, as a receiver opens it."""
    journal = open_journal(path, clock=clock)
    yield journal
    journal.close()


def note(native_id: object, text: str = "Cold hall", **values: Any) -> Note:
    """A note."""
    return Note(native_id=str(native_id), occurred_at=START, text=text, **values)


def texts(store: Store, **asked: Any) -> dict[str, Any]:
    """Text of each note."""
    return {record.native_id: to_row(record)["text"] for record in store.records("note", **asked)}


def everything(store: Store) -> list[str]:
    """All current records with all they hold, as lines."""
    return list(canonical_lines(store, without=()))


def without_file(path: Path, store: Store) -> None:
    """Lose the store's file, and all that stands beside it but the journal."""
    store.close()
    for name in path.parent.glob(path.name + "*"):
        if name.is_file():
            name.unlink()


class TestByHand:
    """What was appended, and what is in the store."""

    def test_a_batch_is_folded_when_the_store_opens(self, opened: Opener, journal: Journal) -> None:
        """What a receiver wrote while no store was open is there at once."""
        journal.append([note(1), note(2, "Warm hall")], source=SOURCE)
        store = opened()
        assert texts(store) == {"1": "Cold hall", "2": "Warm hall"}
        assert [entry.name for entry in store.sources()] == [SOURCE]
        (receipt,) = store.receipts()
        assert (receipt.source, receipt.served, receipt.applied) == (SOURCE, 2, 2)
        assert receipt.balances
        assert receipt.note == "Taken from the journal."

    def test_folding_twice_is_folding_once(self, opened: Opener, journal: Journal) -> None:
        """A second folding finds nothing; nor does another opening."""
        journal.append([note(1)], source=SOURCE)
        store = opened()
        assert store.fold() == FoldReport()
        store.close()
        again = opened()
        assert again.fold() == FoldReport()
        assert len(again.receipts()) == 1

    def test_what_is_appended_to_an_open_store(self, opened: Opener, journal: Journal) -> None:
        """A folding takes what came since the last one, and says how much that was."""
        store = opened()
        for number in range(3):
            journal.append([note(number)], source=SOURCE)
        report = store.fold()
        assert (report.batches, report.counts.applied, report.is_clean) == (3, 3, True)
        assert str(report) == "Taken from the journal: 3 records, 3 of them new."
        journal.append([note(1)], source=SOURCE)
        assert store.fold().counts.duplicate == 1
        assert len(texts(store)) == 3

    def test_a_store_in_memory_folds_nothing(self, clock: Clock) -> None:
        """Memory has no journal; records that are kept are merged all the same."""
        store = open_store("memory:", clock=clock)
        assert store.fold() == FoldReport()
        assert add(store, [note(1)], source=SOURCE, clock=clock).applied == 1
        store.close()
        with pytest.raises(StoreError, match="closed"):
            store.fold()

    def test_a_store_to_be_read_folds_nothing(self, opened: Opener, journal: Journal) -> None:
        """Who only reads changes nothing, whatever the journal holds."""
        opened().close()
        journal.append([note(1)], source=SOURCE)
        reader = opened(read_only=True)
        assert reader.fold() == FoldReport()
        assert texts(reader) == {}

    def test_add_writes_the_journal_first(self, path: Path, opened: Opener, clock: Clock) -> None:
        """What an app adds is in the journal too, and is not folded again."""
        store = opened()
        add(store, [note(1), note(2)], source=SOURCE, clock=clock)
        assert [len(getattr(one, "rows", ())) for one in read_journal(path)] == [2]
        assert store.fold() == FoldReport()
        store.close()
        assert len(opened().receipts()) == 1

    def test_pulled_records_are_not_journalled(self, path: Path, opened: Opener) -> None:
        """What can be pulled again needs no journal, and no folder is made for it."""
        store = opened()
        with store.transaction() as transaction:
            transaction.apply([note(1)], source="files:a")
        assert not journal_folder(path).exists()

    def test_nothing_added_is_nothing_written(
        self, path: Path, opened: Opener, clock: Clock
    ) -> None:
        """An empty batch makes a receipt and no journal."""
        assert add(opened(), [], source=SOURCE, clock=clock).served == 0
        assert not journal_folder(path).exists()

    def test_a_transaction_that_fails_leaves_no_trace(
        self, path: Path, opened: Opener, clock: Clock
    ) -> None:
        """All or none: what the store did not keep is in no journal."""
        store = opened()

        def failing() -> None:
            with store.transaction() as transaction:
                transaction.keep([note(1)], source=SOURCE)
                raise LookupError

        with pytest.raises(LookupError):
            failing()
        assert not journal_folder(path).exists()
        assert texts(store) == {}

    def test_a_record_that_is_none_is_set_aside(
        self, path: Path, opened: Opener, clock: Clock
    ) -> None:
        """What another version of the library wrote and this one refuses is not lost."""
        rows = (
            JournalRow(kind="poem", cells={"native_id": "1"}),
            JournalRow(kind="note", cells={"native_id": "2"}),
            JournalRow(kind="note", cells=_cells(note(3))),
            JournalRow(kind="note", cells={}),
        )
        _write(path, [Entry(writer=WRITER, number=1, after=0, at=START, source=SOURCE, rows=rows)])
        store = opened()
        assert list(texts(store)) == ["3"]
        assert sorted(one.kind for one in store.quarantined()) == ["note", "note", "poem"]
        (receipt,) = store.receipts()
        assert (receipt.served, receipt.applied, receipt.quarantined) == (4, 1, 3)
        assert receipt.balances

    def test_a_newer_frame_is_told_each_time(
        self, path: Path, opened: Opener, clock: Clock
    ) -> None:
        """What only a newer library reads stays where it is, and waits for it."""
        entries = [
            Entry(
                writer=WRITER,
                number=number,
                after=number - 1,
                at=START,
                source=SOURCE,
                rows=(JournalRow(kind="note", cells=_cells(note(number))),),
            )
            for number in (1, 2, 3)
        ]
        frames = [encode_frame(one.payload()) for one in entries]
        newer = encode_frame(entries[1].payload(), version=2)
        place = _write(path, [])
        place.write_bytes(frames[0] + newer + frames[2])
        store = opened()
        assert list(texts(store)) == ["1"]
        report = store.fold()
        assert [flaw.reason for flaw in report.flaws] == ["newer"]
        assert "upgrade to read it" in str(report)
        assert not report.is_clean
        place.write_bytes(b"".join(frames))
        assert store.fold().counts.applied == 2

    def test_damage_is_told_once(self, path: Path, opened: Opener, journal: Journal) -> None:
        """What cannot be read stops nothing; it is told when it is found, and kept as an event."""
        journal.append([note(1)], source=SOURCE)
        edge = journal.append([note(2)], source=SOURCE)
        journal.append([note(3)], source=SOURCE)
        journal.close()
        (segment,) = journal_folder(path).iterdir()
        data = bytearray(segment.read_bytes())
        data[edge.start + 50] ^= 1
        segment.write_bytes(bytes(data))
        store = opened(faults=CrashAt())
        assert sorted(texts(store)) == ["1", "3"]
        assert store.fold() == FoldReport()
        store.close()
        assert opened().fold().flaws == ()

    def test_a_torn_end_is_told_once(self, path: Path, opened: Opener, journal: Journal) -> None:
        """The end of a writer that died is told once, not at every opening."""
        store = opened()
        journal.append([note(1)], source=SOURCE)
        journal.close()
        (segment,) = journal_folder(path).iterdir()
        with segment.open("ab") as stream:
            stream.write(b"\xffcx\x01")
        report = store.fold()
        assert [flaw.reason for flaw in report.flaws] == ["unfinished"]
        assert report.counts.applied == 1
        assert store.fold() == FoldReport()

    def test_on_a_full_disk_the_store_opens(
        self, opened: Opener, journal: Journal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is committed can be read; the journal waits, and the report says so."""
        opened().close()
        journal.append([note(1)], source=SOURCE)

        def full(*_: object) -> FoldReport:
            raise StoreFull("The disk is full.")

        monkeypatch.setattr("cxm_core.store._duckdb.fold", full)
        store = opened()
        assert store.opening.folded.postponed is not None
        assert "not folded yet. The disk is full." in str(store.opening.folded)
        with pytest.raises(StoreFull):
            store.fold()
        monkeypatch.undo()
        assert store.fold().counts.applied == 1


WRITER = "0123456789abcdef"


def _cells(record: Record) -> dict[str, Any]:
    stamped = record.stamped(source=SOURCE, known_at=START)
    values = {name: value for name, value in to_row(stamped).items() if value is not None}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _write(path: Path, entries: list[Entry]) -> Path:
    place = journal_folder(path) / SegmentName(WRITER, 1).file
    place.parent.mkdir()
    place.write_bytes(b"".join(encode_frame(entry.payload()) for entry in entries))
    return place


class TestNames:
    """Sources that got another name."""

    def test_a_rename_is_journalled(self, path: Path, opened: Opener, clock: Clock) -> None:
        """A store that is made from the journal alone ends with the present names."""
        store = opened()
        add(store, [note(1)], source="app:old", clock=clock)
        store.rename_source("app:old", "app:new")
        add(store, [note(2)], source="app:new", clock=clock)
        before = everything(store)
        without_file(path, store)
        again = opened()
        assert everything(again) == before
        assert [entry.name for entry in again.sources()] == ["app:new"]

    def test_an_old_name_may_be_used_again(self, path: Path, opened: Opener, clock: Clock) -> None:
        """What came under the old name after the change stays under it."""
        store = opened()
        add(store, [note(1)], source="app:a", clock=clock)
        store.rename_source("app:a", "app:b")
        add(store, [note(1)], source="app:a", clock=clock)
        store.rename_source("app:a", "app:c")
        before = everything(store)
        without_file(path, store)
        again = opened()
        assert everything(again) == before
        assert [entry.name for entry in again.sources()] == ["app:b", "app:c"]

    def test_a_clock_that_stands_still_changes_nothing(self, path: Path) -> None:
        """Names and records keep their order even where no time passes between them."""
        for _ in range(3):
            store = open_store(path, clock=lambda: START)
            add(store, [note(1)], source="app:a", clock=lambda: START)
            number = len(store.sources())
            store.rename_source("app:a", f"app:n{number}")
            before = everything(store)
            store.close()
        without_file(path, store)
        again = open_store(path, clock=lambda: START)
        assert everything(again) == before
        again.close()

    def test_a_late_batch_under_an_old_name_gets_the_new_one(
        self, opened: Opener, journal: Journal, clock: Clock
    ) -> None:
        """What a receiver wrote before the change, and is read after it, belongs to the source."""
        store = opened()
        add(store, [note(1)], source="app:old", clock=clock)
        at = clock()
        store.rename_source("app:old", "app:new")
        journal.append([note(2)], source="app:old", at=at)
        store.fold()
        assert [entry.name for entry in store.sources()] == ["app:new"]
        assert {record.source for record in store.records("note")} == {"app:new"}

    def test_a_rename_that_fails_is_withdrawn(self, path: Path, clock: Clock) -> None:
        """All or none: a name that the store did not change does not change later."""
        store = open_store(path, clock=clock)
        add(store, [note(1)], source="app:old", clock=clock)
        store.close()
        faults = CrashAt()
        store = open_store(path, clock=clock, faults=faults)
        store.rename_source("app:old", "app:new")
        store.rename_source("app:new", "app:old")
        points = faults.reached[faults.reached.index("journal.before_write") :]
        store.close()
        crash = 1 + points.index("store.before_commit")
        faults = CrashAt()
        store = open_store(path, clock=clock, faults=faults)
        faults.number = len(faults.reached) + 1 + crash
        with pytest.raises(KeyboardInterrupt):
            store.rename_source("app:old", "app:new")
        store.close()
        again = open_store(path, clock=clock)
        assert [entry.name for entry in again.sources()] == ["app:old"]
        again.close()


class TestRebuilt:
    """A store made from the journal alone."""

    def test_every_version_is_there(self, path: Path, opened: Opener, clock: Clock) -> None:
        """Current records, history as of any moment, and deletions come back as they were."""
        store = opened()
        moments = []
        for text in ("one", "two", "three"):
            add(store, [note(1, text), note(2, text)], source=SOURCE, clock=clock)
            moments.append(clock())
        gone = Deletion(kind="note", native_id="2")
        add(store, [gone], source=SOURCE, clock=clock)
        before = everything(store), [texts(store, as_of=at) for at in moments]
        without_file(path, store)
        again = opened()
        assert (everything(again), [texts(again, as_of=at) for at in moments]) == before
        assert texts(again) == {"1": "three"}

    def test_a_clock_that_fell_back(self, path: Path, opened: Opener, clock: Clock) -> None:
        """What was said last stands, also if the clock fell back between two adds."""
        store = opened()
        add(store, [note(1, "first")], source=SOURCE, clock=clock)
        clock.back(days=3)
        add(store, [note(1, "second")], source=SOURCE, clock=clock)
        add(store, [note(2, "third")], source=SOURCE, clock=clock)
        before = everything(store)
        assert texts(store)["1"] == "second"
        without_file(path, store)
        assert everything(opened()) == before

    def test_versions_within_a_batch(self, path: Path, opened: Opener, clock: Clock) -> None:
        """Of two versions in one batch, the same one stands, and no other becomes history."""
        store = opened()
        add(store, [note(1, "a"), note(1, "b"), note(1, "a")], source=SOURCE, clock=clock)
        before, receipt = everything(store), store.receipts()[0]
        without_file(path, store)
        again = opened()
        assert everything(again) == before
        assert again.receipts()[0].stale == receipt.stale
        assert texts(again, as_of=clock()) == texts(store_of(before))

    def test_many_batches(self, path: Path, opened: Opener, clock: Clock) -> None:
        """Batches that are joined for speed give what each gave by itself."""
        store = opened()
        for number in range(12):
            add(store, [note(number % 5, f"text {number}")], source=SOURCE, clock=clock)
        before = everything(store), texts(store, as_of=START + timedelta(hours=1))
        without_file(path, store)
        again = opened()
        assert (everything(again), texts(again, as_of=START + timedelta(hours=1))) == before


def store_of(lines: list[str]) -> Store:
    """Store in memory that holds these records."""
    from cxm_core.store import records_of_lines  # noqa: PLC0415  (only needed here)

    store = open_store("memory:", clock=lambda: START)
    with store.transaction() as transaction:
        transaction.apply(records_of_lines(lines), source=SOURCE)
    return store


class TestCrashes:
    """Killed between the journal and the store."""

    @pytest.mark.parametrize("call", [1, 2, 3, 4])
    def test_a_failing_disk_keeps_all_or_none(self, path: Path, clock: Clock, call: int) -> None:
        """If the journal cannot be written, the store keeps nothing either."""
        disk = FaultyDisk()
        store = open_store(path, clock=clock, disk=disk)
        disk.fail_at = len(disk.calls) + call
        with pytest.raises(StoreFull):
            add(store, [note(1)], source=SOURCE, clock=clock)
        assert texts(store) == {}
        add(store, [note(2)], source=SOURCE, clock=clock)
        store.close()
        again = open_store(path, clock=clock)
        assert texts(again) == {"2": "Cold hall"}
        again.close()

    def test_a_log_that_was_lost(self, path: Path, opened: Opener, clock: Clock) -> None:
        """If the store falls back to its last checkpoint, the journal brings back what it had."""
        opened().close()
        store = opened()
        add(store, [note(1)], source=SOURCE, clock=clock)
        log = path.with_name(path.name + ".wal")
        kept, data = log.read_bytes(), path.read_bytes()
        store.close()
        path.write_bytes(data)
        assert len(kept) > 0
        assert not log.exists()
        again = opened()
        assert texts(again) == {"1": "Cold hall"}

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
    def test_a_kill_between_journal_and_store(self, path: Path, clock: Clock) -> None:
        """What is in the journal when the process dies is folded by the next opening, once."""
        pid = os.fork()
        if pid == 0:
            _add_and_die(path, clock)
        os.waitpid(pid, 0)
        store = open_store(path, clock=clock)
        assert texts(store) == {"1": "Cold hall"}
        assert [receipt.note for receipt in store.receipts()] == ["Taken from the journal."]
        assert store.fold() == FoldReport()
        store.close()


class _DieAt:
    def __init__(self, point: str) -> None:
        self._point = point

    def reach(self, point: str) -> None:
        if point == self._point:
            os._exit(9)


def _add_and_die(path: Path, clock: Clock) -> None:
    try:
        store = open_store(path, clock=clock, faults=_DieAt("journal.after_sync"))
        add(store, [note(1)], source=SOURCE, clock=clock)
    finally:
        os._exit(1)


def test_a_flaw_is_shown_in_the_report() -> None:
    """A report says in sentences what was taken, what was set aside and what is wrong."""
    flaw = JournalFlaw(reason="damaged", segment="w-1.cxmj", start=0, end=9)
    report = FoldReport(quarantined=2, flaws=(flaw,))
    assert not report.is_clean
    assert str(report).splitlines() == [
        "Set aside from the journal: 2 records.",
        "Cannot be read: w-1.cxmj from byte 0 to 9.",
    ]
    assert FoldReport().is_clean
    assert not FoldReport(postponed="The disk is full.").is_clean
