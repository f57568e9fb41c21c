"""A second DuckDB that only reads: one private folder, nothing else, thrown away afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from cxm_core.store._arrow import Restarting
from cxm_core.store._driver import Limits, connect_scratch, run, translated

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PAGE = 500


class Scratch:
    """A DuckDB in memory that sees one folder of its own, and the files it was made for."""

    def __init__(self, con: DuckDBPyConnection, folder: Path) -> None:
        self.con = con
        self.folder = folder
        self._count = 0

    @classmethod
    @contextmanager
    def opened(cls, limits: Limits, *, paths: Sequence[Path] = ()) -> Iterator[Scratch]:
        """Scratch that may read these files too, and is gone when the block ends."""
        with TemporaryDirectory(prefix="cxm-") as name, translated("temporary"):
            folder = Path(name).resolve()
            con = connect_scratch(limits, folder=folder, paths=[path.resolve() for path in paths])
            try:
                yield cls(con, folder)
            finally:
                con.close()

    def new_folder(self) -> Path:
        """An empty folder that the connection may read."""
        self._count += 1
        folder = self.folder / str(self._count)
        folder.mkdir()
        return folder

    def run(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        return run(self.con, sql, **values)

    def stream(self, sql: str) -> Restarting:
        """Query whose columns another connection can take."""
        return Restarting(self.con.sql(sql))

    def pages(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query, a page at a time, while other statements run."""
        cursor = self.con.cursor()
        try:
            cursor.execute(sql)
            while page := cursor.fetchmany(_PAGE):
                yield page
        finally:
            cursor.close()
