"""All that a store in memory holds, and how it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from attrs import evolve

from cxm_core.records import record_id
from cxm_core.results import SyncReceipt

from ._counts import Counts
from ._merge import Known, counted, known_of, outcomes
from ._protocol import SourceEntry
from ._quarantine import QuarantineEntry, renamed
from ._schema import STORED_KINDS
from ._selection import Row


class Tombstone(NamedTuple):
    """What is left of a record that is gone: its kind, and the row that took it away."""

    kind: str
    row: Row


class Kept:
    """Everything that a store in memory holds; a transaction works on a copy of it."""

    def __init__(self) -> None:
        self.current: dict[str, dict[str, Row]] = {kind: {} for kind in STORED_KINDS}
        self.history: dict[str, list[Row]] = {kind: [] for kind in STORED_KINDS}
        self.tombstones: dict[str, Tombstone] = {}
        self.quarantine: dict[str, QuarantineEntry] = {}
        self.checkpoints: dict[tuple[str, str], str] = {}
        self.receipts: list[SyncReceipt] = []
        self.sources: dict[str, SourceEntry] = {}

    def copied(self) -> Kept:
        other = Kept()
        other.current = {kind: dict(rows) for kind, rows in self.current.items()}
        other.history = {kind: list(rows) for kind, rows in self.history.items()}
        other.tombstones = dict(self.tombstones)
        other.quarantine = dict(self.quarantine)
        other.checkpoints = dict(self.checkpoints)
        other.receipts = list(self.receipts)
        other.sources = dict(self.sources)
        return other

    def merge(
        self, kind: str, rows: Sequence[Row], *, now: datetime, in_order: bool = False
    ) -> Counts:
        """Merge a batch of one kind."""
        found = list(outcomes(rows, self._known(kind, rows), now=now, in_order=in_order))
        applied = {str(one.row["record_id"]): one.row for one in found if one.verdict == "applied"}
        for identity, row in applied.items():
            self._put(kind, identity, row)
        self.quarantine = {
            name: entry for name, entry in self.quarantine.items() if entry.record_id not in applied
        }
        return counted(found)

    def _known(self, kind: str, rows: Sequence[Row]) -> dict[str, Known]:
        known = {}
        for identity in {str(row["record_id"]) for row in rows}:
            tomb = self.tombstones.get(identity)
            row = self.current[kind].get(identity) or (tomb.row if tomb else None)
            if row is not None:
                known[identity] = known_of(row)
        return known

    def _put(self, kind: str, identity: str, row: Row) -> None:
        old = self.current[kind].pop(identity, None)
        if old is not None:
            self.history[kind].append({**old, "superseded_at": row["known_at"]})
        self.tombstones.pop(identity, None)
        if row["is_deleted"]:
            self.tombstones[identity] = Tombstone(kind, row)
        else:
            self.current[kind][identity] = row

    def rows(self, kind: str, as_of: datetime | None) -> Iterator[Row]:
        """Records of a kind as they are, or as they were known then."""
        if as_of is None:
            yield from self.current[kind].values()
            return
        for row in self.current[kind].values():
            if _at(row, "known_at") <= as_of:
                yield row
        for row in self.history[kind]:
            if _at(row, "known_at") <= as_of < _at(row, "superseded_at"):
                yield row

    def has_records(self, source: str) -> bool:
        """Whether anything of a source is kept, or was."""
        tables = [*(rows.values() for rows in self.current.values()), *self.history.values()]
        gone = (tomb.row for tomb in self.tombstones.values())
        return any(row["source"] == source for rows in (*tables, gone) for row in rows)

    def rename(self, old: str, new: str) -> None:
        """Give a source, and all that came from it, another name."""
        for kind in STORED_KINDS:
            rows = [_renamed(kind, row, old, new) for row in self.current[kind].values()]
            self.current[kind] = {str(row["record_id"]): row for row in rows}
            self.history[kind] = [_renamed(kind, row, old, new) for row in self.history[kind]]
        entries = [
            renamed(entry, new) if entry.source == old else entry
            for entry in self.quarantine.values()
        ]
        self.quarantine = {entry.entry_id: entry for entry in entries}
        tombs = [
            Tombstone(tomb.kind, _renamed(tomb.kind, tomb.row, old, new))
            for tomb in self.tombstones.values()
        ]
        self.tombstones = {str(tomb.row["record_id"]): tomb for tomb in tombs}
        self.checkpoints = {
            (new if source == old else source, stream): state
            for (source, stream), state in self.checkpoints.items()
        }
        self.receipts = [
            evolve(one, source=new) if one.source == old else one for one in self.receipts
        ]
        self.sources[new] = evolve(self.sources.pop(old), name=new)


def _at(row: Row, name: str) -> datetime:
    return cast("datetime", row[name])


def _renamed(kind: str, row: Row, old: str, new: str) -> Row:
    if row["source"] != old:
        return row
    return {**row, "source": new, "record_id": record_id(kind, new, str(row["native_id"]))}
