"""Traps of DuckDB 2, each of which cost somebody a day."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from cxm_core.records import Cell, Note, Reader, RowMapping, Table
from cxm_core.store import Store, open_store

NOW = datetime(2026, 3, 9, tzinfo=UTC)
# A row group has 122,880 rows.
MORE_THAN_A_ROW_GROUP = 123_000
# DuckDB 1.5 reads 64 to 68; DuckDB 2.0 writes 69 unless told otherwise.
NEWEST_FOR_1_5 = 68


def opened(folder: Path) -> Store:
    """A store in a file."""
    return open_store(folder / "store.duckdb", clock=lambda: NOW)


def keep(store: Store, count: int) -> None:
    """Put some notes into a store."""
    notes = [Note(native_id=str(i), occurred_at=NOW, text="seen") for i in range(count)]
    with store.transaction() as transaction:
        transaction.apply(notes, source="app:own")


def test_file_opens_in_duckdb_1_5(tmp_path: Path) -> None:
    """The file has a storage version that DuckDB 1.5 reads, whichever DuckDB wrote it."""
    store = opened(tmp_path)
    keep(store, 3)
    store.close()
    header = (tmp_path / "store.duckdb").read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") <= NEWEST_FOR_1_5


def test_keeps_every_row_of_a_large_part(tmp_path: Path) -> None:
    """All rows of a part are applied, however many come in at once."""
    data = tmp_path / "notes.csv"
    ids = "\n".join(map(str, range(MORE_THAN_A_ROW_GROUP)))
    data.write_text(f"id\n{ids}\n", encoding="utf-8")
    cells = {"native_id": "{id}", "occurred_at": "2026-03-02T10:00:00Z", "text": "seen"}
    mapping = RowMapping(
        kind="note",
        cells=tuple((field, Cell(template=template)) for field, template in cells.items()),
    )
    table = Table(
        stream="rows", reader=Reader(format="csv", paths=(str(data),)), mappings=(mapping,)
    )
    store = opened(tmp_path)
    with store.transaction() as transaction:
        report = transaction.load(table, source="files:large")
    assert report.counts.applied == store.count("note") == MORE_THAN_A_ROW_GROUP
    store.close()


def test_a_result_that_nobody_reads_to_the_end_blocks_nothing(tmp_path: Path) -> None:
    """A half-read iterator of records stops neither a read nor a write beside it."""
    store = opened(tmp_path)
    keep(store, 5)
    half_read = iter(store.records("note"))
    next(half_read)
    assert store.count("note") == 5
    keep(store, 7)
    assert store.count("note") == 7
    store.close()


def test_process_ends_in_silence(tmp_path: Path) -> None:
    """Nothing is left open that DuckDB's client would complain about at the end."""
    code = (
        "from datetime import UTC, datetime\n"
        "from cxm_core.store import open_store\n"
        "store = open_store('store.duckdb', clock=lambda: datetime(2026, 3, 9, tzinfo=UTC))\n"
        "print(store.count('note'), len(store.read('note')))\n"
        "store.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "0 0\n"
    assert done.stderr == ""
