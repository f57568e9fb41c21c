"""The same answers in every format that the connector reads."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import feather, parquet

from cxm_connectors.files import Files
from cxm_core.plugins import Runtime, build
from cxm_core.records import Record, content_hash
from cxm_core.results import SyncReceipt
from cxm_core.store import open_store
from cxm_core.sync import pull

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CONFIG: dict[str, Any] = {
    "row": {
        "id": "ID",
        "customer": {"email": "MAIL"},
        "occurred_at": {"column": "AT", "zone": "Europe/Berlin"},
        "weight": "W",
        "attributes": {"region": "REGION"},
    },
    "questions": [
        {"id": "Q1", "scale": "1-5", "column": "SCORE", "missing": {"9": "not_applicable"}},
        {"id": "Q2", "verbatim": "WHY"},
        {"id": "Q3", "scale": "1-5", "column": "LATER", "optional": True},
    ],
}
ANSWERS = pa.table(
    {
        "ID": ["1", "2", "3"],
        "MAIL": ["A@example.org", None, "b@example.org"],
        "AT": ["2026-11-01 09:30:00", "2026-11-02 10:00:00", "2026-11-03 11:00:00"],
        "W": [1.5, 0.25, 3.0],
        "SCORE": [5, 9, None],
        "WHY": ['Said "no", twice', None, "Zürich — späti"],
        "REGION": ["North", "South", None],
    }
)


def as_csv(path: Path) -> None:
    """Write CSV."""
    arrow_csv.write_csv(ANSWERS, path)


def as_packed_csv(path: Path) -> None:
    """Write CSV, packed."""
    as_csv(path)
    path.write_bytes(gzip.compress(path.read_bytes()))


def as_jsonl(path: Path) -> None:
    """Write lines of JSON."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in ANSWERS.to_pylist())
    path.write_text("".join(lines), encoding="utf-8")


WRITERS: dict[str, Callable[[Path], None]] = {
    "answers.csv": as_csv,
    "answers.csv.gz": as_packed_csv,
    "answers.jsonl": as_jsonl,
    "answers.parquet": lambda path: parquet.write_table(ANSWERS, path),
    "answers.arrow": lambda path: feather.write_feather(ANSWERS, path, compression="uncompressed"),
}


def kept(folder: Path, name: str) -> tuple[SyncReceipt, list[Record]]:
    """Receipt and responses of one file."""
    store = open_store("memory:", clock=lambda: NOW)
    runtime = Runtime(clock=lambda: NOW, root=folder)
    made = build(Files, {**CONFIG, "files": [name]}, runtime)
    (receipt,) = pull(store, made, source="files:a", clock=lambda: NOW)
    found = sorted(store.records("response"), key=lambda record: record.native_id)
    store.close()
    return receipt, found


@pytest.mark.parametrize("name", WRITERS)
def test_same_answers(tmp_path: Path, name: str) -> None:
    """Whatever the format, the same records come of it, also where an optional column lacks."""
    WRITERS[name](tmp_path / name)
    as_csv(tmp_path / "plain.csv")
    receipt, found = kept(tmp_path, name)
    _, expected = kept(tmp_path, "plain.csv")
    assert receipt.is_complete, receipt.note
    assert (receipt.applied, receipt.quarantined) == (9, 0)
    assert list(map(content_hash, found)) == list(map(content_hash, expected))
    assert len(found) == 6


def test_values(tmp_path: Path) -> None:
    """Times, numbers, codes and words arrive as they were meant."""
    as_csv(tmp_path / "a.csv")
    _, found = kept(tmp_path, "a.csv")
    by_id = {record.native_id: record for record in found}
    first = by_id["1/Q1"].model_dump()
    assert by_id["1/Q1"].occurred_at == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert [one.text for one in by_id["1/Q1"].customer] == ["email:a@example.org"]
    assert (first["weight"], first["attributes"]) == (1.5, {"region": "North"})
    assert by_id["2/Q1"].model_dump()["no_answer"] == "not_applicable"
    assert by_id["3/Q1"].model_dump()["no_answer"] == "no_answer"
    assert by_id["3/Q2"].model_dump()["verbatim"] == "Zürich — späti"


def test_columns_that_only_the_store_can_see(tmp_path: Path) -> None:
    """A Parquet file without a column that is needed is refused by the column's name."""
    parquet.write_table(ANSWERS.drop_columns(["SCORE"]), tmp_path / "answers.parquet")
    receipt, found = kept(tmp_path, "answers.parquet")
    assert (receipt.is_complete, found) == (False, [])
    assert "'SCORE'" in receipt.note


@pytest.mark.parametrize("name", ["answers.parquet", "answers.arrow"])
def test_names_that_differ_in_case(tmp_path: Path, name: str) -> None:
    """A column is found by its own name, also behind one that differs only in its case."""
    table = ANSWERS.add_column(0, "id", pa.array(["x", "y", "z"]))
    table = table.add_column(0, "deep", pa.array([[{"a": 1}], [], None]))
    if name.endswith("parquet"):
        parquet.write_table(table, tmp_path / name)
    else:
        feather.write_feather(table, tmp_path / name, compression="uncompressed")
    receipt, found = kept(tmp_path, name)
    assert receipt.is_complete, receipt.note
    assert {record.native_id.partition("/")[0] for record in found} == {"1", "2", "3"}
    assert set(receipt.drift) == {"id", "deep"}


def test_a_name_that_stands_twice(tmp_path: Path) -> None:
    """A Parquet file in which a needed column stands twice is refused, as a CSV file is."""
    table = ANSWERS.append_column("SCORE", pa.array([1, 1, 1]))
    parquet.write_table(table, tmp_path / "answers.parquet")
    receipt, found = kept(tmp_path, "answers.parquet")
    assert (receipt.is_complete, found) == (False, [])
    assert "'SCORE' more than once" in receipt.note
