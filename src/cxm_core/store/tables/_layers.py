"""A query that grows outwards, and the cells that are on their way through it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cxm_core.records import Cell, TimeFormat
from cxm_core.store._sql import quote_ident

from ._cells import shown, when
from ._instants import ClockTime
from ._natives import Native


class Query:
    """A query that grows outwards by layers."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def select(self, columns: Mapping[str, str]) -> None:
        """Add a layer of these columns alone."""
        names = ", ".join(f"{sql} AS {quote_ident(name)}" for name, sql in columns.items())
        self.sql = f"SELECT {names} FROM ({self.sql})"

    def add(self, columns: Mapping[str, str]) -> None:
        """Add a layer that has these columns too."""
        if columns:
            names = ", ".join(f"{sql} AS {quote_ident(name)}" for name, sql in columns.items())
            self.sql = f"SELECT *, {names} FROM ({self.sql})"


class Placed(NamedTuple):
    """A cell with its place in the query: the names of the columns that it has in each layer.

    Attributes
    ----------
    text : str
        Column of its text as it stands; other columns of it are named after that.
    name : str
        What it fills: a column of the record, an attribute, a kind of identifier.
    cell : Cell
        Where it comes from.
    native : Native or None
        Column of a table whose values are taken as they are; then `text` and `bare` hold these.
    """

    text: str
    name: str
    cell: Cell
    native: Native | None = None

    @property
    def word(self) -> str:
        """Word of its missing code."""
        return f"{self.text}_word"

    @property
    def is_missing(self) -> str:
        """SQL: it holds a missing code."""
        return f"{self.word} IS NOT NULL" if self.cell.missing else "false"

    @property
    def bare(self) -> str:
        """Text, null where it is a missing code."""
        return f"{self.text}_bare"

    @property
    def simple(self) -> str:
        """Whether it is a text that no rule changes or refuses but for its length."""
        return f"{self.text}_simple"

    @property
    def quick(self) -> str:
        """Local time of a text in the most usual form."""
        return f"{self.text}_quick"

    @property
    def parts(self) -> str:
        """Parts of a time, where it is not in the most usual form."""
        return f"{self.text}_parts"

    @property
    def local(self) -> str:
        """Time as a clock showed it."""
        return f"{self.text}_local"

    @property
    def format(self) -> TimeFormat:
        """How a time is written."""
        return TimeFormat.of(self.cell.format or "iso")

    @property
    def why(self) -> str:
        """Reason why the text has no value."""
        return f"{self.text}_why"

    @property
    def clock_time(self) -> ClockTime:
        """SQL for the time."""
        return ClockTime(self.format, self.bare, self.parts, quick=self.quick)


def bare_sql(one: Placed, *, is_typed: bool) -> str:
    """SQL: text of a cell, null where it is a missing code; what is typed has no spaces around."""
    is_composed = is_typed and len(one.cell.parts) > 1
    text = shown(one.text) if is_composed else one.text
    return when((one.is_missing, "NULL"), otherwise=text)
