"""Lengths of time as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.vocabulary import parse_duration


class TestByHand:
    """Small texts with a known length."""

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("90s", 90), ("5m", 300), ("4 h", 14_400), ("7d", 604_800), (" 2w ", 1_209_600)],
    )
    def test_each_unit_is_read(self, text: str, seconds: int) -> None:
        """A number and a unit are that many seconds."""
        assert parse_duration(text) == timedelta(seconds=seconds)

    def test_a_timedelta_is_taken_as_it_is(self) -> None:
        """What is a length already stays one."""
        assert parse_duration(timedelta(minutes=5)) == timedelta(minutes=5)

    @pytest.mark.parametrize("text", ["", "5", "m", "1.5h", "-5m", "5 minutes", "7D", 300, None])
    def test_other_forms_are_refused(self, text: object) -> None:
        """A text of another form is refused with the forms that there are."""
        with pytest.raises(UsageError, match="no length of time") as caught:
            parse_duration(text)  # type: ignore[arg-type]  # that is the test
        assert "'7d'" in str(caught.value.hint)

    @pytest.mark.parametrize("value", ["0s", timedelta(0), timedelta(seconds=-1)])
    def test_nothing_is_no_length(self, value: str | timedelta) -> None:
        """A length that is not above zero is refused."""
        with pytest.raises(UsageError, match="above zero"):
            parse_duration(value)


class TestByLaw:
    """What holds for any number."""

    @given(number=st.integers(1, 999_999))
    def test_units_are_multiples_of_each_other(self, number: int) -> None:
        """Sixty seconds are a minute, and seven days a week."""
        assert parse_duration(f"{number}m") == 60 * parse_duration(f"{number}s")
        assert parse_duration(f"{number}w") == 7 * parse_duration(f"{number}d")
