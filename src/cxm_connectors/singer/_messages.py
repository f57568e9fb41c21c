"""Lines that a tap writes, and what each of them says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from cxm_core.errors import SchemaChanged


@frozen
class Schema:
    """What rows of a stream look like, and what they are known by."""

    stream: str
    properties: frozenset[str]
    keys: tuple[str, ...]
    bookmarks: tuple[str, ...]


@frozen
class Row:
    """One row of a stream, and the version of the stream that it belongs to."""

    stream: str
    values: Mapping[str, Any] = field(repr=False)
    version: int | None = None


@frozen
class Mark:
    """The tap's own state: all before it was written."""

    value: Any = field(repr=False)


@frozen
class Activation:
    """A version of a stream was served as a whole: what is not in it is gone."""

    stream: str
    version: int


@frozen
class Unknown:
    """A message of a type that the protocol does not know, or no message at all."""

    word: str


Message: TypeAlias = Schema | Row | Mark | Activation | Unknown


def message_of(line: bytes) -> Message:
    """Read one line.

    Raises
    ------
    SchemaChanged
        A known message lacks what it must have, or asks for what cannot be read here.
    """
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return Unknown("no JSON")
    word = told.get("type") if isinstance(told, dict) else None
    if word == "BATCH":
        raise SchemaChanged(
            "The tap writes files (BATCH messages), which are not read here.",
            hint="switch batches off in the tap's configuration; rows come as RECORD then",
        )
    if not isinstance(word, str) or word not in _READERS:
        return Unknown(word if isinstance(word, str) and word.isidentifier() else "no message")
    try:
        return _READERS[word](told)
    except (LookupError, TypeError, ValueError, AttributeError):
        pass
    raise SchemaChanged(
        f"The tap wrote a {word} message that lacks what it must have.",
        hint="tell the tap's authors",
    )


def _schema(told: Mapping[str, Any]) -> Schema:
    properties = told["schema"].get("properties") or {}
    return Schema(
        _text(told["stream"]),
        frozenset(properties),
        tuple(told.get("key_properties") or ()),
        tuple(told.get("bookmark_properties") or ()),
    )


def _row(told: Mapping[str, Any]) -> Row:
    if not isinstance(told["record"], dict):
        raise TypeError
    return Row(_text(told["stream"]), told["record"], told.get("version"))


def _activation(told: Mapping[str, Any]) -> Activation:
    return Activation(_text(told["stream"]), int(told["version"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Message]] = {
    "SCHEMA": _schema,
    "RECORD": _row,
    "STATE": lambda told: Mark(told["value"]),
    "ACTIVATE_VERSION": _activation,
}
