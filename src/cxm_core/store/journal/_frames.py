"""Frames of the journal as bytes: what stands in them, and what is left of a damaged file.

A frame is a marker of four bytes (the last one is the version), the length of its payload, a
checksum over all of these and the payload, and the payload. This stays so in every version; only
what a payload means may change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

from attrs import frozen

from cxm_core.errors import StoreError

# No text in UTF-8 holds the first byte, so a marker never stands within a payload.
MARKER = b"\xffcx"
VERSION = 1
LARGEST = 0xFFFF_FFFF
_WORD = 4
_FRONT = len(MARKER) + 1 + _WORD
HEADER = _FRONT + _WORD


class Frame(NamedTuple):
    """A frame that is whole: where it stands, its version, its payload."""

    start: int
    end: int
    version: int
    payload: memoryview


class Unread(NamedTuple):
    """Bytes that are no frame: first one, and the one after the last."""

    start: int
    end: int


@frozen
class Scan:
    """All that stands in a piece of a journal.

    Attributes
    ----------
    frames : tuple of Frame
        Those that are whole, in order.
    unread : tuple of Unread
        What lies between them and is none.
    size : int
        Bytes that were looked at.
    """

    frames: tuple[Frame, ...]
    unread: tuple[Unread, ...]
    size: int

    @property
    def places(self) -> list[Frame | Unread]:
        """Everything, in order."""
        found: list[Frame | Unread] = [*self.frames, *self.unread]
        return sorted(found, key=lambda place: place.start)

    @property
    def tail(self) -> Unread | None:
        """What no whole frame follows: where a write was broken off, if it is not damage."""
        last = self.unread[-1] if self.unread else None
        return last if last is not None and last.end == self.size else None

    @property
    def damaged(self) -> tuple[Unread, ...]:
        """What a whole frame follows: it was written, and is gone."""
        return self.unread if self.tail is None else self.unread[:-1]


def encode_frame(payload: bytes, *, version: int = VERSION) -> bytes:
    """Frame of a payload."""
    if len(payload) > LARGEST:
        raise StoreError(
            f"A part of a batch has {len(payload):,} bytes, and the journal takes {LARGEST:,}.",
            hint="keep so long a text elsewhere",
        )
    front = MARKER + bytes([version]) + len(payload).to_bytes(_WORD, "little")
    return front + _checksum(front, payload) + payload


def scan(data: bytes) -> Scan:
    """Frames of a piece of a journal; after damage it goes on at the next whole frame."""
    frames, unread, place = list[Frame](), list[Unread](), 0
    for frame in _whole_frames(data):
        if frame.start > place:
            unread.append(Unread(place, frame.start))
        frames.append(frame)
        place = frame.end
    if place < len(data):
        unread.append(Unread(place, len(data)))
    return Scan(tuple(frames), tuple(unread), len(data))


def _whole_frames(data: bytes) -> Iterator[Frame]:
    place = data.find(MARKER)
    while place >= 0:
        frame = frame_at(data, place)
        if frame is not None:
            yield frame
        place = data.find(MARKER, place + 1 if frame is None else frame.end)


def frame_at(data: bytes, start: int) -> Frame | None:
    """Frame that begins here; None if there is no whole one."""
    front = data[start : start + _FRONT]
    if len(front) < _FRONT or not front.startswith(MARKER):
        return None
    end = start + HEADER + frame_length(front)
    if end > len(data):
        return None
    payload = memoryview(data)[start + HEADER : end]
    if data[start + _FRONT : start + HEADER] != _checksum(front, payload):
        return None
    return Frame(start, end, front[len(MARKER)], payload)


def frame_length(front: bytes) -> int:
    """Length of the payload, as the first bytes of a frame tell it."""
    return int.from_bytes(front[_FRONT - _WORD : _FRONT], "little")


def _checksum(front: bytes, payload: bytes | memoryview) -> bytes:
    return crc32(payload, crc32(front)).to_bytes(_WORD, "little")
