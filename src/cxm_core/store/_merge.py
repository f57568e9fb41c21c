"""What becomes of a version that comes in: applied, a duplicate, or stale. One rule, told twice.

Within a batch the newest version of a record stands for it, so no order of rows and no cut into
pages that arrive together changes the outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from cxm_core.records import Plain

from ._driver import run
from ._faults import Faults
from ._protocol import Counts
from ._schema import column_list, columns_of, history_of, stamp_sql, table_of
from ._sql import quote_ident

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Verdict = Literal["applied", "duplicate", "stale"]
Row = Mapping[str, Plain]


class Version(NamedTuple):
    """What tells two versions of a record apart, and which is newer."""

    stamp: datetime
    content_hash: str


def verdict(incoming: Version, known: Version | None) -> Verdict:
    """What becomes of a version, given the one that is known (a record or its tombstone)."""
    if known is None:
        return "applied"
    if incoming.content_hash == known.content_hash:
        return "duplicate"
    return "applied" if incoming > known else "stale"


def version_of(row: Row) -> Version:
    """Version that a row of the store stands for."""
    stamp = row["recorded_at"] or row["known_at"]
    return Version(stamp, row["content_hash"])  # type: ignore[arg-type]  # so every row is made


class Outcome(NamedTuple):
    """Newest row of a record in a batch, what becomes of it, and of the others."""

    row: Row
    verdict: Verdict
    duplicate: int
    stale: int


def outcomes(rows: Iterable[Row], known: Mapping[str, Version]) -> Iterator[Outcome]:
    """What becomes of a batch, record by record, given the versions that are `known`."""
    by_record = sorted(rows, key=lambda row: (str(row["record_id"]), version_of(row)))
    for record_id, group in groupby(by_record, key=lambda row: str(row["record_id"])):
        yield _outcome(list(group), known.get(record_id))


def _outcome(rows: list[Row], known: Version | None) -> Outcome:
    newest = version_of(rows[-1])
    others = {str(row["content_hash"]) for row in rows} - {newest.content_hash}
    repeated = known is not None and known.content_hash in others
    return Outcome(
        row=rows[-1],
        verdict=verdict(newest, known),
        duplicate=len(rows) - 1 - len(others) + repeated,
        stale=len(others) - repeated,
    )


def counted(found: Iterable[Outcome]) -> Counts:
    """Counts of a batch."""
    counts = Counts()
    for one in found:
        counts += Counts(
            **{one.verdict: 1},
            deleted=int(one.verdict == "applied" and one.row["is_deleted"] is True),
        )
        counts += Counts(duplicate=one.duplicate, stale=one.stale)
    return counts


# The same rule over whole columns.
_VERSIONS = """
CREATE OR REPLACE TEMP TABLE verdicts AS
WITH version AS (
    SELECT record_id, content_hash, max({stamp}) AS stamp,
        arg_max(i.rowid, {stamp}) AS pick, count(*) AS copies
    FROM {incoming} AS i GROUP BY ALL
),
known AS (
    SELECT record_id, content_hash, {current_stamp} AS stamp FROM {current} AS c
    UNION ALL
    SELECT record_id, content_hash, stamp FROM cxm_tombstone WHERE kind = $kind
),
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY record_id ORDER BY stamp DESC, content_hash DESC
    ) = 1 AS is_newest FROM version
)
SELECT r.record_id, r.pick, r.copies,
    CASE
        WHEN r.content_hash = k.content_hash THEN 'duplicate'
        WHEN NOT r.is_newest THEN 'stale'
        WHEN k.record_id IS NULL OR r.stamp > k.stamp
            OR (r.stamp = k.stamp AND r.content_hash > k.content_hash) THEN 'applied'
        ELSE 'stale'
    END AS verdict
FROM ranked AS r LEFT JOIN known AS k USING (record_id)
"""
_APPLIED = """
CREATE OR REPLACE TEMP TABLE applied AS
SELECT i.* FROM {incoming} AS i JOIN verdicts AS v ON i.rowid = v.pick WHERE v.verdict = 'applied'
"""
_COUNTS = """
SELECT
    count(*) FILTER (verdict = 'applied')::BIGINT,
    coalesce(sum(copies - (verdict <> 'duplicate')::INTEGER), 0)::BIGINT,
    count(*) FILTER (verdict = 'stale')::BIGINT,
    (SELECT count(*) FROM applied WHERE is_deleted)::BIGINT
FROM verdicts
"""
_TO_HISTORY = """
INSERT INTO {history} ({columns}, superseded_at)
SELECT {columns_c}, a.known_at FROM {current} AS c JOIN applied AS a USING (record_id)
"""
_DELETE = "DELETE FROM {table} WHERE record_id IN (SELECT record_id FROM applied)"
_INSERT = "INSERT INTO {current} ({columns}) SELECT {columns} FROM applied WHERE NOT is_deleted"
_ENTOMB = """
INSERT INTO cxm_tombstone
SELECT $kind, record_id, content_hash, {stamp}, source, native_id, known_at
FROM applied AS i WHERE is_deleted
"""


def incoming(kind: str) -> str:
    """Quoted name of the temporary table that holds a batch of one kind."""
    return quote_ident("incoming_" + kind)


def stage(con: DuckDBPyConnection, kind: str) -> None:
    """Make the empty table that `merge` reads."""
    # Columns are spelled out: of a table made by `AS ... LIMIT 0`, DuckDB 2.0 shows no row to the
    # same transaction once more than 122,880 have come in from Arrow.
    columns = ", ".join(f"{quote_ident(name)} {type_}" for name, type_ in columns_of(kind).items())
    run(con, f"CREATE OR REPLACE TEMP TABLE {incoming(kind)} ({columns})")


def merge(con: DuckDBPyConnection, kind: str, *, faults: Faults) -> Counts:
    """Merge the staged batch of a kind into its tables: one delete and one insert."""
    names = {
        "incoming": incoming(kind),
        "current": table_of(kind),
        "history": history_of(kind),
        "columns": column_list(kind),
        "columns_c": column_list(kind, of="c"),
        "stamp": stamp_sql("i"),
        "current_stamp": stamp_sql("c"),
    }
    run(con, _VERSIONS.format(**names), kind=kind)
    run(con, _APPLIED.format(**names))
    applied, duplicate, stale, deleted = run(con, _COUNTS)[0]
    if applied:
        faults.reach("store.merge.before_history")
        run(con, _TO_HISTORY.format(**names))
        faults.reach("store.merge.before_delete")
        for table in (names["current"], "cxm_tombstone", "cxm_quarantine"):
            run(con, _DELETE.format(table=table))
        faults.reach("store.merge.before_insert")
        run(con, _INSERT.format(**names))
        run(con, _ENTOMB.format(**names), kind=kind)
    return Counts(applied=applied, duplicate=duplicate, stale=stale, deleted=deleted)
