"""Windows are read from what people write, in the zone that they mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.testing import aware_datetimes, windows
from cxm_core.vocabulary import Window, WindowLike

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def utc(text: str) -> datetime:
    """Instant of a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestByHand:
    @pytest.mark.parametrize(
        ("value", "start", "end", "label"),
        [
            ("2026", "2025-12-31T23:00", "2026-12-31T23:00", "2026"),
            ("2026-Q1", "2025-12-31T23:00", "2026-03-31T22:00", "2026-Q1"),
            ("2026-11", "2026-10-31T23:00", "2026-11-30T23:00", "2026-11"),
            ("2026-W46", "2026-11-08T23:00", "2026-11-15T23:00", "2026-W46"),
            (" 2026-11-05 ", "2026-11-04T23:00", "2026-11-05T23:00", "2026-11-05"),
            ("last 28 days", "2026-10-23T22:00", "2026-11-20T23:00", "last 28 days"),
            ("last 1 day", "2026-11-19T23:00", "2026-11-20T23:00", "last 1 day"),
            ("last 2 weeks", "2026-11-01T23:00", "2026-11-15T23:00", "last 2 weeks"),
            ("last 3 months", "2026-07-31T22:00", "2026-10-31T23:00", "last 3 months"),
            ("last 1 quarters", "2026-06-30T22:00", "2026-09-30T22:00", "last 1 quarter"),
            ("last 1 year", "2024-12-31T23:00", "2025-12-31T23:00", "last 1 year"),
            (
                (date(2026, 10, 1), date(2026, 12, 1)),
                "2026-09-30T22:00",
                "2026-11-30T23:00",
                "2026-10-01/2026-12-01",
            ),
            (
                "2026-10-01/2026-12-01",
                "2026-09-30T22:00",
                "2026-11-30T23:00",
                "2026-10-01/2026-12-01",
            ),
            (
                (datetime(2026, 11, 5, 8), "2026-11-05T12:00Z"),
                "2026-11-05T07:00",
                "2026-11-05T12:00",
                "2026-11-05T07:00:00Z/2026-11-05T12:00:00Z",
            ),
            (
                ("2026-11-05 08:30", "2026-11-06T00:00:00.5+02:00"),
                "2026-11-05T07:30",
                "2026-11-05T22:00:00.500",
                "2026-11-05T07:30:00Z/2026-11-05T22:00:00.500000Z",
            ),
        ],
    )
    def test_forms(self, value: WindowLike, start: str, end: str, label: str) -> None:
        """Each form that people write has its two ends and its label."""
        window = Window.parse(value, zone=BERLIN, now=NOW)
        assert (window.start, window.end, window.label) == (utc(start), utc(end), label)

    def test_last_days_follow_the_local_day(self) -> None:
        """Whether a day is over is seen on the clock of the zone, not in UTC."""
        late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
        assert Window.parse("last 1 day", zone=BERLIN, now=late).end == utc("2026-11-21T23:00")
        assert Window.parse("last 1 day", zone="UTC", now=late).end == utc("2026-11-21")

    def test_last_days_over_a_change_of_clocks(self) -> None:
        """Local days are counted, not stretches of 24 hours."""
        after = datetime(2026, 10, 26, 12, tzinfo=UTC)
        window = Window.parse("last 1 days", zone=BERLIN, now=after)
        assert window.end - window.start == timedelta(hours=25)

    def test_a_window_is_a_window(self) -> None:
        """A window given to parse comes back as it is."""
        window = Window.parse("2026", zone="UTC")
        assert Window.parse(window, zone=BERLIN) is window

    def test_ends_are_kept_in_utc(self) -> None:
        """Windows of the same instants are equal, whatever zone the ends were told in."""
        start, end = (datetime.fromisoformat(f"2026-11-0{day}T01:00+01:00") for day in (5, 6))
        assert Window(start, end) == Window(utc("2026-11-05"), utc("2026-11-06"))
        assert Window(start, end).start.tzinfo is UTC


class TestRefused:
    @pytest.mark.parametrize(
        "value",
        [
            "",
            "yesterday",
            "last days",
            "last -1 days",
            "Last 28 days",
            "2026-W46/2026-W47",
            "2026-11-05/",
            "2026-11-05/2026-11-06/2026-11-07",
            "2026-11-05/2026-02-30",
            "2026-11-05T25:00/2026-11-06",
            "20261105/20261106",
            ("2026-11-05",),
            (None, "2026-11-05"),
            (1, 2),
            None,
            2026,
        ],
    )
    def test_what_is_no_window(self, value: object) -> None:
        """Anything else is refused with the forms that there are."""
        with pytest.raises(UsageError, match="last 28 days"):
            Window.parse(value, zone="UTC", now=NOW)  # type: ignore[arg-type]  # the test

    @pytest.mark.parametrize("value", ["2026-13", "2026-11-31", "2025-W53", "last 999999 years"])
    def test_what_no_calendar_has(self, value: str) -> None:
        """A window outside the calendar is refused."""
        with pytest.raises(UsageError):
            Window.parse(value, zone="UTC", now=NOW)

    @pytest.mark.parametrize("value", ["last 0 days", "2026-11-06/2026-11-05"])
    def test_empty_or_backwards(self, value: str) -> None:
        """A window that ends before it starts, or counts no day at all, is refused."""
        with pytest.raises(UsageError, match=r"before it starts|holds nothing"):
            Window.parse(value, zone="UTC", now=NOW)

    def test_last_needs_now(self) -> None:
        """Nothing here reads a clock."""
        with pytest.raises(UsageError, match="now"):
            Window.parse("last 28 days", zone="UTC")

    def test_naive_end(self) -> None:
        """A window is made of instants, not of wall-clock times."""
        with pytest.raises(UsageError, match="no time zone"):
            Window(datetime(2026, 1, 1), NOW)


class TestByLaw:
    @given(windows())
    def test_label_round_trips(self, window: Window) -> None:
        """The label of a window brings it back."""
        assert Window.parse(window.label, zone=BERLIN) == window

    @given(windows(), aware_datetimes())
    def test_half_open(self, window: Window, at: datetime) -> None:
        """An instant lies inside from the start on and before the end."""
        assert window.contains(at) == (window.start <= at < window.end)
        assert not window.contains(window.end)

    @given(aware_datetimes(), st.integers(1, 60), st.sampled_from(["day", "week", "month"]))
    def test_last_is_over(self, now: datetime, count: int, unit: str) -> None:
        """A window that counts back has ended, and one that counts further starts earlier."""
        shorter = Window.parse(f"last {count} {unit}s", zone=BERLIN, now=now)
        longer = Window.parse(f"last {count + 1} {unit}s", zone=BERLIN, now=now)
        assert shorter.end == longer.end <= now
        assert longer.start < shorter.start < shorter.end
