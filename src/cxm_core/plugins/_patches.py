"""What a plugin changes of Python for everybody while it is imported: named, and put back.

A plugin is trusted code: it can do what the program can do.
This finds the careless ones, which would switch off the checks of every other connector.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

__all__ = ["changes_undone"]

# What the safety of all connectors hangs on.
_ALWAYS = ("ssl", "socket")
# Only if they are loaded: what nobody has imported yet, nobody relies on yet.
_OTHERS = (
    *("builtins", "json", "hashlib", "hmac", "secrets", "http.client", "urllib.request"),
    *("httpx", "httpcore", "requests", "urllib3"),
)
# Flag of a class that is made in Python, and so can be changed (Py_TPFLAGS_HEAPTYPE).
_CHANGEABLE = 1 << 9
_MISSING = object()
_Owner = ModuleType | type
_Contents = dict[_Owner, dict[str, object]]


@contextmanager
def changes_undone() -> Iterator[list[str]]:
    """Names of what was changed in between, which is put back; the list is filled at the end."""
    changed: list[str] = []
    before = _contents()
    try:
        yield changed
    finally:
        for owner, known in before.items():
            changed += (f"{owner.__name__}.{name}" for name in _undone(owner, known))


def _contents() -> _Contents:
    for name in _ALWAYS:
        import_module(name)
    modules = [m for m in map(sys.modules.get, (*_ALWAYS, *_OTHERS)) if m is not None]
    owners: list[_Owner] = [*modules, *(c for m in modules for c in _classes(m))]
    return {owner: _public(owner) for owner in owners}


def _classes(module: ModuleType) -> Iterator[type]:
    for value in list(vars(module).values()):
        is_own = isinstance(value, type) and value.__module__ == module.__name__
        if is_own and value.__flags__ & _CHANGEABLE:
            yield value


def _public(owner: _Owner) -> dict[str, object]:
    # Python itself writes such names as `__warningregistry__` and `_abc_impl`.
    return {name: value for name, value in list(vars(owner).items()) if not name.startswith("_")}


def _undone(owner: _Owner, known: dict[str, object]) -> Iterator[str]:
    for name, value in known.items():
        if vars(owner).get(name, _MISSING) is not value:
            setattr(owner, name, value)
            yield name
    # A module gets new names by being used; a class gets one only from somebody who hides another.
    for name in _public(owner).keys() - known.keys() if isinstance(owner, type) else ():
        delattr(owner, name)
        yield name
