"""Open time between many pairs of instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import open_microseconds
from cxm_core.errors import UsageError
from cxm_core.vocabulary import BusinessCalendar

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Pacific/Apia",
)
HOURS = (
    {day: [(time(9), time(17))] for day in range(5)},
    {day: [(time(0), time(0))] for day in range(7)},
    {day: [(time(8), time(12)), (time(13), time(18))] for day in (0, 2, 4)},
    {6: [(time(0), time(2, 30)), (time(2, 45), time(4))], 0: [(time(22), time(0))]},
)
# Around these days clocks change, in one of the zones; Apia left out 30 December 2011.
NEAR = (
    datetime(2026, 3, 29),
    datetime(2026, 10, 25),
    datetime(2026, 3, 8),
    datetime(2026, 4, 5),
    datetime(2018, 11, 4),
    datetime(2011, 12, 30),
)
MINUTE = 60_000_000


@st.composite
def pairs(draw: st.DrawFn) -> tuple[datetime, datetime]:
    """Two instants near a change of the clocks, the second not before the first."""
    near = draw(st.sampled_from(NEAR)) - timedelta(days=4)
    start = near + timedelta(microseconds=draw(st.integers(0, 8 * 24 * 60 * MINUTE)))
    return start, start + timedelta(microseconds=draw(st.integers(0, 20 * 24 * 60 * MINUTE)))


def stamps(walls: list[datetime]) -> np.ndarray:
    """Instants as the columns give them."""
    return np.array(walls, "datetime64[us]")


class TestByHand:
    def test_friday_to_monday(self) -> None:
        """From Friday four in the afternoon to Monday ten there are two hours."""
        desk = BusinessCalendar("Europe/Berlin", HOURS[0])
        found = open_microseconds(
            desk, stamps([datetime(2026, 11, 20, 15)]), stamps([datetime(2026, 11, 23, 9)])
        )
        assert found.tolist() == [120 * MINUTE]

    def test_a_holiday(self) -> None:
        """A holiday has no hours."""
        desk = BusinessCalendar("UTC", HOURS[0], holidays=[date(2026, 12, 25)])
        found = open_microseconds(
            desk, stamps([datetime(2026, 12, 24, 16)]), stamps([datetime(2026, 12, 28, 10)])
        )
        assert found.tolist() == [120 * MINUTE]

    def test_the_hour_that_is_skipped(self) -> None:
        """A night of 24 open hours in which clocks go forward has 23."""
        always = BusinessCalendar("Europe/Berlin", HOURS[1])
        found = open_microseconds(
            always, stamps([datetime(2026, 3, 28, 23)]), stamps([datetime(2026, 3, 29, 22)])
        )
        assert found.tolist() == [23 * 60 * MINUTE]

    def test_no_calendar(self) -> None:
        """Without a calendar it is the time that passes."""
        found = open_microseconds(
            None, stamps([datetime(2026, 1, 1)]), stamps([datetime(2026, 1, 1, 0, 1)])
        )
        assert found.tolist() == [MINUTE]

    def test_never_open_between(self) -> None:
        """Where no hour lies between, there is nothing."""
        desk = BusinessCalendar("UTC", {0: [(time(9), time(10))]})
        found = open_microseconds(
            desk, stamps([datetime(2026, 11, 24)]), stamps([datetime(2026, 11, 26)])
        )
        assert found.tolist() == [0]

    def test_backwards(self) -> None:
        """A stretch that ends before it starts is refused, with how many there are."""
        with pytest.raises(UsageError, match="1 stretches"):
            open_microseconds(None, stamps([datetime(2026, 1, 2)]), stamps([datetime(2026, 1, 1)]))


class TestByLaw:
    @given(
        st.sampled_from(ZONES),
        st.sampled_from(HOURS),
        st.lists(pairs(), min_size=1, max_size=5),
        st.sets(st.sampled_from([day.date() for day in NEAR])),
    )
    def test_equals_the_calendar(
        self,
        zone: str,
        hours: dict[int, list[tuple[time, time]]],
        given_pairs: list[tuple[datetime, datetime]],
        holidays: set[date],
    ) -> None:
        """Every pair has the time that the calendar finds, to the microsecond."""
        calendar = BusinessCalendar(zone, hours, holidays=holidays)
        starts, ends = ([pair[side] for pair in given_pairs] for side in (0, 1))
        found = open_microseconds(calendar, stamps(starts), stamps(ends))
        told = [
            calendar.seconds_between(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC))
            for start, end in given_pairs
        ]
        assert found.tolist() == [round(seconds * 1_000_000) for seconds in told]

    @given(st.sampled_from(ZONES), st.sampled_from(HOURS), pairs(), st.floats(0, 1))
    def test_adds_up(
        self,
        zone: str,
        hours: dict[int, list[tuple[time, time]]],
        pair: tuple[datetime, datetime],
        share: float,
    ) -> None:
        """A stretch has the time of its two parts together."""
        calendar = BusinessCalendar(zone, hours)
        start, end = pair
        middle = start + share * (end - start)
        found = open_microseconds(
            calendar, stamps([start, start, middle]), stamps([end, middle, end])
        )
        assert found[0] == found[1] + found[2]
