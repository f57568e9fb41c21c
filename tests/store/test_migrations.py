"""The schema of a store is brought up to date, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import StoreError
from cxm_core.records import Note
from cxm_core.store import open_journal, open_store
from cxm_core.store._driver import Limits, connect_file, run
from cxm_core.store._migrations import STEPS, check_version, meta, migrate, schema_version
from cxm_core.store._schema import tables
from cxm_core.store._surroundings import Surroundings
from cxm_core.testing import CrashAt

pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SURROUNDINGS = Surroundings(clock=lambda: NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """File of a store that has one note."""
    path = tmp_path / "cxm.duckdb"
    store = open_store(path, clock=lambda: NOW)
    with store.transaction() as transaction:
        transaction.apply([Note(native_id="1", occurred_at=NOW, text="x")], source="app")
    store.close()
    return path


@pytest.fixture
def con(path: Path) -> Iterator[Any]:
    """Connection to the store."""
    con = connect_file(path, Limits(), read_only=False)
    yield con
    con.close()


def columns(con: Any) -> dict[str, set[str]]:
    """Columns of each table."""
    found: dict[str, set[str]] = {}
    for table, column in run(con, "SELECT table_name, column_name FROM duckdb_columns()"):
        found.setdefault(table, set()).add(column)
    return found


def add_colour(con: Any) -> None:
    """Make version 2 of the schema."""
    run(con, "ALTER TABLE note ADD COLUMN colour VARCHAR")


class TestByHand:
    """From one version to the next."""

    def test_a_new_store_has_every_table(self, con: Any) -> None:
        """A store that was made has the tables of the schema, and knows its version and age."""
        found = columns(con)
        for name, wanted in tables():
            assert found[name] == set(wanted)
        assert schema_version(con) == len(STEPS)
        assert meta(con)["created_at"] == NOW.isoformat()

    def test_an_older_store_is_brought_up_to_date(self, con: Any) -> None:
        """Only the steps that are new are taken, and records stay."""
        migrate(con, SURROUNDINGS, steps=(*STEPS, add_colour))
        assert schema_version(con) == len(STEPS) + 1
        assert "colour" in columns(con)["note"]
        assert run(con, "SELECT native_id, colour FROM note") == [("1", None)]

    def test_a_column_that_a_record_gained_is_added(self, con: Any) -> None:
        """Whatever the records have and the tables have not is added by the first step again."""
        run(con, "ALTER TABLE note DROP COLUMN stage")
        run(con, "DROP TABLE deal")
        migrate(con, SURROUNDINGS, steps=(*STEPS, STEPS[0]))
        assert "stage" in columns(con)["note"]
        assert "deal" in columns(con)

    def test_twice_is_once(self, con: Any) -> None:
        """A store that is up to date is left as it is."""
        before = columns(con)
        faults = CrashAt()
        migrate(con, Surroundings(clock=lambda: NOW, faults=faults))
        assert (columns(con), faults.reached) == (before, [])

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_crash_leaves_the_old_schema(self, con: Any, number: int) -> None:
        """A migration that is broken off changes nothing, and can be done again."""
        steps = (*STEPS, add_colour)
        crashing = Surroundings(clock=lambda: NOW, faults=CrashAt(number))
        with pytest.raises(KeyboardInterrupt):
            migrate(con, crashing, steps=steps)
        assert schema_version(con) == len(STEPS)
        assert "colour" not in columns(con)["note"]
        migrate(con, SURROUNDINGS, steps=steps)
        assert "colour" in columns(con)["note"]

    def test_a_newer_store_is_refused(self, con: Any, path: Path) -> None:
        """A store that a newer library made is not touched, and the cure is named."""
        migrate(con, SURROUNDINGS, steps=(*STEPS, add_colour))
        con.close()
        for read_only in (False, True):
            with pytest.raises(StoreError, match="upgrade"):
                open_store(path, clock=lambda: NOW, read_only=read_only)

    def test_an_older_store_cannot_be_read_only(self, con: Any) -> None:
        """Without writing, an older schema cannot be read; the error says what to do."""
        with pytest.raises(StoreError, match="open it once to be written"):
            check_version(con, steps=(*STEPS, add_colour))


def test_a_store_without_deliveries_and_verdicts(path: Path) -> None:
    """A store of schema 3 opens, takes deliveries, and its receipts say what they said then."""
    kept = {
        "source": "app", "stream": "records", "started_at": NOW.isoformat(),
        "ended_at": NOW.isoformat(), "served": 1, "applied": 1, "duplicate": 0, "stale": 0,
        "quarantined": 0, "suppressed": 0, "deleted": 0, "reasons": {}, "drift": {},
        "is_complete": False, "note": "Late.", "unchanged": [],
    }  # fmt: skip
    con = connect_file(path, Limits(), read_only=False)
    for table in ("cxm_delivery", "cxm_inbox"):
        run(con, f"DROP TABLE {table}")
    run(con, "UPDATE cxm_meta SET value = '3' WHERE key = 'schema_version'")
    sql = "INSERT INTO cxm_receipt VALUES (1, 'app', 'records', $at, false, $text)"
    run(con, sql, at=NOW.replace(tzinfo=None), text=json.dumps(kept))
    con.close()
    journal = open_journal(path, clock=lambda: NOW)
    journal.append([Note(native_id="2", occurred_at=NOW, text="y")], source="app", delivery="a")
    journal.close()
    store = open_store(path, clock=lambda: NOW)
    old, new = store.receipts()
    assert (old.verdict, old.new, old.note, old.balances) == ("partial", None, "Late.", True)
    assert (new.stream, new.new, new.verdict) == ("webhooks", 1, "unknown")
    assert store.count("note") == 2
    store.close()
