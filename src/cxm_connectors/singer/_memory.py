"""What is remembered of a tap's stream: its state, the rows at its bookmark, and what is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from cxm_connectors.mapping import Ids, digest, state_of

VERSION = 1
_MOST_ROWS = 2_000


@frozen(kw_only=True)
class Memory:
    """A tap's stream, as it stands in a checkpoint.

    Attributes
    ----------
    tap : object
        The tap's own state; what it forgets is kept from before.
    edge : mapping of str to str
        Key and content of the rows at the newest bookmark, which most taps serve again.
    ids : tuple of (str, str)
        Kind and native id of all that the active version served.
    version : int or None
        Version that was activated last.
    questions : str or None
        Hash of the questions that were served.
    """

    tap: Any = field(default=None, repr=False)
    edge: Mapping[str, str] = field(factory=dict, repr=False)
    ids: Ids = field(default=(), repr=False)
    version: int | None = None
    questions: str | None = None

    @classmethod
    def of(cls, state: Mapping[str, Any] | None) -> Memory:
        """Memory that a state holds; one of an older form is none."""
        told = state_of(state, VERSION)
        ids = tuple((kind, own) for kind, own in told.get("ids", ()))
        return cls(
            tap=told.get("tap"),
            edge=told.get("edge", {}),
            ids=ids,
            version=told.get("active"),
            questions=told.get("questions"),
        )

    @property
    def state(self) -> dict[str, Any]:
        """Plain JSON for a checkpoint."""
        return {
            "version": VERSION,
            "tap": self.tap,
            "edge": dict(self.edge),
            "ids": [list(pair) for pair in self.ids],
            "active": self.version,
            "questions": self.questions,
        }

    def told(self, value: Any) -> Memory:
        """Memory after the tap wrote its state; null takes nothing away."""
        return self if value is None else evolve(self, tap=value)


class Edge:
    """Rows with the newest bookmark of a run, and those of the run before."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._rows: dict[str, str] = dict(known)
        self._newest: Any = None
        self.keys: tuple[str, ...] = ()
        self.bookmarks: tuple[str, ...] = ()

    def is_known(self, row: Mapping[str, Any]) -> bool:
        """Whether the run before ended with exactly this row; it is remembered either way."""
        key = digest([row.get(name) for name in self.keys] if self.keys else row)
        found = digest(row)
        self._remember(key, found, [row.get(name) for name in self.bookmarks])
        return self._known.get(key) == found

    def _remember(self, key: str, found: str, bookmark: list[Any]) -> None:
        if not self.bookmarks or None in bookmark:
            return
        told = [str(part) for part in bookmark]
        if self._newest is None or told > self._newest:
            self._newest, self._rows = told, {}
        if told == self._newest and len(self._rows) < _MOST_ROWS:
            self._rows[key] = found

    @property
    def rows(self) -> Mapping[str, str]:
        """What the next run will serve again."""
        return dict(self._rows)
