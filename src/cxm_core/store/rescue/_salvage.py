"""From a damaged file into a new store: every row that can still be read, and is what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from attrs import frozen

from cxm_core.errors import StoreDamaged, StoreError
from cxm_core.store._driver import run, translated
from cxm_core.store._hashes import content_sql, identity_sql
from cxm_core.store._merge import incoming, merge, stage
from cxm_core.store._schema import (
    QUARANTINE,
    STORED_KINDS,
    column_list,
    columns_of,
    described,
    history_of,
)
from cxm_core.store._sql import name_list, quote_ident, quote_text
from cxm_core.store._surroundings import Surroundings
from cxm_core.store.tables import Scratch

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A piece of a table is read whole, or cut in two; DuckDB checks and loses rows by the vector.
_PIECE = 491_520
_SMALLEST = 2_048
_Take = Callable[["DuckDBPyConnection"], None]


@frozen(kw_only=True)
class Salvage:
    """What was saved of one table of a damaged file.

    Attributes
    ----------
    table : str
        Its name.
    rows : int
        Rows that were saved.
    lost : int or None
        Rows that could not be read, or were not what their keys say; None if nobody can tell.
    """

    table: str
    rows: int
    lost: int | None

    def __str__(self) -> str:
        lost = "an unknown number" if self.lost is None else f"{self.lost:,}"
        return f"{self.table}: {self.rows:,} rows saved, {lost} lost."


class Cargo(NamedTuple):
    """A table, the query for those of its rows that are sound, and where they go."""

    table: str
    query: str
    take: _Take


class Wreck:
    """A damaged file, attached to be read.

    Parameters
    ----------
    scratch : Scratch
        Connection that may read the file.
    paths : sequence of pathlib.Path
        The file, and the same file without a log beside it.
    """

    def __init__(self, scratch: Scratch, paths: Sequence[Path]) -> None:
        self._scratch = scratch
        self.is_readable = any(self._attach(path) for path in paths)

    def _attach(self, path: Path) -> bool:
        try:
            with translated(path.name):
                self._scratch.run(f"ATTACH {quote_text(str(path))} AS old (READ_ONLY)")
                self._scratch.run("SELECT table_name FROM duckdb_tables() LIMIT 1")
        except StoreDamaged:
            return False
        return True

    def has(self, table: str) -> bool:
        """Whether the file knows the table."""
        sql = "SELECT 1 FROM duckdb_tables() WHERE database_name = 'old' AND table_name = $name"
        return self.is_readable and bool(self._scratch.run(sql, name=table))

    def save(self, con: DuckDBPyConnection, cargo: Cargo) -> Iterator[Salvage]:
        """Hand the readable rows of a table over, as the view `saved`."""
        table, query, take = cargo
        if not self.has(table):
            return
        rows, lost = 0, self._rows(table)
        for count in self._pieces(table, query):
            con.register("saved", self._scratch.stream("FROM piece"))
            take(con)
            con.unregister("saved")
            rows += count
        yield Salvage(table=table, rows=rows, lost=None if lost is None else max(lost - rows, 0))

    def _rows(self, table: str) -> int | None:
        return self._number(f"SELECT count(*) FROM old.{quote_ident(table)}")

    def _number(self, sql: str) -> int | None:
        try:
            with translated("damaged"):
                return int(self._scratch.run(sql)[0][0])
        except StoreError:
            return None

    def _pieces(self, table: str, query: str) -> Iterator[int]:
        """Make each readable piece the table `piece`; how many rows it has."""
        end = self._end(table)
        waiting = [(start, min(start + _PIECE, end)) for start in range(0, end, _PIECE)]
        while waiting:
            start, stop = waiting.pop(0)
            try:
                with translated("damaged"):
                    bounds = {"start": start, "stop": stop}
                    self._scratch.run(f"CREATE OR REPLACE TEMP TABLE piece AS {query}", **bounds)
            except StoreDamaged:
                if stop - start > _SMALLEST:
                    middle = start + (stop - start) // 2
                    waiting[:0] = [(start, middle), (middle, stop)]
                continue
            if count := int(self._scratch.run("SELECT count(*) FROM piece")[0][0]):
                yield count

    def _end(self, table: str) -> int:
        """Number after the last row's, deleted ones included."""
        sql = f"SELECT coalesce(max(rowid), -1) + 1 FROM old.{quote_ident(table)}"
        return self._number(sql) or 0


_WITHIN = "rowid >= $start AND rowid < $stop"


def salvage(wreck: Wreck, con: DuckDBPyConnection, surroundings: Surroundings) -> Iterator[Salvage]:
    """Save all but the checkpoints, so that every source is pulled again from its beginning."""
    for kind in STORED_KINDS:
        yield from _save_current(wreck, con, kind, surroundings)
    yield from _save_tombstones(wreck, con, surroundings)
    for kind in STORED_KINDS:
        yield from _save_history(wreck, con, kind)
    for table, columns, take in _OTHERS:
        query = f"SELECT {columns} FROM old.{table} WHERE {_WITHIN}"
        yield from wreck.save(con, Cargo(table, query, _runner(*take)))


