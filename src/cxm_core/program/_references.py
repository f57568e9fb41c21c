"""Values of a configuration that stand elsewhere: in the environment, a file or a key ring."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

PLACES: Mapping[str, tuple[str, str]] = {
    "env": ("the environment variable {}", "export {}=..."),
    "file": ("something in the file {!r}", "paths start at the folder of the program file"),
    "keyring": ("the entry {!r} of the key ring", "keyring set cxm {}"),
}
_SECRET = re.compile(
    r"(?:^|_|-)(?:token|secret|password|passwd|api_?key|private_?key|credentials?)s?$",
    re.IGNORECASE,
)


class Reference(NamedTuple):
    """Where a value stands: the kind of place, and its name there."""

    place: str
    name: str

    @property
    def lack(self) -> str:
        """What is missing where there is no such value."""
        return PLACES[self.place][0].format(self.name)

    @property
    def cure(self) -> str:
        """How a person puts it there."""
        return PLACES[self.place][1].format(self.name)


Find: TypeAlias = Callable[[Reference], str | None]


class Hidden(str):
    """A text from elsewhere, which no `repr` shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<hidden>"


def reference_of(value: object) -> Reference | None:
    """The reference that a value is, such as ``{env = "NAME"}``; None for any other value."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    ((place, name),) = value.items()
    return Reference(place, name) if place in PLACES and isinstance(name, str) else None


def references(value: object) -> Iterator[Reference]:
    """Every reference in a configuration, in order."""
    found = reference_of(value)
    if found is not None:
        yield found
    elif isinstance(value, (Mapping, list)):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from references(part)


def filled(value: Any, found: Mapping[Reference, str]) -> Any:
    """The configuration with what its references stand for."""
    name = reference_of(value)
    if name is not None:
        return Hidden(found[name])
    if isinstance(value, Mapping):
        return {key: filled(part, found) for key, part in value.items()}
    return [filled(part, found) for part in value] if isinstance(value, list) else value


def bare_secrets(value: object, path: str) -> Iterator[str]:
    """Paths at which a secret stands in plain text."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if isinstance(part, str) and _SECRET.search(str(key)):
                yield f"{path}.{key}"
            yield from bare_secrets(part, f"{path}.{key}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from bare_secrets(part, f"{path}[{number}]")
