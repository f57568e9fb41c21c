"""From the name of a source to its connector, built and ready to be asked."""

from __future__ import annotations

import os

from cxm_core.errors import ConfigurationError
from cxm_core.plugins import Catalogue, Connector, ConnectorClass, Runtime, build, discover
from cxm_core.program import Program, Source
from cxm_core.store import Clock

__all__ = ["connect", "installed_connectors", "runtime_of"]


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
    """All that the program's connectors get from outside."""
    return Runtime(clock=clock, root=program.base.resolve(), secrets=os.environ.get)


def connect(source: Source, catalogue: Catalogue, runtime: Runtime) -> Connector:
    """Build the connector of one source of the program."""
    cls = _class_of(source, catalogue)
    return build(cls, source.resolved(os.environ), runtime, source=source.name)


def _class_of(source: Source, catalogue: Catalogue) -> ConnectorClass:
    try:
        return catalogue.load(source.connector)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"The source {source.name!r} has no connector: {error.message}",
            hint=error.hint or "cxm connectors lists what is installed",
            source=source.name,
        ) from error
