"""Text from outside is shown as it is, without what a reader cannot see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.report._escape import clip, lines, visible, width

ANY_TEXT = st.text(st.characters(), max_size=60)


@given(ANY_TEXT)
def test_visible_twice_is_visible_once(text: str) -> None:
    """Making a text visible again changes nothing."""
    assert visible(visible(text)) == visible(text)


@given(ANY_TEXT)
def test_visible_text_can_be_encoded(text: str) -> None:
    """Half a surrogate pair never reaches a file."""
    assert visible(text).encode().decode() == visible(text)


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=60))
def test_plain_text_stays_as_it_is(text: str) -> None:
    """Letters, digits, punctuation, signs and spaces are not touched."""
    assert visible(text) == text


@pytest.mark.parametrize("override", [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"])
def test_direction_overrides_are_gone(override: str) -> None:
    """A text cannot turn round what stands beside it."""
    assert visible(f"exe{override}gpj") == "exegpj"


def test_direction_marks_and_joiners_stay() -> None:
    """What Arabic, Hebrew, Persian and emoji need to be read is kept."""
    text = "\u05e9\u200f \u0645\u06cc\u200c\u062e \u061c \U0001f468\u200d\U0001f469"
    assert visible(text) == text


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\x00", "\u2400"),
        ("\x0b", "\u240b"),
        ("\x1b", "\u241b"),
        ("\x7f", "\u2421"),
        ("\x9b", "\ufffd"),
        ("\ud800", "\ufffd"),
        ("\ufffe", "\ufffd"),
        ("\r\n", "\n"),
        ("\r", "\n"),
        ("\u2028", "\n"),
        ("\t", "\t"),
    ],
)
def test_control_characters_get_a_picture(hidden: str, shown: str) -> None:
    """A control character is seen, not obeyed; line breaks are all alike."""
    assert visible(f"a{hidden}b") == f"a{shown}b"


@given(ANY_TEXT, st.integers(1, 40))
def test_clip_keeps_the_beginning(text: str, limit: int) -> None:
    """A clipped text is the beginning of the whole one, and never longer than the limit."""
    short = clip(text, limit)
    if len(text) <= limit:
        assert short == text
    else:
        assert len(short) <= limit + 1
        assert short.endswith("\u2026")
        assert text.startswith(short[:-1])


def test_clip_cuts_between_words() -> None:
    """A word is not cut when one ends near."""
    assert clip("the line was far too long", 15) == "the line was\u2026"


@given(ANY_TEXT, st.integers(3, 40), st.integers(1, 3))
def test_lines_fit_their_room(text: str, room: int, most: int) -> None:
    """No line is wider than its room, and there are no more than allowed."""
    found = lines(text, room, most=most)
    assert 1 <= len(found) <= most
    assert all(width(line) <= room for line in found)


def test_lines_break_between_words() -> None:
    """A label goes on in the next line, whole."""
    found = lines("Escalators, elevators and moving walkways", 24)
    assert found == ("Escalators, elevators", "and moving walkways")


def test_lines_tell_that_more_was_there() -> None:
    """A label that does not fit ends with an ellipsis."""
    assert lines("one two three four", 7) == ("one two", "three\u2026")


def test_wide_letters_take_two_places() -> None:
    """East Asian letters count twice, so that they do not run into the plot."""
    assert width("\u6771\u4eac") == 4
