"""The suite that authors of connectors run, over the connectors that read what other tools hold."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl

from cxm_connectors.dataframe import DataFrame
from cxm_connectors.dlt import Dlt
from cxm_connectors.singer import Singer
from cxm_connectors.testing import Expect, connector_suite
from cxm_connectors.warehouse import Warehouse

LETTERS = [{"id": n, "sent_at": f"2026-11-0{n}T09:00:00Z", "body": f"Letter {n}"} for n in (1, 2)]
TABLE: dict[str, Any] = {
    "row": {"id": "id", "occurred_at": "sent_at"},
    "records": [{"kind": "note", "fields": {"text": "body"}}],
}
TAPS = Path(__file__).with_name("singer") / "taps.py"

TestDataFrame = connector_suite(DataFrame, config={"data": pl.DataFrame(LETTERS), **TABLE})

TestSinger = connector_suite(
    Singer,
    config={"command": [sys.executable, str(TAPS), "good"], "streams": {"letters": TABLE}},
)

if find_spec("dlt") is not None:
    import dlt

    TestDlt = connector_suite(
        Dlt,
        config={
            "source": lambda: dlt.resource(LETTERS, name="letters"),
            "streams": {"letters": TABLE},
        },
    )


# Taken away when the process ends.
LANDING = TemporaryDirectory(prefix="cxm-landing-")
with duckdb.connect(str(Path(LANDING.name, "landing.duckdb"))) as con:
    con.register("letters", pl.DataFrame(LETTERS))
    con.execute("CREATE TABLE letter AS FROM letters")


TestWarehouse = connector_suite(
    Warehouse,
    config={
        "database": "landing.duckdb",
        "tables": [{"name": "letters", "query": "FROM {letter}", **TABLE}],
    },
    expect=Expect(root=Path(LANDING.name)),
)
