"""Rows that the column lane did not take: the row lane has the last word, and finds the words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

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
from cxm_core.store._quarantine import Origin, QuarantineEntry, entry_of, json_of, quarantine_entry

from ._columns import Stamps
from ._json_rows import TextRow, line_reader
from ._mending import Stray
from ._raw import RawRow
from ._verdicts import DEFER


class Judged(NamedTuple):
    """Rows that are records after all, and rows that are none."""

    records: Sequence[Record]
    entries: Sequence[QuarantineEntry]


class _Read(NamedTuple):
    """What a row becomes, and whether it is one: a line may have no meaning, or two."""

    outcome: Record | Problem
    is_row: bool


# A line whose verdict is known is only asked whether it has one meaning.
_look_at = line_reader(())


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
        read, now = self._reader(mapping), self.stamps.known_at
        with collector_paused():
            for row in rows:
                outcome, is_row = read(row)
                if isinstance(outcome, Problem):
                    entries.append(
                        entry_of(
                            origin, outcome, _raw_form(row.served, is_row=is_row),
                            position=row.number, record_id=row.record_id, now=now,
                        )
                    )  # fmt: skip
                else:
                    records.append(outcome)
        if _fills_source(mapping):
            # As the column lane does: whatever a row says, it came from this source.
            records = [one.stamped(source=self.stamps.source) for one in records]
        return Judged(records, entries)

    def _reader(self, mapping: RowMapping) -> Callable[[RawRow], _Read]:
        names = [name for column in mapping.columns for name in self.table.names_of(column)]
        read_row = row_reader(mapping, aliases=self.table.aliases)
        read_line = line_reader(names)

        def read(row: RawRow) -> _Read:
            _, _, served, verdict = row
            is_known = verdict != DEFER
            look = _look_at if is_known else read_line
            columns = look(served) if isinstance(served, str) else served
            if isinstance(columns, Problem):
                return _Read(columns, is_row=False)
            return _Read(_told(mapping, verdict) if is_known else read_row(columns), is_row=True)

        return read

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


def _raw_form(served: TextRow | str, *, is_row: bool) -> str:
    """JSON of a row: a line that is an object as it was served, another as a text."""
    # Only what is an object has a field that is wrong.
    return served if is_row and isinstance(served, str) else json_of(served)


def _fills_source(mapping: RowMapping) -> bool:
    return any(name == "source" for name, _ in (*mapping.cells, *mapping.constants))


def _name_of(mapping: RowMapping) -> str:
    """What tells a mapping from the others of its rows, and stays when it is mended elsewhere."""
    identity = dict(mapping.cells).get("native_id")
    constant = dict(mapping.constants).get("native_id")
    return canonical_json([mapping.kind, identity.template if identity else str(constant)])
