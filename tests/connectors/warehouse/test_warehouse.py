"""Tables that another tool fills, as a source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from cxm_connectors.warehouse import Warehouse
from cxm_core.errors import ConfigurationError, NotFound
from cxm_core.plugins import Connector, ReadRequest, Runtime, build
from cxm_core.results import SyncReceipt
from cxm_core.store import Store, open_store
from cxm_core.sync import pull

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LETTERS: dict[str, Any] = {
    "name": "letters",
    "query": "SELECT id, at_, body, gone FROM {letter}",
    "row": {"id": "id", "occurred_at": {"column": "at_", "zone": "UTC"}},
    "records": [{"kind": "note", "fields": {"text": "body", "is_deleted": "gone"}}],
}


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    opened = open_store("memory:", clock=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """A database with two letters."""
    path = tmp_path / "landing.duckdb"
    run(path, "CREATE TABLE letter (id INTEGER, at_ VARCHAR, body VARCHAR, gone BOOLEAN)")
    run(path, "INSERT INTO letter VALUES (1, '2026-11-05', 'Cold hall', false)")
    run(path, "INSERT INTO letter VALUES (2, '2026-11-06', 'Warm hall', false)")
    return path


def run(path: Path, sql: str) -> None:
    """Do what the other tool does."""
    with duckdb.connect(str(path)) as con:
        con.execute(sql)


def built(root: Path, **config: Any) -> Connector:
    """Connector of a warehouse below a folder."""
    told = {"tables": [LETTERS], **config}
    if "frames" not in told:
        told = {"database": "landing.duckdb", **told}
    return build(Warehouse, told, Runtime(clock=lambda: NOW, root=root), source="warehouse:desk")


def pulled(store: Store, connector: Connector) -> SyncReceipt:
    """Receipt of a sync of its only stream."""
    (receipt,) = pull(store, connector, source="warehouse:desk", clock=lambda: NOW)
    assert receipt.balances
    return receipt


class TestDatabase:
    def test_rows_become_records(self, store: Store, landing: Path) -> None:
        """Each row is a record, and the receipt says that all were read."""
        receipt = pulled(store, built(landing.parent))
        assert (receipt.applied, receipt.verdict) == (2, "complete")

    def test_unchanged_database_is_not_read_again(self, store: Store, landing: Path) -> None:
        """What nobody has written to since is left alone, and the receipt says so."""
        pulled(store, built(landing.parent))
        receipt = pulled(store, built(landing.parent))
        assert (receipt.served, receipt.unchanged, receipt.verdict) == (0, ("letters",), "complete")

    def test_what_is_new_is_applied(self, store: Store, landing: Path) -> None:
        """A row that came since is kept, one that is marked as gone is taken away."""
        pulled(store, built(landing.parent))
        run(landing, "INSERT INTO letter VALUES (3, '2026-11-07', 'Draughty hall', false)")
        run(landing, "UPDATE letter SET gone = true WHERE id = 1")
        receipt = pulled(store, built(landing.parent))
        assert (receipt.applied, receipt.duplicate, receipt.deleted) == (2, 1, 1)
        assert {record.native_id for record in store.records("note")} == {"2", "3"}

    def test_other_mapping_reads_it_again(self, store: Store, landing: Path) -> None:
        """A mapping that has changed is another matter than the database."""
        pulled(store, built(landing.parent))
        changed = {**LETTERS, "records": [{"kind": "note", "fields": {"text": "body"}}]}
        assert pulled(store, built(landing.parent, tables=[changed])).served == 2

    def test_missing_table_is_named(self, store: Store, landing: Path) -> None:
        """A table that is not there is told by its name, and nothing is kept."""
        receipt = pulled(store, built(landing.parent, schema="desk"))
        assert receipt.verdict == "partial"
        assert "letter" in receipt.note

    def test_missing_database_is_told_in_time(self, store: Store, tmp_path: Path) -> None:
        """A database that is not there is a problem of the check, and of the sync."""
        connector = built(tmp_path)
        assert connector.check().problems == ("There is no database 'landing.duckdb'.",)
        assert "NotFound" in pulled(store, connector).note

    @pytest.mark.parametrize("path", ["../landing.duckdb", "/etc/passwd"])
    def test_it_lies_below_the_program(self, tmp_path: Path, path: str) -> None:
        """A path that leads out of the program's folder is refused before anything is opened."""
        with pytest.raises(ConfigurationError, match="outside"):
            built(tmp_path, database=path)

    def test_names_cannot_become_sql(self, store: Store, landing: Path) -> None:
        """A schema is a name, whatever stands in it."""
        run(landing, 'CREATE SCHEMA "a""; DROP TABLE letter; --"')
        run(landing, 'CREATE TABLE "a""; DROP TABLE letter; --".letter AS FROM letter')
        receipt = pulled(store, built(landing.parent, schema='a"; DROP TABLE letter; --'))
        assert receipt.applied == 2


class TestFrames:
    FRAME = pl.DataFrame(
        {"id": [1], "at_": ["2026-11-05"], "body": ["Cold hall, end to end"], "gone": [False]}
    )

    @pytest.mark.parametrize("given", [FRAME, FRAME.lazy(), lambda: TestFrames.FRAME])
    def test_tables_of_any_warehouse(self, store: Store, tmp_path: Path, given: Any) -> None:
        """A frame takes the place of a table, at once or when it is asked for."""
        receipt = pulled(store, built(tmp_path, frames={"letter": given}))
        assert (receipt.applied, receipt.verdict) == (1, "complete")

    def test_missing_frame_is_named(self, store: Store, tmp_path: Path) -> None:
        """A table without a frame is a problem of the check, and of the sync."""
        connector = built(tmp_path, frames={"leter": self.FRAME})
        assert connector.check().problems == ("There is no frame 'letter' for 'letters'.",)
        assert "'leter'" in pulled(store, connector).note

    def test_join_needs_a_database(self, tmp_path: Path) -> None:
        """Two tables in one query are refused in time, for each frame stands alone."""
        frames = {"form": self.FRAME, "response": self.FRAME}
        connector = built(tmp_path, frames=frames, tables=[], layout="fivetran.typeform")
        assert connector.check().problems == (
            "'answers' joins 3 tables, which only a database can.",
        )


class TestConfiguration:
    @pytest.mark.parametrize(
        ("more", "told"),
        [
            ({"layout": "fivetran.zendsk"}, "fivetran.zendesk"),
            ({"layout": "fivetran.zendesk", "streams": ["tickts"]}, "tickets"),
            ({"tables": []}, "a layout or tables"),
            ({"frames": {}, "database": "a.duckdb"}, "either a database or frames"),
        ],
    )
    def test_mistake_is_told_with_the_nearest_cure(
        self, tmp_path: Path, more: dict[str, Any], told: str
    ) -> None:
        """A word that is not known comes with the one that is near."""
        with pytest.raises(ConfigurationError, match=told):
            built(tmp_path, **more)

    def test_streams_of_a_layout_can_be_chosen(self, tmp_path: Path) -> None:
        """Only what is wanted is a stream."""
        connector = built(tmp_path, layout="airbyte.zendesk", streams=["tickets"], tables=[])
        assert [(one.name, one.kinds) for one in connector.streams()] == [("tickets", ("ticket",))]
        with pytest.raises(NotFound):
            list(connector.read("users", None, ReadRequest()))
