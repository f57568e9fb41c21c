"""Business calendars: how much open time lies between two instants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TypeGuard

from attrs import field, frozen

from cxm_core.errors import UsageError, did_you_mean

from ._zones import first_instant, in_utc, local_date, zone_of

Hours = tuple[time, time]
Weekday = int | str
Week = Mapping[Weekday, Iterable[Hours]] | tuple[tuple[Hours, ...], ...]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MIDNIGHT = time()
_LONGEST = timedelta(days=36525)


def _week(hours: Week) -> tuple[tuple[Hours, ...], ...]:
    days = hours if isinstance(hours, Mapping) else dict(enumerate(hours))
    week: list[list[Hours]] = [[] for _ in WEEKDAYS]
    for weekday, intervals in days.items():
        week[_weekday(weekday)].extend(_checked(interval) for interval in intervals)
    return tuple(tuple(sorted(day)) for day in week)


def _weekday(weekday: Weekday) -> int:
    if weekday in WEEKDAYS:
        return WEEKDAYS.index(str(weekday))
    if weekday in range(7):
        return int(weekday)
    raise UsageError(
        f"No weekday is called {weekday!r}.", hint=did_you_mean(str(weekday), WEEKDAYS)
    )


def _checked(interval: object) -> Hours:
    opening, closing = interval if isinstance(interval, (tuple, list)) else (None, None)
    if not (_is_wall_time(opening) and _is_wall_time(closing)):
        raise UsageError(
            "Opening hours are not pairs of opening and closing time.",
            hint="hours={'monday': [(time(9), time(17))]}, times without a zone of their own",
        )
    if closing != _MIDNIGHT and closing <= opening:
        raise UsageError(
            f"Opening hours from {opening:%H:%M} to {closing:%H:%M} end before they begin.",
            hint="split hours over midnight: until 00:00, and from 00:00 on the next weekday",
        )
    return opening, closing


def _is_wall_time(value: object) -> TypeGuard[time]:
    return isinstance(value, time) and value.tzinfo is None


def _days(holidays: Iterable[date]) -> frozenset[date]:
    days = frozenset(holidays)
    if any(isinstance(day, datetime) for day in days):
        raise UsageError("A holiday is a date without a time.", hint="at.date()")
    return days


def _zone_name(zone: str) -> str:
    zone_of(zone)
    return zone


@frozen(cache_hash=True)
class BusinessCalendar:
    """When people are there to help: hours of each weekday in one time zone, less the holidays.

    Parameters
    ----------
    zone : str
        IANA name of the zone in which the hours are told.
    hours : mapping of weekday to intervals
        Weekday is 0 (Monday) to 6, or an English name such as `monday`; its intervals are pairs
        of opening and closing time. A closing time of 00:00 is the end of the day.
    holidays : iterable of date
        Local days without any hours.

    Raises
    ------
    UsageError
        There is no such zone or weekday, hours overlap or end before they begin, or the week has
        no hours at all.

    Notes
    -----
    Seconds are seconds that really pass: where the clocks go forward in opening hours, that day is
    shorter. An opening or closing time that occurs twice means the first time, one that is
    skipped means the moment of the change.

    Examples
    --------
    >>> nine_to_five = {day: [(time(9), time(17))] for day in range(5)}
    >>> desk = BusinessCalendar("Europe/Berlin", nine_to_five, holidays=[date(2026, 12, 25)])
    >>> friday = datetime.fromisoformat("2026-11-20T16:00+01:00")
    >>> monday = datetime.fromisoformat("2026-11-23T10:00+01:00")
    >>> desk.seconds_between(friday, monday)
    7200.0
    """

    zone: str = field(converter=_zone_name)
    hours: tuple[tuple[Hours, ...], ...] = field(converter=_week)
    holidays: frozenset[date] = field(default=frozenset(), converter=_days)

    def __attrs_post_init__(self) -> None:
        if not any(self.hours):
            raise UsageError(
                "A business calendar has no hours.", hint="hours={0: [(time(9), ...)]}"
            )
        for name, day in zip(WEEKDAYS, self.hours, strict=True):
            if any(end == _MIDNIGHT or start < end for (_, end), (start, _) in pairwise(day)):
                raise UsageError(f"The hours of {name} overlap.")

    def seconds_between(self, start: datetime, end: datetime) -> float:
        """Open time between two instants.

        Parameters
        ----------
        start, end : datetime
            Aware, `start` not after `end`.

        Returns
        -------
        float
            Seconds, to the microsecond.

        Raises
        ------
        UsageError
            An instant has no zone, or `end` is before `start`.

        Examples
        --------
        >>> from datetime import UTC
        >>> always = BusinessCalendar("UTC", {day: [(time(0), time(0))] for day in range(7)})
        >>> new_year = datetime(2026, 1, 1, tzinfo=UTC)
        >>> always.seconds_between(new_year, new_year + timedelta(hours=3))
        10800.0
        """
        start, end = _stretch(start, end)
        total = timedelta()
        for opening, closing in _open_from(self, start):
            if opening >= end:
                break
            total += min(closing, end) - opening
        return total.total_seconds()

    def add(self, start: datetime, seconds: float) -> datetime:
        """First instant by which some open time has passed.

        Parameters
        ----------
        start : datetime
            Aware.
        seconds : float
            Open time in seconds, not negative; rounded to microseconds.

        Returns
        -------
        datetime
            Aware, UTC; `start` itself for 0 seconds.

        Raises
        ------
        UsageError
            `start` has no zone, `seconds` is negative or not finite, or the answer lies beyond
            the year 9999.

        Examples
        --------
        >>> desk = BusinessCalendar("UTC", {"monday": [(time(9), time(17))]})
        >>> desk.add(datetime.fromisoformat("2026-11-23T16:00Z"), 7200).isoformat()
        '2026-11-30T10:00:00+00:00'
        """
        start, left = in_utc(start), _duration(seconds)
        if not left:
            return start
        for opening, closing in _open_from(self, start):
            if left <= closing - opening:
                return opening + left
            left -= closing - opening
        raise UsageError("The open time does not pass within 100 years.")

    def open_times(self, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """Stretches of open time that touch a stretch of time, in order and whole.

        Parameters
        ----------
        start, end : datetime
            Aware, `start` not after `end`, at most 100 years apart.

        Returns
        -------
        tuple of pairs of datetime
            Opening and closing, in UTC; none overlaps another.

        Raises
        ------
        UsageError
            An instant has no zone, `end` is before `start`, or they are too far apart.

        Examples
        --------
        >>> desk = BusinessCalendar("UTC", {"monday": [(time(9), time(17))]})
        >>> begin = datetime.fromisoformat("2026-11-23T00:00Z")
        >>> [opened.isoformat() for opened, _ in desk.open_times(begin, begin + timedelta(days=8))]
        ['2026-11-23T09:00:00+00:00', '2026-11-30T09:00:00+00:00']
        """
        start, end = _stretch(start, end)
        day, last = local_date(start, self.zone), local_date(end, self.zone)
        found: list[tuple[datetime, datetime]] = []
        while day <= last:
            found += [pair for pair in _open_on(self, day) if pair[1] > start and pair[0] < end]
            day = _after(day)
        return tuple(found)


def _stretch(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Two instants in UTC, in order and no lifetime apart."""
    start, end = in_utc(start), in_utc(end)
    if end < start:
        raise UsageError("A stretch of time ends before it starts.", hint="start, then end")
    if end - start > _LONGEST:
        raise UsageError(
            "A stretch of business time is longer than 100 years.",
            hint="a date such as 9999-12-31 often stands for 'never'",
        )
    return start, end


