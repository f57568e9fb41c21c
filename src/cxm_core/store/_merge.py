"""What becomes of a version that comes in: applied, a duplicate, or stale. One rule, told twice.

Within a batch the newest version of a record stands for it, so no order of rows and no cut into
pages that arrive together changes the outcome.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from cxm_core.records import Plain

from ._counts import Counts
from ._driver import run
from ._faults import Faults, NoFaults
from ._schema import column_list, columns_of, history_of, stamp_sql, table_of
from ._sql import quote_ident, stored_instant

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Verdict = Literal["applied", "duplicate", "stale"]
Row = Mapping[str, Plain]


class Version(NamedTuple):
    """What tells two versions of a record apart, and which is newer: the fields in this order.

    Attributes
    ----------
    stamp : datetime
        When it was made: the source's own stamp, or else the moment we learnt of it.
    place : int
        Order of arrival, which decides between versions that the source did not stamp, and between
        those with one stamp where the source serves in order; otherwise 0, as for one that is
        known.
    is_deleted : bool
        Of two versions with one stamp, the one that takes the record away is newer.
    content_hash : str
        Decides the rest, so that the order of arrival does not.
    """

    stamp: datetime
    place: int
    is_deleted: bool
    content_hash: str


class Known(NamedTuple):
    """Version that the store holds, or the deletion that took it away, and when we learnt of it."""

    version: Version
    known_at: datetime

    @property
    def is_stamped(self) -> bool:
        """Whether the source stamped it; a tombstone knows no more of it than this."""
        return self.version.stamp != self.known_at


def verdict(
    row: Row, known: Known | None, *, now: datetime, place: int = 0, in_order: bool = False
) -> Verdict:
    """What becomes of a row, given the version that is known (of a record or its tombstone)."""
    if known is None:
        return "applied"
    incoming = version_of(row, place, in_order=in_order)
    if incoming.content_hash == known.version.content_hash:
        return "duplicate"
    return "applied" if _is_news(row, known, now) or incoming > known.version else "stale"


def _is_news(row: Row, known: Known, now: datetime) -> bool:
    """Whether a source that stamps nothing has said its last word, even if our clock fell back."""
    is_told_now = row["recorded_at"] is None and row["known_at"] == now
    return is_told_now and not known.is_stamped


def version_of(row: Row, place: int = 0, *, in_order: bool = False) -> Version:
    """Version that a row of the store stands for; `place` is its place in a batch, from 1."""
    stamp = row["recorded_at"] or row["known_at"]
    own = place if in_order or row["recorded_at"] is None else 0
    return Version(stamp, own, row["is_deleted"], row["content_hash"])  # type: ignore[arg-type]  # so rows are made


def known_of(row: Row) -> Known:
    """What a row of the store says to a version that comes in."""
    return Known(version_of(row), row["known_at"])  # type: ignore[arg-type]  # the store filled it


class Outcome(NamedTuple):
    """Newest row of a record in a batch, what becomes of it, and of the others.

    Attributes
    ----------
    row : Row
        As it is kept.
    verdict : str
        What becomes of it.
    duplicate, stale : int
        What becomes of the others.
    is_new : bool
        Whether nobody knew the record.
    repeated : int
        Copies of a version that stood in the batch already.
    """

    row: Row
    verdict: Verdict
    duplicate: int
    stale: int
    is_new: bool = False
    repeated: int = 0


def outcomes(
    rows: Iterable[Row], known: Mapping[str, Known], *, now: datetime, in_order: bool = False
) -> Iterator[Outcome]:
    """What becomes of a batch, record by record, given the versions that are `known`."""
    placed = [(str(row["record_id"]), place, row) for place, row in enumerate(rows, start=1)]
    placed.sort(key=lambda one: (one[0], version_of(one[2], one[1], in_order=in_order)))
    for record_id, group in groupby(placed, key=lambda one: one[0]):
        found = [(place, row) for _, place, row in group]
        before = known.get(record_id)
        place, newest = found[-1]
        what = verdict(newest, before, now=now, place=place, in_order=in_order)
        yield _outcome([row for _, row in found], before, what)


def _outcome(rows: list[Row], known: Known | None, what: Verdict) -> Outcome:
    newest = rows[-1]
    others = {str(row["content_hash"]) for row in rows} - {str(newest["content_hash"])}
    repeated = known is not None and known.version.content_hash in others
    return Outcome(
        row=_after(newest, known),
        verdict=what,
        duplicate=len(rows) - 1 - len(others) + repeated,
        stale=len(others) - repeated,
        is_new=known is None,
        repeated=len(rows) - 1 - len(others),
    )


def _after(row: Row, known: Known | None) -> Row:
    """Row as it is kept: a version is learnt of after the one before, if our clock falls back."""
    if known is None or row["known_at"] >= known.known_at:  # type: ignore[operator]  # both times
        return row
    return {**row, "known_at": known.known_at}


def counted(found: Iterable[Outcome]) -> Counts:
    """Counts of a batch."""
    totals: Counter[str] = Counter()
    for one in found:
        totals[one.verdict] += 1
        totals["duplicate"] += one.duplicate
        totals["stale"] += one.stale
        totals["repeated"] += one.repeated
        if one.verdict == "applied":
            takes_away = one.row["is_deleted"] is True
            totals["deleted"] += takes_away
            totals["new"] += one.is_new and not takes_away
    return Counts(**totals)


# The same rule over whole columns.
_VERSIONS = """
CREATE OR REPLACE TEMP TABLE verdicts AS
WITH version AS (
    SELECT record_id, content_hash, max({stamp}) AS stamp, max(i.rowid) AS place,
        arg_max(i.rowid, {stamp}) AS pick, count(*) AS copies,
        any_value(is_deleted) AS is_deleted, max(known_at) AS known_at,
        count(recorded_at) > 0 AS is_stamped
    FROM {incoming} AS i GROUP BY record_id, content_hash
),
known AS (
    SELECT record_id, content_hash, {current_stamp} AS stamp, known_at, false AS is_deleted
    FROM {current} AS c
    UNION ALL
    SELECT record_id, content_hash, stamp, known_at, true FROM cxm_tombstone WHERE kind = $kind
),
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY record_id ORDER BY stamp DESC,
            CASE WHEN is_stamped AND NOT {in_order} THEN -1 ELSE place END DESC,
            is_deleted DESC, content_hash DESC
    ) = 1 AS is_newest FROM version
)
SELECT r.record_id, r.pick, r.copies, r.is_deleted, k.known_at AS known_before,
    CASE
        WHEN r.content_hash = k.content_hash THEN 'duplicate'
        WHEN NOT r.is_newest THEN 'stale'
        WHEN k.record_id IS NULL THEN 'applied'
        WHEN r.known_at = $now AND NOT r.is_stamped AND k.stamp = k.known_at THEN 'applied'
        WHEN r.stamp <> k.stamp THEN CASE WHEN r.stamp > k.stamp THEN 'applied' ELSE 'stale' END
        WHEN {in_order} OR NOT r.is_stamped
                OR (r.is_deleted, r.content_hash) > (k.is_deleted, k.content_hash)
            THEN 'applied'
        ELSE 'stale'
    END AS verdict
