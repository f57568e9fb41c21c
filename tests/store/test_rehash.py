"""Fingerprints of an older store are made anew, so that nothing old looks changed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxm_core.records import Response, content_hash
from cxm_core.store import Counts, open_store

duckdb = pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_an_older_fingerprint_is_replaced(tmp_path: Path) -> None:
    """A record that was kept before the fingerprints changed is known when it comes again."""
    path = tmp_path / "store.duckdb"
    answer = Response(native_id="1", occurred_at=NOW, verbatim="Cold hall", weight=0.5)
    store = open_store(str(path), clock=lambda: NOW)
    with store.transaction() as transaction:
        transaction.apply([answer], source="acme")
    store.close()
    con = duckdb.connect(str(path))
    con.execute("UPDATE response SET content_hash = 'of old'").fetchall()
    con.execute("UPDATE cxm_meta SET value = '2' WHERE key = 'schema_version'").fetchall()
    con.close()
    store = open_store(str(path), clock=lambda: NOW)
    with store.transaction() as transaction:
        assert transaction.apply([answer], source="acme") == Counts(duplicate=1)
    store.close()
    con = duckdb.connect(str(path))
    found = con.execute("SELECT content_hash FROM response").fetchall()
    con.close()
    assert found == [(content_hash(answer),)]