def _save_current(
    wreck: Wreck, con: DuckDBPyConnection, kind: str, surroundings: Surroundings
) -> Iterator[Salvage]:
    def take(con: DuckDBPyConnection) -> None:
        _merged(con, kind, f"SELECT {column_list(kind)} FROM saved", surroundings)

    yield from wreck.save(con, Cargo(kind, _rows_of(kind, kind, column_list(kind)), take))


def _rows_of(kind: str, table: str, columns: str) -> str:
    """Query for the rows of a kind whose keys and content belong together."""
    return f"""SELECT {columns} FROM old.{quote_ident(table)} WHERE {_WITHIN}
        AND record_id = {identity_sql(kind)}
        AND content_hash = {content_sql(described(kind).fields)}"""


def _merged(con: DuckDBPyConnection, kind: str, query: str, surroundings: Surroundings) -> None:
    stage(con, kind)
    run(con, f"INSERT INTO {incoming(kind)} BY NAME {query}")
    merge(con, kind, now=surroundings.clock(), faults=surroundings.faults)


def _save_tombstones(
    wreck: Wreck, con: DuckDBPyConnection, surroundings: Surroundings
) -> Iterator[Salvage]:
    def take(con: DuckDBPyConnection) -> None:
        for (kind,) in run(con, "SELECT DISTINCT kind FROM saved"):
            if kind in STORED_KINDS and columns_of(kind):
                _merged(con, kind, _DELETIONS.format(kind=quote_text(kind)), surroundings)

    query = f"SELECT * FROM old.cxm_tombstone WHERE {_WITHIN}"
    yield from wreck.save(con, Cargo("cxm_tombstone", query, take))


# A deletion comes in as a row that says so, with the moment that its source gave it.
_DELETIONS = """
SELECT record_id, content_hash, source, native_id, known_at, true AS is_deleted,
    nullif(stamp, known_at) AS recorded_at
FROM saved WHERE kind = {kind}
"""


def _save_history(wreck: Wreck, con: DuckDBPyConnection, kind: str) -> Iterator[Salvage]:
    table = kind + "_history"
    columns = f"{column_list(kind)}, superseded_at"
    same = (
        "h.record_id = s.record_id AND h.content_hash = s.content_hash AND h.known_at = s.known_at"
    )
    insert = f"""INSERT INTO {history_of(kind)} BY NAME SELECT * FROM saved AS s
        WHERE NOT EXISTS (SELECT 1 FROM {history_of(kind)} AS h WHERE {same})
        AND NOT EXISTS (SELECT 1 FROM {quote_ident(kind)} AS h WHERE {same})"""
    query = _rows_of(kind, table, columns)
    yield from wreck.save(con, Cargo(table, query, _runner(insert)))


def _runner(*statements: str) -> _Take:
    def take(con: DuckDBPyConnection) -> None:
        for sql in statements:
            run(con, sql)

    return take


# What was pinned and set aside comes back as it was; receipts are numbered on.
_OTHERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "cxm_source",
        "*",
        (
            "DELETE FROM cxm_source WHERE name IN (SELECT name FROM saved)",
            "INSERT INTO cxm_source BY NAME FROM saved",
        ),
    ),
    (
        "cxm_receipt",
        "*",
        (
            """INSERT INTO cxm_receipt BY NAME
            SELECT * REPLACE (
                row_number() OVER (ORDER BY number)
                + (SELECT coalesce(max(number), 0) FROM cxm_receipt) AS number
            ) FROM saved AS s WHERE NOT EXISTS (
                SELECT 1 FROM cxm_receipt AS r WHERE r.receipt = s.receipt
            )""",
        ),
    ),
    (
        "cxm_quarantine",
        name_list(QUARANTINE),
        (
            "DELETE FROM cxm_quarantine WHERE entry_id IN (SELECT entry_id FROM saved)",
            "INSERT INTO cxm_quarantine BY NAME FROM saved",
        ),
    ),
    (
        "cxm_delivery",
        "*",
        (
            """INSERT INTO cxm_delivery BY NAME SELECT * FROM saved
            WHERE (source, key) NOT IN (SELECT (source, key) FROM cxm_delivery)""",
        ),
    ),
    (
        "cxm_inbox",
        "*",
        (
            """INSERT INTO cxm_inbox BY NAME SELECT * FROM saved
            WHERE (source, key) NOT IN (SELECT (source, key) FROM cxm_inbox)""",
        ),
    ),
    ("cxm_event", "*", ("INSERT INTO cxm_event BY NAME FROM saved",)),
)
