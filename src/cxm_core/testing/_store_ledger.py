"""What a store keeps beside records, and how: checkpoints, receipts, quarantine, transactions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from cxm_core.errors import ConfigurationError, StoreError, UsageError
from cxm_core.records import Deletion
from cxm_core.results import SyncReceipt
from cxm_core.store import FAULT_POINTS, State, Store, Transaction

from ._store_kit import (
    SOURCE,
    START,
    CrashAt,
    StoreTests,
    TestClock,
    contents,
    entry,
    note,
    receipt,
    response,
    texts,
)

Writing = Callable[[Transaction], object]


def ledger(store: Store) -> tuple[object, ...]:
    """Everything that a store holds beside records."""
    return (
        store.checkpoint(SOURCE, "notes"),
        store.receipts(),
        store.quarantined(),
        store.sources(),
        contents(store, "note", "response"),
    )


def with_checkpoint(state: State | None) -> Writing:
    """Step that keeps a checkpoint of the notes."""
    return lambda transaction: transaction.set_checkpoint(SOURCE, "notes", state)


def with_receipt(one: SyncReceipt) -> Writing:
    """Step that keeps a receipt."""
    return lambda transaction: transaction.add_receipt(one)


class LedgerTests(StoreTests):
    """Checkpoints, receipts, quarantine, sources, transactions."""

    def write(self, store: Store, *steps: Writing) -> None:
        """Take steps in one transaction."""
        with store.transaction() as transaction:
            for step in steps:
                step(transaction)

    def test_a_checkpoint_comes_back(self, store: Store) -> None:
        """The last checkpoint of a stream comes back as it was; None forgets it."""
        state = {"cursor": ["a", 1, None, {"é": 0.5}], "done": False}
        assert store.checkpoint(SOURCE, "notes") is None
        for known in ({"cursor": 0}, state):
            self.write(store, with_checkpoint(known))
        assert store.checkpoint(SOURCE, "notes") == state
        assert store.checkpoint(SOURCE, "other") is None
        self.write(store, with_checkpoint(None))
        assert store.checkpoint(SOURCE, "notes") is None

    def test_receipts_come_in_order(self, store: Store) -> None:
        """Receipts come back whole, oldest first, also of one source."""
        wanted = tuple(receipt(number) for number in (2, 1, 3))
        for one in wanted:
            self.write(store, with_receipt(one))
        assert store.receipts() == wanted
        assert store.receipts(source="other:us") == ()

    def test_a_running_sync_has_one_receipt(self, store: Store) -> None:
        """The receipt of a sync takes the place of what it said before it was complete."""
        running, done = receipt(1, is_complete=False), receipt(1)
        self.write(store, with_receipt(running), with_receipt(running))
        assert store.receipts() == (running,)
        self.write(store, with_receipt(done))
        self.write(store, with_receipt(receipt(2)))
        assert store.receipts() == (done, receipt(2))

    def test_a_row_is_set_aside_once(self, store: Store, clock: TestClock) -> None:
        """A row that is served again is counted, and remembers when it was first seen."""
        first = entry("a", clock())
        self.write(store, lambda t: t.quarantine([first, entry("b", clock())]))
        later = clock.tick()
        self.write(store, lambda t: t.quarantine([entry("a", later), entry("a", later)]))
        known = {one.raw: one for one in store.quarantined()}
        assert sorted(one.seen for one in known.values()) == [1, 3]
        again = known[first.raw]
        assert (again.first_seen_at, again.last_seen_at) == (START, later)
        assert again.row == {"text": "a"}
        assert "words of a customer" not in repr(entry("words of a customer", later))

    def test_rows_that_are_set_aside_are_found(self, store: Store, clock: TestClock) -> None:
        """The quarantine is told by source and stream, and released by id."""
        self.write(store, lambda t: t.quarantine([entry("a", clock()), entry("b", clock())]))
        assert len(store.quarantined(source=SOURCE, stream="notes")) == 2
        assert store.quarantined(source="other:us") == ()
        assert store.quarantined(stream="other") == ()
        one = store.quarantined()[0].entry_id
        with store.transaction() as transaction:
            assert transaction.release([one, one, "unknown"]) == 1
            assert transaction.release([]) == 0
        assert len(store.quarantined()) == 1

    def test_half_a_character_is_kept(self, store: Store, clock: TestClock) -> None:
        """A row with half a character in it, which no file can hold, comes back as it was."""
        self.write(store, lambda t: t.quarantine([entry("\ud800 and more", clock())]))
        (known,) = store.quarantined()
        assert known.row == {"text": "\ud800 and more"}
        assert known.raw.encode().isascii()

    def test_a_long_row_is_cut(self, clock: TestClock) -> None:
        """Of a row that is too long to keep there is a beginning, and no row to replay."""
        long = entry("x" * 10_000, clock())
        assert (len(long.raw) < 5_000, long.is_cut, long.row) == (True, True, None)
        assert long.entry_id != entry("x" * 10_001, clock()).entry_id

    def test_a_record_that_comes_clears_its_row(self, store: Store, clock: TestClock) -> None:
        """A row that was set aside is forgotten once its record is there after all."""
        identity = note("1").stamped(source=SOURCE).record_id
        self.write(store, lambda t: t.quarantine([entry("a", clock(), record_id=identity)]))
        self.apply(store, note("2"))
        assert len(store.quarantined()) == 1
        self.apply(store, note("1"))
        assert store.quarantined() == ()

    def test_a_source_is_pinned_to_its_account(self, store: Store, clock: TestClock) -> None:
        """A name and an account belong together; whoever parts them is told how to rename."""
        store.pin_source("acme:eu", None)
        clock.tick()
        for _ in range(2):
            store.pin_source("acme:eu", "4711")
        store.pin_source("acme:us", None)
        assert [(one.name, one.account) for one in store.sources()] == [
            ("acme:eu", "4711"),
            ("acme:us", None),
        ]
        with pytest.raises(ConfigurationError, match="another account"):
            store.pin_source("acme:eu", "4712")
        with pytest.raises(ConfigurationError, match="cxm sources rename"):
            store.pin_source("acme:new", "4711")
        with pytest.raises(ConfigurationError, match="called"):
            store.pin_source("Acme EU", "4713")

    def test_a_source_can_be_renamed(self, store: Store, clock: TestClock) -> None:
        """All that came from a source goes with its new name, and is known under it."""
        store.pin_source(SOURCE, "4711")
        other = note("1").stamped(source="other:us")
        self.apply(store, note("1"), note("2"), Deletion(kind="note", native_id="3"), other)
        clock.tick()
        self.apply(store, note("1", "new"))
        self.write(
            store,
            with_checkpoint({"n": 1}),
            lambda t: t.quarantine([entry("a", clock())]),
            with_receipt(receipt(1)),
        )
        store.rename_source(SOURCE, "acme:new")
        again = [note("1", "new"), note("2"), Deletion(kind="note", native_id="3")]
        with store.transaction() as transaction:
            assert transaction.apply(again, source="acme:new").duplicate == 3
        assert store.checkpoint("acme:new", "notes") == {"n": 1}
        assert store.checkpoint(SOURCE, "notes") is None
        assert [one.source for one in store.quarantined()] == ["acme:new"]
        assert [one.source for one in store.receipts()] == ["acme:new"]
        assert [one.name for one in store.sources()] == ["acme:new"]
        assert len(texts(store, as_of=START)) == 3
        assert len(texts(store)) == 3

    def test_a_row_set_aside_keeps_its_id_when_renamed(
        self, store: Store, clock: TestClock
    ) -> None:
        """A bad row that the renamed source serves again is still the same row."""
        store.pin_source("old:name", None)
        before = entry("a", clock(), source="old:name")
        self.write(store, lambda t: t.quarantine([before]))
        store.rename_source("old:name", SOURCE)
        self.write(store, lambda t: t.quarantine([entry("a", clock())]))
        assert [one.seen for one in store.quarantined()] == [2]

    def test_a_rename_that_cannot_be(self, store: Store) -> None:
        """An unknown source, a name that is taken, or one that cannot be, is told."""
        store.pin_source("acme:eu", None)
        store.pin_source("acme:us", None)
        with pytest.raises(UsageError, match="acme:eu"):
            store.rename_source("acme:e", "acme:new")
        with pytest.raises(ConfigurationError, match="already"):
            store.rename_source("acme:eu", "acme:us")
        with pytest.raises(ConfigurationError, match="called"):
            store.rename_source("acme:eu", "Not A Name")

    @pytest.mark.parametrize("is_gone", [False, True])
    def test_a_name_that_only_records_have(self, store: Store, *, is_gone: bool) -> None:
        """Records under a name that was never pinned are no other source's either."""
        store.pin_source(SOURCE, "4711")
        self.apply(store, note("1"), note("1").stamped(source="other:us"))
        if is_gone:
            self.apply(store, Deletion(kind="note", native_id="1", source="other:us"))
        with pytest.raises(ConfigurationError, match="already"):
            store.rename_source(SOURCE, "other:us")

    def test_a_transaction_is_whole_or_nothing(self, store: Store, clock: TestClock) -> None:
        """Whatever raises in a transaction, nothing of it is kept."""
        self.apply(store, note("1"))
        before = ledger(store)

        def fail(_: Transaction) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            self.write(store, *self.every_write(clock), fail)
        assert ledger(store) == before
        assert texts(store) == ["words"]

    def every_write(self, clock: TestClock) -> list[Writing]:
        """One of each thing that can be written."""
        changed = note("1", "changed", recorded_at=START + timedelta(days=1))
        return [
            lambda t: t.apply([changed, response("2", 9)], source=SOURCE),
            lambda t: t.quarantine([entry("a", clock())]),
            lambda t: t.release(["none"]),
            with_checkpoint({"cursor": 1}),
            with_receipt(receipt(1)),
        ]

    def test_a_crash_anywhere_leaves_all_or_nothing(self, tmp_path: Path) -> None:
        """At every fault point a crash leaves the state before or after, and work goes on."""
        clock, faults = TestClock(), CrashAt()
        store = self.open_at(tmp_path, clock, faults)
        self.apply(store, note("1"))
        before, reached = ledger(store), list[str]()
        while reached[-1:] != ["store.after_commit"]:
            faults.reached, faults.number = [], len(reached) + 1
            with pytest.raises(KeyboardInterrupt):
                self.write(store, *self.every_write(clock))
            reached.append(faults.reached[-1])
            assert (ledger(store) == before) == (reached[-1] != "store.after_commit"), reached[-1]
        assert set(reached) <= set(FAULT_POINTS)
        assert {"store.before_begin", "store.before_commit"} <= set(reached)
        assert (texts(store), store.count("response")) == (["changed"], 1)
        store.close()

    def test_a_transaction_within_another_is_refused(self, store: Store) -> None:
        """A second transaction in the same thread would wait for ever; it is an error."""
        with store.transaction(), pytest.raises(UsageError, match="open already"):
            store.pin_source("acme:eu", None)
        self.apply(store, note("1"))

    def test_reads_within_a_transaction_see_what_was(self, store: Store) -> None:
        """What is not committed is seen by nobody."""
        with store.transaction() as transaction:
            transaction.apply([note("1")], source=SOURCE)
            assert store.count("note") == 0
        assert store.count("note") == 1

    def test_threads_share_a_store(self, store: Store) -> None:
        """Threads that write and read at once lose nothing and see whole transactions."""
        seen: list[int] = []

        def work(number: int) -> None:
            for page in range(3):
                pair = [note(f"{number}-{page}-{n}") for n in range(2)]
                self.apply(store, *pair)
                seen.append(store.count("note"))

        threads = [Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.count("note") == 24
        assert len(seen) == 12
        assert all(count % 2 == 0 for count in seen)

    def test_a_closed_store_says_so(self, tmp_path: Path, clock: TestClock) -> None:
        """A store that is closed is closed, and can be closed again."""
        store = self.open_at(tmp_path, clock)
        store.close()
        store.close()
        with pytest.raises(StoreError, match="closed"):
            store.count("note")
        with pytest.raises(StoreError, match="closed"):
            self.apply(store, note("1"))

    @pytest.fixture
    def exported(self, store: Store) -> Store:
        """Store with two notes, one of which has a formula for text."""
        self.apply(store, note("1", '=1+1,"é"\n'), note("2"))
        return store

    def test_a_table_becomes_a_file(self, exported: Store, tmp_path: Path) -> None:
        """Columns are written whole, to a new file or over an old one."""
        target = tmp_path / "notes.parquet"
        target.write_bytes(b"old")
        table = exported.read("note", columns=["native_id", "text"])
        assert exported.write_table(table, target, format="parquet") == target
        written = target.read_bytes()
        assert written.startswith(b"PAR1")
        assert "é".encode() in written
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    def test_a_file_that_cannot_be_written(self, exported: Store, tmp_path: Path) -> None:
        """A format or a folder that is none is told before anything is written."""
        table = exported.read("note")
        with pytest.raises(UsageError, match="parquet"):
            exported.write_table(table, tmp_path / "a.csv", format="csv")  # type: ignore[arg-type]  # a spreadsheet would run it
        with pytest.raises(UsageError, match="folder"):
            exported.write_table(table, tmp_path / "none" / "a.parquet", format="parquet")
