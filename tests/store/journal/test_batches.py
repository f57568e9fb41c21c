"""Batches from frames: a batch is whole or it is none, and what is missing is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.store.journal._batches import Assembler, JournalBatch, JournalFlaw, Piece, joined
from cxm_core.store.journal._entries import Entry, JournalRow
from cxm_core.store.journal._frames import encode_frame, scan

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
WRITER = "0123456789abcdef"
OTHER = "fedcba9876543210"


def row(native_id: object) -> JournalRow:
    """Row that can be told from others."""
    return JournalRow(kind="note", cells={"native_id": str(native_id)})


def frame(number: int, after: int | None = None, **values: Any) -> bytes:
    """Frame of a batch; its row is called as its number."""
    known = {
        "writer": WRITER,
        "number": number,
        "after": number - 1 if after is None else after,
        "at": AT,
        "source": "app",
        "rows": (row(number),),
    }
    return encode_frame(Entry(**{**known, **values}).payload())


def batch_of(first: int, count: int, after: int | None = None) -> list[bytes]:
    """Frames of a batch of several."""
    before = first - 1 if after is None else after
    return [
        frame(first + part, before, part=part, is_last=part == count - 1) for part in range(count)
    ]


def taken(*segments: bytes, state: Assembler | None = None, offset: int = 0) -> list[Piece]:
    """What comes of some segments of one writer."""
    used = state or Assembler()
    return [
        piece
        for number, data in enumerate(segments, start=1)
        for piece in used.take(f"w-{number}", scan(data), offset=offset)
    ]


def told(pieces: list[Piece]) -> list[Any]:
    """Each batch as the names of its rows, each flaw as its reason and place."""
    return [
        [one.cells["native_id"] for one in piece.rows]
        if isinstance(piece, JournalBatch)
        else (piece.reason, piece.segment, piece.start, piece.end, piece.frames)
        for piece in pieces
    ]


class TestByHand:
    """Few frames, one mishap."""

    def test_frames_become_batches(self) -> None:
        """Each last frame ends a batch, which says where it stands."""
        frames = [frame(1), *batch_of(2, 3), frame(5)]
        pieces = taken(b"".join(frames))
        assert told(pieces) == [["1"], ["2", "3", "4"], ["5"]]
        batch = pieces[1]
        assert isinstance(batch, JournalBatch)
        assert (batch.writer, batch.number, batch.source) == (WRITER, 4, "app")
        assert (batch.segment, batch.rename, batch.at) == ("w-1", None, AT)
        start = len(frames[0])
        assert (batch.start, batch.end) == (start, start + sum(map(len, frames[1:4])))

    def test_a_piece_of_a_segment_knows_its_offset(self) -> None:
        """Places count from the start of the file, also for what is read from its middle."""
        data = frame(1) + b"?" + frame(2)
        at_start, later = taken(data), taken(data, offset=100)
        assert [(one.start + 100, one.end + 100) for one in at_start] == [
            (one.start, one.end) for one in later
        ]

    def test_a_rename_is_a_batch(self) -> None:
        """A new name of a source comes as a batch without rows."""
        pieces = taken(frame(1, rows=(), rename=("a", "b")))
        assert isinstance(pieces[0], JournalBatch)
        assert (pieces[0].rename, pieces[0].rows) == (("a", "b"), ())

    def test_a_batch_without_its_end_is_none(self) -> None:
        """What was never finished was never acknowledged: it is ignored, and told."""
        frames = batch_of(2, 3)[:2]
        start, end = len(frame(1)), len(frame(1)) + sum(map(len, frames))
        pieces = taken(frame(1) + b"".join(frames))
        assert told(pieces) == [["1"], ("unfinished", "w-1", start, end, 2)]

    def test_a_batch_torn_within_a_frame_is_none(self) -> None:
        """The whole frames of it and the torn one are its unfinished end."""
        first, second = batch_of(1, 2)
        pieces = taken(first + second[:-1])
        assert told(pieces) == [
            ("unfinished", "w-1", 0, len(first), 1),
            ("unfinished", "w-1", len(first), len(first) + len(second) - 1, None),
        ]
        assert told(list(joined(pieces))) == [
            ("unfinished", "w-1", 0, len(first) + len(second) - 1, None)
        ]

    def test_a_batch_does_not_go_on_in_another_segment(self) -> None:
        """A batch stands in one segment; its rest elsewhere is none of it."""
        first, second = batch_of(1, 2)
        assert told(taken(first, second)) == [
            ("unfinished", "w-1", 0, len(first), 1),
            ("broken", "w-2", 0, len(second), 1),
        ]

    def test_a_batch_of_which_the_middle_is_damaged_is_none(self) -> None:
        """Never a part of a batch: the frames that are left are told as broken."""
        one, two, three = batch_of(1, 3)
        bad = b"?" * len(two)
        edges = [0, len(one), len(one + bad), len(one + bad + three)]
        pieces = taken(one + bad + three + frame(4, 3))
        assert told(pieces) == [
            ("broken", "w-1", edges[0], edges[1], 1),
            ("damaged", "w-1", edges[1], edges[2], None),
            ("broken", "w-1", edges[2], edges[3], 1),
            ("missing", "w-1", edges[3], edges[3], 3),
            ["4"],
        ]

    def test_a_batch_of_which_the_start_is_damaged_is_none(self) -> None:
        """Without its first frame a batch is not taken for a shorter one."""
        one, two = batch_of(1, 2)
        bad = b"?" * len(one)
        assert told(taken(bad + two)) == [
            ("damaged", "w-1", 0, len(one), None),
            ("broken", "w-1", len(one), len(one + two), 1),
        ]

    def test_a_missing_segment_is_told(self) -> None:
        """Numbers that were written and are not there are told before what follows them."""
        assert told(taken(frame(1), frame(4, 3))) == [
            ["1"],
            ("missing", "w-2", 0, 0, 2),
            ["4"],
        ]

    def test_a_missing_beginning_is_told(self) -> None:
        """A writer whose first frame is not there has lost something, unless it was known."""
        assert told(taken(frame(3, 2))) == [("missing", "w-1", 0, 0, 2), ["3"]]
        assert told(taken(frame(3, 2), state=Assembler(last={WRITER: 2}))) == [["3"]]

    def test_a_withdrawn_batch_is_not_missed(self) -> None:
        """Numbers that were given away and taken back leave no gap."""
        assert told(taken(frame(1) + frame(4, 1))) == [["1"], ["4"]]

    def test_what_is_known_is_passed_over(self) -> None:
        """A segment that is there twice is read once; what is folded is not read again."""
        data = frame(1) + frame(2)
        assert told(taken(data, data + frame(3))) == [["1"], ["2"], ["3"]]
        assert told(taken(data, state=Assembler(last={WRITER: 1}))) == [["2"]]

    def test_writers_are_counted_apart(self) -> None:
        """Frames of two writers in one file have numbers of their own."""
        assert told(taken(frame(1) + frame(1, writer=OTHER, rows=(row("x"),)) + frame(2))) == [
            ["1"],
            ["x"],
            ["2"],
        ]

    def test_a_batch_is_of_one_writer(self) -> None:
        """A frame of another writer does not finish a batch."""
        one, _ = batch_of(1, 2)
        _, other = (frame(2, 0, part=part, is_last=True, writer=OTHER) for part in (0, 1))
        assert told(taken(one + other)) == [
            ("broken", "w-1", 0, len(one), 1),
            ("broken", "w-1", len(one), len(one + other), 1),
        ]

    @pytest.mark.parametrize("values", [{"number": 3}, {"after": 7}, {"part": 2}])
    def test_parts_follow_each_other(self, values: dict[str, int]) -> None:
        """A part with another number, origin or place belongs to another batch."""
        one = frame(1, 0, is_last=False)
        two = frame(**{"number": 2, "after": 0, "part": 1, **values})
        assert not any(isinstance(piece, JournalBatch) for piece in taken(one + two))

    def test_a_write_that_was_given_up_is_unfinished(self) -> None:
        """A batch that begins after the same one as before shows that nobody was told of that."""
        one = frame(2, 1, is_last=False)
        data = frame(1) + one + frame(3, 1)
        start, end = len(frame(1)), len(frame(1) + one)
        assert told(taken(data)) == [["1"], ("unfinished", "w-1", start, end, 1), ["3"]]

    def test_a_batch_whose_end_is_gone_is_broken(self) -> None:
        """A batch that begins after it shows that it had been whole."""
        one, two = batch_of(1, 2)
        assert told(taken(one + frame(3, 2))) == [
            ("broken", "w-1", 0, len(one), 1),
            ("missing", "w-1", len(one), len(one), 2),
            ["3"],
        ]
        assert len(two) > 0

    def test_a_newer_frame_ends_the_reading(self) -> None:
        """Beyond what only a newer library reads, nothing of this writer is taken."""
        newer = encode_frame(b"{}", version=2)
        start, end = len(frame(1)), len(frame(1)) + len(newer)
        state = Assembler()
        pieces = list(state.take("w-1", scan(frame(1) + newer + frame(2))))
        assert told(pieces) == [["1"], ("newer", "w-1", start, end, 1)]
        assert state.is_stopped
        assert state.last == {WRITER: 1}

    def test_a_newer_frame_within_a_batch_breaks_it(self) -> None:
        """The batch before it that was open is given up."""
        one, _ = batch_of(1, 2)
        assert told(taken(one + encode_frame(b"", version=9)))[0] == (
            "broken",
            "w-1",
            0,
            len(one),
            1,
        )

    def test_a_payload_that_says_nothing_is_damage(self) -> None:
        """A frame whose checksum is right and that is no entry costs the batch it stands in."""
        one, two = batch_of(1, 2)
        bad = encode_frame(b"{}")
        assert told(taken(one + bad + two)) == [
            ("broken", "w-1", 0, len(one), 1),
            ("damaged", "w-1", len(one), len(one + bad), 1),
            ("broken", "w-1", len(one + bad), len(one + bad + two), 1),
        ]

    def test_a_moment_never_goes_back(self) -> None:
        """The order of a writer's batches stays, even if its clock was set back."""
        earlier = AT - timedelta(days=1)
        pieces = taken(frame(1) + frame(2, at=earlier), frame(3, at=AT + timedelta(days=1)))
        batches = [piece for piece in pieces if isinstance(piece, JournalBatch)]
        assert [one.at for one in batches] == [AT, earlier, AT + timedelta(days=1)]
        assert [one.moment for one in batches] == [AT, AT, AT + timedelta(days=1)]

    def test_sentences(self) -> None:
        """A flaw says in one sentence what is wrong and where, without anything personal."""
        flaw = JournalFlaw(reason="damaged", segment="w-1.cxmj", start=1_000, end=2_000)
        place = "w-1.cxmj from byte 1,000 to 2,000."
        assert str(flaw) == f"Cannot be read: {place}"
        assert str(evolve(flaw, reason="newer")) == (
            f"Written by a newer library, upgrade to read it: {place}"
        )
        assert str(evolve(flaw, reason="unfinished")) == (
            f"Never finished, so nobody was told that it is kept: {place}"
        )
        assert str(evolve(flaw, reason="broken")) == (
            f"Parts of a batch that is not whole any more: {place}"
        )
        assert str(evolve(flaw, reason="missing", frames=1_500)) == (
            "Missing: up to 1,500 parts before byte 1,000 of w-1.cxmj."
        )
        assert flaw.to_dict() == {
            "reason": "damaged",
            "segment": "w-1.cxmj",
            "start": 1_000,
            "end": 2_000,
            "frames": None,
        }

    def test_flaws_that_touch_are_one(self) -> None:
        """Only flaws of one reason and segment that touch are told as one; batches stay between."""
        flaw = JournalFlaw(reason="broken", segment="w", start=0, end=5, frames=1)
        touching = evolve(flaw, start=5, end=9)
        apart, elsewhere = evolve(flaw, start=10, end=12), evolve(touching, segment="v")
        other = evolve(touching, reason="damaged")
        (batch,) = taken(frame(1))
        assert list(joined([flaw, touching])) == [evolve(flaw, end=9, frames=None)]
        for second in (apart, elsewhere, other):
            assert list(joined([flaw, second])) == [flaw, second]
        assert list(joined([flaw, batch, touching])) == [flaw, batch, touching]
        assert list(joined([batch])) == [batch]
        assert list(joined([])) == []


