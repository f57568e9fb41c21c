"""The journal: what nobody could send us again is safe here before anyone is told so."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from threading import RLock
from weakref import WeakSet

from attrs import evolve, frozen

from cxm_core.errors import StoreError, UsageError
from cxm_core.records import Record
from cxm_core.store._address import is_memory
from cxm_core.store._batches import stamped
from cxm_core.store._disk import Disk
from cxm_core.store._faults import Faults, NoFaults
from cxm_core.store._source_names import check_name
from cxm_core.store._surroundings import Clock

from ._entries import Entry, journal_row, parts
from ._frames import encode_frame
from ._pushed import Refused, delivery_row, refused_row, unread_row
from ._segments import (
    ROLL_AT,
    Segment,
    SegmentName,
    disk_errors,
    journal_folder,
    make_folder,
)

_OPEN: WeakSet[Journal] = WeakSet()


@frozen(kw_only=True)
class Position:
    """Where a batch stands in the journal.

    Attributes
    ----------
    writer : str
        Who wrote it: 16 hexadecimal digits, others for each process.
    number : int
        Number of its last frame; numbers of a writer only grow.
    at : datetime
        When it was written.
    segment : int
        The how manieth file of the writer it stands in.
    start, end : int
        Its first byte there, and the one after its last.
    """

    writer: str
    number: int
    at: datetime
    segment: int
    start: int
    end: int


class Journal:
    """Keeps batches so that they survive a crash, and a loss of power; threads may share it.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the journal; made with the first batch.
    clock : callable
        Gives the present instant, aware.
    disk : Disk
        How bytes reach the disk.
    faults : Faults
        Told of every fault point.
    """

    def __init__(self, folder: Path, *, clock: Clock, disk: Disk, faults: Faults) -> None:
        self.folder = folder
        self._clock = clock
        self._disk = disk
        self._faults = faults
        self._lock = RLock()
        self._is_closed = False
        self._begin()
        _OPEN.add(self)

    def _begin(self) -> None:
        """Become a writer of one's own."""
        self.writer = secrets.token_hex(8)
        self._segment: Segment | None = None
        self._segments = 0
        # The last number that was given away, and the last one of a batch that stays.
        self._number = self._kept = 0
        self._last: tuple[Position, int] | None = None
        self._is_whole = False

    def append(
        self,
        records: Iterable[Record],
        *,
        source: str,
        at: datetime | None = None,
        delivery: str | None = None,
        refused: Iterable[Refused] = (),
        request: str | None = None,
    ) -> Position:
        """Keep a batch of records, all of them or none.

        Parameters
        ----------
        records : iterable of Record
            At least one, of any kinds; source and moment are filled in where they are missing.
        source : str
            Where they came from, such as ``"app:own"``.
        at : datetime or None
            When; the present instant if not given.
        delivery : str or None
            What tells this delivery from every other of its source; a batch with a key that was
            folded before is folded no more.
        refused : iterable of Refused
            Rows that are no records; they are set aside where the batch is folded.
        request : str or None
            The whole delivery, if it is to be read later; the store then has it in its inbox.

        Returns
        -------
        Position
            The batch is on the disk, and would survive a loss of power.

        Raises
        ------
        UsageError
            There is no record and no delivery.
        StoreFull
            The disk is full; nothing of the batch was kept.
        StoreError
            The folder cannot be written, or the disk failed; nothing of the batch counts as kept.

        Examples
        --------
        >>> from datetime import UTC
        >>> from tempfile import TemporaryDirectory
        >>> from cxm_core.records import Note
        >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
        >>> note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Cold hall")
        >>> with TemporaryDirectory() as folder:
        ...     journal = open_journal(folder + "/cxm.duckdb", clock=clock)
        ...     number = journal.append([note], source="app:own").number
        ...     journal.close()
        >>> number
        1
        """
        check_name(source)
        moment = self._moment(at)
        rows = chain(
            () if delivery is None else (delivery_row(delivery),),
            (journal_row(stamped(record, source, moment)) for record in records),
            map(refused_row, refused),
            () if request is None else (unread_row(request),),
        )
        pieces = list(parts(rows))
        if not pieces:
            raise UsageError("A batch for the journal has no records.", hint="at least one")
        drafts = [
            Entry(
                writer="",
                number=0,
                after=0,
                part=part,
                is_last=part == len(pieces) - 1,
                at=moment,
                source=source,
                rows=piece,
            )
            for part, piece in enumerate(pieces)
        ]
        return self._write(drafts)

    def rename(self, old: str, new: str, *, at: datetime | None = None) -> Position:
        """Note that a source has another name from now on.

        Parameters
        ----------
        old, new : str
            Names of the source.
        at : datetime or None
            When; the present instant if not given.

        Returns
        -------
        Position
            The note is on the disk, and would survive a loss of power.

        Raises
        ------
        StoreError
            As `append` does.

        Examples
        --------
        >>> from datetime import UTC
        >>> from tempfile import TemporaryDirectory
        >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
        >>> with TemporaryDirectory() as folder:
        ...     journal = open_journal(folder + "/cxm.duckdb", clock=clock)
        ...     number = journal.rename("app:old", "app:new").number
        ...     journal.close()
        >>> number
        1
        """
        moment = self._moment(at)
        draft = Entry(writer="", number=0, after=0, at=moment, source=old, rename=(old, new))
        return self._write([draft])

    def _moment(self, at: datetime | None) -> datetime:
        moment = at or self._clock()
        if moment.utcoffset() is None:
            raise UsageError("An instant has no time zone.", hint="datetime(..., tzinfo=UTC)")
        return moment

    def _write(self, drafts: Sequence[Entry]) -> Position:
        with self._lock, disk_errors(self.folder):
            self._check_open()
            self._faults.reach("journal.before_write")
            segment = self._room()
            start = segment.length
            with self._all_or_none(segment, start):
                for draft in drafts:
                    segment.write(encode_frame(self._numbered(draft).payload()))
                self._is_whole = True
                self._faults.reach("journal.after_write")
                segment.sync()
                self._faults.reach("journal.after_sync")
            position = Position(
                writer=self.writer,
                number=self._number,
                at=drafts[0].at,
                segment=segment.name.number,
                start=start,
                end=segment.length,
            )
            self._last = (position, self._kept)
            self._kept = self._number
            return position

    def _numbered(self, draft: Entry) -> Entry:
        self._number += 1
        return evolve(draft, writer=self.writer, number=self._number, after=self._kept)

    @contextmanager
    def _all_or_none(self, segment: Segment, start: int) -> Iterator[None]:
        """Cut off what is not a whole batch, or could not be made to stay."""
        self._is_whole = False
        try:
            yield
        except BaseException:
            # A whole batch may have been read by a store, which then knows the file up to its end:
            # nothing is written there again. Nor where the disk did not do as it was told.
            if not segment.cut(start) or self._is_whole:
                self._leave()
            raise

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreError(f"The journal {self.folder.name!r} is closed.")

    def become_another(self) -> None:
        """Be a new writer: file and lock belong to the process before a fork."""
        self._lock = RLock()
        self._leave()
        self._begin()

    def _room(self) -> Segment:
        """Segment that the next batch goes to."""
        segment = self._segment
        if segment is not None and (segment.length >= ROLL_AT or not segment.is_sound):
            self._leave()
            segment = None
        if segment is None:
            make_folder(self.folder)
            self._segments += 1
            name = SegmentName(self.writer, self._segments)
            segment = self._segment = Segment(self.folder, name, self._disk)
        return segment

    def _leave(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.close()

    def withdraw(self, position: Position) -> None:
        """Take the last batch out again, because the store could not keep it.

        Parameters
        ----------
        position : Position
            As `append` gave it.

        Raises
        ------
        UsageError
            It is not the last batch of this journal.
        StoreError
            The disk failed; the batch stays, and is folded into the store when that opens next.

        Examples
        --------
        >>> from datetime import UTC
        >>> from tempfile import TemporaryDirectory
        >>> from cxm_core.store import read_journal
        >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
        >>> with TemporaryDirectory() as folder:
        ...     journal = open_journal(folder + "/cxm.duckdb", clock=clock)
        ...     journal.withdraw(journal.rename("app:old", "app:new"))
        ...     journal.close()
        ...     list(read_journal(folder + "/cxm.duckdb"))
        []
        """
        with self._lock, disk_errors(self.folder):
            if self._last is None or self._last[0] != position or self._segment is None:
                raise UsageError("Only the last batch of a journal can be withdrawn.")
            segment, self._kept = self._segment, self._last[1]
            self._last = None
            is_cut = segment.cut(position.start)
            # Nothing is written in its place: a store may know the file up to here.
            self._segment = None
            try:
                if is_cut:
                    segment.sync()
            finally:
                segment.close()
            if not is_cut:
                raise StoreError(
                    f"The journal {self.folder.name!r} could not take a batch out again.",
                    hint="the store takes the batch from it when it opens next",
                )

    def close(self) -> None:
        """Let go of the file that is being written; a second call does nothing."""
        with self._lock:
            self._is_closed = True
            self._leave()


def open_journal(
    url: str | Path, *, clock: Clock, disk: Disk | None = None, faults: Faults | None = None
) -> Journal:
    """Open the journal of a store to add to it; the store itself stays as it is, open or not.

    Parameters
    ----------
    url : str or pathlib.Path
        Path of the store's file, which need not be there yet.
    clock : callable
        Gives the present instant, aware.
    disk : Disk or None
        How bytes reach the disk; for tests.
    faults : Faults or None
        Told of every fault point; for tests.

    Returns
    -------
    Journal
        A writer of its own: any number of processes may add at the same time.

    Raises
    ------
    UsageError
        A store in memory has no journal.

    Examples
    --------
    >>> from datetime import UTC
    >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    >>> open_journal("cxm.duckdb", clock=clock).folder.name
    'cxm.duckdb.journal'
    """
    if is_memory(url):
        raise UsageError("A store in memory has no journal.", hint="name the path of a file")
    return Journal(
        journal_folder(url), clock=clock, disk=disk or Disk(), faults=faults or NoFaults()
    )


def _after_fork() -> None:
    for journal in list(_OPEN):
        journal.become_another()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
