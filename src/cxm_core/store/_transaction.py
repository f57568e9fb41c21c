"""Writing to a DuckDB file: everything in one transaction of one cursor."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from attrs import asdict

from cxm_core.records import Plain, Record, Table, collector_paused
from cxm_core.results import SyncReceipt

from ._batches import StoredColumns, StoredRow, stamped, stored_columns, stored_rows
from ._counts import Counts, LoadReport
from ._driver import run
from ._merge import incoming, merge, stage
from ._protocol import State
from ._quarantine import QuarantineEntry
from ._schema import QUARANTINE, QUARANTINE_TYPES, columns_of
from ._sql import name_list, stored_instant
from ._staged import any_value, staged_cell, staged_table
from ._straight import Straight
from ._surroundings import Surroundings
from ._twins import twins
from .journal import take_out
from .tables import Accepted, Loader, Singles, Stamps, check_foreign, flagged

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PAGE = 5_000


class DuckDBTransaction:
    """What is written together to a DuckDB file.

    Parameters
    ----------
    con : DuckDBPyConnection
        In a transaction.
    surroundings : Surroundings
        Clock, fault points, limits.
    own : list of Record or None
        Is given the records that go to the journal before the transaction ends.
    """

    def __init__(
        self,
        con: DuckDBPyConnection,
        surroundings: Surroundings,
        *,
        own: list[Record] | None = None,
    ) -> None:
        self._con = con
        self._own = [] if own is None else own
        self._now = surroundings.clock()
        self._faults = surroundings.faults
        self._limits = surroundings.limits

    def apply(self, records: Iterable[Record], *, source: str, in_order: bool = False) -> Counts:
        """Merge records, whose source and moment are filled in."""
        staging = _Staging(self._con)
        staging.add(records, source=source, now=self._now)
        return self._merge(staging, in_order=in_order)

    def keep(self, records: Iterable[Record], *, source: str) -> Counts:
        """Merge records that nobody could send again, and hand them to the journal."""
        own = [stamped(record, source, self._now) for record in records]
        counts = self.apply(own, source=source)
        self._own += own
        return counts

    def load(self, table: Table, *, source: str) -> LoadReport:
        """Merge the rows of a described table; set aside and count those that are no records."""
        check_foreign(self._con, table.reader)
        loader = Loader(table, Stamps(source=source, known_at=self._now), self._limits)
        staging, reasons = _Staging(self._con), Counter[str]()
        straight = Straight(self._con, source, self._faults)
        # Rows that are set aside live until the end, and have no cycles to be looked for.
        with collector_paused():
            for part in loader.parts():
                if isinstance(part, Accepted):
                    if not straight.take(part):
                        staging.take(part)
                elif isinstance(part, Singles):
                    staging.add(part.records, source=source, now=self._now)
                else:
                    staging.put_aside(part.entries)
                    reasons.update(entry.reason for entry in part.entries)
        # Only now: a record that is applied clears what was set aside of it before.
        staging.flush()
        for kind in staging.kinds:
            straight.recall(kind)
        counts = self._merge(staging) + Counts(applied=straight.applied, new=straight.applied)
        straight.clear_quarantine()
        self._keep_aside(staging)
        drift = loader.drift + flagged(self._con, loader.kinds, loader.stamps)
        drift += twins(self._con, loader.kinds, loader.stamps)
        return LoadReport(counts=counts, reasons=dict(reasons), drift=dict(drift))

    def _merge(self, staging: _Staging, *, in_order: bool = False) -> Counts:
        staging.flush()
        counts = Counts()
        for kind in sorted(staging.kinds):
            counts += merge(self._con, kind, now=self._now, faults=self._faults, in_order=in_order)
        return counts

    def quarantine(self, entries: Iterable[QuarantineEntry]) -> None:
        """Set rows aside; an entry that is there already is counted once more."""
        staging = _Staging(self._con)
        staging.put_aside(entries)
        self._keep_aside(staging)

    def _keep_aside(self, staging: _Staging) -> None:
        staging.flush()
        if staging.has_aside:
            self._faults.reach("store.before_quarantine")
            run(self._con, _MERGED)
            run(
                self._con,
                "DELETE FROM cxm_quarantine WHERE entry_id IN (SELECT entry_id FROM merged)",
            )
            run(self._con, "INSERT INTO cxm_quarantine FROM merged")

    def release(self, entry_ids: Iterable[str]) -> int:
        """Forget rows that were set aside; tell how many there were."""
        self._faults.reach("store.before_release")
        sql = (
            "DELETE FROM cxm_quarantine WHERE list_contains($ids::VARCHAR[], entry_id) RETURNING 1"
        )
        return len(run(self._con, sql, ids=list(entry_ids)))

    def take_out(self, source: str, keys: Iterable[str]) -> None:
        """Let go of deliveries of the inbox that were read."""
        take_out(self._con, source, keys)

    def set_checkpoint(self, source: str, stream: str, state: State | None) -> None:
        """Keep where a stream stands; None forgets it."""
        self._faults.reach("store.before_checkpoint")
        names = {"source": source, "stream": stream}
        run(self._con, f"DELETE FROM cxm_checkpoint WHERE {_SAME_STREAM}", **names)
        if state is not None:
            values = {"state": json.dumps(state), "at": stored_instant(self._now)}
            sql = "INSERT INTO cxm_checkpoint VALUES ($source, $stream, $state, $at)"
            run(self._con, sql, **names, **values)

    def add_receipt(self, receipt: SyncReceipt) -> None:
        """Keep the receipt of a sync, in place of its receipt so far."""
        self._faults.reach("store.before_receipt")
        names = {
            "source": receipt.source,
            "stream": receipt.stream,
            "started": stored_instant(receipt.started_at),
        }
        run(self._con, f"DELETE FROM cxm_receipt WHERE {_SAME_SYNC}", **names)
        values = {"done": receipt.is_complete, "text": json.dumps(receipt.to_dict())}
        run(self._con, _ADD_RECEIPT, **names, **values)


_SAME_STREAM = "source = $source AND stream = $stream"
_SAME_SYNC = f"{_SAME_STREAM} AND started_at = $started AND NOT is_complete"
_ADD_RECEIPT = """
INSERT INTO cxm_receipt
SELECT coalesce(max(number), 0) + 1, $source, $stream, $started, $done, $text FROM cxm_receipt
"""
_MERGED = f"""
CREATE OR REPLACE TEMP TABLE merged AS
SELECT {name_list(QUARANTINE[:-3])},
    min(first_seen_at) OVER same AS first_seen_at,
    max(last_seen_at) OVER same AS last_seen_at,
    (sum(seen) OVER same)::BIGINT AS seen
