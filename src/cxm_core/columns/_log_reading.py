"""Columns of a log that are wanted, read in one go: times as instants, everything else as it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from cxm_core.errors import UsageError
from cxm_core.vocabulary import Zone

from ._ingress import Frame, open_data
from ._log_table import LogTable
from ._objects import Column
from ._values import instants


@frozen(kw_only=True)
class Wanted:
    """Columns of a log that a figure is made from.

    Parameters
    ----------
    needed : mapping of str to str
        Columns that must be there, and what each is for.
    optional : tuple of str
        Columns that are read if they are there.
    times : collection of str
        Those of them that hold times.
    by : column names, sequence, list or mapping
        Groups; the columns that it names are read, too.
    zone : str or tzinfo
        Zone of times that say none.
    """

    needed: Mapping[str, str]
    optional: tuple[str, ...] = ()
    times: Collection[str] = ()
    by: Any = None
    zone: Zone = "UTC"


def read_log(data: object, wanted: Wanted, *, what: str) -> LogTable:
    """The wanted columns of a log as one table.

    Parameters
    ----------
    data : table
        Any frame, an Arrow stream, a mapping of columns, a list of mappings, or a `LogTable`.
    wanted : Wanted
        The columns.
    what : str
        What the table is, for errors.

    Returns
    -------
    LogTable
        The rule by which a `LogTable` was made stays with it.

    Raises
    ------
    UsageError
        The data is no table, a column is not there, or a time is none.

    Examples
    --------
    >>> wanted = Wanted(needed={"channel": "the channel"})
    >>> read_log({"channel": ["chat"], "text": ["Hello"]}, wanted, what="the log").names
    ('channel',)
    """
    opened = open_data(data, what)
    if isinstance(opened, Column):
        raise UsageError(
            f"{what.capitalize()} is one column, and a table is needed.",
            hint="a frame, or {'customer': [...], 'channel': [...]}",
        )
    there = [name for name in wanted.optional if name in opened.names]
    groups = dict.fromkeys(_named(wanted.by), "by=")
    asked = {**wanted.needed, **dict.fromkeys(there, what)}
    asked = asked | {name: use for name, use in groups.items() if name not in asked}
    frame = opened.select(asked)
    columns = {name: _column(frame, name, wanted) for name in asked}
    made = data if isinstance(data, LogTable) else LogTable(columns={})
    return LogTable(
        columns=columns,
        steps=made.steps,
        exclusions=made.exclusions,
        parameters=made.parameters,
        notes=made.notes,
    )


def _named(by: Any) -> Iterable[str]:
    """Column names in `by`."""
    parts = by.values() if isinstance(by, Mapping) else [by] if isinstance(by, str) else by
    is_list = isinstance(parts, list | tuple | type({}.values()))
    return [part for part in parts if isinstance(part, str)] if is_list else ()


def _column(frame: Frame, name: str, wanted: Wanted) -> Column:
    column = frame.column(name, wanted.needed.get(name, "by="))
    if name not in wanted.times:
        return column
    at, is_missing = instants(column, wanted.zone, name)
    return evolve(column, values=at, is_missing=is_missing, is_utc=True)
