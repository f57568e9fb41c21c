"""The connectors that were found: each is imported when it is asked for, at its own risk."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import cast

from attrs import define, evolve, field, frozen
from pydantic import BaseModel

from cxm_core.errors import (
    ConfigurationError,
    CxmError,
    MissingExtraError,
    PluginProblem,
    did_you_mean,
)

from ._contract import API_VERSION, ConnectorClass, Info
from ._patches import changes_undone


@frozen(kw_only=True)
class Found:
    """One entry point, not loaded."""

    name: str
    distribution: str
    module: str
    load: Callable[[], object] = field(eq=False, repr=False)
    folder: str | None = None

    @property
    def key(self) -> str:
        """The name without its case."""
        return self.name.casefold()

    def within(self, folder: str) -> Found:
        """The same, to be imported from an extra folder."""
        return evolve(self, folder=folder)


@define(kw_only=True)
class Catalogue:
    """The connectors that are there; `discover` makes it.

    Attributes
    ----------
    names : tuple of str
        Names that can be asked for, sorted.
    problems : tuple of PluginProblem
        What is wrong with plugins, as far as it is known by now.
    """

    _found: dict[str, Found]
    _refused: dict[str, PluginProblem]
    _scan_problems: tuple[PluginProblem, ...]
    _load_problems: dict[str, PluginProblem] = field(factory=dict, init=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names that can be asked for, sorted."""
        return tuple(sorted(found.name for found in self._found.values()))

    @property
    def problems(self) -> tuple[PluginProblem, ...]:
        """What is wrong with plugins, as far as it is known by now."""
        return self._scan_problems + tuple(self._load_problems.values())

    def distribution(self, name: str) -> str:
        """Name of the distribution that brings the connector `name`.

        Parameters
        ----------
        name : str
            Name of the connector, in any case.

        Returns
        -------
        str
            Such as ``"cxm"``.

        Raises
        ------
        ConfigurationError
            There is no such connector.

        Examples
        --------
        >>> from cxm_core.plugins import discover
        >>> catalogue = discover()
        >>> all(catalogue.distribution(name) for name in catalogue.names)
        True
        """
        return self._get(name).distribution

    def load(self, name: str) -> ConnectorClass:
        """Import one connector's class.

        Parameters
        ----------
        name : str
            Name of the connector, in any case.

        Returns
        -------
        ConnectorClass
            What `build` takes.

        Raises
        ------
        ConfigurationError
            There is no such connector, or it is broken; the message names its distribution.
        MissingExtraError
            The connector needs an extra that is not installed.

        Examples
        --------
        >>> from cxm_core.plugins import discover
        >>> discover(path=[]).load("letters")
        Traceback (most recent call last):
        ...
        cxm_core.errors.ConfigurationError: There is no connector 'letters'.
        """
        found = self._get(name)
        try:
            with changes_undone() as changed:
                loaded = _imported(found)
            reason = _meddling(changed) or _unfitness(loaded)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            # Even SystemExit: a plugin that ends itself must not end its host.
            raise self._failure(found, _reason(error, found), error) from error
        if reason:
            raise self._failure(found, reason, None)
        self._load_problems.pop(found.key, None)
        return cast("ConnectorClass", loaded)

    def load_all(self) -> dict[str, ConnectorClass]:
        """Import all connectors; those that are broken are left out and stand in `problems`.

        Returns
        -------
        dict of str to ConnectorClass
            The class of each name.

        Examples
        --------
        >>> from cxm_core.plugins import discover
        >>> discover(path=[]).load_all()
        {}
        """
        loaded = {}
        for name in self.names:
            try:
                loaded[name] = self.load(name)
            except (ConfigurationError, MissingExtraError):
                continue
        return loaded

    def _get(self, name: str) -> Found:
        key = name.casefold()
        if key in self._refused:
            raise ConfigurationError(self._refused[key].reason, plugin=name)
        if key not in self._found:
            hint = did_you_mean(name, self.names)
            raise ConfigurationError(f"There is no connector {name!r}.", hint=hint, plugin=name)
        return self._found[key]

    def _failure(self, found: Found, reason: str, error: BaseException | None) -> CxmError:
        # The problem is kept to be told, not as a verdict: the next call tries again.
        problem = PluginProblem(found.name, found.distribution, reason)
        self._load_problems[found.key] = problem
        kind = MissingExtraError if isinstance(error, MissingExtraError) else ConfigurationError
        return kind(
            f"The connector {found.name!r} of {found.distribution!r} cannot be used: {reason}",
            hint=error.hint if isinstance(error, CxmError) else None,
            plugin=found.name,
            distribution=found.distribution,
        )


