"""Arguments of the functions that apps call: one of the wrong type is told before anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

from cxm_core.errors import UsageError

P = ParamSpec("P")
R = TypeVar("R")


class _Kind(NamedTuple):
    """What an argument may be, in a word, and how it is written."""

    what: str
    hint: str
    fits: Callable[[object], bool]


def _is_names(value: object) -> bool:
    if isinstance(value, str):
        return True
    if isinstance(value, list | tuple | set | frozenset):
        return all(isinstance(one, str) for one in value)
    return _is_several(value)


def _is_several(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


_KINDS: Mapping[str, _Kind] = {
    "text": _Kind("text", "a text in quotes", lambda value: isinstance(value, str)),
    "names": _Kind("name, nor several", "'a name', or ['several', 'names']", _is_names),
    "path": _Kind(
        "path", "a text, or pathlib.Path(...)", lambda value: isinstance(value, str | Path)
    ),
    "mapping": _Kind(
        "mapping", "such as {'channel': 'chat'}", lambda value: isinstance(value, Mapping)
    ),
    "several": _Kind("list of them", "a list, even of one", _is_several),
    "function": _Kind("function", "something to be called", callable),
}


def takes(**kinds: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Refuse arguments of the wrong type with an error that names them.

    Parameters
    ----------
    **kinds : str
        By argument: ``"text"``, ``"names"`` for one text or several, ``"path"``, ``"mapping"``,
        ``"several"`` or ``"function"``; with a question mark behind it None will do, too.

    Returns
    -------
    callable
        Decorator of a function or a method.

    Raises
    ------
    UsageError
        The function is called with something else.

    Examples
    --------
    >>> @takes(name="text", folder="path?")
    ... def place(name, folder=None):
    ...     return f"{folder}/{name}"
    >>> place("a", 5)
    Traceback (most recent call last):
        ...
    cxm_core.errors.UsageError: The argument 'folder' is of the type int, and no path.
    Hint: a text, or pathlib.Path(...)
    """

    def checked(function: Callable[P, R]) -> Callable[P, R]:
        bind = signature(function).bind

        @wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            given = bind(*args, **kwargs).arguments
            for name, kind in kinds.items():
                if name in given:
                    _check(name, given[name], kind)
            return function(*args, **kwargs)

        return called

    return checked


def _check(name: str, value: object, told: str) -> None:
    kind = _KINDS[told.removesuffix("?")]
    if kind.fits(value) or (value is None and told.endswith("?")):
        return
    found = "None" if value is None else f"of the type {type(value).__name__}"
    if kind.fits("") and isinstance(value, list | tuple | set | frozenset):
        found = "a list with something else in it"
    raise UsageError(f"The argument {name!r} is {found}, and no {kind.what}.", hint=kind.hint)
