"""Event logs in the words of process mining, to go to its tools and back."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Unpack, cast

from cxm_core.columns import LogTable, read_xes, write_xes
from cxm_core.vocabulary import takes

from ._reading import EventNames, full, read

#: Columns of a log of process mining, for ``cx.flow(frame, **PROCESS_MINING)``.
PROCESS_MINING = cast(
    "EventNames",
    MappingProxyType(
        {"case": "case:concept:name", "activity": "concept:name", "at": "time:timestamp"}
    ),
)


@takes(keep="several")
def to_process_mining(
    events: object, *, keep: Iterable[str] = (), **names: Unpack[EventNames]
) -> LogTable:
    """Event log with the column names that pm4py and its kin read.

    Parameters
    ----------
    events : table
        One row an event with its case, time and activity, such as what `cases` gives.
    keep : iterable of column names
        Further columns that go along.
    **names : column names
        `case`, `customer`, `at`, `activity` and `order` as in `cases`; `zone` of times without one.

    Returns
    -------
    LogTable
        ``case:concept:name``, ``concept:name`` and ``time:timestamp``, in order; ``to_frame()``
        makes a frame of it. The way back is ``cx.flow(frame, **PROCESS_MINING)``.

    Raises
    ------
    UsageError
        A column is not there, or a time is none.

    References
    ----------
    .. [1] IEEE 1849-2016, Standard for eXtensible Event Stream (XES).

    Examples
    --------
    >>> from datetime import datetime
    >>> import cxm_core as cx
    >>> log = {"case": ["a"], "activity": ["paid"], "occurred_at": [datetime(2026, 1, 1)]}
    >>> cx.to_process_mining(log).names
    ('case:concept:name', 'concept:name', 'time:timestamp')
    """
    kept = tuple(keep)
    log = read(events, names, by=kept)
    activity = log.column("activity")
    columns = {
        # A case is told by a text there.
        "case:concept:name": full(log.column("case").values.astype(str).astype(object)),
        "concept:name": full(activity.values.astype(str).astype(object)),
        "time:timestamp": log.at_column(),
        **{name: log.column(name) for name in kept},
    }
    return LogTable(columns=columns, steps=log.cases.steps, exclusions=log.cases.exclusions)


@takes(keep="several")
def to_xes(events: object, *, keep: Iterable[str] = (), **names: Unpack[EventNames]) -> str:
    """Event log as an XES document.

    Parameters
    ----------
    events : table
        One row an event with its case, time and activity, such as what `cases` gives.
    keep : iterable of column names
        Further columns that go along.
    **names : column names
        `case`, `customer`, `at`, `activity` and `order` as in `cases`; `zone` of times without one.

    Returns
    -------
    str
        XML; `from_xes` reads it back.

    Raises
    ------
    UsageError
        A column is not there, or a time is none.

    References
    ----------
    .. [1] IEEE 1849-2016, Standard for eXtensible Event Stream (XES).

    Examples
    --------
    >>> from datetime import datetime
    >>> import cxm_core as cx
    >>> log = {"case": ["a"], "activity": ["paid"], "occurred_at": [datetime(2026, 1, 1)]}
    >>> cx.from_xes(cx.to_xes(log)).column("activity").values.tolist()
    ['paid']
    """
    kept = tuple(keep)
    return write_xes(read(events, names, by=kept), kept)


@takes(content=str | bytes)
def from_xes(content: str | bytes) -> LogTable:
    """Event log of an XES document, ready for `flow`, `variants`, `funnel` and the others.

    Parameters
    ----------
    content : str or bytes
        The document; a document type or entities are refused.

    Returns
    -------
    LogTable
        `case`, `activity`, `occurred_at`, `position` in the document, and every other attribute.

    Raises
    ------
    UsageError
        It is no XML, has a document type or entities, or has no event.

    References
    ----------
    .. [1] IEEE 1849-2016, Standard for eXtensible Event Stream (XES).

    Examples
    --------
    >>> import cxm_core as cx
    >>> document = '''<log><trace><string key="concept:name" value="a"/><event>
    ...     <string key="concept:name" value="paid"/>
    ...     <date key="time:timestamp" value="2026-01-01T09:00:00+01:00"/></event></trace></log>'''
    >>> cx.flow(cx.from_xes(document)).count("(start)", "paid")
    1
    """
    return read_xes(content)
