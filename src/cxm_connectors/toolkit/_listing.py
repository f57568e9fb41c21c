"""What a source holds now, found by reading all of it once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from cxm_core.errors import TruncatedAnswer
from cxm_core.plugins import Checkpoint, Item, ReadRequest, Rejected, State, StreamInfo
from cxm_core.records import Deletion, Record

from ._config import Config


class Source(Protocol):
    """What a list is made from: a connector."""

    settings: Config

    def streams(self) -> Sequence[StreamInfo]:
        """List its streams."""

    def is_listable(self, stream: StreamInfo) -> bool:
        """Tell whether a stream shows all that there is."""

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve a stream."""


def listed(source: Source, kind: str) -> set[str] | None:
    """Ids of all records of a kind that the source holds; None if a read does not show them all."""
    streams = [one for one in source.streams() if not one.kinds or kind in one.kinds]
    if (
        not streams
        or source.settings.since is not None
        or not all(map(source.is_listable, streams))
    ):
        return None
    held: set[str] = set()
    for stream in streams:
        for item in _whole(source, stream):
            _note(held, item, kind)
    return held


def _whole(source: Source, stream: StreamInfo) -> Iterator[Item]:
    """All that a stream serves from its beginning; an error if that is not all there is."""
    last: Checkpoint | None = None
    for item in source.read(stream.name, None, ReadRequest()):
        yield item
        last = item if isinstance(item, Checkpoint) else last
    gaps: Iterable[object] = () if last is None else last.gaps
    if last is None or not last.reached_end or tuple(gaps):
        raise TruncatedAnswer(
            f"The stream {stream.name!r} did not show all that it holds, so nothing can be said of "
            "what is gone.",
            stream=stream.name,
        )


def _note(held: set[str], item: Item, kind: str) -> None:
    if isinstance(item, Rejected) and item.kind == kind:
        _note_unread(held, item)
    elif isinstance(item, Deletion) and item.kind == kind:
        held.discard(item.native_id)
    elif isinstance(item, Record) and item.record_kind == kind:
        # One that the source says is gone is a record still: its own word takes it away.
        held.add(item.native_id)


def _note_unread(held: set[str], item: Rejected) -> None:
    """A row that cannot be read is there all the same, if it can be told which it is."""
    if item.native_id is None:
        raise TruncatedAnswer(
            f"A row of the kind {item.kind!r} has no id that can be read, so nothing can be said "
            "of what is gone."
        )
    held.add(item.native_id)
