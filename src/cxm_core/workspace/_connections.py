"""From the name of a source to its connector, built and ready to be asked."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import evolve

from cxm_core.errors import ConfigurationError
from cxm_core.plugins import (
    Catalogue,
    Connector,
    ConnectorClass,
    FileTokens,
    Runtime,
    build,
    discover,
)
from cxm_core.program import Program, Source
from cxm_core.store import Clock

from ._rescue import path_of
from ._secrets import finder, secrets_of

__all__ = ["connect", "installed_connectors", "runtime_of", "tokens_folder"]


def installed_connectors() -> Catalogue:
    """Connectors that are installed, found by their entry points.

    Returns
    -------
    Catalogue
        Names, and the problems of those that are broken.

    Examples
    --------
    >>> "files" in installed_connectors().names
    True
    """
    return discover()


def runtime_of(program: Program, clock: Clock) -> Runtime:
    """All that the program's connectors get from outside.

    Tokens are kept beside the program's store, whichever store is open: what a source hands out
    once must not be lost by a look at it.
    """
    root, path = program.base.resolve(), path_of(program.store_url)
    return Runtime(
        clock=clock,
        root=root,
        secrets=secrets_of(os.environ, base=root),
        tokens=None if path is None else FileTokens(tokens_folder(path)),
    )


def tokens_folder(store_path: Path) -> Path:
    """Folder for what sources hand out to be used once; it stands beside the store's file."""
    place = store_path.resolve()
    return place.with_name(place.name + ".tokens")


def connect(source: Source, catalogue: Catalogue, runtime: Runtime) -> Connector:
    """Build the connector of one source of the program."""
    cls = _class_of(source, catalogue)
    config = source.resolved(os.environ, find=finder(runtime.root))
    return build(cls, config, evolve(runtime, places=source.places), source=source.name)


def _class_of(source: Source, catalogue: Catalogue) -> ConnectorClass:
    try:
        return catalogue.load(source.connector)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"The source {source.name!r} has no connector: {error.message}",
            hint=error.hint or "cxm connectors lists what is installed",
            source=source.name,
        ) from error
