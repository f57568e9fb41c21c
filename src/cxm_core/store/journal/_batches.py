"""From frames to batches: which are whole, and what is missing between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, TypeAlias

from attrs import asdict, evolve, field, frozen

from ._entries import Entry, JournalRow, read_entry
from ._frames import VERSION, Frame, Scan

Reason: TypeAlias = Literal["damaged", "broken", "unfinished", "missing", "newer"]


@frozen(kw_only=True)
class JournalBatch:
    """A whole batch of the journal.

    Attributes
    ----------
    writer : str
        Who wrote it.
    number : int
        Number of its last frame.
    at, moment : datetime
        When it was written, by the clock of its writer; the latest such instant up to here, which
        never goes back.
    source : str
        Where it came from.
    rows : tuple of JournalRow
        Its records.
    rename : tuple of str and str, or None
        Old and new name of a source, if that is what it says.
    segment : str
        File that it stands in.
    start, end : int
        Its first byte there, and the one after its last.
    """

    writer: str
    number: int
    at: datetime
    moment: datetime
    source: str
    rows: tuple[JournalRow, ...] = field(repr=False)
    rename: tuple[str, str] | None
    segment: str
    start: int
    end: int


@frozen(kw_only=True)
class JournalFlaw:
    """A part of the journal that gives no batch.

    Attributes
    ----------
    reason : str
        `damaged`: cannot be read, though more was written after it. `broken`: parts of a batch of
        which another part cannot be read. `unfinished`: the end of a file at which a write was
        broken off, so nobody was told that it was kept. `missing`: batches that were written and
        are not there. `newer`: written by a newer library; nothing of that writer was read from
        there on.
    segment : str
        File that it stands in.
    start, end : int
        First byte, and the one after the last.
    frames : int or None
        How many frames it were, at most, if that is known.
    """

    reason: Reason
    segment: str
    start: int
    end: int
    frames: int | None = None

    def to_dict(self) -> dict[str, str | int | None]:
        """Plain mapping of its fields."""
        return asdict(self)

    def __str__(self) -> str:
        place = f"{self.segment} from byte {self.start:,} to {self.end:,}"
        if self.reason == "missing":
            count = "1 part" if self.frames == 1 else f"up to {self.frames:,} parts"
            return f"Missing: {count} before byte {self.start:,} of {self.segment}."
        return f"{_SENTENCES[self.reason]} {place}."


_SENTENCES = {
    "damaged": "Cannot be read:",
    "broken": "Parts of a batch that is not whole any more:",
    "unfinished": "Never finished, so nobody was told that it is kept:",
    "newer": "Written by a newer library, upgrade to read it:",
}
Piece: TypeAlias = "JournalBatch | JournalFlaw"


class Assembler:
    """Puts batches together from the frames of one writer's segments, in order.

    Parameters
    ----------
    last : dict of str to int or None
        Number of the last frame of a whole batch, by writer; it is kept up to date.
    """

    def __init__(self, last: dict[str, int] | None = None) -> None:
        self.last = {} if last is None else last
        self.is_stopped = False
        self._moment: datetime | None = None
        self._open: list[tuple[Frame, Entry]] = []
        self._segment = ""

    def take(self, segment: str, found: Scan, *, offset: int = 0) -> Iterator[Piece]:
        """Batches and flaws of a piece of a segment that begins at `offset`."""
        self._segment = segment
        for place in found.places:
            start, end = place.start + offset, place.end + offset
            if isinstance(place, Frame):
                yield from self._frame(place._replace(start=start, end=end))
            elif place == found.tail:
                yield from self._let_go("unfinished")
                yield self._flaw("unfinished", start, end)
            else:
                yield from self._let_go("broken")
                yield self._flaw("damaged", start, end)
            if self.is_stopped:
                return
        yield from self._let_go("unfinished")

    def _frame(self, frame: Frame) -> Iterator[Piece]:
        if frame.version != VERSION:
            self.is_stopped = True
            yield from self._let_go("broken")
            yield self._flaw("newer", frame.start, frame.end, frames=1)
            return
        entry = read_entry(frame.payload)
        if entry is None:
            yield from self._let_go("broken")
            yield self._flaw("damaged", frame.start, frame.end, frames=1)
        elif entry.number > self.last.get(entry.writer, 0):
            yield from self._entry(frame, entry)

    def _entry(self, frame: Frame, entry: Entry) -> Iterator[Piece]:
        if self._open and not self._continues(entry):
            yield from self._let_go("unfinished" if self._was_given_up(entry) else "broken")
        if entry.part != len(self._open):
            yield self._flaw("broken", frame.start, frame.end, frames=1)
            return
        self._open.append((frame, entry))
        if entry.is_last:
            yield from self._batch()

    def _continues(self, entry: Entry) -> bool:
        """Whether the frame is the next one of the batch that is open."""
        before = self._open[-1][1]
        return (entry.writer, entry.number, entry.after, entry.part) == (
            before.writer,
            before.number + 1,
            before.after,
            before.part + 1,
        )

    def _was_given_up(self, entry: Entry) -> bool:
        """Whether the next batch of a writer shows that the open one was never acknowledged."""
        before = self._open[-1][1]
        return (entry.writer, entry.after) == (before.writer, before.after)

    def _batch(self) -> Iterator[Piece]:
        pieces, self._open = self._open, []
        first, last = pieces[0], pieces[-1]
        entry = last[1]
        known = self.last.get(entry.writer, 0)
        if entry.after > known:
            yield self._flaw("missing", first[0].start, first[0].start, frames=entry.after - known)
        self.last[entry.writer] = entry.number
        self._moment = max(self._moment or entry.at, entry.at)
        yield JournalBatch(
            writer=entry.writer,
            number=entry.number,
            at=entry.at,
            moment=self._moment,
            source=entry.source,
            rows=tuple(row for _, one in pieces for row in one.rows),
            rename=entry.rename,
            segment=self._segment,
            start=first[0].start,
            end=last[0].end,
        )

    def _let_go(self, reason: Reason) -> Iterator[JournalFlaw]:
        """Give up the batch that is open."""
        pieces, self._open = self._open, []
        if pieces:
            start, end = pieces[0][0].start, pieces[-1][0].end
            yield self._flaw(reason, start, end, frames=len(pieces))

    def _flaw(
        self, reason: Reason, start: int, end: int, *, frames: int | None = None
    ) -> JournalFlaw:
        return JournalFlaw(
            reason=reason, segment=self._segment, start=start, end=end, frames=frames
        )


def joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Flaws of one reason that touch each other, told as one."""
    before: JournalFlaw | None = None
    for piece in pieces:
        if before is not None and isinstance(piece, JournalFlaw) and _touches(before, piece):
            before = evolve(before, end=piece.end, frames=None)
            continue
        if before is not None:
            yield before
        before = piece if isinstance(piece, JournalFlaw) else None
        if before is None:
            yield piece
    if before is not None:
        yield before


def _touches(one: JournalFlaw, other: JournalFlaw) -> bool:
    return (one.segment, one.end, one.reason) == (other.segment, other.start, other.reason)
