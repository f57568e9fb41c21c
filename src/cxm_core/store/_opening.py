"""From an address to an open store."""

from __future__ import annotations

import re
from pathlib import Path

from cxm_core.errors import ConfigurationError

from ._address import is_memory
from ._disk import Disk
from ._driver import Limits
from ._duckdb import DuckDBStore
from ._faults import Faults, NoFaults
from ._memory import MemoryStore
from ._protocol import Store
from ._surroundings import Clock, Surroundings

# More than one letter: a drive is no kind of address.
_SERVER = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


def open_store(
    url: str | Path,
    *,
    clock: Clock,
    read_only: bool = False,
    faults: Faults | None = None,
    limits: Limits | None = None,
    disk: Disk | None = None,
) -> Store:
    """Open the place where records are kept.

    Parameters
    ----------
    url : str or pathlib.Path
        Path of a DuckDB file, which is made if there is none; or ``"memory:"``.
    clock : callable
        Gives the present instant, aware.
    read_only : bool
        Refuse to write, and to make a file.
    faults : Faults or None
        Told of every fault point; for tests.
    limits : Limits or None
        Memory and cores that queries may use, such as ``Limits(memory_limit="2GiB")``.
    disk : Disk or None
        How bytes reach the disk; for tests.

    Returns
    -------
    Store
        Safe to share between threads; not with a forked process. What the opening found and did
        stands in its `opening`.

    Raises
    ------
    StoreLocked
        Another process holds the file; the message names it.
    StoreDamaged
        The file is no store, or cannot be read; or its log cannot, and `read_only` was asked for.
    StoreReadOnly
        This user may not write the file, or make it.
    StoreFull
        There is no room to make the file, or to bring it up to date.
    StoreError
        There is no store to read, or it was made by a newer library.
    ConfigurationError
        The address is of a kind that this version does not support, or ``"memory"`` without its
        colon, which would be a file.
    MissingExtraError
        A file needs the extra `duckdb`.

    Notes
    -----
    A log that a crash or a disk has damaged is set aside under another name, and the store opens as
    its last checkpoint left it; `Store.opening` says so. The next sync pulls again what was lost,
    and the journal brings what only the app knew.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.records import Note
    >>> store = open_store("memory:", clock=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    >>> with store.transaction() as transaction:
    ...     note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Cold hall")
    ...     transaction.apply([note, note], source="app").applied
    1
    >>> store.count("note")
    1
    """
    surroundings = Surroundings(
        clock=clock,
        faults=faults or NoFaults(),
        limits=limits or Limits(),
        disk=disk or Disk(),
    )
    if is_memory(url):
        return MemoryStore(surroundings, read_only=read_only)
    address = str(url)
    if server := _SERVER.match(address):
        raise ConfigurationError(
            f"This version keeps its store in a DuckDB file, and opens no {server[1]} address.",
            hint="store = 'cxm.duckdb'",
        )
    return DuckDBStore(Path(address), surroundings, read_only=read_only)
