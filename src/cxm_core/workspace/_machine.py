"""What this machine has of cxm: versions, and which extras are installed."""

from __future__ import annotations

import platform
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import metadata

from attrs import frozen

__all__ = ["Extra", "extras", "versions"]

_NEED = re.compile(r"\A(?P<package>[\w.-]++)[^;]*+;.*?\bextra == ['\"](?P<extra>[\w-]++)['\"]")
# Only names for several of the others.
_COLLECTIONS = {"all", "app"}


@frozen(kw_only=True)
class Extra:
    """An extra of the distribution, and the packages that it stands for.

    Attributes
    ----------
    name : str
        As in ``pip install 'cxm[name]'``.
    packages : mapping of str to str or None
        Version of each; None if it is not installed.
    """

    name: str
    packages: Mapping[str, str | None]

    @property
    def is_installed(self) -> bool:
        """Whether nothing of it is missing."""
        return None not in self.packages.values()

    def __str__(self) -> str:
        if not self.is_installed:
            return f"{self.name}: not installed, pip install 'cxm[{self.name}]'"
        return f"{self.name}: " + ", ".join(
            f"{name} {version}" for name, version in self.packages.items()
        )


def versions() -> dict[str, str]:
    """Versions of cxm, Python and the system."""
    return {
        "cxm": _version("cxm") or "unknown",
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def extras() -> tuple[Extra, ...]:
    """Every extra, installed or not."""
    packages: dict[str, dict[str, str | None]] = defaultdict(dict)
    for extra, package in _needs():
        packages[extra][package] = _version(package)
    return tuple(Extra(name=name, packages=needed) for name, needed in sorted(packages.items()))


def _needs() -> Iterator[tuple[str, str]]:
    try:
        texts = metadata.requires("cxm") or []
    except metadata.PackageNotFoundError:
        return
    for text in texts:
        need = _NEED.match(text)
        if need is not None and need["extra"] not in _COLLECTIONS:
            yield need["extra"], need["package"]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
