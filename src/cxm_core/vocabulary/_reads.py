"""For type checkers alone: a field that takes more than it holds."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

Given_contra = TypeVar("Given_contra", contravariant=True)
Held_co = TypeVar("Held_co", covariant=True)


class Reads(Protocol[Given_contra, Held_co]):
    """Field whose validator takes `Given_contra` and whose value is `Held_co`.

    A type checker takes what `__set__` is given for the type of the argument, and what `__get__`
    returns for that of the value. Nothing of it is there when a program runs.

    Examples
    --------
    >>> sorted(name for name in vars(Reads) if name in ("__get__", "__set__"))
    ['__get__', '__set__']
    """

    def __get__(self, instance: object, owner: type | None = None, /) -> Held_co: ...

    def __set__(self, instance: Any, value: Given_contra, /) -> None: ...
