"""The mark beside a store, which knows how many transactions it held."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.store._mark import Mark, mark_path, read_mark, write_mark
from cxm_core.store._stock import lost_between

MARKS = st.builds(
    Mark,
    store_id=st.text("0123456789abcdef", min_size=32, max_size=32),
    commits=st.integers(0, 10**18),
)
ONE = Mark(store_id="0" * 32, commits=7)


class TestByLaw:
    """What holds of every mark."""

    @given(MARKS)
    def test_reads_what_was_written(self, mark: Mark) -> None:
        """A mark comes back as it was."""
        assert Mark.from_bytes(mark.to_bytes()) == mark

    @given(MARKS, MARKS)
    def test_has_one_length(self, one: Mark, other: Mark) -> None:
        """A mark takes the place of another without making the file shorter first."""
        assert len(one.to_bytes()) == len(other.to_bytes())

    @given(MARKS, st.data())
    def test_a_damaged_mark_is_none(self, mark: Mark, data: st.DataObject) -> None:
        """A mark of which a bit was turned over says nothing, rather than something wrong."""
        content = bytearray(mark.to_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        assert Mark.from_bytes(bytes(content)) is None


class TestByHand:
    """Small cases."""

    @pytest.mark.parametrize("content", [b"", b"\n", b"cxm 1 x", ONE.to_bytes() * 2])
    def test_something_else_is_no_mark(self, tmp_path: Path, content: bytes) -> None:
        """A file with something else in it is no mark."""
        path = tmp_path / "cxm.duckdb"
        mark_path(path).write_bytes(content)
        assert read_mark(path) is None

    def test_a_folder_that_cannot_be_written_is_left_alone(self, tmp_path: Path) -> None:
        """A mark that cannot be left is no error."""
        path = tmp_path / "none" / "cxm.duckdb"
        write_mark(path, ONE)
        assert read_mark(path) is None

    @pytest.mark.parametrize(
        ("before", "now", "is_unsure", "lost"),
        [
            (ONE, ONE, False, 0),
            (ONE, Mark(store_id="0" * 32, commits=4), False, 3),
            (ONE, Mark(store_id="0" * 32, commits=9), False, 0),
            (ONE, Mark(store_id="1" * 32, commits=4), False, 0),
            (ONE, Mark(store_id="1" * 32, commits=4), True, None),
            (None, ONE, True, None),
            (None, ONE, False, 0),
            (ONE, None, False, 0),
        ],
    )
    def test_what_is_lost(
        self, before: Mark | None, now: Mark | None, *, is_unsure: bool, lost: int | None
    ) -> None:
        """Only a mark of the same store that is ahead tells of a loss."""
        assert lost_between(before, now, is_unsure=is_unsure) == lost
