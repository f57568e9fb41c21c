"""Verification: everything is read, what is wrong is named, and nothing is changed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from cxm_core.errors import StoreDamaged
from cxm_core.store import Finding, Verification, open_store
from cxm_core.store._kept import Tombstone
from cxm_core.store._memory import MemoryStore
from cxm_core.store._schema import tables
from cxm_core.store.journal._journal import open_journal
from cxm_core.store.journal._segments import journal_folder
from cxm_core.testing import TestClock
from cxm_core.testing._store_kit import entry, note, receipt

pytest.importorskip("duckdb")

from cxm_core.records import Deletion
from cxm_core.store._duckdb import DuckDBStore

WORDS = "secret words of a customer"


def opened(path: Path) -> DuckDBStore:
    """Open the file of a store."""
    store = open_store(path, clock=TestClock())
    assert isinstance(store, DuckDBStore)
    return store


def fill(store: DuckDBStore, count: int = 300) -> None:
    """Write a bit of everything, with a second version of some and one deletion."""
    store.pin_source("acme:eu", "account-1")
    with store.transaction() as transaction:
        transaction.apply([note(str(n), f"{WORDS} {n}") for n in range(count)], source="acme:eu")
        transaction.set_checkpoint("acme:eu", "notes", {"after": count})
        transaction.quarantine([entry(WORDS, TestClock().now)])
        transaction.add_receipt(receipt(0))
    with store.transaction() as transaction:
        transaction.apply([note(str(n), f"newer {n}") for n in range(20)], source="acme:eu")
        transaction.apply([Deletion(kind="note", native_id="21")], source="acme:eu")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    """Store with a bit of everything."""
    store = opened(tmp_path / "cxm.duckdb")
    fill(store)
    yield store
    store.close()


def spoil(store: DuckDBStore, sql: str) -> None:
    """Change the tables behind the store's back."""
    with store._session.writing() as cursor:
        cursor.execute(sql)


class TestSound:
    """A store with nothing wrong."""

    def test_all_tables_are_read(self, store: DuckDBStore) -> None:
        """Every table is read, each row is counted, and nothing is found."""
        done = store.verify()
        assert done.is_sound
        assert done.findings == ()
        assert done.tables == len(list(tables())) + 1
        assert done.rows > 300
        assert str(done).endswith("The store is sound.")

    def test_nothing_is_changed(self, tmp_path: Path, store: DuckDBStore) -> None:
        """Every byte beside the store is as before."""
        store.close()
        before = digests(tmp_path)
        reader = open_store(tmp_path / "cxm.duckdb", clock=TestClock(), read_only=True)
        assert reader.verify().is_sound
        reader.close()
        assert digests(tmp_path) == before

    def test_renamed_source(self, store: DuckDBStore) -> None:
        """Keys are right after a source got another name."""
        store.rename_source("acme:eu", "acme:world")
        assert store.verify().findings == ()

    def test_memory(self) -> None:
        """A store in memory is looked through as well."""
        store = open_store("memory:", clock=TestClock())
        assert isinstance(store, MemoryStore)
        with store.transaction() as transaction:
            transaction.apply([note("1")], source="acme:eu")
        assert (store.verify().is_sound, store.verify().rows) == (True, 1)
        (row,) = store._kept.current["note"].values()
        store._kept.tombstones[str(row["record_id"])] = Tombstone("note", row)
        store._kept.current["note"]["x"] = row
        assert [one.part for one in store.verify().findings] == ["table note"] * 2


def digests(folder: Path) -> dict[str, str]:
    """Fingerprint of each file."""
    return {
        one.name: sha256(one.read_bytes()).hexdigest() for one in folder.iterdir() if one.is_file()
    }


