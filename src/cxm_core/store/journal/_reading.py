"""Reading a journal: the batches of all writers in the order of time, and what is no batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from heapq import heapify, heappop, heappush
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ._batches import Assembler, JournalBatch, JournalFlaw, Piece, joined
from ._entries import read_entry
from ._frames import HEADER, frame_at, frame_length, scan
from ._segments import SegmentName, is_held, journal_folder, segments_in

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_When: TypeAlias = tuple[datetime, bool]


class Mark(NamedTuple):
    """How much of a writer's frames is known: the last number, where it stands, and when it was."""

    number: int
    segment: int
    end: int
    written_at: datetime

    @property
    def place(self) -> tuple[int, int]:
        """Segment, and how much of it is known."""
        return self.segment, self.end


NOTHING = Mark(0, 0, 0, _LONG_AGO)
Marks: TypeAlias = Mapping[str, Mark]


def read_journal(url: str | Path) -> Iterator[JournalBatch | JournalFlaw]:
    """Read the whole journal of a store, whoever wrote it, in the order of time.

    Parameters
    ----------
    url : str or pathlib.Path
        Path of the store's file, which need not be there.

    Returns
    -------
    iterator of JournalBatch or JournalFlaw
        What is whole, and what is not; what a process is writing at this moment is neither.

    Examples
    --------
    >>> list(read_journal("nowhere.duckdb"))
    []
    """
    folder = journal_folder(url)
    return read_on(folder, unread_streams(folder, {}), {})


class Stream(NamedTuple):
    """Segments of one writer that are not known yet, in order, and their sizes."""

    writer: str
    segments: tuple[tuple[SegmentName, int], ...]


def unread_streams(folder: Path, marks: Marks) -> list[Stream]:
    """Writers who have written more than is known of them."""
    found = []
    by_writer = groupby(segments_in(folder).items(), key=lambda one: one[0].writer)
    for writer, segments in by_writer:
        mark = marks.get(writer, NOTHING)
        rest = tuple(one for one in segments if one[0].number >= mark.segment)
        if any((name.number, size) != mark.place and size > 0 for name, size in rest):
            found.append(Stream(writer, rest))
    return found


def read_on(folder: Path, streams: Iterable[Stream], marks: Marks) -> Iterator[Piece]:
    """What is new of some writers, in the order of time."""
    # Shared by all, so that a copy of a segment under another name is read once.
    known = {writer: mark.number for writer, mark in marks.items()}
    readers = [
        _Reader(folder, stream, marks.get(stream.writer, NOTHING), known) for stream in streams
    ]
    # A reader waits until its first batch is due, so that few files are in memory at once.
    waiting: list[tuple[_When, int]] = [(one.when, place) for place, one in enumerate(readers)]
    heapify(waiting)
    while waiting:
        _, place = heappop(waiting)
        reader = readers[place]
        yield from reader.due()
        if reader.has_more:
            heappush(waiting, (reader.when, place))


class _Reader:
    """Reads one writer's segments; `when` is the moment of what comes next."""

    def __init__(self, folder: Path, stream: Stream, mark: Mark, known: dict[str, int]) -> None:
        self._folder = folder
        self._stream = stream
        self._mark = mark
        self._state = Assembler(last=known)
        self._pieces = joined(self._all_pieces())
        self._next: Piece | None = None
        self.has_more = True
        self.when: _When = (self._begins_at(), False)

    def due(self) -> Iterator[Piece]:
        """Hand out what is next, if it is known already, and find out what follows."""
        if self._next is not None:
            yield self._next
        self._next = next(self._pieces, None)
        self.has_more = self._next is not None
        if isinstance(self._next, JournalBatch):
            # At one instant, records come before a new name of their source.
            self.when = max(self.when, (self._next.moment, self._next.rename is not None))

    def _begins_at(self) -> datetime:
        name, _ = self._stream.segments[0]
        return _first_moment(self._folder / name.file, self._offset(name))

    def _offset(self, name: SegmentName) -> int:
        return self._mark.end if name.number == self._mark.segment else 0

    def _all_pieces(self) -> Iterator[Piece]:
        newest = self._stream.segments[-1][0]
        for name, size in self._stream.segments:
            if size == 0 or (name.number, size) == self._mark.place:
                continue
            pieces = self._pieces_of(name)
            yield from (
                _without_live_end(pieces, self._folder / name.file) if (name == newest) else pieces
            )
            if self._state.is_stopped:
                return

    def _pieces_of(self, name: SegmentName) -> Iterator[Piece]:
        try:
            offset, data = _bytes_from(self._folder / name.file, self._offset(name))
        except FileNotFoundError:
            return
        except OSError:
            size = dict(self._stream.segments)[name]
            yield JournalFlaw(reason="damaged", segment=name.file, start=0, end=size)
            return
        yield from self._state.take(name.file, scan(data), offset=offset)


def _bytes_from(path: Path, offset: int) -> tuple[int, bytes]:
    """Bytes of a file and where they begin: at its start if it is not that long any more."""
    with path.open("rb") as stream:
        start = offset if stream.seek(0, 2) >= offset else 0
        stream.seek(start)
        return start, stream.read()


def _first_moment(path: Path, offset: int) -> datetime:
    """When the first frame was written; long ago if that cannot be read."""
    with suppress(OSError), path.open("rb") as stream:
        stream.seek(offset)
        front = stream.read(HEADER)
        frame = frame_at(front + stream.read(frame_length(front)), 0)
        entry = read_entry(frame.payload) if frame else None
        if entry is not None:
            return entry.at
    return _LONG_AGO


def _without_live_end(pieces: Iterator[Piece], path: Path) -> Iterator[Piece]:
    """Leave out the end that a process is just writing."""
    was_held, ends = is_held(path), list[JournalFlaw]()
    for piece in pieces:
        if isinstance(piece, JournalFlaw) and piece.reason == "unfinished":
            ends.append(piece)
            continue
        yield from ends
        ends.clear()
        yield piece
    if ends and not (was_held or is_held(path)):
        yield from ends
