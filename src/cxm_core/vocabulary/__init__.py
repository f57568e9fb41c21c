"""The words that everything else is told in: scales, channels, identifiers, windows, money."""

from typing import TYPE_CHECKING

from ._arguments import takes
from ._calendars import WEEKDAYS, BusinessCalendar
from ._channels import Channel
from ._clocks import aware_clock
from ._durations import DURATION_FORMS, parse_duration
from ._identifiers import (
    BLANKS,
    CUSTOMER_KEY,
    E164,
    PHONE_SEPARATORS,
    Identifier,
    IdentifierKind,
    identifier_maker,
)
from ._money import CURRENCY, Money, minor_digits
from ._periods import PERIOD_UNITS, Period, PeriodUnit, parse_period, period_of
from ._scales import MAX_LEVELS, SCALE_NAMES, Direction, Scale
from ._windows import WINDOW_FORMS, Moment, Window, WindowLike
from ._zones import Zone, first_instant, in_utc, local_date, start_of_day, to_utc, zone_of

if TYPE_CHECKING:
    from ._reads import Reads as Reads

__all__ = [
    "BLANKS",
    "CURRENCY",
    "CUSTOMER_KEY",
    "DURATION_FORMS",
    "E164",
    "MAX_LEVELS",
    "PERIOD_UNITS",
    "PHONE_SEPARATORS",
    "SCALE_NAMES",
    "WEEKDAYS",
    "WINDOW_FORMS",
    "BusinessCalendar",
    "Channel",
    "Direction",
    "Identifier",
    "IdentifierKind",
    "Moment",
    "Money",
    "Period",
    "PeriodUnit",
    "Scale",
    "Window",
    "WindowLike",
    "Zone",
    "aware_clock",
    "first_instant",
    "identifier_maker",
    "in_utc",
    "local_date",
    "minor_digits",
    "parse_duration",
    "parse_period",
    "period_of",
    "start_of_day",
    "takes",
    "to_utc",
    "zone_of",
]
