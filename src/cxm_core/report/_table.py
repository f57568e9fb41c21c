"""One table of the report as data: named, typed columns of equal length."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from attrs import field, frozen

from cxm_core.errors import UsageError

__all__ = ["Cell", "Column", "ColumnType", "Table", "table"]

Cell = str | int | float | bool | datetime | None
ColumnType = Literal["text", "integer", "number", "boolean", "instant"]

_NO_UTF8 = re.compile("[\ud800-\udfff]")
_FITS: Mapping[str, Callable[[object], bool]] = {
    "text": lambda cell: isinstance(cell, str),
    "integer": lambda cell: isinstance(cell, int) and not isinstance(cell, bool),
    "number": lambda cell: isinstance(cell, float) and math.isfinite(cell),
    "boolean": lambda cell: isinstance(cell, bool),
    "instant": lambda cell: isinstance(cell, datetime) and cell.tzinfo is not None,
}


def _cells(values: Iterable[Cell]) -> tuple[Cell, ...]:
    return tuple(values)


@frozen(kw_only=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Its name, the same in CSV, Parquet and data frames.
    type : {"text", "integer", "number", "boolean", "instant"}
        What its cells are, beside None for missing.
    values : tuple
        One cell a row; numbers are finite, instants aware. No `repr` shows them.
    """

    name: str
    type: ColumnType
    values: tuple[Cell, ...] = field(converter=_cells, repr=False)

    @values.validator
    def _check(self, _: object, values: tuple[Cell, ...]) -> None:
        fits = _FITS[self.type]
        wrong = sum(cell is not None and not fits(cell) for cell in values)
        if wrong:
            raise UsageError(f"Column '{self.name}' is {self.type}; {wrong} of its cells are not.")


def _columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(columns)


@frozen(kw_only=True)
class Table:
    """One table of the report: a name and columns of equal length.

    Parameters
    ----------
    name : str
        Its name, also the stem of its file.
    columns : tuple of Column
        In the order to show.
    """

    name: str
    columns: tuple[Column, ...] = field(converter=_columns)

    @columns.validator
    def _check(self, _: object, columns: tuple[Column, ...]) -> None:
        names = [column.name for column in columns]
        if len(set(names)) < len(names) or len({len(c.values) for c in columns}) > 1:
            raise UsageError(
                f"Table '{self.name}' needs columns of equal length and different names."
            )

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    @property
    def types(self) -> Mapping[str, ColumnType]:
        """Type of each column by its name, as `read_csv` wants it."""
        return {column.name: column.type for column in self.columns}

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The same cells by row."""
        return tuple(zip(*(column.values for column in self.columns), strict=True))

    def to_dict(self) -> dict[str, list[Cell]]:
        """Plain lists by column name, as every data frame library takes them."""
        return {column.name: list(column.values) for column in self.columns}


def table(name: str, types: Mapping[str, ColumnType], rows: Iterable[Sequence[Cell]]) -> Table:
    """Table of `rows`, whose cells stand in the order of `types`."""
    clean = (tuple(map(_encodable, row)) for row in rows)
    cells = list(zip(*clean, strict=True)) or [()] * len(types)
    columns = tuple(
        Column(name=key, type=kind, values=values)
        for (key, kind), values in zip(types.items(), cells, strict=True)
    )
    return Table(name=name, columns=columns)


def _encodable(cell: Cell) -> Cell:
    return _NO_UTF8.sub("\ufffd", cell) if isinstance(cell, str) else cell
