"""Periods: days, weeks, months, quarters and years as people in a time zone live them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from attrs import frozen

from cxm_core.errors import UsageError, did_you_mean

from ._zones import Zone, in_utc, local_date, start_of_day

PeriodUnit = Literal["day", "week", "month", "quarter", "year"]
PERIOD_UNITS: tuple[PeriodUnit, ...] = get_args(PeriodUnit)
PERIOD_FORMS = "'2026', '2026-Q4', '2026-11', '2026-W46' or '2026-11-05'"

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_LABEL = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-(?:W(?P<week>[0-9]{2})|Q(?P<quarter>[1-4])|(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?))?"
)


@frozen
class Period:
    """One day, week, month, quarter or year of a time zone: start included, end not.

    Parameters
    ----------
    unit : {"day", "week", "month", "quarter", "year"}
        How long it is.
    start, end : datetime
        Aware, UTC.
    label : str
        `2026-11-21`, `2026-W46`, `2026-11`, `2026-Q4` or `2026`.

    Examples
    --------
    >>> parse_period("2026-W46", zone="Europe/Berlin").start.isoformat()
    '2026-11-08T23:00:00+00:00'
    """

    unit: PeriodUnit
    start: datetime
    end: datetime
    label: str

    def contains(self, at: datetime) -> bool:
        """Whether an instant lies in the period.

        Parameters
        ----------
        at : datetime
            Aware.

        Returns
        -------
        bool
            True from `start` on, False from `end` on.

        Raises
        ------
        UsageError
            `at` has no zone.

        Examples
        --------
        >>> november = parse_period("2026-11", zone="UTC")
        >>> november.contains(november.end)
        False
        """
        return self.start <= in_utc(at) < self.end


def period_of(at: datetime, unit: PeriodUnit, *, zone: Zone) -> Period:
    """Period in which an instant lies.

    Parameters
    ----------
    at : datetime
        Aware.
    unit : {"day", "week", "month", "quarter", "year"}
        How long the period is. Weeks begin on Monday and belong to the year of their Thursday
        (ISO 8601): 2024-12-30 lies in 2025-W01.
    zone : str or tzinfo
        Whose days are meant.

    Returns
    -------
    Period
        The one period of this unit that contains `at`.

    Raises
    ------
    UsageError
        `at` has no zone; there is no such unit or zone; the period is outside the years 1 to 9999.

    Examples
    --------
    >>> at = datetime.fromisoformat("2024-12-30T12:00:00+00:00")
    >>> period_of(at, "week", zone="UTC").label
    '2025-W01'
    """
    day = local_date(at, zone)
    period = _period(unit, first_day(unit, day), zone)
    # Where clocks once went back over midnight, the old date came again for some minutes.
    while in_utc(at) >= period.end:
        day += timedelta(days=1)
        period = _period(unit, first_day(unit, day), zone)
    return period


def parse_period(label: str, *, zone: Zone) -> Period:
    """Period that a label names.

    Parameters
    ----------
    label : str
        `2026-11-21`, `2026-W46`, `2026-11`, `2026-Q4` or `2026`.
    zone : str or tzinfo
        Whose days are meant.

    Returns
    -------
    Period
        With this label.

    Raises
    ------
    UsageError
        The text is no label, the calendar has no such period, or there is no such zone.

    Examples
    --------
    >>> parse_period("2026-Q4", zone="UTC").end.isoformat()
    '2027-01-01T00:00:00+00:00'
    """
    found = read_label(label)
    if found is None:
        raise UsageError(f"{label[:40]!r} is not the label of a period.", hint=PERIOD_FORMS)
    unit, first = found
    return _period(unit, first, zone)


def read_label(label: str) -> tuple[PeriodUnit, date] | None:
    """Unit and first day of a label; None if the text has not the form of one."""
    match = _LABEL.fullmatch(label)
    if match is None:
        return None
    try:
        return _first_of({part: int(digits) for part, digits in match.groupdict("-1").items()})
    except ValueError as error:
        raise UsageError(f"The calendar has no {label!r}.", hint=PERIOD_FORMS) from error


def _first_of(parts: dict[str, int]) -> tuple[PeriodUnit, date]:
    year = parts["year"]
    if parts["week"] >= 0:
        return "week", date.fromisocalendar(year, parts["week"], 1)
    if parts["quarter"] >= 0:
        return "quarter", date(year, 3 * parts["quarter"] - 2, 1)
    if parts["day"] >= 0:
        return "day", date(year, parts["month"], parts["day"])
    if parts["month"] >= 0:
        return "month", date(year, parts["month"], 1)
    return "year", date(year, 1, 1)


def first_day(unit: PeriodUnit, day: date) -> date:
    """First day of the period in which a day lies."""
    if unit not in PERIOD_UNITS:
        raise UsageError(f"A period is no {unit!r}.", hint=did_you_mean(str(unit), PERIOD_UNITS))
    if unit in _DAYS:
        return day - timedelta(days=day.weekday() if unit == "week" else 0)
    size = _MONTHS[unit]
    return day.replace(month=(day.month - 1) // size * size + 1, day=1)


def shifted(unit: PeriodUnit, first: date, count: int) -> date:
    """First day of the period that lies `count` periods after the one that begins at `first`."""
    try:
        if unit in _DAYS:
            return first + timedelta(days=_DAYS[unit] * count)
        months = first.year * 12 + first.month - 1 + _MONTHS[unit] * count
        return first.replace(year=months // 12, month=months % 12 + 1)
    except (OverflowError, ValueError) as error:
        raise UsageError("A period is outside the years 1 to 9999.") from error


def _period(unit: PeriodUnit, first: date, zone: Zone) -> Period:
    start, end = start_of_day(first, zone), start_of_day(shifted(unit, first, 1), zone)
    return Period(unit, start, end, _label(unit, first))


def _label(unit: PeriodUnit, first: date) -> str:
    if unit == "week":
        iso = first.isocalendar()
        return f"{iso.year:04d}-W{iso.week:02d}"
    if unit == "quarter":
        return f"{first.year:04d}-Q{(first.month + 2) // 3}"
    return first.isoformat()[: {"day": 10, "month": 7, "year": 4}[unit]]
