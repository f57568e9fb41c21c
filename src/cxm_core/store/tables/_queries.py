"""Rows that one query makes: of a DuckDB file that is only read, or of data handed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cxm_core.errors import ConfigurationError, RetryableError, SchemaChanged
from cxm_core.records import Reader
from cxm_core.store._driver import driver, names_of, run
from cxm_core.store._sql import quote_ident, quote_text

from ._kept_types import Described, described, kept_type, kept_value, make_rows
from ._scratch import Scratch

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ATTACHED = "warehouse"
# Errors that tell of the query and of the names in it, never of a value.
_TELLS_NAMES = ("CatalogException", "BinderException", "ParserException")


def beside(path: Path) -> list[Path]:
    """Files that must be readable, so that the database at a path can be."""
    return [path, path.with_name(f"{path.name}.wal")]


def check_foreign(con: DuckDBPyConnection, reader: Reader) -> None:
    """Refuse to read the store's own file as a source: to close it would let go of its lock.

    Raises
    ------
    ConfigurationError
        A path leads to the store itself.
    """
    if reader.format != "duckdb":
        return
    own = [Path(path) for (path,) in run(con, "SELECT path FROM duckdb_databases()") if path]
    for path in map(Path, reader.paths):
        if any(mine.exists() and path.exists() and mine.samefile(path) for mine in own):
            raise ConfigurationError(
                f"The database {path.name!r} is this program's own store.",
                hint="name the file that another tool fills",
            )


@contextmanager
def attached(scratch: Scratch, path: Path) -> Iterator[None]:
    """Names mean the tables of the database at a path, which cannot be changed from here."""
    try:
        scratch.run(f"ATTACH {quote_text(str(path.resolve()))} AS {_ATTACHED} (READ_ONLY)")
    except driver().IOException as error:
        raise RetryableError(
            f"The database {path.name!r} cannot be read, or another process writes to it.",
            hint="sync again when it is done",
        ) from error
    try:
        scratch.run(f"USE {_ATTACHED}")
        yield
    finally:
        scratch.run("USE memory")
        scratch.run(f"DETACH {_ATTACHED}")


def take_query(scratch: Scratch, query: str, name: str) -> tuple[Sequence[str], Described]:
    """Names of the columns of a query, and what became of them in the table `raw_rows`."""
    _check_single(scratch, query, name)
    try:
        names = names_of(scratch.con, query)
        found = described(scratch, f"({query})")
        kept = [(f"v{place}", kept_type(type_)) for place, (_, type_) in enumerate(found)]
        make_rows(scratch, kept, place="memory.main")
        values = ", ".join(kept_value(quote_ident(column), type_) for column, type_ in found)
        scratch.run(f"INSERT INTO memory.main.raw_rows SELECT {values} FROM ({query})")
    except driver().Error as error:
        raise _failure(error, name) from error
    return names, kept


def _check_single(scratch: Scratch, query: str, name: str) -> None:
    try:
        kinds = [one.type.name for one in scratch.con.extract_statements(query)]
    except driver().Error as error:
        raise _failure(error, name) from error
    if kinds != ["SELECT"]:
        raise ConfigurationError(
            f"The query of {name!r} is not one SELECT.", hint="query = 'FROM a_schema.a_table'"
        )


def _failure(error: Exception, name: str) -> SchemaChanged:
    said = str(error).partition("\n")[0] if type(error).__name__ in _TELLS_NAMES else ""
    told = f": {said}" if said else f" ({type(error).__name__})."
    return SchemaChanged(f"The query of {name!r} cannot be answered{told}")
