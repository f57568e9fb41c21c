"""Times of looks that are texts: only those that letters put in the order of time."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.engines.feedback._look_times import check_times
from cxm_core.errors import UsageError


class TestByHand:
    @pytest.mark.parametrize(
        "labels",
        [
            ["2026-W01", "2026-W46"],
            ["2026-11-01", "2026-11-02"],
            ["2026-11-01T09:00:00+00:00", "2026-11-01T10:00:00.500000+00:00"],
            ["day 01", "day 12"],
            ["a", "b", "c"],
            [1, 2, 10],
            ["before"],
            [],
            [None, "2026", "2027"],
        ],
    )
    def test_what_has_an_order(self, labels: list[str]) -> None:
        """Instants, periods with the year first, one number of even length, letters."""
        check_times(labels)

    @pytest.mark.parametrize(
        "labels",
        [
            ["W1", "W2", "W10"],
            ["Jan", "Feb"],
            ["1/2026", "10/2026"],
            ["01/2026", "02/2025"],
            ["before", "after"],
            ["2026-1", "2026-11"],
        ],
    )
    def test_what_has_none(self, labels: list[str]) -> None:
        """Weeks without noughts, names of months, the month before the year."""
        with pytest.raises(UsageError, match="nobody knows the order"):
            check_times(labels)

    def test_every_way_of_looking(self) -> None:
        """Both charts of looks refuse them."""
        at = [f"W{n // 3}" for n in range(60)]
        with pytest.raises(UsageError, match="nobody knows the order"):
            cx.track([10, 9, 3] * 20, at, metric="nps")
        with pytest.raises(UsageError, match="nobody knows the order"):
            cx.control_chart([10, 9, 3] * 20, at, metric="nps")


class TestByLaw:
    @given(days=st.lists(st.dates(), min_size=2, unique=True))
    def test_letters_put_days_in_order(self, days: list[date]) -> None:
        """Whatever days there are, their texts are let pass and sort as they do."""
        texts = [day.isoformat() for day in sorted(days)]
        check_times(texts)
        assert texts == sorted(texts)
