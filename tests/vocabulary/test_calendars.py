"""Business time passes only while somebody is there, and in true seconds."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.testing import aware_datetimes
from cxm_core.vocabulary import BusinessCalendar

DAILY = [(time(9), time(12, 30)), (time(13, 30), time(17))]
DESK = BusinessCalendar(
    "Europe/Berlin", dict.fromkeys(range(5), DAILY), holidays=[date(2026, 12, 25)]
)
ALWAYS = {day: [(time(0), time(0))] for day in range(7)}
NIGHT = {day: [(time(1, 30), time(2, 30)), (time(2, 30), time(4))] for day in range(7)}
HOUR = 3600.0


def berlin(text: str) -> datetime:
    """Instant of a winter time in Berlin."""
    return datetime.fromisoformat(f"{text}+01:00")


def calendars() -> st.SearchStrategy[BusinessCalendar]:
    """Calendars in zones with odd changes of the clock."""
    zones = st.sampled_from(["UTC", "Europe/Berlin", "America/Havana", "America/St_Johns"])
    weeks = st.sampled_from([ALWAYS, NIGHT, {"monday": DAILY}, dict.fromkeys(range(5), DAILY)])
    holidays = st.frozensets(st.dates(date(2000, 1, 1), date(2030, 1, 1)), max_size=3)
    return st.builds(BusinessCalendar, zones, weeks, holidays=holidays)


def stretches() -> st.SearchStrategy[tuple[datetime, datetime]]:
    """Starts and ends at most forty days apart."""
    starts = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
    lengths = st.timedeltas(timedelta(), timedelta(days=40))
    return st.tuples(starts, lengths).map(lambda pair: (pair[0], pair[0] + pair[1]))


class TestByHand:
    @pytest.mark.parametrize(
        ("start", "end", "hours"),
        [
            ("2026-11-20T09:00", "2026-11-20T17:00", 7),
            ("2026-11-20T00:00", "2026-11-21T00:00", 7),
            ("2026-11-20T12:00", "2026-11-20T14:00", 1),
            ("2026-11-20T12:45", "2026-11-20T13:15", 0),
            ("2026-11-20T16:00", "2026-11-23T10:00", 2),
            ("2026-11-21T10:00", "2026-11-22T10:00", 0),
            ("2026-11-16T00:00", "2026-11-30T00:00", 70),
            ("2026-12-24T16:00", "2026-12-28T10:00", 2),
            ("2026-11-20T10:00", "2026-11-20T10:00", 0),
        ],
    )
    def test_seconds_between(self, start: str, end: str, hours: float) -> None:
        """Breaks, nights, weekends and holidays do not count."""
        assert DESK.seconds_between(berlin(start), berlin(end)) == hours * HOUR

    @pytest.mark.parametrize(
        ("start", "hours", "due"),
        [
            ("2026-11-20T09:00", 7, "2026-11-20T17:00"),
            ("2026-11-20T12:00", 1, "2026-11-20T14:00"),
            ("2026-11-20T16:00", 2, "2026-11-23T10:00"),
            ("2026-11-21T10:00", 0, "2026-11-21T10:00"),
            ("2026-11-21T10:00", 1, "2026-11-23T10:00"),
            ("2026-12-24T16:30", 1, "2026-12-28T09:30"),
        ],
    )
    def test_add(self, start: str, hours: float, due: str) -> None:
        """A due time is the first instant by which the open time has passed."""
        assert DESK.add(berlin(start), hours * HOUR) == berlin(due)

    @pytest.mark.parametrize(
        ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
    )
    def test_seconds_are_true(self, day: str, hours: int) -> None:
        """A day on which the clocks change has 23 or 25 open hours for those who never close."""
        calendar = BusinessCalendar("Europe/Berlin", {date.fromisoformat(day).weekday(): ALWAYS[0]})
        noon = datetime.fromisoformat(f"{day}T12:00Z")
        span = timedelta(days=2)
        assert calendar.seconds_between(noon - span, noon + span) == hours * HOUR

    @pytest.mark.parametrize(
        ("day", "hours"), [("2026-03-28", 2.5), ("2026-03-29", 1.5), ("2026-10-25", 3.5)]
    )
    def test_hours_cut_by_a_change(self, day: str, hours: float) -> None:
        """Hours that the clocks jump over are shorter, hours that come twice are longer."""
        calendar = BusinessCalendar("Europe/Berlin", NIGHT)
        noon = datetime.fromisoformat(f"{day}T12:00Z")
        assert calendar.seconds_between(noon - timedelta(hours=18), noon) == hours * HOUR

    def test_open_times(self) -> None:
        """The open times that touch a stretch are told whole, holidays left out."""
        found = DESK.open_times(berlin("2026-12-24T12:00"), berlin("2026-12-28T09:00"))
        assert [(a.isoformat()[5:16], b.isoformat()[5:16]) for a, b in found] == [
            ("12-24T08:00", "12-24T11:30"),
            ("12-24T12:30", "12-24T16:00"),
        ]
        with pytest.raises(UsageError, match="ends before it starts"):
            DESK.open_times(berlin("2026-12-28T09:00"), berlin("2026-12-24T12:00"))

    def test_names_of_weekdays(self) -> None:
        """Weekdays go by number or by English name."""
        assert BusinessCalendar("UTC", {"monday": DAILY}) == BusinessCalendar("UTC", {0: DAILY})

    def test_value_semantics(self) -> None:
        """A calendar pickles, compares by value and can be a key."""
        again = pickle.loads(pickle.dumps(DESK))
        assert (again, hash(again)) == (DESK, hash(DESK))
        assert again.add(berlin("2026-11-20T16:00"), HOUR) == berlin("2026-11-20T17:00")


class TestRefused:
    @pytest.mark.parametrize(
        ("hours", "what"),
        [
            ({}, "no hours"),
            ({"monday": []}, "no hours"),
            ({"monay": DAILY}, "did you mean 'monday'"),
            ({7: DAILY}, "No weekday"),
            ({0: [(time(17), time(9))]}, "end before they begin"),
            ({0: [(time(9), time(9))]}, "end before they begin"),
            ({0: [(time(9), time(12)), (time(11), time(13))]}, "monday overlap"),
            ({0: DAILY, "monday": DAILY}, "monday overlap"),
            ({0: [(time(20), time(0)), (time(22), time(23))]}, "monday overlap"),
            ({0: ["09:00-17:00"]}, "not pairs"),
            ({0: [("09:00", "17:00")]}, "not pairs"),
            ({0: [(time(9, tzinfo=UTC), time(17))]}, "not pairs"),
        ],
    )
    def test_hours(self, hours: dict[int | str, object], what: str) -> None:
        """Hours that cannot be meant are refused when the calendar is made."""
        with pytest.raises(UsageError, match=what):
            BusinessCalendar("UTC", hours)  # type: ignore[arg-type]  # the wrong call is the test

    def test_zone(self) -> None:
        """A calendar needs a zone that exists."""
        with pytest.raises(UsageError, match="did you mean 'Europe/Berlin'"):
            BusinessCalendar("Europe/Berln", ALWAYS)

    def test_holiday_with_a_time(self) -> None:
        """A holiday is a date, not an instant."""
        with pytest.raises(UsageError, match="without a time"):
            BusinessCalendar("UTC", ALWAYS, holidays=[datetime(2026, 12, 25)])

    def test_backwards(self) -> None:
        """Time does not run backwards."""
        with pytest.raises(UsageError, match="before it starts"):
            DESK.seconds_between(berlin("2026-11-20T09:00"), berlin("2026-11-20T08:59"))

    def test_naive(self) -> None:
        """Instants have a zone."""
        with pytest.raises(UsageError, match="no time zone"):
            DESK.add(datetime(2026, 11, 20), HOUR)

    @pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e30, "60"])
    def test_seconds(self, seconds: float) -> None:
        """Open time is a number that is not negative."""
        with pytest.raises(UsageError, match="open time"):
            DESK.add(berlin("2026-11-20T09:00"), seconds)

    def test_never(self) -> None:
        """A date that stands for never is told apart from a long wait."""
        with pytest.raises(UsageError, match="longer than 100 years"):
            DESK.seconds_between(berlin("2026-11-20T09:00"), datetime(9999, 12, 31, tzinfo=UTC))

    def test_beyond_the_calendar(self) -> None:
        """An answer after the year 9999, or after a century, is refused."""
        with pytest.raises(UsageError, match="years 1 to 9999"):
            DESK.add(datetime(9999, 12, 30, tzinfo=UTC), 1e6)
        with pytest.raises(UsageError, match="100 years"):
            BusinessCalendar("UTC", {0: DAILY}).add(datetime(2026, 1, 1, tzinfo=UTC), 1e9)


class TestByLaw:
    @given(calendars(), aware_datetimes(), st.integers(0, 10**12))
    def test_add_is_undone(
        self, calendar: BusinessCalendar, start: datetime, microseconds: int
    ) -> None:
        """Between a start and its due time lies just the open time that was added."""
        seconds = microseconds / 1e6
        due = calendar.add(start, seconds)
        assert calendar.seconds_between(start, due) == seconds

    @given(calendars(), stretches(), st.floats(0, 1))
    def test_parts_add_up(
        self, calendar: BusinessCalendar, stretch: tuple[datetime, datetime], share: float
    ) -> None:
        """The open time of two parts is the open time of the whole."""
        start, end = stretch
        middle = start + (end - start) * share
        parts = calendar.seconds_between(start, middle) + calendar.seconds_between(middle, end)
        assert parts == pytest.approx(calendar.seconds_between(start, end), abs=1e-6)

    @given(st.sampled_from(["UTC", "Europe/Berlin", "America/Havana"]), stretches())
    def test_never_closed(self, zone: str, stretch: tuple[datetime, datetime]) -> None:
        """Where nobody ever closes, all time is open time."""
        start, end = stretch
        elapsed = (end - start).total_seconds()
        assert BusinessCalendar(zone, ALWAYS).seconds_between(start, end) == elapsed
