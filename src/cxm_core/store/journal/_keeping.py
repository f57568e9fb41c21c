"""The journal of an open store: what a transaction writes there before it is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cxm_core.errors import StoreError
from cxm_core.records import Record
from cxm_core.store._surroundings import Surroundings

from ._journal import Journal, Position
from ._marks import add_rename, marks_of, next_moment, set_marks
from ._reading import Mark, unread_streams
from ._segments import journal_folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Enter: TypeAlias = "Callable[[DuckDBPyConnection], Position | None]"


class JournalKeeper:
    """Writes to the journal of a store, and remembers in the store that this is folded already.

    Parameters
    ----------
    path : pathlib.Path
        The store's file.
    surroundings : Surroundings
        Clock, fault points, disk.
    """

    def __init__(self, path: Path, surroundings: Surroundings) -> None:
        self.folder = journal_folder(path)
        self._clock = surroundings.clock
        self._surroundings = surroundings
        self._journal = self._new_journal()

    def _new_journal(self) -> Journal:
        return Journal(
            self.folder,
            clock=self._surroundings.clock,
            disk=self._surroundings.disk,
            faults=self._surroundings.faults,
        )

    def begin_anew(self) -> None:
        """Let go of the file that is being written, so that it can be written anew."""
        self._journal.close()
        self._journal = self._new_journal()

    def has_news(self, con: DuckDBPyConnection) -> bool:
        """Whether the journal holds more than the store knows of."""
        return bool(unread_streams(self.folder, marks_of(con)))

    def enter(self, con: DuckDBPyConnection, own: Sequence[Record]) -> Position | None:
        """Write the transaction's own records, if it has any, just before it is committed."""
        if not own:
            return None
        at = next_moment(con, self._clock())
        position = self._journal.append(own, source=own[0].known_source, at=at)
        with self._or_withdrawn(position):
            _mark(con, position)
        return position

    def enter_rename(self, con: DuckDBPyConnection, old: str, new: str) -> Position:
        """Write that a source has another name."""
        position = self._journal.rename(old, new, at=next_moment(con, self._clock()))
        with self._or_withdrawn(position):
            add_rename(con, position.at, (old, new))
            _mark(con, position)
        return position

    @contextmanager
    def _or_withdrawn(self, position: Position) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self.withdraw(position, error)
            raise

    def withdraw(self, position: Position | None, error: BaseException) -> None:
        """Take out again what the store could not keep, because of this error."""
        if position is None:
            return
        try:
            self._journal.withdraw(position)
        except StoreError as left:
            error.add_note(left.message + " The store takes it from there when it opens next.")

    def close(self) -> None:
        """Let go of the file that is being written."""
        self._journal.close()


def _mark(con: DuckDBPyConnection, position: Position) -> None:
    mark = Mark(position.number, position.segment, position.end, position.at)
    set_marks(con, {position.writer: mark})


def nothing_to_enter(_con: DuckDBPyConnection) -> None:
    """Write nothing: what the transaction holds can be pulled again."""
