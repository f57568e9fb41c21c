"""The schema of a store and its version: a store of an older library is brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from uuid import uuid4

from cxm_core.errors import StoreError

from ._driver import run
from ._hashes import content_sql
from ._schema import STORED_KINDS, described, table_sql, tables
from ._sql import quote_ident
from ._surroundings import Surroundings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_META = "cxm_meta"
Step = Callable[["DuckDBPyConnection"], None]


def _complete(con: DuckDBPyConnection) -> None:
    """Make every table and column that is not there: enough for whatever is only new."""
    there = set(run(con, _COLUMNS))
    for name, columns in tables():
        run(con, table_sql(name, columns))
        is_old = any(table == name for table, _ in there)
        for column in columns if is_old else ():
            if (name, column) not in there:
                run(con, _ADD.format(quote_ident(name), quote_ident(column), columns[column]))


_COLUMNS = """
SELECT table_name, column_name FROM duckdb_columns()
WHERE database_name = current_database() AND NOT internal
"""
_ADD = "ALTER TABLE {} ADD COLUMN {} {}"


def _rehash(con: DuckDBPyConnection) -> None:
    """Make the fingerprints of version 3, whose text is shorter, of all records that are there."""
    filled = {name for (name,) in run(con, _FILLED)}
    for kind in STORED_KINDS:
        for name in (kind, kind + "_history"):
            if name in filled:
                content = content_sql(described(kind).fields)
                run(con, f"UPDATE {quote_ident(name)} SET content_hash = {content}")


_FILLED = """
SELECT table_name FROM duckdb_tables()
WHERE database_name = current_database() AND NOT internal AND estimated_size > 0
"""

# Version n is made from version n - 1 by the n-th step. What only adds a table or column needs no
# step, but a version of its own: then `_complete` runs again.
STEPS: tuple[Step, ...] = (_complete, _complete, _rehash, _complete, _complete)


def migrate(
    con: DuckDBPyConnection, surroundings: Surroundings, *, steps: tuple[Step, ...] = STEPS
) -> None:
    """Bring the open store to this library's schema, in one transaction; again it does nothing."""
    version = schema_version(con)
    if version == len(steps):
        return
    _refuse_newer(version, len(steps))
    surroundings.faults.reach("store.open.before_migrate")
    run(con, "BEGIN")
    try:
        if version == 0:
            run(con, table_sql(_META, {"key": "VARCHAR", "value": "VARCHAR"}))
            _put(con, "created_at", surroundings.clock().isoformat())
        if "store_id" not in meta(con):
            # What the mark beside the file speaks of.
            _put(con, "store_id", uuid4().hex)
            _put(con, "commits", "0")
        for step in steps[version:]:
            step(con)
        _put(con, "schema_version", str(len(steps)))
        surroundings.faults.reach("store.open.before_commit")
        run(con, "COMMIT")
    except BaseException:
        run(con, "ROLLBACK")
        raise


def is_older(con: DuckDBPyConnection, *, steps: tuple[Step, ...] = STEPS) -> bool:
    """Whether the store was made by an older library; an error if by a newer one."""
    version = schema_version(con)
    _refuse_newer(version, len(steps))
    return version < len(steps)


def check_version(con: DuckDBPyConnection, *, steps: tuple[Step, ...] = STEPS) -> None:
    """Refuse a store whose schema cannot be read as it is and must not be changed."""
    if is_older(con, steps=steps):
        raise StoreError(
            f"The store has schema {schema_version(con)}, and this library reads {len(steps)}.",
            hint="open it once to be written; then it is brought up to date",
        )


def schema_version(con: DuckDBPyConnection) -> int:
    """Version of the schema; 0 for a file without any table."""
    names = {
        row[0] for row in run(con, "SELECT table_name FROM duckdb_tables() WHERE NOT internal")
    }
    if not names:
        return 0
    if _META not in names:
        raise StoreError(
            f"The file is a DuckDB database with {len(names)} tables, but no store.",
            hint="name another file",
        )
    return int(meta(con).get("schema_version", "0"))


def _refuse_newer(version: int, known: int) -> None:
    if version > known:
        raise StoreError(
            f"The store has schema {version}, and this library knows {known}.",
            hint="upgrade: pip install -U cxm",
        )


def meta(con: DuckDBPyConnection) -> Mapping[str, str]:
    """What the store says of itself, such as `schema_version`, `created_at` and `commits`."""
    return dict(run(con, f"SELECT key, value FROM {_META}"))


def _put(con: DuckDBPyConnection, key: str, value: str) -> None:
    run(con, f"DELETE FROM {_META} WHERE key = $key", key=key)
    run(con, f"INSERT INTO {_META} VALUES ($key, $value)", key=key, value=value)
