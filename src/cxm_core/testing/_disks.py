"""A disk that fails when it is told to, so that what a store does then can be seen."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from cxm_core.store import Disk


class FaultyDisk(Disk):
    """The machine's disk, of which one call fails, or every call from one on.

    Parameters
    ----------
    fail_at : int
        Which call fails, counted from 1 over writes, syncs, cuts and replacements; 0 for none.
    error : int
        How it fails, such as ``errno.ENOSPC`` or ``errno.EIO``.
    torn : float in [0, 1]
        Share of the bytes that reach the file before a write fails.
    stays_broken : bool
        Whether every later call fails too.

    Attributes
    ----------
    calls : list of str
        What was called so far: ``write``, ``sync``, ``truncate``, ``replace``.

    Examples
    --------
    >>> disk = FaultyDisk(fail_at=1)
    >>> disk.write(1, b"lost")
    Traceback (most recent call last):
        ...
    OSError: [Errno 28] No space left on device
    >>> disk.calls
    ['write']
    """

    def __init__(
        self,
        *,
        fail_at: int = 0,
        error: int = errno.ENOSPC,
        torn: float = 0.0,
        stays_broken: bool = False,
    ) -> None:
        self.fail_at = fail_at
        self.error = error
        self.torn = torn
        self.stays_broken = stays_broken
        self.calls: list[str] = []

    @property
    def has_failed(self) -> bool:
        """Whether the call that fails was reached."""
        return 0 < self.fail_at <= len(self.calls)

    def _fails(self, call: str) -> bool:
        self.calls.append(call)
        place = len(self.calls)
        return place == self.fail_at or (self.stays_broken and self.has_failed)

    def _error(self) -> OSError:
        return OSError(self.error, os.strerror(self.error))

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of the bytes, or as many as the torn share before it fails."""
        if self._fails("write"):
            super().write(descriptor, data[: int(len(data) * self.torn)])
            raise self._error()
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Make the bytes stay, or fail."""
        if self._fails("sync"):
            raise self._error()
        super().sync(descriptor)

    def truncate(self, descriptor: int, length: int) -> None:
        """Cut the file back, or fail and leave it."""
        if self._fails("truncate"):
            raise self._error()
        super().truncate(descriptor, length)

    def replace(self, draft: Path, target: Path) -> None:
        """Put a file in the place of another, or fail and leave both."""
        if self._fails("replace"):
            raise self._error()
        super().replace(draft, target)
