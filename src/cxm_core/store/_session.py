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

from cxm_core.errors import StoreError, UsageError

from ._driver import Limits, connect_file, driver, run, translated

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


class Session:
    """A store's file, open in this process.

    Parameters
    ----------
    path : pathlib.Path
        The file; made if there is none.
    limits : Limits
        What queries may use of the machine.
    read_only : bool
        Refuse to write, and to make a file.
    """

    def __init__(self, path: Path, limits: Limits, *, read_only: bool) -> None:
        self.path = path
        self.limits = limits
        self.read_only = read_only
        self._pid = os.getpid()
        self._guard = RLock()
        self._is_closed = False
        self._con: DuckDBPyConnection | None = self._connect()
        self._writer = _WRITERS.setdefault(str(path.resolve()), _Writer())
        _OPEN.add(self)

    def _connect(self) -> DuckDBPyConnection:
        return connect_file(self.path, self.limits, read_only=self.read_only)

    @contextmanager
    def cursor(self) -> Iterator[DuckDBPyConnection]:
        """A connection of one's own to the open file."""
        with translated(self.path.name):
            cursor = self._usable().cursor()
            try:
                yield cursor
            except driver().FatalException:
                # DuckDB takes no more statements until the file is opened anew.
                self._drop()
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
        if self.read_only:
            raise StoreError(f"The store {self.path.name!r} is open to be read only.")
        with self._writer.lock:
            if self._writer.is_busy:
                raise UsageError(
                    "A transaction is open already.", hint="end it first, or write with it"
                )
            self._writer.is_busy = True
            try:
                with self.cursor() as cursor:
                    yield cursor
            finally:
                self._writer.is_busy = False

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
            with suppress(driver().Error):
                con.close()

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        self._is_closed = True
        if self._pid == os.getpid():
            self._drop()

    def leave_to_parent(self) -> None:
        """Never touch the connection again: it belongs to the process before the fork."""
        if self._con is not None:
            # Even at exit it must not be closed here: that would write to the parent's file, and
            # wait for threads that only the parent has.
            pythonapi.Py_IncRef(py_object(self._con))
        self._guard, self._writer = RLock(), _Writer()
        self._con = None


def _after_fork() -> None:
    for session in list(_OPEN):
        session.leave_to_parent()
    _WRITERS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
