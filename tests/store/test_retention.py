"""Retention: what is older than its limit goes, everything else stays, and no clock fools it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import StoreError, UsageError
from cxm_core.records import Customer, Deletion
from cxm_core.store import RetentionReport, Store, canonical_lines, journal_folder, open_store
from cxm_core.store._retention import believed
from cxm_core.testing import TestClock
from cxm_core.testing._store_kit import SOURCE, START, entry, note, receipt, texts

pytest.importorskip("duckdb")

YEAR = timedelta(days=365)
CANARY = "zaunkoenig-0815"


@pytest.fixture
def clock() -> TestClock:
    """Clock of the store."""
    return TestClock()


@pytest.fixture(params=["memory:", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: TestClock) -> Any:
    """One store of each sort, with an old and a new record and what belongs to them."""
    place = "memory:" if request.param == "memory:" else tmp_path / "cxm.duckdb"
    store = open_store(place, clock=clock)
    fill(store, clock)
    yield store
    store.close()


def fill(store: Store, clock: TestClock) -> None:
    """Records of two years ago and of now, a newer version, a deletion, a row set aside."""
    old = START - 2 * YEAR
    store.pin_source(SOURCE, None)
    with store.transaction() as transaction:
        transaction.apply(
            [note("old", CANARY, occurred_at=old), note("new"), note("gone")], source=SOURCE
        )
        transaction.apply([Customer(native_id="c-1")], source=SOURCE)
        transaction.quarantine([entry("odd", clock())])
        transaction.add_receipt(receipt(0))
    clock.tick()
    with store.transaction() as transaction:
        transaction.apply([note("old", CANARY + "!", occurred_at=old)], source=SOURCE)
        transaction.apply([Deletion(kind="note", native_id="gone")], source=SOURCE)
        transaction.add_receipt(receipt(1))


def counts(report: RetentionReport, kind: str = "note") -> tuple[int, int, int, int]:
    """Records, versions, tombstones and rows set aside of a kind."""
    (one,) = [one for one in report.expired if one.kind == kind]
    return one.current, one.history, one.tombstones, one.quarantined


class TestLimits:
    """What goes and what stays."""

    def test_old_goes_and_new_stays(self, store: Store) -> None:
        """A record and its versions go by when it happened; the others stay."""
        report = store.retain({"note": YEAR})
        assert counts(report) == (1, 1, 0, 0)
        assert texts(store) == ["words"]
        assert store.retain({"note": YEAR}).rows == 0
        assert store.verify().is_sound

    def test_dry_run_only_counts(self, store: Store) -> None:
        """A dry run tells the same, and keeps everything."""
        before = list(canonical_lines(store))
        report = store.retain({"note": YEAR}, dry_run=True)
        assert counts(report) == (1, 1, 0, 0)
        assert report.is_dry_run
        assert "would be deleted" in str(report)
        assert list(canonical_lines(store)) == before

    def test_everything_has_its_limit(self, store: Store, clock: TestClock) -> None:
        """Marks of deleted records and rows set aside go by when we learnt of them."""
        clock.tick(10)
        with store.transaction() as transaction:
            transaction.add_receipt(receipt(10))
        clock.tick()
        assert counts(store.retain({"note": timedelta(days=3)})) == (2, 2, 1, 1)
        assert store.count("note") == 0
        assert store.quarantined() == ()

    def test_default_is_for_what_happened(self, store: Store, clock: TestClock) -> None:
        """The default limit leaves alone what did not happen at a moment, such as a customer."""
        clock.tick(3)
        report = store.retain({"default": timedelta(days=1)}, trust_clock=True)
        assert store.count("note") == 0
        assert store.count("customer") == 1
        assert {one.kind for one in report.expired}.isdisjoint({"customer", "question"})
        assert store.retain({"customer": timedelta(days=1)}, trust_clock=True).rows == 1

    def test_named_limit_comes_before_the_default(self, store: Store) -> None:
        """A kind with a limit of its own does not go by the default."""
        report = store.retain({"default": timedelta(days=1), "note": 10 * YEAR})
        assert counts(report) == (0, 0, 0, 0)

    def test_endless_limit(self, store: Store) -> None:
        """A limit beyond the calendar deletes nothing."""
        assert store.retain({"note": timedelta.max}).rows == 0

    @pytest.mark.parametrize(
        ("limits", "told"), [({"notes": YEAR}, "'note'"), ({"note": timedelta(0)}, "1095 days")]
    )
    def test_wrong_limit(self, store: Store, limits: dict[str, timedelta], told: str) -> None:
        """An unknown kind and a limit that is none are errors, and delete nothing."""
        with pytest.raises(UsageError) as caught:
            store.retain(limits)
        assert told in str(caught.value)
        assert store.count("note") == 2

    def test_read_only(self, tmp_path: Path, clock: TestClock) -> None:
        """A store that is open to be read counts, and deletes nothing."""
        writer = open_store(tmp_path / "cxm.duckdb", clock=clock)
        fill(writer, clock)
        writer.close()
        store = open_store(tmp_path / "cxm.duckdb", clock=clock, read_only=True)
        assert store.retain({"note": YEAR}, dry_run=True).rows == 2
        with pytest.raises(StoreError, match="read only"):
            store.retain({"note": YEAR})
        store.close()


class TestClocks:
    """A clock that is wrong."""

    def test_time_08_a_jump_of_thirty_days(self, store: Store, clock: TestClock) -> None:
        """One reading of a clock that jumped deletes nothing that the right one would not."""
        limit = timedelta(days=20)
        clock.tick(30)
        report = store.retain({"note": limit, "default": limit})
        assert report.is_clock_doubted
        assert report.now == START + timedelta(days=3)
        assert store.count("note") == 1
        assert store.count("customer") == 1
        assert "Only this run says" in str(report)

    def test_time_08_a_jump_before_a_sync(self, store: Store, clock: TestClock) -> None:
        """A sync by the same wrong clock does not vouch for it; nor does another run."""
        clock.tick(30)
        with store.transaction() as transaction:
            transaction.add_receipt(receipt(31))
        for _ in range(2):
            assert store.retain({"note": timedelta(days=20)}).is_clock_doubted
        assert "words" in texts(store)

    def test_second_day_vouches(self, store: Store, clock: TestClock) -> None:
        """When another day agrees, the time has really passed."""
        clock.tick(30)
        with store.transaction() as transaction:
            transaction.add_receipt(receipt(31))
        clock.tick()
        report = store.retain({"note": timedelta(days=20)})
        assert not report.is_clock_doubted
        assert store.count("note") == 0

    def test_trusted_clock(self, store: Store, clock: TestClock) -> None:
        """Who knows that the clock is right can say so."""
        clock.tick(30)
        report = store.retain({"note": timedelta(days=20)}, trust_clock=True)
        assert not report.is_clock_doubted
        assert store.count("note") == 0

    def test_clock_that_fell_back(self, store: Store, clock: TestClock) -> None:
        """A clock behind everything deletes less, never more."""
        clock.tick(-3 * 365)
        assert store.retain({"note": YEAR}).rows == 0

    def test_believed_by_hand(self) -> None:
        """Two days beyond the last earlier day at most; the same day vouches for nothing."""
        now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        assert believed(now, []) == now
        assert believed(now, [now - timedelta(hours=1)]) == now
        assert believed(now, [now - timedelta(days=1)]) == now
        assert believed(now, [now - timedelta(days=9), now]) == now - timedelta(days=7)


class TestBytes:
    """What is deleted is gone from the disk."""

    def test_nothing_is_left_after_compaction(self, tmp_path: Path, clock: TestClock) -> None:
        """No byte of what was too old is in the file, its log or its journal."""
        path = tmp_path / "cxm.duckdb"
        store = open_store(path, clock=clock)
        fill(store, clock)
        own = [note("own-old", CANARY, occurred_at=START - 2 * YEAR), note("own-new", "stays")]
        with store.transaction() as transaction:
            transaction.keep(own, source="app:own")
        assert CANARY.encode() in _bytes(journal_folder(path))
        store.retain({"note": YEAR})
        done = store.compact()
        assert CANARY.encode() not in _bytes(tmp_path)
        assert 0 < done.journal_after < done.journal_before
        assert sorted(map(str, texts(store))) == ["stays", "words"]
        with store.transaction() as transaction:
            transaction.keep([note("own-later", "later")], source="app:own")
        assert store.verify().findings == ()
        store.close()
        assert CANARY.encode() not in _bytes(tmp_path)

    def test_journal_still_makes_the_store(self, tmp_path: Path, clock: TestClock) -> None:
        """After a compaction the journal gives the same own records to a store that is lost."""
        path = tmp_path / "cxm.duckdb"
        store = open_store(path, clock=clock)
        for number in range(5):
            with store.transaction() as transaction:
                old = START - number * YEAR
                transaction.keep([note(f"own-{number}", occurred_at=old)], source="app:own")
        store.retain({"note": 3 * YEAR})
        store.compact()
        lines = list(canonical_lines(store))
        store.close()
        assert len(lines) == 4
        path.unlink()
        again = open_store(path, clock=clock)
        assert list(canonical_lines(again)) == lines
        again.close()


def _bytes(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
