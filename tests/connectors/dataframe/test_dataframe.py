"""A table that the program itself holds, as a source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cxm_connectors.dataframe import DataFrame
from cxm_core.errors import ConfigurationError, NotFound
from cxm_core.plugins import Connector, ReadRequest, Runtime, build
from cxm_core.program import Program
from cxm_core.results import SyncReceipt
from cxm_core.store import Store, open_store
from cxm_core.sync import pull

NOW = datetime(2026, 11, 21, tzinfo=UTC)
COLUMNS = {
    "ID": [1, 2, 3],
    "DAY": ["2026-11-05", "2026-11-06", "2026-11-07"],
    "NPS": [10, 3, None],
    "WHY": ["The hall was cold from end to end", "ok", None],
}
ROW = {"id": "ID", "occurred_at": {"column": "DAY", "zone": "Europe/Berlin"}}
NPS = {"id": "recommend", "scale": "0-10", "column": "NPS", "verbatim": "WHY"}
FORMS: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "polars": lambda: pl.DataFrame(COLUMNS),
    "lazy": lambda: pl.LazyFrame(COLUMNS),
    "pyarrow": lambda: pa.table(COLUMNS),
    "reader": lambda: pa.table(COLUMNS).to_reader(),
    "function": lambda: lambda: pl.DataFrame(COLUMNS),
}


@pytest.fixture
def store() -> Store:
    """An empty store in memory."""
    return open_store("memory:", clock=lambda: NOW)


def built(data: object, **more: Any) -> Connector:
    """Connector of a table with one question."""
    config = {"data": data, "row": ROW, "questions": [NPS], **more}
    runtime = Runtime(clock=lambda: NOW, root=Path("/nowhere"))
    return build(DataFrame, config, runtime, source="dataframe:survey")


def pulled(store: Store, connector: Connector) -> SyncReceipt:
    """Receipt of a sync of its only stream."""
    (receipt,) = pull(store, connector, source="dataframe:survey", clock=lambda: NOW)
    return receipt


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_table(store: Store, form: str) -> None:
    """Whatever holds the table, the same question and the same answers are kept."""
    receipt = pulled(store, built(FORMS[form]()))
    assert (receipt.applied, receipt.quarantined, receipt.verdict) == (4, 0, "complete")


def test_relation_of_the_users_own_database(store: Store) -> None:
    """A relation of DuckDB is read on the user's connection."""
    with duckdb.connect() as con:
        frame = pa.table(COLUMNS)
        con.register("answers", frame)
        assert pulled(store, built(con.sql("FROM answers"))).applied == 4


def test_second_sync_keeps_nothing_twice(store: Store) -> None:
    """The table is served again as a whole, and recognised."""
    connector = built(pl.DataFrame(COLUMNS))
    pulled(store, connector)
    receipt = pulled(store, connector)
    assert (receipt.served, receipt.duplicate, receipt.applied) == (3, 3, 0)


def test_function_gives_a_new_table_at_each_sync(store: Store) -> None:
    """What has grown meanwhile is kept."""
    sizes = iter([1, 3])
    connector = built(lambda: pl.DataFrame(COLUMNS).head(next(sizes)))
    assert [pulled(store, connector).applied for _ in range(2)] == [2, 2]


def test_query_makes_the_rows(store: Store) -> None:
    """A table of another shape is turned by one SELECT over `data`."""
    wide = pl.DataFrame({"ID": [1, 2], "DAY": ["2026-11-05"] * 2, "q1": [9, 3], "q2": [1, 2]})
    query = "SELECT ID, DAY, q1 AS NPS, NULL AS WHY FROM data WHERE q2 = 1"
    assert pulled(store, built(wide, query=query)).applied == 2


def test_optional_question_without_its_column(store: Store) -> None:
    """A question that may be missing is left out; the others are kept."""
    more = {"id": "easy", "scale": "1-7", "column": "EASY", "optional": True}
    receipt = pulled(store, built(pl.DataFrame(COLUMNS), questions=[NPS, more]))
    assert (receipt.applied, receipt.verdict) == (5, "complete")


def test_missing_column_is_named(store: Store) -> None:
    """A table without a column that is needed is told, and nothing of it is kept."""
    receipt = pulled(store, built(pl.DataFrame(COLUMNS).drop("NPS")))
    assert (receipt.is_complete, receipt.verdict) == (False, "partial")
    assert "'NPS'" in receipt.note


def test_no_table_is_told_in_time() -> None:
    """A check says that there are no data."""
    assert built(None).check().problems == ("There are no data.",)


def test_mapping_is_checked_when_it_is_built() -> None:
    """A field that its record does not have is found before any row is read."""
    record = {"kind": "ticket", "fields": {"subjct": "WHY"}}
    with pytest.raises(ConfigurationError, match="subjct"):
        built(pl.DataFrame(COLUMNS), records=[record])


def test_there_is_one_stream() -> None:
    """Another stream is not found."""
    connector = built(pl.DataFrame(COLUMNS))
    assert [stream.name for stream in connector.streams()] == ["rows"]
    with pytest.raises(NotFound):
        list(connector.read("tickets", None, ReadRequest()))


def test_program_with_a_table_has_a_hash() -> None:
    """A program that holds a table can be hashed and told, without a word of the table."""
    source = {"name": "dataframe:survey", "config": {"data": pl.DataFrame(COLUMNS), "row": ROW}}
    program = Program(name="Shop", zone="UTC", sources=[source])
    assert program.model_dump(mode="json")["sources"][0]["config"]["data"] == "<DataFrame>"
    assert len(program.hash) == 12
    assert "hall" not in repr(program)
