"""ORDER: whatever order a source serves in, and however often, the end is the same."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cxm_core.plugins import Checkpoint, Item, ReadRequest
from cxm_core.records import Deletion, Note
from cxm_core.results import SyncReceipt
from cxm_core.store import Store, open_store
from cxm_core.sync import pull
from reliability.order_stand import (
    expected,
    export,
    made_events,
    made_runs,
    merged_in_memory,
    merged_in_sql,
    texts,
    through_the_door,
)
from sync.scripted import Clock, Scripted

pytest.importorskip("duckdb")

SOURCE = "scripted:office"
DAY = datetime(2026, 11, 5, tzinfo=UTC)


def note(number: int, text: str = "a", day: int | None = None) -> Note:
    """Version of a note, stamped on the n-th day."""
    stamp = None if day is None else DAY + timedelta(day)
    return Note(native_id=str(number), occurred_at=DAY, text=text, recorded_at=stamp)


def gone(number: int, day: int | None = None) -> Deletion:
    """Deletion of a note, stamped on the n-th day."""
    stamp = None if day is None else DAY + timedelta(day)
    return Deletion(kind="note", native_id=str(number), recorded_at=stamp)


def kept(store: Store, **asked: Any) -> list[tuple[str, str]]:
    """Ids and texts of the notes."""
    found: list[Any] = list(store.records("note", **asked))
    return sorted((one.native_id, one.text) for one in found)


class Desk:
    """A store and the pulls into it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock

    def pull(self, *items: Item, source: str = SOURCE) -> SyncReceipt:
        """Pull what a source serves whatever its state is."""
        connector = Scripted({"notes": lambda _: iter(items)}, account=source)
        return self.run(connector, source=source)

    def run(
        self,
        connector: Scripted,
        request: ReadRequest | None = None,
        *,
        source: str = SOURCE,
    ) -> SyncReceipt:
        """Pull a source."""
        (receipt,) = pull(self.store, connector, source=source, clock=self.clock, request=request)
        assert receipt.balances
        return receipt


