"""How far a stream was read, as plain JSON: versioned, and never set back by an empty answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from cxm_core.errors import FatalError
from cxm_core.plugins import State

from ._paging import Place

VERSION = 1
Migration: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]


@frozen(kw_only=True)
class Position:
    """How far one list was read.

    Parameters
    ----------
    place : str, int, mapping or None
        Where in its pages the list stands; None at the beginning.
    high : datetime or None
        Up to here all changes were served in a pass that was finished.
    newest : datetime or None
        Newest stamp of the pass under way.
    started : datetime or None
        When the pass under way began; None between two passes.
    edge : mapping of str to str
        What was served at the edge of the last pass, so that its look-back serves it only once.
    """

    place: Place = None
    high: datetime | None = None
    newest: datetime | None = None
    started: datetime | None = None
    edge: Mapping[str, str] = field(factory=dict)

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Position:
        """Read it from a state."""
        return cls(
            place=state.get("cursor"),
            high=_instant(state.get("high")),
            newest=_instant(state.get("newest")),
            started=_instant(state.get("started")),
            edge=state.get("edge") or {},
        )

    @property
    def plain(self) -> dict[str, Any]:
        """As plain JSON; what is not known is left out, never null."""
        told = {
            "cursor": self.place,
            "high": _text(self.high),
            "newest": _text(self.newest),
            "started": _text(self.started),
            "edge": dict(sorted(self.edge.items())) or None,
        }
        return {name: value for name, value in told.items() if value is not None}

    def seen(self, newest: datetime | None) -> Position:
        """After a page whose newest stamp is this."""
        return evolve(self, newest=_later(self.newest, newest))

    def finished(self, rest: Place) -> Position:
        """After the last page: what changed since the pass began is asked for again."""
        bounds = [at for at in (self.newest, self.started) if at is not None]
        reached = min(bounds) if self.newest is not None else None
        return Position(place=rest, high=_later(self.high, reached), edge=self.edge)

    def again(self) -> Position:
        """Before the pass, whose place is good no more."""
        return Position(high=self.high, edge=self.edge)


@frozen(kw_only=True)
class Memory:
    """State of a whole stream: of its list, or of one list for each row of its parent.

    Parameters
    ----------
    position : Position
        Of the stream's own list.
    parts : mapping of str to Position
        Of each list, by the key of the parent's row.
    done : tuple of str
        Lists that were finished in the round under way.
    note : str
        One sentence about a state that could not be used.
    """

    position: Position = Position()
    parts: Mapping[str, Position] = field(factory=dict)
    done: tuple[str, ...] = ()
    note: str = ""

    @classmethod
    def of(
        cls, state: State | None, *, version: int = VERSION, migrations: Mapping[int, Migration]
    ) -> Memory:
        """Read a state, brought up to the present version.

        Raises
        ------
        FatalError
            It was written by a newer version.
        """
        if not state:
            return cls()
        present = _migrated(dict(state), version, migrations)
        if present is None:
            return cls(note="The state is of a version that nothing migrates; all is read again.")
        parts = {key: Position.of(one) for key, one in present.get("parts", {}).items()}
        return cls(position=Position.of(present), parts=parts, done=tuple(present.get("done", ())))

    def plain(self, version: int = VERSION) -> dict[str, Any]:
        """As plain JSON."""
        told: dict[str, Any] = {"version": version, **self.position.plain}
        if self.parts:
            told["parts"] = {key: one.plain for key, one in sorted(self.parts.items())}
        if self.done:
            told["done"] = list(self.done)
        return told


def _migrated(
    state: dict[str, Any], version: int, migrations: Mapping[int, Migration]
) -> dict[str, Any] | None:
    found = state.get("version", 0)
    if not isinstance(found, int) or found > version:
        raise FatalError(
            "The state was written by a newer version of the connector.",
            hint="install that version again, or a later one",
            version=found if isinstance(found, int) else None,
        )
    for step in range(found, version):
        if step not in migrations:
            return None
        state = {**migrations[step](state), "version": step + 1}
    return state


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
