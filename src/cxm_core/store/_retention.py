"""Limits of keeping: what is older is deleted, unless only one reading of a clock says so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.records import Event, record_class

from ._driver import run
from ._kept import Kept
from ._migrations import meta
from ._reports import Expired, RetentionReport
from ._schema import STORED_KINDS, history_of, table_of
from ._selection import Row
from ._sql import stored_instant

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DEFAULT = "default"
# A clock that is further ahead of the last day on which it was read is not believed alone.
_TRUSTED = timedelta(days=2)
Limits: TypeAlias = Mapping[str, timedelta]


def believed(clock: datetime, readings: Iterable[datetime]) -> datetime:
    """Return the instant that limits count from: the clock's, if an earlier day agrees with it."""
    today = clock.astimezone(UTC).date()
    earlier = [at for at in readings if at.astimezone(UTC).date() < today]
    return min(clock, max(earlier) + _TRUSTED) if earlier else clock


def cutoffs(limits: Limits, now: datetime) -> dict[str, datetime]:
    """From which instant on each kind is kept; kinds without a limit are left out."""
    known = (*STORED_KINDS, DEFAULT)
    for kind, limit in limits.items():
        if kind not in known:
            raise UsageError(
                f"There is no kind of record {kind!r} to limit.", hint=did_you_mean(kind, known)
            )
        if limit <= timedelta(0):
            raise UsageError(f"The limit of {kind!r} is not above zero.", hint="such as 1095 days")
    found = {kind: limits.get(kind, _default(kind, limits)) for kind in STORED_KINDS}
    return {kind: _back(now, limit) for kind, limit in found.items() if limit is not None}


def _default(kind: str, limits: Limits) -> timedelta | None:
    """Limit of a kind that is not named: what did not happen at a moment has none."""
    return limits.get(DEFAULT) if issubclass(record_class(kind), Event) else None


def _back(now: datetime, limit: timedelta) -> datetime:
    try:
        return now - limit
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def readings_of(con: DuckDBPyConnection) -> list[datetime]:
    """When the clock was read before, as far as the store knows."""
    found = [at.replace(tzinfo=UTC) for (at,) in run(con, _READINGS) if at is not None]
    return [*found, datetime.fromisoformat(meta(con)["created_at"])]


_READINGS = """
SELECT max("at") FROM (
    SELECT started_at AS "at" FROM cxm_receipt UNION ALL SELECT "at" FROM cxm_event
    UNION ALL SELECT saved_at FROM cxm_checkpoint UNION ALL SELECT pinned_at FROM cxm_source
) GROUP BY "at"::DATE
"""


def expired_in(con: DuckDBPyConnection, kind: str, before: datetime) -> Expired:
    """Count what is too old."""
    values = {"kind": kind, "before": stored_instant(before)}
    counts = {
        name: int(run(con, f"SELECT count(*) FROM {rest}", **_used(rest, values))[0][0])
        for name, rest in _places(kind)
    }
    return Expired(kind=kind, before=before, **counts)


def delete_expired(con: DuckDBPyConnection, kind: str, before: datetime) -> None:
    """Delete what is too old."""
    values = {"kind": kind, "before": stored_instant(before)}
    for _, rest in _places(kind):
        run(con, f"DELETE FROM {rest}", **_used(rest, values))


def _places(kind: str) -> Iterator[tuple[str, str]]:
    """Where records of a kind stand, and which of them are too old."""
    moment = "coalesce(occurred_at, known_at)"
    yield "current", f"{table_of(kind)} WHERE {moment} < $before"
    yield "history", f"{history_of(kind)} WHERE {moment} < $before"
    yield "tombstones", "cxm_tombstone WHERE kind = $kind AND known_at < $before"
    yield "quarantined", "cxm_quarantine WHERE kind = $kind AND last_seen_at < $before"


def _used(sql: str, values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if f"${name}" in sql}


def note_retention(con: DuckDBPyConnection, report: RetentionReport) -> None:
    """Write down that limits were kept; at the instant that was believed, so as not to vouch."""
    detail = json.dumps({"rows": report.rows, "is_clock_doubted": report.is_clock_doubted})
    sql = "INSERT INTO cxm_event VALUES ($at, 'retained', $detail)"
    run(con, sql, at=stored_instant(report.now), detail=detail)


def retain_kept(kept: Kept, kind: str, before: datetime) -> Expired:
    """Delete what is too old from a store in memory, and count it."""
    current = {name: row for name, row in kept.current[kind].items() if _is_kept(row, before)}
    history = [row for row in kept.history[kind] if _is_kept(row, before)]
    tombstones = {
        name: tomb
        for name, tomb in kept.tombstones.items()
        if tomb.kind != kind or _at(tomb.row, "known_at") >= before
    }
    quarantine = {
        name: entry
        for name, entry in kept.quarantine.items()
        if entry.kind != kind or entry.last_seen_at >= before
    }
    expired = Expired(
        kind=kind,
        before=before,
        current=len(kept.current[kind]) - len(current),
        history=len(kept.history[kind]) - len(history),
        tombstones=len(kept.tombstones) - len(tombstones),
        quarantined=len(kept.quarantine) - len(quarantine),
    )
    kept.current[kind], kept.history[kind] = current, history
    kept.tombstones, kept.quarantine = tombstones, quarantine
    return expired


def _is_kept(row: Row, before: datetime) -> bool:
    return _at(row, "occurred_at" if row.get("occurred_at") else "known_at") >= before


def _at(row: Row, name: str) -> datetime:
    at = row[name]
    return at if isinstance(at, datetime) else datetime.max.replace(tzinfo=UTC)
