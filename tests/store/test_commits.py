"""Ending a transaction, whatever DuckDB says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import StoreError, StoreFull
from cxm_core.records import Note
from cxm_core.store import Store, _commits, open_store

duckdb = pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
KEPT = (
    "FATAL Error: Transaction COMMIT succeeded and is durable, but the autocheckpoint failed. "
    "Could not write file: No space left on device"
)
REFUSED = "TransactionContext Error: Failed to commit: Could not write file: File too large"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open an empty store."""
    store = open_store(tmp_path / "cxm.duckdb", clock=lambda: NOW)
    yield store
    store.close()


def keep(store: Store, number: int) -> None:
    """Keep a checkpoint."""
    with store.transaction() as transaction:
        transaction.set_checkpoint("app", "notes", {"n": number})


def test_what_was_kept_counts_as_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB may fail after all is written; then the transaction stands, and no error is raised."""
    keep(store, 1)
    real = _commits.run

    def failing(con: Any, sql: str, **values: object) -> list[tuple[Any, ...]]:
        rows = real(con, sql, **values)
        if sql == "COMMIT":
            raise duckdb.FatalException(KEPT)
        return rows

    monkeypatch.setattr(_commits, "run", failing)
    keep(store, 2)
    monkeypatch.undo()
    assert store.checkpoint("app", "notes") == {"n": 2}
    keep(store, 3)
    assert store.checkpoint("app", "notes") == {"n": 3}


@pytest.mark.parametrize("error", [duckdb.FatalException, duckdb.TransactionException])
def test_what_was_refused_is_an_error(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """A transaction that was not kept is told, and the store goes on as it was."""
    keep(store, 1)
    real = _commits.run

    def failing(con: Any, sql: str, **values: object) -> list[tuple[Any, ...]]:
        if sql == "COMMIT":
            real(con, "ROLLBACK")
            raise error(REFUSED)
        return real(con, sql, **values)

    monkeypatch.setattr(_commits, "run", failing)
    with pytest.raises(StoreFull, match="kept nothing"):
        keep(store, 2)
    monkeypatch.undo()
    assert store.checkpoint("app", "notes") == {"n": 1}
    keep(store, 3)
    assert store.checkpoint("app", "notes") == {"n": 3}


def test_a_fatal_error_ends_a_reading_but_no_store(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was reading is told to begin anew; a second store on the file goes on as well."""
    other = open_store(tmp_path / "cxm.duckdb", clock=lambda: NOW)
    notes = [Note(native_id=str(n), occurred_at=NOW, text="x") for n in range(3_000)]
    with store.transaction() as transaction:
        transaction.apply(notes, source="app")
    half_read = other.records("note")
    next(half_read)
    real = _commits.run

    def failing(con: Any, sql: str, **values: object) -> list[tuple[Any, ...]]:
        rows = real(con, sql, **values)
        if sql == "COMMIT":
            raise duckdb.FatalException(KEPT)
        return rows

    monkeypatch.setattr(_commits, "run", failing)
    keep(store, 2)
    with pytest.raises(StoreError, match="read it again"):
        list(half_read)
    assert other.checkpoint("app", "notes") == {"n": 2}
    assert other.count("note") == len(notes)
    other.close()
