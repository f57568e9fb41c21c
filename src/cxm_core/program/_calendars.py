"""Business calendars of a program: opening hours by weekday, and holidays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Strict, model_validator

from cxm_core.errors import UsageError
from cxm_core.vocabulary import BusinessCalendar, zone_of

from ._document import EMPTY, Document, Many, Name, Text, Texts, require

if TYPE_CHECKING:
    from cxm_core.vocabulary import Reads

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Day = Annotated[date, Strict()]
if TYPE_CHECKING:
    Hours = Reads[Mapping[Weekday, str | Sequence[str]], Mapping[Weekday, tuple[str, ...]]]
else:
    Hours = Mapping[Weekday, Texts]

_INTERVAL = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")


class Calendar(Document):
    """When people are there to help.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores.
    zone : str or None
        IANA name of the zone in which the hours are told; None is the program's.
    hours : mapping of str to tuple of str
        Opening hours by weekday, such as `monday = ["09:00-12:30", "13:30-17:00"]`; until `24:00`
        or `00:00` is until the end of the day. A day that is not named is closed.
    holidays : tuple of date
        Local days without any hours.

    Raises
    ------
    ConfigurationError
        The hours overlap, end before they begin, or there are none.

    Examples
    --------
    >>> desk = Calendar(name="desk", zone="Europe/Berlin", hours={"monday": "09:00-17:00"})
    >>> desk.business("UTC").zone
    'Europe/Berlin'
    """

    name: Name
    zone: Text | None = None
    hours: Hours
    holidays: Many[Day] = EMPTY

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self.business(self.zone or "UTC")
        return self

    def business(self, zone: str) -> BusinessCalendar:
        """Calendar that counts open time.

        Parameters
        ----------
        zone : str
            Zone of the program, for a calendar without one of its own.

        Returns
        -------
        BusinessCalendar
            With these hours and holidays.

        Raises
        ------
        UsageError
            There is no such zone.
        """
        zone_of(self.zone or zone)
        hours: dict[Any, list[tuple[time, time]]] = {
            day: [_interval(text) for text in texts] for day, texts in self.hours.items()
        }
        return BusinessCalendar(self.zone or zone, hours, self.holidays)


def _interval(text: str) -> tuple[time, time]:
    match = _INTERVAL.fullmatch(text)
    if match is None:
        raise UsageError("Opening hours have another form than '09:00-17:00'.")
    opening, closing = (int(match[1]), int(match[2])), (int(match[3]), int(match[4]))
    return _clock(opening), _clock((0, 0) if closing == (24, 0) else closing)


def _clock(parts: tuple[int, int]) -> time:
    hour, minute = parts
    require(hour < 24 and minute < 60, "Opening hours name a time that no clock shows.")
    return time(hour, minute)
