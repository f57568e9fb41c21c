"""Sources of dlt, whose rows come here and whose state stays with ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cxm_connectors.dlt import Dlt
from cxm_core.errors import NotFound
from cxm_core.plugins import Connector, ReadRequest, Runtime, build
from cxm_core.results import SyncReceipt
from cxm_core.store import Store, open_store
from cxm_core.sync import pull

dlt = pytest.importorskip("dlt", reason="the extra 'dlt' is not installed")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TABLE = {
    "row": {"id": "id", "occurred_at": "at", "recorded_at": "at"},
    "records": [{"kind": "note", "fields": {"text": "body"}}],
}


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    opened = open_store("memory:", clock=lambda: NOW)
    yield opened
    opened.close()


def letters(*numbers: int) -> list[dict[str, Any]]:
    """Letters of these numbers, one a day."""
    return [
        {"id": number, "at": datetime(2026, 11, number, tzinfo=UTC), "body": f"Letter {number}"}
        for number in numbers
    ]


def built(source: object, **more: Any) -> Connector:
    """Connector of a source or resource of dlt."""
    config = {"source": source, "streams": {"letters": TABLE}, **more}
    runtime = Runtime(clock=lambda: NOW, root=Path("/nowhere"))
    return build(Dlt, config, runtime, source="dlt:desk")


def pulled(store: Store, connector: Connector, **request: Any) -> SyncReceipt:
    """Receipt of a sync of its only stream."""
    wanted = ReadRequest(**request)
    (receipt,) = pull(store, connector, source="dlt:desk", clock=lambda: NOW, request=wanted)
    assert receipt.balances
    return receipt


def kept(store: Store) -> set[str]:
    """Native ids of the letters that stand in the store."""
    return {record.native_id for record in store.records("note")}


def desk(*rows: dict[str, Any], **options: Any) -> Any:
    """Make a source with one resource and an incremental cursor."""
    since = dlt.sources.incremental("at")

    @dlt.resource(name="letters", **options)
    def served(at: Any = since) -> Iterator[Any]:
        yield [row for row in rows if at.last_value is None or row["at"] >= at.last_value]

    @dlt.source(name="desk")
    def source() -> Any:
        return served

    return source()


def test_rows_become_records(store: Store) -> None:
    """Each row is a record, and the receipt says that the source came to its end."""
    receipt = pulled(store, built(desk(*letters(1, 2, 3))))
    assert (receipt.applied, receipt.verdict) == (3, "complete")


def test_its_state_is_kept_with_ours(store: Store) -> None:
    """A new source of the same name goes on where the one before stood."""
    pulled(store, built(lambda: desk(*letters(1, 2, 3))))
    receipt = pulled(store, built(lambda: desk(*letters(1, 2, 3, 4))))
    assert (receipt.served, receipt.applied) == (1, 1)
    assert kept(store) == {"1", "2", "3", "4"}


def test_resource_alone(store: Store) -> None:
    """A resource without a source around it is taken too."""
    resource = dlt.resource(letters(1, 2), name="letters")
    assert pulled(store, built(resource)).applied == 2


def test_replaced_resource_takes_away(store: Store) -> None:
    """What a resource that is replaced as a whole serves no more is gone."""

    def of(*numbers: int) -> Connector:
        return built(dlt.resource(letters(*numbers), name="letters", write_disposition="replace"))

    pulled(store, of(1, 2, 3))
    receipt = pulled(store, of(1, 3, 4))
    assert (receipt.deleted, kept(store)) == (1, {"1", "3", "4"})


def test_table_is_read_in_bulk(store: Store) -> None:
    """A resource that yields Arrow tables is described, not unrolled."""
    table = pa.Table.from_pylist(letters(1, 2, 3))
    receipt = pulled(store, built(dlt.resource([table], name="letters")))
    assert (receipt.applied, receipt.verdict) == (3, "complete")


def test_bad_row_is_set_aside(store: Store) -> None:
    """A row that is no record is counted with its reason; the others are kept."""
    rows = [*letters(1), {"id": 2, "at": "yesterday", "body": "When?"}, 7]
    receipt = pulled(store, built(dlt.resource(rows, name="letters")))
    assert receipt.applied == 1
    assert receipt.reasons == {"bad_datetime": 1, "missing_field": 1}


def test_failure_names_the_class_and_no_words(store: Store) -> None:
    """A source that fails is named, what it said is not, and its state is not moved."""

    def failing() -> Iterator[Any]:
        yield from letters(1)
        raise ConnectionError("the hall of Ann was cold")

    receipt = pulled(store, built(dlt.resource(failing, name="letters")))
    assert receipt.verdict == "partial"
    assert "ConnectionError" in receipt.note
    assert "Ann" not in receipt.note
    assert store.checkpoint("dlt:desk", "letters") is None


def test_limit_does_not_move_its_state(store: Store) -> None:
    """A sync that was cut short is partial; the next one serves the rest."""
    receipt = pulled(store, built(desk(*letters(1, 2, 3))), limit=1)
    assert (receipt.served, receipt.verdict) == (1, "partial")
    assert pulled(store, built(desk(*letters(1, 2, 3)))).applied == 2


def test_check_knows_the_resources() -> None:
    """A resource that is not there is named before anything is asked."""
    assert built(desk()).check().problems == ()
    more = {"streams": {"letters": TABLE, "parcels": TABLE}}
    assert built(desk(), **more).check().problems == ("The source has no resource 'parcels'.",)
    with pytest.raises(NotFound):
        list(built(desk()).read("parcels", None, ReadRequest()))


def test_it_is_not_imported_unasked() -> None:
    """A connector that is only listed does not load dlt."""
    code = "import sys, cxm_connectors.dlt; sys.exit('dlt' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