FROM (
    SELECT *, 0 AS place FROM cxm_quarantine WHERE entry_id IN (SELECT entry_id FROM aside)
    UNION ALL SELECT *, 1 + rowid AS place FROM aside
)
WINDOW same AS (PARTITION BY entry_id)
QUALIFY row_number() OVER (PARTITION BY entry_id ORDER BY place DESC) = 1
"""


class _Staging:
    """Temporary tables that hold a batch until it is merged."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self._con = con
        self._pages: dict[str, list[Mapping[str, Plain]]] = {}
        self.kinds: set[str] = set()
        self.has_aside = False

    def take(self, part: Accepted) -> None:
        """Stage whole columns."""
        self._open(part.kind)
        self._con.register("accepted", part.stream())
        run(self._con, f"INSERT INTO {incoming(part.kind)} {part.taken('accepted')}")
        self._con.unregister("accepted")

    def add(self, records: Iterable[Record], *, source: str, now: datetime) -> None:
        """Stage records, a page at a time."""
        rest = iter(records)
        while page := list(islice(rest, _PAGE)):
            columns = stored_columns(page, source=source, now=now)
            if columns is None:
                self._add_rows(stored_rows(page, source=source, now=now))
            else:
                self._add_columns(columns)

    def _add_columns(self, columns: Iterable[StoredColumns]) -> None:
        for kind, cells in columns:
            self._open(kind)
            self._insert(incoming(kind), columns_of(kind), cells)

    def _add_rows(self, rows: Iterable[StoredRow]) -> None:
        for row in rows:
            self._open(row.kind)
            self._append(incoming(row.kind), columns_of(row.kind), row.cells)
        # What comes in columns next stands behind them.
        self.flush()

    def _open(self, kind: str) -> None:
        if kind not in self.kinds:
            self.kinds.add(kind)
            stage(self._con, kind)

    def put_aside(self, entries: Iterable[QuarantineEntry]) -> None:
        """Stage rows that are no records."""
        for entry in entries:
            if not self.has_aside:
                self.has_aside = True
                # Spelled out for the reason told in `stage`.
                columns = ", ".join(f"{name} {type_}" for name, type_ in QUARANTINE_TYPES.items())
                run(self._con, f"CREATE OR REPLACE TEMP TABLE aside ({columns})")
            self._append("aside", QUARANTINE_TYPES, asdict(entry))

    def _append(self, table: str, types: Mapping[str, str], row: Mapping[str, Plain]) -> None:
        page = self._pages.setdefault(table, [])
        page.append(row)
        if len(page) == _PAGE:
            self._write(table, types)

    def _write(self, table: str, types: Mapping[str, str]) -> None:
        page = self._pages.pop(table)
        columns = {name: [row[name] for row in page] for name in types}
        self._insert(table, types, {n: cells for n, cells in columns.items() if any_value(cells)})

    def _insert(
        self, table: str, types: Mapping[str, str], columns: Mapping[str, Sequence[Any]]
    ) -> None:
        # Most columns of most kinds are empty, and cost nothing if they are not named.
        filled = {name: type_ for name, type_ in types.items() if name in columns}
        self._con.register("staged", staged_table(columns, filled))
        cells = (staged_cell(name, type_) for name, type_ in filled.items())
        run(
            self._con,
            f"INSERT INTO {table} ({name_list(filled)}) SELECT {', '.join(cells)} FROM staged",
        )
        self._con.unregister("staged")

    def flush(self) -> None:
        """Write what is still in memory."""
        for kind in self.kinds:
            if incoming(kind) in self._pages:
                self._write(incoming(kind), columns_of(kind))
        if "aside" in self._pages:
            self._write("aside", QUARANTINE_TYPES)
