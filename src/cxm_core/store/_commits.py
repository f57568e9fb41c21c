"""Ending a transaction: counted, and known to be kept or not, whatever DuckDB says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxm_core.errors import StoreError

from ._driver import driver, run
from ._mark import Mark, count_commit, mark_of, write_mark
from ._session import Session
from ._surroundings import Surroundings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def commit(session: Session, cursor: DuckDBPyConnection, surroundings: Surroundings) -> None:
    """Keep what the cursor has written; an error says that nothing of it was kept."""
    mark = count_commit(cursor)
    surroundings.faults.reach("store.before_commit")
    try:
        run(cursor, "COMMIT")
    except driver().Error as error:
        # DuckDB also fails when all is written, but a checkpoint after it found no room.
        if mark is None or not _is_kept(session, mark, error):
            raise
    if mark is not None:
        write_mark(session.path, mark)


def _is_kept(session: Session, mark: Mark, error: Exception) -> bool:
    """Whether the transaction is in the file after all, as the file itself says."""
    if isinstance(error, driver().FatalException):
        session.let_go()
    try:
        with session.cursor() as cursor:
            return mark_of(cursor) == mark
    except StoreError as second:
        second.add_note("Whether the last transaction was kept shows when the store opens again.")
        raise second from error
