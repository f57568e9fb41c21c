"""Text from elsewhere on a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.cli._printable import one_line, printable

MARK = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "steering",
    [
        "\x1b[2J",
        "\x1b]0;title\x07",
        "a\rb",
        "\x9b31m",
        "\x08",
        "\u202ereversed",
        "\u2066",
        "\u2028",
        "\x85",
        "\ud800",
    ],
    ids=ascii,
)
def test_what_steers_is_shown_as_a_mark(steering: str) -> None:
    """Escapes, carriage returns, direction overrides and half characters become a mark."""
    shown = one_line(steering)
    assert MARK in shown
    assert len(shown) == len(steering)
    assert not set(shown) & set("\x1b\x07\r\x08\x9b\u202e\u2066\u2028\x85\ud800")


@pytest.mark.parametrize(
    "plain", ["Zoë, 日本語", "नमस्\u200cते", "👩\u200d👧", "soft\u00adhyphen", "שלום"], ids=ascii
)
def test_letters_stay(plain: str) -> None:
    """Every script is shown as it is, with the joiners that it needs."""
    assert one_line(plain) == printable(plain) == plain


def test_lines() -> None:
    """A text keeps its line ends; what must stay on one line has none."""
    assert printable("a\nb") == "a\nb"
    assert one_line("a\nb") == f"a{MARK}b"


@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_is_lost(text: str) -> None:
    """Each letter is kept or marked, one for one, and a second pass changes nothing."""
    shown = printable(text)
    assert len(shown) == len(text)
    assert all(new in (old, MARK) for old, new in zip(text, shown, strict=True))
    assert printable(shown) == shown
    assert all(letter == "\n" or ord(letter) >= 32 for letter in shown)
