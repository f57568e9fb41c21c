"""Deliveries in the journal: each is folded once, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cxm_core.records import Note, Problem, Reason
from cxm_core.store import Journal, JournalRow, Refused, Store, open_journal, open_store
from cxm_core.store.journal._pushed import (
    REFUSED,
    REMEMBERED,
    delivery_of,
    delivery_row,
    refused_entry,
    refused_row,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOURCE = "typeform:acme"
BAD = Refused(
    kind="note",
    raw={"id": "9", "text": ["a"]},
    problem=Problem(Reason.WRONG_TYPE, "text", "text is no text."),
    native_id="9",
)


class Hands:
    """A clock that stands where a test puts it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Say what it shows."""
        return self.now


@pytest.fixture
def clock() -> Hands:
    """A clock."""
    return Hands()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """File of the store."""
    return tmp_path / "cxm.duckdb"


@pytest.fixture
def store(path: Path, clock: Hands) -> Iterator[Store]:
    """The store."""
    opened = open_store(path, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def journal(path: Path, clock: Hands) -> Iterator[Journal]:
    """A journal that another process could write."""
    opened = open_journal(path, clock=clock)
    yield opened
    opened.close()


def note(native_id: str, text: str = "Cold hall") -> Note:
    """A note."""
    return Note(native_id=native_id, occurred_at=NOW, text=text)


def kept(store: Store) -> list[str]:
    """Own ids of all notes."""
    return sorted(one.native_id for one in store.records("note"))


class TestFolding:
    def test_a_delivery_is_folded(self, store: Store, journal: Journal) -> None:
        """Its records are kept, its receipt says that a push tells nothing of what did not come."""
        journal.append([note("1"), note("2")], source=SOURCE, delivery="a")
        report = store.fold()
        assert (report.batches, report.counts.new) == (1, 2)
        assert kept(store) == ["1", "2"]
        (receipt,) = store.receipts()
        assert (receipt.stream, receipt.verdict, receipt.new) == ("webhooks", "unknown", 2)
        assert receipt.balances

    def test_a_delivery_that_comes_again(self, store: Store, journal: Journal) -> None:
        """Even with other content, a delivery with a known key changes nothing, and is counted."""
        journal.append([note("1")], source=SOURCE, delivery="a")
        journal.append([note("1", "Warm hall")], source=SOURCE, delivery="a")
        report = store.fold()
        assert (report.counts.applied, report.counts.repeated) == (1, 1)
        journal.append([note("1", "Warm hall")], source=SOURCE, delivery="a")
        assert store.fold().counts.duplicate == 1
        assert [one.text for one in store.records("note")] == ["Cold hall"]
        assert all(one.balances for one in store.receipts())

    def test_keys_are_those_of_a_source(self, store: Store, journal: Journal) -> None:
        """The same key of another source is another delivery."""
        journal.append([note("1")], source=SOURCE, delivery="a")
        journal.append([note("1")], source="typeform:other", delivery="a")
        assert store.fold().counts.new == 2

    def test_keys_follow_a_new_name(self, store: Store, journal: Journal) -> None:
        """A renamed source knows the deliveries that came under its old name."""
        journal.append([note("1")], source=SOURCE, delivery="a")
        store.fold()
        store.rename_source(SOURCE, "typeform:new")
        journal.append([note("2")], source="typeform:new", delivery="a")
        assert store.fold().counts.duplicate == 1
        assert kept(store) == ["1"]

    def test_a_new_name_between(self, path: Path, clock: Hands, journal: Journal) -> None:
        """The same holds where all is folded at once, before and after the new name."""
        journal.append([note("1")], source=SOURCE, delivery="a")
        journal.rename(SOURCE, "typeform:new", at=NOW + timedelta(seconds=1))
        late = NOW + timedelta(seconds=2)
        journal.append([note("2")], source="typeform:new", delivery="a", at=late)
        with_name = open_store(path, clock=clock)
        assert kept(with_name) == ["1"]
        with_name.close()

    @pytest.mark.parametrize(("days", "new"), [(7, 0), (29, 0), (31, 1)])
    def test_how_long_a_key_is_remembered(
        self, store: Store, journal: Journal, clock: Hands, days: int, new: int
    ) -> None:
        """A key is known for 30 days, whatever else comes between."""
        assert REMEMBERED.days == 30
        journal.append([note("1")], source=SOURCE, delivery="a")
        store.fold()
        clock.now = NOW + timedelta(days=days)
        journal.append([note("2")], source=SOURCE, delivery="b")
        store.fold()
        journal.append([note("3")], source=SOURCE, delivery="a")
        assert store.fold().counts.new == new

    def test_a_batch_without_a_key(self, store: Store, journal: Journal) -> None:
        """An app's own records have no key, and are complete."""
        journal.append([note("1")], source="app:own")
        store.fold()
        (receipt,) = store.receipts()
        assert (receipt.stream, receipt.verdict) == ("records", "complete")

    def test_a_row_that_is_no_record(self, store: Store, journal: Journal) -> None:
        """It is set aside with its own reason, as it was sent."""
        journal.append([note("1")], source=SOURCE, delivery="a", refused=[BAD])
        assert store.fold().quarantined == 1
        (entry,) = store.quarantined()
        assert (entry.kind, entry.reason, entry.field) == ("note", "wrong_type", "text")
        assert (entry.stream, entry.row) == ("webhooks", BAD.raw)
        (receipt,) = store.receipts()
        assert (receipt.served, receipt.quarantined, receipt.balances) == (2, 1, True)

    def test_a_record_clears_the_row_that_was_none(self, store: Store, journal: Journal) -> None:
        """What was set aside of a record is forgotten when the record comes."""
        journal.append([], source=SOURCE, delivery="a", refused=[BAD])
        store.fold()
        journal.append([note("9")], source=SOURCE, delivery="b")
        store.fold()
        assert store.quarantined() == ()