FROM ranked AS r LEFT JOIN known AS k USING (record_id)
"""
# A version is learnt of after the one before it, even if our clock falls back.
_APPLIED = """
CREATE OR REPLACE TEMP TABLE applied AS
SELECT v.record_id, v.pick, greatest(i.known_at, v.known_before) AS known_at
FROM {incoming} AS i JOIN verdicts AS v ON i.rowid = v.pick WHERE v.verdict = 'applied'
"""
_ROWS = """
SELECT i.* REPLACE (a.known_at AS known_at)
FROM {incoming} AS i JOIN applied AS a ON i.rowid = a.pick
"""
_COUNTS = """
SELECT
    count(*) FILTER (verdict = 'applied')::BIGINT,
    coalesce(sum(copies - (verdict <> 'duplicate')::INTEGER), 0)::BIGINT,
    count(*) FILTER (verdict = 'stale')::BIGINT,
    count(*) FILTER (verdict = 'applied' AND is_deleted)::BIGINT,
    count(*) FILTER (verdict = 'applied' AND NOT is_deleted AND known_before IS NULL)::BIGINT,
    coalesce(sum(copies - 1), 0)::BIGINT,
    count(*) FILTER (verdict = 'applied' AND known_before IS NOT NULL)::BIGINT
FROM verdicts
"""
_TO_HISTORY = """
INSERT INTO {history} ({columns}, superseded_at)
SELECT {columns_c}, a.known_at FROM {current} AS c JOIN applied AS a USING (record_id)
"""
_DELETE = "DELETE FROM {table} WHERE record_id IN (SELECT record_id FROM applied)"
_INSERT = "INSERT INTO {current} ({columns}) SELECT {columns} FROM ({rows}) WHERE NOT is_deleted"
_ENTOMB = """
INSERT INTO cxm_tombstone
SELECT $kind, record_id, content_hash, {stamp}, source, native_id, known_at
FROM ({rows}) AS i WHERE is_deleted
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


def merge(
    con: DuckDBPyConnection,
    kind: str,
    *,
    now: datetime,
    faults: Faults | None = None,
    in_order: bool = False,
) -> Counts:
    """Merge the staged batch of a kind into its tables: one delete and one insert."""
    faults = faults or NoFaults()
    names = {
        "incoming": incoming(kind),
        "current": table_of(kind),
        "history": history_of(kind),
        "columns": column_list(kind),
        "columns_c": column_list(kind, of="c"),
        "stamp": stamp_sql("i"),
        "current_stamp": stamp_sql("c"),
        "in_order": str(in_order),
        "rows": _ROWS.format(incoming=incoming(kind)),
    }
    run(con, _VERSIONS.format(**names), kind=kind, now=stored_instant(now))
    run(con, _APPLIED.format(**names))
    *told, superseding = run(con, _COUNTS)[0]
    counts = _counts_of(told)
    if counts.applied:
        faults.reach("store.merge.before_history")
        if superseding:
            run(con, _TO_HISTORY.format(**names))
        faults.reach("store.merge.before_delete")
        # Where nobody knew any of it, there is nothing to take away.
        known = (names["current"], "cxm_tombstone") if superseding else ()
        for table in (*known, "cxm_quarantine"):
            run(con, _DELETE.format(table=table))
        faults.reach("store.merge.before_insert")
        run(con, _INSERT.format(**names))
        if counts.deleted:
            run(con, _ENTOMB.format(**names), kind=kind)
    return counts


def _counts_of(row: Iterable[int]) -> Counts:
    names = ("applied", "duplicate", "stale", "deleted", "new", "repeated")
    return Counts(**dict(zip(names, row, strict=True)))
