"""Files of the journal: their names, who is writing them, and how one grows without tearing."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from cxm_core.errors import StoreError, StoreFull, StoreReadOnly
from cxm_core.store._disk import Disk


def _locks() -> ModuleType | None:
    """Module that locks files; a system without it cannot tell who is writing."""
    try:
        import fcntl  # noqa: PLC0415  (not on every system)
    except ImportError:
        return None
    return fcntl


_LOCKS = _locks()
ROLL_AT = 64 << 20
_NAME = re.compile(r"([0-9a-f]{16})-([1-9][0-9]{0,8})\.cxmj")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)


class SegmentName(NamedTuple):
    """Who writes a segment, and the how manieth of his it is."""

    writer: str
    number: int

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.writer}-{self.number}.cxmj"

    @classmethod
    def of(cls, file: str) -> SegmentName | None:
        """Name that a file has; None if it is no segment."""
        match = _NAME.fullmatch(file)
        return None if match is None else cls(match[1], int(match[2]))


def journal_folder(path: str | Path) -> Path:
    """Folder of the journal that belongs to a store's file.

    Parameters
    ----------
    path : str or pathlib.Path
        The store's file.

    Returns
    -------
    pathlib.Path
        It stands beside the file; there may be none yet.

    Examples
    --------
    >>> journal_folder("shop/cxm.duckdb").name
    'cxm.duckdb.journal'
    """
    place = Path(path).resolve()
    return place.with_name(place.name + ".journal")


def segments_in(folder: Path) -> dict[SegmentName, int]:
    """Segments of a journal in order, and the size of each; other files are left alone."""
    found = {}
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            name = SegmentName.of(entry.name)
            if name is not None:
                with suppress(FileNotFoundError):
                    found[name] = entry.stat().st_size
    return dict(sorted(found.items()))


def is_held(path: Path) -> bool:
    """Whether a process is writing the segment; False where the system cannot tell."""
    if _LOCKS is None:
        return False
    try:
        with path.open("rb") as stream:
            _LOCKS.flock(stream, _LOCKS.LOCK_SH | _LOCKS.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _hold(descriptor: int) -> None:
    if _LOCKS is not None:
        # A file system that knows no locks has segments that seem to be nobody's.
        with suppress(OSError):
            _LOCKS.flock(descriptor, _LOCKS.LOCK_EX)


class Segment:
    """A segment that this process is writing.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the journal.
    name : SegmentName
        Of a file that is not there yet.
    disk : Disk
        How bytes reach the disk.
    """

    def __init__(self, folder: Path, name: SegmentName, disk: Disk) -> None:
        self.name = name
        self.length = 0
        self._disk = disk
        self._folder = folder
        self._is_new = True
        self._descriptor = disk.open_to_append(folder / name.file)
        _hold(self._descriptor)

    @property
    def is_sound(self) -> bool:
        """Whether the file is there still, and nobody else changed its length."""
        try:
            known = os.fstat(self._descriptor)
        except OSError:
            return False
        return known.st_nlink > 0 and known.st_size == self.length

    def write(self, data: bytes) -> None:
        """Let the file grow."""
        self._disk.write(self._descriptor, data)
        self.length += len(data)

    def sync(self) -> None:
        """Return when all of the file would survive a loss of power."""
        self._disk.sync(self._descriptor)
        if self._is_new:
            for folder in (self._folder, self._folder.parent):
                self._disk.sync_folder(folder)
            self._is_new = False

    def cut(self, length: int) -> bool:
        """Cut the file back; whether that could be done."""
        try:
            self._disk.truncate(self._descriptor, length)
        except OSError:
            return False
        self.length = length
        return True

    def close(self) -> None:
        """Let go of the file."""
        with suppress(OSError):
            self._disk.close(self._descriptor)


def make_folder(folder: Path) -> None:
    """Make the folder of a journal, which only its owner can look into."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """What the machine says of a file becomes an error that a caller can act on."""
    try:
        yield
    except OSError as error:
        raise _meaning(error, folder.name) from error


def _meaning(error: OSError, name: str) -> StoreError:
    if error.errno in _FULL:
        return StoreFull(
            f"The disk is full, so the journal {name!r} kept nothing of this batch.",
            hint="make room and do it again",
        )
    if error.errno in _CLOSED:
        return StoreReadOnly(
            f"This user cannot write the journal {name!r}: its folder or its disk is read only.",
            hint="let this user write there, or open the store to be read only",
        )
    return StoreError(
        f"The journal {name!r} could not be written: {error.strerror or type(error).__name__}.",
        hint="look after the disk, and do it again",
    )
