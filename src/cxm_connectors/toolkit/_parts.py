"""A stream that has one list for each row of another stream, such as each form its responses."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from attrs import evolve

from cxm_core.errors import NotFound
from cxm_core.plugins import Checkpoint, Item, ReadRequest

from ._paging import dig
from ._reading import Reading, Task
from ._state import Memory, Position
from ._stream import Row

_GONE = "A list was gone before it was read."


class Parts:
    """The reading of a stream that has a parent.

    Parameters
    ----------
    task : Task
        What is to be read; its promise is that of the whole stream.
    parent : Reading
        The parent's list, which is read anew at each sync.
    memory : Memory
        State of the stream.
    """

    def __init__(self, task: Task, parent: Reading, memory: Memory) -> None:
        self.task, self.parent, self.memory = task, parent, memory
        self.request, self.promise = task.request, task.promise
        self.key = task.spec.parent.key if task.spec.parent is not None else "id"
        self.delivered = 0
        self._gaps: list[str] = []

    def items(self) -> Iterator[Item]:
        """Serve list after list, and last those that an interrupted run had finished."""
        done, found, stale = set(self.memory.done), set[str](), dict[str, Row]()
        for key, row in self._rows():
            if key in found:
                continue
            found.add(key)
            if key in done:
                stale[key] = row
            else:
                yield from self._part(key, row)
            if self._is_enough():
                yield self.promise(self.memory, reached_end=False, gaps=self._taken())
                return
        yield from self._up_to_date(stale)
        kept = self.memory.parts.items()
        parts = {key: one for key, one in kept if key in found and one != Position()}
        self.memory = Memory(parts=parts)
        yield self.promise(self.memory, reached_end=True, gaps=self._taken())

    def _up_to_date(self, stale: Mapping[str, Row]) -> Iterator[Item]:
        """Serve what changed since the interruption, where a list can be asked for that alone."""
        if self.task.spec.since is not None:
            for key, row in stale.items():
                yield from self._part(key, row)

    def _rows(self) -> Iterator[tuple[str, Row]]:
        for page in self.parent.pages():
            for row in page.rows:
                key = dig(row, self.key)
                if isinstance(key, str | int):
                    yield str(key), row

    def _part(self, key: str, row: Row) -> Iterator[Item]:
        task = evolve(self.task, row=row, request=self._left(), promise=self._keeper(key))
        reading = Reading(task, self.memory.parts.get(key, Position()))
        try:
            position = yield from self._served(reading)
        except NotFound:
            # The row's list vanished between two calls; the others are read all the same.
            self._gaps.append(_GONE)
            position = reading.position
        self.delivered += reading.delivered
        if position.started is None or not self._is_enough():
            self._remember(key, position, is_done=True)

    def _served(self, reading: Reading) -> Generator[Item, None, Position]:
        return (yield from reading.items())

    def _keeper(self, key: str) -> Callable[..., Checkpoint]:
        def keep(position: Position, **facts: Any) -> Checkpoint:
            self._remember(key, position, is_done=position.started is None)
            facts["reached_end"] = None
            facts["gaps"] = (*facts["gaps"], *self._taken())
            return self.promise(self.memory, **facts)

        return keep

    def _remember(self, key: str, position: Position, *, is_done: bool) -> None:
        parts: Mapping[str, Position] = {**self.memory.parts, key: position}
        done = self.memory.done
        if is_done and key not in done:
            done = (*done, key)
        self.memory = evolve(self.memory, parts=parts, done=done)

    def _left(self) -> ReadRequest:
        if self.request.limit is None:
            return self.request
        return evolve(self.request, limit=max(self.request.limit - self.delivered, 1))

    def _taken(self) -> tuple[str, ...]:
        gaps, self._gaps = tuple(self._gaps), []
        return gaps

    def _is_enough(self) -> bool:
        return self.request.limit is not None and self.delivered >= self.request.limit
