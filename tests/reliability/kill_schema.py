"""A store of an older schema that is brought up to date when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from cxm_core.records import Note
from cxm_core.store._driver import connect_file, run
from cxm_core.store._migrations import schema_version
from reliability.kill import KillAt
from reliability.kill_stand import LIMITS, START, fingerprint, opened

Tell = Callable[..., None]
# What the second version of the schema added, and a column as a later library may add it.
_OLDER = (
    "DROP TABLE cxm_folded",
    "DROP TABLE cxm_event",
    "ALTER TABLE note DROP COLUMN stage",
    "ALTER TABLE note_history DROP COLUMN stage",
    "DELETE FROM cxm_meta WHERE key NOT IN ('created_at', 'schema_version')",
    "UPDATE cxm_meta SET value = '1' WHERE key = 'schema_version'",
)
_COLUMNS = """
SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE NOT internal ORDER BY ALL
"""


def prepare(tell: Tell, *, path: str, notes: int) -> None:
    """Make a store as an older library would have left it."""
    with opened(path, tell) as store, store.transaction() as transaction:
        transaction.apply(
            (Note(native_id=str(n), occurred_at=START, text="Cold") for n in range(notes)),
            source="app:own",
        )
    con = connect_file(Path(path), LIMITS, read_only=False)
    for statement in _OLDER:
        run(con, statement)
    con.close()


def look(tell: Tell, *, path: str, is_closed: bool = True) -> None:
    """Tell version and columns of a store, without bringing it up to date."""
    del is_closed
    tell(stand=_told(path))


def _told(path: str) -> dict[str, Any]:
    con = connect_file(Path(path), LIMITS, read_only=False)
    version, columns = schema_version(con), run(con, _COLUMNS)
    con.close()
    shape = [len(columns), len(set(columns)), sha256(repr(columns).encode()).hexdigest()]
    holds = {"columns": shape, "version": [version, version, ""], **fingerprint(path, "note")}
    stand = {"checkpoint": None, "applied": 0, "balances": True, "is_whole": True}
    return stand | {"holds": holds}


def work(
    tell: Tell,
    *,
    path: str,
    attempt: int,
    fault: str | None = None,
    in_full: bool = False,
) -> None:
    """Open the store: position 0 is the old schema, 1 the present one."""
    del attempt
    if in_full:
        tell(commit=_told(path) | {"position": 0})
    faults = KillAt.of(fault, tell)
    with opened(path, tell, faults=faults):
        tell(saved=1)
    if in_full:
        tell(commit=_told(path) | {"position": 1})
    tell(done=True, reached=faults.reached)


def truth(tell: Tell, *, path: str) -> None:
    """What was brought up to date is left alone from then on, and has the shape of a new store."""
    faults = KillAt()
    with opened(path, tell, faults=faults):
        assert not [point for point in faults.reached if point.startswith("store.open.before_m")]
    before = _told(path)
    with opened(path, tell):
        pass
    assert _told(path) == before
    new = path + ".new"
    with opened(new, tell):
        pass
    assert _shape(new) == _shape(path)
    tell(truth=before["holds"]["version"][0])


def _shape(path: str) -> set[tuple[str, ...]]:
    con = connect_file(Path(path), LIMITS, read_only=False)
    columns = set(run(con, _COLUMNS))
    con.close()
    return columns