class TestUpkeep:
    def test_compaction_keeps_what_the_store_has(
        self, store: Store, journal: Journal, path: Path, clock: Hands
    ) -> None:
        """Written anew, the journal still tells a delivery and what is set aside."""
        journal.append([note("1")], source=SOURCE, delivery="a", refused=[BAD])
        store.fold()
        journal.close()
        store.compact()
        store.close()
        path.unlink()
        again = open_store(path, clock=clock)
        assert (kept(again), len(again.quarantined())) == (["1"], 1)
        late = open_journal(path, clock=clock)
        late.append([note("2")], source=SOURCE, delivery="a")
        late.close()
        assert again.fold().counts.duplicate == 1
        again.close()

    def test_compaction_drops_what_was_released(
        self, store: Store, journal: Journal, path: Path
    ) -> None:
        """What is not set aside any more is in no byte of the journal."""
        journal.append([], source=SOURCE, delivery="a", refused=[BAD])
        store.fold()
        journal.close()
        with store.transaction() as transaction:
            transaction.release([entry.entry_id for entry in store.quarantined()])
        store.compact()
        folder = path.with_name(path.name + ".journal")
        assert all(b"wrong_type" not in file.read_bytes() for file in folder.iterdir())


class TestRows:
    def test_a_key(self) -> None:
        """The key of a batch is that of its delivery row, if it has one."""
        rows = [JournalRow(kind="note", cells={"key": "no"}), delivery_row("yes")]
        assert (delivery_of(rows), delivery_of(rows[:1])) == ("yes", None)

    def test_a_row_of_another_library(self) -> None:
        """A row that cannot be read is set aside whole, with its own words for it."""
        row = JournalRow(kind=REFUSED, cells={**refused_row(BAD).cells, "reason": "no such"})
        entry = refused_entry(row, SOURCE, now=NOW)
        assert (entry.reason, entry.kind, entry.record_id) == ("bad_row", REFUSED, None)
        assert entry.row == row.cells

    def test_what_was_sent_is_not_shown(self) -> None:
        """No text of a row that is no record shows what was sent."""
        assert "'9'" not in repr(BAD)
