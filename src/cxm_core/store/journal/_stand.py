"""What a look at the journal shows, beside what the store knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ._batches import JournalBatch, JournalFlaw
from ._reading import Marks, read_journal
from ._segments import SegmentName, journal_folder, segments_in


def waiting_records(place: Path, known: Marks) -> int:
    """Records that the journal has and the file does not."""
    taken = {writer: mark.number for writer, mark in known.items()}
    return sum(
        len(piece.rows)
        for piece in read_journal(place)
        if isinstance(piece, JournalBatch) and piece.number > taken.get(piece.writer, 0)
    )


def journal_flaws(place: Path) -> list[str]:
    """Parts that give no batch, but for an end that was never finished."""
    return [f"Journal: {flaw}" for flaw in _flaws(place) if flaw.reason != "unfinished"]


def torn_ends(place: Path, known: Marks) -> Iterator[str]:
    """Ends that look as if they were never finished, though the store took them once."""
    torn = {flaw.segment: flaw.start for flaw in _flaws(place) if flaw.reason == "unfinished"}
    sizes = {name.file: size for name, size in segments_in(journal_folder(place)).items()}
    for writer, mark in sorted(known.items()):
        file = SegmentName(writer, mark.segment).file
        # A segment that is not there was removed when the journal was compacted.
        end = min(torn.get(file, mark.end), sizes.get(file, mark.end))
        if end < mark.end:
            yield f"Journal: {file} can be read to byte {end:,} of {mark.end:,} only."


def _flaws(place: Path) -> Iterator[JournalFlaw]:
    return (piece for piece in read_journal(place) if isinstance(piece, JournalFlaw))