SPOILT = {
    "two current versions": ("INSERT INTO note FROM note LIMIT 3", "table note"),
    "deleted as well": (
        """INSERT INTO cxm_tombstone SELECT
        'note', record_id, content_hash, known_at, source, native_id, known_at FROM note LIMIT 1""",
        "table note",
    ),
    "a key that is not theirs": ("UPDATE note SET text = 'x' WHERE native_id = '5'", "table note"),
    "key that is not": ("UPDATE note_history SET native_id = 'x'", "table note_history"),
    "deleted twice": ("INSERT INTO cxm_tombstone FROM cxm_tombstone", "table cxm_tombstone"),
    "a wrong id": ("UPDATE cxm_quarantine SET source = 'acme:us'", "table cxm_quarantine"),
    "set aside twice": ("INSERT INTO cxm_quarantine FROM cxm_quarantine", "table cxm_quarantine"),
    "two checkpoints": ("INSERT INTO cxm_checkpoint FROM cxm_checkpoint", "table cxm_checkpoint"),
    "known twice": ("INSERT INTO cxm_source FROM cxm_source", "table cxm_source"),
    "stand twice": ("INSERT INTO cxm_receipt FROM cxm_receipt", "table cxm_receipt"),
    "do not balance": (
        "UPDATE cxm_receipt SET receipt = json_merge_patch(receipt, '{\"served\": 99}')",
        "table cxm_receipt",
    ),
    "cannot be read, or": ("UPDATE cxm_receipt SET receipt = '[]'", "table cxm_receipt"),
    "not there": ("DROP TABLE deal", "table deal"),
}


class TestSpoilt:
    """What does not fit is found."""

    @pytest.mark.parametrize("problem", SPOILT)
    def test_law_is_looked_after(self, store: DuckDBStore, problem: str) -> None:
        """Each broken law is told once, with its table and a cure, and in no customer's words."""
        sql, part = SPOILT[problem]
        spoil(store, sql)
        done = store.verify()
        assert not done.is_sound
        found = [one for one in done.findings if problem in one.problem]
        assert [one.part for one in found] == [part]
        assert all(one.cure == "cxm store rebuild" for one in found)
        assert WORDS not in str(done)

    def test_clock_that_went_back_is_no_damage(self, store: DuckDBStore) -> None:
        """Versions that end before they begin are told, and nothing is lost."""
        spoil(store, "UPDATE note_history SET superseded_at = known_at - INTERVAL 1 DAY")
        done = store.verify()
        assert done.is_sound
        assert "21 versions ended before they began" in str(done)


class TestDamage:
    """Bytes that are not as they were written."""

    def test_flipped_bytes_are_found_or_refused(self, tmp_path: Path) -> None:
        """No flipped byte in what is read goes unseen: a finding, or an error that says so."""
        path = tmp_path / "cxm.duckdb"
        store = opened(path)
        fill(store, 3_000)
        store.close()
        whole = path.read_bytes()
        rng = random.Random(7)
        seen = 0
        for _ in range(8):
            spoilt = bytearray(whole)
            place = rng.randrange(len(whole))
            for offset in range(place, min(place + 4096, len(whole))):
                spoilt[offset] ^= 0xFF
            path.write_bytes(bytes(spoilt))
            seen += _is_seen(path, whole != bytes(spoilt))
        assert seen >= 3

    def test_journal_is_read_too(self, tmp_path: Path, store: DuckDBStore) -> None:
        """A damaged part of the journal is told with its place."""
        path = tmp_path / "cxm.duckdb"
        journal = open_journal(path, clock=TestClock())
        for number in range(3):
            journal.append([note(f"j{number}", WORDS)], source="app:own")
        journal.close()
        assert store.verify().batches == 3
        (segment,) = journal_folder(path).glob("*.cxmj")
        data = bytearray(segment.read_bytes())
        data[len(data) // 2] ^= 0xFF
        segment.write_bytes(bytes(data))
        done = store.verify()
        assert [one.part for one in done.findings if one.is_damage].count("journal") >= 1
        assert WORDS not in str(done)


def _is_seen(path: Path, is_other: bool) -> bool:
    assert is_other
    try:
        store = open_store(path, clock=TestClock(), read_only=True)
    except StoreDamaged:
        return True
    try:
        return not store.verify().is_sound
    finally:
        store.close()


class TestReport:
    """What a person reads."""

    def test_sentences(self) -> None:
        """Counts, findings with cures, and a verdict, each on a line."""
        found = Finding(part="table note", problem="It is not there.", cure="cxm store rebuild")
        done = Verification(tables=3, rows=1200, batches=2, findings=(found,))
        assert str(done).splitlines() == [
            "Read 1,200 rows of 3 tables, and 2 batches of the journal.",
            "table note: It is not there. Cure: cxm store rebuild.",
            "The store is damaged.",
        ]
