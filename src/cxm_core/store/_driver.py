"""The one place that speaks to DuckDB: settings, and what its errors mean to a caller."""

from __future__ import annotations

import errno
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
    StoreReadOnly,
    UsageError,
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
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_REASON = re.compile(r": ([A-Z][a-z]+(?: [a-z]+){0,6})\W*$")
_MAGIC = slice(8, 12)
_INTERRUPTED = "Query interrupted"
_FULL_NUMBERS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED_NUMBERS = (errno.EROFS, errno.EACCES, errno.EPERM)


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
    _refuse_query(path)
    settings = {**_CLOSED, **_STORE, **limits.settings}
    with translated(path.name):
        # DuckDB takes a name such as `:memory:x` or `~/x` for something else than a file.
        con: DuckDBPyConnection = driver().connect(
            str(path.absolute()), read_only=read_only, config=settings
        )
        _lock(con)
    return con


def check_magic(path: Path) -> None:
    """Refuse a file of another kind; DuckDB would look for an extension that reads it.

    Never call it while this process has the file open: to close a file lets go of every lock that
    a process has on it, and DuckDB's is one of them.
    """
    try:
        with path.open("rb") as stream:
            is_database = stream.read(12)[_MAGIC] == b"DUCK"
    except FileNotFoundError:
        return
    except OSError as error:
        raise of_os_error(error, path.name) from error
    if not is_database:
        raise StoreDamaged(
            f"The file {path.name!r} is no store.",
            hint="name another file; if it was a store, put back a copy, or: cxm store rebuild",
        )


def _refuse_query(path: Path) -> None:
    # DuckDB takes what follows for parameters, and looks for its log under another name.
    if "?" in str(path.absolute()):
        raise UsageError(
            f"The path of the store {path.name!r} has a '?' in it.", hint="name another folder"
        )


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


def names_of(con: DuckDBPyConnection, query: str) -> list[str]:
    """Names of the columns of a query, as it calls them: DESCRIBE forgets a change of case."""
    result = con.execute(f"SELECT * FROM ({query}) LIMIT 0")
    names = [str(name) for name, *_ in result.description or ()]
    result.fetchall()
    return names


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
    except RuntimeError as error:
        if str(error) != _INTERRUPTED:
            raise
        # DuckDB drops what the handler of a signal raised in the middle of a query.
        raise KeyboardInterrupt from error


def _known_error(text: str, name: str) -> StoreError | UsageError | None:
    # A path may hold any word.
    first = _QUOTED.sub("", text.partition("\n")[0]).lower()
    for marks, make in _MEANINGS:
        if any(mark in first for mark in marks):
            return make(text, name)
    return None


def of_os_error(error: OSError, name: str) -> StoreError:
    """What the system says of a store's file, as an error that a caller can act on."""
    if error.errno in _FULL_NUMBERS:
        return _full("", name)
    if error.errno in _CLOSED_NUMBERS:
        return _read_only("", name)
    return _unreachable(f": {error.strerror}", name)


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
        hint="make room and do it again; this process can go on with the store",
    )


def _read_only(_text: str, name: str) -> StoreError:
    return StoreReadOnly(
        f"This user cannot write the store {name!r}: the file, its folder or its disk is read only,"
        " or belongs to someone else.",
        hint="let this user write there, or open the store to be read only",
    )


def _log_damaged(_text: str, name: str) -> StoreError:
    return StoreDamaged(
        f"The log beside the store {name!r} cannot be read as it is.",
        hint="open the store to be written once: the log is set aside, and the store goes back to "
        "where it was before it; then sync",
        part="log",
    )


def _damaged(_text: str, name: str) -> StoreError:
    return StoreDamaged(
        f"The file of the store {name!r} cannot be read as it is.",
        hint="put back a copy of it, or: cxm store rebuild",
        part="file",
    )


def _newer(_text: str, name: str) -> StoreError:
    return StoreDamaged(
        f"The file of the store {name!r} was made by a newer DuckDB than this one, or is damaged.",
        hint="pip install -U duckdb; else put back a copy of it, or: cxm store rebuild",
        part="file",
    )


def _absent(_text: str, name: str) -> StoreError:
    return StoreError(
        f"There is no store {name!r} to read.", hint="sync first, or open it to be written"
    )


def _unreachable(text: str, name: str) -> StoreError:
    found = _REASON.search(text)
    why = f": {found[1]}." if found else "."
    return StoreError(
        f"The file of the store {name!r} cannot be opened or written{why}",
        hint="name a file in a folder that is there, and look after the disk",
    )


def _too_big(_text: str, name: str) -> StoreError:
    return StoreError(
        f"A query on the store {name!r} needed more memory than it may use.",
        hint="open it with a higher memory_limit",
    )


def _half_a_pair(_text: str, _name: str) -> UsageError:
    return UsageError("A text has half of a surrogate pair, which no store can hold.")


def _other_settings(_text: str, name: str) -> StoreError:
    return StoreError(
        f"The store {name!r} is open in this process with other settings.",
        hint="close it there first, or use the same read_only, memory_limit and threads",
    )


def _reopened(_text: str, name: str) -> StoreError:
    return StoreError(
        f"The store {name!r} was closed or opened anew while it was read.", hint="read it again"
    )


_Meaning = tuple[tuple[str, ...], Callable[[str, str], StoreError | UsageError]]
# The order matters: what the machine refuses while a log is read does not make the log damaged.
_MEANINGS: tuple[_Meaning, ...] = (
    (("no space left", "disk quota", "file too large", "max_temp_directory_size"), _full),
    (("conflicting lock", "could not set lock"), _locked),
    (("database does not exist",), _absent),
    (("out of memory", "failed to allocate", "could not allocate"), _too_big),
    (("read-only file system", "permission denied", "not permitted", "read-only mode"), _read_only),
    (("too many open files", "input/output error", "file name too long"), _unreachable),
    (("corrupt database file",), _damaged),
    (
        (
            "replaying wal",
            "replaying checkpoint wal",
            "wal checkpoint iteration",
            "wal does not match",
            "corrupt wal",
        ),
        _log_damaged,
    ),
    (("version number",), _newer),
    (
        ("not a valid duckdb database", "corrupt", "could not read enough", "serialization error"),
        _damaged,
    ),
    (("cannot encode str as utf-8",), _half_a_pair),
    (("different configuration",), _other_settings),
    (("no open result set", "connection already closed", "has been invalidated"), _reopened),
    (("io error", "cannot open file", "could not read from file"), _unreachable),
)
