"""Events in any order and any cut: through the front door, and many orders at once in the merge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from attrs import frozen

from cxm_core.store import Limits, Store, canonical_lines, open_store
from cxm_core.store._batches import stored_rows
from cxm_core.store._faults import NoFaults
from cxm_core.store._kept import Kept
from cxm_core.store._merge import incoming, merge, stage
from cxm_core.store._schema import columns_of
from cxm_core.sync import pull
from reliability.model import Event
from reliability.model_source import Outbox, Page

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@frozen
class Run:
    """One order of the events, and where it is cut into batches."""

    order: tuple[int, ...]
    cuts: tuple[int, ...]

    def batches(self) -> Iterator[Sequence[int]]:
        """Numbers of the events, batch by batch."""
        ends = (0, *self.cuts, len(self.order))
        for first, last in pairwise(ends):
            yield self.order[first:last]


def made_events(count: int, rng: Random) -> list[Event]:
    """Updates, deletions, undeletions, late and tied versions, repetitions; all stamped."""
    return [
        Event(
            str(rng.randrange(max(1, count // 5))),
            rng.choice(["a", "b", "c", "d", None]),
            NOW - timedelta(days=1 + rng.randrange(4)),
        )
        for _ in range(count)
    ]


def made_runs(count: int, *, permutations: int, batchings: int, rng: Random) -> Iterator[list[Run]]:
    """For each batching all permutations; from one batch on there are more and more."""
    orders = [tuple(rng.sample(range(count), count)) for _ in range(permutations)]
    for number in range(batchings):
        batches = 1 + number * number // 8
        cuts = [sorted(rng.randrange(count + 1) for _ in range(batches - 1)) for _ in orders]
        yield [Run(order, tuple(cut)) for order, cut in zip(orders, cuts, strict=True)]


def expected(events: Sequence[Event]) -> list[str]:
    """What the rule table leaves: of each note the newest version, unless it is gone."""
    newest: dict[str, tuple[Any, ...]] = {}
    for event in events:
        key = (event.stamp, event.text is None, event.content, event.text)
        newest[event.native_id] = max(newest.get(event.native_id, key[:3]), key)
    return sorted(f"{name} {last[3]}" for name, last in newest.items() if last[3] is not None)


def through_the_door(url: str, events: Sequence[Event], run: Run, *, lane: str) -> Store:
    """Store that pulled the events in this order, each batch as records or as tables."""
    store = open_store(url, clock=lambda: NOW)
    source = Outbox("acme:eu")
    for number, batch in enumerate(run.batches()):
        is_table = lane == "tables" or (lane == "both" and number % 2 == 1)
        source.pages += _pages([events[n] for n in batch], is_table=is_table)
    (receipt,) = pull(store, source, source=source.name, clock=lambda: NOW)
    assert (receipt.balances, receipt.served) == (True, len(events))
    return store


def _pages(batch: Sequence[Event], *, is_table: bool) -> list[Page]:
    if not is_table:
        return [Page(tuple(batch), ())]
    notes = tuple(event for event in batch if event.text is not None)
    gone = tuple(event for event in batch if event.text is None)
    return [Page(notes, (), "notes"), Page(gone, (), "deletions")]


def export(store: Store) -> str:
    """Fingerprint of all that the store holds now."""
    return sha256("\n".join(canonical_lines(store)).encode()).hexdigest()


def texts(store: Store) -> list[str]:
    """Id and text of all notes, as `expected` has them."""
    notes: list[Any] = list(store.records("note"))
    return sorted(f"{one.native_id} {one.text}" for one in notes)


def merged_in_memory(events: Sequence[Event], runs: Sequence[Run]) -> set[str]:
    """Fingerprints of what is kept after each run by the merge of the store in memory."""
    records = [event.record for event in events]
    rows = [row.cells for row in stored_rows(records, source="r:0", now=NOW)]
    found = set()
    for run in runs:
        kept = Kept()
        for batch in run.batches():
            kept.merge("note", [rows[n] for n in batch], now=NOW)
        current = sorted(str(row["content_hash"]) for row in kept.current["note"].values())
        gone = sorted(str(tomb.row["content_hash"]) for tomb in kept.tombstones.values())
        found.add(sha256(repr((current, gone)).encode()).hexdigest())
    return found


def merged_in_sql(path: Path, events: Sequence[Event], runs: Sequence[Run]) -> set[tuple[str, str]]:
    """Fingerprints of what is kept after each run by the merge in SQL, where a run is a source."""
    store = open_store(path, clock=lambda: NOW, limits=Limits(threads=2))
    with store.transaction() as transaction:
        con = transaction._con
        transaction.apply([event.record for event in events], source="r:0")
        con.execute(_BASE)
        for table in ("note", "note_history", "cxm_tombstone"):
            con.execute(f"DELETE FROM {table}")  # noqa: S608  (names of ours)
        con.register("schedule", _schedule(runs))
        for step in range(len(runs[0].cuts) + 1):
            stage(con, "note")
            con.execute(_STEP, {"step": step})
            merge(con, "note", now=NOW, faults=NoFaults())
        current = con.execute(_DIGESTS.format(table="note")).fetchall()
        gone = dict(con.execute(_DIGESTS.format(table="cxm_tombstone")).fetchall())
    store.close()
    assert len(current) == len(runs)
    return {(digest, gone[source]) for source, digest in current}


def _schedule(runs: Sequence[Run]) -> Any:
    import pyarrow as pa  # noqa: PLC0415  (only the large runs need it)

    columns: dict[str, list[int]] = {"run": [], "step": [], "event": []}
    for number, run in enumerate(runs):
        for step, batch in enumerate(run.batches()):
            columns["run"] += [number] * len(batch)
            columns["step"] += [step] * len(batch)
            columns["event"] += batch
    return pa.table({name: pa.array(values, pa.int32()) for name, values in columns.items()})


_NAMES = ", ".join(
    {
        "source": "'r:' || run AS source",
        "record_id": "left(sha256('note' || chr(31) || 'r:' || run || chr(31) || native_id), 32)",
    }.get(name, f'base."{name}"')
    for name in columns_of("note")
)
# Rows of an open transaction are not numbered from 0.
_BASE = f"""
CREATE TEMP TABLE base AS
SELECT *, rowid - min(rowid) OVER () AS event FROM {incoming("note")}
"""  # noqa: S608
_STEP = f"""
INSERT INTO {incoming("note")}
SELECT {_NAMES} FROM schedule JOIN base USING (event) WHERE step = $step
"""  # noqa: S608
_DIGESTS = """
SELECT source, md5(string_agg(content_hash, ',' ORDER BY native_id)) FROM {table} GROUP BY source
"""
