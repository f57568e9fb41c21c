"""What is new about a source's answers: counted by a name, never by a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from ._calls import Answer

# A source that makes field names of its data would otherwise fill the receipt.
_MOST_NAMES = 200


class Drift:
    """Counts what was met since they were last taken.

    Parameters
    ----------
    payload : type of pydantic.BaseModel or None
        Class whose fields are the known ones.
    """

    def __init__(self, payload: type[BaseModel] | None) -> None:
        self._known = None if payload is None else _names(payload)
        self._extra: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._counts: Counter[str] = Counter()

    def add(self, name: str, count: int = 1) -> None:
        """Count something by its name."""
        if count:
            self._counts[name] += count

    def taken(self) -> dict[str, int]:
        """Give what was counted, and begin anew."""
        counts, self._counts = self._counts, Counter()
        return dict(counts)

    def of_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Count fields that the payload's class does not have."""
        if self._known is None:
            return
        for shape, count in Counter(tuple(row) for row in rows).items():
            for name in self._extras(shape):
                self.add(f"field:{name}", count)

    def of_answer(self, answer: Answer) -> None:
        """Count what the head of an answer says of itself."""
        for note in answer.notes:
            self.add(f"answer:{note}")
        for header in ("deprecation", "sunset"):
            if header in answer.headers:
                self.add(f"api:{header}")

    def _extras(self, shape: tuple[str, ...]) -> tuple[str, ...]:
        if shape not in self._extra:
            if len(self._extra) >= _MOST_NAMES:
                return ()
            known = self._known or frozenset()
            self._extra[shape] = tuple(shown_name(name) for name in shape if name not in known)
        return self._extra[shape]


def _names(payload: type[BaseModel]) -> frozenset[str]:
    fields = payload.model_fields.items()
    aliases = (info.alias or info.validation_alias for _, info in fields)
    return frozenset(name for name, _ in fields) | {one for one in aliases if isinstance(one, str)}


def shown_name(name: str) -> str:
    """Name of a field, if it looks like one; data that became a name is not shown."""
    return name if name.isidentifier() and len(name) <= 60 else "other"
