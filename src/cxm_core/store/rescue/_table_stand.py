"""How much of each table of a store can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from cxm_core.errors import StoreDamaged
from cxm_core.store._driver import run, translated
from cxm_core.store._sql import quote_ident

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What cannot be read is cut in two, down to a vector of DuckDB's.
_SMALLEST = 2_048


@frozen(kw_only=True)
class TableStand:
    """How much of a table can be read.

    Attributes
    ----------
    name : str
        The table.
    rows : int or None
        How many it has; None where not even that can be read.
    readable : int
        How many of them can be read to their last cell.
    """

    name: str
    rows: int | None
    readable: int

    @property
    def is_whole(self) -> bool:
        """Whether every row can be read."""
        return self.readable == self.rows

    def __str__(self) -> str:
        if self.rows is None:
            return f"Nothing of the table {self.name!r} can be read."
        return f"{self.readable:,} of {self.rows:,} rows of the table {self.name!r} can be read."


def table_stands(con: DuckDBPyConnection, name: str) -> Iterator[TableStand]:
    """Read all of every table; those that hold nothing are left out."""
    for (table,) in run(con, _TABLES):
        stand = _stand(con, table, name)
        if stand.rows != 0:
            yield stand


def _stand(con: DuckDBPyConnection, table: str, name: str) -> TableStand:
    sql = f"SELECT count(*), coalesce(max(rowid) + 1, 0) FROM {quote_ident(table)}"
    try:
        with translated(name):
            ((rows, end),) = run(con, sql)
    except StoreDamaged:
        return TableStand(name=table, rows=None, readable=0)
    readable = _readable(con, table, (0, end), name) if rows else 0
    return TableStand(name=table, rows=rows, readable=readable)


_TABLES = "SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY table_name"


def _readable(con: DuckDBPyConnection, table: str, piece: tuple[int, int], name: str) -> int:
    """Rows of a piece that can be read; every block that is read is checked by its checksum."""
    start, end = piece
    # The sum over all cells leaves no column out.
    sql = f"""SELECT count(*), bit_xor(hash(one)) FROM {quote_ident(table)} AS one
        WHERE rowid >= $start AND rowid < $end"""
    try:
        with translated(name):
            return int(run(con, sql, start=start, end=end)[0][0])
    except StoreDamaged:
        if end - start <= _SMALLEST:
            return 0
    middle = start + (end - start) // 2
    halves = ((start, middle), (middle, end))
    return sum(_readable(con, table, half, name) for half in halves)
