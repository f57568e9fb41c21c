"""A store's file to be read as its last checkpoint left it, without its log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cxm_core.store._drafts import draft_beside
from cxm_core.store._driver import Limits, connect_file, of_os_error, translated

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@contextmanager
def reading(con: DuckDBPyConnection, name: str) -> Iterator[DuckDBPyConnection]:
    """A connection that is closed at the end; its errors are told in our words."""
    try:
        with translated(name):
            yield con
    finally:
        con.close()


@contextmanager
def bare(path: Path) -> Iterator[DuckDBPyConnection]:
    """Connection to a file by a second name, beside which there is no log; to be read only."""
    with ExitStack() as stack:
        try:
            name = _second_name(path, stack)
        except OSError as error:
            raise of_os_error(error, path.name) from error
        con = connect_file(name, Limits(), read_only=True)
        yield stack.enter_context(reading(con, path.name))


def _second_name(path: Path, stack: ExitStack) -> Path:
    """A hard link; a copy in the system's own folder where there cannot be one."""
    with suppress(OSError):
        draft = stack.enter_context(draft_beside(path))
        os.link(path, draft)
        return draft
    folder = stack.enter_context(TemporaryDirectory(prefix="cxm-"))
    return copyfile(path, Path(folder, path.name))
