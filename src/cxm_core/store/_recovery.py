"""From a file as a crash left it to a connection: a log that cannot be read is set aside first."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING

from cxm_core.errors import StoreDamaged, StoreError, StoreLocked

from ._drafts import draft_beside
from ._driver import check_magic, connect_file, of_os_error
from ._surroundings import Surroundings

try:
    import fcntl
except ImportError:  # pragma: no cover  (such a system refuses to rename a file that is open)
    fcntl = None  # type: ignore[assignment]  # looked at before each use

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# DuckDB keeps the second while a checkpoint runs beside writers, and the third while it recovers.
_LOGS = (".wal", ".wal.checkpoint", ".wal.recovery")
_DAMAGED = ".damaged-"
# DuckDB and the library put endings of their own behind the name.
_LONGEST_NAME = 190
_LARGEST_COPY = 256 << 20


def log_path(path: Path) -> Path:
    """Where DuckDB keeps what is not yet in a store's file."""
    return path.with_name(path.name + _LOGS[0])


def place_of(path: Path) -> Path:
    """The file itself, whatever links lead there: DuckDB keeps its log beside it."""
    if "\0" in str(path) or len(os.fsencode(path.name)) > _LONGEST_NAME:
        raise StoreError(
            f"The name of the store has {len(path.name)} letters, or one that no file can have.",
            hint="a shorter name, such as cxm.duckdb",
        )
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise StoreError(
            f"The links that lead to the store {path.name!r} have no end.", hint="name the file"
        ) from error


def connect_store(
    path: Path, surroundings: Surroundings, *, read_only: bool = False, is_open_here: bool = False
) -> DuckDBPyConnection:
    """Connection to a store's file; a log that cannot be read is set aside, unless only to read."""
    if not is_open_here:
        check_magic(path)

    def connect() -> DuckDBPyConnection:
        return connect_file(path, surroundings.limits, read_only=read_only)

    if not read_only and not path.exists():
        _make(path, surroundings)
    try:
        return connect()
    except StoreDamaged as error:
        if read_only or error.context.get("part") != "log":
            raise
    return _without_log(path, surroundings, connect)


def _make(path: Path, surroundings: Surroundings) -> None:
    """Make the file whole or not at all, so that a crash leaves none that is half made."""
    # The log of a file that is gone would be emptied by the next one.
    set_aside(path, surroundings)
    try:
        with draft_beside(path) as draft:
            connect_file(draft, surroundings.limits, read_only=False).close()
            surroundings.disk.sync_file(draft)
            _put(draft, path)
            surroundings.disk.sync_folder(path.parent)
    except OSError as error:
        # Another process may have made it meanwhile, and cleared the draft away.
        if not path.exists():
            raise of_os_error(error, path.name) from error


def _put(draft: Path, path: Path) -> None:
    """Put the draft where nothing is; unlike a rename, a link never takes another file's place."""
    try:
        os.link(draft, path)
    except OSError:
        if not path.exists():
            draft.rename(path)


def _without_log(
    path: Path, surroundings: Surroundings, connect: Callable[[], DuckDBPyConnection]
) -> DuckDBPyConnection:
    with _alone(path):
        try:
            # Another process may have mended it meanwhile.
            return connect()
        except StoreDamaged as error:
            if error.context.get("part") != "log":
                raise
        surroundings.faults.reach("store.log.before_set_aside")
        set_aside(path, surroundings)
        surroundings.faults.reach("store.log.after_set_aside")
        return connect()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes from mending the same store at the same time."""
    try:
        lock = path.with_name(path.name + ".lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise of_os_error(error, path.name) from error
    try:
        _lock(descriptor, path.name)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, name: str) -> None:
    # A file system without locks leaves it to DuckDB's own.
    with suppress(OSError):
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreLocked(
                f"Another process is opening the store {name!r} after damage.",
                hint="one process at a time; try again in a moment",
            ) from error


def logs_of(path: Path) -> list[Path]:
    """Logs that DuckDB would read when it opens a store's file."""
    return [log for log in logs_beside(path) if os.path.lexists(log)]


def logs_beside(path: Path) -> list[Path]:
    """Where DuckDB may look for logs of a store's file."""
    return [path.with_name(path.name + ending) for ending in _LOGS]


def set_aside(path: Path, surroundings: Surroundings) -> None:
    """Give the logs of a store other names, so that they are kept and no longer read."""
    try:
        for log in (found := logs_of(path)):
            log.rename(free_name(log, surroundings.clock()))
        if found:
            surroundings.disk.sync_folder(path.parent)
    except OSError as error:
        raise of_os_error(error, path.name) from error


def free_name(path: Path, now: datetime) -> Path:
    """Name for something damaged that nothing else has."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    base = path.with_name(f"{path.name}{_DAMAGED}{stamp}")
    name, number = base, 1
    while os.path.lexists(name):
        number += 1
        name = base.with_name(f"{base.name}-{number}")
    return name


def logs_aside(path: Path) -> tuple[str, ...]:
    """Names of the logs that were set aside, as the folder has them."""
    starts = tuple(path.name + ending + _DAMAGED for ending in _LOGS)
    with suppress(OSError):
        return tuple(
            sorted(one.name for one in path.parent.iterdir() if one.name.startswith(starts))
        )
    return ()


@contextmanager
def log_kept(path: Path) -> Iterator[Path | None]:
    """A copy of the log while a store opens: DuckDB empties one whose first bytes are damaged."""
    log = log_path(path)
    with ExitStack() as stack:
        copy = None
        # A full disk must not keep anybody from what is there.
        with suppress(OSError):
            if log.is_file() and 0 < log.stat().st_size <= _LARGEST_COPY:
                copy = copyfile(log, stack.enter_context(draft_beside(path)))
        yield copy
