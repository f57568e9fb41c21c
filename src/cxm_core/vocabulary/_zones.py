"""Wall clocks: from a local date or time to the one instant that it means."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from cxm_core.errors import UsageError, did_you_mean

Zone = str | tzinfo

_TICK = timedelta(microseconds=1)


def zone_of(zone: Zone) -> tzinfo:
    """Time zone of a name.

    Parameters
    ----------
    zone : str or tzinfo
        IANA name, such as `Europe/Berlin`; a zone that is one already is returned as it is.

    Returns
    -------
    tzinfo
        The zone.

    Raises
    ------
    UsageError
        No zone has this name.

    Examples
    --------
    >>> zone_of("Europe/Berlin")
    zoneinfo.ZoneInfo(key='Europe/Berlin')
    """
    if isinstance(zone, tzinfo):
        return zone
    if not isinstance(zone, str):
        raise UsageError(
            f"A time zone is a name or a tzinfo, and a {type(zone).__name__} is neither.",
            hint="an IANA name, such as 'Europe/Berlin' or 'UTC'",
        )
    try:
        return ZoneInfo(zone)
    except (LookupError, OSError, ValueError) as error:
        raise UsageError(
            f"No time zone is named {zone!r}.",
            hint=_near_zone(str(zone)) or "an IANA name, such as 'Europe/Berlin' or 'UTC'",
        ) from error


def _near_zone(name: str) -> str | None:
    names = available_timezones()
    same = [known for known in names if known.casefold() == name.casefold()]
    near = same or get_close_matches(name, sorted(names), n=1)
    return f"did you mean {near[0]!r}?" if same else did_you_mean(name, near)


def to_utc(local: datetime, zone: Zone) -> datetime:
    """Instant that a wall-clock time means.

    Parameters
    ----------
    local : datetime
        Without a zone, as somebody read it from a clock on the wall.
    zone : str or tzinfo
        Where the wall stands.

    Returns
    -------
    datetime
        Aware, UTC. A time that occurs twice or never, because the clocks change, means the later
        of its two readings.

    Raises
    ------
    UsageError
        `local` has a zone already, there is no such zone, or the instant is outside the years 1
        to 9999.

    Notes
    -----
    The rule for times that occur twice or never is the one of DuckDB's ICU extension, so that a
    time read by Python and one read by SQL agree.

    Examples
    --------
    >>> to_utc(datetime(2026, 10, 25, 2, 30), "Europe/Berlin").isoformat()
    '2026-10-25T01:30:00+00:00'
    >>> to_utc(datetime(2026, 3, 29, 2, 30), "Europe/Berlin").isoformat()
    '2026-03-29T01:30:00+00:00'
    """
    if local.tzinfo is not None:
        raise UsageError("A local time already has a zone.", hint="at.astimezone(datetime.UTC)")
    return max(_readings(local, zone_of(zone)))


def first_instant(local: datetime, zone: Zone) -> datetime:
    """First instant at which the clocks of a zone have reached a time.

    Parameters
    ----------
    local : datetime
        Without a zone.
    zone : str or tzinfo
        Where the clock hangs.

    Returns
    -------
    datetime
        Aware, UTC; of a time that occurs twice the first, for a time that is skipped the moment of
        the change. So a later time never gives an earlier instant.

    Raises
    ------
    UsageError
        There is no such zone, or the instant is outside the years 1 to 9999.

    Examples
    --------
    >>> first_instant(datetime(2026, 3, 29, 2, 30), "Europe/Berlin").isoformat()
    '2026-03-29T01:00:00+00:00'
    """
    place = zone_of(zone)
    first, second = sorted(_readings(local, place))
    for at in (first, second):
        if _wall(at, place) == local:
            return at
    return _change(local, place, first, second)


def _change(local: datetime, place: tzinfo, before: datetime, after: datetime) -> datetime:
    while after - before > _TICK:
        middle = before + (after - before) / 2
        if _wall(middle, place) < local:
            before = middle
        else:
            after = middle
    return after


def start_of_day(day: date, zone: Zone) -> datetime:
    """First instant of a local day.

    Parameters
    ----------
    day : date
        A day of the calendar.
    zone : str or tzinfo
        Where the day is lived.

    Returns
    -------
    datetime
        Aware, UTC; not always midnight, where the clocks change at midnight.

    Raises
    ------
    UsageError
        There is no such zone, or the instant is outside the years 1 to 9999.

    Examples
    --------
    >>> start_of_day(date(2026, 11, 1), "America/New_York").isoformat()
    '2026-11-01T04:00:00+00:00'
    """
    return first_instant(datetime.combine(day, time()), zone)


def local_date(at: datetime, zone: Zone) -> date:
    """Day that people in a zone have at an instant.

    Parameters
    ----------
    at : datetime
        Aware.
    zone : str or tzinfo
        Where the people are.

    Returns
    -------
    date
        The local day.

    Raises
    ------
    UsageError
        `at` has no zone, or there is no such zone.

    Examples
    --------
    >>> local_date(datetime(2026, 11, 5, 23, 30, tzinfo=UTC), "Europe/Berlin")
    datetime.date(2026, 11, 6)
    """
    return _wall(in_utc(at), zone_of(zone)).date()


def in_utc(at: datetime) -> datetime:
    """Return an aware instant in UTC.

    Parameters
    ----------
    at : datetime
        Aware, in any zone.

    Returns
    -------
    datetime
        The same instant in UTC.

    Raises
    ------
    UsageError
        `at` is no datetime, has no zone, or is outside the years 1 to 9999.

    Examples
    --------
    >>> in_utc(datetime.fromisoformat("2026-11-05T12:00:00+01:00")).hour
    11
    """
    if not _is_instant(at):
        raise UsageError(
            f"A time of the type {type(at).__name__} is no instant.", hint=_nearest_instant(at)
        )
    if at.utcoffset() is None:
        raise UsageError("An instant has no time zone.", hint="to_utc(at, zone)")
    return _shown(at, UTC)


def _is_instant(at: object) -> bool:
    # What pandas has for "no time" calls itself a datetime, and is not even equal to itself.
    return isinstance(at, datetime) and type(at).__name__ != "NaTType"


def _nearest_instant(at: object) -> str:
    """How to write the instant that was meant, if its day can be read."""
    day = re.match(r"([0-9]{4})-([01][0-9])-([0-3][0-9])(?![0-9])", str(at))
    year, month, of = (int(part) for part in day.groups()) if day else (2026, 11, 1)
    return f"datetime({year}, {month}, {of}, tzinfo=UTC), or tzinfo=ZoneInfo('Europe/Berlin')"


def _readings(local: datetime, place: tzinfo) -> tuple[datetime, datetime]:
    aware = local.replace(tzinfo=place)
    return in_utc(aware.replace(fold=0)), in_utc(aware.replace(fold=1))


def _wall(at: datetime, place: tzinfo) -> datetime:
    return _shown(at, place).replace(tzinfo=None)


def _shown(at: datetime, place: tzinfo) -> datetime:
    try:
        return at.astimezone(place)
    except OverflowError as error:
        raise UsageError("A time is outside the years 1 to 9999.") from error
