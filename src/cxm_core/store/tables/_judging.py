"""Which rows of a table are good: most at a glance, some by a long look, a few one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from cxm_core.records import RowMapping
from cxm_core.store._arrow import Restarting
from cxm_core.store._hashes import identity_sql
from cxm_core.store._schema import STORED_KINDS, columns_of
from cxm_core.store._sql import name_list, quote_ident, quote_text

from ._columns import Stamps, compile_mapping, constants_of
from ._plain import compile_plain
from ._raw import RawTable, Taken
from ._scratch import Scratch
from ._verdicts import DEFER

# Above this share of rows that are not plain, two ways of reading cost more than one; and in a
# table of fewer rows it costs more to plan the second way than it saves.
_MOST_OTHERS = 0.2
FEWEST_ROWS = 5_000


def pays(rows: int) -> bool:
    """Whether a glance at so many rows spares more than it costs."""
    return rows >= FEWEST_ROWS


@frozen(kw_only=True)
class Accepted:
    """Good rows of one kind, whose columns are those of the kind's table.

    Attributes
    ----------
    kind : str
        Kind of record.
    query : str
        For all rows; those in the table `judged` mean nothing.
    scratch : Scratch
        Where the rows are.
    count : int
        How many of them are good.
    bad : int
        How many are not; they stand in the table `judged`.
    is_plain : bool
        No two of the good ones are of one record, and none says that its record is gone.
    is_mixed : bool
        The query gives them in no order.
    constants : mapping of str to str
        SQL for the columns in which they all have the same.
    """

    kind: str
    query: str
    scratch: Scratch
    count: int
    bad: int
    is_plain: bool
    is_mixed: bool = False
    constants: Mapping[str, str]

    def stream(self) -> Restarting:
        """Columns for another connection that differ, and `is_bad` for rows not to be taken."""
        differing = [name for name in columns_of(self.kind) if name not in self.constants]
        return self.scratch.stream(self._marked(name_list(differing)))

    def taken(self, stream: str) -> str:
        """SQL for the good rows with all columns, where `stream` is the name of the stream."""
        columns = (self.constants.get(name, quote_ident(name)) for name in columns_of(self.kind))
        return f"SELECT {', '.join(columns)} FROM {stream}{' WHERE NOT is_bad' * bool(self.bad)}"

    def ids(self) -> Restarting:
        """Ids that the source gave to the rows, and `is_bad`."""
        return self.scratch.stream(self._marked("native_id"))

    def _marked(self, columns: str) -> str:
        # What is set aside stays in: a condition here would be asked of every layer of the query.
        is_bad = "row IN (SELECT row FROM judged)" if self.bad else "false"
        # Of versions that no source stamped, the last that arrives counts.
        order = " ORDER BY row" if self.is_mixed and not self.is_plain else ""
        return f"SELECT {columns}, {is_bad} AS is_bad FROM ({self.query}){order}"

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows, one by one."""
        names = tuple(columns_of(self.kind))
        for page in self.scratch.pages(self._marked(name_list(names))):
            for *cells, is_bad in page:
                if not is_bad:
                    yield dict(zip(names, cells, strict=True))


