"""Windows: the stretch of time that a number is about, start included, end not."""

from __future__ import annotations

import re
from datetime import date, datetime

from attrs import Factory, field, frozen

from cxm_core.errors import UsageError

from ._periods import (
    PERIOD_FORMS,
    PERIOD_UNITS,
    PeriodUnit,
    first_day,
    parse_period,
    read_label,
    shifted,
)
from ._zones import Zone, in_utc, local_date, start_of_day, to_utc

Moment = str | date | datetime
WINDOW_FORMS = (
    f"{PERIOD_FORMS}; 'last 28 days' (or weeks, months); 'START/END' or (START, END) of ISO dates "
    "or times, END not included"
)

_LAST = re.compile(rf"last ([0-9]{{1,6}}) ({'|'.join(PERIOD_UNITS)})s?")
_UNITS: dict[str, PeriodUnit] = {unit: unit for unit in PERIOD_UNITS}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:.+")


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


@frozen
class Window:
    """The stretch of time that a number is about: start included, end not.

    Parameters
    ----------
    start, end : datetime
        Aware; kept in UTC.
    label : str
        What people call it; by default its two ends.
    dates : str
        First and last date in the zone that was meant, where the label does not tell them, as
        ``last 28 days`` does not. Two windows that differ in nothing else are equal.

    Raises
    ------
    UsageError
        An end has no zone, or the window ends before it starts.

    Examples
    --------
    >>> Window.parse("2026-Q1", zone="UTC").contains(datetime.fromisoformat("2026-03-31T12:00Z"))
    True
    >>> now = datetime.fromisoformat("2026-04-15T09:00Z")
    >>> Window.parse("last 12 weeks", zone="Europe/Vienna", now=now).told
    'last 12 weeks (2026-01-19 until before 2026-04-13)'
    """

    start: datetime = field(converter=in_utc)
    end: datetime = field(converter=in_utc)
    label: str = field(
        default=Factory(lambda self: f"{_iso(self.start)}/{_iso(self.end)}", takes_self=True)
    )

    dates: str = field(default="", eq=False, kw_only=True)

    @property
    def told(self) -> str:
        """The label, with the dates that it stands for where it does not tell them."""
        return f"{self.label} ({self.dates})" if self.dates else self.label

    def __attrs_post_init__(self) -> None:
        if self.end < self.start:
            raise UsageError(f"The window {self.label} ends before it starts.", hint="(start, end)")

    @classmethod
    def parse(
        cls, value: str | tuple[Moment, Moment] | Window, *, zone: Zone, now: datetime | None = None
    ) -> Window:
        """Window that somebody means.

        Parameters
        ----------
        value : str, pair or Window
            A period (`2026`, `2026-Q4`, `2026-11`, `2026-W46`, `2026-11-05`); `last 28 days`, also
            weeks, months, quarters or years; two ends as a pair, or with `/` between them. An end
            is a date (its first instant), a datetime or an ISO text; without an offset it is read
            in `zone`.
        zone : str or tzinfo
            Whose days are meant.
        now : datetime or None
            Aware; `last ...` needs it.

        Returns
        -------
        Window
            A window is returned as it is. `last 3 months` are the three whole months before the
            unfinished one, `last 28 days` end at the midnight before `now`.

        Raises
        ------
        UsageError
            The value has none of these forms, or the window ends before it starts.

        Examples
        --------
        >>> now = datetime.fromisoformat("2026-11-21T20:00:00+00:00")
        >>> Window.parse("last 2 weeks", zone="UTC", now=now).start.isoformat()
        '2026-11-02T00:00:00+00:00'
        """
        if isinstance(value, Window):
            return value
        if isinstance(value, str):
            return _from_text(value.strip(), zone, now)
        return _from_pair(value, zone)

    def contains(self, at: datetime) -> bool:
        """Whether an instant lies in the window.

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
        >>> year = Window.parse("2026", zone="UTC")
        >>> year.contains(year.start), year.contains(year.end)
        (True, False)
        """
        return self.start <= in_utc(at) < self.end


WindowLike = str | tuple[Moment, Moment] | Window


def _no_window() -> UsageError:
    return UsageError("This is no window of time.", hint=WINDOW_FORMS)


def _from_text(text: str, zone: Zone, now: datetime | None) -> Window:
    if last := _LAST.fullmatch(text):
        return _last(int(last[1]), _UNITS[last[2]], zone, now)
    if "/" in text:
        return _from_pair(text.split("/"), zone)
    if read_label(text) is None:
        raise _no_window()
    period = parse_period(text, zone=zone)
    return Window(period.start, period.end, period.label)


def _last(count: int, unit: PeriodUnit, zone: Zone, now: datetime | None) -> Window:
    if now is None:
        raise UsageError("A window that counts back from now needs to know now.", hint="now=")
    if not count:
        raise UsageError(f"A window of 0 {unit}s holds nothing.", hint=f"last 1 {unit}")
    end = first_day(unit, local_date(now, zone))
    first = shifted(unit, end, -count)
    label = f"last {count} {unit}{'s' if count > 1 else ''}"
    dates = f"{first} until before {end}"
    return Window(start_of_day(first, zone), start_of_day(end, zone), label, dates=dates)


def _from_pair(pair: object, zone: Zone) -> Window:
    if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
        raise _no_window()
    (start, first), (end, second) = (_moment(end, zone) for end in pair)
    return Window(start, end, f"{first}/{second}")


def _moment(end: object, zone: Zone) -> tuple[datetime, str]:
    if isinstance(end, str):
        end = _read_moment(end.strip())
    if isinstance(end, datetime):
        at = to_utc(end, zone) if end.utcoffset() is None else in_utc(end)
        return at, _iso(at)
    if isinstance(end, date):
        return start_of_day(end, zone), end.isoformat()
    raise _no_window()


def _read_moment(text: str) -> date | datetime:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError as error:
        raise _no_window() from error
    raise _no_window()
