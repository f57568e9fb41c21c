"""One table on its way to the store, with what is optional left out where it is not there."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeAlias

from cxm_core.errors import SchemaChanged, SourceError
from cxm_core.plugins import Item
from cxm_core.records import Table

TableOf: TypeAlias = Callable[[frozenset[str]], Table]


def served(table: Table, without: TableOf) -> Generator[Item, None, SourceError | None]:
    """Serve one table; where only the store could see its columns, once more without some.

    Parameters
    ----------
    table : Table
        The table with all that a user named.
    without : callable
        Gives the same table without what needs one of the columns that are missing.

    Yields
    ------
    Table
        Once or twice; the store throws its error in at the `yield`.

    Returns
    -------
    SourceError or None
        Why the table could not be loaded, for the connector to tell when all others are served.

    Examples
    --------
    >>> from cxm_core.records import Cell, Reader, RowMapping
    >>> note = RowMapping(
    ...     kind="note",
    ...     cells=[
    ...         ("native_id", Cell(template="{ID}")),
    ...         ("occurred_at", Cell(template="{AT}")),
    ...         ("text", Cell(template="{WORDS}")),
    ...     ],
    ... )
    >>> table = Table(
    ...     stream="rows", reader=Reader(format="csv", paths=["a.csv"]), mappings=[note]
    ... )
    >>> [item.stream for item in served(table, lambda missing: table)]
    ['rows']
    """
    try:
        yield table
    except SchemaChanged as error:
        missing = _missing(error)
        narrow = without(missing)
        if not missing or not missing.isdisjoint(narrow.columns):
            return error
    except SourceError as error:
        return error
    else:
        return None
    try:
        yield narrow
    except SourceError as error:
        return error
    return None


def _missing(error: SchemaChanged) -> frozenset[str]:
    """Columns that the store did not find."""
    names = error.context.get("missing")
    return frozenset(names) if isinstance(names, tuple) else frozenset()
