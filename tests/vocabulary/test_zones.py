"""Wall-clock times mean one instant each, also where the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.testing import aware_datetimes
from cxm_core.vocabulary import (
    first_instant,
    in_utc,
    local_date,
    start_of_day,
    to_utc,
    zone_of,
)

ZONES = ["UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "America/St_Johns"]


def utc(text: str) -> datetime:
    """Instant of a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestByHand:
    @pytest.mark.parametrize(
        ("zone", "local", "expected"),
        [
            ("Europe/Berlin", "2026-07-01T12:00", "2026-07-01T10:00"),
            ("Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59"),
            ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T01:00"),
            ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
            ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30"),
            ("America/New_York", "2026-11-01T01:30", "2026-11-01T06:30"),
            ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T15:15"),
            ("Asia/Kathmandu", "2026-01-01T00:00", "2025-12-31T18:15"),
        ],
    )
    def test_to_utc(self, zone: str, local: str, expected: str) -> None:
        """A time that occurs twice or never means the later of its two readings."""
        assert to_utc(datetime.fromisoformat(local), zone) == utc(expected)

    @pytest.mark.parametrize(
        ("zone", "local", "expected"),
        [
            ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00"),
            ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),
            ("Europe/Berlin", "2026-03-29T02:59:59.999999", "2026-03-29T01:00"),
            ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00"),
        ],
    )
    def test_first_instant(self, zone: str, local: str, expected: str) -> None:
        """A clock reaches a skipped time at the moment of the change."""
        assert first_instant(datetime.fromisoformat(local), zone) == utc(expected)

    @pytest.mark.parametrize(
        ("zone", "day", "expected"),
        [
            ("Europe/Berlin", date(2026, 11, 5), "2026-11-04T23:00"),
            # Midnight does not exist: the clocks went from 24:00 to 01:00.
            ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00"),
            ("Asia/Beirut", date(2026, 3, 29), "2026-03-28T22:00"),
            # Midnight occurs twice: the clocks go from 01:00 back to 00:00.
            ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00"),
            # The whole day was left out.
            ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00"),
            ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00"),
        ],
    )
    def test_start_of_day(self, zone: str, day: date, expected: str) -> None:
        """A day starts with its first instant, which need not be midnight."""
        assert start_of_day(day, zone) == utc(expected)

    def test_zone_as_it_is(self) -> None:
        """A zone that is no name is taken as it is."""
        east = timezone(timedelta(hours=9))
        assert zone_of(east) is east
        assert to_utc(datetime(2026, 1, 1, 9), east) == utc("2026-01-01")

    def test_local_date(self) -> None:
        """One instant is on two dates in two places."""
        at = utc("2026-11-05T23:30")
        assert local_date(at, "UTC") == date(2026, 11, 5)
        assert local_date(at, "Asia/Tokyo") == date(2026, 11, 6)


def changes(zone: str) -> list[datetime]:
    """Wall times on both sides of every change of the clocks from 2005 to 2027."""
    place, noon = zone_of(zone), [utc("2005-01-01T12:00") + timedelta(days=n) for n in range(8000)]
    offsets = [at.astimezone(place).utcoffset() for at in noon]
    days = [at for at, one, two in zip(noon, offsets, offsets[1:], strict=False) if one != two]
    walls = [at.astimezone(place).replace(tzinfo=None, minute=0) for at in days]
    return [wall + timedelta(minutes=30 * n) for wall in walls for n in range(48)]


class TestByReference:
    @pytest.mark.parametrize("zone", [*ZONES, "Pacific/Apia", "America/Sao_Paulo"])
    def test_duckdb_reads_the_same_instants(self, zone: str) -> None:
        """DuckDB's ICU extension reads wall times by the same rule."""
        duckdb = pytest.importorskip("duckdb")
        walls = changes(zone) or [datetime(2026, 1, 1)]
        query = "SELECT epoch_us(timezone(?, unnest(?::TIMESTAMP[])))"
        answers = duckdb.connect().execute(query, [zone, walls]).fetchall()
        epoch, tick = utc("1970-01-01"), timedelta(microseconds=1)
        assert [(to_utc(wall, zone) - epoch) // tick for wall in walls] == [a for (a,) in answers]


class TestRefused:
    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("Europe/Berln", "did you mean 'Europe/Berlin'"),
            ("europe/berlin ", "did you mean 'Europe/Berlin'"),
            ("EUROPE/BERLIN", "did you mean 'Europe/Berlin'"),
            ("@", "an IANA name"),
            ("", "an IANA name"),
            ("../../etc/passwd", "Hint"),
            ("Europe", "Hint"),
            (5, "an IANA name"),
        ],
    )
    def test_unknown_zone(self, name: str, hint: str) -> None:
        """A zone that does not exist is answered with the nearest one that does."""
        with pytest.raises(UsageError, match=hint):
            zone_of(name)

    def test_aware_local_time(self) -> None:
        """A time with a zone is no local time."""
        with pytest.raises(UsageError, match="already has a zone"):
            to_utc(utc("2026-01-01"), "UTC")

    def test_naive_instant(self) -> None:
        """A time without a zone is no instant."""
        with pytest.raises(UsageError, match="no time zone"):
            in_utc(datetime(2026, 1, 1))

    def test_off_the_calendar(self) -> None:
        """An instant before the year 1 or after 9999 is refused, not wrapped round."""
        with pytest.raises(UsageError, match="years 1 to 9999"):
            to_utc(datetime.min, "Asia/Tokyo")
        with pytest.raises(UsageError, match="years 1 to 9999"):
            to_utc(datetime.max, "America/New_York")


class TestByLaw:
    @given(aware_datetimes(), st.sampled_from(ZONES))
    def test_to_utc_is_one_of_the_readings(self, at: datetime, zone: str) -> None:
        """The wall time of an instant means this instant or, if it occurs twice, a later one."""
        wall = at.astimezone(zone_of(zone)).replace(tzinfo=None, fold=0)
        again = to_utc(wall, zone)
        assert again >= at
        assert again.astimezone(zone_of(zone)).replace(tzinfo=None, fold=0) == wall

    @given(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)), st.sampled_from(ZONES))
    def test_first_instant_is_first(self, local: datetime, zone: str) -> None:
        """The clock has reached the time at its first instant, and not a tick earlier."""
        at, place = first_instant(local, zone), zone_of(zone)
        tick = timedelta(microseconds=1)
        assert at.astimezone(place).replace(tzinfo=None) >= local
        assert (at - tick).astimezone(place).replace(tzinfo=None) < local

    @given(
        st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)),
        st.timedeltas(timedelta(), timedelta(days=2)),
        st.sampled_from(ZONES),
    )
    def test_first_instant_keeps_order(self, local: datetime, later: timedelta, zone: str) -> None:
        """A later wall time is never reached earlier."""
        assert first_instant(local, zone) <= first_instant(local + later, zone)