class TestByLaw:
    """Any batches, cut and damaged anywhere."""

    @given(st.lists(st.integers(1, 3), min_size=1, max_size=5), st.data())
    def test_never_a_part_of_a_batch(self, counts: list[int], data: st.DataObject) -> None:
        """Whatever one flipped byte hits, what comes are whole batches, all that are intact."""
        batches, number = [], 1
        for count in counts:
            batches.append(batch_of(number, count))
            number += count
        frames = [one for batch in batches for one in batch]
        place = data.draw(st.integers(0, len(b"".join(frames)) - 1))
        whole = bytearray(b"".join(frames))
        whole[place] ^= data.draw(st.integers(1, 255))
        edges = [sum(map(len, frames[:number])) for number in range(len(frames) + 1)]
        hit = max(number for number, edge in enumerate(edges[:-1]) if edge <= place) + 1
        wanted, first = [], 1
        for count in counts:
            numbers = list(range(first, first + count))
            first += count
            if hit not in numbers:
                wanted.append([str(one) for one in numbers])
        found = told(taken(bytes(whole)))
        assert [one for one in found if isinstance(one, list)] == wanted
        assert any(isinstance(one, tuple) for one in found)

    @given(st.lists(st.integers(1, 3), min_size=1, max_size=5), st.integers(0, 3_000))
    def test_a_cut_leaves_a_beginning(self, counts: list[int], length: int) -> None:
        """A file that was cut gives its first batches, and tells of what is left."""
        batches, number = [], 1
        for count in counts:
            batches.append(batch_of(number, count))
            number += count
        data = b"".join(one for batch in batches for one in batch)
        found = told(list(joined(taken(data[:length]))))
        whole = [one for one in found if isinstance(one, list)]
        assert whole == [one for one in told(taken(data)) if isinstance(one, list)][: len(whole)]
        rest = length - sum(len(b"".join(batch)) for batch in batches[: len(whole)])
        assert [one[0] for one in found[len(whole) :]] == (
            ["unfinished"] if rest > 0 and len(whole) < len(batches) else []
        )
