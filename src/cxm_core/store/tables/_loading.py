"""A described table on its way into the store: good rows as columns, reasons for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from attrs import frozen

from cxm_core.errors import SchemaChanged, did_you_mean
from cxm_core.records import Record, RowMapping, Table
from cxm_core.store._driver import Limits
from cxm_core.store._quarantine import QuarantineEntry
from cxm_core.store._schema import STORED_KINDS

from ._columns import Stamps
from ._flags import oddities
from ._judging import Accepted, Judging
from ._mending import Stray
from ._one_pass import OnePass
from ._queries import beside
from ._raw import RawRow, RawTable
from ._row_lane import RowLane
from ._scratch import Scratch
from ._text_tables import read_csv, read_json_lines
from ._typed_tables import read_arrow, read_database, read_object, read_parquet

_PAGE = 500


@frozen
class Singles:
    """Good rows that only the row lane could read."""

    records: Sequence[Record]


@frozen
class SetAside:
    """Rows that are no records."""

    entries: Sequence[QuarantineEntry]


Part = Accepted | Singles | SetAside
_Rows = Iterator[Stray | RawTable]


class Loader:
    """Reads a table part by part; `drift` is complete when the last part is taken.

    Parameters
    ----------
    table : Table
        What to read.
    stamps : Stamps
        Instance of the connector that described it, and when we learnt of the records.
    limits : Limits
        What reading may use of the machine.
    """

    def __init__(self, table: Table, stamps: Stamps, limits: Limits) -> None:
        self.table = table
        self.stamps = stamps
        self.lane = RowLane(table, stamps)
        self.limits = limits
        self.drift: Counter[str] = Counter()

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of records that are kept, which the rows may become."""
        kinds = {mapping.kind for mapping in self.table.mappings}
        return frozenset(kinds & set(STORED_KINDS))

    def parts(self) -> Iterator[Part]:
        """All that the table serves; each part must be used before the next is taken."""
        paths = [Path(text) for text in self.table.reader.paths]
        if self.table.reader.format == "duckdb":
            paths = [file for path in paths for file in beside(path)]
        with Scratch.opened(self.limits, paths=paths) as scratch:
            for name, rows in self._sources(scratch):
                for item in rows:
                    if isinstance(item, RawTable):
                        yield from self._table(item)
                    else:
                        yield SetAside([self.lane.stray(name, item)])

    def _sources(self, scratch: Scratch) -> Iterator[tuple[str, _Rows]]:
        stream, data = self.table.stream, self.table.data
        if data is not None:
            yield stream, read_object(scratch, self.table.reader, data, name=stream)
        for text in self.table.reader.paths:
            path = Path(text)
            yield path.name, self._file(scratch, path)

    def _file(self, scratch: Scratch, path: Path) -> _Rows:
        reader = self.table.reader
        if reader.format == "csv":
            return read_csv(scratch, reader, path)
        if reader.format == "parquet":
            return read_parquet(scratch, reader, path)
        if reader.format == "arrow":
            return read_arrow(scratch, reader, path)
        if reader.format == "duckdb":
            return read_database(scratch, reader, path)
        wanted = [name for column in self.table.columns for name in self.table.names_of(column)]
        return read_json_lines(
            scratch, reader, path, wanted=list(dict.fromkeys(wanted)), one_pass=self._one_pass()
        )

    def _one_pass(self) -> OnePass | None:
        """How to take rows where they are read, if one mapping has all of them."""
        mapping, *others = self.table.mappings
        if others or mapping.kind not in STORED_KINDS or mapping.has_epoch:
            return None
        return OnePass(mapping=mapping, stamps=self.stamps, names_of=self.table.names_of)

    def _table(self, raw: RawTable) -> Iterator[Part]:
        with raw.asked():
            self._check_columns(raw)
            self._count_drift(raw)
        for mapping in self.table.mappings:
            yield from self._mapped(raw, mapping)

    def _check_columns(self, raw: RawTable) -> None:
        wanted = _required(self.table) if raw.is_json else self.table.columns
        lacking = [name for name in wanted if raw.column(self.table.names_of(name)) is None]
        if lacking and (raw.count() or not raw.is_json):
            # Not all names: without a header they would be somebody's answers.
            near = get_close_matches(lacking[0], raw.names, n=1)
            more = f", nor {len(lacking) - 1} others" if lacking[1:] else ""
            raise SchemaChanged(
                f"{raw.name!r} has no column {lacking[0]!r}{more}.",
                hint=did_you_mean(lacking[0], near) or "declare the name that it has in this file",
                missing=tuple(lacking),
            )
        named = [other for name in wanted for other in self.table.names_of(name)]
        twice = [name for name in named if raw.names.count(name) > 1]
        if twice:
            raise SchemaChanged(f"{raw.name!r} has the column {twice[0]!r} more than once.")

    def _count_drift(self, raw: RawTable) -> None:
        known = {name for column in self.table.columns for name in self.table.names_of(column)}
        known |= {name.partition(".")[0] for name in known if raw.is_json}
        found = raw.keys() if raw.is_json else raw.filled([n for n in raw.names if n not in known])
        self.drift.update({name: count for name, count in found.items() if name not in known})
        for mapping in self.table.mappings:
            self.drift += oddities(
                raw.scratch, mapping, lambda name: raw.column(self.table.names_of(name))
            )

    def _mapped(self, raw: RawTable, mapping: RowMapping) -> Iterator[Part]:
        judging = Judging(raw, mapping, self.stamps, self.table.names_of)
        accepted = judging.accepted()
        if judging.has_columns:
            yield accepted
        for page in _paged(raw.rejected("judged")):
            judged = self.lane.judge(raw.name, mapping, page)
            yield Singles(judged.records)
            yield SetAside(judged.entries)


def _required(table: Table) -> list[str]:
    """Columns without which no line can be a record; others may be missing from all lines."""
    return [
        name
        for mapping in table.mappings
        for field, cell in mapping.cells
        if not _is_nullable(mapping, field)
        for name in cell.columns
    ]


def _is_nullable(mapping: RowMapping, field: str) -> bool:
    column = mapping.description.field(field)
    return column is None or column.is_nullable or column.default is not None


def _paged(rows: Iterable[RawRow]) -> Iterator[list[RawRow]]:
    page: list[RawRow] = []
    for row in rows:
        page.append(row)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page
