"""Versions with one stamp: content decides, or the order in which a source serves them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest

from cxm_core.records import Deletion, Note, Record
from cxm_core.store import Store, open_store

pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def version(text: str | None, *, day: int = 0, name: str = "1") -> Record:
    """Version of a note, stamped on the n-th day; None for its deletion."""
    stamp = NOW - timedelta(days=9 - day)
    if text is None:
        return Deletion(kind="note", native_id=name, recorded_at=stamp)
    return Note(native_id=name, occurred_at=NOW, text=text, recorded_at=stamp)


@pytest.fixture(params=["memory:", "t.duckdb"])
def store(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Store]:
    """Either store, empty."""
    place = request.param if request.param == "memory:" else tmp_path / request.param
    store = open_store(place, clock=lambda: NOW)
    yield store
    store.close()


def put(store: Store, *batch: Record, in_order: bool = True, source: str = "acme:1") -> Any:
    """Merge one batch; give what became of it."""
    with store.transaction() as transaction:
        return transaction.apply(batch, source=source, in_order=in_order)


def texts(store: Store) -> dict[str, str]:
    """Text of each note that is kept, by source and id."""
    notes: list[Any] = list(store.records("note"))
    return {f"{one.source} {one.native_id}": one.text for one in notes}


class TestInOrder:
    """Where a source serves in order, the last word stands."""

    def test_the_later_of_two_ties_stands_between_batches(self, store: Store) -> None:
        """Whatever the contents are, in each of their orders."""
        for number, order in enumerate(permutations("abc")):
            for text in order:
                put(store, version(text), source=f"s:{number}")
        assert [text for _, text in sorted(texts(store).items())] == [
            order[-1] for order in permutations("abc")
        ]

    def test_the_later_of_two_ties_stands_within_a_batch(self, store: Store) -> None:
        """A version that comes back is the last one, too."""
        for number, order in enumerate(permutations("abc")):
            put(store, *map(version, order), version(order[0]), source=f"s:{number}")
        assert [text for _, text in sorted(texts(store).items())] == [
            order[0] for order in permutations("abc")
        ]

    def test_a_record_that_was_restored_within_the_second_is_there(self, store: Store) -> None:
        """A deletion is not the last word if the record came after it."""
        put(store, version("a"), version(None))
        assert not texts(store)
        put(store, version("b"))
        assert texts(store) == {"acme:1 1": "b"}
        put(store, version(None))
        assert not texts(store)

    def test_an_older_stamp_stays_older(self, store: Store) -> None:
        """Only ties are settled by the order."""
        put(store, version("new", day=2))
        assert put(store, version("old", day=1)).stale == 1
        assert put(store, version("new", day=3), version("old", day=1)).stale == 1
        assert texts(store) == {"acme:1 1": "new"}

    def test_the_same_version_again_is_a_duplicate(self, store: Store) -> None:
        """To serve again what stands changes nothing."""
        put(store, version("a"), version("b"))
        assert put(store, version("b")).duplicate == 1
        assert put(store, version("b"), version("b")).applied == 0


class TestWithoutOrder:
    """Where nothing is said, the content decides, and the order changes nothing."""

    def test_ties_end_alike_in_any_order(self, store: Store) -> None:
        """Of files and batches none is the later."""
        for number, order in enumerate(permutations([version(text) for text in "abc"])):
            for one in order:
                put(store, one, in_order=False, source=f"s:{number}")
        assert len(set(texts(store).values())) == 1


def test_both_stores_agree_about_any_history(tmp_path: Any) -> None:
    """Rows one by one, and whole columns, tell the same rule: 60 histories of ties."""
    rng = Random(26)
    stores = [open_store(place, clock=lambda: NOW) for place in ("memory:", tmp_path / "t.duckdb")]
    for number in range(60):
        served: list[tuple[int, str | None]] = []
        for _ in range(rng.randrange(1, 5)):
            batch = [(rng.randrange(2), rng.choice(["a", "b", None])) for _ in range(3)]
            served += batch
            counts = [
                put(one, *(version(text, day=day) for day, text in batch), source=f"s:{number}")
                for one in stores
            ]
            assert counts[0] == counts[1]
        newest = max(day for day, _ in served)
        last = [text for day, text in served if day == newest][-1]
        for one in stores:
            assert texts(one).get(f"s:{number} 1") == last
    for one in stores:
        one.close()
