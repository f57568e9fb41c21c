"""Rows that one query makes of a database, or of data that were handed over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from cxm_core.errors import ConfigurationError, RetryableError, SchemaChanged, UsageError
from cxm_core.records import Cell, Reader, RowMapping, Table
from cxm_core.store import Store, open_store

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NOTE = RowMapping(
    kind="note",
    cells=(
        ("native_id", Cell(template="{id}")),
        ("occurred_at", Cell(template="{day}")),
        ("text", Cell(template="{words}")),
    ),
)


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """A database that another tool filled: three notes, one of them without a time."""
    path = tmp_path / "landing.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE SCHEMA inbox")
        con.execute(
            "CREATE TABLE inbox.notes AS SELECT * FROM (VALUES "
            "(1, TIMESTAMPTZ '2026-11-05 09:00+00', 'Cold hall', {'tags': ['a', 'b']}), "
            "(2, TIMESTAMPTZ '2026-11-06 09:00+00', 'Warm hall', {'tags': []}), "
            "(3, NULL, 'When?', NULL)) AS t(id, day, words, more)"
        )
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store on disk."""
    opened = open_store(tmp_path / "own.duckdb", clock=lambda: NOW)
    yield opened
    opened.close()


def loaded(store: Store, reader: Reader, data: object = None) -> tuple[int, dict[str, int]]:
    """How many rows were kept, and how many were not, by reason."""
    table = Table(stream="notes", reader=reader, mappings=(NOTE,), data=data)
    with store.transaction() as transaction:
        report = transaction.load(table, source="warehouse:landing")
    return report.counts.applied, dict(report.reasons)


def of_database(path: Path, query: str = "SELECT id, day, words FROM inbox.notes") -> Reader:
    """Reader of a query over a database."""
    return Reader(format="duckdb", paths=(str(path),), query=query)


class TestDatabase:
    def test_rows_become_records(self, store: Store, landing: Path) -> None:
        """Each row is a record, or stands in quarantine with its reason."""
        assert loaded(store, of_database(landing)) == (2, {"missing_field": 1})

    def test_it_stays_as_it_was(self, store: Store, landing: Path) -> None:
        """A database is read and never written to."""
        before = landing.read_bytes()
        loaded(store, of_database(landing))
        assert landing.read_bytes() == before
        assert sorted(path.name for path in landing.parent.glob("landing*")) == ["landing.duckdb"]

    def test_list_is_unrolled_by_the_query(self, store: Store, landing: Path) -> None:
        """One row may become several: the query says how."""
        query = (
            "SELECT id || '/' || tag AS id, day, tag AS words "
            "FROM (SELECT id, day, unnest(more.tags) AS tag FROM inbox.notes)"
        )
        assert loaded(store, of_database(landing, query)) == (2, {})

    @pytest.mark.parametrize(
        "query",
        [
            "DROP TABLE inbox.notes",
            "SELECT 1; SELECT 2",
            "FROM inbox.notes) ; (SELECT 1",
            "ATTACH 'other.duckdb'",
            "COPY inbox.notes TO 'out.csv'",
        ],
    )
    def test_only_one_select(self, store: Store, landing: Path, query: str) -> None:
        """Whatever is not one SELECT is refused before it runs."""
        with pytest.raises((ConfigurationError, SchemaChanged)):
            loaded(store, of_database(landing, query))
        assert loaded(store, of_database(landing)) == (2, {"missing_field": 1})

    @pytest.mark.parametrize("query", ["FROM read_text('/etc/hostname')", "FROM 'own.duckdb'"])
    def test_no_other_file_is_opened(self, store: Store, landing: Path, query: str) -> None:
        """A query sees the tables of its database and no file."""
        with pytest.raises(SchemaChanged):
            loaded(store, of_database(landing, query))

    def test_missing_table_is_named(self, store: Store, landing: Path) -> None:
        """The message says which table is not there."""
        with pytest.raises(SchemaChanged, match="nots"):
            loaded(store, of_database(landing, "FROM inbox.nots"))

    def test_value_is_never_told(self, store: Store, landing: Path) -> None:
        """An error that holds a customer's words keeps them to itself."""
        query = "SELECT words::INTEGER AS id, day, words FROM inbox.notes"
        with pytest.raises(SchemaChanged) as caught:
            loaded(store, of_database(landing, query))
        assert "Cold" not in str(caught.value)

    def test_writer_is_waited_for(self, store: Store, landing: Path) -> None:
        """While another process fills the database, the sync says that it will come again."""
        import subprocess  # noqa: PLC0415
        import sys  # noqa: PLC0415

        hold = (
            "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); "
            "sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", hold, str(landing)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            with pytest.raises(RetryableError, match=r"landing\.duckdb"):
                loaded(store, of_database(landing))
            other.communicate("")

    def test_own_store_is_no_source(self, store: Store, tmp_path: Path) -> None:
        """The program's own store is refused, and stays open and locked."""
        with pytest.raises(ConfigurationError, match="own store"):
            loaded(store, of_database(tmp_path / "own.duckdb", "SELECT 1"))


class TestObject:
    def test_query_over_a_frame(self, store: Store) -> None:
        """What was handed over is the table `data`."""
        frame = pl.DataFrame(
            {"nr": [1, 2], "Day": ["2026-11-05T09:00Z"] * 2, "Words": ["Cold hall", "Warm hall"]}
        )
        reader = Reader(
            format="object", query='SELECT nr AS id, "Day" AS day, "Words" AS words FROM data'
        )
        assert loaded(store, reader, frame) == (2, {})

    def test_lazy_frame_is_worked_out(self, store: Store) -> None:
        """A frame that is still a plan is collected when the store reads it."""
        frame = pl.LazyFrame({"id": [1], "day": ["2026-11-05T09:00Z"], "words": ["Cold hall"]})
        assert loaded(store, Reader(format="object"), frame) == (1, {})

    def test_relation_of_duckdb(self, store: Store) -> None:
        """A relation of the user's own connection is an Arrow stream."""
        with duckdb.connect() as con:
            relation = con.sql("SELECT 1 AS id, '2026-11-05T09:00Z' AS day, 'Cold' AS words")
            assert loaded(store, Reader(format="object"), relation) == (1, {})

    def test_anything_else_is_refused(self, store: Store) -> None:
        """A list is no table, and the message says what is."""
        with pytest.raises(UsageError, match="no Arrow stream"):
            loaded(store, Reader(format="object"), [1, 2])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"format": "duckdb", "paths": ("a.duckdb",)}, "needs a query"),
        ({"format": "csv", "paths": ("a.csv",), "query": "FROM a"}, "Nothing can be asked"),
    ],
)
def test_query_is_where_it_belongs(options: dict, told: str) -> None:
    """A database needs a query, and a file of text has nothing to ask."""
    with pytest.raises(ConfigurationError, match=told):
        Reader(**options)
