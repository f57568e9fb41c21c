"""Drafts: a new file is made in a folder beside the old one, and takes its place when whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copymode, rmtree
from tempfile import mkdtemp

from ._disk import Disk

_MARK = ".draft-"


@contextmanager
def draft_beside(path: Path) -> Iterator[Path]:
    """Path for a new file, in a folder of its own that is gone when the block ends."""
    folder = Path(mkdtemp(prefix=path.name + _MARK, dir=path.parent))
    try:
        yield folder / path.name
    finally:
        rmtree(folder, ignore_errors=True)


def put_in_place(draft: Path, target: Path, disk: Disk) -> None:
    """Let a whole draft take the place of a file, so that there is always one of the two."""
    with suppress(FileNotFoundError):
        copymode(target, draft)
    disk.sync_file(draft)
    disk.replace(draft, target)


def remove_drafts(path: Path, *, but: Path | None = None) -> int:
    """Remove what a process left behind that was killed while it made a draft; how many."""
    found = path.parent.glob(f"{_escaped(path.name)}{_MARK}*")
    left = [one for one in found if one.is_dir() and (but is None or one != but.parent)]
    for folder in left:
        rmtree(folder, ignore_errors=True)
    return len(left)


def _escaped(name: str) -> str:
    """Name as a pattern that means only itself."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
