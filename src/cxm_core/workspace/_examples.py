"""Examples, laid out in a folder of the user's: the airport survey, and whatever is installed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import cast

from cxm_core.errors import ConfigurationError, UsageError, did_you_mean
from cxm_core.plugins import Demo, offered
from cxm_core.report import write_file
from cxm_core.vocabulary import takes

__all__ = ["copy_example", "demonstration"]

_AIRPORT = "sfo"
_DEMOS = "cxm.demos"
_FILES = ("README.md", "cxm.toml", "sfo_2017.csv.gz", "sfo_2018.csv.gz")


@takes(folder="path")
def copy_example(folder: str | Path) -> Path:
    """Lay out the San Francisco airport survey in a folder, ready to be run.

    Parameters
    ----------
    folder : str or Path
        A new or empty folder, or one in which the example already lies unchanged.

    Returns
    -------
    Path
        The example's program.

    Raises
    ------
    UsageError
        The folder holds something else, or a file of the example was changed there; nothing is
        written over.
    ConfigurationError
        The folder cannot be written to.

    Examples
    --------
    >>> copy_example("airport").name
    'cxm.toml'
    """
    source = files("cxm_core") / "examples" / _AIRPORT
    return _lay_out(Path(folder), {name: (source / name).read_bytes() for name in _FILES})


@takes(folder="path", name="text")
@contextmanager
def demonstration(folder: str | Path, *, name: str = "company") -> Iterator[Path]:
    """Lay out an example, and let its sources answer while the `with` block runs.

    Parameters
    ----------
    folder : str or Path
        A new or empty folder, or one in which the example already lies unchanged.
    name : str
        ``"company"``, which every simulated vendor serves a part of; ``"sfo"``, the airport
        survey; or any other that is installed in the group ``cxm.demos``.

    Returns
    -------
    context manager of Path
        The example's program, while its sources answer.

    Raises
    ------
    UsageError
        There is no such example, or the folder holds something else; nothing is written over.
    ConfigurationError
        The folder cannot be written to.

    Examples
    --------
    >>> with demonstration("airport", name="sfo") as program:
    ...     program.name
    'cxm.toml'
    """
    if name == _AIRPORT:
        yield copy_example(folder)
        return
    demo = _demo(name)()
    program = _lay_out(Path(folder), demo.files)
    with demo, _environment(demo.environment):
        yield program


def _demo(name: str) -> Callable[[], Demo]:
    known = offered(_DEMOS)
    if name not in known:
        hint = did_you_mean(name, {*known, _AIRPORT})
        raise UsageError(f"There is no example {name!r}.", hint=hint)
    return cast("Callable[[], Demo]", known[name]())


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment, and put them back as they were."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _lay_out(target: Path, shipped: Mapping[str, bytes]) -> Path:
    try:
        _check_free(target, shipped)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {target.name[:80]!r} cannot be used: {error.strerror}.",
            hint="choose another folder",
        ) from error
    for name, content in shipped.items():
        if not (target / name).exists():
            write_file(target / name, content)
    return target / "cxm.toml"


def _check_free(target: Path, shipped: Mapping[str, bytes]) -> None:
    """Refuse a folder in which anything of the user's could be lost or mixed up."""
    if target.exists() and not target.is_dir():
        raise UsageError(f"{str(target)!r} is no folder.", hint="choose another folder")
    present = {name for name in shipped if (target / name).exists()}
    if not present and target.is_dir() and any(target.iterdir()):
        raise UsageError(
            f"The folder {str(target)!r} holds other files.", hint="choose a new or empty folder"
        )
    changed = [name for name in sorted(present) if (target / name).read_bytes() != shipped[name]]
    if changed:
        raise UsageError(
            f"The folder {str(target)!r} has a {', '.join(changed)} of its own.",
            hint=f"cxm run {target / 'cxm.toml'} runs what is there; or choose another folder",
        )
