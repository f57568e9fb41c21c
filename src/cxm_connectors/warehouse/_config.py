"""What a user says of a warehouse: where its tables lie, and who laid them out."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from cxm_connectors.mapping import Part, TableConfig, Word
from cxm_core.errors import did_you_mean

from ._layouts import LAYOUTS


def _known_layout(name: str) -> str:
    if name not in LAYOUTS:
        raise ValueError(f"is no layout; {did_you_mean(name, LAYOUTS)}")
    return name


class TableSpec(TableConfig):
    """One table of a warehouse, and what its rows become.

    Attributes
    ----------
    name : str
        Name of the stream.
    query : str
        One SELECT that makes the rows. A table's name in braces, such as ``{ticket}``, stands for
        that table where this program has it.
    """

    name: Word
    query: str


class WarehouseConfig(Part):
    """Tables that another tool fills.

    Attributes
    ----------
    database : str or None
        A DuckDB file below the program's folder.
    frames : mapping of str to object, or None
        Tables in memory by their names, each anything with `__arrow_c_stream__`, any frame that
        narwhals reads, or a function that gives one; for a program written in Python.
    schema_name : str or None
        Schema of the database in which the tables lie; in a program file it is called `schema`.
    layout : str or None
        Who laid the tables out, such as ``"fivetran.zendesk"``.
    streams : tuple of str or None
        Streams of the layout that are wanted; all if not given.
    tables : tuple of TableSpec
        Tables that no layout knows.
    account : str or None
        Whose data these are.
    """

    database: Word | None = None
    frames: Any = Field(default=None, exclude=True, repr=False)
    schema_name: Annotated[Word | None, Field(alias="schema")] = None
    layout: Annotated[str, AfterValidator(_known_layout)] | None = None
    streams: tuple[Word, ...] | None = None
    tables: tuple[TableSpec, ...] = ()
    account: Word | None = None

    @model_validator(mode="after")
    def _has_tables(self) -> Self:
        if (self.database is None) == (self.frames is None):
            raise ValueError("needs either a database or frames")
        if self.layout is None and not self.tables:
            raise ValueError("needs a layout or tables")
        return self
