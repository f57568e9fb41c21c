"""Values of filters in receipts, there and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cxm_core.results import show_values, shown_values

values = st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.text(max_size=12))


@given(st.lists(values, min_size=1, max_size=5))
def test_what_is_shown_reads_back(given_: list[object]) -> None:
    """Whatever is selected, the receipt tells it without a doubt, types included."""
    read = shown_values(show_values(given_))  # type: ignore[arg-type]  # a mixture on purpose
    assert [(type(x), x) for x in read] == [(type(x), x) for x in given_]


def test_plain_words_stand_without_quotes() -> None:
    """An ordinary label is shown as it is."""
    assert show_values(["phone", "on board"]) == "phone, on board"
