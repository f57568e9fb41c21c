"""Taking stock when a store opens: what was set aside, what was lost, where every stream stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ._driver import run
from ._mark import Mark, mark_of, read_mark
from ._recovery import free_name, log_path, logs_aside
from ._session import Session
from ._sql import stored_instant
from ._stand import Opening, StreamStand
from ._surroundings import Surroundings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LOG_SET_ASIDE = "log_set_aside"
Written = Callable[[], AbstractContextManager["DuckDBPyConnection"]]


def take_stock(
    session: Session, surroundings: Surroundings, *, written: Written, log: Path | None = None
) -> Opening:
    """Say what an opening has cost, and note it in the store; `log` is a copy from before it."""
    with session.cursor() as cursor:
        aside = tuple(sorted({*logs_aside(session.path)} - _told(cursor)))
        lost = lost_between(read_mark(session.path), mark_of(cursor), is_unsure=bool(aside))
    if lost and not aside and log is not None:
        aside = _put_by(log, session.path, surroundings)
    if (aside or lost) and not session.read_only:
        detail = json.dumps({"files": aside, "lost_transactions": lost})
        with written() as cursor:
            note_event(cursor, surroundings.clock(), LOG_SET_ASIDE, detail=detail)
    with session.cursor() as cursor:
        streams = stands(cursor)
    return Opening(set_aside=aside, lost_transactions=lost, streams=streams)


def lost_between(before: Mark | None, now: Mark | None, *, is_unsure: bool) -> int | None:
    """Transactions that the mark knows and the file does not; None where nobody can tell."""
    if before is None or now is None or before.store_id != now.store_id:
        return None if is_unsure else 0
    return max(0, before.commits - now.commits)


def _put_by(log: Path, path: Path, surroundings: Surroundings) -> tuple[str, ...]:
    target = free_name(log_path(path), surroundings.clock())
    with suppress(OSError):
        log.rename(target)
        return (target.name,)
    return ()


def _told(con: DuckDBPyConnection) -> set[str]:
    """Files that were told of at an earlier opening, or by a rebuild."""
    sql = "SELECT detail FROM cxm_event WHERE event IN ($event, 'rebuilt')"
    details = [json.loads(detail) for (detail,) in run(con, sql, event=LOG_SET_ASIDE)]
    return {name for detail in details for name in detail.get("files", ())}


def note_event(con: DuckDBPyConnection, at: datetime, event: str, *, detail: str = "{}") -> None:
    """Note what befell the store."""
    values = {"at": stored_instant(at), "event": event, "detail": detail}
    run(con, "INSERT INTO cxm_event VALUES ($at, $event, $detail)", **values)


def stands(con: DuckDBPyConnection) -> tuple[StreamStand, ...]:
    """Where every stream stands."""
    sql = "SELECT source, stream, saved_at FROM cxm_checkpoint ORDER BY source, stream"
    return tuple(
        StreamStand(source=source, stream=stream, saved_at=at.replace(tzinfo=UTC))
        for source, stream, at in run(con, sql)
    )
