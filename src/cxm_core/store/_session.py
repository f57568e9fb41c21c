"""A store's file while it is open: a cursor for each call, one writer at a time, no fork."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ctypes import py_object, pythonapi
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any
from weakref import WeakSet, WeakValueDictionary

from cxm_core.errors import StoreError, StoreReadOnly, UsageError

from ._driver import driver, run, translated
from ._gate import Gate
from ._recovery import connect_store
from ._surroundings import Surroundings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PAGE = 1_000
_OPEN: WeakSet[Session] = WeakSet()
_WRITERS: WeakValueDictionary[str, _Writer] = WeakValueDictionary()


class _Writer:
    """One for each file, whoever opened it: DuckDB shares a file's state within a process."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.is_busy = False
        self.gate = Gate()
        self.guard = RLock()


class Session:
    """A store's file, open in this process.

    Parameters
    ----------
    path : pathlib.Path
        The file; made if there is none.
    surroundings : Surroundings
        Clock, fault points, limits, disk.
    read_only : bool
        Refuse to write, and to make a file.
    """

    def __init__(self, path: Path, surroundings: Surroundings, *, read_only: bool) -> None:
        # DuckDB keeps its log beside the file itself, whatever links lead there.
        self.path = path.resolve()
        self.read_only = read_only
        self._surroundings = surroundings
        self._pid = os.getpid()
        self._is_closed = False
        self._con: DuckDBPyConnection | None = None
        # What could not be closed yet, because another thread was in the middle of a call.
        self._stale: list[DuckDBPyConnection] = []
        self._writer = _WRITERS.setdefault(str(self.path), _Writer())
        self._guard = self._writer.guard
        with self._writer.gate.shared():
            self._con = self._connect()
        _OPEN.add(self)

    def _connect(self) -> DuckDBPyConnection:
        with self._guard:
            sharing = self._sharing()
            for session in sharing:
                session._close_stale()  # noqa: SLF001  (all that share the file)
            return connect_store(
                self.path,
                self._surroundings,
                read_only=self.read_only,
                is_open_here=any(one.is_holding for one in sharing),
            )

    def _sharing(self) -> list[Session]:
        """Every session of this process on the same file."""
        return [one for one in list(_OPEN) if one._writer is self._writer]  # noqa: SLF001

    @contextmanager
    def cursor(self) -> Iterator[DuckDBPyConnection]:
        """A connection of one's own to the open file."""
        with self._writer.gate.shared(), translated(self.path.name):
            cursor = self._usable().cursor()
            try:
                yield cursor
            except driver().FatalException:
                self.let_go()
                raise
            finally:
                with suppress(driver().Error):
                    cursor.close()

    def pages(self, sql: str, **values: object) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query as they are now, a page at a time."""
        with self.cursor() as cursor:
            cursor.execute(sql, values)
            while page := cursor.fetchmany(_PAGE):
                yield page

    @contextmanager
    def snapshot(self) -> Iterator[DuckDBPyConnection]:
        """A cursor whose statements all see the same state."""
        with self.cursor() as cursor:
            run(cursor, "BEGIN")
            try:
                yield cursor
            finally:
                with suppress(driver().Error):
                    run(cursor, "ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[DuckDBPyConnection]:
        """A cursor to write with, once every other writer of this process is done."""
        with self._turn(), self.cursor() as cursor:
            yield cursor

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self.read_only:
            raise StoreReadOnly(
                f"The store {self.path.name!r} is open to be read only.",
                hint="open it without read_only",
            )
        with self._writer.lock:
            if self._writer.is_busy:
                raise UsageError(
                    "A transaction is open already.", hint="end it first, or write with it"
                )
            self._writer.is_busy = True
            try:
                yield
            finally:
                self._writer.is_busy = False

    @contextmanager
    def alone(self, patience_s: float) -> Iterator[None]:
        """The file at rest: closed, its log written into it, out of reach of every other thread."""
        with self._turn(), self._writer.gate.alone(patience_s), translated(self.path.name):
            run(self._usable(), "CHECKPOINT")
            self.let_go()
            yield

    def let_go(self) -> None:
        """Close the file, which the next call opens anew; a fatal error of DuckDB asks for it."""
        for session in [self, *self._sharing()]:
            session._drop()  # noqa: SLF001

    def _usable(self) -> DuckDBPyConnection:
        with self._guard:
            if self._pid != os.getpid():
                raise StoreError(
                    f"The store {self.path.name!r} was opened before this process was forked.",
                    hint="open it in the process that uses it",
                )
            if self._is_closed:
                raise StoreError(f"The store {self.path.name!r} is closed.")
            if self._con is None:
                self._con = self._connect()
            return self._con

    def _drop(self) -> None:
        with self._guard:
            con, self._con = self._con, None
            if con is not None:
                self._stale.append(con)
            self._close_stale()

    def _close_stale(self) -> None:
        with self._guard:
            still_busy = []
            for con in self._stale:
                try:
                    con.close()
                except driver().Error:
                    still_busy.append(con)
            self._stale = still_busy

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        self._is_closed = True
        if self._pid == os.getpid():
            self._drop()

    @property
    def is_closed(self) -> bool:
        """Whether it was let go of."""
        return self._is_closed

    @property
    def is_holding(self) -> bool:
        """Whether DuckDB has the file open for it."""
        return self._con is not None or bool(self._stale)

    def leave_to_parent(self) -> None:
        """Never touch the connection again: it belongs to the process before the fork."""
        for con in (self._con, *self._stale):
            # Even at exit it must not be closed here: that would write to the parent's file, and
            # wait for threads that only the parent has.
            pythonapi.Py_IncRef(py_object(con))
        self._writer = _Writer()
        self._guard = self._writer.guard
        self._con, self._stale = None, []


def is_open_here(path: Path) -> bool:
    """Whether a store of this process has the file open."""
    place = path.resolve()
    return any(not one.is_closed and one.path.resolve() == place for one in list(_OPEN))


def _after_fork() -> None:
    for session in list(_OPEN):
        session.leave_to_parent()
    _WRITERS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
