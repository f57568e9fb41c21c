"""A mapping compiled to SQL: from raw rows to typed rows, each with its verdict.

The query grows in layers, each computed once a row: texts of the cells, texts without missing
codes, parts of times, local times, typed values under the record's names, verdicts, ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from cxm_core.errors import UsageError
from cxm_core.records import (
    FieldDescription,
    Plain,
    RowMapping,
    Scaled,
    content_text,
)
from cxm_core.store._driver import run
from cxm_core.store._hashes import Spelled, content_sql, identity_sql
from cxm_core.store._schema import SQL_TYPES
from cxm_core.store._sql import quote_ident, quote_text
from cxm_core.vocabulary import Scale

from ._cells import Resolve, Typed, cell_text, is_simple, missing_word, typed, when
from ._instants import Step, at_home, offset_steps, parts_sql, quick_sql
from ._layers import Placed, Query, bare_sql
from ._lists import ListedText, attributes_sql, customer_sql
from ._natives import Native, Natives, Read, has_zone, native_of, native_word, read_native
from ._verdicts import DEFER, Scales, literal, verdict_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TIMES = ("instant", "date")


@frozen(kw_only=True)
class Stamps:
    """What the store adds to every record of a table."""

    source: str
    known_at: datetime


def compile_mapping(
    con: DuckDBPyConnection,
    mapping: RowMapping,
    stamps: Stamps,
    *,
    resolve: Resolve = quote_ident,
    natives: Natives = lambda _name: None,
    rows: str = "raw",
) -> str:
    """Query over the table `raw` (`row`, `defer`, and what `resolve` names) for typed rows.

    Parameters
    ----------
    con : DuckDBPyConnection
        Where `raw` is; it is asked for the range of times and for the codes of scales.
    mapping : RowMapping
        How a row becomes a record.
    stamps : Stamps
        Source and moment of the records.
    resolve : callable
        SQL for the text of a source's column; None where there is none.
    natives : callable
        The same column as it is, where it is no text.
    rows : str
        SQL for the table, or for a part of it.

    Returns
    -------
    str
        A query for `row`, `verdict` (null, `reason:column`, or `defer`), `record_id`,
        `content_hash` and the columns of the record.
    """
    compiler = Compiler(con, mapping, resolve, natives)
    compiler.query = Query(f"FROM {rows}")
    return compiler.compile(stamps)


def constants_of(mapping: RowMapping, stamps: Stamps) -> dict[str, str]:
    """SQL literals of the columns in which all records of a mapping have the same."""
    filled = {name for name, _ in mapping.cells}
    filled |= {"customer"} if mapping.customer else set()
    filled |= {"attributes"} if mapping.attributes else set()
    filled |= {"no_answer"} if mapping.fills_no_answer else set()
    said = {"source": stamps.source, "known_at": stamps.known_at, **dict(mapping.constants)}
    return {
        one.name: f"{literal(said.get(one.name, one.default))}::{SQL_TYPES[one.type]}"
        for one in mapping.description.fields
        if one.name not in filled and not filled & {*mapping.description.companions(one.name)}
    }


class Compiler:
    """Makes the query of one mapping, layer by layer."""

    mark = "verdict"

    def __init__(
        self, con: DuckDBPyConnection, mapping: RowMapping, resolve: Resolve, natives: Natives
    ) -> None:
        self.con, self.mapping, self.resolve = con, mapping, resolve
        self.description = mapping.description
        self.cells = [
            Placed(f"_cell{n}", name, cell, native_of(cell, self.column(name), natives))
            for n, (name, cell) in enumerate(mapping.cells)
        ]
        self.attributes = [Placed(f"_attr{n}", *pair) for n, pair in enumerate(mapping.attributes)]
        self.customer = [Placed(f"_cust{n}", *pair) for n, pair in enumerate(mapping.customer)]
        self.texts = (*self.cells, *self.attributes, *self.customer)
        self.query = Query("FROM raw")
        self.steps: dict[str, list[Step]] = {}
        self.values: dict[str, str] = {}
        self.scales: dict[str, Scales] = {}

    def compile(self, stamps: Stamps) -> str:
        """Make all layers."""
        self.decide()
        self.stamp(stamps)
        return self.query.sql

    def decide(self) -> None:
        """Make the layers that lead to the values and the verdict on them."""
        self.read_texts()
        self.read_times()
        self.read_values()
        self.judge()

    def column(self, name: str) -> FieldDescription:
        """Column of the record."""
        found = self.description.field(name)
        if found is None:
            raise UsageError(f"A {self.mapping.kind} has no column {name!r}.")
        return found

    def read_texts(self) -> None:
        """Add the text of each cell, first as it stands, then null where it is a missing code."""
        found = {one.text: self.source(one) for one in self.texts}
        self.query.select({"row": "row", "_defer": "defer"} | self.carried() | found)
        self.query.add({one.word: self.word(one) for one in self.texts if one.cell.missing})
        self.query.add({one.bare: self.bare(one) for one in self.texts})
        self.query.add(self.looks())

    def carried(self) -> dict[str, str]:
        """SQL for what else is needed of a raw row."""
        return {}

    def looks(self) -> dict[str, str]:
        """SQL for whether each free text is simple."""
        return {one.simple: is_simple(one.bare) for one in self.texts if self.is_free(one)}

    def source(self, one: Placed) -> str:
        """SQL: text of a cell, or its value as it is."""
        return one.native.column if one.native else cell_text(one.cell, self.resolve)

    def word(self, one: Placed) -> str:
        """SQL: word of the missing code that a cell holds."""
        if one.native:
            return native_word(one.cell, one.text)
        return missing_word(one.cell, one.text, self.filled(one))

    def bare(self, one: Placed) -> str:
        """SQL: text of a cell, null where it is a missing code."""
        return bare_sql(one, is_typed=one in self.cells)

    def simple(self, one: Placed) -> str:
        """SQL: no rule changes or refuses the text but for its length."""
        return one.simple

    def filled(self, one: Placed) -> FieldDescription | None:
        """Column of the record that a cell fills; none for an attribute or an identifier."""
        return self.column(one.name) if one in self.cells else None

    def is_free(self, one: Placed) -> bool:
        """Whether any text may stand there, so that its characters are looked at."""
        column = self.filled(one)
        return column is None or (column.type == "text" and not column.levels)

    def read_times(self) -> None:
        """Add the parts of each time, then the local time that they make."""
        times = self.times()
        written = [one for one in times if not one.native]
        self.query.add({one.quick: quick_sql(one.format, one.bare) for one in written})
        parts = {one.parts: parts_sql(one.format, one.bare, quick=one.quick) for one in written}
        self.query.add(parts)
        self.query.add({one.local: self._local(one) for one in times})
        self.find_steps(times)

    def times(self) -> list[Placed]:
        """Cells that hold a time."""
        return [one for one in self.cells if self.column(one.name).type in _TIMES]

    def _local(self, one: Placed) -> str:
        read = self.native(one)
        return read.value if read else one.clock_time.local

    def native(self, one: Placed) -> Read | None:
        """SQL for the value of a cell that a table holds as it is."""
        return read_native(one.native, self.column(one.name), one.bare) if one.native else None

    def find_steps(self, times: list[Placed]) -> None:
        """Ask what the clocks of each zone showed in the time of the rows."""
        self.steps = self._zone_steps([one for one in times if one.cell.zone is not None])

    def _zone_steps(self, zoned: list[Placed]) -> dict[str, list[Step]]:
        """What the clocks of each cell's zone showed, from its first time to its last."""
        fixed = {
            one.local: offset_steps("UTC", None, None) for one in zoned if one.cell.zone == "UTC"
        }
        moving = [one for one in zoned if one.local not in fixed]
        ends = [f"{end}({one.local})" for one in moving for end in ("min", "max")]
        found = self._ask(", ".join(ends))[0] if ends else ()
        return fixed | {
            one.local: offset_steps(str(one.cell.zone), *found[2 * place : 2 * place + 2])
            for place, one in enumerate(moving)
        }

    def read_values(self) -> None:
        """Add the record's columns, and beside each the reason why a text had no value."""
        read = {one: self.typed(one) for one in self.cells}
        self.values |= {one.name: value.value for one, value in read.items()}
        self.values |= self._constants() | self._lists()
        self.query.add(
            {one.name: _or_default(one, self.values) for one in self.description.fields}
            | {one.why: value.reason for one, value in read.items()}
        )

    def typed(self, one: Placed) -> Typed:
        """SQL for the value that the record has of a cell, and why it has none."""
        column, native = self.column(one.name), self.native(one)
        if one.native and native:
            return self.as_it_is(one, one.native, native)
        if column.type == "date":
            return one.clock_time.day(one.local)
        if column.type != "instant":
            return typed(column, one.bare, simple=self.simple(one))
        return one.clock_time.instant(one.local, self.steps.get(one.local))

    def as_it_is(self, one: Placed, native: Native, read: Read) -> Typed:
        """SQL for the value of a cell that is no text."""
        if self.column(one.name).type != "instant":
            return Typed(read.value, "NULL")
        if has_zone(native):
            return Typed(one.local, "NULL")
        return at_home(one.local, self.steps.get(one.local))

    def _ask(self, columns: str) -> list[tuple[Any, ...]]:
        return run(self.con, f"SELECT {columns} FROM ({self.query.sql})")

    def _constants(self) -> dict[str, str]:
        bare = {one.name: one.bare for one in self.cells}
        found = {}
        for name, value in self.mapping.constants:
            group = [bare[n] for n in self.description.companions(name) if n in bare]
            stands = " OR ".join(f"{text} IS NOT NULL" for text in group)
            found[name] = when((stands or "true", literal(value)))
        if self.mapping.fills_no_answer:
            score = next(one for one in self.cells if one.name == "score_value")
            found["no_answer"] = score.word
        return found

    def _lists(self) -> dict[str, str]:
        customer = customer_sql(self._listed(self.customer), self.column("customer"))
        read = [native for one in self.cells if (native := self.native(one))]
        found = {"customer": customer.value}
        defer = ["_defer", customer.defer, *(native.defer for native in read)]
        if self.attributes:
            attributes = attributes_sql(self._listed(self.attributes), self.column("attributes"))
            found["attributes"] = attributes.value
            defer.append(attributes.defer)
        self.query.add({"_is_deferred": " OR ".join(defer)})
        return found

    def _listed(self, placed: Sequence[Placed]) -> list[ListedText]:
        return [ListedText(one.name, one.bare, self.simple(one)) for one in placed]

    def judge(self) -> None:
        """Add the verdict on each row."""
        verdict = self.verdict({one.name: one.why for one in self.cells})
        self.query.add({"verdict": when(("_is_deferred", quote_text(DEFER)), otherwise=verdict)})

    def verdict(self, reasons: Mapping[str, str]) -> str:
        """SQL: what is wrong with the values; `reasons` say why a text had none."""
        self.find_scales()
        simple = {one.name: self.simple(one) for one in self.cells if self.is_free(one)}
        return verdict_sql(self.description, reasons, scales=self.scales, simple=simple)

    def find_scales(self) -> None:
        """Find the scales that the rows name."""
        self.scales = {
            rule.code: self._scales(rule.code)
            for rule in self.description.rules
            if isinstance(rule, Scaled) and rule.code in self.values
        }

    def _scales(self, code: str) -> Scales:
        """Scale of each code in a column, as far as they are scales; mostly there is one."""
        constants = dict(self.mapping.constants)
        if code in constants:
            codes = [constants[code]]
        else:
            codes = [row[0] for row in self._ask(f"DISTINCT {quote_ident(code)}")]
        scales = {str(text): _scale(str(text)) for text in codes if text is not None}
        return {text: scale for text, scale in scales.items() if scale is not None}

    def stamp(self, stamps: Stamps) -> None:
        """Add ids, and make of each value what the record makes of it."""
        self.query.select({"row": "row", self.mark: self.mark} | self.recorded(stamps))
        self.identify()

    def recorded(self, stamps: Stamps) -> dict[str, str]:
        """SQL for what the record makes of the value of each of its columns."""
        names = {name: quote_ident(name) for name in self.description.names}
        for code, scales in self.scales.items():
            canonical = [
                (f"{names[code]} = {quote_text(c)}", quote_text(s.code)) for c, s in scales.items()
            ]
            names[code] = when(*canonical, otherwise=names[code])
        names["source"] = quote_text(stamps.source)
        names["known_at"] = f"coalesce(known_at, {literal(stamps.known_at)})"
        return names

    def identify(self) -> None:
        """Add the id of each record, and the fingerprint of its content."""
        identity = identity_sql(self.mapping.kind)
        content = content_sql(self._filled(), constants=dict(self._spelled()))
        self.query.add({"record_id": identity, "content_hash": content})

    def _spelled(self) -> Iterator[tuple[str, Spelled]]:
        """Columns that say the same wherever they say anything."""
        known = dict(self.mapping.constants)
        for one in self.description.fields:
            value = known.get(one.name, None if one.name in self.values else one.default)
            if value is not None:
                text = content_text({one.name: self._canonical(one, value)})
                yield one.name, Spelled(text, self._stands(one.name))

    def _canonical(self, column: FieldDescription, value: Plain) -> Plain:
        """Constant as the record holds it."""
        scale = self.scales.get(column.name, {}).get(str(value))
        if scale is not None:
            return scale.code
        return float(value) if column.type == "number" and isinstance(value, int) else value

    def _stands(self, name: str) -> str:
        """SQL: rows that have a constant; one that has no companions stands in all."""
        group = self.description.companions(name)
        cells = {one.name for one in self.cells} & {*group}
        together = [one for one in group if one in dict(self.mapping.constants)]
        return f"{quote_ident(together[0])} IS NOT NULL" if cells and name in together else ""

    def _filled(self) -> list[FieldDescription]:
        """Columns that can hold something."""
        return [
            one
            for one in self.description.fields
            if one.name in self.values or one.default is not None
        ]


def _or_default(column: FieldDescription, values: Mapping[str, str]) -> str:
    value = values.get(column.name, f"NULL::{SQL_TYPES[column.type]}")
    return value if column.default is None else f"coalesce({value}, {literal(column.default)})"


def _scale(code: str) -> Scale | None:
    try:
        return Scale.parse(code)
    except UsageError:
        return None