def _duration(seconds: float) -> timedelta:
    try:
        duration = timedelta(seconds=seconds)
    except (OverflowError, TypeError, ValueError) as error:
        raise UsageError("An open time is not a number of seconds.") from error
    if duration < timedelta():
        raise UsageError("An open time is negative.", hint="seconds >= 0")
    return duration


def _open_from(calendar: BusinessCalendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    day, opening = local_date(start, calendar.zone), start
    while opening - start < _LONGEST:
        for opening, closing in _open_on(calendar, day):
            if closing > start:
                yield max(opening, start), closing
        day = _after(day)


def _after(day: date) -> date:
    try:
        return day + timedelta(days=1)
    except OverflowError as error:
        raise UsageError("A business day is outside the years 1 to 9999.") from error


@lru_cache(maxsize=4096)
def _open_on(calendar: BusinessCalendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    if day in calendar.holidays:
        return ()
    return tuple(
        (_instant(day, opening, calendar.zone), _closing(day, closing, calendar.zone))
        for opening, closing in calendar.hours[day.weekday()]
    )


def _closing(day: date, closing: time, zone: str) -> datetime:
    return _instant(_after(day) if closing == _MIDNIGHT else day, closing, zone)


def _instant(day: date, wall: time, zone: str) -> datetime:
    return first_instant(datetime.combine(day, wall), zone)
