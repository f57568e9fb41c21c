"""Parts of a program that a call gives: each is one of those that are asked for."""

from __future__ import annotations

from typing import Any, TypeVar

from cxm_core.errors import UsageError

D = TypeVar("D")


def all_of(kind: type[D], given: Any, name: str) -> tuple[D, ...]:
    """Several declarations of a kind; anything else among them is refused."""
    found = tuple(given) if hasattr(given, "__iter__") else (given,)
    if not all(isinstance(one, kind) for one in found):
        raise UsageError(
            f"The argument {name!r} has something in it that is no {kind.__name__}.",
            hint=f"[{kind.__name__}(...)], or those of the program",
        )
    return found
