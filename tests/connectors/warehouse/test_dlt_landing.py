"""Tables that dlt has really landed: from a vendor on loopback into DuckDB, nested lists apart."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxm_connectors.simulation import Company, Serving
from cxm_connectors.typeform._simulator import TypeformSimulator
from cxm_connectors.warehouse import Warehouse
from cxm_core.plugins import Runtime, build
from cxm_core.results import SyncReceipt
from cxm_core.store import Store, open_store
from cxm_core.sync import pull

pytest.importorskip("dlt", reason="the extra 'dlt' is not installed")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SECRET = "simulated"  # noqa: S105  (it opens nothing but a simulator)
# What a user of dlt writes, run in a process of its own.
LAND = """
import json, sys, urllib.request
import dlt

origin, secret = sys.argv[1:]

def get(path):
    head = {"Authorization": f"Bearer {secret}"}
    with urllib.request.urlopen(urllib.request.Request(origin + path, headers=head)) as answer:
        return json.load(answer)["items"]

@dlt.resource(name="responses", primary_key="token", write_disposition="merge")
def responses():
    for form in get("/forms"):
        for row in get(f"/forms/{form['id']}/responses?page_size=1000"):
            yield {"form_id": form["id"], **row}

landing = dlt.pipeline(
    "typeform",
    destination=dlt.destinations.duckdb("landing.duckdb"),
    dataset_name="typeform",
    pipelines_dir="pipelines",
)
landing.run(responses())
"""
STARS: dict[str, Any] = {
    "name": "stars",
    "query": """
        SELECT form.token, form.submitted_at, answer.number AS stars
        FROM {responses} AS form
        JOIN {responses__answers} AS answer ON answer._dlt_parent_id = form._dlt_id
        WHERE answer.field__id = 'stars'
          AND form._dlt_load_id IN (SELECT load_id FROM {_dlt_loads} WHERE status = 0)
    """,
    "row": {"id": "token", "occurred_at": "submitted_at"},
    "questions": [{"id": "stars", "scale": "1-5", "column": "stars"}],
}


@pytest.fixture(scope="module")
def vendor() -> TypeformSimulator:
    """A small company's forms."""
    return TypeformSimulator(Company.made(customers=80), secret=SECRET)


@pytest.fixture(scope="module")
def landed(vendor: TypeformSimulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with what dlt landed."""
    folder = tmp_path_factory.mktemp("landed")
    quiet = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(folder / "data")}
    with Serving(vendor) as serving:
        subprocess.run(
            [sys.executable, "-c", LAND, serving.origin, SECRET],
            cwd=folder,
            env={**os.environ, **quiet},
            check=True,
            capture_output=True,
        )
    return folder


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    opened = open_store("memory:", clock=lambda: NOW)
    yield opened
    opened.close()


def pulled(store: Store, folder: Path, **table: Any) -> SyncReceipt:
    """Receipt of a sync of one table."""
    config = {
        "database": "landing.duckdb",
        "schema": "typeform",
        "tables": [{**STARS, **table}],
    }
    source = build(Warehouse, config, Runtime(clock=lambda: NOW, root=folder))
    (receipt,) = pull(store, source, source="warehouse:forms", clock=lambda: NOW)
    return receipt


def told(vendor: TypeformSimulator) -> dict[str, int]:
    """Stars that each person gave, as the vendor serves them."""
    found = {}
    for row in vendor.truth():
        for answer in row.get("answers") or ():
            if answer["field"]["id"] == "stars" and row.get("submitted_at"):
                found[row["token"]] = answer["number"]
    return found


def test_nested_answers_find_their_parents(
    store: Store, vendor: TypeformSimulator, landed: Path
) -> None:
    """Each answer of a list is kept with the person who gave it, and none is lost or doubled."""
    receipt = pulled(store, landed)
    kept: list[Any] = list(store.records("response"))
    stars = {one.native_id: int(one.score.value) for one in kept}
    assert receipt.verdict == "complete"
    assert len(stars) == len(told(vendor)) > 3
    assert sorted(stars.values()) == sorted(told(vendor).values())
    assert all(any(token in name for token in told(vendor)) for name in stars)


def test_a_load_under_way_is_left_out(store: Store, landed: Path, tmp_path: Path) -> None:
    """Rows of a load that has not ended are no part of what is read."""
    copy = tmp_path / "landing.duckdb"
    copy.write_bytes((landed / "landing.duckdb").read_bytes())
    with duckdb.connect(str(copy)) as con:
        con.execute("UPDATE typeform._dlt_loads SET status = 1")
    assert pulled(store, tmp_path).served == 1
    assert store.count("response") == 0


def test_a_list_that_was_never_landed_is_told(store: Store, landed: Path) -> None:
    """The receipt names the table, and nothing is taken for empty."""
    query = STARS["query"].replace("responses__answers", "responses__hobbies")
    receipt = pulled(store, landed, query=query)
    assert receipt.verdict == "partial"
    assert "responses__hobbies" in receipt.note


def test_frames_are_not_joined(landed: Path) -> None:
    """Two tables in memory are refused with the reason before anything is read."""
    config = {"frames": {"responses": [], "responses__answers": []}, "tables": [STARS]}
    source = build(Warehouse, config, Runtime(clock=lambda: NOW, root=landed))
    (problem,) = source.check().problems
    assert "joins 3 tables, which only a database can" in problem
