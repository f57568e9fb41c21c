"""What keeps a store in one file fit: limits of keeping, and writing it anew with its journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from cxm_core.records import Deletion, Problem, Record, content_hash

from ._compaction import compact_file
from ._driver import run
from ._reports import Compaction, RetentionReport
from ._retention import (
    believed,
    cutoffs,
    delete_expired,
    expired_in,
    note_retention,
    readings_of,
)
from ._schema import STORED_KINDS, history_of, table_of
from ._session import Session
from ._surroundings import Surroundings
from .journal import (
    DELIVERY,
    REFUSED,
    UNREAD,
    Entry,
    JournalBatch,
    JournalKeeper,
    JournalRow,
    Keep,
    Names,
    delivery_of,
    known_deliveries,
    marks_of,
    read_journal,
    refused_entry,
    rewrite_journal,
    unread_in,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Written = Callable[[], AbstractContextManager["DuckDBPyConnection"]]


def retain(
    session: Session,
    surroundings: Surroundings,
    limits: Mapping[str, timedelta],
    *,
    written: Written | None = None,
    trust_clock: bool = False,
) -> RetentionReport:
    """Count what is too old, and delete it where `written` gives a transaction for that."""
    clock = surroundings.clock()
    with session.cursor() as con:
        now = clock if trust_clock else believed(clock, readings_of(con))
        report = RetentionReport(now=now, clock=clock, is_dry_run=written is None)
        before = cutoffs(limits, now)
        if written is None:
            return _counted(con, report, before)
    with written() as con:
        report = _counted(con, report, before)
        for kind, instant in before.items():
            delete_expired(con, kind, instant)
        note_retention(con, report)
    return report


def _counted(
    con: DuckDBPyConnection, report: RetentionReport, before: Mapping[str, datetime]
) -> RetentionReport:
    return evolve(report, expired=tuple(expired_in(con, *one) for one in before.items()))


def compact(session: Session, surroundings: Surroundings, keeper: JournalKeeper) -> Compaction:
    """Write the file anew, and the journal without the records that the store has no more."""
    done = compact_file(session, surroundings)
    if not keeper.folder.is_dir():
        return done
    keeper.begin_anew()
    with session.cursor() as con:
        marks, keep = marks_of(con), _kept_by(con, session.path)
    journal = rewrite_journal(keeper.folder, keep=keep, marks=marks, disk=surroundings.disk)
    return evolve(done, journal_before=journal.bytes_before, journal_after=journal.bytes_after)


def _kept_by(con: DuckDBPyConnection, path: Path) -> Keep:
    """Whether the store still has the version of a record that the journal has."""
    names = Names(con)
    batches = (piece for piece in read_journal(path) if isinstance(piece, JournalBatch))
    known = _versions(con, {names.present(one.source, one.at) for one in batches})
    pushed, aside = known_deliveries(con), set(run(con, "SELECT entry_id FROM cxm_quarantine"))
    unread = {one.request for one in unread_in(con)}

    def keep(row: JournalRow, entry: Entry) -> bool:
        source = names.present(row.source or entry.source, entry.at)
        if row.kind == DELIVERY:
            return (source, delivery_of([row])) in pushed
        if row.kind == REFUSED:
            return (refused_entry(row, source, now=entry.at).entry_id,) in aside
        if row.kind == UNREAD:
            return row.cells.get("request") in unread
        record = row.record(source=source, known_at=entry.at)
        # What this library takes for no record, another one may read.
        return isinstance(record, Problem) or _version(record) in known

    return keep


def _version(record: Record) -> str:
    identity = record.target_id if isinstance(record, Deletion) else record.record_id
    return identity + content_hash(record)


def _versions(con: DuckDBPyConnection, sources: Iterable[str]) -> set[str]:
    """Every version that the store has of the records of some sources."""
    tables = [place(kind) for kind in STORED_KINDS for place in (table_of, history_of)]
    query = " UNION ALL ".join(
        f"SELECT record_id || content_hash FROM {table} WHERE list_contains($names, source)"
        for table in [*tables, "cxm_tombstone"]
    )
    return {version for (version,) in run(con, query, names=list(sources))}
