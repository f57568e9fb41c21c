"""Rows that the column lane did not take: the row lane has the last word, and finds the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from attrs import frozen

from cxm_core.records import (
    Problem,
    Reason,
    Record,
    RowMapping,
    Table,
    canonical_json,
    collector_paused,
    describe_problem,
    row_reader,
)

from ._columns import Stamps
from ._json_rows import TextRow, line_reader
from ._mending import Stray
from ._quarantine import Origin, QuarantineEntry, entry_of, json_of, quarantine_entry
from ._raw import RawRow
from ._verdicts import DEFER


class Judged(NamedTuple):
    """Rows that are records after all, and rows that are none."""

    records: Sequence[Record]
    entries: Sequence[QuarantineEntry]


# A row, what became of it, and whether it could be taken apart at all.
_Read: TypeAlias = tuple[RawRow, Record | Problem, bool]


@lru_cache(maxsize=1024)
def _told(mapping: RowMapping, verdict: str) -> Problem:
    """Problem behind a verdict of the column lane."""
    reason, _, name = verdict.partition(":")
    return describe_problem(Reason(reason), mapping.description.field(name), name)


@frozen
class RowLane:
    """Judges rows of one table one by one.

    Attributes
    ----------
    table : Table
        Where they come from.
    stamps : Stamps
        Instance of the connector, and when we learnt of the rows.
    """

    table: Table
    stamps: Stamps

    def judge(self, name: str, mapping: RowMapping, rows: Sequence[RawRow]) -> Judged:
        """Read rows of the file `name` by a mapping.

        A record without a source gets that of the table where it is kept, as all records do.
        """
        records, entries = list[Record](), list[QuarantineEntry]()
        origin = self._origin(name, mapping, is_whole=False)
        with collector_paused():
            for row, outcome, is_row in self._read(mapping, rows):
                if isinstance(outcome, Problem):
                    entries.append(self._entry(origin, outcome, row, is_row=is_row))
                else:
                    records.append(outcome)
        if _fills_source(mapping):
            # As the column lane does: whatever a row says, it came from this source.
            records = [one.stamped(source=self.stamps.source) for one in records]
        return Judged(records, entries)

    def _read(self, mapping: RowMapping, rows: Sequence[RawRow]) -> Iterator[_Read]:
        names = [name for column in mapping.columns for name in self.table.names_of(column)]
        read_row = row_reader(mapping, aliases=self.table.aliases)
        # A line whose verdict is known is only asked whether it has one meaning.
        read_line, known_line = line_reader(names), line_reader(())
        for row in rows:
            _, _, served, verdict = row
            is_deferred = verdict == DEFER
            columns: TextRow | Problem
            if isinstance(served, str):
                columns = (read_line if is_deferred else known_line)(served)
            else:
                columns = served
            if isinstance(columns, Problem):
                yield row, columns, False
            elif is_deferred:
                yield row, read_row(columns), True
            else:
                yield row, _told(mapping, verdict), True

    def _entry(
        self, origin: Origin, problem: Problem, row: RawRow, *, is_row: bool
    ) -> QuarantineEntry:
        return entry_of(
            origin, problem, _raw_form(row, is_row=is_row),
            position=row.number, record_id=row.record_id, now=self.stamps.known_at,
        )  # fmt: skip

    def stray(self, name: str, stray: Stray) -> QuarantineEntry:
        """Entry for a stretch of the file `name` that is no row, so it serves no mapping."""
        origin = self._origin(name, self.table.mappings[0], is_whole=True)
        problem = Problem(stray.reason, None, stray.message)
        return quarantine_entry(
            origin, problem, stray.text, position=stray.row, now=self.stamps.known_at
        )

    def _origin(self, name: str, mapping: RowMapping, *, is_whole: bool) -> Origin:
        return Origin(
            kind=mapping.kind,
            source=self.stamps.source,
            stream=self.table.stream,
            name=name,
            mapping="" if is_whole else _name_of(mapping),
        )


def _raw_form(row: RawRow, *, is_row: bool) -> str:
    """JSON of a row: a line that is an object as it was served, another as a text."""
    return row.served if is_row and isinstance(row.served, str) else json_of(row.served)


def _fills_source(mapping: RowMapping) -> bool:
    return any(name == "source" for name, _ in (*mapping.cells, *mapping.constants))


def _name_of(mapping: RowMapping) -> str:
    """What tells a mapping from the others of its rows, and stays when it is mended elsewhere."""
    identity = dict(mapping.cells).get("native_id")
    constant = dict(mapping.constants).get("native_id")
    return canonical_json([mapping.kind, identity.template if identity else str(constant)])
