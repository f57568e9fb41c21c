"""What a check is, and how it says what it found: by counts and field names, never by a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeAlias

from ._subject import Key, Row, Run, Subject, told

Check: TypeAlias = Callable[[Subject], str | None]
"""A check raises AssertionError, or gives the reason why it does not apply, or None."""


def fail(text: str) -> NoReturn:
    """Say what is wrong."""
    raise AssertionError(text)


def require(holds: object, text: str) -> None:
    """Say what is wrong unless it holds."""
    if not holds:
        fail(text)


def require_same(found: Mapping[Key, Row], wanted: Mapping[Key, Row], when: str) -> None:
    """Say how what was kept differs from what should be kept."""
    require(found == wanted, f"{when}: {difference(found, wanted)}.")


def difference(found: Mapping[Key, Row], wanted: Mapping[Key, Row]) -> str:
    """What is lost, too much or different, by kind and column."""
    parts = [
        f"{what} {_counted(keys)}"
        for what, keys in (
            ("lost", wanted.keys() - found.keys()),
            ("too much", found.keys() - wanted.keys()),
        )
        if keys
    ]
    columns = Counter(
        f"{key[0]}.{name}"
        for key in wanted.keys() & found.keys()
        for name in wanted[key].keys() | found[key].keys()
        if wanted[key].get(name) != found[key].get(name)
    )
    parts += [f"different {name} ({n} times)" for name, n in sorted(columns.items())]
    return "; ".join(parts) or "no difference"


def _counted(keys: Iterable[Key]) -> str:
    kinds = Counter(kind for kind, _ in keys)
    return ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))


def require_no_error(run: Run, when: str) -> None:
    """Say which error ended a run that should have gone on."""
    if run.error is not None:
        raise AssertionError(f"Stream {run.stream!r}, {when}: {told(run.error)}") from run.error


def every_stream(subject: Subject, look: Callable[[Run], Any]) -> str | None:
    """Look at one undisturbed sync of each stream; a reason why nowhere there was something."""
    seen = [look(subject.whole(name)) for name in subject.streams()]
    return None if any(one is None for one in seen) else next(iter(seen), "it has no stream")
