"""Looking at everything that may be wrong, without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen

from cxm_core.errors import CxmError, PluginProblem, StoreError
from cxm_core.program import Program
from cxm_core.store import diagnose, journal_folder, read_events
from cxm_core.sync import utc_now
from cxm_core.vocabulary import takes

from ._connections import installed_connectors
from ._machine import Extra, extras, versions
from ._rescue import path_of

__all__ = ["CheckUp", "StoreHealth", "check_up"]


@frozen(kw_only=True)
class StoreHealth:
    """How the store of a program does.

    Attributes
    ----------
    path : pathlib.Path or None
        Its file; None for one in memory, or where no program says.
    sizes : dict of str to int
        Bytes of the file, of its log and of its journal, as far as they are there.
    told : tuple of str
        What was seen, one sentence each.
    problems : tuple of str
        What is wrong, and the nearest cure.
    """

    path: Path | None = None
    sizes: dict[str, int] = field(factory=dict)
    told: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@frozen(kw_only=True)
class CheckUp:
    """What `check_up` saw.

    Attributes
    ----------
    versions : dict of str to str
        Of cxm, Python and the system.
    extras : tuple of Extra
        Each with the versions of its packages.
    connectors : tuple of str
        Names of those that can be used.
    broken : tuple of PluginProblem
        Plugins that cannot, each with its distribution and the reason.
    program : str
        The program file.
    program_problem : str or None
        Why it cannot be read.
    store : StoreHealth
        How the store does.
    """

    versions: dict[str, str]
    extras: tuple[Extra, ...]
    connectors: tuple[str, ...]
    broken: tuple[PluginProblem, ...]
    program: str
    program_problem: str | None
    store: StoreHealth

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong, one after the other."""
        program = [self.program_problem] if self.program_problem else []
        return (*map(_plugin_line, self.broken), *program, *self.store.problems)

    def to_dict(self) -> dict[str, Any]:
        """Plain mapping with stable keys."""
        return {
            "versions": self.versions,
            "extras": {extra.name: dict(extra.packages) for extra in self.extras},
            "connectors": list(self.connectors),
            "broken_plugins": [problem._asdict() for problem in self.broken],
            "program": {"path": self.program, "problem": self.program_problem},
            "store": {
                "path": None if self.store.path is None else str(self.store.path),
                "bytes": self.store.sizes,
                "told": list(self.store.told),
                "problems": list(self.store.problems),
            },
            "problems": list(self.problems),
        }

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield from (f"{name}: {version}" for name, version in self.versions.items())
        yield from (f"extra {extra}" for extra in self.extras)
        yield "connectors: " + (", ".join(self.connectors) or "none")
        yield f"program: {self.program}"
        if self.store.path is not None:
            yield f"store: {self.store.path}"
        yield from (f"{name}: {size:,} bytes" for name, size in self.store.sizes.items())
        yield from self.store.told
        yield ""
        count = len(self.problems)
        yield f"{count} problem{'s' * (count > 1)}:" if count else "Nothing is wrong."
        yield from (f"- {problem}" for problem in self.problems)


@takes(program="path")
def check_up(program: str | Path) -> CheckUp:
    """Look at versions, extras, plugins, the program and its store; change nothing.

    Parameters
    ----------
    program : str or Path
        The program file, which may be missing or wrong.

    Returns
    -------
    CheckUp
        What was seen, and what is wrong.

    Examples
    --------
    >>> from cxm_core.workspace import check_up
    >>> "files" in check_up("examples/sfo/cxm.toml").connectors
    True
    """
    catalogue = installed_connectors()
    usable = tuple(catalogue.load_all())
    known, problem = _read(program)
    return CheckUp(
        versions=versions(),
        extras=extras(),
        connectors=usable,
        broken=tuple(catalogue.problems),
        program=str(program),
        program_problem=problem,
        store=StoreHealth() if known is None else _health(path_of(known.store_url)),
    )


def _read(program: str | Path) -> tuple[Program | None, str | None]:
    try:
        return Program.load(program), None
    except CxmError as error:
        return None, _sentence(error)


def _sentence(error: CxmError) -> str:
    return f"{error.message} Cure: {error.hint}." if error.hint else error.message


def _plugin_line(problem: PluginProblem) -> str:
    return f"plugin {problem.name or 'without a name'} of {problem.distribution}: {problem.reason}"


def _health(path: Path | None) -> StoreHealth:
    if path is None:
        return StoreHealth(told=("The store is kept in memory.",))
    sizes = dict(_sizes(path))
    if not sizes:
        return StoreHealth(path=path, told=("There is no store yet; a sync makes one.",))
    told, problems = _diagnosed(path)
    return StoreHealth(path=path, sizes=sizes, told=told, problems=problems)


def _diagnosed(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        diagnosis = diagnose(path)
    except CxmError as error:
        return (), (_sentence(error),)
    events = _events(path) if diagnosis.is_sound else ()
    wrong = {f"Wrong: {problem}" for problem in diagnosis.problems}
    told = (line for line in str(diagnosis).splitlines() if line not in wrong)
    return (*told, *events), diagnosis.problems


def _events(path: Path) -> tuple[str, ...]:
    """What befell the store; nothing where somebody has taken it meanwhile."""
    try:
        return tuple(map(str, read_events(path, clock=utc_now)))
    except StoreError:
        return ()


def _sizes(path: Path) -> Iterator[tuple[str, int]]:
    parts = {"file": path, "log": path.with_name(path.name + ".wal")}
    for name, part in parts.items():
        if part.is_file():
            yield name, part.stat().st_size
    folder = journal_folder(path)
    if folder.is_dir():
        yield "journal", sum(one.stat().st_size for one in folder.iterdir() if one.is_file())
