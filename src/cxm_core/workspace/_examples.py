"""The example that ships with the library, laid out in a folder of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.report import write_file

__all__ = ["copy_example"]

_FILES = ("README.md", "cxm.toml", "sfo_2017.csv.gz", "sfo_2018.csv.gz")


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
    target = Path(folder)
    source = files("cxm_core") / "examples" / "sfo"
    shipped = {name: (source / name).read_bytes() for name in _FILES}
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
