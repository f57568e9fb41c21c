"""A program's store made anew, when it cannot be opened any more."""

from __future__ import annotations

from pathlib import Path

from cxm_core.errors import UsageError
from cxm_core.program import Program
from cxm_core.store import Clock, Rebuild, rebuild_store
from cxm_core.sync import utc_now

__all__ = ["path_of", "program_of", "rebuild"]


def rebuild(program: Program | str | Path, *, clock: Clock = utc_now) -> Rebuild:
    """Make the damaged store of a program anew, from its journal and what can still be read.

    Parameters
    ----------
    program : Program, str or Path
        A program, or the path of its file.
    clock : callable
        Gives the present instant, aware.

    Returns
    -------
    Rebuild
        What was saved and what was lost; the old file is kept beside the new one. Sync afterwards:
        every source is pulled from its beginning, and what was lost comes back.

    Raises
    ------
    UsageError
        The program keeps its store in memory.
    ConfigurationError
        The program file has a mistake.
    StoreLocked
        Another process holds the store.
    StoreError
        The new file cannot be written; the old one stands.

    Examples
    --------
    >>> from cxm_core.program import Program
    >>> from cxm_core.workspace import rebuild
    >>> rebuild(Program(name="Shop", zone="UTC")).set_aside
    ()
    """
    path = path_of(program_of(program).store_url)
    if path is None:
        raise UsageError("A store in memory cannot be rebuilt.", hint="name a file as store.url")
    return rebuild_store(path, clock=clock)


def program_of(program: Program | str | Path) -> Program:
    """The program itself, or the one in a file."""
    if isinstance(program, Program):
        return program
    if isinstance(program, str | Path):
        return Program.load(program)
    raise UsageError(
        f"{'None' if program is None else 'A ' + type(program).__name__} is no program.",
        hint="a Program, or the path of its file, such as 'cxm.toml'",
    )


def path_of(place: str | Path) -> Path | None:
    """File of a store's address; None for one in memory."""
    return None if str(place) in {"memory:", ":memory:"} else Path(place)
