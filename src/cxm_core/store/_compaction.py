"""The store written anew: what retention took out is in no byte of the new file."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING

from cxm_core.errors import StoreDamaged, StoreError, StoreFull

from ._drafts import draft_beside, put_in_place
from ._driver import Limits, connect_scratch, of_os_error, run, translated
from ._reports import Compaction
from ._session import Session
from ._sql import quote_ident, quote_text, stored_instant
from ._surroundings import Surroundings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# How long readings that were begun may take to end.
_PATIENCE_S = 60.0
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_TABLES = """
SELECT table_name FROM duckdb_tables()
WHERE database_name = 'old' AND NOT internal ORDER BY table_name
"""


def compact_file(
    session: Session, surroundings: Surroundings, *, patience_s: float = _PATIENCE_S
) -> Compaction:
    """Write a store's file anew; at every moment there is the old file or the new one."""
    path = session.path
    target = path.resolve()
    with session.alone(patience_s), disk_errors_of(path.name):
        before = target.stat().st_size
        surroundings.faults.reach("store.compact.before_copy")
        with _held(target, surroundings.limits) as con:
            _refuse_log(path)
            _exchange(con, target, surroundings, before)
    after = target.stat().st_size
    return Compaction(bytes_before=before, bytes_after=after, set_aside=damaged_beside(path))


@contextmanager
def _held(target: Path, limits: Limits) -> Iterator[_Copying]:
    """A connection that holds the old file, so that no other process can write to it."""
    with draft_beside(target) as draft:
        folder = draft.parent
        log = target.with_name(target.name + ".wal")
        con = connect_scratch(limits, folder=folder, paths=[target, log])
        try:
            run(con, f"ATTACH {quote_text(str(target))} AS old (READ_ONLY)")
            yield _Copying(con, draft)
        finally:
            con.close()


class _Copying:
    """From the old file to the draft."""

    def __init__(self, con: DuckDBPyConnection, draft: Path) -> None:
        self.con = con
        self.draft = draft

    def copy(self, event: str, at: object, detail: str) -> None:
        """Make the draft whole and close it."""
        self._check_room()
        # DuckDB 1.5 cannot open what 2.0 writes by default.
        attach = f"ATTACH {quote_text(str(self.draft))} AS new (STORAGE_VERSION 'v1.5.0')"
        run(self.con, attach)
        run(self.con, "COPY FROM DATABASE old TO new")
        self._compare()
        sql = "INSERT INTO new.cxm_event VALUES ($at, $event, $detail)"
        run(self.con, sql, at=at, event=event, detail=detail)
        run(self.con, "CHECKPOINT new")
        run(self.con, "DETACH new")

    def _check_room(self) -> None:
        ((blocks, size),) = run(
            self.con,
            "SELECT used_blocks, block_size FROM pragma_database_size() "
            "WHERE database_name = 'old'",
        )
        if disk_usage(self.draft.parent).free < blocks * size:
            raise OSError(errno.ENOSPC, "")

    def _compare(self) -> None:
        """Count the rows of each table on both sides."""
        names = [name for (name,) in run(self.con, _TABLES)]
        for name in names:
            table = quote_ident(name)
            sql = f"SELECT count(*) FROM old.{table} UNION ALL SELECT count(*) FROM new.{table}"
            (one,), (other,) = run(self.con, sql)
            if one != other:
                raise StoreDamaged(
                    f"Of {one} rows of the table {name!r}, {other} were copied.",
                    hint="cxm store verify",
                )


def _exchange(copying: _Copying, target: Path, surroundings: Surroundings, before: int) -> None:
    detail = json.dumps({"bytes_before": before})
    copying.copy("compacted", stored_instant(surroundings.clock()), detail)
    surroundings.faults.reach("store.compact.before_replace")
    put_in_place(copying.draft, target, surroundings.disk)
    surroundings.faults.reach("store.compact.after_replace")


def _refuse_log(path: Path) -> None:
    """Refuse to go on while a log lies beside the file: it would lie beside the new one, too."""
    log = path.with_name(path.name + ".wal")
    if log.exists() and log.stat().st_size:
        raise StoreError(
            f"The store {path.name!r} was written to meanwhile.", hint="compact it again"
        )


def damaged_beside(path: Path) -> tuple[str, ...]:
    """Names of damaged files that were set aside; they may hold what was deleted since."""
    marks = (path.name + ".damaged-", path.name + ".wal.damaged-")
    return tuple(sorted(one.name for one in path.parent.iterdir() if one.name.startswith(marks)))


@contextmanager
def disk_errors_of(name: str) -> Iterator[None]:
    """Errors of disk and DuckDB as ours; whatever happens, the old file stands."""
    try:
        with translated(name):
            yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(
                f"There is not enough room beside {name!r} to write the store anew.",
                hint="make room and do it again; the store is as it was",
            ) from error
        raise of_os_error(error, name) from error