def catalogue(
    found: Iterable[Found], problems: Iterable[PluginProblem], *, allow: Iterable[str] | None
) -> Catalogue:
    """Sort what was found into usable, not allowed and clashing."""
    every = list(found)
    allowed = None if allow is None else {name.casefold() for name in allow}
    refused = {
        f.key: PluginProblem(f.name, f.distribution, f"The connector {f.name!r} is not allowed.")
        for f in every
        if allowed is not None and f.key not in allowed
    }
    clashes = _clashes([f for f in every if f.key not in refused])
    refused |= clashes
    return Catalogue(
        found={f.key: f for f in every if f.key not in refused},
        refused=refused,
        scan_problems=(*problems, *clashes.values()),
    )


def _clashes(found: list[Found]) -> dict[str, PluginProblem]:
    counts = Counter(f.key for f in found)
    problems = {}
    for key in sorted(key for key, count in counts.items() if count > 1):
        twins = [f for f in found if f.key == key]
        told = " and ".join(sorted(f"{f.name!r} of {f.distribution!r}" for f in twins))
        distributions = ", ".join(sorted({f.distribution for f in twins}))
        reason = f"Two connectors share a name: {told}; none of them is used until one is removed."
        problems[key] = PluginProblem(key, distributions, reason)
    return problems


def _imported(found: Found) -> object:
    if found.folder is not None and found.folder not in sys.path:
        # At the end, so that a plugin's folder never hides an installed module.
        sys.path.append(found.folder)
    return found.load()


def _reason(error: BaseException, found: Found) -> str:
    if isinstance(error, CxmError):
        return error.message
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing_module(error.name, found)
    if isinstance(error, ImportError | AttributeError) and error.name:
        # Python's own, which says what is missing; one that a plugin raises has no name.
        return f"{type(error).__name__}: {error}"
    # The text of any other error may hold what the plugin read, such as a secret.
    return f"it raises {type(error).__name__} when it is imported."


def _meddling(changed: list[str]) -> str | None:
    """Why a plugin that changed Python for everybody is not used."""
    told = ", ".join(changed[:3])
    return f"it changes {told} for the whole process when it is imported." if changed else None


def _missing_module(module: str, found: Found) -> str:
    if found.module == module or found.module.startswith(f"{module}."):
        return f"its own module {module!r} is not there."
    return f"it needs the module {module!r}, which is not installed."


def _unfitness(loaded: object) -> str | None:
    """Why `loaded` is not a connector of this version of the contract."""
    info = getattr(loaded, "info", None)
    version = getattr(info, "api_version", API_VERSION)
    if version != API_VERSION:
        return (
            f"it is written for version {version!r} of the connector contract, "
            f"and this cxm has version {API_VERSION}."
        )
    if not isinstance(loaded, type) or not isinstance(info, Info):
        return "it is no connector class: it has no `info` of type Info."
    config: object = info.config
    if not (isinstance(config, type) and issubclass(config, BaseModel)):
        return "its `info.config` is no class of pydantic."
    if not all(isinstance(text, str) for text in (info.name, info.version, info.description)):
        return "its `info` has a name, a version or a description that is no text."
    missing = [n for n in ("streams", "check", "read") if not callable(getattr(loaded, n, None))]
    return f"it lacks the method {', '.join(missing)}." if missing else None
