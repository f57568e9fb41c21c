"""The store in memory: the same behaviour over plain dictionaries, gone with the process."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any

from attrs import evolve

from cxm_core.errors import StoreError, StoreReadOnly, UsageError
from cxm_core.records import Plain, Record, Table, flags_of, from_row
from cxm_core.results import SyncReceipt
from cxm_core.stats import Tally, TallySpec
from cxm_core.vocabulary import Window

from ._arrow import ArrowTable, arrow_table
from ._batches import stored_rows
from ._counts import Counts, FoldReport, LoadReport
from ._exports import write_table
from ._kept import Kept
from ._protocol import SourceEntry, State, TableFormat, Where
from ._quarantine import QuarantineEntry
from ._reports import Compaction, RetentionReport, Verification
from ._retention import believed, cutoffs, retain_kept
from ._schema import STORED_KINDS, columns_of, described
from ._selection import ORDER, Row, Selection, cell_of, column_type, handed_out
from ._sources import check_rename, needs_pin
from ._stand import Opening
from ._surroundings import Surroundings
from ._tallying import groups_by_row, selection_of, tally_of
from ._twins import twins_kept
from ._verification import flaws_of
from .journal import Unread
from .tables import Accepted, Loader, Singles, Stamps


class MemoryTransaction:
    """What is written together to a store in memory."""

    def __init__(self, kept: Kept, surroundings: Surroundings) -> None:
        self._kept = kept
        self._now = surroundings.clock()
        self._faults = surroundings.faults
        self._limits = surroundings.limits

    def apply(self, records: Iterable[Record], *, source: str, in_order: bool = False) -> Counts:
        """Merge records, whose source and moment are filled in."""
        batch: dict[str, list[Row]] = {}
        self._stage(batch, records, source)
        return self._merge(batch, in_order=in_order)

    def keep(self, records: Iterable[Record], *, source: str) -> Counts:
        """Merge records that nobody could send again; memory has no journal."""
        return self.apply(records, source=source)

    def _stage(self, batch: dict[str, list[Row]], records: Iterable[Record], source: str) -> None:
        for row in stored_rows(records, source=source, now=self._now):
            batch.setdefault(row.kind, []).append(row.cells)

    def _merge(self, batch: Mapping[str, Sequence[Row]], *, in_order: bool = False) -> Counts:
        counts = Counts()
        for kind, rows in sorted(batch.items()):
            self._faults.reach("store.merge.before_insert")
            counts += self._kept.merge(kind, rows, now=self._now, in_order=in_order)
        return counts

    def load(self, table: Table, *, source: str) -> LoadReport:
        """Merge the rows of a described table; set aside and count those that are no records."""
        loader = Loader(table, Stamps(source=source, known_at=self._now), self._limits)
        batch: dict[str, list[Row]] = {}
        entries: list[QuarantineEntry] = []
        for part in loader.parts():
            if isinstance(part, Accepted):
                rows = ({name: handed_out(v) for name, v in row.items()} for row in part.rows())
                batch.setdefault(part.kind, []).extend(rows)
            elif isinstance(part, Singles):
                self._stage(batch, part.records, source)
            else:
                entries.extend(part.entries)
        # Only now: a record that is applied clears what was set aside of it before.
        counts = self._merge(batch)
        self.quarantine(entries)
        reasons = Counter(entry.reason for entry in entries)
        flags = Counter(
            flag
            for kind, rows in batch.items()
            for row in rows
            for flag in flags_of(kind, row, now=self._now)
        )
        flags += twins_kept(self._kept, loader.kinds, loader.stamps)
        return LoadReport(counts=counts, reasons=dict(reasons), drift=dict(loader.drift + flags))

    def quarantine(self, entries: Iterable[QuarantineEntry]) -> None:
        """Set rows aside; an entry that is there already is counted once more."""
        self._faults.reach("store.before_quarantine")
        for entry in entries:
            known = self._kept.quarantine.get(entry.entry_id)
            self._kept.quarantine[entry.entry_id] = known.seen_again(entry) if known else entry

    def release(self, entry_ids: Iterable[str]) -> int:
        """Forget rows that were set aside; tell how many there were."""
        self._faults.reach("store.before_release")
        return sum(self._kept.quarantine.pop(name, None) is not None for name in set(entry_ids))

    def take_out(self, source: str, keys: Iterable[str]) -> None:
        """Do nothing: memory has no journal, so nothing comes into an inbox."""

    def set_checkpoint(self, source: str, stream: str, state: State | None) -> None:
        """Keep where a stream stands; None forgets it."""
        self._faults.reach("store.before_checkpoint")
        self._kept.checkpoints.pop((source, stream), None)
        if state is not None:
            self._kept.checkpoints[source, stream] = json.dumps(state)

    def add_receipt(self, receipt: SyncReceipt) -> None:
        """Keep the receipt of a sync, in place of its receipt so far."""
        self._faults.reach("store.before_receipt")
        others = [one for one in self._kept.receipts if not _is_earlier(one, receipt)]
        self._kept.receipts = [*others, receipt]


def _is_earlier(one: SyncReceipt, receipt: SyncReceipt) -> bool:
    same = (one.source, one.stream, one.started_at) == (
        receipt.source,
        receipt.stream,
        receipt.started_at,
    )
    return same and not one.is_complete


class MemoryStore:
    """Records in the memory of this process.

    Parameters
    ----------
    surroundings : Surroundings
        Clock, fault points, limits.
    read_only : bool
        Refuse to write.
    """

    def __init__(self, surroundings: Surroundings, *, read_only: bool = False) -> None:
        self._surroundings = surroundings
        self._read_only = read_only
        self._pid = os.getpid()
        self._kept = Kept()
        self._lock = RLock()
        self._is_busy = self._is_closed = False

    @contextmanager
    def transaction(self) -> Iterator[MemoryTransaction]:
        """Everything written in the block is kept when it ends, or nothing if it raises."""
        with self._written() as kept:
            yield MemoryTransaction(kept, self._surroundings)

    @contextmanager
    def _written(self) -> Iterator[Kept]:
        faults = self._surroundings.faults
        self._writable()
        with self._lock:
            if self._is_busy:
                raise UsageError(
                    "A transaction is open already.", hint="end it first, or write with it"
                )
            self._is_busy = True
            try:
                faults.reach("store.before_begin")
                draft = self._open().copied()
                yield draft
                faults.reach("store.before_commit")
                self._kept = draft
            finally:
                self._is_busy = False
            faults.reach("store.after_commit")

    @property
    def opening(self) -> Opening:
        """A store in memory begins with nothing, and has lost nothing."""
        return Opening()

    def _writable(self) -> None:
        self._open()
        if self._read_only:
            raise StoreReadOnly(
                "The store 'memory:' is open to be read only.", hint="open it without read_only"
            )

    def _open(self) -> Kept:
        if self._pid != os.getpid():
            # Its lock may be held by a thread that only the process before the fork has.
            raise StoreError(
                "The store 'memory:' was opened before this process was forked.",
                hint="open it in the process that uses it",
            )
        if self._is_closed:
            raise StoreError("The store 'memory:' is closed.")
        return self._kept

    def _selected(self, selection: Selection) -> list[Row]:
        rows = self._open().rows(selection.kind, selection.as_of)
        return sorted(filter(selection.keeps, rows), key=_order)

    def read(
        self,
        kind: str,
        *,
        columns: Sequence[str] | None = None,
        window: Window | None = None,
        as_of: datetime | None = None,
        where: Where | None = None,
    ) -> ArrowTable:
        """Records of a kind as columns, in the order of time and id."""
        names = tuple(columns_of(kind) if columns is None else columns)
        types = {name: column_type(kind, name) for name in names}
        selection = Selection.of(kind, window=window, as_of=as_of, where=where)
        rows = ([cell_of(row, name) for name in names] for row in self._selected(selection))
        return arrow_table(types, rows)

    def records(
        self,
        kind: str,
        *,
        window: Window | None = None,
        as_of: datetime | None = None,
        where: Where | None = None,
    ) -> Iterator[Record]:
        """Records of a kind as objects, in the order of time and id."""
        names = described(kind).names
        selection = Selection.of(kind, window=window, as_of=as_of, where=where)
        rows = self._selected(selection)
        return (from_row(kind, {name: row[name] for name in names}) for row in rows)

    def rows(self, kind: str) -> Iterator[Mapping[str, Plain]]:
        """Current records of a kind as plain rows with their keys, in the order of their ids."""
        names = tuple(columns_of(kind))
        found = sorted(self._open().current[kind].items())
        return ({name: row[name] for name in names} for _, row in found)

    def tally(
        self, spec: TallySpec, *, window: Window | None = None, as_of: datetime | None = None
    ) -> Tally:
        """Count what a specification asks for."""
        selection = selection_of(spec, window=window, as_of=as_of)
        return tally_of(spec, groups_by_row(spec, self._selected(selection)))

    def count(self, kind: str) -> int:
        """How many records of a kind there are."""
        described(kind)
        return len(self._open().current[kind])

    def checkpoint(self, source: str, stream: str) -> dict[str, Any] | None:
        """Where a stream stands; None if it was never read."""
        text = self._open().checkpoints.get((source, stream))
        return None if text is None else json.loads(text)

    def receipts(self, *, source: str | None = None) -> tuple[SyncReceipt, ...]:
        """Receipts of all syncs, oldest first."""
        return tuple(one for one in self._open().receipts if source in (None, one.source))

    def quarantined(
        self, *, source: str | None = None, stream: str | None = None
    ) -> tuple[QuarantineEntry, ...]:
        """Rows that are set aside, oldest first."""
        found = [
            entry
            for entry in self._open().quarantine.values()
            if source in (None, entry.source) and stream in (None, entry.stream)
        ]
        return tuple(sorted(found, key=lambda one: (one.first_seen_at, one.position, one.entry_id)))

    def unread(self, *, source: str | None = None) -> tuple[Unread, ...]:
        """None: memory has no journal that somebody else could write to."""
        del source
        self._open()
        return ()

    def sources(self) -> tuple[SourceEntry, ...]:
        """Sources by name."""
        return tuple(entry for _, entry in sorted(self._open().sources.items()))

    def pin_source(self, name: str, account: str | None) -> None:
        """Bind a source's name to its account; a `ConfigurationError` if one has another."""
        if needs_pin(name, account, self.sources()):
            entry = SourceEntry(name=name, account=account, pinned_at=self._surroundings.clock())
            with self._written() as kept:
                kept.sources[name] = entry

    def rename_source(self, old: str, new: str) -> None:
        """Give a source, and all that came from it, another name."""
        check_rename(old, new, self.sources(), has_records=self._open().has_records(new))
        with self._written() as kept:
            kept.rename(old, new)

    def fold(self) -> FoldReport:
        """Do nothing: memory has no journal."""
        self._open()
        return FoldReport()

    def write_table(self, stream: object, path: str | Path, *, format: TableFormat) -> Path:  # noqa: A002
        """Write any Arrow stream to a file."""
        return write_table(stream, path, format=format, limits=self._surroundings.limits)

    def verify(self) -> Verification:
        """Look through everything, and tell what is wrong; nothing is changed."""
        kept = self._open()
        rows = sum(map(len, (*kept.current.values(), *kept.history.values())))
        return Verification(tables=2 * len(STORED_KINDS), rows=rows, findings=tuple(flaws_of(kept)))

    def retain(
        self, limits: Mapping[str, timedelta], *, dry_run: bool = False, trust_clock: bool = False
    ) -> RetentionReport:
        """Delete what is older than the limit of its kind, or only count it."""
        clock = self._surroundings.clock()
        receipts = self._open().receipts
        now = clock if trust_clock else believed(clock, (one.started_at for one in receipts))
        report = RetentionReport(now=now, clock=clock, is_dry_run=dry_run)
        with nullcontext(self._open().copied()) if dry_run else self._written() as kept:
            before = cutoffs(limits, now)
            return evolve(report, expired=tuple(retain_kept(kept, *one) for one in before.items()))

    def compact(self) -> Compaction:
        """Do nothing: nothing is left in memory of what was deleted."""
        self._writable()
        return Compaction()

    def close(self) -> None:
        """Let go of the records; a second call does nothing."""
        self._is_closed = True
        self._kept = Kept()


def _order(row: Row) -> tuple[bool, Any, Plain]:
    at, identity = (row[name] for name in ORDER)
    return at is None, at or 0, identity
