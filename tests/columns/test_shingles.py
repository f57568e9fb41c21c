"""Hashed shingles of texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import Column, Shingles, shingles
from cxm_core.errors import UsageError


def of(*texts: object, size: int = 9) -> Shingles:
    """Shingles of some texts."""
    values = np.empty(len(texts), object)
    values[:] = texts
    gone = np.array([text is None for text in texts], bool)
    return shingles(Column(values=values, is_missing=gone), size=size)


def rows(found: Shingles) -> list[list[int]]:
    """Hashes of each row."""
    return [part.tolist() for part in np.split(found.hashes, found.starts[1:-1])]


class TestByHand:
    def test_counts(self) -> None:
        """Twelve letters hold four runs of nine; a shorter text holds one, none holds none."""
        assert np.diff(of("abcdefghijkl", "abc", "", None, 7).starts).tolist() == [4, 1, 0, 0, 0]

    def test_once_each(self) -> None:
        """A run that comes again is counted once."""
        assert np.diff(of("ab" * 10).starts).tolist() == [2]

    def test_quoted_lines_are_not_own_words(self) -> None:
        """A line that quotes somebody else is left out."""
        one, two = rows(of("It broke again today", "It broke again today\n> your order left us"))
        assert one == two

    def test_only_marks(self) -> None:
        """A text of marks alone says nothing."""
        assert of("?!... --").hashes.size == 0

    def test_only_the_first_letters(self) -> None:
        """What comes after a thousand letters is not read."""
        start = "abcdefghi jklmnopqr " * 60
        one, two = rows(of(start + "one end", start + "another"))
        assert one == two

    def test_no_shingle_of_two(self) -> None:
        """Runs of two letters say nothing, and are refused."""
        with pytest.raises(UsageError, match="2 letters"):
            of("abc", size=2)

    def test_half_surrogates(self) -> None:
        """Half a letter, which no encoding takes, is a gap between words."""
        assert of("lost \ud800 parcel").hashes.size == 3

    def test_stays_as_it_is(self) -> None:
        """Hashes are the same in every process and on every day."""
        assert rows(of("abcdefghi")) == [[-5462007503926384381]]


class TestByLaw:
    @given(st.lists(st.text(max_size=30), max_size=6))
    def test_rows_do_not_touch(self, texts: list[str]) -> None:
        """The shingles of a text do not depend on what stands beside it."""
        assert rows(of(*texts)) == [rows(of(text))[0] for text in texts] or not texts

    @given(st.text(st.characters(codec="ascii"), max_size=40))
    def test_capitals_and_marks_do_not_matter(self, text: str) -> None:
        """Capitals, marks and blanks around words change nothing."""
        plain = text.replace(">", " ")
        one, two = rows(of(plain, f" {plain.upper()}... "))
        assert one == two

    @given(st.text(max_size=60))
    def test_distinct_and_in_order(self, text: str) -> None:
        """The hashes of a row are distinct, and in order."""
        (found,) = rows(of(text))
        assert found == sorted(set(found))
