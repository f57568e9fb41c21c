"""A damaged store made anew: from its journal, and from what can still be read of its file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfile

from attrs import field, frozen

from cxm_core.errors import StoreError, StoreLocked, UsageError
from cxm_core.store._address import is_memory
from cxm_core.store._compaction import disk_errors_of
from cxm_core.store._counts import FoldReport
from cxm_core.store._disk import Disk
from cxm_core.store._drafts import draft_beside, put_in_place
from cxm_core.store._driver import Limits, connect_file, run
from cxm_core.store._duckdb import DuckDBStore
from cxm_core.store._faults import Faults, NoFaults
from cxm_core.store._folding import fold
from cxm_core.store._recovery import free_name, logs_aside, logs_beside, logs_of
from cxm_core.store._session import is_open_here
from cxm_core.store._sql import stored_instant
from cxm_core.store._surroundings import Clock, Surroundings
from cxm_core.store.journal import journal_folder
from cxm_core.store.tables import Scratch

from ._salvage import Salvage, Wreck, salvage

try:
    import fcntl
except ImportError:  # pragma: no cover  (such a system refuses to exchange an open file)
    fcntl = None  # type: ignore[assignment]  # looked at before each use


@frozen(kw_only=True)
class Rebuild:
    """What became of a damaged store.

    Attributes
    ----------
    set_aside : tuple of str
        Names of the damaged files, kept beside the new one.
    is_readable : bool
        Whether anything of the old file could be read.
    tables : tuple of Salvage
        What was saved of each table that held something.
    folded : FoldReport
        What came from the journal.
    """

    set_aside: tuple[str, ...] = ()
    is_readable: bool = False
    tables: tuple[Salvage, ...] = ()
    folded: FoldReport = field(factory=FoldReport)

    @property
    def rows(self) -> int:
        """Rows that were saved."""
        return sum(table.rows for table in self.tables)

    @property
    def lost(self) -> int | None:
        """Rows that were lost; None where nobody can tell."""
        lost = [table.lost for table in self.tables]
        if not self.is_readable and self.set_aside:
            return None
        return None if None in lost else sum(one or 0 for one in lost)

    def __str__(self) -> str:
        lines = [f"Kept as it was: {name}." for name in self.set_aside]
        if self.set_aside and not self.is_readable:
            lines += ["Nothing of the old file can be read."]
        lines += map(str, self.tables)
        lines += [str(self.folded)] if str(self.folded) else []
        return "\n".join([*lines, "Every source will be pulled from its beginning."])


def rebuild_store(
    url: str | Path,
    *,
    clock: Clock,
    faults: Faults | None = None,
    disk: Disk | None = None,
    limits: Limits | None = None,
) -> Rebuild:
    """Make a damaged store anew, from its journal and from all rows that can still be read.

    Parameters
    ----------
    url : str or pathlib.Path
        Path of the store's file; a new store is made where there is none.
    clock : callable
        Gives the present instant, aware.
    faults : Faults or None
        Told of every fault point; for tests.
    disk : Disk or None
        How bytes reach the disk; for tests.
    limits : Limits or None
        Memory and cores that queries may use.

    Returns
    -------
    Rebuild
        What was saved and what was lost. The old file is kept beside the new one.

    Raises
    ------
    UsageError
        A store in memory cannot be rebuilt.
    StoreLocked
        Another process holds the file.
    StoreError
        The file is open in this process, or the folder cannot be written; the old file stands.
    MissingExtraError
        The extra `duckdb` is not installed.

    Notes
    -----
    A row is taken over only if its keys and its fingerprint fit what it says. Where each stream
    stood is forgotten, so that the next sync pulls everything again: what is there already counts
    as a duplicate, and what was lost comes back.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "cxm.duckdb")
    ...     _ = path.write_bytes(b"no store any more")
    ...     rebuild_store(path, clock=clock).set_aside
    ('cxm.duckdb.damaged-20261121T000000Z',)
    """
    if is_memory(url):
        raise UsageError("A store in memory cannot be rebuilt.", hint="name a file")
    surroundings = Surroundings(
        clock=clock,
        faults=faults or NoFaults(),
        limits=limits or Limits(),
        disk=disk or Disk(),
    )
    target = Path(url).resolve()
    with disk_errors_of(target.name):
        _refuse_open(target)
        with draft_beside(target) as draft:
            return _Rebuilding(target, draft, surroundings).done()


def _refuse_open(target: Path) -> None:
    """Refuse a file that somebody uses."""
    if is_open_here(target):
        raise StoreError(
            f"The store {target.name!r} is open in this process.", hint="close it first"
        )
    if not target.is_file() or not _can_lock():
        return
    with target.open("r+b") as stream:
        try:
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            is_held = True
        else:
            is_held = False
    if is_held:
        # DuckDB knows who holds it.
        connect_file(target, Limits(), read_only=False).close()
        raise StoreLocked(f"Another process holds the store {target.name!r}.")


def _can_lock() -> bool:
    return fcntl is not None


class _Rebuilding:
    """One rebuild on its way."""

    def __init__(self, target: Path, draft: Path, surroundings: Surroundings) -> None:
        self._target = target
        self._draft = draft
        self._surroundings = surroundings
        self._stamp = f"{surroundings.clock():%Y%m%dT%H%M%SZ}"
        now = surroundings.clock()
        self._logs = {log: free_name(log, now) for log in logs_of(target)}

    def done(self) -> Rebuild:
        """Make the new file, and put it in the place of the old one."""
        faults = self._surroundings.faults
        with self._wreck() as wreck:
            folded, tables = self._filled(wreck)
            faults.reach("store.rebuild.before_replace")
            aside = self._set_aside()
            put_in_place(self._draft, self._target, self._surroundings.disk)
            faults.reach("store.rebuild.after_replace")
        return Rebuild(
            set_aside=aside,
            is_readable=wreck.is_readable,
            tables=tuple(one for one in tables if one.rows or one.lost != 0),
            folded=folded,
        )

    @contextmanager
    def _wreck(self) -> Iterator[Wreck]:
        """The old file as it is, and without its log."""
        bare = self._draft.with_name("damaged")
        paths = [self._target, bare] if self._target.is_file() else []
        if paths:
            _same_file(self._target, bare)
        reach = [place for one in paths for place in (one, *logs_beside(one))]
        with Scratch.opened(self._surroundings.limits, paths=reach) as scratch:
            yield Wreck(scratch, paths)

    def _filled(self, wreck: Wreck) -> tuple[FoldReport, list[Salvage]]:
        store = DuckDBStore(self._draft, self._surroundings)
        try:
            with store.upkeep() as cursor:
                folded = fold(cursor, journal_folder(self._target), self._surroundings)
            with store.upkeep() as cursor:
                tables = list(salvage(wreck, cursor, self._surroundings))
                detail = json.dumps({"rows": sum(one.rows for one in tables), "files": self._files})
                sql = "INSERT INTO cxm_event VALUES ($at, 'rebuilt', $detail)"
                run(cursor, sql, at=stored_instant(self._surroundings.clock()), detail=detail)
        finally:
            store.close()
        return folded, tables

    @property
    def _files(self) -> list[str]:
        """Logs that are told of by the rebuild, so that no later opening tells of them again."""
        return [*logs_aside(self._target), *(aside.name for aside in self._logs.values())]

    def _set_aside(self) -> tuple[str, ...]:
        """Keep the damaged files; the old one stays in its place until it is exchanged."""
        kept = []
        if self._target.is_file():
            aside = self._free(f"{self._target.name}.damaged-{self._stamp}")
            _same_file(self._target, aside)
            kept.append(aside.name)
        for log, aside in self._logs.items():
            log.rename(aside)
            kept.append(aside.name)
        self._surroundings.disk.sync_folder(self._target.parent)
        return tuple(kept)

    def _free(self, name: str) -> Path:
        """Path beside the store that nothing has yet."""
        path, number = self._target.with_name(name), 1
        while path.exists():
            number += 1
            path = self._target.with_name(f"{name}-{number}")
        return path


def _same_file(path: Path, other: Path) -> None:
    """Give a file a second name; a copy where the system has no such thing."""
    with suppress(OSError):
        other.hardlink_to(path)
        return
    copyfile(path, other)
