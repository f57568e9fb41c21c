"""Every record that a connector makes says from which stream and which row it came."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxm_connectors.simulation import InProcess, SimRequest, SimResponse
from cxm_connectors.toolkit import Connector, Single, stream
from cxm_core.plugins import Runtime, build
from cxm_core.records import Note, Record, content_hash, raw_hash
from cxm_core.store import open_store
from cxm_core.sync import pull

pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ORIGIN = "https://api.acme.example"
ROWS = [{"id": "1", "at": "2026-11-02T09:00:00Z", "text": "Tür klemmt", "views": 3}]


class Acme(Connector):
    """One note of each row, and two of a long one."""

    name, origin = "acme", ORIGIN

    @stream("notes", path="/notes", rows="items", page=Single())
    def notes(self, row: Mapping[str, Any]) -> Iterator[Note]:
        """Map one row."""
        yield Note(native_id=row["id"], occurred_at=row["at"], text=row["text"])
        yield Note(native_id=f"{row['id']}/copy", occurred_at=row["at"], text=row["text"])


class Vendor:
    """Serves what it holds."""

    def __init__(self) -> None:
        self.origin, self.rows = "", ROWS

    def respond(self, request: SimRequest) -> SimResponse:
        """Serve all of it."""
        assert request.path == "/notes"
        return SimResponse.of({"items": self.rows})


def _kept(store: Any) -> list[Record]:
    return list(store.records("note"))


@pytest.fixture
def synced(tmp_path: Path) -> Iterator[tuple[Any, Any, Vendor]]:
    """A store into which the vendor was pulled, what pulls again, and the vendor."""
    vendor, times = Vendor(), iter(NOW + timedelta(hours=n) for n in range(1_000))
    runtime = Runtime(clock=lambda: NOW, transport=InProcess(vendor, origin=ORIGIN), root=tmp_path)
    store = open_store(tmp_path / "cxm.duckdb", clock=lambda: next(times))

    def again() -> Any:
        source = build(Acme, {}, runtime)
        (receipt,) = pull(store, source, source="acme:eu", clock=lambda: NOW)
        return receipt

    again()
    yield store, again, vendor
    store.close()


class TestByHand:
    def test_the_hash_is_that_of_the_row_as_it_came(self) -> None:
        """MD5 of the row's JSON without spaces, keys as they came."""
        text = json.dumps(ROWS[0], ensure_ascii=False, separators=(",", ":"))
        assert raw_hash(ROWS[0]) == hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    def test_half_a_character_has_a_hash_too(self) -> None:
        """JSON can say what UTF-8 cannot hold."""
        assert raw_hash({"text": "\ud83d"}) != raw_hash({"text": "\ud83e"})


class TestKept:
    def test_each_record_names_its_stream_and_its_row(self, synced: Any) -> None:
        """Both records of one row bear its hash."""
        store, _, _ = synced
        assert {(one.stream, one.raw_hash) for one in _kept(store)} == {
            ("notes", raw_hash(ROWS[0]))
        }

    def test_another_row_with_the_same_content_is_no_new_version(self, synced: Any) -> None:
        """What a record does not take from a row does not make it new."""
        store, again, vendor = synced
        before = [content_hash(one) for one in _kept(store)]
        vendor.rows = [{**ROWS[0], "views": 4}]
        receipt = again()
        assert (receipt.new, receipt.changed, receipt.duplicate) == (0, 0, 2)
        assert [content_hash(one) for one in _kept(store)] == before

    def test_a_new_version_bears_the_hash_of_its_own_row(self, synced: Any) -> None:
        """A changed row is a new version, and is known by its own hash."""
        store, again, vendor = synced
        vendor.rows = [{**ROWS[0], "text": "Tür geht wieder"}]
        assert again().changed == 2
        assert {one.raw_hash for one in _kept(store)} == {raw_hash(vendor.rows[0])}