@pytest.fixture(params=["memory", "duckdb"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """An empty store of each sort."""
    clock = Clock()
    url = "memory:" if request.param == "memory" else str(tmp_path / "cxm.duckdb")
    store = open_store(url, clock=clock)
    yield Desk(store, clock)
    store.close()


class TestFaults:
    def test_order_01_the_same_record_twice_in_a_page(self, desk: Desk) -> None:
        """An exact copy in one page is counted as a duplicate and stored once."""
        receipt = desk.pull(note(1), note(1), note(2), Checkpoint({"page": 1}))
        assert (receipt.applied, receipt.duplicate) == (2, 1)
        assert kept(desk.store) == [("1", "a"), ("2", "a")]

    def test_order_02_the_same_record_across_pages_and_runs(self, desk: Desk) -> None:
        """The record at the border of two pages, and of two runs, is stored once."""
        pages = [
            note(1),
            note(2),
            Checkpoint({"last": 2}),
            note(2),
            note(3),
            Checkpoint({"last": 3}),
        ]
        assert desk.pull(*pages).duplicate == 1
        assert desk.pull(note(3), note(4), Checkpoint({"last": 4})).duplicate == 1
        assert [name for name, _ in kept(desk.store)] == ["1", "2", "3", "4"]

    def test_order_03_a_newer_version(self, desk: Desk) -> None:
        """The latest version wins, and the one before is what was known then."""
        desk.pull(note(1, "old", 0))
        then = desk.clock.now
        assert desk.pull(note(1, "new", 1)).applied == 1
        assert kept(desk.store) == [("1", "new")]
        assert kept(desk.store, as_of=then) == [("1", "old")]

    def test_order_04_an_older_version_arrives_later(self, desk: Desk) -> None:
        """What is older than what stands is stale, and changes nothing that anybody can read."""
        desk.pull(note(1, "new", 1), Checkpoint({}))
        then = desk.clock.now
        assert desk.pull(note(1, "old", 0)).stale == 1
        assert kept(desk.store) == kept(desk.store, as_of=then) == [("1", "new")]

    def test_order_05_one_stamp_and_different_content(self, desk: Desk) -> None:
        """Tied versions end alike in any order; a deletion among them stands."""
        for number, order in enumerate(permutations("abc")):
            for text in order:
                desk.pull(note(1, text, 0), source=f"tied:{number}")
        assert len(kept(desk.store)) == 6
        assert len(set(kept(desk.store))) == 1
        for number, items in enumerate(
            permutations([note(1, "d", 0), note(1, "e", 0), gone(1, 0)])
        ):
            for one in items:
                desk.pull(one, source=f"gone:{number}")
        assert len(kept(desk.store)) == 6

    def test_order_07_a_late_record(self, desk: Desk) -> None:
        """A source that looks back a little serves what came late; the rest is recognised."""
        server: dict[int, int] = {1: 1, 2: 2, 3: 3, 9: 9}

        def look_back(state: Mapping[str, Any] | None) -> Iterator[Item]:
            since = (state or {"cursor": 0})["cursor"] - 7
            yield from (note(number, day=day) for number, day in server.items() if day >= since)
            yield Checkpoint({"cursor": max(server.values())})

        desk.run(Scripted({"notes": look_back}))
        server[4] = 4
        receipt = desk.run(Scripted({"notes": look_back}))
        assert (receipt.applied, receipt.duplicate) == (1, 3)
        assert [name for name, _ in kept(desk.store)] == ["1", "2", "3", "4", "9"]
        assert desk.store.checkpoint(SOURCE, "notes") == {"cursor": 9}

    def test_order_08_records_move_while_pages_are_read(self, desk: Desk) -> None:
        """Rows that slip between two pages are there after the next sync."""
        server = {number: note(number, day=0) for number in range(6)}
        moves = [lambda: server.pop(0), lambda: server.update({9: note(9, "new", 1)})]

        def paged(_: object) -> Iterator[Item]:
            offset = 0
            while page := sorted(server.items())[offset : offset + 2]:
                yield from (one for _, one in page)
                yield Checkpoint({})
                offset += 2
                if moves:
                    moves.pop(0)()
            if 0 not in server:
                yield gone(0, 1)

        desk.run(Scripted({"notes": paged}))
        assert "2" not in dict(kept(desk.store))
        desk.run(Scripted({"notes": paged}))
        assert kept(desk.store) == sorted((one.native_id, one.text) for one in server.values())

    def test_order_16_a_backfill_beside_the_running_sync(self, desk: Desk) -> None:
        """A backfill keeps nothing twice, and the cursor of the running sync stays."""

        def serve(state: Mapping[str, Any] | None) -> Iterator[Item]:
            first = (state or {"cursor": 5})["cursor"]
            yield from (note(number, day=number) for number in range(first, 10))
            yield Checkpoint({"cursor": 10})

        def backfill(_: object) -> Iterator[Item]:
            for number in range(8):
                yield note(number, day=number)
                yield Checkpoint({"cursor": number})

        desk.run(Scripted({"notes": serve}))
        request = ReadRequest(since=DAY, until=DAY + timedelta(8))
        receipt = desk.run(Scripted({"notes": backfill}), request)
        assert (receipt.applied, receipt.duplicate) == (5, 3)
        assert desk.store.checkpoint(SOURCE, "notes") == {"cursor": 10}
        assert desk.run(Scripted({"notes": serve})).served == 0
        assert len(kept(desk.store)) == 10


class TestWithoutStamps:
    def test_the_last_word_of_a_page_counts(self, desk: Desk) -> None:
        """Without stamps what comes last is newest, in one page as in two."""
        desk.pull(note(1, "x"), gone(1), note(2, "b"), note(2, "a"), note(3, "x"), gone(3), note(3))
        assert kept(desk.store) == [("2", "a"), ("3", "a")]
        for items in ([note(4, "x"), note(4, "y")], [note(4, "x")]):
            desk.pull(*items, Checkpoint({}))
        assert dict(kept(desk.store))["4"] == "x"

    def test_a_clock_that_falls_back_loses_nothing(self, desk: Desk) -> None:
        """A change that is learnt while our clock is slow stands, and the past has one version."""
        desk.pull(note(1, "a"))
        early = desk.clock.now
        desk.clock.now += timedelta(days=30)
        desk.pull(note(1, "b"))
        desk.clock.now = early
        assert desk.pull(note(1, "c")).applied == 1
        assert desk.pull(gone(1)).deleted == 1
        desk.pull(note(1, "d"))
        assert kept(desk.store) == [("1", "d")]
        for days in (0, 15, 29, 31):
            assert len(kept(desk.store, as_of=early + timedelta(days))) == 1


SEED = int(os.environ.get("CXM_SEED", "20261121"))
PERMUTATIONS, BATCHINGS, EVENTS = map(int, os.environ.get("CXM_ORDER", "200,20,5000").split(","))


class TestPermutations:
    @pytest.mark.parametrize("store", ["memory", "duckdb"])
    @pytest.mark.parametrize("lane", ["records", "tables", "both"])
    def test_one_export(self, store: str, lane: str, tmp_path: Path) -> None:
        """Any order and any cut of the events, by either lane, leave one and the same store."""
        rng = Random(SEED)
        events = made_events(120, rng)
        runs = made_runs(120, permutations=2, batchings=6, rng=rng)
        found = set()
        for number, run in enumerate(one for group in list(runs)[::5] for one in group):
            url = "memory:" if store == "memory" else str(tmp_path / f"{number}.duckdb")
            opened = through_the_door(url, events, run, lane=lane)
            assert texts(opened) == expected(events), f"seed {SEED}"
            found.add(export(opened))
            opened.close()
        assert len(found) == 1, f"seed {SEED}"

    def test_one_export_of_both_stores(self, tmp_path: Path) -> None:
        """File and memory end with the same bytes, by whichever lane each was filled."""
        rng = Random(SEED + 1)
        events = made_events(200, rng)
        ((run,), *_) = made_runs(200, permutations=1, batchings=9, rng=rng)
        file = through_the_door(str(tmp_path / "a.duckdb"), events, run, lane="tables")
        memory = through_the_door("memory:", events, run, lane="records")
        assert export(file) == export(memory)
        file.close()

    def test_many_orders_of_the_merge(self, tmp_path: Path) -> None:
        """Ten orders, each cut in four ways, leave one store by the merge of either engine."""
        self.many(tmp_path, permutations=10, batchings=4, count=300)

    @pytest.mark.slow
    def test_all_orders_of_the_merge(self, tmp_path: Path) -> None:
        """Two hundred orders of 5,000 events, each cut in twenty ways, leave one store."""
        self.many(tmp_path, permutations=PERMUTATIONS, batchings=BATCHINGS, count=EVENTS)

    def many(self, folder: Path, *, permutations: int, batchings: int, count: int) -> None:
        """Merge all runs in both engines, and look how many ends there are."""
        rng = Random(SEED)
        events = made_events(count, rng)
        groups = made_runs(count, permutations=permutations, batchings=batchings, rng=rng)
        in_memory, in_sql = set(), set()
        for number, runs in enumerate(groups):
            in_memory |= merged_in_memory(events, runs)
            path = folder / f"{number}.duckdb"
            in_sql |= merged_in_sql(path, events, runs)
            path.unlink()
        print(f"seed {SEED}: {len(in_memory)} and {len(in_sql)} distinct ends")  # noqa: T201
        assert (len(in_memory), len(in_sql)) == (1, 1), f"seed {SEED}"
