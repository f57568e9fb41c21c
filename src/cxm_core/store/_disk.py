"""How bytes reach a disk so that they stay: one small thing, so that a test can fail it."""

from __future__ import annotations

import os
from pathlib import Path


class Disk:
    """The machine's own disk; every call raises `OSError` where the machine cannot do it."""

    def open_to_append(self, path: Path) -> int:
        """Descriptor of a file that only grows; it is made if there is none."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of the bytes; what a signal left over is written next."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    def sync(self, descriptor: int) -> None:
        """Return when what was written would survive a loss of power."""
        os.fsync(descriptor)

    def truncate(self, descriptor: int, length: int) -> None:
        """Cut the file back to this many bytes."""
        os.ftruncate(descriptor, length)

    def close(self, descriptor: int) -> None:
        """Let go of the file."""
        os.close(descriptor)

    def replace(self, draft: Path, target: Path) -> None:
        """Put a finished file in the place of another, so that there is always one of the two."""
        os.replace(draft, target)  # noqa: PTH105  (the same on every system)
        self.sync_folder(target.parent)

    def sync_file(self, path: Path) -> None:
        """Make the content of a closed file survive a loss of power."""
        descriptor = os.open(path, os.O_RDWR)
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Make names in a folder survive a loss of power, where the system can do that."""
        if os.name == "nt":
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)
