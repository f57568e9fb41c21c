"""New records go straight into their table, and the outcome is that of one batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import StoreError
from cxm_core.records import Cell, Deletion, Reader, Response, RowMapping, Table
from cxm_core.store import Counts, Store, arrow_table, open_store
from cxm_core.store import _straight as straight
from cxm_core.store._faults import NoFaults

pytest.importorskip("duckdb")

START = datetime(2026, 11, 21, tzinfo=UTC)
MAPPING = RowMapping(
    kind="response",
    cells={
        "native_id": Cell(template="{id}"),
        "occurred_at": Cell(template="{at}", zone="UTC"),
        "recorded_at": Cell(template="{recorded}", zone="UTC"),
        "verbatim": Cell(template="{text}"),
        "is_deleted": Cell(template="{gone}"),
    },
    customer={"email": Cell(template="{email}")},
)
COLUMNS = ("id", "at", "recorded", "text", "gone", "email")
Row = tuple[str, str, str]


class Clock:
    """A day passes between two readings."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Return the present instant."""
        self.now += timedelta(days=1)
        return self.now


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Each kind of store: the one in memory merges row by row."""
    url = "memory:" if request.param == "memory" else str(tmp_path / "store.duckdb")
    store = open_store(url, clock=Clock())
    yield store
    store.close()


def answers(*rows: Sequence[str], data: object = None) -> Table:
    """Table of rows of id and text, and maybe e-mail and whether it is gone."""
    filled = [(*row, *("", "")[: 4 - len(row)]) if len(row) < 4 else row for row in rows]
    cells = [
        (name, "2026-11-05", "2026-11-06", text, gone or None, email or None)
        for name, text, email, gone in filled
    ]
    table = arrow_table(dict.fromkeys(COLUMNS, "text"), cells) if data is None else data
    return Table(stream="rows", reader=Reader(format="object"), mappings=(MAPPING,), data=table)


def load(store: Store, *rows: Sequence[str]) -> Counts:
    """Load rows in one transaction."""
    with store.transaction() as transaction:
        return transaction.load(answers(*rows), source="acme:eu").counts


def texts(store: Store) -> dict[str, str | None]:
    """Text of each record, by id."""
    return {one.native_id: one.verbatim for one in store.records("response")}  # type: ignore[attr-defined]  # responses


# Only the row lane takes a capital beyond ASCII to its small letter.
ODD = "\u00dcmit@example.com"


class TestByHand:
    """What was heard of before is merged."""

    def test_first_and_second(self, store: Store) -> None:
        """All is new at first; then one is known, one has changed, one is new again."""
        assert load(store, ("a", "x"), ("b", "y")) == Counts(applied=2, new=2)
        later = load(store, ("a", "x"), ("b", "z"), ("c", "w"))
        assert (later.applied + later.stale, later.duplicate, later.new) == (2, 1, 1)
        assert set(texts(store)) == {"a", "b", "c"}

    def test_two_of_one_record(self, store: Store) -> None:
        """Of two versions in one table one stands, and the other leaves no history."""
        counts = load(store, ("a", "x"), ("a", "y"), ("a", "x"), ("b", "z"))
        assert counts == Counts(applied=2, duplicate=1, stale=1, new=2, repeated=1)
        assert len(texts(store)) == 2
        assert not list(store.records("response", as_of=START))

    def test_a_row_of_the_other_lane(self, store: Store) -> None:
        """A version that only the row lane can read meets the one that went in before it."""
        counts = load(store, ("a", "x"), ("b", "y"), ("a", "z", ODD, ""))
        assert counts == Counts(applied=2, stale=1, new=2)
        assert load(store, ("b", "y")) == Counts(duplicate=1)

    def test_a_deletion(self, store: Store) -> None:
        """What is gone when it comes first is gone, and stays so for those who come later."""
        first = load(store, ("a", "x", "", "true"), ("b", "y"))
        assert first == Counts(applied=2, deleted=1, new=1)
        assert texts(store) == {"b": "y"}
        later = load(store, ("a", "x", "", "true"), ("c", "w"))
        assert later == Counts(applied=1, duplicate=1, new=1)

    def test_after_a_tombstone(self, store: Store) -> None:
        """A record that was deleted does not come back with what was known before."""
        load(store, ("a", "x"))
        gone = Deletion(kind="response", native_id="a", occurred_at="2026-11-07T00:00Z",
                        recorded_at="2026-11-07T00:00Z")  # fmt: skip
        with store.transaction() as transaction:
            transaction.apply([gone], source="acme:eu")
        assert load(store, ("a", "y")) == Counts(stale=1)
        assert texts(store) == {}

    def test_a_second_source(self, store: Store) -> None:
        """The same ids of another source are other records."""
        own = Response(native_id="a", occurred_at="2026-11-05T00:00Z", verbatim="own")
        with store.transaction() as transaction:
            transaction.apply([own], source="app")
        assert load(store, ("a", "x")) == Counts(applied=1, new=1)
        assert store.count("response") == 2

    def test_what_was_set_aside_is_forgotten(self, store: Store) -> None:
        """A row that was no record is let go when its record comes."""
        load(store, ("a", "x", "", "perhaps"))
        assert len(store.quarantined()) == 1
        assert load(store, ("a", "x"), ("b", "y")) == Counts(applied=2, new=2)
        assert not store.quarantined()

    def test_more_rows_than_a_group(self, store: Store) -> None:
        """Rows by the hundred thousand are seen by what follows in their transaction."""
        rows = [(f"r{number}", "x") for number in range(130_000)]
        with store.transaction() as transaction:
            first = transaction.load(answers(*rows, ("r7", "y", ODD, "")), source="acme:eu")
            second = transaction.load(answers(*rows[:3]), source="acme:eu")
        assert first.counts == Counts(applied=130_000, stale=1, new=130_000)
        assert second.counts.applied == 0
        assert store.count("response") == 130_000


def test_rows_that_do_not_come_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If fewer rows arrive than were read, nothing of them is kept."""
    lost = "SELECT * FROM ({}) LIMIT 1"
    taken = straight.Accepted.taken
    monkeypatch.setattr(
        straight.Accepted, "taken", lambda part, stream: lost.format(taken(part, stream))
    )
    store = open_store(str(tmp_path / "store.duckdb"), clock=Clock())
    with pytest.raises(StoreError, match=r"2 records .* were read and 1 came in"):
        load(store, ("a", "x"), ("b", "y"))
    assert store.count("response") == 0
    store.close()


def test_what_failed_a_load_is_what_is_told(tmp_path: Path) -> None:
    """A statement that fails its transaction is told, and not that the transaction has failed."""
    duckdb = pytest.importorskip("duckdb")
    con = duckdb.connect(str(tmp_path / "plain.duckdb"))
    con.execute("BEGIN").fetchall()
    work = straight.Straight(con, "files:a", NoFaults())
    rows = arrow_table({"id": "text"}, [["1"]])
    with pytest.raises(duckdb.Error, match="the disk is full"):
        work._asked_of(rows, "SELECT error('the disk is full') FROM accepted")
    con.execute("ROLLBACK").fetchall()
    con.close()
