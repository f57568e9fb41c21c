"""Rows that the column lane did not take: the row lane has the last word, and finds the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from attrs import frozen

from cxm_core.records import (
    Problem,
    Reason,
    Record,
    RowMapping,
    Table,
    canonical_json,
    describe_problem,
    read_row,
)

from ._columns import Stamps
from ._mending import Stray
from ._quarantine import Origin, QuarantineEntry, quarantine_entry
from ._raw import RawRow
from ._verdicts import DEFER


class Judged(NamedTuple):
    """Rows that are records after all, and rows that are none."""

    records: Sequence[Record]
    entries: Sequence[QuarantineEntry]


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
        """Read rows of the file `name` by a mapping."""
        records, entries = list[Record](), list[QuarantineEntry]()
        origin = self._origin(name, mapping, is_whole=False)
        for row in rows:
            outcome = self._read(mapping, row)
            if isinstance(outcome, Problem):
                entry = quarantine_entry(
                    origin, outcome, row.text, position=row.number,
                    record_id=row.record_id, now=self.stamps.known_at,
                )  # fmt: skip
                entries.append(entry)
            else:
                records.append(outcome)
        return Judged(records, entries)

    def _read(self, mapping: RowMapping, row: RawRow) -> Record | Problem:
        if isinstance(row.columns, Problem):
            return row.columns
        if row.verdict != DEFER:
            # Both lanes give one verdict, and the sentence for it comes from the description.
            reason, _, name = row.verdict.partition(":")
            return describe_problem(Reason(reason), mapping.description.field(name), name)
        outcome = read_row(mapping, row.columns, aliases=self.table.aliases)
        # As the column lane does: whatever a row says, it came from this source.
        return (
            outcome if isinstance(outcome, Problem) else outcome.stamped(source=self.stamps.source)
        )

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


def _name_of(mapping: RowMapping) -> str:
    """What tells a mapping from the others of its rows, and stays when it is mended elsewhere."""
    identity = dict(mapping.cells).get("native_id")
    constant = dict(mapping.constants).get("native_id")
    return canonical_json([mapping.kind, identity.template if identity else str(constant)])
