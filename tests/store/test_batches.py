"""A page of records in columns is the same page in rows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_core.records import Deletion, Note, Record
from cxm_core.store import Counts, Store, open_store
from cxm_core.store._batches import stored_columns, stored_rows
from cxm_core.store._schema import STORED_KINDS, columns_of
from cxm_core.testing import records

NOW = datetime(2026, 11, 21, tzinfo=UTC)


class OwnNote(Note):
    """Somebody's own class of a kind that there is."""


def note(native_id: str, text: str = "a") -> Note:
    """Small record without a stamp."""
    return Note(native_id=native_id, occurred_at=NOW, text=text)


def rows_of(page: list[Record]) -> list[tuple[str, dict[str, object]]]:
    """Kind and cells of each record, by way of columns; those of one kind in their order."""
    made = stored_columns(page, source="acme:eu", now=NOW)
    assert made is not None
    found = []
    for kind, columns in made:
        for place in range(len(columns["native_id"])):
            names = columns_of(kind)
            cells = {n: columns[n][place] if n in columns else None for n in names}
            found.append((kind, cells))
    return found


class TestColumns:
    @settings(max_examples=30)
    @given(st.lists(st.sampled_from(STORED_KINDS).flatmap(records), min_size=1, max_size=6))
    def test_they_are_rows(self, page: list[Record]) -> None:
        """Whatever is on a page, columns and rows hold the same, keys included."""
        rows = list(stored_rows(page, source="acme:eu", now=NOW))
        kinds = list(dict.fromkeys(row.kind for row in rows))
        expected = [(kind, row.cells) for kind in kinds for row in rows if row.kind == kind]
        assert rows_of(page) == expected

    @pytest.mark.parametrize(
        "other", [Deletion(native_id="1", occurred_at=NOW, kind="note"),
                  OwnNote(native_id="2", occurred_at=NOW, text="b")],
    )  # fmt: skip
    def test_a_page_that_needs_its_order(self, other: Record) -> None:
        """Where two classes go into one table, rows keep the order of their arrival."""
        assert stored_columns([note("1"), other], source="acme:eu", now=NOW) is None


class TestStore:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        """A store in a file."""
        pytest.importorskip("duckdb")
        return open_store(tmp_path / "cxm.duckdb", clock=lambda: NOW)

    def apply(self, store: Store, *page: Record) -> Counts:
        """Merge a page."""
        with store.transaction() as transaction:
            return transaction.apply(page, source="acme:eu")

    def test_what_was_taken_away_comes_back(self, store: Store) -> None:
        """A record that was deleted and is served again stands, and its tombstone is gone."""
        gone = Deletion(native_id="1", occurred_at=NOW, kind="note")
        assert self.apply(store, note("1")).new == 1
        assert self.apply(store, gone).deleted == 1
        assert self.apply(store, note("1", "b"), note("2")).applied == 2
        assert self.apply(store, note("1", "b")).duplicate == 1
        assert sorted(one.text for one in store.records("note")) == ["a", "b"]
        store.close()

    def test_some_known_and_some_new(self, store: Store) -> None:
        """Where some of a page was known, the older version goes into the history."""
        self.apply(store, note("1"), note("2"))
        counts = self.apply(store, note("2", "b"), note("3"))
        assert (counts.applied, counts.new) == (2, 1)
        assert sorted(one.text for one in store.records("note")) == ["a", "a", "b"]
        store.close()
