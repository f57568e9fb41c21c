"""Batches of nothing but new records: they go into their table as they come, without a stop."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cxm_core.errors import StoreError

from ._driver import driver, run
from ._faults import Faults
from ._merge import incoming, stage
from ._schema import column_list, table_of
from .tables import Accepted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Straight:
    """What a load put straight into the tables, so that `merge` has nothing to decide of it.

    Parameters
    ----------
    con : DuckDBPyConnection
        In a transaction.
    source : str
        Of all records.
    faults : Faults
        Reached before the rows go in.
    """

    def __init__(self, con: DuckDBPyConnection, source: str, faults: Faults) -> None:
        self._con, self._source, self._faults = con, source, faults
        # Rows that came in since then have a higher number.
        self._last: dict[str, int] = {}
        self.applied = 0

    def take(self, part: Accepted) -> bool:
        """Put the rows in if each is the first that is heard of its record; else do nothing."""
        if not part.count:
            return True
        if not part.is_plain or self._is_known(part):
            return False
        last = f"SELECT coalesce(max(rowid), -1) FROM {table_of(part.kind)}"
        self._last.setdefault(part.kind, self._ask(last)[0][0])
        self._faults.reach("store.merge.before_insert")
        columns = column_list(part.kind)
        (found,) = self._asked_of(
            part.stream(),
            f"INSERT INTO {table_of(part.kind)} ({columns}) {part.taken('accepted')}",
        )[0]
        _check_count(part, found)
        self.applied += part.count
        return True

    def _is_known(self, part: Accepted) -> bool:
        if self._ask(_HAS_TOMB, kind=part.kind, source=self._source)[0][0]:
            return True
        table = table_of(part.kind)
        if not self._ask(_HAS_SOURCE.format(table=table), source=self._source)[0][0]:
            return False
        known: bool = self._asked_of(part.ids(), _HAS_ID.format(table=table), source=self._source)[
            0
        ][0]
        return known

    def _ask(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        return run(self._con, sql, **values)

    def _asked_of(self, stream: object, sql: str, **values: object) -> list[tuple[Any, ...]]:
        self._con.register("accepted", stream)
        try:
            found = self._ask(sql, **values)
        except BaseException:
            # A transaction that failed takes no statement, and what failed it is to be told.
            with suppress(driver().Error):
                self._con.unregister("accepted")
            raise
        self._con.unregister("accepted")
        return found

    def recall(self, kind: str) -> None:
        """Take back rows of which the staged batch has another version, and stage them before it.

        So the outcome is that of one batch.
        """
        if kind not in self._last:
            return
        names = {
            "columns": column_list(kind),
            "table": table_of(kind),
            "incoming": incoming(kind),
            "last": self._last[kind],
        }
        self._ask(_TAKE_BACK.format(**names))
        (taken,) = self._ask("SELECT count(*) FROM recalled")[0]
        if not taken:
            return
        self.applied -= taken
        self._ask(_KEEP_LATER.format(**names))
        self._ask(_DELETE_BACK.format(**names))
        stage(self._con, kind)
        for table in ("recalled", "later"):
            self._ask(_STAGE.format(**names | {"table": table}))

    def clear_quarantine(self) -> None:
        """Forget what was set aside of records that are there now."""
        for kind, last in self._last.items():
            self._ask(_CLEAR.format(table=table_of(kind), last=last), source=self._source)


def _check_count(part: Accepted, found: int) -> None:
    if found != part.count:
        raise StoreError(
            f"{part.count} records of kind {part.kind!r} were read and {found} came in, "
            "so nothing of this transaction was kept.",
            hint="sync again; if it happens twice, it is a fault of this library",
        )


_HAS_TOMB = "SELECT EXISTS(FROM cxm_tombstone WHERE kind = $kind AND source = $source)"
_HAS_SOURCE = "SELECT EXISTS(FROM {table} WHERE source = $source)"
_HAS_ID = """
SELECT EXISTS(
    FROM {table} WHERE source = $source
    AND native_id IN (SELECT native_id FROM accepted WHERE NOT is_bad)
)
"""
_TAKE_BACK = """
CREATE OR REPLACE TEMP TABLE recalled AS
SELECT {columns} FROM {table}
WHERE rowid > {last} AND record_id IN (SELECT record_id FROM {incoming})
"""
_KEEP_LATER = """
CREATE OR REPLACE TEMP TABLE later AS SELECT {columns} FROM {incoming} ORDER BY rowid
"""
_DELETE_BACK = """
DELETE FROM {table} WHERE rowid > {last} AND record_id IN (SELECT record_id FROM recalled)
"""
_STAGE = "INSERT INTO {incoming} ({columns}) SELECT {columns} FROM {table} ORDER BY rowid"
_CLEAR = """
DELETE FROM cxm_quarantine
WHERE source = $source AND record_id IN (SELECT record_id FROM {table} WHERE rowid > {last})
"""
