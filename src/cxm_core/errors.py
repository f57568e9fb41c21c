"""Every error of the library, one tree, grouped by what the caller can do about it.

A message says what happened, with counts and field names, and never repeats a customer's words.
A hint says the nearest cure.
Facts for logs stand in `context`.
"""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "AuthError",
    "ConfigurationError",
    "CxmError",
    "FatalError",
    "ForeignOrigin",
    "LoopingPages",
    "MissingExtraError",
    "NotFound",
    "PermissionDenied",
    "PluginProblem",
    "RetryableError",
    "SchemaChanged",
    "SourceError",
    "StoreDamaged",
    "StoreError",
    "StoreFull",
    "StoreLocked",
    "StoreReadOnly",
    "TruncatedAnswer",
    "UsageError",
    "did_you_mean",
]


class CxmError(Exception):
    """Base of every error that the library raises on purpose.

    Parameters
    ----------
    message : str
        What happened, with counts and field names; never a customer's words.
    hint : str or None
        The nearest cure, shown after ``Hint:``.
    **context : object
        Facts for logs.
    """

    def __init__(self, message: str, *, hint: str | None = None, **context: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.context: Mapping[str, object] = context

    def __str__(self) -> str:
        return f"{self.message}\nHint: {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.hint, dict(self.context)))


def _rebuild(
    cls: type[CxmError], message: str, hint: str | None, context: dict[str, object]
) -> CxmError:
    return cls(message, hint=hint, **context)


class UsageError(CxmError, ValueError):
    """The call is wrong; the programmer can mend it now."""


class ConfigurationError(CxmError):
    """A program file or a connector's configuration is wrong; its author can mend it."""


class MissingExtraError(CxmError):
    """An optional dependency is not installed; the hint is the install command."""

    @classmethod
    def of(cls, extra: str, what: str) -> MissingExtraError:
        """Error for `what`, which needs the extra `extra`."""
        return cls(
            f"{what} needs the '{extra}' extra.", hint=f"pip install 'cxm[{extra}]'", extra=extra
        )


class StoreError(CxmError):
    """The store could not do what was asked; its state is unchanged."""


class StoreLocked(StoreError):  # noqa: N818  (a name of the public contract)
    """Another process holds the store."""


class StoreFull(StoreError):  # noqa: N818
    """The disk is full; nothing of the transaction was kept."""


class StoreReadOnly(StoreError):  # noqa: N818
    """The store cannot be written: opened to be read, without permission, or on a fixed disk."""


class StoreDamaged(StoreError):  # noqa: N818
    """The store's file, or its log, cannot be read as it is; nothing was changed."""


class SourceError(CxmError):
    """A source did not deliver."""


class RetryableError(SourceError):
    """The source cannot deliver for now; a later sync continues where this one stopped."""

    @property
    def resume_at(self) -> datetime | None:
        """When to try again, if the source said so."""
        value = self.context.get("resume_at")
        return value if isinstance(value, datetime) else None


class FatalError(SourceError):
    """The source will not deliver until a person has changed something."""


class AuthError(FatalError):
    """The source does not accept the credentials."""


class PermissionDenied(FatalError):  # noqa: N818
    """The credentials are good, but do not reach this stream."""


class NotFound(FatalError):  # noqa: N818
    """The source has no such thing: a file, an account, a stream."""


class LoopingPages(FatalError):  # noqa: N818
    """The source served the same page again."""


class TruncatedAnswer(FatalError):  # noqa: N818
    """The source's answer ended before its end."""


class ForeignOrigin(FatalError):  # noqa: N818
    """The source pointed to an origin that its connector has not declared."""


class SchemaChanged(FatalError):  # noqa: N818
    """What the source serves no longer has the declared shape."""


class PluginProblem(NamedTuple):
    """Why a plugin cannot be used; collected, never raised.

    Attributes
    ----------
    name : str
        Entry-point name.
    distribution : str
        Distribution that declares it.
    reason : str
        What is wrong with it, in one sentence.
    """

    name: str
    distribution: str
    reason: str


def did_you_mean(word: object, known: Iterable[str]) -> str | None:
    """Hint that names the nearest of the `known` words, or lists them; None if there are none."""
    words = sorted(known)
    near = get_close_matches(word, words, n=1, cutoff=0.6) if isinstance(word, str) else []
    if near:
        return f"did you mean {near[0]!r}?"
    return "one of " + ", ".join(repr(w) for w in words) if words else None
