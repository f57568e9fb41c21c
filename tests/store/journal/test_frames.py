"""Frames of the journal: what is read is what was written, whatever befell the bytes between."""

from __future__ import annotations

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import StoreError
from cxm_core.store.journal import _frames as frames
from cxm_core.store.journal._frames import (
    HEADER,
    MARKER,
    VERSION,
    Frame,
    Unread,
    encode_frame,
    frame_at,
    frame_length,
    scan,
)

PAYLOADS = st.lists(st.binary(max_size=40).filter(lambda one: MARKER not in one), max_size=6)


def payloads(data: bytes) -> list[bytes]:
    """Payloads of the frames that are whole."""
    return [bytes(frame.payload) for frame in scan(data).frames]


class TestByHand:
    """Bytes that can be counted."""

    def test_a_frame_is_marker_version_length_checksum_payload(self) -> None:
        """The bytes of a frame are fixed for ever, so that every version finds its way."""
        front = b"\xffcx\x01\x03\x00\x00\x00"
        checksum = crc32(front + b"abc").to_bytes(4, "little")
        assert encode_frame(b"abc") == front + checksum + b"abc"
        assert (MARKER, VERSION, HEADER) == (b"\xffcx", 1, 12)

    def test_the_length_has_four_bytes_smallest_first(self) -> None:
        """A payload of 66,051 bytes has the length 03 02 01 00."""
        frame = encode_frame(b"x" * 0x010203)
        assert frame[4:8] == b"\x03\x02\x01\x00"
        assert frame_length(frame) == 0x010203
        assert frame_length(b"\xffcx\x01\x05\x00\x00\x00anything") == 5

    def test_an_empty_payload_is_a_frame(self) -> None:
        """A frame without payload is as long as its header."""
        found = scan(encode_frame(b""))
        assert found.frames == (Frame(0, HEADER, VERSION, memoryview(b"")),)
        assert (found.unread, found.tail, found.damaged) == ((), None, ())

    def test_nothing_is_no_frame(self) -> None:
        """An empty file has neither frames nor anything unread."""
        found = scan(b"")
        assert (found.frames, found.unread, found.tail, found.size) == ((), (), None, 0)

    def test_places_of_two_frames(self) -> None:
        """Frames stand one behind the other."""
        found = scan(encode_frame(b"ab") + encode_frame(b"cde"))
        assert [(one.start, one.end) for one in found.frames] == [(0, 14), (14, 29)]
        assert [bytes(one.payload) for one in found.frames] == [b"ab", b"cde"]

    def test_damage_between_frames_is_told_to_the_byte(self) -> None:
        """Reading goes on at the next whole frame, and the hole is told."""
        found = scan(encode_frame(b"ab") + b"??" + encode_frame(b"cde") + b"!")
        assert payloads(encode_frame(b"ab") + b"??" + encode_frame(b"cde")) == [b"ab", b"cde"]
        assert found.unread == (Unread(14, 16), Unread(31, 32))
        assert (found.damaged, found.tail) == ((Unread(14, 16),), Unread(31, 32))
        assert found.places == [
            found.frames[0],
            Unread(14, 16),
            found.frames[1],
            Unread(31, 32),
        ]

    def test_damage_at_the_start(self) -> None:
        """What stands before the first frame is told too."""
        found = scan(b"??" + encode_frame(b"ab"))
        assert (found.unread, found.damaged, found.tail) == ((Unread(0, 2),), (Unread(0, 2),), None)
        assert found.frames[0].start == 2

    def test_only_garbage_is_a_tail(self) -> None:
        """Without any whole frame, everything is the end of a write that was broken off."""
        found = scan(b"???")
        assert (found.frames, found.tail, found.damaged) == ((), Unread(0, 3), ())

    def test_another_version_is_handed_out_as_such(self) -> None:
        """A frame of a later version is whole, and says of which version it is."""
        found = scan(encode_frame(b"new", version=7) + encode_frame(b"old"))
        assert [(one.version, bytes(one.payload)) for one in found.frames] == [
            (7, b"new"),
            (1, b"old"),
        ]

    def test_a_version_that_was_flipped_is_damage(self) -> None:
        """The checksum covers the version: damage never looks like a newer library."""
        data = bytearray(encode_frame(b"ab"))
        data[3] = 2
        assert scan(bytes(data)).frames == ()

    def test_a_length_that_was_flipped_is_damage(self) -> None:
        """The checksum covers the length, and a frame behind is found all the same."""
        for length in (0, 1, 3, 12, 200):
            data = bytearray(encode_frame(b"ab") + encode_frame(b"cd") + encode_frame(b""))
            data[4] = length
            assert payloads(bytes(data)) == [b"cd", b""]

    def test_a_frame_within_a_broken_one_is_found(self) -> None:
        """Looking goes on right behind a marker that begins no frame, not behind its length."""
        data = MARKER + encode_frame(b"ab")
        assert payloads(data) == [b"ab"]
        assert scan(data).unread == (Unread(0, 3),)

    @pytest.mark.parametrize("length", range(HEADER + 3))
    def test_a_frame_cut_short_is_none(self, length: int) -> None:
        """However few bytes are missing, it is no frame; all of them are the tail."""
        found = scan(encode_frame(b"abc")[:length])
        assert found.frames == ()
        assert found.tail == (Unread(0, length) if length else None)
        assert frame_at(encode_frame(b"abc")[:length], 0) is None

    def test_a_frame_is_read_where_it_stands(self) -> None:
        """A frame is found at its start and nowhere else, however much follows it."""
        data = b"12" + encode_frame(b"ab") + b"3"
        assert frame_at(data, 2) == Frame(2, 16, 1, memoryview(b"ab"))
        assert [frame_at(data, place) for place in (0, 1, 3, 16)] == [None] * 4

    def test_a_payload_is_not_longer_than_its_length_can_say(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What does not fit is refused before a byte of it is written."""
        assert frames.LARGEST == 2**32 - 1
        monkeypatch.setattr(frames, "LARGEST", 3)
        assert payloads(encode_frame(b"abc")) == [b"abc"]
        with pytest.raises(StoreError, match="4 bytes, and the journal takes 3") as caught:
            encode_frame(b"abcd")
        assert caught.value.hint == "keep so long a text elsewhere"

    def test_text_never_looks_like_a_marker(self) -> None:
        """No text in UTF-8 holds a marker, so that a text cannot forge a frame."""
        with pytest.raises(UnicodeDecodeError):
            MARKER.decode()


class TestByLaw:
    """Whatever was written, and whatever befell it."""

    @given(PAYLOADS)
    def test_what_is_read_is_what_was_written(self, written: list[bytes]) -> None:
        """Payloads come back whole and in order, without a gap."""
        found = scan(b"".join(map(encode_frame, written)))
        assert [bytes(frame.payload) for frame in found.frames] == written
        assert found.unread == ()

    @given(PAYLOADS, st.data())
    def test_every_byte_is_told_once(self, written: list[bytes], data: st.DataObject) -> None:
        """Frames and holes together cover the file, without overlap, in order."""
        whole = b"".join(map(encode_frame, written))
        torn = bytearray(whole)
        for _ in range(data.draw(st.integers(0, 3))):
            if torn:
                torn[data.draw(st.integers(0, len(torn) - 1))] ^= data.draw(st.integers(1, 255))
        found = scan(bytes(torn))
        edges = [edge for place in found.places for edge in (place.start, place.end)]
        assert edges == sorted(edges)
        covered = sum(place.end - place.start for place in found.places)
        assert covered == len(whole) == found.size
        assert all(place.start < place.end for place in found.unread)

    @given(PAYLOADS.filter(bool), st.data())
    def test_a_flipped_bit_costs_one_frame(self, written: list[bytes], data: st.DataObject) -> None:
        """One flipped bit costs the frame that it stands in, and no other."""
        whole = [encode_frame(one) for one in written]
        hit = data.draw(st.integers(0, len(whole) - 1))
        place = data.draw(st.integers(0, len(whole[hit]) - 1))
        broken = bytearray(whole[hit])
        broken[place] ^= 1 << data.draw(st.integers(0, 7))
        found = scan(b"".join([*whole[:hit], bytes(broken), *whole[hit + 1 :]]))
        assert [bytes(one.payload) for one in found.frames] == written[:hit] + written[hit + 1 :]
        start = sum(map(len, whole[:hit]))
        assert found.unread == (Unread(start, start + len(broken)),)
        assert (found.tail is not None) == (hit == len(whole) - 1)

    @given(PAYLOADS, st.binary(max_size=30), st.data())
    def test_garbage_between_frames_costs_none(
        self, written: list[bytes], garbage: bytes, data: st.DataObject
    ) -> None:
        """Whatever is inserted between two frames, both are read."""
        at = data.draw(st.integers(0, len(written)))
        whole = [encode_frame(one) for one in written]
        found = scan(b"".join([*whole[:at], garbage, *whole[at:]]))
        assert [bytes(one.payload) for one in found.frames] == written

    @given(PAYLOADS, st.integers(0, 400))
    def test_a_cut_costs_the_end_only(self, written: list[bytes], length: int) -> None:
        """A file that was cut gives its beginning; what is left of a frame is its tail."""
        whole = [encode_frame(one) for one in written]
        cut = b"".join(whole)[:length]
        found = scan(cut)
        count = len(found.frames)
        assert [bytes(one.payload) for one in found.frames] == written[:count]
        used = sum(map(len, whole[:count]))
        assert found.tail == (Unread(used, len(cut)) if used < len(cut) else None)
        assert found.damaged == ()

    @given(PAYLOADS, PAYLOADS)
    def test_frames_do_not_know_each_other(self, one: list[bytes], other: list[bytes]) -> None:
        """Two files one behind the other hold the frames of both."""
        joined = b"".join(map(encode_frame, one)) + b"".join(map(encode_frame, other))
        assert payloads(joined) == one + other

    @given(st.binary(max_size=60))
    def test_reading_never_fails(self, data: bytes) -> None:
        """Any bytes can be read; what is a frame is one that we would have written."""
        for frame in scan(data).frames:
            again = encode_frame(bytes(frame.payload), version=frame.version)
            assert data[frame.start : frame.end] == again
