"""Find what is installed for cxm, without importing it: connectors, and whatever has a group.

This is the only file that imports the `entrypoints` package.
Its parser is strict over all groups of all distributions, so one bad file of a stranger would end
every scan.
Therefore the scan narrows on such a file: folder by folder, and in the folder that holds it by
`importlib.metadata`, which is lenient.
"""

from __future__ import annotations

import configparser
import re
import sys
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import entrypoints

from cxm_core.errors import PluginProblem

from ._catalogue import Catalogue, Found, catalogue

GROUP = "cxm.connectors"

_UNREADABLE = (configparser.Error, UnicodeDecodeError, zipfile.BadZipFile, OSError)


def discover(
    *,
    allow: Iterable[str] | None = None,
    path: Sequence[str] | None = None,
    folders: Iterable[str | Path] = (),
) -> Catalogue:
    """List the connectors that are installed, without importing one.

    Parameters
    ----------
    allow : iterable of str, optional
        Only these names may be used; all if not given.
    path : sequence of str, optional
        Where distributions are looked for; `sys.path` if not given.
    folders : iterable of str or Path
        More folders with plugins, as ``pip install --target`` makes them.

    Returns
    -------
    Catalogue
        Names, problems, and `load`; a broken plugin is a problem there, never an error here.

    Examples
    --------
    >>> from cxm_core.plugins import discover
    >>> discover(path=[]).names
    ()
    """
    found, problems = _scan([str(folder) for folder in (sys.path if path is None else path)])
    for folder in folders:
        more, more_problems = _scan([str(folder)])
        known = {f.distribution for f in found}
        found += [f.within(str(folder)) for f in more if f.distribution not in known]
        problems += more_problems
    return catalogue(found, problems, allow=allow)


def offered(group: str, *, path: Sequence[str] | None = None) -> Mapping[str, Callable[[], object]]:
    """List what installed distributions offer in a group of entry points, without importing it.

    Parameters
    ----------
    group : str
        Name of the group, such as ``"cxm.simulators"``.
    path : sequence of str, optional
        Where distributions are looked for; `sys.path` if not given.

    Returns
    -------
    mapping of str to callable
        What to call to import each, by its name, in the order of names. What stands under a name
        twice is left out: nobody could say which one is meant.

    Examples
    --------
    >>> from cxm_core.plugins import offered
    >>> dict(offered("cxm.simulators", path=[]))
    {}
    """
    folders = [str(folder) for folder in (sys.path if path is None else path)]
    found, _ = _scan(folders, group)
    counts = Counter(one.name for one in found)
    return {one.name: one.load for one in sorted(found, key=_name) if counts[one.name] == 1}


def _name(found: Found) -> str:
    return found.name


def _scan(path: list[str], group: str = GROUP) -> tuple[list[Found], list[PluginProblem]]:
    try:
        return _scan_strictly(path, group), []
    except _UNREADABLE:
        return _scan_by_folder(path, group)


def _scan_strictly(path: list[str], group: str) -> list[Found]:
    with warnings.catch_warnings():
        # A reference that cannot be parsed is only a warning there; here the scan goes on finer.
        warnings.filterwarnings("error", "Couldn't parse entry point", UserWarning)
        try:
            points = entrypoints.get_group_all(group, path=path)
        except UserWarning as warning:
            raise configparser.Error(str(warning)) from warning
    return [_found(point, distribution=point.distro.name) for point in points]


def _scan_by_folder(path: list[str], group: str) -> tuple[list[Found], list[PluginProblem]]:
    found: list[Found] = []
    problems: list[PluginProblem] = []
    for folder in path:
        try:
            more = _scan_strictly([folder], group)
        except _UNREADABLE:
            more, more_problems = _scan_leniently(Path(folder), group)
            problems += more_problems
        known = {f.distribution for f in found}
        found += [f for f in more if f.distribution not in known]
    return found, problems


def _scan_leniently(folder: Path, group: str) -> tuple[list[Found], list[PluginProblem]]:
    if not folder.is_dir():
        return [], [PluginProblem("", folder.name, "It cannot be searched for plugins.")]
    found: dict[str, list[Found]] = {}
    problems: list[PluginProblem] = []
    for info in sorted(folder.glob("*.*-info")):
        distribution = _normal(info.stem.split("-", 1)[0])
        if distribution not in found:
            found[distribution], faults = _read_info(info, distribution, group)
            problems += faults
    return [f for points in found.values() for f in points], problems


def _read_info(
    info: Path, distribution: str, group: str
) -> tuple[list[Found], list[PluginProblem]]:
    found: list[Found] = []
    problems = [PluginProblem("", distribution, fault) for fault in _file_faults(info, group)]
    for point in _lenient_points(info, group):
        try:
            parsed = entrypoints.EntryPoint.from_string(point.value, point.name)
        except entrypoints.BadEntryPoint:
            reason = f"The entry point {point.name!r} is no reference such as 'module:Class'."
            problems.append(PluginProblem(point.name, distribution, reason))
        else:
            found.append(_found(parsed, distribution=distribution))
    return found, problems


def _file_faults(info: Path, group: str) -> Iterator[str]:
    """What keeps a strict parser from reading the distribution's entry points."""
    parser = configparser.ConfigParser(delimiters=("=",))
    try:
        parser.read([info / "entry_points.txt"], encoding="utf-8")
        # A bare percent sign shows only when the values are read.
        _ = parser.items(group) if parser.has_section(group) else []
    except (configparser.Error, UnicodeDecodeError) as error:
        yield f"Its file entry_points.txt is damaged: {type(error).__name__}."


def _lenient_points(info: Path, group: str) -> Iterator[metadata.EntryPoint]:
    try:
        yield from metadata.Distribution.at(info).entry_points.select(group=group)
    except (TypeError, ValueError, OSError):
        # Too damaged for the lenient reader as well; `_file_faults` has told it.
        return


def _found(point: entrypoints.EntryPoint, *, distribution: str) -> Found:
    return Found(
        name=point.name,
        distribution=_normal(distribution),
        module=point.module_name,
        load=point.load,
    )


def _normal(name: str) -> str:
    # A folder says cxm_a where the distribution says cxm-a.
    return re.sub(r"[-_.]+", "-", name).casefold()
