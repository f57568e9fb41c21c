"""A journal with known content, ways to damage it, and what must be left of it then."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from cxm_core.records import Note
from cxm_core.store import Position, journal_folder, open_journal
from cxm_core.store.journal import _entries as _journal_entries
from cxm_core.store.journal import _journal

START = datetime(2026, 11, 1, tzinfo=UTC)
SOURCES = ("app:a", "app:b")
Contents = Mapping[tuple[str, str], str]


class Clock:
    """A clock that goes on by a minute with each look."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Return the next minute."""
        self.now += timedelta(minutes=1)
        return self.now


class Written(NamedTuple):
    """A batch that was acknowledged, and what it holds: texts by source and native id."""

    position: Position
    notes: Contents

    @property
    def file(self) -> str:
        """Segment that it stands in."""
        return f"{self.position.writer}-{self.position.segment}.cxmj"


class Case(NamedTuple):
    """A journal beside a store's file, and all that was acknowledged."""

    path: Path
    written: tuple[Written, ...]

    @property
    def folder(self) -> Path:
        """Folder of the journal."""
        return journal_folder(self.path)

    def copied_to(self, folder: Path) -> Case:
        """Return the same case elsewhere."""
        folder.mkdir()
        for one in self.path.parent.iterdir():
            (shutil.copytree if one.is_dir() else shutil.copy2)(one, folder / one.name)
        return self._replace(path=folder / self.path.name)

    def intact(self, before: Mapping[str, bytes]) -> list[Written]:
        """Batches whose bytes are still there, in whichever file and place."""
        after = [one.read_bytes() for one in self.folder.glob("*.cxmj")]
        return [
            one
            for one in self.written
            if any(_bytes_of(one, before) in content for content in after)
        ]

    def segments(self) -> dict[str, bytes]:
        """Content of each segment."""
        return {one.name: one.read_bytes() for one in sorted(self.folder.glob("*.cxmj"))}


def _bytes_of(one: Written, segments: Mapping[str, bytes]) -> bytes:
    return segments[one.file][one.position.start : one.position.end]


def make_case(folder: Path, rng: Random, *, n_batches: int) -> Case:
    """Journal of three writers, of which each has several segments and long and short batches."""
    path, clock = folder / "cxm.duckdb", Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_journal, "ROLL_AT", 4_000)
        patch.setattr(_journal_entries, "MOST_RECORDS", 3)
        journals = [open_journal(path, clock=clock) for _ in range(3)]
        written = []
        for number in range(n_batches):
            source = rng.choice(SOURCES)
            ids = [f"{number}-{part}" for part in range(rng.choice([1, 1, 2, 7]))]
            notes = {(source, one): f"{one} {rng.random()}" for one in ids}
            records = [
                Note(native_id=one, occurred_at=START, text=text)
                for (_, one), text in notes.items()
            ]
            position = rng.choice(journals).append(records, source=source)
            written.append(Written(position, notes))
        for journal in journals:
            journal.close()
    return Case(path, tuple(written))


Damage = Callable[[Path, Random], None]


def cut(segment: Path, rng: Random) -> None:
    """Cut a file at a random byte."""
    data = segment.read_bytes()
    segment.write_bytes(data[: rng.randrange(len(data))])


def flip(segment: Path, rng: Random) -> None:
    """Flip up to three bits."""
    data = bytearray(segment.read_bytes())
    for _ in range(rng.randint(1, 3)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    segment.write_bytes(data)


def zero(segment: Path, rng: Random) -> None:
    """Fill a range with zeros, as a disk does that lost a block."""
    data = bytearray(segment.read_bytes())
    start = rng.randrange(len(data))
    length = min(rng.randint(1, 2_000), len(data) - start)
    data[start : start + length] = bytes(length)
    segment.write_bytes(data)


def append_garbage(segment: Path, rng: Random) -> None:
    """Write anything behind the last frame."""
    segment.write_bytes(segment.read_bytes() + rng.randbytes(rng.randint(1, 500)))


def insert_garbage(segment: Path, rng: Random) -> None:
    """Write anything in between; sometimes it looks like a frame."""
    data = segment.read_bytes()
    at = rng.randrange(len(data))
    lure = rng.choice([b"", b"\xffcx\x01", data[at : at + 20]])
    segment.write_bytes(data[:at] + lure + rng.randbytes(rng.randint(1, 500)) + data[at:])


def duplicate(segment: Path, rng: Random) -> None:
    """Copy a file under another name that a segment may have."""
    writer, _, _ = segment.name.partition("-")
    other = rng.choice([writer, f"{rng.getrandbits(64):016x}"])
    shutil.copy2(segment, segment.with_name(f"{other}-{rng.randint(90, 99)}.cxmj"))


def remove(segment: Path, _rng: Random) -> None:
    """Lose a file."""
    segment.unlink()


DAMAGES: tuple[Damage, ...] = (cut, flip, zero, append_garbage, insert_garbage, duplicate, remove)
