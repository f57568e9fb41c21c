"""The same rows by every real way in: CSV, lines of JSON, Parquet, and row by row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from cxm_connectors.files import Files
from cxm_core.plugins import Runtime, build
from cxm_core.records import Record, Response
from cxm_core.results import SyncReceipt
from cxm_core.store import QuarantineEntry, Store, open_store
from cxm_core.sync import add, pull

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SOURCE = "files:test"
COLUMNS = ("id", "at", "stamp", "score", "weight", "said", "mail", "channel")
FILE_WAYS = ("csv", "jsonl", "parquet")
GOOD: Mapping[str, Any] = {
    "id": "good",
    "at": "2026-11-05T09:00:00Z",
    "stamp": "2026-11-05T09:00:00Z",
    "score": 9,
    "weight": 1.5,
    "said": "Fine",
    "mail": "ann@example.com",
    "channel": "web",
}


class Outcome(NamedTuple):
    """What came of a sync."""

    receipt: SyncReceipt
    records: Mapping[str, Response]
    quarantined: Sequence[QuarantineEntry]
    store: Store

    @property
    def reasons(self) -> dict[str, int]:
        """Rows set aside, by reason."""
        return dict(self.receipt.reasons)


def config(name: str, **more: Any) -> dict[str, Any]:
    """Configuration of one file with all columns; what is `None` is left out."""
    row = {
        "id": "id",
        "customer": {"email": "mail"},
        "occurred_at": "at",
        "recorded_at": "stamp",
        "weight": "weight",
        "channel": "channel",
    }
    row |= more.pop("row", {})
    question = {"id": "q", "scale": "0-10", "column": "score", "verbatim": "said"}
    return {
        "files": [name],
        "row": {key: value for key, value in row.items() if value is not None},
        "questions": [question],
        **more,
    }


def synced(folder: Path, config: Mapping[str, Any], store: Store | None = None) -> Outcome:
    """Sync a source of files into a store in memory, or the one given."""
    connector = build(Files, config, Runtime(clock=lambda: NOW, root=folder), source=SOURCE)
    kept = store or open_store("memory:", clock=lambda: NOW)
    (receipt,) = pull(kept, connector, source=SOURCE, clock=lambda: NOW)
    assert receipt.balances
    return outcome(kept, receipt)


def outcome(store: Store, receipt: SyncReceipt) -> Outcome:
    """What a store holds now."""
    found = {one.native_id.removesuffix("/q"): one for one in responses(store)}
    return Outcome(receipt, found, store.quarantined(), store)


def responses(store: Store) -> list[Response]:
    """Answers of a store."""
    return [one for one in store.records("response") if isinstance(one, Response)]


def served(folder: Path, rows: Iterable[Mapping[str, Any]], way: str, **more: Any) -> Outcome:
    """Outcome of rows, each a good one with some cells changed, by one of `FILE_WAYS`."""
    full = [{**GOOD, "id": str(number), **row} for number, row in enumerate(rows)]
    name = f"rows.{way}"
    WRITERS[way](folder / name, full)
    return synced(folder, config(name, **more))


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, bool | list | dict) else value


def _write_jsonl(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _write_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = {name: [row.get(name) for row in rows] for name in rows[0]}
    pq.write_table(pa.table({name: _array(values) for name, values in columns.items()}), path)


def _array(values: list[Any]) -> Any:
    """Column of the type that all values share, or of texts."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if one is None else str(_cell(one)) for one in values])


WRITERS = {"csv": _write_csv, "jsonl": _write_jsonl, "parquet": _write_parquet}


def lines(folder: Path, *raw: str | bytes, **more: Any) -> Outcome:
    """Outcome of a good line of JSON and of others as they are written here."""
    first = json.dumps(GOOD).encode()
    data = [first, *(one.encode() if isinstance(one, str) else one for one in raw)]
    (folder / "rows.jsonl").write_bytes(b"\n".join(data) + b"\n")
    return synced(folder, config("rows.jsonl", **more))


def line(**changes: Any) -> str:
    """Good line of JSON with some cells changed."""
    return json.dumps({**GOOD, **changes})


def kept_objects(store: Store, records: Iterable[Record]) -> Outcome:
    """Outcome of record objects that an app adds."""
    return outcome(store, add(store, list(records), source="app:own", clock=lambda: NOW))
