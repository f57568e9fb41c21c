"""Arguments of the functions that apps call: one of the wrong type is told before anything else."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import wraps
from inspect import Parameter, signature
from numbers import Integral, Real
from pathlib import Path
from types import UnionType
from typing import NamedTuple, ParamSpec, TypeVar, get_args

from cxm_core.errors import UsageError

P = ParamSpec("P")
R = TypeVar("R")
Due = str | type | UnionType


class _Kind(NamedTuple):
    """What an argument may be, in a word, and how it is written."""

    what: str
    hint: str | None
    fits: Callable[[object], bool]


def _is_names(value: object) -> bool:
    if isinstance(value, str):
        return True
    if isinstance(value, list | tuple | set | frozenset):
        return all(isinstance(one, str) for one in value)
    return _is_several(value)


def _is_several(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_flag(value: object) -> bool:
    """True or False, of Python or of NumPy, which is not loaded for it."""
    return type(value).__name__ in ("bool", "bool_")


def _is_name(value: object) -> bool:
    return value is not None and isinstance(value, Hashable)


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
    "number": _Kind("number", "one number, such as 5 or 0.5", _is_number),
    "whole": _Kind("whole number", "such as 20", _is_whole),
    "flag": _Kind("yes or no", "True or False", _is_flag),
    "name": _Kind("name", "one name, such as 'channel'", _is_name),
    "function": _Kind("function", "something to be called", callable),
}


def takes(**kinds: Due) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Refuse arguments of the wrong type with an error that names them.

    Parameters
    ----------
    **kinds : str, or a class or a union of them
        By argument: ``"text"``, ``"names"`` for one text or several, ``"path"``, ``"mapping"``,
        ``"several"``, ``"number"``, ``"whole"``, ``"flag"``, ``"name"`` of a column or a group, or
        ``"function"``; with a question mark behind it None will do, too. Keywords that a function
        hands on go by their own names.

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
        bind, further = signature(function).bind, _further(function)

        @wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            given = bind(*args, **kwargs).arguments
            given |= given.pop(further, {})
            for name, kind in kinds.items():
                if name in given:
                    _check(name, given[name], kind)
            return function(*args, **kwargs)

        return called

    return checked


def _further(function: Callable[..., object]) -> str:
    """Name under which a function gathers keywords that it hands on; empty if it does not."""
    parameters = signature(function).parameters.values()
    return next((one.name for one in parameters if one.kind is Parameter.VAR_KEYWORD), "")


def _kind(told: Due) -> _Kind:
    if isinstance(told, str):
        return _KINDS[told.removesuffix("?")]
    names = [one.__name__ for one in get_args(told) or (told,) if one is not type(None)]
    return _Kind(" or ".join(names), None, lambda value: isinstance(value, told))


def _check(name: str, value: object, told: Due) -> None:
    kind = _kind(told)
    if kind.fits(value) or (value is None and str(told).endswith("?")):
        return
    found = "None" if value is None else f"of the type {type(value).__name__}"
    if kind.fits([]) and isinstance(value, list | tuple | set | frozenset):
        found = "a list with something else in it"
    raise UsageError(f"The argument {name!r} is {found}, and no {kind.what}.", hint=kind.hint)
