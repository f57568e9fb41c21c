"""Segments written anew without records that are to be kept nowhere any more."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from attrs import evolve, frozen

from cxm_core.store._disk import Disk

from ._entries import Entry, JournalRow, read_entry
from ._frames import VERSION, Frame, Scan, Unread, encode_frame, scan
from ._reading import NOTHING, Marks
from ._segments import disk_errors, is_held, segments_in

_DRAFT = ".draft-"
Keep: TypeAlias = Callable[[JournalRow, Entry], bool]


@frozen(kw_only=True)
class RewrittenJournal:
    """What writing a journal anew has saved.

    Attributes
    ----------
    bytes_before, bytes_after : int
        Size of all segments.
    dropped : int
        Records that are gone.
    """

    bytes_before: int
    bytes_after: int
    dropped: int


def rewrite_journal(
    folder: Path, *, keep: Keep, marks: Marks, disk: Disk | None = None
) -> RewrittenJournal:
    """Write segments anew without the records that `keep` refuses.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the journal.
    keep : callable
        Is asked for each record, with the entry it stands in, whether it stays.
    marks : mapping of str to Mark
        What the store holds; it is not asked for anything beyond.
    disk : Disk or None
        How bytes reach the disk.

    Returns
    -------
    RewrittenJournal
        A segment that some process is writing stays as it is; so do bytes that cannot be read.

    Raises
    ------
    StoreFull
        The disk is full; every segment is whole, as it was or written anew.
    StoreError
        The folder cannot be written.
    """
    used, dropped = disk or Disk(), 0
    with disk_errors(folder):
        _remove_drafts(folder)
        before = segments_in(folder)
        for name in before:
            if not is_held(folder / name.file):
                dropped += _rewrite(folder / name.file, keep, marks, used)
        _remove_empty(folder, used)
    after = segments_in(folder)
    return RewrittenJournal(
        bytes_before=sum(before.values()), bytes_after=sum(after.values()), dropped=dropped
    )


def _remove_drafts(folder: Path) -> None:
    for path in folder.glob(f"*.cxmj{_DRAFT}*"):
        path.unlink(missing_ok=True)


def _rewrite(path: Path, keep: Keep, marks: Marks, disk: Disk) -> int:
    data = path.read_bytes()
    kept = _Sieve(keep, marks)
    lines = b"".join(kept.pieces(data, scan(data)))
    if kept.dropped or len(lines) < len(data):
        _replace(path, lines, disk)
    return kept.dropped


def _replace(path: Path, data: bytes, disk: Disk) -> None:
    draft = path.with_name(path.name + _DRAFT + secrets.token_hex(4))
    try:
        descriptor = disk.open_to_append(draft)
        try:
            disk.write(descriptor, data)
            disk.sync(descriptor)
        finally:
            disk.close(descriptor)
        disk.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


class _Sieve:
    """What stays of a segment."""

    def __init__(self, keep: Keep, marks: Marks) -> None:
        self._keep = keep
        self._marks = marks
        self.dropped = 0

    def pieces(self, data: bytes, found: Scan) -> Iterator[bytes]:
        """Bytes of the new file."""
        hollow: list[Entry] = []
        for place in found.places:
            sifted = self._sifted(place, data)
            if isinstance(sifted, Entry) and _follows(sifted, hollow):
                hollow.append(sifted)
                continue
            yield from _written(hollow)
            hollow = [sifted] if isinstance(sifted, Entry) else []
            if isinstance(sifted, bytes):
                yield sifted
        yield from _written(hollow)

    def _sifted(self, place: Frame | Unread, data: bytes) -> Entry | bytes:
        """The frame as it is to be written; an entry if nothing is left in it."""
        as_it_is = data[place.start : place.end]
        entry = _readable(place)
        if entry is None or not self._is_folded(entry):
            return as_it_is
        rows = tuple(row for row in entry.rows if self._keep(row, entry))
        self.dropped += len(entry.rows) - len(rows)
        if not rows and entry.rename is None:
            return evolve(entry, rows=())
        if len(rows) == len(entry.rows):
            return as_it_is
        return encode_frame(evolve(entry, rows=rows).payload())

    def _is_folded(self, entry: Entry) -> bool:
        return entry.number <= self._marks.get(entry.writer, NOTHING).number


def _readable(place: Frame | Unread) -> Entry | None:
    if isinstance(place, Frame) and place.version == VERSION:
        return read_entry(place.payload)
    return None


def _follows(entry: Entry, run: list[Entry]) -> bool:
    return not run or run[-1].writer == entry.writer


def _written(run: list[Entry]) -> Iterator[bytes]:
    """Hollow entries; whole batches in a row become one, so that its numbers are not missed."""
    is_whole = bool(run) and run[0].part == 0 and run[-1].is_last
    entries = [evolve(run[-1], after=run[0].after, part=0)] if is_whole else run
    for entry in entries:
        yield encode_frame(entry.payload())


def _remove_empty(folder: Path, disk: Disk) -> None:
    """Remove the segments of a writer who left nothing but hollow entries."""
    is_changed = False
    for _, group in groupby(segments_in(folder), key=lambda name: name.writer):
        paths = [folder / name.file for name in group]
        if all(not is_held(path) and _is_hollow(path) for path in paths):
            is_changed = True
            for path in paths:
                path.unlink(missing_ok=True)
    if is_changed:
        disk.sync_folder(folder)


def _is_hollow(path: Path) -> bool:
    found = scan(path.read_bytes())
    entries = [_readable(frame) for frame in found.frames]
    is_empty = all(entry is not None and not entry.rows and not entry.rename for entry in entries)
    return is_empty and not found.unread
