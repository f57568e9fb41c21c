"""The one place that speaks to DuckDB: settings, and what its errors mean to a caller."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from attrs import frozen

from cxm_core.errors import (
    MissingExtraError,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreLocked,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# No file, extension or variable of the caller's is reachable by any text that becomes SQL.
_CLOSED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
# DuckDB 1.5 cannot open what 2.0 writes by default.
_STORE = {"enable_external_access": "false", "storage_compatibility_version": "v1.5.0"}
_HOLDER = re.compile(r"\(PID (\d+)\)")
_MAGIC = slice(8, 12)


@frozen(kw_only=True)
class Limits:
    """What a store may use of the machine.

    Parameters
    ----------
    memory_limit : str
        Memory for queries, such as ``"1GiB"``; more spills to disk.
    threads : int or None
        Cores; None for all.
    """

    memory_limit: str = "1GiB"
    threads: int | None = None

    @property
    def settings(self) -> dict[str, str]:
        """As DuckDB has them."""
        threads = {} if self.threads is None else {"threads": str(self.threads)}
        return {"memory_limit": self.memory_limit, **threads}


def driver() -> ModuleType:
    """The duckdb package; the error that names the extra where it is not installed."""
    try:
        import duckdb  # noqa: PLC0415  (only who keeps or reads tables needs it)
    except ImportError as error:
        raise MissingExtraError.of("duckdb", "Reading and keeping tables of records") from error
    return duckdb


def connect_file(path: Path, limits: Limits, *, read_only: bool) -> DuckDBPyConnection:
    """Connection to a store's file, which it makes where there is none."""
    settings = {**_CLOSED, **_STORE, **limits.settings}
    with translated(path.name):
        _check_magic(path)
        con: DuckDBPyConnection = driver().connect(str(path), read_only=read_only, config=settings)
        _lock(con)
    return con


def _check_magic(path: Path) -> None:
    """Refuse a file of another kind; DuckDB would look for an extension that reads it."""
    if not path.exists():
        return
    try:
        with path.open("rb") as stream:
            is_database = stream.read(12)[_MAGIC] == b"DUCK"
    except OSError as error:
        raise _unreachable("", path.name) from error
    if not is_database:
        raise StoreDamaged(f"The file {path.name!r} is no store.", hint="name another file")


def connect_scratch(
    limits: Limits, *, folder: Path, paths: Sequence[Path] = ()
) -> DuckDBPyConnection:
    """Connection without a file of its own, which reaches one folder, some files, nothing else."""
    con: DuckDBPyConnection = driver().connect(":memory:", config={**_CLOSED, **limits.settings})
    run(con, "SET allowed_directories = [$folder]", folder=str(folder))
    run(con, "SET allowed_paths = $paths::VARCHAR[]", paths=[str(path) for path in paths])
    run(con, "SET temp_directory = $folder", folder=str(folder / "spill"))
    run(con, "SET enable_external_access = false")
    _lock(con)
    return con


def _lock(con: DuckDBPyConnection) -> None:
    # A second connection of this process shares the settings of the first, already locked.
    if not run(con, "SELECT current_setting('lock_configuration')")[0][0]:
        run(con, "SET GLOBAL TimeZone = 'UTC'")
        run(con, "SET lock_configuration = true")


def run(con: DuckDBPyConnection, sql: str, **values: object) -> list[tuple[Any, ...]]:
    """Rows of a statement, read to the end: DuckDB 2 takes no other while a result is open."""
    return con.execute(sql, values or None).fetchall()


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Errors of DuckDB that a caller can act on become ours; a bug of ours stays what it is."""
    duckdb = driver()
    try:
        yield
    except duckdb.Error as error:
        known = _known_error(str(error), name)
        if known is None:
            raise
        raise known from error


def _known_error(text: str, name: str) -> StoreError | None:
    lower = text.partition("\n")[0].lower()
    for marks, make in _MEANINGS:
        if any(mark in lower for mark in marks):
            return make(text, name)
    return None


def _locked(text: str, name: str) -> StoreError:
    holder = _HOLDER.search(text)
    who = f"Process {holder[1]}" if holder else "Another process"
    return StoreLocked(
        f"{who} holds the store {name!r}.",
        hint="one process at a time; end the other, or use one Workspace for all threads",
        pid=int(holder[1]) if holder else None,
    )


def _full(_text: str, name: str) -> StoreError:
    return StoreFull(
        f"The disk is full, so the store {name!r} kept nothing of this transaction.",
        hint="make room and do it again",
    )


def _damaged(_text: str, name: str) -> StoreError:
    return StoreDamaged(
        f"The file of the store {name!r} cannot be read as it is.",
        hint="put back a copy, or pull from the sources into a new store",
    )


def _absent(_text: str, name: str) -> StoreError:
    return StoreError(
        f"There is no store {name!r} to read.", hint="sync first, or open it to be written"
    )


def _unreachable(_text: str, name: str) -> StoreError:
    return StoreError(f"The file of the store {name!r} cannot be opened or written.")


def _too_big(_text: str, name: str) -> StoreError:
    return StoreError(
        f"A query on the store {name!r} needed more memory than it may use.",
        hint="open it with a higher memory_limit",
    )


def _other_settings(_text: str, name: str) -> StoreError:
    return StoreError(
        f"The store {name!r} is open in this process with other settings.",
        hint="close it there first, or use the same read_only, memory_limit and threads",
    )


_Meaning = tuple[tuple[str, ...], Callable[[str, str], StoreError]]
_MEANINGS: tuple[_Meaning, ...] = (
    (("no space left", "disk quota", "file too large", "max_temp_directory_size"), _full),
    (("conflicting lock", "could not set lock"), _locked),
    (("database does not exist",), _absent),
    (
        (
            "not a valid duckdb database",
            "corrupt",
            "replaying wal",
            "could not read enough bytes",
            "serialization error",
            "version number",
        ),
        _damaged,
    ),
    (("different configuration",), _other_settings),
    (("out of memory", "failed to allocate", "could not allocate"), _too_big),
    (("io error",), _unreachable),
)
