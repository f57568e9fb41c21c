"""Folding: what the journal holds and the store does not goes into the store, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from cxm_core.records import Deletion, Problem, Record, record_id

from ._books import STREAM, Books
from ._counts import Counts, FoldReport
from ._driver import run
from ._quarantine import Origin, QuarantineEntry, quarantine_entry
from ._sources import rename
from ._sql import stored_instant
from ._surroundings import Surroundings
from ._transaction import DuckDBTransaction
from .journal import (
    NOTHING,
    REFUSED,
    Deliveries,
    JournalBatch,
    JournalFlaw,
    JournalRow,
    Mark,
    Marks,
    Names,
    SegmentName,
    Stream,
    Told,
    add_rename,
    add_unread,
    delivery_of,
    marks_of,
    read_on,
    record_rows,
    refused_entry,
    set_marks,
    unread_of,
    unread_streams,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MOST_PENDING = 5_000


def fold(con: DuckDBPyConnection, folder: Path, surroundings: Surroundings) -> FoldReport:
    """Fold what is new; the caller has begun a transaction."""
    surroundings.faults.reach("store.before_fold")
    marks = marks_of(con)
    work, streams = _Fold(con, surroundings, marks), unread_streams(folder, marks)
    for piece in read_on(folder, streams, marks):
        if isinstance(piece, JournalBatch):
            work.take(piece)
        else:
            work.note(piece)
    return work.end(streams)


class _Fold:
    """What one folding has done so far."""

    def __init__(self, con: DuckDBPyConnection, surroundings: Surroundings, marks: Marks) -> None:
        self._con = con
        self._surroundings = surroundings
        self._now = surroundings.clock()
        self._known = marks
        self._marks: dict[str, Mark] = {}
        self._names = Names(con)
        self._deliveries = Deliveries(con)
        self._sources = {name for (name,) in run(con, "SELECT name FROM cxm_source")}
        self._books = Books()
        self._pending: list[Record] = []
        self._identities: set[str] = set()
        self._latest = NOTHING.written_at
        self._aside: list[QuarantineEntry] = []
        self._batches = self._renamed = 0
        self._told = Told(con, self._now)
        self._flawed: set[str] = set()

    def take(self, batch: JournalBatch) -> None:
        """Fold one batch."""
        self._batches += 1
        if batch.rename is not None:
            self._flush()
            self._rename(batch, *batch.rename)
        if self._is_again(batch):
            self._move_on(batch)
            return
        add_unread(self._con, unread_of(batch, self._names.present(batch.source, batch.at)))
        records = list(self._records(batch))
        identities = {_identity(record) for record in records}
        # Each batch was merged by itself when it came. Together they give the same, unless a
        # record comes again, or was learnt of while a clock had fallen back.
        is_back = any(_known_at(record) < self._latest for record in records)
        if is_back or not identities.isdisjoint(self._identities):
            self._flush()
        self._pending += records
        self._identities |= identities
        self._latest = max([self._latest, *map(_known_at, records)])
        if is_back or len(self._pending) >= _MOST_PENDING:
            self._flush()
        self._move_on(batch)

    def _is_again(self, batch: JournalBatch) -> bool:
        """Whether the batch is a delivery that was folded before; its rows count as served."""
        key = delivery_of(batch.rows)
        if key is None:
            return False
        source = self._names.present(batch.source, batch.at)
        self._expect(source, batch)
        self._books.push(source)
        is_again = self._deliveries.is_again(source, key, batch.at)
        if is_again:
            count = sum(1 for _ in record_rows(batch.rows))
            self._books.add(source, Counts(duplicate=count, repeated=count))
        return is_again

    def _records(self, batch: JournalBatch) -> Iterator[Record]:
        for row in record_rows(batch.rows):
            source = self._names.present(row.source or batch.source, batch.at)
            self._expect(source, batch)
            if row.kind == REFUSED:
                self._aside.append(refused_entry(row, source, now=self._now, name=batch.segment))
                continue
            record = row.record(source=source, known_at=batch.at)
            if isinstance(record, Problem):
                self._aside.append(self._entry(row, record, source, batch))
            else:
                yield record

    def _expect(self, source: str, batch: JournalBatch) -> None:
        self._books.open(source, batch.at)
        if source not in self._sources:
            self._sources.add(source)
            values = {"name": source, "at": stored_instant(batch.at)}
            run(self._con, "INSERT INTO cxm_source VALUES ($name, NULL, $at)", **values)

    def _entry(
        self, row: JournalRow, problem: Problem, source: str, batch: JournalBatch
    ) -> QuarantineEntry:
        own_id = row.cells.get("native_id")
        return quarantine_entry(
            Origin(kind=row.kind, source=source, stream=STREAM, name=batch.segment),
            problem,
            row.cells,
            position=batch.number,
            record_id=None if own_id is None else record_id(row.kind, source, str(own_id)),
            now=self._now,
        )

    def _flush(self) -> None:
        """Merge what was gathered, source by source."""
        records = sorted(self._pending, key=_by_source_and_time)
        self._pending, self._identities = [], set()
        for source, group in groupby(records, key=lambda one: one.known_source):
            self._merge(source, list(group))
        DuckDBTransaction(self._con, self._surroundings).quarantine(self._aside)
        for entry in self._aside:
            self._books.refuse(entry.source, [entry.reason])
        self._aside = []

    def _merge(self, source: str, records: Sequence[Record]) -> None:
        at = _known_at(records[-1])
        as_then = evolve(self._surroundings, clock=lambda: at)
        counts = DuckDBTransaction(self._con, as_then).apply(records, source=source)
        self._books.add(source, counts)

    def _rename(self, batch: JournalBatch, old: str, new: str) -> None:
        if old in self._sources and new not in self._sources:
            rename(self._con, old, new)
            self._sources = (self._sources - {old}) | {new}
            self._books.rename(old, new)
            self._renamed += 1
        add_rename(self._con, batch.at, (old, new))
        self._names.add(batch.at, old, new)
        self._deliveries.rename(old, new)

    def _move_on(self, batch: JournalBatch) -> None:
        known = self._marks.get(batch.writer) or self._known.get(batch.writer, NOTHING)
        name = SegmentName.of(batch.segment)
        is_own = name is not None and name.writer == batch.writer
        place = (name.number, batch.end) if name and is_own else known.place
        self._marks[batch.writer] = Mark(batch.number, *place, batch.moment)

    def note(self, flaw: JournalFlaw) -> None:
        """Tell of a part of the journal that gives no batch."""
        self._flawed.add(flaw.segment)
        self._told.tell(flaw)

    def _settle(self, streams: Iterable[Stream]) -> None:
        """Writers of whom nothing is news, because a compaction moved what was known of them."""
        for stream in streams:
            name, size = stream.segments[-1]
            known = self._known.get(stream.writer)
            is_flawed = any(one.file in self._flawed for one, _ in stream.segments)
            if known is not None and stream.writer not in self._marks and not is_flawed:
                moved = Mark(known.number, name.number, size, known.written_at)
                self._marks[stream.writer] = moved

    def end(self, streams: Iterable[Stream]) -> FoldReport:
        """Merge the rest, and write down how far it went."""
        self._flush()
        self._deliveries.keep()
        self._settle(streams)
        transaction = DuckDBTransaction(self._con, self._surroundings)
        for receipt in self._books.receipts(self._now):
            transaction.add_receipt(receipt)
        set_marks(self._con, self._marks)
        return FoldReport(
            batches=self._batches,
            counts=self._books.counts,
            quarantined=self._books.refused,
            renamed=self._renamed,
            flaws=tuple(self._told.flaws),
        )


def _identity(record: Record) -> str:
    return record.target_id if isinstance(record, Deletion) else record.record_id


def _known_at(record: Record) -> datetime:
    return record.known_at or NOTHING.written_at


def _by_source_and_time(record: Record) -> tuple[str, datetime]:
    return record.known_source, _known_at(record)
