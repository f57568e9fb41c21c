"""Periods cover the time line without gap or overlap, as people in a zone live it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.testing import aware_datetimes
from cxm_core.vocabulary import PERIOD_UNITS, PeriodUnit, parse_period, period_of

ZONES = ["UTC", "Europe/Berlin", "America/Havana", "America/St_Johns", "Pacific/Apia"]


def utc(text: str) -> datetime:
    """Instant of a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestByHand:
    @pytest.mark.parametrize(
        ("at", "unit", "label"),
        [
            ("2026-11-21T12:00", "day", "2026-11-21"),
            ("2026-11-21T12:00", "week", "2026-W47"),
            ("2026-11-21T12:00", "month", "2026-11"),
            ("2026-11-21T12:00", "quarter", "2026-Q4"),
            ("2026-11-21T12:00", "year", "2026"),
            ("2024-12-30T00:00", "week", "2025-W01"),
            ("2024-12-29T23:59", "week", "2024-W52"),
            ("2021-01-03T12:00", "week", "2020-W53"),
            ("2026-03-31T23:59", "quarter", "2026-Q1"),
            ("2026-04-01T00:00", "quarter", "2026-Q2"),
            ("2025-12-31T23:59:59.999999", "year", "2025"),
        ],
    )
    def test_labels(self, at: str, unit: PeriodUnit, label: str) -> None:
        """An instant lies in the week of its Thursday's year, in its quarter, month and day."""
        assert period_of(utc(at), unit, zone="UTC").label == label

    def test_zone_decides(self) -> None:
        """The same instant lies in two days, months and years in two places."""
        at = utc("2025-12-31T23:30")
        assert period_of(at, "year", zone="UTC").label == "2025"
        assert period_of(at, "year", zone="Europe/Berlin").label == "2026"

    @pytest.mark.parametrize(
        ("label", "hours"),
        [("2026-03-29", 23), ("2026-10-25", 25), ("2026-W13", 167), ("2026-W43", 169)],
    )
    def test_days_have_no_fixed_length(self, label: str, hours: int) -> None:
        """A day on which the clocks change has 23 or 25 hours."""
        period = parse_period(label, zone="Europe/Berlin")
        assert period.end - period.start == timedelta(hours=hours)

    def test_a_day_that_was_left_out(self) -> None:
        """A day that a place never had is empty, and no instant lies in it."""
        skipped = parse_period("2011-12-30", zone="Pacific/Apia")
        assert skipped.start == skipped.end
        assert not skipped.contains(skipped.start)
        assert period_of(skipped.start, "day", zone="Pacific/Apia").label == "2011-12-31"

    def test_clocks_that_went_back_over_midnight(self) -> None:
        """Minutes in which the old date came back belong to the day that had begun."""
        at = datetime.fromisoformat("2006-10-28T23:30:00-03:30")
        assert period_of(at, "day", zone="America/St_Johns").label == "2006-10-29"

    def test_half_open(self) -> None:
        """The start belongs to a period, the end to the next."""
        week = parse_period("2026-W46", zone="Europe/Berlin")
        assert (week.start, week.end) == (utc("2026-11-08T23:00"), utc("2026-11-15T23:00"))
        assert week.contains(week.start)
        assert not week.contains(week.end)


class TestRefused:
    @pytest.mark.parametrize(
        "label",
        ["2025-W53", "2026-W00", "2026-13", "2026-00", "2026-02-29", "0000", "9999", "2026-11-31"],
    )
    def test_not_in_the_calendar(self, label: str) -> None:
        """A label of the right form that the calendar does not have is refused."""
        with pytest.raises(UsageError):
            parse_period(label, zone="UTC")

    @pytest.mark.parametrize(
        "label", ["", "26", "2026-Q5", "2026-W1", "2026-1", "20261105", "2026-11-5", "\u0662026"]
    )
    def test_not_a_label(self, label: str) -> None:
        """Anything else is refused with the forms that there are."""
        with pytest.raises(UsageError, match="2026-W46"):
            parse_period(label, zone="UTC")

    def test_unknown_unit(self) -> None:
        """A unit that does not exist is answered with the nearest one."""
        with pytest.raises(UsageError, match="did you mean 'week'"):
            period_of(utc("2026-01-01"), "weeks", zone="UTC")  # type: ignore[arg-type]  # the test

    def test_naive(self) -> None:
        """A time without a zone lies in no period."""
        with pytest.raises(UsageError, match="no time zone"):
            period_of(datetime(2026, 1, 1), "day", zone="UTC")


class TestByLaw:
    @given(aware_datetimes(), st.sampled_from(PERIOD_UNITS), st.sampled_from(ZONES))
    def test_contains_its_instant(self, at: datetime, unit: PeriodUnit, zone: str) -> None:
        """The period of an instant contains it, and its label brings the period back."""
        period = period_of(at, unit, zone=zone)
        assert period.contains(at)
        assert parse_period(period.label, zone=zone) == period

    @given(aware_datetimes(), st.sampled_from(PERIOD_UNITS), st.sampled_from(ZONES))
    def test_no_gap(self, at: datetime, unit: PeriodUnit, zone: str) -> None:
        """Where a period ends, another one starts."""
        period = period_of(at, unit, zone=zone)
        assert period_of(period.end, unit, zone=zone).start == period.end

    @given(aware_datetimes(), st.sampled_from(ZONES))
    def test_nesting(self, at: datetime, zone: str) -> None:
        """A day lies in its month, a month in its quarter, a quarter in its year."""
        periods = [period_of(at, unit, zone=zone) for unit in ("day", "month", "quarter", "year")]
        assert periods == sorted(periods, key=lambda period: -period.start.timestamp())
        assert periods == sorted(periods, key=lambda period: period.end)
