"""Rows about which nothing is odd, read by a query that has nothing to decide.

Most rows of most files are plain: texts of visible ASCII without spaces around them, numbers and
times in their usual form, nothing out of range. What a plain row becomes needs no look at all the
forms that a text may have. The query also says which rows are plain; for all others the long way of
`Compiler` is taken. Of a plain row both say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, frozen

from cxm_core.records import (
    FIRST_YEAR,
    LAST_YEAR,
    FieldDescription,
    RowMapping,
    Scaled,
    Together,
    parse_text,
    read_level,
)
from cxm_core.store._sql import quote_ident, quote_text

from ._cells import NO_TEXT, Resolve, Typed, is_rounded, is_simple, is_trimmed, missing_word, when
from ._columns import Compiler, Stamps, constants_of
from ._instants import at_home, quick_sql
from ._json_lines import CLEAN
from ._layers import Placed, Query
from ._natives import Natives
from ._verdicts import column_cases, rule_cases

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What may stand between the columns of a cell, so that the whole is as plain as they are.
_PLAIN_LITERAL = re.compile(r"[ !#-\[\]-~]*")
_MOST_DIGITS = 18


def compile_plain(
    con: DuckDBPyConnection,
    mapping: RowMapping,
    stamps: Stamps,
    *,
    resolve: Resolve = quote_ident,
    natives: Natives = lambda _name: None,
    clean: str | None = None,
) -> str | None:
    """Query over the table `raw` for the records that plain rows become.

    Parameters
    ----------
    con : DuckDBPyConnection
        Where `raw` is.
    mapping : RowMapping
        How a row becomes a record.
    stamps : Stamps
        Source and moment of the records.
    resolve, natives : callable
        As for `compile_mapping`.
    clean : str or None
        Column of `raw` that says of a whole row that it is visible ASCII without quotes or escapes;
        None where each text is looked at.

    Returns
    -------
    str or None
        A query for `row`, `is_plain` and the columns of the record, which mean nothing where a row
        is not plain; None if the mapping asks for what no row has in a plain form.
    """
    compiler = PlainCompiler(con, mapping, resolve, natives)
    compiler.clean = clean
    return compiler.compile(stamps) if compiler.is_able else None


@frozen(kw_only=True)
class Halves:
    """The query of plain rows in two, so that a table can stand between them.

    Attributes
    ----------
    first : str
        Query for `row`, `is_plain`, and the columns in which records differ.
    last : str
        Query over the table `typed` of these for `row` and the columns of the records.
    """

    first: str
    last: str


def compile_halves(
    con: DuckDBPyConnection,
    mapping: RowMapping,
    stamps: Stamps,
    *,
    resolve: Resolve = quote_ident,
    rows: str = "raw",
) -> Halves | None:
    """Queries over `rows`, which have the column `CLEAN`, for what `compile_plain` gives.

    None, too, if all rows had to be looked at to know what to ask of each.
    """
    compiler = PlainCompiler(con, mapping, resolve, lambda _name: None)
    compiler.clean, compiler.query = CLEAN, Query(f"FROM {rows}")
    if not compiler.is_able or not compiler.has_fixed_clocks:
        return None
    compiler.decide()
    return compiler.halves(stamps)


class PlainCompiler(Compiler):
    """Makes the query of plain rows."""

    mark = "is_plain"
    clean: str | None = None

    def __init__(
        self, con: DuckDBPyConnection, mapping: RowMapping, resolve: Resolve, natives: Natives
    ) -> None:
        super().__init__(con, mapping, resolve, natives)
        self.pieces: dict[str, str] = {}
        self.sure: list[str] = []

    @property
    def has_fixed_clocks(self) -> bool:
        """Whether each time means one instant, whatever the other times are."""
        return all(one.cell.zone in (None, "UTC") for one in self.times())

    def halves(self, stamps: Stamps) -> Halves:
        """What is asked of the rows, and what is made of the answer."""
        constants = constants_of(self.mapping, stamps)
        names = self.recorded(stamps)
        kept = {name: sql for name, sql in names.items() if name not in constants}
        self.query.select({"row": "row", self.mark: self.mark} | kept)
        first, self.query = self.query.sql, Query(f"FROM typed WHERE {self.mark}")
        taken = {name: constants.get(name, quote_ident(name)) for name in names}
        self.query.select({"row": "row"} | taken)
        self.identify()
        return Halves(first=first, last=self.query.sql)

    @property
    def is_able(self) -> bool:
        """Whether there is a plain form of every cell."""
        codes = {rule.code for rule in self.description.rules if isinstance(rule, Scaled)}
        filled = {one.name for one in self.cells}
        return not codes & filled and all(map(self._is_able, self.texts))

    def _is_able(self, one: Placed) -> bool:
        literals = [text for is_column, text in one.cell.parts if not is_column]
        is_trimmed = one.cell.template == one.cell.template.strip()
        is_usual = one.format.text == "iso" or one not in self.times()
        return (
            bool(one.cell.parts)
            and is_trimmed
            and is_usual
            and all(map(_PLAIN_LITERAL.fullmatch, literals))
        )

    def read_texts(self) -> None:
        """Name the columns that cells are made of, then make the cells of them."""
        written = [one for one in self.texts if not one.native]
        found = [self.resolve(name) for one in written for name in one.cell.columns]
        self.pieces = {sql: f"_piece{n}" for n, sql in enumerate(dict.fromkeys(found)) if sql}
        pieces = {name: f"nullif({sql}, '')" for sql, name in self.pieces.items()}
        natives = {one.native.column: one.native.column for one in self.cells if one.native}
        clean = {"_clean": self.clean or "true"}
        self.query.select({"row": "row", "defer": "defer"} | clean | pieces | natives)
        super().read_texts()

    def carried(self) -> dict[str, str]:
        """Columns at whose characters `judge` looks."""
        return {name: name for name in ("_clean", *self.pieces.values())}

    def looks(self) -> dict[str, str]:
        """Nothing: a row with a text that is not simple is not plain."""
        return {}

    def simple(self, one: Placed) -> str:
        """Every text of a plain row is simple."""
        del one
        return "true"

    def source(self, one: Placed) -> str:
        """SQL: text of a cell, where each column is taken as it stands."""
        if one.native:
            return one.native.column
        parts = [
            quote_text(t) if not is_column else self._piece(t) for is_column, t in one.cell.parts
        ]
        return NO_TEXT if NO_TEXT in parts else " || ".join(parts) or "''"

    def _piece(self, name: str) -> str:
        return self.pieces.get(self.resolve(name) or "", NO_TEXT)

    def word(self, one: Placed) -> str:
        """SQL: word of a missing code; a number that is written plainly is one of these."""
        column = self.filled(one)
        if one.native or column is None or column.type != "integer":
            return super().word(one)
        codes = dict(one.cell.missing)
        numbers = {number: word for code, word in codes.items() if (number := _whole(code))}
        missing = tuple((numbers | codes).items())
        return missing_word(evolve(one.cell, missing=missing), one.text, None)

    def bare(self, one: Placed) -> str:
        """SQL: text of a cell, null where it is a missing code."""
        return when((one.is_missing, "NULL"), otherwise=one.text)

    def read_times(self) -> None:
        """Add local times, of texts in the most usual form alone."""
        times = self.times()
        self.query.add({one.local: self._local_time(one) for one in times})
        self.find_steps([one for one in times if self.column(one.name).type == "instant"])

    def _local_time(self, one: Placed) -> str:
        read = self.native(one)
        if read:
            return read.value
        if self.column(one.name).type == "date":
            return f"TRY_CAST({one.bare} AS DATE)"
        return quick_sql(one.format, one.bare)

    def typed(self, one: Placed) -> Typed:
        """SQL for a value; why there would be none is told by `sure`."""
        column = self.column(one.name)
        read = _READ.get("levels" if column.levels else column.type)
        if one.native or read is None:
            value, reason = super().typed(one)
            self.sure += [f"({reason}) IS NULL"] * (reason != "NULL")
            return Typed(value, "NULL")
        value, is_sure = read(self, one, column)
        self.sure.append(f"({one.bare} IS NULL OR {is_sure})")
        return Typed(value, "NULL")

    def text(self, one: Placed, column: FieldDescription) -> tuple[str, str]:
        """Free text, whose columns are looked at one by one; an id is no rounded number."""
        return one.bare, f"NOT {is_rounded(one.bare)}" if column.pattern else "true"

    def level(self, one: Placed, column: FieldDescription) -> tuple[str, str]:
        """Word of a level, written as we do."""
        plain = [level for level in column.levels if read_level(level, column.levels) == level]
        return one.bare, f"{one.bare} IN ({', '.join(map(quote_text, plain))})"

    def integer(self, one: Placed, column: FieldDescription) -> tuple[str, str]:
        """Whole number, written as a machine does."""
        written = f"{quote_ident(column.name)}::VARCHAR = {one.bare}"
        value = f"TRY_CAST({one.bare} AS BIGINT)"
        return value, f"(strlen({one.bare}) <= {_MOST_DIGITS} AND {written})"

    def date(self, one: Placed, column: FieldDescription) -> tuple[str, str]:
        """Day of the years that a record may have."""
        del column
        days = f"DATE '{FIRST_YEAR}-01-01' AND DATE '{LAST_YEAR}-12-31'"
        return one.local, f"({one.local} BETWEEN {days} AND {one.local}::VARCHAR = {one.bare})"

    def instant(self, one: Placed, column: FieldDescription) -> tuple[str, str]:
        """Instant in UTC, or by the clocks of the cell's zone."""
        del column
        steps = self.steps.get(one.local)
        is_utc, home = f"ends_with({one.bare}, 'Z')", at_home(one.local, steps).value
        is_sure = f"{one.local} IS NOT NULL" + f" AND {is_utc}" * (steps is None)
        return when((is_utc, one.local), otherwise=home), f"({is_sure})"

    def judge(self) -> None:
        """Add whether a row is plain; then nothing is wrong with it, either."""
        self.find_scales()
        faults = [fault for fault in self._faults() if fault != "false"]
        right = [f"NOT coalesce({' OR '.join(map(_bracketed, faults))}, false)"] if faults else []
        conditions = ["_clean", "NOT _is_deferred", *self._simple_pieces(), *self.sure, *right]
        self.query.add({"is_plain": f"coalesce({' AND '.join(dict.fromkeys(conditions))}, false)"})

    def _faults(self) -> Iterator[str]:
        """SQL for all that may be wrong with values that could be read."""
        for one in self.cells:
            yield from (fault for fault, _ in column_cases(self.column(one.name), "NULL", "true"))
        for rule in self.description.rules:
            if isinstance(rule, Together):
                yield from self._apart(rule)
            else:
                yield from (fault for fault, _ in rule_cases(rule, self.scales))

    def _apart(self, rule: Together) -> Iterator[str]:
        """SQL: some of a group are there, and some are not; constants are there with the others."""
        constants = dict(self.mapping.constants)
        first, *others = [name for name in rule.fields if name not in constants] or [""]
        if len(others) + 1 < len(rule.fields) and not {one.name for one in self.cells} & {
            *rule.fields
        }:
            yield "true" if first else "false"
        for name in others:
            yield f"({quote_ident(first)} IS NULL) <> ({quote_ident(name)} IS NULL)"

    def _simple_pieces(self) -> Iterator[str]:
        """SQL: each column of which free text is made, is null or simple."""
        look = _is_bare if self.clean else is_simple
        free = [name for one in self.texts if self.is_free(one) for name in one.cell.columns]
        for piece in map(self._piece, dict.fromkeys(free)):
            if piece != NO_TEXT:
                yield f"({piece} IS NULL OR {look(piece)})"
        composed = [one for one in self.cells if not self.is_free(one) and len(one.cell.parts) > 1]
        for piece in {self._piece(name): None for one in composed for name in one.cell.columns}:
            if piece != NO_TEXT:
                yield f"({piece} IS NULL OR ({is_trimmed(piece)}))"


def _is_bare(text: str) -> str:
    """SQL: visible ASCII, which is known of all of it, without a space before or behind."""
    return f"{text} >= '!' AND {text}[-1] >= '!'"


def _bracketed(condition: str) -> str:
    return f"({condition})"


def _whole(code: str) -> str | None:
    number = parse_text("integer", code)
    return str(number) if isinstance(number, int) else None


_Read: TypeAlias = Callable[[PlainCompiler, Placed, FieldDescription], tuple[str, str]]
# SQL for a value from a text, and for whether the text has a plain form of it.
_READ: Mapping[str, _Read] = {
    "text": PlainCompiler.text,
    "levels": PlainCompiler.level,
    "integer": PlainCompiler.integer,
    "date": PlainCompiler.date,
    "instant": PlainCompiler.instant,
}
