"""What befell a store itself, as it has written it down."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

from ._driver import run
from ._duckdb import DuckDBStore
from ._surroundings import Clock, Surroundings


@frozen(kw_only=True)
class StoreEvent:
    """One thing that befell a store.

    Attributes
    ----------
    at : datetime
        When, in UTC.
    event : str
        What, such as `compacted`, `rebuilt`, `retained` or `log_set_aside`.
    """

    at: datetime
    event: str

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} UTC: {self.event.replace('_', ' ')}"


def read_events(path: str | Path, *, clock: Clock, count: int = 5) -> tuple[StoreEvent, ...]:
    """Read the last things that befell a store; the file is only read.

    Parameters
    ----------
    path : str or pathlib.Path
        The store's file.
    clock : callable
        Gives the present instant, aware.
    count : int
        How many, at most.

    Returns
    -------
    tuple of StoreEvent
        The oldest first.

    Raises
    ------
    StoreError
        The file cannot be read, or another process holds it.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from cxm_core.store import open_store, read_events
    >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    >>> with TemporaryDirectory() as folder:
    ...     store = open_store(Path(folder, "cxm.duckdb"), clock=clock)
    ...     done = store.compact()
    ...     store.close()
    ...     print(*read_events(Path(folder, "cxm.duckdb"), clock=clock))
    2026-11-21 00:00 UTC: compacted
    """
    store = DuckDBStore(Path(path), Surroundings(clock=clock), read_only=True)
    try:
        with store.reading() as cursor:
            found = run(cursor, _LAST, count=count)
    finally:
        store.close()
    return tuple(StoreEvent(at=at.replace(tzinfo=UTC), event=event) for at, event in found[::-1])


_LAST = 'SELECT "at", event FROM cxm_event ORDER BY "at" DESC, rowid DESC LIMIT $count'