@frozen
class Judging:
    """Reads the raw rows of a table by one mapping.

    Attributes
    ----------
    raw : RawTable
        The rows.
    mapping : RowMapping
        How a row becomes a record.
    stamps : Stamps
        Source and moment of the records.
    names_of : callable
        Names that a column may have in the table.
    """

    raw: RawTable
    mapping: RowMapping
    stamps: Stamps
    names_of: Callable[[str], Sequence[str]]

    @property
    def has_columns(self) -> bool:
        """Whether any row can be read without the row lane."""
        return self.mapping.kind in STORED_KINDS and not self.mapping.has_epoch

    def accepted(self) -> Accepted:
        """Put the rows that are not taken into the table `judged`; tell of the others."""
        with self.raw.asked():
            if self.raw.taken:
                return self._beside(self.raw.taken)
            return self._by_plain() or self._by_long_look()

    def _beside(self, taken: Taken) -> Accepted:
        """Read by a long look what was not taken before."""
        self._run(f"CREATE OR REPLACE TABLE slow AS {self._long_sql()}")
        slow = self._judged("slow")
        sql, count, is_plain = taken.query, taken.count, taken.is_plain
        if slow.count:
            columns = name_list(("row", *columns_of(self.mapping.kind)))
            sql = f"SELECT {columns} FROM ({sql}) UNION ALL {_GOOD.format(columns)}"
            is_plain = is_plain and slow.is_plain and not self._meet(taken.query)
        # None of the query's rows is set aside.
        return evolve(slow, query=sql, count=count + slow.count, bad=0, is_plain=is_plain)

    def _by_plain(self) -> Accepted | None:
        """Read plain rows as such, the others by a long look; None where these are too many."""
        plain = self._plain_sql() if pays(self.raw.count()) else None
        if plain is None:
            return None
        self._run(_GLANCE.format(plain))
        rows, others, good, distinct, deleted = self._run("SELECT * EXCLUDE (others) FROM glance")[
            0
        ]
        if others > _MOST_OTHERS * rows:
            return None
        if not others:
            self._run(_NO_JUDGED)
            return self._accepted(plain, good, is_plain=good == distinct and not deleted)
        self._run(f"CREATE OR REPLACE TABLE slow AS {self._long_sql(_OTHERS)}")
        slow = self._judged("slow")
        if not slow.count:
            # Nothing but what is set aside: it need not be joined to be left out.
            return self._accepted(plain, good, is_plain=good == distinct and not deleted)
        is_plain = slow.is_plain and good == distinct and not deleted and not self._meet(plain)
        both = self._accepted(self._both(plain), good + slow.count, is_plain=is_plain)
        return evolve(both, is_mixed=True)

    def _by_long_look(self) -> Accepted:
        query = self._long_sql() if self.has_columns else _DEFERRED
        return self._judged(f"({query})", query)

    def _judged(self, rows: str, query: str = "") -> Accepted:
        self._run(_SUMMARY.format(rows))
        names = {
            "record_id": identity_sql(self.mapping.kind),
            "source": quote_text(self.stamps.source),
        }
        self._run(_JUDGED.format(**names))
        good, distinct, deleted = self._run("SELECT * EXCLUDE (bad) FROM summary")[0]
        return self._accepted(query, good, is_plain=good == distinct and not deleted)

    def _accepted(self, query: str, good: int, *, is_plain: bool) -> Accepted:
        return Accepted(
            kind=self.mapping.kind,
            query=query,
            scratch=self.raw.scratch,
            count=good,
            bad=self._run("SELECT count(*) FROM judged")[0][0],
            is_plain=is_plain,
            is_mixed=self.raw.is_mixed,
            constants=constants_of(self.mapping, self.stamps),
        )

    def _meet(self, plain: str) -> bool:
        """Whether a row that took the long look is of the record of a plain one."""
        found: bool = self._run(_MEET.format(plain))[0][0]
        return found

    def _both(self, plain: str) -> str:
        """Query for all rows, in an order that only `row` tells."""
        columns = ", ".join(
            f"CASE WHEN s.row IS NULL THEN p.{name} ELSE s.{name} END AS {name}"
            for name in map(quote_ident, columns_of(self.mapping.kind))
        )
        return f"SELECT p.row AS row, {columns} FROM ({plain}) AS p LEFT JOIN slow AS s USING (row)"

    def _plain_sql(self) -> str | None:
        if not self.has_columns:
            return None
        return compile_plain(
            self.raw.scratch.con,
            self.mapping,
            self.stamps,
            resolve=self._resolve,
            natives=lambda name: self.raw.native(self.names_of(name)),
            clean=self.raw.clean,
        )

    def _long_sql(self, rows: str = "raw") -> str:
        return compile_mapping(
            self.raw.scratch.con,
            self.mapping,
            self.stamps,
            resolve=self._resolve,
            natives=lambda name: self.raw.native(self.names_of(name)),
            rows=rows,
        )

    def _resolve(self, name: str) -> str | None:
        return self.raw.column(self.names_of(name))

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        return self.raw.scratch.run(sql)


# Ids are told apart by a number: two that share one only take the longer way.
_GLANCE = """
CREATE OR REPLACE TABLE glance AS
SELECT count(*) AS rows, count(*) FILTER (NOT is_plain) AS other_rows,
    count(*) FILTER (is_plain) AS good,
    count(DISTINCT hash(native_id)) FILTER (is_plain) AS distinct_ids,
    coalesce(bool_or(is_deleted) FILTER (is_plain), false) AS deleted,
    list(row) FILTER (NOT is_plain) AS others
FROM ({})
"""
_OTHERS = "(FROM raw WHERE row IN (SELECT unnest(others) FROM glance))"
_MEET = """
SELECT EXISTS(
    FROM ({}) WHERE native_id IN (SELECT native_id FROM slow WHERE verdict IS NULL)
    AND row NOT IN (SELECT row FROM slow)
)
"""
_GOOD = "SELECT {} FROM slow WHERE verdict IS NULL"
# Conditions stand in the counts and not behind WHERE, where DuckDB would ask them of every layer.
_SUMMARY = """
CREATE OR REPLACE TABLE summary AS
SELECT list({{'row': row, 'verdict': verdict, 'native_id': native_id}})
        FILTER (verdict IS NOT NULL) AS bad,
    count(*) FILTER (verdict IS NULL) AS good,
    count(DISTINCT hash(native_id)) FILTER (verdict IS NULL) AS distinct_ids,
    coalesce(bool_or(is_deleted) FILTER (verdict IS NULL), false) AS deleted
FROM {}
"""
_JUDGED = """
CREATE OR REPLACE TABLE judged AS
SELECT row, verdict, {record_id} AS record_id
FROM (
    SELECT bad.row, bad.verdict, bad.native_id, {source} AS source
    FROM (SELECT unnest(bad) AS bad FROM summary)
)
"""
_NO_JUDGED = "CREATE OR REPLACE TABLE judged (row BIGINT, verdict VARCHAR, record_id VARCHAR)"
_DEFERRED = (
    f"SELECT row, '{DEFER}' AS verdict, NULL::VARCHAR AS native_id, NULL::BOOLEAN AS is_deleted "
    "FROM raw"
)
