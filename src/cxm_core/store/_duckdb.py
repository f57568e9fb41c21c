"""The store in one DuckDB file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from cxm_core.errors import StoreFull
from cxm_core.records import Plain, Record, from_row
from cxm_core.results import SyncReceipt
from cxm_core.stats import Tally, TallySpec
from cxm_core.vocabulary import Window

from ._arrow import ArrowTable
from ._commits import commit
from ._counts import FoldReport
from ._drafts import remove_drafts
from ._driver import driver, run
from ._exports import write_table
from ._folding import fold
from ._migrations import check_version, migrate
from ._protocol import SourceEntry, TableFormat, Where
from ._quarantine import QuarantineEntry
from ._recovery import log_kept, place_of
from ._reports import Compaction, RetentionReport, Verification
from ._saved import saved_receipt, saved_state
from ._schema import QUARANTINE, columns_of, described, table_of
from ._selection import Selection, alias_of, column_type, handed_out
from ._session import Session
from ._sources import check_rename, has_records, needs_pin, rename
from ._sql import name_list, quote_ident, stored_instant
from ._stand import Opening
from ._stock import take_stock
from ._surroundings import Surroundings
from ._tallying import groups_by_sql, selection_of, tally_of
from ._transaction import DuckDBTransaction
from ._upkeep import compact, retain
from ._verification import verify_file
from .journal import Enter, JournalKeeper, Unread, nothing_to_enter, unread_in

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class DuckDBStore:
    """Records in one file, which one process at a time holds; its threads may share it.

    Parameters
    ----------
    path : pathlib.Path
        The file; made if there is none.
    surroundings : Surroundings
        Clock, fault points, limits.
    read_only : bool
        Refuse to write.
    """

    def __init__(self, path: Path, surroundings: Surroundings, *, read_only: bool = False) -> None:
        self._surroundings = surroundings
        place = place_of(path)
        with log_kept(place) if not read_only else nullcontext() as log:
            self._session = Session(place, surroundings, read_only=read_only)
            self._keeper = JournalKeeper(place, surroundings)
            try:
                self._opening = self._brought_up_to_date(log)
            except BaseException:
                self._session.close()
                raise

    def _brought_up_to_date(self, log: Path | None) -> Opening:
        if self._session.read_only:
            with self._session.cursor() as cursor:
                check_version(cursor)
        else:
            with self._session.writing() as cursor:
                # Whoever writes alone may clear away what a killed compaction left.
                remove_drafts(self._session.path, but=log)
                migrate(cursor, self._surroundings)
        opening = take_stock(self._session, self._surroundings, written=self._written, log=log)
        return evolve(opening, folded=self._fold_if_room())

    def _fold_if_room(self) -> FoldReport:
        """Fold; on a full disk the store opens all the same, and the journal keeps what it has."""
        try:
            return self.fold()
        except StoreFull as error:
            return FoldReport(postponed=f"The journal is not folded yet. {error.message}")

    @property
    def opening(self) -> Opening:
        """What was found, and done, when the store was opened."""
        return self._opening

    @contextmanager
    def transaction(self) -> Iterator[DuckDBTransaction]:
        """Everything written in the block is kept when it ends, or nothing if it raises."""
        own: list[Record] = []
        with self._written(lambda cursor: self._keeper.enter(cursor, own)) as cursor:
            yield DuckDBTransaction(cursor, self._surroundings, own=own)

    @contextmanager
    def _written(self, enter: Enter = nothing_to_enter) -> Iterator[DuckDBPyConnection]:
        """A transaction; `enter` writes to the journal what must be there before it commits."""
        faults, position = self._surroundings.faults, None
        with self._session.writing() as cursor:
            faults.reach("store.before_begin")
            run(cursor, "BEGIN")
            try:
                yield cursor
                position = enter(cursor)
                commit(self._session, cursor, self._surroundings)
            except BaseException as error:
                self._keeper.withdraw(position, error)
                # After a failed COMMIT there is nothing left to roll back.
                with suppress(driver().Error):
                    run(cursor, "ROLLBACK")
                raise
            faults.reach("store.after_commit")

    @contextmanager
    def reading(self) -> Iterator[DuckDBPyConnection]:
        """A cursor on the tables themselves, to look at."""
        with self._session.cursor() as cursor:
            yield cursor

    @contextmanager
    def upkeep(self) -> Iterator[DuckDBPyConnection]:
        """A transaction on the tables themselves, for the store's own upkeep."""
        with self._written() as cursor:
            yield cursor

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
        selection = Selection.of(kind, window=window, as_of=as_of, where=where)
        sql, values = selection.ordered_sql(names)
        cells = ", ".join(_handed_out(kind, name) for name in names)
        with self._session.cursor() as cursor:
            return ArrowTable(cursor.sql(f"SELECT {cells} FROM ({sql})", params=values))

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
        sql, values = selection.ordered_sql(names)
        pages = self._session.pages(f"SELECT {name_list(names)} FROM ({sql})", **values)
        rows = (
            dict(zip(names, map(handed_out, row), strict=True)) for page in pages for row in page
        )
        return (from_row(kind, row) for row in rows)

    def rows(self, kind: str) -> Iterator[Mapping[str, Plain]]:
        """Current records of a kind as plain rows with their keys, in the order of their ids."""
        names = tuple(columns_of(kind))
        sql = f"SELECT {name_list(names)} FROM {table_of(kind)} ORDER BY record_id"
        pages = self._session.pages(sql)
        return (
            dict(zip(names, map(handed_out, row), strict=True)) for page in pages for row in page
        )

    def tally(
        self, spec: TallySpec, *, window: Window | None = None, as_of: datetime | None = None
    ) -> Tally:
        """Count what a specification asks for, where the records are."""
        selection = selection_of(spec, window=window, as_of=as_of)
        with self._session.snapshot() as cursor:
            groups = list(groups_by_sql(cursor, spec, selection))
        return tally_of(spec, groups)

    def count(self, kind: str) -> int:
        """How many records of a kind there are."""
        described(kind)
        return int(self._ask(f"SELECT count(*) FROM {table_of(kind)}")[0][0])

    def _ask(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        with self._session.cursor() as cursor:
            return run(cursor, sql, **values)

    def checkpoint(self, source: str, stream: str) -> dict[str, Any] | None:
        """Where a stream stands; None if it was never read."""
        sql = "SELECT state FROM cxm_checkpoint WHERE source = $source AND stream = $stream"
        found = self._ask(sql, source=source, stream=stream)
        return saved_state(found[0][0]) if found else None

    def receipts(self, *, source: str | None = None) -> tuple[SyncReceipt, ...]:
        """Receipts of all syncs, oldest first."""
        found = self._ask("SELECT source, receipt FROM cxm_receipt ORDER BY number")
        # The table knows the source's present name, the text the one that it had then.
        return tuple(
            saved_receipt(text, source=name) for name, text in found if source in (None, name)
        )

    def quarantined(
        self, *, source: str | None = None, stream: str | None = None
    ) -> tuple[QuarantineEntry, ...]:
        """Rows that are set aside, oldest first."""
        sql = f"""SELECT {name_list(QUARANTINE)} FROM cxm_quarantine
            WHERE coalesce(source = $source, true) AND coalesce(stream = $stream, true)
            ORDER BY first_seen_at, position, entry_id"""
        return tuple(
            _entry(map(handed_out, row)) for row in self._ask(sql, source=source, stream=stream)
        )

    def unread(self, *, source: str | None = None) -> tuple[Unread, ...]:
        """Deliveries that came and were not read yet, oldest first."""
        with self._session.cursor() as cursor:
            return unread_in(cursor, source)

    def sources(self) -> tuple[SourceEntry, ...]:
        """Sources by name."""
        found = self._ask("SELECT name, account, pinned_at FROM cxm_source ORDER BY name")
        return tuple(
            SourceEntry(name=name, account=account, pinned_at=at.replace(tzinfo=UTC))
            for name, account, at in found
        )

    def pin_source(self, name: str, account: str | None) -> None:
        """Bind a source's name to its account; a `ConfigurationError` if one has another."""
        if not needs_pin(name, account, self.sources()):
            return
        with self._written() as cursor:
            values = {
                "name": name,
                "account": account,
                "at": stored_instant(self._surroundings.clock()),
            }
            run(cursor, "DELETE FROM cxm_source WHERE name = $name", name=name)
            run(cursor, "INSERT INTO cxm_source VALUES ($name, $account, $at)", **values)

    def rename_source(self, old: str, new: str) -> None:
        """Give a source, and all that came from it, another name."""
        self.fold()
        with self._session.cursor() as cursor:
            is_taken = has_records(cursor, new)
        check_rename(old, new, self.sources(), has_records=is_taken)
        with self._written(lambda cursor: self._keeper.enter_rename(cursor, old, new)) as cursor:
            rename(cursor, old, new)

    def fold(self) -> FoldReport:
        """Take what the journal holds and the store does not, in one transaction."""
        if self._session.read_only:
            return FoldReport()
        with self._session.cursor() as cursor:
            if not self._keeper.has_news(cursor):
                return FoldReport()
        with self._written() as cursor:
            return fold(cursor, self._keeper.folder, self._surroundings)

    def write_table(self, stream: object, path: str | Path, *, format: TableFormat) -> Path:  # noqa: A002
        """Write any Arrow stream to a file."""
        return write_table(stream, path, format=format, limits=self._surroundings.limits)

    def verify(self) -> Verification:
        """Read everything, and tell what is wrong; nothing is changed."""
        return verify_file(self._session)

    def retain(
        self, limits: Mapping[str, timedelta], *, dry_run: bool = False, trust_clock: bool = False
    ) -> RetentionReport:
        """Delete what is older than the limit of its kind, or only count it."""
        written = None if dry_run else self._written
        return retain(
            self._session, self._surroundings, limits, written=written, trust_clock=trust_clock
        )

    def compact(self) -> Compaction:
        """Write everything anew, so that nothing is left of what was deleted."""
        self.fold()
        return compact(self._session, self._surroundings, self._keeper)

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        self._keeper.close()
        self._session.close()


def _handed_out(kind: str, name: str) -> str:
    """SQL for a column as callers get it: an instant is aware."""
    column = alias_of(name)
    is_instant = column_type(kind, name) == "instant"
    cell = f"timezone('UTC', {column})" if is_instant else column
    return f"{cell} AS {quote_ident(name)}"


def _entry(cells: Iterable[Any]) -> QuarantineEntry:
    return QuarantineEntry(**dict(zip(QUARANTINE, cells, strict=True)))
